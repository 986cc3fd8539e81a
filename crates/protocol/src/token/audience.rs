//! For whom an access token is: what a token request narrows, and what of a scope still stands.

use crate::apis::{ApiGrant, Apis, Details, Resource, TokenAudience, TokenFormat};
use crate::ctx::Ctx;
use crate::error::{ErrorCode, Refusal};
use crate::extensions::fapi2;
use crate::extensions::rar_rfc9396;
use crate::extensions::resource_rfc8707::{self, invalid_target};
use crate::jose::SigningAlgorithm;
use crate::openid::is_openid_scope;
use crate::vocabulary::{Client, Params, Scope};

/// What is to be issued, as far as its audience decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meant {
    /// The scope that means something to the audience.
    pub(super) scope: Scope,
    /// For whom.
    pub(super) audience: TokenAudience,
    /// The token's life in seconds.
    pub(super) seconds: i64,
    /// What signs it where it is a JWT (RFC 9068).
    pub(super) jwt: Option<SigningAlgorithm>,
}

/// Narrows what a grant gives to what this token request asks for (RFC 8707 section 2.2, RFC 9396 section 6) and to
/// what still stands: a scope that its API has given up, or whose owner takes it back from the app, is gone.
///
/// `grant` is none for a token of the client's own.
///
/// # Errors
/// `invalid_target`, `invalid_authorization_details`; `invalid_scope` where nothing is left.
pub(super) fn meant(
    client: &Client,
    scope: &Scope,
    grant: Option<&ApiGrant>,
    params: &Params,
    apis: &Apis,
    ctx: &Ctx<'_>,
) -> Result<Meant, Refusal> {
    let standing = standing_scope(client, scope, apis, ctx);
    let asked = rar_rfc9396::asked(params, client, apis)?;
    let details = match grant {
        Some(grant) => rar_rfc9396::narrowed(asked, &grant.details)?,
        None => asked,
    };
    let details = details.only(|name| apis.usable(client, name).is_ok());
    let named = resource_rfc8707::named(params, client, apis, ctx.issuer)?;
    let of_grant = grant.map_or(&[][..], |grant| &grant.resources);
    let resources = resources(client, &standing, &details, (&named, of_grant), apis, ctx)?;
    let own = resources.is_empty() || resources.iter().any(|uri| uri == ctx.issuer);
    let of_apis: Vec<&Resource> = resources.iter().filter_map(|uri| apis.of_uri(uri)).collect();
    let is_for = |name: &str| {
        own && is_own(name, client, ctx) || of_apis.iter().any(|resource| resource.knows_scope(name))
    };
    let details = details.only(|name| of_apis.iter().any(|resource| resource.knows(name)));
    let scope = Scope::of(standing.names().filter(|name| is_for(name)));
    if scope.is_empty() && details.is_empty() {
        return Err(Refusal::new(
            ErrorCode::InvalidScope,
            "Nothing of the granted scope is for this resource.",
        ));
    }
    let seconds = of_apis.iter().map(|resource| resource.token_seconds);
    let seconds = seconds
        .chain(own.then_some(ctx.policy.access_token_seconds))
        .min();
    Ok(Meant {
        jwt: format(&of_apis)?.map(|by| fapi2::signing(client, by, ctx)),
        seconds: seconds.unwrap_or(ctx.policy.access_token_seconds),
        audience: TokenAudience { resources, details },
        scope,
    })
}

/// What still stands of a scope: all that is ours, and of APIs what their owners let the app use.
pub(crate) fn standing_scope(client: &Client, scope: &Scope, apis: &Apis, ctx: &Ctx<'_>) -> Scope {
    let stands = |name: &&str| is_own(name, client, ctx) || apis.usable(client, name).is_ok();
    Scope::of(scope.names().filter(stands))
}

/// Whether a scope's name means something at our own endpoints.
fn is_own(name: &str, client: &Client, ctx: &Ctx<'_>) -> bool {
    ["read", "write"].contains(&name)
        || is_openid_scope(name)
        || ctx.catalogue.get(name).is_some()
        || client.data_points.iter().any(|point| point.as_str() == name)
}

