//! `grant_type=client_credentials` (RFC 6749 section 4.4): the app on its own behalf.

use super::narrowed;
use crate::ctx::Ctx;
use crate::effect::{Load, Loaded};
use crate::error::{ErrorCode, Refusal};
use crate::extensions::resource_rfc8707;
use crate::token::{Behalf, Grant, Granted, Refused};
use crate::vocabulary::{Client, ClientKind, GrantType, Params, Scope};

/// The client's own token. There is no person behind it, so no data point can be in its scope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ClientCredentials;

impl Grant for ClientCredentials {
    fn grant_type(&self) -> &'static str {
        GrantType::CLIENT_CREDENTIALS
    }

    fn load(&self, _params: &Params) -> Vec<Load> {
        Vec::new()
    }

    fn decide<'a>(
        &self,
        client: &Client,
        params: &Params,
        loaded: &'a Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Granted<'a>, Refused> {
        if client.kind == ClientKind::Public {
            // RFC 6749 section 4.4: "MUST only be used by confidential clients".
            return Err(Refusal::new(
                ErrorCode::UnauthorizedClient,
                "A public client cannot use client_credentials: it has no secret to prove itself with.",
            )
            .into());
        }
        Ok(Granted {
            behalf: Behalf::Client,
            scope: narrowed_of(client, params, loaded, ctx)?,
            writes: Vec::new(),
        })
    }
}

/// `read write`, and of APIs what the client may use; of an API that the request names, all of that where it names no
/// scope.
fn narrowed_of(client: &Client, params: &Params, loaded: &Loaded, ctx: &Ctx<'_>) -> Result<Scope, Refusal> {
    let apis = &loaded.apis;
    let own = Scope::read_write();
    let all = apis.all().iter().flat_map(|api| {
        let uri = apis
            .usable(client, api.uri.as_str())
            .is_ok()
            .then(|| api.uri.as_str());
        apis.usable_scopes(client, api).into_iter().chain(uri)
    });
    let most = Scope::of(own.names().chain(all));
    if params.get("scope").is_some() {
        return narrowed(params, &most);
    }
    let named = resource_rfc8707::named(params, client, apis, ctx.issuer)?;
    let is_ours = named.is_empty() || named.iter().any(|uri| uri == ctx.issuer);
    let of_named = named
        .iter()
        .filter_map(|uri| apis.of_uri(uri))
        .flat_map(|api| apis.usable_scopes(client, api));
    Ok(Scope::of(own.names().filter(|_| is_ours).chain(of_named)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::{Decision, Operation as _, Write};
    use crate::records::NewAccessToken;
    use crate::review::Standing;
    use crate::testing::{CLIENT, NOW, SECRET, World, basic, client, params, public_client};
    use crate::token::{TokenReply, TokenRequest};

    fn ask(client: Client, scope: &str) -> Decision<Result<TokenReply, Refusal>> {
        let authorization = (client.kind == ClientKind::Confidential).then(|| basic(CLIENT, SECRET));
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT),
            ("scope", scope),
        ];
        let request = TokenRequest::parse(authorization.as_deref(), params(&form)).unwrap();
        let loaded = Loaded {
            client: Some(client.into()),
            ..Loaded::default()
        };
        request.decide(&loaded, &World::new().ctx())
    }

    fn refused(client: Client, scope: &str) -> ErrorCode {
        let decision = ask(client, scope);
        assert_eq!(decision.writes, []);
        decision.reply.unwrap_err().code
    }

    #[test]
    fn case_048_client_credentials_gives_no_refresh_token() {
        let decision = ask(client(), "");
        let reply = decision.reply.unwrap();
        assert!(!reply.refresh_token);
        assert_eq!(reply.scope, Scope::read_write());
        let issued = Write::IssueAccessToken(NewAccessToken {
            client: client().id,
            grant: None,
            scope: Scope::read_write(),
            confirmation: None,
            audience: crate::apis::TokenAudience::default(),
            is_jwt: false,
            at: NOW,
            expires_at: NOW.plus(36_000),
        });
        assert_eq!(decision.writes, [issued]);
    }

    #[test]
    fn its_scope_is_read_and_write_only() {
        assert_eq!(ask(client(), "read").reply.unwrap().scope, Scope::of(["read"]));
        for scope in ["person.full_name", "read person.full_name", "admin", "a\"b"] {
            assert_eq!(refused(client(), scope), ErrorCode::InvalidScope, "{scope}");
        }
    }

    #[test]
    fn a_public_client_is_refused() {
        assert_eq!(refused(public_client(), ""), ErrorCode::UnauthorizedClient);
    }

    #[test]
    fn case_054_a_suspended_app_is_refused_and_a_sandboxed_one_is_not() {
        let standing = |standing| Client { standing, ..client() };
        assert_eq!(
            refused(standing(Standing::Suspended), ""),
            ErrorCode::UnauthorizedClient
        );
        for sandbox in [Standing::Pending, Standing::Rejected] {
            assert!(ask(standing(sandbox), "").reply.is_ok());
        }
    }
}
