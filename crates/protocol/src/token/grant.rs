//! What a grant is, and what it may say.

use crate::ctx::Ctx;
use crate::effect::{Load, Loaded, Refused, Write};
use crate::records::{self, Holder, NewGrant};
use crate::vocabulary::{Client, Params, Scope, Timestamp};

/// A way to get an access token (RFC 6749 section 1.3), known by its `grant_type`.
///
/// It judges only what is its own: the code, the token, the verifier. Client authentication, whether the client may
/// use the grant, and approval stand in the dispatcher, where no grant can forget them; so does the issuing itself.
pub trait Grant: Sync {
    /// Its name on the wire.
    fn grant_type(&self) -> &'static str;

    /// The facts it needs, beside the client; none where the request lacks what names them.
    fn load(&self, params: &Params) -> Vec<Load>;

    /// The facts it needs once it knows those; none by default. The client may not have proved itself yet.
    fn load_more(&self, _params: &Params, _known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        Vec::new()
    }

    /// The facts it needs once the client has proved itself; none by default.
    fn load_last(&self, _params: &Params, _known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        Vec::new()
    }

    /// The facts it needs once it knows those too; none by default.
    fn load_after(&self, _params: &Params, _known: &Loaded, _ctx: &Ctx<'_>) -> Vec<Load> {
        Vec::new()
    }

    /// Whether this instance offers it: what an operator has to open is no grant until they do.
    fn is_offered(&self, _ctx: &Ctx<'_>) -> bool {
        true
    }

    /// What the answer calls the token, where the grant has a word for it (RFC 8693 section 2.2.1).
    fn issued_token_type(&self) -> Option<&'static str> {
        None
    }

    /// What to issue to `client`, which is authenticated and may use this grant.
    ///
    /// # Errors
    /// [`Refused`], with what must become true all the same.
    fn decide<'a>(
        &self,
        client: &Client,
        params: &Params,
        loaded: &'a Loaded,
        ctx: &Ctx<'_>,
    ) -> Result<Granted<'a>, Refused>;
}

/// Whose authority an access token carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behalf<'a> {
    /// A person's, by this grant tree.
    Person {
        /// The tree that the token hangs from.
        grant: &'a records::Grant,
        /// The generation of the refresh token to issue beside it; none where none is issued.
        refresh: Option<u32>,
    },
    /// A person's, by a grant tree that begins with this token.
    NewGrant {
        /// The root to be made.
        grant: Box<NewGrant>,
        /// The person, and whether they are on the client's team.
        holder: Holder,
        /// When the token dies at the latest, if that is sooner than the policy says.
        until: Option<Timestamp>,
        /// Whether a refresh token goes with it.
        refresh: bool,
    },
    /// The client's own. It has no refresh token: it can always ask again (RFC 6749 section 4.4.3).
    Client,
}

impl Behalf<'_> {
    /// When the access token dies at the latest, where the grant says so.
    pub(super) const fn until(&self) -> Option<Timestamp> {
        match self {
            Self::NewGrant { until, .. } => *until,
            Self::Person { .. } | Self::Client => None,
        }
    }
}

/// What a grant would give, if the dispatcher agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted<'a> {
    /// On whose behalf.
    pub behalf: Behalf<'a>,
    /// The access token's scope.
    pub scope: Scope,
    /// What must become true before anything is issued: the guarded changes that let one of many racers through.
    pub writes: Vec<Write>,
}