/// The audience: what the token request names, else what the grant's request named. Where nobody named anything, it is the one
/// API that the scope stands for, and else ours (none): whoever gets a token could use it wherever it is good, so one that
/// goes to several was asked for as such (RFC 9068 section 5, decision 0040).
fn resources(
    client: &Client,
    scope: &Scope,
    details: &Details,
    (named, of_grant): (&[String], &[String]),
    apis: &Apis,
    ctx: &Ctx<'_>,
) -> Result<Vec<String>, Refusal> {
    let own = scope.names().any(|name| is_own(name, client, ctx));
    let mut stands_for: Vec<String> = Vec::new();
    if own {
        stands_for.push(ctx.issuer.to_owned());
    }
    let of_scope = scope.names().filter_map(|name| apis.of_scope(name));
    let of_details = details.objects().filter_map(|(name, _)| apis.of_name(name));
    for resource in of_scope.chain(of_details) {
        if !stands_for.iter().any(|uri| uri == resource.uri.as_str()) {
            stands_for.push(resource.uri.to_string());
        }
    }
    if !named.is_empty() {
        let granted = |uri: &String| {
            stands_for.contains(uri) && (of_grant.is_empty() || of_grant.contains(uri) || uri == ctx.issuer)
        };
        return if named.iter().all(granted) {
            Ok(named.to_vec())
        } else {
            Err(invalid_target("A resource goes beyond what was granted."))
        };
    }
    if !of_grant.is_empty() {
        // What is not usable any more drops out; where nothing is left, so does the scope, and that is refused.
        let usable = |uri: &&String| *uri == ctx.issuer || apis.usable(client, uri).is_ok();
        return Ok(of_grant.iter().filter(usable).cloned().collect());
    }
    stands_for.retain(|uri| uri != ctx.issuer);
    if stands_for.len() > 1 {
        return Err(invalid_target(
            "The scope is for more than one API. Name the one that this token is for by the parameter 'resource', and get \
             one for each.",
        )
        .because(format!("no resource was named, and the scope is for {}", stands_for.join(", "))));
    }
    Ok(stands_for)
}

