//! What a request asks for, and of whom: `resource` and `scope`, lines of the table of checks.

use super::checks::{Inquiry, Wish, asked_points};
use super::door::DefaultScope;
use super::openid_checks::OpenIdWish;
use crate::apis::Unusable;
use crate::error::{ErrorCode, Refusal, shown};
use crate::extensions::rar_rfc9396;
use crate::extensions::resource_rfc8707::{self, invalid_target};
use crate::openid::{is_openid_scope, stands_for};
use crate::vocabulary::Scope;

/// RFC 8707 section 2.1.
pub(super) fn resource(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    let issuer = inquiry.ctx.issuer;
    let named = resource_rfc8707::named(&inquiry.readable(), inquiry.client, inquiry.apis, issuer)?;
    if wish.response_type.has_token() && named.iter().any(|uri| uri != issuer) {
        return Err(invalid_target(
            "A token for an API comes from the token endpoint only: use response_type=code.",
        ));
    }
    wish.resources = named;
    Ok(())
}

/// RFC 6749 section 3.3: only what the client is registered for, and of APIs only what their owners have approved.
pub(super) fn scope(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    let client = inquiry.client;
    let scope = match inquiry.get("scope") {
        None => default_scope(inquiry, wish),
        Some(text) => Scope::parse(text).map_err(|why| {
            Refusal::new(ErrorCode::InvalidScope, "scope is malformed.").because(why.to_string())
        })?,
    };
    let registered = client.registered_scope();
    for name in scope.names() {
        if !is_openid_scope(name) && !registered.contains(name) {
            api_scope(inquiry, wish, name)?;
        }
    }
    // Who names an API and none of its scopes asks to use it at all, and people are told so.
    let unnamed: Vec<String> = wish
        .resources
        .iter()
        .filter(|uri| *uri != inquiry.ctx.issuer)
        .filter(|uri| {
            let resource = inquiry.apis.of_uri(uri);
            !resource.is_some_and(|resource| scope.names().any(|name| resource.knows_scope(name)))
        })
        .cloned()
        .collect();
    wish.api_scopes.extend(unnamed.iter().cloned());
    let scope = Scope::of(scope.names().map(ToOwned::to_owned).chain(unnamed));
    wish.data_points = asked_points(inquiry, |point| stands_for(&scope, point));
    wish.openid = OpenIdWish::of(&scope);
    wish.scope = scope;
    Ok(())
}

/// One name of the scope that is none of ours.
fn api_scope(inquiry: &Inquiry<'_>, wish: &mut Wish, name: &str) -> Result<(), Refusal> {
    let refuse = |public: &'static str| Refusal::new(ErrorCode::InvalidScope, public);
    let found = inquiry.apis.of_scope(name).ok_or(Unusable::Unregistered);
    let resource = found
        .and_then(|_| inquiry.apis.usable(inquiry.client, name))
        .map_err(|why| {
            refuse("scope holds a name that is not registered for this client.").because(why.why(name))
        })?;
    if wish.response_type.has_token() {
        return Err(refuse("A scope of an API needs response_type=code."));
    }
    if !wish.resources.is_empty() && !wish.resources.iter().any(|uri| uri == resource.uri.as_str()) {
        let private = format!(
            "the scope {} is of {}, which resource does not name",
            shown(name),
            resource.uri
        );
        return Err(refuse("scope holds a name of an API that resource does not name.").because(private));
    }
    wish.api_scopes.insert(name.to_owned());
    Ok(())
}

/// RFC 9396 section 2: of types that the client may use, and for no other API than those that it names.
pub(super) fn details(inquiry: &Inquiry<'_>, wish: &mut Wish) -> Result<(), Refusal> {
    let asked = rar_rfc9396::asked(&inquiry.readable(), inquiry.client, inquiry.apis)?;
    if wish.response_type.has_token() && !asked.is_empty() {
        return Err(rar_rfc9396::invalid(
            "authorization_details need response_type=code.",
        ));
    }
    let is_named = |name: &str| {
        let owner = inquiry.apis.of_name(name);
        owner.is_some_and(|owner| wish.resources.iter().any(|uri| uri == owner.uri.as_str()))
    };
    if !wish.resources.is_empty() && asked.objects().any(|(name, _)| !is_named(name)) {
        return Err(rar_rfc9396::invalid(
            "The authorization_details are of an API that resource does not name.",
        ));
    }
    wish.details = asked;
    Ok(())
}

/// What a request without scope asks for: of the APIs that it names, all that the client may use.
fn default_scope(inquiry: &Inquiry<'_>, wish: &Wish) -> Scope {
    let client = inquiry.client;
    let named = wish.resources.iter().filter_map(|uri| inquiry.apis.of_uri(uri));
    let of_apis: Vec<&str> = named
        .flat_map(|resource| inquiry.apis.usable_scopes(client, resource))
        .collect();
    let is_ours = wish.resources.is_empty() || wish.resources.iter().any(|uri| uri == inquiry.ctx.issuer);
    let own = match inquiry.door.default_scope() {
        _ if !is_ours => Scope::default(),
        DefaultScope::ReadWrite => Scope::read_write(),
        // A grant's scope is never empty: for an app that only signs people in, `read` stands for its no data.
        DefaultScope::Registered if client.data_points.is_empty() => Scope::of(["read"]),
        DefaultScope::Registered => Scope::of(client.data_points.iter().map(ToString::to_string)),
    };
    Scope::of(own.names().chain(of_apis).map(ToOwned::to_owned))
}
