//! What a rule needs to know, what it decides: the few words between the rules and the machine around them.

use crate::apis::Apis;
use crate::authorize::Door;
use crate::ctx::Ctx;
use crate::decoupled::{DecoupledFacts, NewDecoupled};
use crate::error::Refusal;
use crate::jose::JwkSet;
use crate::records::{
    AccessTokenFacts, Allowed, CodeFacts, Consent, Grant, Holder, NewAccessToken, NewCode, NewGrant,
    NewRefreshToken, ParkedRequest, PersonData, PushedRequest, RefreshFacts, Session,
};
use crate::vocabulary::{Client, ClientId, ClientIdUrl, GrantId, PersonId, Secret, SecretHash, Timestamp};
use std::sync::Arc;

/// A fact that a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// The client of this identifier, with its secrets.
    Client(ClientId),
    /// The code of this hash, with its grant and the person behind it.
    Code(SecretHash),
    /// The refresh token of this hash, with its grant and the person behind it.
    RefreshToken(SecretHash),
    /// The access token of this hash, with its grant and the person behind it.
    AccessToken(SecretHash),
    /// The access token of this hash that says who acts (`actor_token`, RFC 8693 section 2.1), with its grant.
    ActorToken(SecretHash),
    /// The newest grant of a person to a client that is not revoked.
    GrantBetween((PersonId, ClientId)),
    /// The client that the subject of an exchange was issued to.
    SubjectClient(ClientId),
    /// The signed-in session of this cookie's hash, with its person.
    Session(SecretHash),
    /// What a person has already allowed a client.
    Consent(PersonId, ClientId),
    /// Whether a person is on a client's team.
    Membership(PersonId, ClientId),
    /// A person's values for the catalogue's data points.
    PersonData(PersonId),
    /// The authorisation request that waits under this hash for a sign-in or a consent.
    ParkedRequest(SecretHash),
    /// The request that a client pushed under this hash.
    PushedRequest(SecretHash),
    /// The decoupled request of this code, with the grant that came of it and the person behind that.
    Decoupled(SecretHash),
    /// The same, by the hash of its user code.
    DecoupledByUserCode(SecretHash),
    /// The person of this sign-in name, whatever its case.
    PersonNamed(String),
    /// The person of this number.
    Person(PersonId),
    /// Of those who ever allowed a client something, the one whom it knows by this subject: for names that only the
    /// client knows, which lead back to nobody (OpenID Connect Core section 8.1).
    PersonOfSubject(ClientId, String),
    /// Whether a signed token of this name ([`Write::UseJti`]) has been used already.
    UsedJti(SecretHash),
    /// Whether this password is this person's: looked at by the engine, counted like a sign-in.
    Password {
        /// The sign-in name.
        username: String,
        /// What they typed.
        password: Secret,
    },
    /// The keys of somebody whose assertions the operator trusts: fetched.
    IssuerKeys {
        /// Where they are published.
        uri: String,
        /// The key that must be among them.
        kid: Option<String>,
    },
    /// The keys that a client publishes: not in the store, but fetched from where it registered them.
    RemoteKeys {
        /// The client, among whose fetches it counts.
        client: ClientId,
        /// Its `jwks_uri`.
        uri: String,
        /// The key that must be among them; where it is not, they are fetched again, within bounds.
        kid: Option<String>,
    },
    /// The request object at a `request_uri` that the client registered: fetched.
    RequestObject {
        /// The client, among whose fetches it counts.
        client: ClientId,
        /// The `request_uri`.
        uri: String,
    },
    /// That the client of this address is known as the document there says: fetched where it is not, or not any more.
    ClientDocument(ClientIdUrl),
    /// Every API that is registered here: kept in memory.
    Apis,
}

impl Load {
    /// Whether it is had from elsewhere than a query of the store.
    pub const fn is_remote(&self) -> bool {
        matches!(
            self,
            Self::RemoteKeys { .. }
                | Self::RequestObject { .. }
                | Self::IssuerKeys { .. }
                | Self::Password { .. }
                | Self::PersonOfSubject(..)
                | Self::ClientDocument(_)
                | Self::Apis
        )
    }
}