/// One token has one form.
fn format(of_apis: &[&Resource]) -> Result<Option<SigningAlgorithm>, Refusal> {
    let mut algorithms = of_apis
        .iter()
        .map(|resource| (resource.format == TokenFormat::Jwt).then_some(resource.signing_alg));
    let first = algorithms.next().flatten();
    if algorithms.any(|other| other != first) {
        return Err(invalid_target(
            "These resources take tokens of different forms: ask for one resource at a time.",
        ));
    }
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ISSUER, World, api_client, apis, params};

    const LIBRARY: &str = "https://library.example/api";

    fn ask(scope: &str, resources: &[&str], form: &[(&str, &str)]) -> Result<Meant, ErrorCode> {
        let grant = ApiGrant {
            resources: resources.iter().map(ToString::to_string).collect(),
            details: Details::parse(r#"[{"type":"renewal","copy":"b-7"}]"#).unwrap(),
        };
        let (world, scope) = (World::new(), Scope::parse(scope).unwrap());
        meant(
            &api_client(),
            &scope,
            Some(&grant),
            &params(form),
            &apis(),
            &world.ctx(),
        )
        .map_err(|refusal| refusal.code)
    }

    #[test]
    fn a_token_is_for_what_its_scope_stands_for_unless_it_says_otherwise() {
        let of = |meant: Result<Meant, ErrorCode>| {
            let meant = meant.unwrap();
            (
                meant.scope.to_string(),
                meant.audience.resources.join(" "),
                meant.seconds,
            )
        };
        let world = World::new();
        let own = world.policy.access_token_seconds;
        let none = ApiGrant::default();
        let plain = meant(
            &api_client(),
            &Scope::read_write(),
            Some(&none),
            &params(&[]),
            &apis(),
            &world.ctx(),
        );
        assert_eq!(
            of(plain.map_err(|refusal| refusal.code)),
            ("read write".into(), String::new(), own)
        );
        // An API must not read at our own endpoints what a person allowed the app: what goes to both was named.
        assert_eq!(
            of(ask("openid read loans.read", &[], &[])),
            ("loans.read".into(), LIBRARY.into(), 600)
        );
        let both = [("resource", ISSUER), ("resource", LIBRARY)];
        assert_eq!(
            of(ask("openid loans.read", &[], &both)),
            ("openid loans.read".into(), format!("{ISSUER} {LIBRARY}"), 600)
        );
        assert_eq!(
            of(ask("openid loans.read", &[ISSUER, LIBRARY], &[])),
            ("openid loans.read".into(), format!("{ISSUER} {LIBRARY}"), 600)
        );
        let narrow = [("resource", LIBRARY)];
        assert_eq!(
            of(ask("openid loans.read", &[], &narrow)),
            ("loans.read".into(), LIBRARY.into(), 600)
        );
        assert_eq!(
            of(ask("openid loans.read", &[LIBRARY], &[])),
            ("loans.read".into(), LIBRARY.into(), 600)
        );
        assert_eq!(
            of(ask("openid loans.read", &[LIBRARY], &[("resource", ISSUER)])),
            ("openid".into(), ISSUER.into(), own)
        );
    }

    #[test]
    fn what_is_for_several_apis_says_for_which_of_them_a_token_is() {
        let mut client = api_client();
        client.api_scopes.insert("secrets".into());
        client.approved_by_owners.insert("secrets".into());
        let (world, scope) = (World::new(), Scope::parse("openid loans.read secrets").unwrap());
        let asked = |form: &[(&str, &str)]| {
            let ctx = world.ctx();
            meant(&client, &scope, None, &params(form), &apis(), &ctx)
        };
        let refusal = asked(&[]).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::InvalidTarget);
        assert!(refusal.public.contains("'resource'") && refusal.private.contains(LIBRARY));
        let one = asked(&[("resource", LIBRARY)]).unwrap();
        assert_eq!(
            (one.scope.to_string().as_str(), one.audience.resources),
            ("loans.read", vec![LIBRARY.to_owned()])
        );
    }

    #[test]
    fn a_client_of_a_profile_gets_no_token_signed_by_rs256() {
        let client = |profile| {
            let mut client = api_client();
            client.api_scopes.insert("secrets".into());
            client.approved_by_owners.insert("secrets".into());
            client.openid.profile = profile;
            client
        };
        let (world, scope) = (World::new(), Scope::parse("secrets").unwrap());
        let signed_by = |profile| {
            let (ctx, form) = (world.ctx(), params(&[]));
            let meant = meant(&client(profile), &scope, None, &form, &apis(), &ctx);
            meant.unwrap().jwt
        };
        assert_eq!(signed_by(None), Some(SigningAlgorithm::Rs256));
        assert_eq!(
            signed_by(Some(crate::vocabulary::Profile::Fapi2)),
            Some(SigningAlgorithm::Ps256)
        );
    }

    #[test]
    fn what_was_not_granted_or_stands_no_more_is_not_had() {
        assert_eq!(
            ask("openid", &[], &[("resource", "https://closed.example/")]),
            Err(ErrorCode::InvalidTarget)
        );
        assert_eq!(
            ask("loans.read", &[LIBRARY], &[("resource", ISSUER)]),
            Err(ErrorCode::InvalidTarget),
            "nothing of ours is in the scope"
        );
        // `fines` is registered and asked for, but its owner has not approved it; `gone` is nobody's.
        assert_eq!(
            ask("loans.read fines gone", &[], &[]).unwrap().scope.to_string(),
            "loans.read"
        );
        let details = ask(
            "loans.read",
            &[],
            &[("authorization_details", r#"[{"type":"renewal","copy":"b-8"}]"#)],
        );
        assert_eq!(details, Err(ErrorCode::InvalidAuthorizationDetails));
    }
}
