//! The refresh family as a state machine: any earlier token presented at any time, judged by its history alone.

use crate::ctx::Policy;
use crate::effect::{Decision, Loaded, Operation as _, Write};
use crate::error::Refusal;
use crate::records::{Grant, RefreshFacts};
use crate::testing::{CLIENT, SECRET, World, basic, client, grant, params};
use crate::token::{TokenReply, TokenRequest};
use crate::vocabulary::{SecretHash, Timestamp};
use proptest::prelude::*;

const GRACE: i64 = 30;

/// One refresh token ever issued, and what became of it.
struct Token {
    text: String,
    generation: u32,
    expires_at: Timestamp,
    /// The one whose use issued it.
    parent: Option<usize>,
    /// When it was first used.
    used: Option<Timestamp>,
}

/// A store of one family, which believes every write whose guard holds.
struct Family {
    world: World,
    grant: Grant,
    tokens: Vec<Token>,
}

impl Family {
    fn new() -> Self {
        let mut world = World::new();
        world.policy = Policy {
            refresh_idle_seconds: 300,
            refresh_absolute_seconds: 1_500,
            refresh_grace_seconds: GRACE,
            ..Policy::default()
        };
        let first = Token {
            text: "token-0".into(),
            generation: grant().generation,
            expires_at: world.now.plus(300),
            parent: None,
            used: None,
        };
        Self {
            world,
            grant: grant(),
            tokens: vec![first],
        }
    }

    fn present(&self, at: usize) -> Decision<Result<TokenReply, Refusal>> {
        let token = &self.tokens[at];
        let form = [("grant_type", "refresh_token"), ("refresh_token", &*token.text)];
        let request = TokenRequest::parse(Some(&basic(CLIENT, SECRET)), params(&form)).unwrap();
        let loaded = Loaded {
            client: Some(client().into()),
            refresh_token: Some(RefreshFacts {
                hash: SecretHash::of(&token.text),
                generation: token.generation,
                confirmation: None,
                expires_at: token.expires_at,
                grant: self.grant.clone(),
            }),
            ..Loaded::default()
        };
        request.decide(&loaded, &self.world.ctx())
    }

    fn apply(&mut self, presented: usize, writes: Vec<Write>) {
        for write in writes {
            match write {
                Write::RotateRefreshToken {
                    from,
                    rotated_out,
                    at,
                    ..
                } => {
                    assert!(!self.grant.revoked && self.grant.generation == from);
                    self.grant.generation += 1;
                    self.grant.rotated_out = Some((rotated_out, at));
                }
                Write::ExpectGeneration { generation, .. } => {
                    assert!(!self.grant.revoked && self.grant.generation == generation);
                }
                Write::IssueRefreshToken(new) => self.tokens.push(Token {
                    text: format!("token-{}", self.tokens.len()),
                    generation: new.generation,
                    expires_at: new.expires_at,
                    parent: Some(presented),
                    used: None,
                }),
                Write::RevokeGrant { .. } => self.grant.revoked = true,
                Write::IssueAccessToken(_) => {}
                other => panic!("a refresh never writes {other:?}"),
            }
        }
    }

    /// Whether a token that `of` led to was used.
    fn a_successor_was_used(&self, of: usize) -> bool {
        self.tokens
            .iter()
            .any(|t| t.parent == Some(of) && t.used.is_some())
    }

    /// Whether another token of the same parent was used.
    fn a_twin_was_used(&self, at: usize) -> bool {
        let parent = self.tokens[at].parent;
        let mut others = self.tokens.iter().enumerate().filter(|(other, _)| *other != at);
        parent.is_some() && others.any(|(_, t)| t.parent == parent && t.used.is_some())
    }

    /// By its history alone: was this token never used and never overtaken, or is it asked again for a lost answer?
    fn is_rightful(&self, at: usize) -> bool {
        match self.tokens[at].used {
            None => !self.a_twin_was_used(at),
            Some(used) => !self.a_successor_was_used(at) && self.world.now < used.plus(GRACE),
        }
    }

    /// Presents a token, checks the answer against the history, and lets it become true.
    fn step(&mut self, at: usize) -> Result<(), TestCaseError> {
        let decision = self.present(at);
        let (now, token) = (self.world.now, &self.tokens[at]);
        let expired = now >= token.expires_at || now >= self.grant.created_at.plus(1_500);
        let was_revoked = self.grant.revoked;
        let rightful = self.is_rightful(at);
        let succeeds = decision.reply.is_ok();
        prop_assert_eq!(succeeds, rightful && !expired && !was_revoked, "token {}", at);
        self.apply(at, decision.writes);
        prop_assert_eq!(
            self.grant.revoked,
            was_revoked || !rightful,
            "reuse kills, and nothing else does"
        );
        if succeeds {
            self.tokens[at].used.get_or_insert(now);
        }
        // At most one live lineage: the token used just now, and what it led to.
        for other in 0..self.tokens.len() {
            let related = other == at || self.tokens[other].parent == Some(at);
            let live = self.present(other).reply.is_ok();
            prop_assert!(!live || !self.grant.revoked, "nothing of a dead grant is live");
            prop_assert!(!live || !succeeds || related, "token {} beside {}", other, at);
        }
        Ok(())
    }
}

/// How far back from the newest token, and how many seconds to wait before it is presented.
fn any_step() -> impl Strategy<Value = (usize, i64)> {
    let back = prop_oneof![8 => Just(0_usize), 3 => Just(1_usize), 1 => 2_usize..8];
    let wait = prop_oneof![4 => 0_i64..5, 2 => 28_i64..32, 2 => 0_i64..200, 1 => 298_i64..302];
    (back, wait)
}

proptest! {
    #[test]
    fn case_050_case_055_case_056_a_family_has_one_live_lineage(steps in proptest::collection::vec(any_step(), 1..40)) {
        let mut family = Family::new();
        for (back, wait) in steps {
            family.world.now = family.world.now.plus(wait);
            let newest = family.tokens.len() - 1;
            family.step(newest.saturating_sub(back))?;
        }
    }
}

#[test]
fn case_056_two_answers_to_one_token_end_in_one() {
    let mut family = Family::new();
    family.step(0).unwrap();
    family.step(0).unwrap();
    assert_eq!(family.tokens.len(), 3, "the lost answer was given again");
    family.step(2).unwrap();
    assert!(!family.grant.revoked);
    family.step(1).unwrap();
    assert!(
        family.grant.revoked,
        "the twin of a used token is a copy in other hands"
    );
}
