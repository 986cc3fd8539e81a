//! Whether what was once granted still stands. Every endpoint that honours a grant or a token asks here, so that
//! suspending an app, disabling a person or revoking a grant takes effect at the next use, everywhere.

use crate::ctx::Ctx;
use crate::effect::Loaded;
use crate::error::{ErrorCode, Refusal};
use crate::extensions::sender::always_binds;
use crate::records::{AccessTokenFacts, Grant, RefreshFacts};
use crate::review::{Act, Who};
use crate::vocabulary::{Client, Confirmation, Timestamp};
use std::borrow::Cow;

/// Why something is dead: for the log and the app's team only. It names no person and no other app, of which the team
/// learns nothing.
type Dead = Cow<'static, str>;

/// Whether `client` may do `act` by `grant` now.
///
/// # Errors
/// The private reason: another client's, revoked, its person disabled, or an app that does not serve them.
pub fn grant_is_live(act: Act, client: &Client, grant: &Grant) -> Result<(), Dead> {
    if grant.client != client.id {
        return Err("it was granted to another client".into());
    }
    if grant.revoked {
        return Err("the grant it hangs from is revoked".into());
    }
    if grant.holder.disabled {
        return Err("the person behind it is disabled".into());
    }
    let who = Who::of(&client.id, &grant.holder, grant.holder.on_team);
    if act.serves(client.standing, who) {
        Ok(())
    } else {
        Err(not_serving(client))
    }
}

/// Whether an access token of `client` is good for `act` now.
///
/// # Errors
/// The private reason.
pub fn access_token_is_live(
    act: Act,
    client: &Client,
    token: &AccessTokenFacts,
    now: Timestamp,
) -> Result<(), Dead> {
    if token.client != client.id {
        return Err("it was issued to another client".into());
    }
    not_expired(token.expires_at, now)?;
    match &token.grant {
        Some(grant) => grant_is_live(act, client, grant),
        None if act.serves(client.standing, Who::App) => Ok(()),
        None => Err(not_serving(client)),
    }
}

/// Whether a refresh token of `client` is the newest of its family, and good for `act` now.
///
/// # Errors
/// The private reason.
pub fn refresh_token_is_live(
    act: Act,
    client: &Client,
    token: &RefreshFacts,
    ctx: &Ctx<'_>,
) -> Result<(), Dead> {
    grant_is_live(act, client, &token.grant)?;
    refresh_not_expired(token, ctx)?;
    if token.generation != token.grant.generation {
        return Err("it is rotated out".into());
    }
    Ok(())
}

/// Neither idle for too long, nor past the end of its grant.
pub(super) fn refresh_not_expired(token: &RefreshFacts, ctx: &Ctx<'_>) -> Result<(), Dead> {
    not_expired(token.expires_at, ctx.now)?;
    not_expired(refresh_end(&token.grant, ctx), ctx.now)
}

/// The moment after which a grant can no longer be refreshed at all.
pub(super) const fn refresh_end(grant: &Grant, ctx: &Ctx<'_>) -> Timestamp {
    grant.created_at.plus(ctx.policy.refresh_absolute_seconds)
}

fn not_expired(expires_at: Timestamp, now: Timestamp) -> Result<(), Dead> {
    if now.is_at_or_after(expires_at) {
        return Err(format!("it expired at {}, now is {}", expires_at.seconds(), now.seconds()).into());
    }
    Ok(())
}

fn not_serving(client: &Client) -> Dead {
    format!(
        "the app is {} and does not serve this person",
        client.standing.as_str()
    )
    .into()
}

/// What is exchanged for a token that was bound is bound too, to the asking app's own key: it never becomes a bearer's. Nor
/// does an ID token of an app that wants all its tokens bound: nothing in it says to whom, and it leads to what they do.
pub(super) fn stays_bound(
    loaded: &Loaded,
    confirmation: Option<Confirmation>,
    ctx: &Ctx<'_>,
) -> Result<(), Refusal> {
    let subject = loaded.access_token.as_ref().and_then(|token| token.confirmation);
    let issued_to = loaded.subject_client.as_deref();
    let was_bound = subject.is_some() || issued_to.is_some_and(|client| always_binds(client, ctx));
    if !was_bound || confirmation.is_some() {
        return Ok(());
    }
    Err(Refusal::new(
        ErrorCode::InvalidRequest,
        "The subject_token is bound to a key, or of an app whose tokens are: send a DPoP proof or a certificate of your own, \
         to which the new one is bound.",
    )
    .because("the subject_token is bound, or its app's tokens are, and the request proves no key for the new token"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Standing;
    use crate::testing::{NOW, World, access_token, client, grant, other_client, refresh_token};

    #[test]
    fn case_054_a_grant_dies_with_its_person_its_app_and_its_revocation() {
        assert_eq!(grant_is_live(Act::UserData, &client(), &grant()), Ok(()));
        let why = |change: fn(&mut Client, &mut Grant)| {
            let (mut client, mut grant) = (client(), grant());
            change(&mut client, &mut grant);
            grant_is_live(Act::UserData, &client, &grant)
                .unwrap_err()
                .into_owned()
        };
        assert!(why(|_, grant| grant.revoked = true).contains("revoked"));
        assert!(why(|_, grant| grant.holder.disabled = true).contains("disabled"));
        assert!(why(|client, _| client.standing = Standing::Suspended).contains("suspended"));
        assert!(why(|client, _| client.standing = Standing::Pending).contains("pending"));
        assert!(why(|client, _| *client = other_client()).contains("another client"));
    }

    #[test]
    fn the_sandbox_serves_its_own_team() {
        let (mut client, mut grant) = (client(), grant());
        client.standing = Standing::Pending;
        grant.holder.on_team = true;
        assert_eq!(grant_is_live(Act::UserData, &client, &grant), Ok(()));
        client.standing = Standing::Suspended;
        assert!(grant_is_live(Act::UserData, &client, &grant).is_err());
    }

    #[test]
    fn an_access_token_dies_at_its_last_second() {
        let token = access_token();
        assert_eq!(
            access_token_is_live(Act::UserData, &client(), &token, token.expires_at.plus(-1)),
            Ok(())
        );
        assert!(access_token_is_live(Act::UserData, &client(), &token, token.expires_at).is_err());
        assert!(access_token_is_live(Act::UserData, &other_client(), &token, NOW).is_err());
    }

    #[test]
    fn a_clients_own_token_dies_with_its_standing_only() {
        let (mut client, mut token) = (client(), access_token());
        token.grant = None;
        client.standing = Standing::Pending;
        assert_eq!(access_token_is_live(Act::UserData, &client, &token, NOW), Ok(()));
        client.standing = Standing::Suspended;
        assert!(access_token_is_live(Act::UserData, &client, &token, NOW).is_err());
    }

    #[test]
    fn case_055_a_refresh_token_dies_idle_at_the_end_of_its_grant_and_rotated_out() {
        let token = refresh_token();
        let live = |token: &RefreshFacts, after| {
            refresh_token_is_live(Act::Introspect, &client(), token, &World::after(after).ctx()).is_ok()
        };
        let (idle, absolute) = (90 * 86_400, 365 * 86_400);
        assert!(live(&token, idle - 1) && !live(&token, idle));
        let young = RefreshFacts {
            expires_at: NOW.plus(2 * absolute),
            ..token.clone()
        };
        assert!(live(&young, absolute - 1) && !live(&young, absolute));
        let mut rotated = token;
        rotated.grant.generation += 1;
        assert!(!live(&rotated, 0));
    }
}
