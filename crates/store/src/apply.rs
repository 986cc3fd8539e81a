//! From what a rule decided to statements.

use crate::portal::{Spend, in_order};
use crate::tables::{
    access_tokens, codes, consents, decoupled_requests, grants, parked_requests, pushed_requests,
    refresh_tokens, sessions, used_jtis,
};
use crate::{Fault, Statement, Store, Written};
use omniport_protocol::effect::{Fresh, Minted, Write};
use omniport_protocol::records::GrantOf;
use omniport_protocol::vocabulary::{GrantId, SecretHash, Timestamp};

impl Store {
    /// Makes all `writes` true, or none; what is new is called as `minted` says. Comes back once it is on disk.
    ///
    /// # Errors
    /// A [`Fault`]; [`Fault::Bug`] where something was not minted.
    pub async fn apply(&self, writes: &[Write], minted: &Minted) -> Result<Written, Fault> {
        self.write(statements(writes, minted)?).await
    }

    /// As [`Self::apply`], and spends all of `spends` in the same transaction: nothing is written where a bucket is empty.
    /// The inner error is then how many seconds one has to wait.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub async fn apply_within(
        &self,
        spends: &[Spend],
        writes: &[Write],
        minted: &Minted,
        now: Timestamp,
    ) -> Result<Result<Written, i64>, Fault> {
        let spends = in_order(spends);
        if let Some(wait) = self.refused(&spends, now) {
            return Ok(Err(wait));
        }
        let mut all: Vec<Statement> = spends.iter().map(|spend| spend.statement(now)).collect();
        all.extend(statements(writes, minted)?);
        Ok(match self.write(all).await? {
            Written::Conflict { statement } => match statement.checked_sub(spends.len()) {
                Some(statement) => Ok(Written::Conflict { statement }),
                None => match self.wait(&spends, now).await? {
                    Some(wait) => Err(wait),
                    None => Ok(Written::Conflict { statement: 0 }),
                },
            },
            Written::Applied => Ok(Written::Applied),
        })
    }
}

fn statements(writes: &[Write], minted: &Minted) -> Result<Vec<Statement>, Fault> {
    let mut statements = Vec::with_capacity(writes.len() * 2);
    let mut lives = Lives::of(writes, minted)?;
    for write in writes {
        add(write, minted, &mut lives, &mut statements)?;
    }
    statements.extend(lives.0.iter().map(|(id, until)| grants::outlive(*id, *until)));
    Ok(statements)
}

/// Until when grants must be kept for what comes to hang from them: written once for each grant, and along with what is
/// written of it anyway.
struct Lives(Vec<(GrantId, Timestamp)>);

impl Lives {
    fn of(writes: &[Write], minted: &Minted) -> Result<Self, Fault> {
        let mut lives: Vec<(GrantId, Timestamp)> = Vec::new();
        for write in writes {
            let (grant, until) = match write {
                Write::IssueAccessToken(token) => (token.grant, token.expires_at),
                Write::IssueRefreshToken(token) => (Some(token.grant), token.expires_at),
                _ => continue,
            };
            let Some(grant) = grant else { continue };
            let id = grant_id(grant, minted)?;
            match lives.iter_mut().find(|(known, _)| *known == id) {
                Some((_, latest)) => *latest = until.max(*latest),
                None => lives.push((id, until)),
            }
        }
        Ok(Self(lives))
    }

    /// Until when this grant must be kept at least: not earlier than `at_least`. What asks writes it.
    fn take(&mut self, id: GrantId, at_least: Timestamp) -> Timestamp {
        let place = self.0.iter().position(|(known, _)| *known == id);
        let until = place.map(|place| self.0.swap_remove(place).1);
        until.map_or(at_least, |until| until.max(at_least))
    }
}

fn grant_id(grant: GrantOf, minted: &Minted) -> Result<GrantId, Fault> {
    match grant {
        GrantOf::Stored(id) => Ok(id),
        GrantOf::Fresh => drawn_grant(minted),
    }
}

fn drawn(minted: &Minted, what: Fresh) -> Result<SecretHash, Fault> {
    minted
        .hash(what)
        .ok_or_else(|| Fault::Bug(format!("a decision needs a fresh {what:?} that was not drawn")))
}

fn drawn_grant(minted: &Minted) -> Result<GrantId, Fault> {
    minted
        .grant()
        .ok_or_else(|| Fault::Bug("a decision needs a fresh grant that was not drawn".into()))
}

