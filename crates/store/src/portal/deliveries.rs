//! What all rows have in common of which an app is to be told ([`super::LogoutDelivery`], [`super::DuePing`]).

use crate::Value;
use omniport_protocol::vocabulary::{ClientId, Timestamp};

/// Most apps that a question for what is due can leave out.
pub const EXCEPTED: usize = 8;

/// How an attempt to tell an app ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    /// The app knows, or does not want to any more.
    Delivered,
    /// It does not, for this reason; it is tried again at this moment.
    Again(Timestamp, String),
    /// There was no attempt after all: it is made at this moment.
    NotMade(Timestamp, String),
    /// It does not, and is not told again.
    GivenUp(String),
}

/// The parameters of a question for what is due: the moment, the limit, and [`EXCEPTED`] apps that are left out.
pub(super) fn due_params(now: Timestamp, limit: u32, except: &[ClientId]) -> Vec<Value> {
    let mut params = vec![now.into(), limit.into()];
    // No app has the empty name.
    let names = except.iter().map(ClientId::as_str).chain(std::iter::repeat(""));
    params.extend(names.take(EXCEPTED).map(Into::into));
    params
}