/// The facts as found; none where there is no such row, or nobody asked.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// For [`Load::Client`].
    pub client: Option<Arc<Client>>,
    /// For [`Load::Code`].
    pub code: Option<CodeFacts>,
    /// For [`Load::RefreshToken`].
    pub refresh_token: Option<RefreshFacts>,
    /// For [`Load::AccessToken`].
    pub access_token: Option<AccessTokenFacts>,
    /// For [`Load::GrantBetween`].
    pub grant: Option<Grant>,
    /// For [`Load::ActorToken`].
    pub actor_token: Option<AccessTokenFacts>,
    /// For [`Load::SubjectClient`].
    pub subject_client: Option<Arc<Client>>,
    /// For [`Load::Session`].
    pub session: Option<Session>,
    /// For [`Load::Consent`].
    pub consent: Option<Consent>,
    /// For [`Load::Membership`].
    pub on_team: bool,
    /// For [`Load::PersonData`].
    pub person_data: Option<PersonData>,
    /// For [`Load::ParkedRequest`].
    pub parked: Option<ParkedRequest>,
    /// For [`Load::PushedRequest`].
    pub pushed: Option<PushedRequest>,
    /// For [`Load::Decoupled`] and [`Load::DecoupledByUserCode`].
    pub decoupled: Option<Box<DecoupledFacts>>,
    /// For [`Load::PersonNamed`], [`Load::Person`] and [`Load::PersonOfSubject`]; `on_team` is not known of them.
    pub person: Option<Holder>,
    /// For each [`Load::UsedJti`] that has been used.
    pub used_jtis: Vec<SecretHash>,
    /// For [`Load::Password`].
    pub is_password: Option<bool>,
    /// For [`Load::IssuerKeys`]; a sentence for the app's team where they could not be had.
    pub issuer_keys: Option<Result<Arc<JwkSet>, String>>,
    /// For [`Load::RemoteKeys`]; a sentence for the app's team where they could not be had.
    pub remote_keys: Option<Result<Arc<JwkSet>, String>>,
    /// For [`Load::RequestObject`]; a sentence for the app's team where it could not be had.
    pub request_object: Option<Result<String, String>>,
    /// For [`Load::ClientDocument`]: a sentence for whoever asks, where the document cannot be used. Then there is no
    /// client.
    pub client_document: Option<String>,
    /// For [`Load::Apis`].
    pub apis: Arc<Apis>,
}

/// A secret or identifier that does not exist yet: `engine::mint` draws it. A decision makes at most one of
/// each, so the kind is its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fresh {
    /// An authorisation code.
    Code,
    /// An access token.
    AccessToken,
    /// A refresh token.
    RefreshToken,
    /// A grant's identifier.
    Grant,
    /// The handle of a parked authorisation request.
    ParkedRequest,
    /// The handle of a pushed authorisation request.
    PushedRequest,
    /// What an app polls with for the answer to a decoupled request (`device_code`, `auth_req_id`).
    DecoupledCode,
    /// What a person types in ([`crate::decoupled::UserCode`]).
    UserCode,
}

