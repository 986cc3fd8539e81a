//! The authorisation endpoint (RFC 6749 section 3.1): two doors, one hallway.
//!
//! A request is first *trusted* (its client and the address it wants its answer at are known), then passes one ordered
//! table of *checks*, then leads to an [`Outcome`]: sign in, consent, a code, or a refusal. Before it is trusted
//! only a [`PageError`] can be made, after it only an [`Answer`], and an answer can be made from nothing but a
//! trusted request: an unsafe redirect cannot be written down. Sign-in and consent come back to the same hallway
//! ([`ResumeRequest`], [`ConsentAnswer`]), which decides again from what is stored then.

mod checks;
mod consent_answer;
mod consent_view;
mod door;
mod elsewhere;
mod facts;
mod hallway;
mod openid_checks;
#[cfg(test)]
mod openid_tests;
mod outcome;
mod prompt;
mod question;
mod request;
mod request_object;
mod response_checks;
mod response_modes;
mod response_type;
mod resume;
mod scope_checks;
#[cfg(test)]
pub(crate) mod testing;
mod trusted;
mod vet;
mod waiting;
mod withdraw;

pub use consent_answer::{ConsentAnswer, Shown};
pub use consent_view::{ConsentPoint, ConsentScope, ConsentView, Elsewhere, PersonCard};
pub use door::{DefaultScope, Door};
pub use elsewhere::{OpenRequest, Which};
pub use outcome::{HandleOf, Kept, Outcome, PageError, Parked};
pub use prompt::FRESH_SIGN_IN_SECONDS;
pub use request::AuthorizeRequest;
pub(crate) use request_object::{load as object_load, object_params};
pub(crate) use response_modes::with_query;
pub use response_modes::{Answer, Delivery};
pub use response_type::{ResponseMode, ResponseType};
pub use resume::{ResumeRequest, Resumed};
pub use trusted::MAX_STATE_BYTES;
pub(crate) use vet::{vet, vet_decoupled};
pub use waiting::{Waiting, WaitingRequest};
pub use withdraw::WithdrawConsent;
