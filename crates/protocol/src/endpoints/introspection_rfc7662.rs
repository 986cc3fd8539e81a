//! Token introspection (RFC 7662): an app asks what one of its own tokens is worth now, or an API what one that it was
//! shown is worth.

use super::TokenInquiry;
use crate::apis::{Resource, TokenAudience};
use crate::client_auth::{Credentials, authenticate_confidential, decide_for};
use crate::ctx::Ctx;
use crate::effect::{Decision, Load, Loaded, Operation};
use crate::error::Refusal;
use crate::extensions::fapi2;
use crate::jose::{SigningAlgorithm, UnsignedJwt};
use crate::openid::{SubjectType, subject};
use crate::records::{AccessTokenFacts, Grant, RefreshFacts};
use crate::review::{Act, Reach};
use crate::token::{access_token_is_live, refresh_token_is_live, standing_scope};
use crate::vocabulary::{Client, Confirmation, Params, Scope};
use serde_json::{Map, Value, json};

/// A request to the introspection endpoint.
#[derive(Debug, Clone)]
pub struct Introspection(TokenInquiry, Form);

/// In which form the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Jwt,
}

/// The answer, in the form that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Introspected {
    /// JSON (section 2.2).
    Plain(Value),
    /// A signed JWT (RFC 9701 section 5).
    Signed(Box<UnsignedJwt>),
}

/// The media type of a signed answer, without its `application/`.
pub const JWT_TYPE: &str = "token-introspection+jwt";

impl Introspection {
    /// Reads a request: the `Authorization` header's value, and the form.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter, two ways to authenticate, or no `token`; `invalid_client` where no
    /// client is named.
    pub fn parse(authorization: Option<&str>, params: &Params) -> Result<Self, Refusal> {
        TokenInquiry::parse(authorization, params).map(|inquiry| Self(inquiry, Form::Json))
    }

    /// The same, of an asker that accepts a signed answer (RFC 9701 section 4).
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_for_jwt(authorization: Option<&str>, params: &Params) -> Result<Self, Refusal> {
        TokenInquiry::parse(authorization, params).map(|inquiry| Self(inquiry, Form::Jwt))
    }

    /// The client that the request claims to come from, for the log and the flow debugger.
    pub const fn credentials(&self) -> &Credentials {
        &self.0.credentials
    }

    /// The same, to add what was seen of the sender.
    pub const fn credentials_mut(&mut self) -> &mut Credentials {
        self.0.credentials_mut()
    }
}

/// Section 2.2: the members of a live token's answer, or exactly `{"active": false}`. Why a token is inactive is told
/// to nobody: unknown, dead and another client's are one answer. `invalid_client` (401) where the asker is not an
/// authenticated confidential client (section 2.1: against token scanning).
impl Operation for Introspection {
    type Reply = Result<Introspected, Refusal>;

    fn load(&self, _ctx: &Ctx<'_>) -> Vec<Load> {
        self.0.load()
    }

    fn load_more(&self, known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        let mut loads = self.0.load_more(known);
        let issued_to = known.access_token.as_ref().map(|token| &token.client);
        let asker = self.credentials().client_id();
        loads.extend(
            issued_to
                .filter(|client| *client != asker)
                .cloned()
                .map(Load::SubjectClient),
        );
        loads
    }

    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply> {
        let asker = authenticate_confidential(&self.0.credentials, loaded, ctx);
        decide_for(asker, |client| -> Result<_, Refusal> {
            let access = loaded.access_token.as_ref();
            let refresh = loaded.refresh_token.as_ref();
            let answer = access
                .filter(|_| self.0.presented().is_genuine(ctx))
                .and_then(|token| told_of(client, token, loaded, ctx))
                .or_else(|| {
                    refresh
                        .filter(|token| refresh_token_is_live(Act::Introspect, client, token, ctx).is_ok())
                        .map(|token| of_refresh_token(client, token, ctx))
                });
            let answer = answer.unwrap_or_else(|| json!({"active": false}));
            let answer = match self.1 {
                Form::Json => Introspected::Plain(answer),
                Form::Jwt => Introspected::Signed(Box::new(signed(client, answer, ctx))),
            };
            Ok((Vec::new(), answer))
        })
    }
}

