//! What token, introspection and revocation have in common: a form, one operation, one answer.

use crate::form::Unreadable;
use crate::{answer, form, sender};
use axum::extract::Request;
use axum::response::Response;
use omniport_engine::caller::ClientAddress;
use omniport_engine::flow::{Asked, Came, Ending};
use omniport_engine::pages::RequestId;
use omniport_engine::{Engine, Fault, Ran};
use omniport_protocol::client_auth::Credentials;
use omniport_protocol::effect::{Minted, Operation};
use omniport_protocol::error::{ErrorCode, Refusal};
use omniport_protocol::extensions::dpop_rfc9449::wants_nonce;
use omniport_protocol::vocabulary::Params;

/// An endpoint that a client calls with a form and its credentials.
pub(super) struct FormEndpoint<O: Operation<Reply = Result<A, Refusal>>, A> {
    /// Its name in the log and the flow debugger.
    pub(super) name: &'static str,
    /// Reads the request: the `Authorization` header's value, and the form.
    pub(super) parse: fn(Option<&str>, Params) -> Result<O, Refusal>,
    /// Whom it claims to come from.
    pub(super) credentials: fn(&O) -> &Credentials,
    /// The same, to add what was seen of the sender.
    pub(super) credentials_mut: fn(&mut O) -> &mut Credentials,
    /// Writes the answer.
    pub(super) answer: fn(&Engine, &A, &Minted) -> Result<Response, Fault>,
    /// What came of it then, for the flow debugger.
    pub(super) came: Came,
}

impl<O: Operation<Reply = Result<A, Refusal>>, A> FormEndpoint<O, A> {
    /// Answers one request.
    pub(super) async fn handle(&self, engine: &Engine, request: Request) -> Response {
        self.handle_noting(engine, request, |_| {}).await
    }

    /// As [`Self::handle`]; an operation that succeeds is noted.
    pub(super) async fn handle_noting(
        &self,
        engine: &Engine,
        request: Request,
        succeeded: impl FnOnce(&O),
    ) -> Response {
        let id = request.extensions().get::<RequestId>().cloned();
        let address = request.extensions().get::<ClientAddress>().map(|from| from.0);
        let asked = Asked {
            endpoint: self.name,
            request: id.as_ref(),
        };
        let sender = sender::of(&request);
        let form = match form::read(request).await {
            Ok(form) => form,
            Err(why) => {
                if let Unreadable::Refused(refusal) = &why {
                    engine.tell_unread(asked, None, refusal);
                }
                return answer::unreadable(&why);
            }
        };
        let client_id = form.params.get("client_id").map(str::to_owned);
        let mut operation = match (self.parse)(form.authorization.as_deref(), form.params) {
            Ok(operation) => operation,
            Err(refusal) => {
                let claimed = Credentials::claimed(form.authorization.as_deref(), client_id.as_deref());
                engine.tell_unread(asked, claimed.as_ref(), &refusal);
                return answer::refusal(&refusal);
            }
        };
        (self.credentials_mut)(&mut operation).seen(sender);
        match engine.run_for(address, &operation).await {
            Ok(ran) => {
                if ran.reply.is_ok() {
                    succeeded(&operation);
                }
                self.told(engine, asked, &operation, &ran)
            }
            Err(fault) => answer::fault(self.name, &fault),
        }
    }

    /// Answers what was decided, and tells of it.
    fn told(
        &self,
        engine: &Engine,
        asked: Asked<'_>,
        operation: &O,
        ran: &Ran<Result<A, Refusal>>,
    ) -> Response {
        let credentials = (self.credentials)(operation);
        let ending = ran
            .reply
            .as_ref()
            .map_or_else(Ending::from, |_| Ending::Well(self.came));
        engine.tell(asked, &ran.loaded, Some(credentials.client_id()), ending);
        let is_authenticated = ran
            .reply
            .as_ref()
            .err()
            .is_none_or(|refusal| refusal.code != ErrorCode::InvalidClient);
        if let Some(client) = ran.loaded.client.as_deref().filter(|_| is_authenticated)
            && let Some(secret) = credentials.secret_used(client, &engine.ctx())
        {
            engine.tell_secret_used(&client.id, secret);
        }
        let mut response = match &ran.reply {
            Ok(reply) => (self.answer)(engine, reply, &ran.minted)
                .unwrap_or_else(|fault| answer::fault(self.name, &fault)),
            Err(refusal) => answer::refusal(refusal),
        };
        let wants_nonce = ran
            .loaded
            .client
            .as_ref()
            .is_some_and(|client| wants_nonce(client, &engine.ctx()));
        if wants_nonce && credentials.sender().has_proof() {
            sender::give_nonce(engine, &mut response);
        }
        response
    }
}