fn add(
    write: &Write,
    minted: &Minted,
    lives: &mut Lives,
    statements: &mut Vec<Statement>,
) -> Result<(), Fault> {
    match write {
        Write::IssueCode(grant, code) => {
            let id = drawn_grant(minted)?;
            let dies_at = lives.take(id, code.expires_at);
            statements.push(grants::insert(id, grant, dies_at)?);
            statements.push(codes::insert(drawn(minted, Fresh::Code)?, id, code)?);
        }
        Write::IssueGrant(grant, dies_at) => {
            let id = drawn_grant(minted)?;
            statements.push(grants::insert(id, grant, lives.take(id, *dies_at))?);
        }
        Write::RedeemCode { code, at } => statements.push(codes::redeem(*code, *at)),
        Write::IssueAccessToken(token) => {
            let grant = token.grant.map(|grant| grant_id(grant, minted));
            let hash = if token.is_jwt {
                // The JWT itself does not exist yet: what is drawn is its name.
                let jti = minted.secret(Fresh::AccessToken);
                jti.map(|jti| SecretHash::of_jwt_id(jti.expose()))
            } else {
                minted.hash(Fresh::AccessToken)
            };
            let hash = hash.ok_or_else(|| Fault::Bug("an access token was not drawn".into()))?;
            statements.push(access_tokens::insert(hash, grant.transpose()?, token)?);
        }
        Write::IssueRefreshToken(token) => {
            let hash = drawn(minted, Fresh::RefreshToken)?;
            statements.push(refresh_tokens::insert(
                hash,
                grant_id(token.grant, minted)?,
                token,
            )?);
        }
        Write::RotateRefreshToken {
            grant,
            from,
            rotated_out,
            at,
        } => {
            let until = lives.take(*grant, *at);
            statements.push(grants::rotate(*grant, *from, *rotated_out, *at, until));
        }
        Write::ExpectGeneration { grant, generation } => {
            statements.push(grants::expect_generation(*grant, *generation));
        }
        Write::RevokeGrant { grant, at } => statements.push(grants::revoke(*grant, *at)),
        Write::RevokeAccessToken { token } => statements.push(access_tokens::delete(*token)),
        Write::PutConsent {
            person,
            client,
            version,
            allowed,
            at,
        } => statements.push(consents::put(*person, client, *version, allowed, *at)),
        Write::WithdrawConsent { person, client, at } => {
            statements.extend(consents::withdraw(*person, client, *at));
        }
        Write::EndSession { session, at } => statements.extend(sessions::end(*session, *at)),
        Write::ParkRequest(_)
        | Write::PushRequest(_)
        | Write::FinishPushed { .. }
        | Write::ForgetPushed { .. }
        | Write::FinishRequest { .. } => add_waiting(write, minted, statements)?,
        Write::AskElsewhere(_)
        | Write::AllowDecoupled { .. }
        | Write::DenyDecoupled { .. }
        | Write::RedeemDecoupled { .. }
        | Write::NotePoll { .. } => add_decoupled(write, minted, statements)?,
        // It is spent ([`Store::apply_within`]), and no row says more.
        Write::AskedNobody { .. } => {}
        Write::UseJti { jti, expires_at } => statements.push(used_jtis::insert(*jti, *expires_at)),
    }
    Ok(())
}

/// What happens to requests that wait for their person.
fn add_waiting(write: &Write, minted: &Minted, statements: &mut Vec<Statement>) -> Result<(), Fault> {
    match write {
        Write::ParkRequest(request) => {
            statements.extend(request.pushed.map(pushed_requests::expect));
            statements.push(parked_requests::insert(
                drawn(minted, Fresh::ParkedRequest)?,
                request,
            )?);
        }
        Write::PushRequest(request) => {
            statements.push(pushed_requests::insert(
                drawn(minted, Fresh::PushedRequest)?,
                request,
            )?);
        }
        Write::FinishPushed { request } => {
            statements.push(pushed_requests::finish(*request));
            statements.push(parked_requests::finish_all_of(*request));
        }
        Write::ForgetPushed { request } => {
            statements.push(pushed_requests::forget(*request));
            statements.push(parked_requests::finish_all_of(*request));
        }
        Write::FinishRequest { request } => statements.push(parked_requests::finish(*request)),
        _ => {}
    }
    Ok(())
}

/// What happens to requests that are answered elsewhere.
fn add_decoupled(write: &Write, minted: &Minted, statements: &mut Vec<Statement>) -> Result<(), Fault> {
    match write {
        Write::AskElsewhere(new) => {
            let code = drawn(minted, Fresh::DecoupledCode)?;
            let user_code = minted
                .hash(Fresh::UserCode)
                .filter(|_| write.fresh().contains(&Fresh::UserCode));
            let notify = match new.notification_token {
                Some(_) => Some(
                    minted
                        .sealed()
                        .ok_or_else(|| Fault::Bug("a notification token was not sealed".into()))?,
                ),
                None => None,
            };
            statements.push(decoupled_requests::insert(code, user_code, &new.request, notify)?);
        }
        Write::AllowDecoupled {
            code,
            grant,
            expires_at,
        } => {
            let id = drawn_grant(minted)?;
            statements.push(grants::insert(id, grant, *expires_at)?);
            statements.push(decoupled_requests::allow(*code, id, grant.at));
        }
        Write::DenyDecoupled { code, at } => statements.push(decoupled_requests::deny(*code, *at)),
        Write::RedeemDecoupled { code } => statements.push(decoupled_requests::redeem(*code)),
        Write::NotePoll { code, at, slower_by } => {
            statements.push(decoupled_requests::note_poll(*code, *at, *slower_by));
        }
        _ => {}
    }
    Ok(())
}