/// RFC 9701 section 5: who says it, to whom, and when; what is said stands apart, so that it passes for no token.
fn signed(asker: &Client, answer: Value, ctx: &Ctx<'_>) -> UnsignedJwt {
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), ctx.issuer.into());
    claims.insert("aud".to_owned(), asker.id.as_str().into());
    claims.insert("iat".to_owned(), ctx.now.seconds().into());
    claims.insert("token_introspection".to_owned(), answer);
    let registered = asker.openid.introspection_signed_response_alg;
    UnsignedJwt {
        algorithm: fapi2::signing(asker, registered.unwrap_or(SigningAlgorithm::Rs256), ctx),
        typ: Some(JWT_TYPE),
        claims,
        hashes: Vec::new(),
        encryption: None,
    }
}

/// What `asker` is told of a live access token: everything where it is its own; where it asks for an API that the token
/// is for, what concerns that API. To everybody else there is no such token.
fn told_of(asker: &Client, token: &AccessTokenFacts, loaded: &Loaded, ctx: &Ctx<'_>) -> Option<Value> {
    let is_own = token.client == asker.id;
    // An app that a maintainer has stopped speaks for no API: it hears nothing of anybody's tokens.
    if Act::Introspect.reach(asker.standing) == Reach::Nobody {
        return None;
    }
    let issued_to = if is_own {
        asker
    } else {
        loaded.subject_client.as_deref()?
    };
    access_token_is_live(Act::Introspect, issued_to, token, ctx.now).ok()?;
    let apis = &loaded.apis;
    let mut scope = standing_scope(issued_to, &token.scope, apis, ctx);
    let mut audience = token.audience.clone();
    if !is_own {
        let asks_for = |resource: &&Resource| resource.introspected_by.as_ref() == Some(&asker.id);
        let served: Vec<&Resource> = apis.all().iter().filter(asks_for).collect();
        let of_asker = |uri: &str| served.iter().any(|resource| resource.uri.as_str() == uri);
        audience.resources.retain(|uri| of_asker(uri));
        if audience.resources.is_empty() {
            return None;
        }
        let for_asker = |name: &str| {
            let mut meant = served.iter().filter(|one| audience.names(one.uri.as_str()));
            meant.any(|resource| resource.knows(name))
        };
        scope = Scope::of(scope.names().filter(|name| for_asker(name)));
        audience.details = audience.details.only(for_asker);
    }
    audience.details = audience.details.only(|name| apis.usable(issued_to, name).is_ok());
    let usable = scope.names().next().is_some() || !audience.details.is_empty();
    usable.then(|| of_access_token(issued_to, is_own, token, (&scope, &audience), ctx))
}

/// A token without a person behind it is its client's own: it has no `username`, and `sub` only where an API asks
/// (RFC 9068 section 2.2 has it the `client_id` then).
fn of_access_token(
    client: &Client,
    is_own: bool,
    token: &AccessTokenFacts,
    (scope, audience): (&Scope, &TokenAudience),
    ctx: &Ctx<'_>,
) -> Value {
    let mut body = json!({
        "active": true,
        "client_id": client.id,
        "token_type": Confirmation::token_type(token.confirmation.as_ref()),
        "exp": token.expires_at,
        "iat": token.issued_at,
        "iss": ctx.issuer,
    });
    let Some(members) = body.as_object_mut() else {
        return body;
    };
    if !scope.is_empty() {
        members.insert("scope".to_owned(), scope.to_string().into());
    }
    if let [only] = audience.resources.as_slice() {
        members.insert("aud".to_owned(), only.as_str().into());
    } else if !audience.resources.is_empty() {
        members.insert("aud".to_owned(), audience.resources.as_slice().into());
    }
    if !audience.details.is_empty() {
        members.insert("authorization_details".to_owned(), audience.details.to_json());
    }
    if let Some(confirmation) = token.confirmation {
        members.insert("cnf".to_owned(), json!(confirmation));
    }
    if let Some(grant) = &token.grant {
        // RFC 8693 section 4.1, as section 4.4 registers it for introspection.
        if let Some(act) = grant.exchange.as_ref().and_then(|exchange| exchange.act.as_ref()) {
            members.insert("act".to_owned(), act.told(client));
        }
        members.extend(person(client, grant, ctx));
        // An API learns who somebody is to the app, and nobody's name.
        if is_own {
            members.extend(username(client, grant));
        }
    } else if !is_own {
        members.insert("sub".to_owned(), client.id.as_str().into());
    }
    body
}

/// `token_type` is how a token is *used* at an API, and a refresh token is not.
fn of_refresh_token(client: &Client, token: &RefreshFacts, ctx: &Ctx<'_>) -> Value {
    let mut body = json!({
        "active": true,
        "scope": token.grant.scope.to_string(),
        "client_id": client.id,
        "exp": token.expires_at,
        "iss": ctx.issuer,
    });
    if let Some(members) = body.as_object_mut() {
        if let Some(confirmation) = token.confirmation {
            members.insert("cnf".to_owned(), json!(confirmation));
        }
        members.extend(person(client, &token.grant, ctx));
        members.extend(username(client, &token.grant));
    }
    body
}