/// A change that must become true, all of a decision's or none.
///
/// Where a change states a precondition ("guarded") and the row is not as the rule saw it, the whole decision is
/// undone and decided again on fresh facts: that is how exactly one of a thousand racers redeems a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// A new grant under [`Fresh::Grant`], and a code under [`Fresh::Code`] that hangs from it.
    IssueCode(NewGrant, NewCode),
    /// A new grant under [`Fresh::Grant`] without a code, dead at the given moment unless something that hangs from it
    /// lives longer: where the authorisation endpoint itself answers with tokens.
    IssueGrant(NewGrant, Timestamp),
    /// Marks a code as used. Guarded: it was unused.
    RedeemCode {
        /// The code.
        code: SecretHash,
        /// Now.
        at: Timestamp,
    },
    /// A new access token under [`Fresh::AccessToken`].
    IssueAccessToken(NewAccessToken),
    /// A new refresh token under [`Fresh::RefreshToken`].
    IssueRefreshToken(NewRefreshToken),
    /// Moves a grant's refresh family to the next generation. Guarded: the grant lives and its generation is `from`.
    RotateRefreshToken {
        /// The grant.
        grant: GrantId,
        /// The generation that the presented token has; the new one is `from + 1`.
        from: u32,
        /// The presented token, now rotated out.
        rotated_out: SecretHash,
        /// Now.
        at: Timestamp,
    },
    /// Asserts, at commit, that a grant lives and its family is still at a generation. Guarded; changes nothing.
    ExpectGeneration {
        /// The grant.
        grant: GrantId,
        /// The generation it must have.
        generation: u32,
    },
    /// Kills a grant and all that hangs from it. A dead one stays dead: no guard.
    RevokeGrant {
        /// The grant.
        grant: GrantId,
        /// Now.
        at: Timestamp,
    },
    /// Kills one access token. No guard.
    RevokeAccessToken {
        /// The token.
        token: SecretHash,
    },
    /// Remembers what a person allows a client from now on, in place of what was remembered.
    PutConsent {
        /// Who allowed.
        person: PersonId,
        /// Whom.
        client: ClientId,
        /// The manifest version that was looked at.
        version: u32,
        /// What they allow: exactly these data points, and those they left out.
        allowed: Allowed,
        /// Now.
        at: Timestamp,
    },
    /// Forgets a consent and kills every grant of that person to that client.
    WithdrawConsent {
        /// Who withdraws.
        person: PersonId,
        /// From whom.
        client: ClientId,
        /// Now.
        at: Timestamp,
    },
    /// Ends the session of this cookie's hash: what stands on it dies with it (the OpenID grants
    /// of apps that did not ask for `offline_access`), and apps that want to be told of it will be.
    EndSession {
        /// Its cookie's hash.
        session: SecretHash,
        /// Now.
        at: Timestamp,
    },
    /// Keeps an authorisation request under [`Fresh::ParkedRequest`] while the person signs in or reads. Guarded: the
    /// pushed request that it came of, if it did, is still there.
    ParkRequest(ParkedRequest),
    /// Keeps a request that a client pushed, under [`Fresh::PushedRequest`].
    PushRequest(PushedRequest),
    /// Keeps a request that is answered elsewhere, under [`Fresh::DecoupledCode`], and a device's under
    /// [`Fresh::UserCode`] too. Guarded: no other has that user code.
    AskElsewhere(NewDecoupled),
    /// A new grant under [`Fresh::Grant`] as the answer to a decoupled request. Guarded: it had none. The grant dies with
    /// the request unless tokens come of it.
    AllowDecoupled {
        /// The request's code.
        code: SecretHash,
        /// What the person granted.
        grant: NewGrant,
        /// When the request dies.
        expires_at: Timestamp,
    },
    /// No, as the answer to a decoupled request. Guarded: it had none.
    DenyDecoupled {
        /// The request's code.
        code: SecretHash,
        /// Now.
        at: Timestamp,
    },
    /// Hands the answer to a decoupled request out. Guarded: it is a yes, and was not handed out before.
    RedeemDecoupled {
        /// The request's code.
        code: SecretHash,
    },
    /// Notes that an app asked whether there is an answer, and how much longer it must wait between two questions from
    /// now on. No guard.
    NotePoll {
        /// The request's code.
        code: SecretHash,
        /// Now.
        at: Timestamp,
        /// Seconds more between two questions.
        slower_by: i64,
    },
    /// Notes that a client asked for somebody who is not there, or whom it may not ask. It counts as if they had been asked
    /// and nothing else changes: nobody finds out by trying who has an account. No guard.
    AskedNobody {
        /// The client.
        client: ClientId,
    },
    /// Ends a pushed request and all that waits as it. Guarded: it was still there, so that it leads to one answer.
    FinishPushed {
        /// The request.
        request: SecretHash,
    },
    /// The same by one of those that wait ([`Self::FinishRequest`], which is guarded): no guard. It lives longer than
    /// what was pushed, which may have ended by itself.
    ForgetPushed {
        /// The request.
        request: SecretHash,
    },
    /// Notes that a signed token was used, by the hash of its maker and its `jti`: once, on all nodes. Guarded: it was
    /// not noted before.
    UseJti {
        /// Whose it is and its name.
        jti: SecretHash,
        /// When the token has ended everywhere, so that its name need not be known any more.
        expires_at: Timestamp,
    },
    /// Forgets a parked request. Guarded: it was still there, so that one consent gives one code.
    FinishRequest {
        /// The request.
        request: SecretHash,
    },
}

impl Write {
    /// What `engine::mint` must draw before this change can be written.
    pub const fn fresh(&self) -> &'static [Fresh] {
        match self {
            Self::IssueCode(..) => &[Fresh::Grant, Fresh::Code],
            Self::IssueGrant(..) | Self::AllowDecoupled { .. } => &[Fresh::Grant],
            Self::IssueAccessToken(_) => &[Fresh::AccessToken],
            Self::IssueRefreshToken(_) => &[Fresh::RefreshToken],
            Self::ParkRequest(_) => &[Fresh::ParkedRequest],
            Self::PushRequest(_) => &[Fresh::PushedRequest],
            Self::AskElsewhere(new) if matches!(new.request.door, Door::Device) => {
                &[Fresh::DecoupledCode, Fresh::UserCode]
            }
            Self::AskElsewhere(_) => &[Fresh::DecoupledCode],
            _ => &[],
        }
    }
}

