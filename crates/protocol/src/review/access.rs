//! Who may do what with an app, by where it stands: one table, which every code path asks and a test reads whole.

use super::Standing;
use crate::authorize::Door;
use crate::records::Holder;
use crate::vocabulary::{ClientId, GrantType};

/// What is to be done with an app, or by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// An authorisation request at the walkthrough's door.
    AuthoriseWalkthrough,
    /// An authorisation request at the standards' door.
    AuthoriseStandard,
    /// A pushed authorisation request (RFC 9126): the person is not known yet.
    Push,
    /// A device authorisation request (RFC 8628 section 3.1): the person is not known yet.
    AskForDevice,
    /// A request to a person who is not at the app (OpenID Connect CIBA section 7).
    AskPerson,
    /// A code for tokens.
    RedeemCode,
    /// A refresh token for tokens.
    Refresh,
    /// A token on the app's own behalf (`client_credentials`).
    ActForItself,
    /// Any other grant for tokens.
    OtherGrant,
    /// A token that introspection calls active.
    Introspect,
    /// `OpenID`'s claims.
    UserInfo,
    /// The walkthrough's user data.
    UserData,
    /// The app's own registration (RFC 7592), by its registration access token.
    Manage,
    /// Leading the browser back to the app after a sign-out (OpenID Connect RP-Initiated Logout section 3).
    LeadBack,
}

/// How far an app reaches with an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nobody at all.
    Nobody,
    /// Its own team and its test people.
    Sandbox,
    /// Everybody.
    Everybody,
}

/// For whom an app would act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// For itself, or for somebody who is not known yet.
    App,
    /// One of its own team.
    Team,
    /// A test person that its own team made.
    TestPerson,
    /// Anybody else.
    Person,
    /// A test person of another app: never served, wherever the app stands.
    AnothersTestPerson,
}

impl Who {
    /// Everybody there is.
    pub const ALL: [Self; 5] = [
        Self::App,
        Self::Team,
        Self::TestPerson,
        Self::Person,
        Self::AnothersTestPerson,
    ];

    /// Who somebody is to the app `client`.
    pub fn of(client: &ClientId, holder: &Holder, on_team: bool) -> Self {
        match &holder.test_of {
            Some(own) if own == client => Self::TestPerson,
            Some(_) => Self::AnothersTestPerson,
            None if on_team => Self::Team,
            None => Self::Person,
        }
    }
}

use Reach::{Everybody as E, Nobody as N, Sandbox as S};

/// The table. Its columns are [`Standing::ALL`]: draft, pending, changes requested, rejected, approved, suspended.
const TABLE: [(Act, [Reach; 6]); 14] = [
    (Act::AuthoriseWalkthrough, [S, S, S, S, E, N]),
    (Act::AuthoriseStandard, [S, S, S, S, E, N]),
    (Act::Push, [S, S, S, S, E, N]),
    (Act::AskForDevice, [S, S, S, S, E, N]),
    (Act::AskPerson, [S, S, S, S, E, N]),
    (Act::RedeemCode, [S, S, S, S, E, N]),
    (Act::Refresh, [S, S, S, S, E, N]),
    (Act::ActForItself, [S, S, S, S, E, N]),
    (Act::OtherGrant, [S, S, S, S, E, N]),
    (Act::Introspect, [S, S, S, S, E, N]),
    (Act::UserInfo, [S, S, S, S, E, N]),
    (Act::UserData, [S, S, S, S, E, N]),
    (Act::Manage, [S, S, S, S, E, N]),
    (Act::LeadBack, [S, S, S, S, E, N]),
];

impl Act {
    /// An authorisation request at `door`.
    pub const fn at(door: Door) -> Self {
        match door {
            Door::Walkthrough => Self::AuthoriseWalkthrough,
            Door::Standard => Self::AuthoriseStandard,
            Door::Device => Self::AskForDevice,
            Door::Backchannel => Self::AskPerson,
        }
    }

    /// The use of a grant, by its name on the wire.
    pub fn of_grant(grant_type: &str) -> Self {
        match grant_type {
            GrantType::AUTHORIZATION_CODE => Self::RedeemCode,
            GrantType::REFRESH_TOKEN => Self::Refresh,
            GrantType::CLIENT_CREDENTIALS => Self::ActForItself,
            _ => Self::OtherGrant,
        }
    }

    /// How far an app that stands so reaches with this act.
    pub fn reach(self, standing: Standing) -> Reach {
        let row = TABLE.iter().find(|(act, _)| *act == self);
        let column = Standing::ALL.iter().position(|known| *known == standing);
        match (row, column) {
            (Some((_, reaches)), Some(at)) => reaches.get(at).copied().unwrap_or(N),
            _ => N,
        }
    }

    /// Whether an app that stands so may do this for `who`.
    pub fn serves(self, standing: Standing, who: Who) -> bool {
        match self.reach(standing) {
            N => false,
            S => matches!(who, Who::App | Who::Team | Who::TestPerson),
            E => who != Who::AnothersTestPerson,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{client, holder, other_client};

    #[test]
    fn the_matrix() {
        for (act, _) in TABLE {
            for standing in Standing::ALL {
                let served = Who::ALL.map(|who| act.serves(standing, who));
                let expected = match standing {
                    Standing::Approved => [true, true, true, true, false],
                    Standing::Suspended => [false; 5],
                    _ => [true, true, true, false, false],
                };
                assert_eq!(served, expected, "{act:?} of an app that is {standing:?}");
            }
        }
    }

    #[test]
    fn every_act_has_one_row() {
        let rows: std::collections::HashSet<_> = TABLE.iter().map(|(act, _)| act).collect();
        assert_eq!(rows.len(), TABLE.len());
        for door in Door::ALL.into_iter().chain(Door::DECOUPLED) {
            assert!(rows.contains(&Act::at(door)));
        }
        for grant in crate::token::registry() {
            assert!(rows.contains(&Act::of_grant(grant.grant_type())));
        }
    }

    #[test]
    fn a_test_person_belongs_to_one_app() {
        let (own, other) = (client().id, other_client().id);
        let mut person = holder();
        assert_eq!(Who::of(&own, &person, true), Who::Team);
        assert_eq!(Who::of(&own, &person, false), Who::Person);
        person.test_of = Some(own.clone());
        assert_eq!(Who::of(&own, &person, false), Who::TestPerson);
        // Even one that was put on another app's team by mistake.
        assert_eq!(Who::of(&other, &person, true), Who::AnothersTestPerson);
    }
}