/// The sign-in name. An app that is to know people by a name of its own hears no other one.
fn username(client: &Client, grant: &Grant) -> Option<(String, Value)> {
    let is_public = client.openid.subject_type == SubjectType::Public;
    is_public.then(|| ("username".to_owned(), grant.holder.username.clone().into()))
}

/// Who is behind a grant, as its client knows them, and how and when they signed in (RFC 9470 section 6.2).
fn person(client: &Client, grant: &Grant, ctx: &Ctx<'_>) -> Map<String, Value> {
    let mut told = grant.sign_in.claims();
    told.insert("sub".to_owned(), subject(client, grant.holder.person, ctx).into());
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apis::{Apis, ResourceDraft, ResourceId};
    use crate::error::ErrorCode;
    use crate::openid::ACR_PASSWORD;
    use crate::review::Standing;
    use crate::testing::{
        ACCESS, CLIENT, ISSUER, NOW, REFRESH, SECRET, World, access_token, api_client, apis, basic, client,
        other_client, params, public_client, refresh_token,
    };
    use crate::vocabulary::{ClientKind, PersonId, Profile, SecretHash};
    use std::sync::Arc;

    fn loaded(client: Client) -> Loaded {
        Loaded {
            client: Some(client.into()),
            access_token: Some(access_token()),
            ..Loaded::default()
        }
    }

    fn ask(loaded: &Loaded, world: &World) -> Value {
        let id = loaded.client.as_deref().unwrap().id.as_str();
        let request = Introspection::parse(Some(&basic(id, SECRET)), &params(&[("token", ACCESS)])).unwrap();
        let decision = request.decide(loaded, &world.ctx());
        assert_eq!(decision.writes, []);
        match decision.reply.unwrap() {
            Introspected::Plain(body) => body,
            Introspected::Signed(_) => panic!("nobody asked for a JWT"),
        }
    }

    fn inactive() -> Value {
        json!({"active": false})
    }

    #[test]
    fn an_app_with_names_of_its_own_hears_no_other() {
        let world = World::new();
        let mut app = client();
        app.openid.subject_type = SubjectType::Pairwise;
        let own = subject(&app, crate::vocabulary::PersonId(7), &world.ctx());
        let body = ask(&loaded(app), &world);
        assert_eq!((&body["sub"], body.get("username")), (&json!(own), None));
    }

    #[test]
    fn looks_for_either_kind_whatever_the_hint() {
        for hint in ["access_token", "refresh_token", "made_up", ""] {
            let form = params(&[("token", REFRESH), ("token_type_hint", hint)]);
            let request = Introspection::parse(Some(&basic(CLIENT, SECRET)), &form).unwrap();
            let hash = SecretHash::of(REFRESH);
            let (world, asker) = (World::new(), Load::Client(client().id));
            assert_eq!(
                request.load(&world.ctx()),
                [asker, Load::AccessToken(hash), Load::Apis]
            );
            let neither = Loaded::default();
            assert_eq!(
                request.load_more(&neither, &world.ctx()),
                [Load::RefreshToken(hash)]
            );
            assert_eq!(request.load_more(&loaded(client()), &world.ctx()), []);
        }
    }

    #[test]
    fn a_live_access_token_is_described() {
        assert_eq!(
            ask(&loaded(client()), &World::after(5)),
            json!({
                "active": true, "scope": "read write", "client_id": CLIENT, "username": "asha", "sub": "7",
                "token_type": "Bearer", "iat": NOW, "exp": NOW.plus(36_000), "iss": ISSUER,
                "auth_time": NOW, "acr": ACR_PASSWORD,
            })
        );
    }

    #[test]
    fn a_clients_own_token_names_no_person() {
        let mut facts = loaded(client());
        facts.access_token.as_mut().unwrap().grant = None;
        let body = ask(&facts, &World::new());
        assert_eq!(body["active"], true);
        assert!(body.get("sub").is_none() && body.get("username").is_none());
    }

    #[test]
    fn a_live_refresh_token_is_described_and_a_rotated_out_one_is_not() {
        let mut facts = Loaded {
            client: Some(client().into()),
            refresh_token: Some(refresh_token()),
            ..Loaded::default()
        };
        assert_eq!(
            ask(&facts, &World::new()),
            json!({
                "active": true, "scope": "read write", "client_id": CLIENT, "username": "asha", "sub": "7",
                "exp": NOW.plus(90 * 86_400), "iss": ISSUER, "auth_time": NOW, "acr": ACR_PASSWORD,
            })
        );
        facts.refresh_token.as_mut().unwrap().grant.generation += 1;
        assert_eq!(ask(&facts, &World::new()), inactive());
    }

    #[test]
    fn case_062_an_unauthenticated_asker_is_refused() {
        let form = params(&[("token", ACCESS), ("client_id", CLIENT)]);
        let decide = |authorization: Option<&str>, client: Client| {
            let request = Introspection::parse(authorization, &form).unwrap();
            let decision = request.decide(&loaded(client), &World::new().ctx());
            decision.reply.unwrap_err().code
        };
        assert_eq!(
            decide(Some(&basic(CLIENT, "wrong")), client()),
            ErrorCode::InvalidClient
        );
        assert_eq!(decide(None, client()), ErrorCode::InvalidClient);
        assert_eq!(public_client().kind, ClientKind::Public);
        assert_eq!(decide(None, public_client()), ErrorCode::InvalidClient);
        let nobody = Introspection::parse(None, &params(&[("token", ACCESS)])).unwrap_err();
        assert_eq!(
            (nobody.code, nobody.code.status()),
            (ErrorCode::InvalidClient, 401)
        );
    }

    #[test]
    fn a_missing_or_repeated_token_is_a_bad_request() {
        for form in [&[][..], &[("token", "a"), ("token", "b")]] {
            let refusal = Introspection::parse(Some(&basic(CLIENT, SECRET)), &params(form)).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::InvalidRequest);
        }
    }

    #[test]
    fn case_063_a_dead_token_is_exactly_inactive() {
        let unknown = Loaded {
            client: Some(client().into()),
            ..Loaded::default()
        };
        assert_eq!(ask(&unknown, &World::new()), inactive());
        assert_eq!(ask(&loaded(client()), &World::after(36_000)), inactive());
        let dead = |change: fn(&mut Loaded)| {
            let mut facts = loaded(client());
            change(&mut facts);
            assert_eq!(ask(&facts, &World::new()), inactive());
        };
        dead(|facts| grant_of(facts).revoked = true);
        dead(|facts| grant_of(facts).holder.disabled = true);
        for standing in [Standing::Suspended, Standing::Pending, Standing::Rejected] {
            let body = ask(&loaded(Client { standing, ..client() }), &World::new());
            assert_eq!(body, inactive());
        }
    }

    fn grant_of(facts: &mut Loaded) -> &mut crate::records::Grant {
        facts.access_token.as_mut().unwrap().grant.as_mut().unwrap()
    }

    #[test]
    fn case_064_another_clients_token_is_inactive() {
        assert_eq!(ask(&loaded(other_client()), &World::new()), inactive());
        let mut own = loaded(other_client());
        own.access_token.as_mut().unwrap().grant = None;
        assert_eq!(ask(&own, &World::new()), inactive());
        let refresh = Loaded {
            client: Some(other_client().into()),
            refresh_token: Some(refresh_token()),
            ..Loaded::default()
        };
        assert_eq!(ask(&refresh, &World::new()), inactive());
    }

    #[test]
    fn an_api_asks_by_its_app_until_a_maintainer_stops_that() {
        let catalogue = World::new().catalogue;
        let asker = other_client();
        let library = ResourceDraft {
            introspected_by: asker.id.to_string(),
            ..ResourceDraft::of(apis().of_scope("loans.read").unwrap())
        };
        let library = library
            .check(ResourceId::parse("library").unwrap(), PersonId(1), &catalogue)
            .unwrap();
        let mut facts = loaded(asker);
        let token = facts.access_token.as_mut().unwrap();
        token.scope = Scope::of(["loans.read"]);
        token.audience.resources = vec![library.uri.to_string()];
        facts.subject_client = Some(api_client().into());
        facts.apis = Arc::new(Apis::new(vec![library]));
        assert_eq!(ask(&facts, &World::new())["scope"], "loans.read");
        Arc::make_mut(facts.client.as_mut().unwrap()).standing = Standing::Suspended;
        assert_eq!(ask(&facts, &World::new()), inactive());
    }

    #[test]
    fn a_signed_answer_is_signed_as_the_askers_profile_has_it() {
        let (world, mut asker) = (World::new(), client());
        let algorithm = |asker: &Client| signed(asker, inactive(), &world.ctx()).algorithm;
        assert_eq!(algorithm(&asker), SigningAlgorithm::Rs256);
        asker.openid.profile = Some(Profile::Fapi2);
        assert_eq!(algorithm(&asker), SigningAlgorithm::Ps256);
    }
}