/// What must become true, and what to answer once it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<R> {
    /// The changes, applied in order and atomically.
    pub writes: Vec<Write>,
    /// The answer, given only after the changes are on disk.
    pub reply: R,
}

impl<R> Decision<R> {
    /// An answer that changes nothing.
    pub const fn reply(reply: R) -> Self {
        Self {
            writes: Vec::new(),
            reply,
        }
    }

    /// An answer with changes.
    pub const fn new(writes: Vec<Write>, reply: R) -> Self {
        Self { writes, reply }
    }
}

/// A rule of the protocol: one request, decided.
///
/// A refusal may carry writes ("refuse and revoke"), so it is a reply like any other:
/// `Reply = Result<Answer, Refusal>` for most operations.
pub trait Operation {
    /// What is answered.
    type Reply;

    /// The facts it needs, known from the request alone.
    fn load(&self, ctx: &Ctx<'_>) -> Vec<Load>;

    /// The facts it needs once it knows the first ones; none by default.
    fn load_more(&self, _known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        Vec::new()
    }

    /// The facts it needs once it knows those too; none by default.
    fn load_last(&self, _known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        Vec::new()
    }

    /// What those lead to: the keys of what was fetched with them, what hangs from whom they found; none by default.
    fn load_keys(&self, _known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        Vec::new()
    }

    /// Decides. Called again with fresh facts where a guarded write met a changed row.
    fn decide(&self, loaded: &Loaded, ctx: &Ctx<'_>) -> Decision<Self::Reply>;
}

/// "No", and what must become true all the same: reuse of a code or a token kills what hangs from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The changes.
    pub writes: Vec<Write>,
    /// The reason.
    pub refusal: Refusal,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            writes: Vec::new(),
            refusal,
        }
    }
}

/// "Refuse, and let these changes happen": for reuse of a code or a refresh token.
pub const fn refuse<T>(writes: Vec<Write>, refusal: Refusal) -> Decision<Result<T, Refusal>> {
    Decision {
        writes,
        reply: Err(refusal),
    }
}

/// What `engine::mint` drew for one decision.
#[derive(Debug, Default)]
pub struct Minted {
    secrets: Vec<(Fresh, Secret)>,
    grant: Option<GrantId>,
    sealed: Option<Vec<u8>>,
}

impl Minted {
    /// Adds a drawn secret.
    pub fn add_secret(&mut self, what: Fresh, secret: Secret) {
        self.secrets.push((what, secret));
    }

    /// Adds a drawn grant identifier.
    pub const fn add_grant(&mut self, grant: GrantId) {
        self.grant = Some(grant);
    }

    /// The same, with `secret` in place of what was drawn for `what`: a JWT, where what was drawn is its name.
    #[must_use]
    pub fn with_secret(&self, what: Fresh, secret: Secret) -> Self {
        let others = self.secrets.iter().filter(|(fresh, _)| *fresh != what);
        Self {
            secrets: others.cloned().chain([(what, secret)]).collect(),
            grant: self.grant,
            sealed: self.sealed.clone(),
        }
    }

    /// Adds the seal of a [`NewDecoupled`]'s notification token.
    pub fn add_sealed(&mut self, sealed: Vec<u8>) {
        self.sealed = Some(sealed);
    }

    /// The seal of a [`NewDecoupled`]'s notification token.
    pub fn sealed(&self) -> Option<&[u8]> {
        self.sealed.as_deref()
    }

    /// The secret drawn for `what`, in the clear, for the answer.
    pub fn secret(&self, what: Fresh) -> Option<&Secret> {
        self.secrets
            .iter()
            .find(|(fresh, _)| *fresh == what)
            .map(|(_, secret)| secret)
    }

    /// The hash of the secret drawn for `what`, for the store.
    pub fn hash(&self, what: Fresh) -> Option<SecretHash> {
        self.secret(what).map(Secret::hash)
    }

    /// The drawn grant identifier.
    pub const fn grant(&self) -> Option<GrantId> {
        self.grant
    }
}
