//! The only place with dice: tokens, codes, secrets, identifiers.

use crate::{Dice, DiceError, Engine, Fault};
use omniport_protocol::decoupled::{USER_CODE_ALPHABET, USER_CODE_LENGTH};
use omniport_protocol::effect::{Fresh, Minted, Write};
use omniport_protocol::extensions::ciba::Ping;
use omniport_protocol::vocabulary::{ClientId, GrantId, Secret, TOKEN_LENGTH, Timestamp};
use uuid::Uuid;
use zeroize::Zeroizing;

const LETTERS_AND_DIGITS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// A session cookie's length: 43 letters and digits carry 256 bits.
const SESSION_LENGTH: usize = 43;
/// A client identifier's length, as the system before us made them.
const CLIENT_ID_LENGTH: usize = 40;
/// A client secret's length: 64 letters and digits carry 381 bits.
const CLIENT_SECRET_LENGTH: usize = 64;

impl Engine {
    /// Draws what `writes` need.
    ///
    /// # Errors
    /// [`Fault`] where there is no randomness, or what must be sealed cannot be.
    pub(crate) fn mint(&self, writes: &[Write]) -> Result<Minted, Fault> {
        let mut minted = Minted::default();
        for fresh in writes.iter().flat_map(Write::fresh) {
            match fresh {
                Fresh::Grant => minted.add_grant(GrantId(uuid_v7(&*self.dice, self.now())?)),
                Fresh::Code
                | Fresh::AccessToken
                | Fresh::RefreshToken
                | Fresh::ParkedRequest
                | Fresh::PushedRequest
                | Fresh::DecoupledCode => {
                    minted.add_secret(*fresh, secret(&*self.dice, TOKEN_LENGTH)?);
                }
                Fresh::UserCode => minted.add_secret(*fresh, user_code(&*self.dice)?),
            }
        }
        for write in writes {
            if let Write::AskElsewhere(new) = write
                && let Some(token) = &new.notification_token
                && let Some(auth_req_id) = minted.secret(Fresh::DecoupledCode)
            {
                let ping = Ping {
                    auth_req_id: auth_req_id.clone(),
                    token: Secret::new(token.expose()),
                };
                let sealed = self.seal_ping(&new.request.client, &ping)?;
                minted.add_sealed(sealed);
            }
        }
        Ok(minted)
    }

    /// A session cookie's value.
    pub(crate) fn new_session_secret(&self) -> Result<Secret, DiceError> {
        secret(&*self.dice, SESSION_LENGTH)
    }

    /// A client secret.
    pub(crate) fn new_client_secret(&self) -> Result<Secret, DiceError> {
        secret(&*self.dice, CLIENT_SECRET_LENGTH)
    }

    /// A client identifier.
    pub(crate) fn new_client_id(&self) -> Result<ClientId, DiceError> {
        let text = secret(&*self.dice, CLIENT_ID_LENGTH)?;
        // Letters and digits are a client identifier, so the mistake cannot happen.
        ClientId::parse(text.expose()).map_err(|_| DiceError)
    }

    /// A value for the cookie that ties a form to its browser before anybody is signed in, or for the name of a
    /// request in the log: 30 letters and digits.
    ///
    /// # Errors
    /// [`DiceError`] where there is no randomness.
    pub fn new_nonce(&self) -> Result<Secret, DiceError> {
        secret(&*self.dice, TOKEN_LENGTH)
    }

    /// A salt for a password.
    pub(crate) fn new_salt(&self) -> Result<[u8; 16], DiceError> {
        let mut salt = [0; 16];
        self.dice.fill(&mut salt)?;
        Ok(salt)
    }
}

/// `length` letters and digits, each equally likely: bytes beyond the last whole multiple of 62 are thrown again.
///
/// # Errors
/// [`DiceError`] where there is no randomness.
pub fn secret(dice: &dyn Dice, length: usize) -> Result<Secret, DiceError> {
    let mut text = Zeroizing::new(String::with_capacity(length));
    let mut bytes = Zeroizing::new([0_u8; 64]);
    while text.len() < length {
        dice.fill(&mut *bytes)?;
        let usable = bytes.iter().filter(|byte| **byte < 248).take(length - text.len());
        text.extend(
            usable
                .filter_map(|byte| LETTERS_AND_DIGITS.get(usize::from(byte % 62)))
                .map(|b| char::from(*b)),
        );
    }
    Ok(Secret::new(text.as_str()))
}

/// The letters of a user code, each equally likely: bytes beyond the last whole multiple of twenty are thrown again.
fn user_code(dice: &dyn Dice) -> Result<Secret, DiceError> {
    let mut text = Zeroizing::new(String::with_capacity(USER_CODE_LENGTH));
    let mut bytes = Zeroizing::new([0_u8; 16]);
    while text.len() < USER_CODE_LENGTH {
        dice.fill(&mut *bytes)?;
        let left = USER_CODE_LENGTH - text.len();
        let usable = bytes.iter().filter(|byte| **byte < 240).take(left);
        text.extend(
            usable
                .filter_map(|byte| USER_CODE_ALPHABET.get(usize::from(byte % 20)))
                .map(|b| char::from(*b)),
        );
    }
    Ok(Secret::new(text.as_str()))
}

/// A time-ordered identifier (RFC 9562 section 5.7), so that new rows lie beside each other in the index.
fn uuid_v7(dice: &dyn Dice, now: Timestamp) -> Result<Uuid, DiceError> {
    let mut random = [0; 10];
    dice.fill(&mut random)?;
    let millis = u64::try_from(now.seconds()).unwrap_or(0).saturating_mul(1_000);
    Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemDice;
    use std::collections::BTreeSet;

    #[test]
    fn secrets_are_letters_and_digits_of_the_asked_length_and_all_of_them_occur() {
        let long = secret(&SystemDice, 5_000).unwrap();
        assert_eq!(long.expose().len(), 5_000);
        let seen: BTreeSet<u8> = long.expose().bytes().collect();
        assert_eq!(seen, LETTERS_AND_DIGITS.iter().copied().collect());
        assert_ne!(
            secret(&SystemDice, 30).unwrap().expose(),
            secret(&SystemDice, 30).unwrap().expose()
        );
    }

    #[test]
    fn user_codes_are_of_their_alphabet_and_all_of_it_occurs() {
        let codes: Vec<_> = (0..400).map(|_| user_code(&SystemDice).unwrap()).collect();
        for code in &codes {
            assert!(omniport_protocol::decoupled::UserCode::parse(code.expose()).is_some());
        }
        let seen: BTreeSet<u8> = codes.iter().flat_map(|code| code.expose().bytes()).collect();
        assert_eq!(seen, USER_CODE_ALPHABET.iter().copied().collect());
    }

    #[test]
    fn identifiers_carry_the_time_and_the_version() {
        let early = uuid_v7(&SystemDice, Timestamp::from_seconds(1_000)).unwrap();
        let late = uuid_v7(&SystemDice, Timestamp::from_seconds(2_000)).unwrap();
        assert!(early < late);
        assert_eq!(early.get_version_num(), 7);
    }

    #[test]
    fn without_randomness_nothing_is_made() {
        struct Empty;
        impl Dice for Empty {
            fn fill(&self, _: &mut [u8]) -> Result<(), DiceError> {
                Err(DiceError)
            }
        }
        assert_eq!(secret(&Empty, 30).unwrap_err(), DiceError);
    }
}
