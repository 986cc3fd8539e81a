//! What token, introspection and revocation have in common: a form, one operation, one answer.

use crate::{answer, form};
use axum::extract::Request;
use axum::response::Response;
use omniport_engine::{Engine, Fault};
use omniport_protocol::client_auth::Credentials;
use omniport_protocol::effect::{Minted, Operation};
use omniport_protocol::error::Refusal;
use omniport_protocol::vocabulary::Params;

/// An endpoint that a client calls with a form and its credentials.
pub(super) struct FormEndpoint<O: Operation<Reply = Result<A, Refusal>>, A> {
    /// Its name in the log.
    pub(super) name: &'static str,
    /// Reads the request: the `Authorization` header's value, and the form.
    pub(super) parse: fn(Option<&str>, Params) -> Result<O, Refusal>,
    /// Whom it claims to come from.
    pub(super) credentials: fn(&O) -> &Credentials,
    /// Writes the answer.
    pub(super) answer: fn(&A, &Minted) -> Result<Response, Fault>,
}

impl<O: Operation<Reply = Result<A, Refusal>>, A> FormEndpoint<O, A> {
    /// Answers one request.
    pub(super) async fn handle(&self, engine: &Engine, request: Request) -> Response {
        let form = match form::read(request).await {
            Ok(form) => form,
            Err(why) => return answer::unreadable(self.name, &why),
        };
        let operation = match (self.parse)(form.authorization.as_deref(), form.params) {
            Ok(operation) => operation,
            Err(refusal) => return answer::unreadable(self.name, &refusal.into()),
        };
        let answered = match engine.run(&operation).await {
            Ok((Ok(reply), minted)) => (self.answer)(&reply, &minted),
            Ok((Err(refusal), _)) => {
                let client = (self.credentials)(&operation).client_id();
                answer::note(self.name, Some(client), &refusal);
                return answer::refusal(&refusal);
            }
            Err(fault) => Err(fault),
        };
        answered.unwrap_or_else(|fault| answer::fault(self.name, &fault))
    }
}
