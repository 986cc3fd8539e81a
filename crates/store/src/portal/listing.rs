//! Lists of apps, for review and for the commands.

use super::apps;
use super::people::fold;
use crate::{Fault, Query, Row, Store};
use omniport_protocol::records::PersonData;
use omniport_protocol::review::{App, Stage, Standing};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};

/// Which apps a list shows; everything by default.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AppFilter {
    /// Only those that stand so.
    pub standing: Option<Standing>,
    /// Only those that a maintainer is asked to look at ([`App::awaits_review`]).
    pub awaiting_review: bool,
    /// Only those that a maintainer sent back, whose team has yet to answer: the app, or a change of it.
    pub with_team: bool,
    /// Only those that took their place in the queue before this.
    pub submitted_before: Option<Timestamp>,
    /// Only those that somebody, or nobody, reviews.
    pub claimed: Option<Claimed>,
    /// Only those with this in their name or client ID or their owner's username, whatever the case; empty: all.
    pub search: String,
}

/// Who reviews an app, as a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// Nobody yet.
    ByNobody,
    /// This maintainer.
    By(PersonId),
}

/// A maintainer's word that they review an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who.
    pub by: PersonId,
    /// Their username.
    pub username: String,
    /// Since when.
    pub at: Timestamp,
}

/// Where the next page of a list begins: behind the last app of this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppCursor {
    /// When that app took its place in the queue.
    pub submitted_at: Timestamp,
    /// Its identifier, for those of the same second.
    pub id: ClientId,
}

/// An app in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedApp {
    /// The app.
    pub app: App,
    /// The username of whose it is.
    pub owner: String,
    /// Their values, for a name.
    pub owner_data: PersonData,
    /// When it took its place in the review queue.
    pub submitted_at: Timestamp,
    /// When a maintainer last decided, if one did.
    pub decided_at: Option<Timestamp>,
    /// Who reviews it, if somebody does.
    pub claim: Option<Claim>,
}

impl ListedApp {
    /// The cursor behind it.
    pub fn cursor(&self) -> AppCursor {
        AppCursor {
            submitted_at: self.submitted_at,
            id: self.app.id.clone(),
        }
    }
}

/// The columns and tables of a list; read by [`read`].
macro_rules! listed_apps {
    () => {
        concat!(
            "SELECT a.submitted_at, a.decided_at, o.username, o.data, a.claimed_by, c.username, a.claimed_at, ",
            app_columns!(),
            " FROM apps a JOIN people o ON o.id = COALESCE(a.owner_id, a.creator_id) LEFT JOIN people c ON c.id = a.claimed_by ",
            app_joins!()
        )
    };
}

/// [`App::awaits_review`], of the app `a`.
macro_rules! awaits_review {
    () => {
        "(a.stage = 'submitted' AND (a.standing = 'pending' \
           OR (a.standing = 'approved' AND a.proposed_version IS NOT NULL)))"
    };
}

impl Store {
    /// At most `limit` apps, those that have waited longest first, behind `after`.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn apps(
        &self,
        filter: &AppFilter,
        after: Option<&AppCursor>,
        limit: u32,
    ) -> Result<Vec<ListedApp>, Fault> {
        let sql = concat!(
            listed_apps!(),
            " WHERE (?1 = '' OR a.standing = ?1) AND (?7 = '' OR a.stage = ?7) \
               AND a.submitted_at < ?8 AND (?9 < 0 OR COALESCE(a.claimed_by, 0) = ?9) AND (CAST(?2 AS BIGINT) = 0 OR ",
            awaits_review!(),
            ") AND (CAST(?10 AS BIGINT) = 0 OR (a.stage = 'returned' AND a.standing <> 'suspended' \
                AND a.proposed_version IS NOT NULL)) \
               AND (?3 = '' OR l.name_folded LIKE ?3 ESCAPE '!' OR w.name_folded LIKE ?3 ESCAPE '!' \
                   OR LOWER(a.client_id) LIKE ?3 ESCAPE '!' OR o.username_folded LIKE ?3 ESCAPE '!') \
              AND (a.submitted_at, a.client_id) > (?4, ?5) \
             ORDER BY a.submitted_at, a.client_id LIMIT ?6"
        );
        let standing = filter.standing.map_or("", Standing::stored);
        // The stage tells the standings before a first verdict apart; of the others it says something else.
        let stage = Stage::ALL
            .into_iter()
            .find(|stage| Some(stage.standing()) == filter.standing);
        let before = filter
            .submitted_before
            .unwrap_or(Timestamp::from_seconds(i64::MAX));
        let claimed = match filter.claimed {
            None => -1,
            Some(Claimed::ByNobody) => 0,
            Some(Claimed::By(person)) => person.0,
        };
        let after_at = after.map_or(Timestamp::from_seconds(i64::MIN), |cursor| cursor.submitted_at);
        let params = vec![
            standing.into(),
            filter.awaiting_review.into(),
            pattern(&filter.search).into(),
            after_at.into(),
            after.map_or("", |cursor| cursor.id.as_str()).into(),
            limit.into(),
            stage.map_or("", Stage::as_str).into(),
            before.into(),
            claimed.into(),
            filter.with_team.into(),
        ];
        self.list(Query::list(sql, params), read).await
    }

    /// One app as lists show it.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn listed_app(&self, id: &ClientId) -> Result<Option<ListedApp>, Fault> {
        let sql = concat!(listed_apps!(), " WHERE a.client_id = ?1");
        self.maybe(Query::key(sql, vec![id.into()]), read).await
    }

    /// How many apps a maintainer is asked to look at.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn apps_awaiting_review(&self) -> Result<u64, Fault> {
        let sql = concat!("SELECT COUNT(*) FROM apps a WHERE ", awaits_review!());
        self.count(Query::list(sql, Vec::new())).await
    }
}

fn read(row: &mut Row) -> Result<ListedApp, Fault> {
    Ok(ListedApp {
        submitted_at: row.at()?,
        decided_at: row.opt_at()?,
        owner: row.text()?,
        owner_data: row.json()?,
        claim: match (row.opt_int()?, row.opt_text()?, row.opt_at()?) {
            (Some(by), Some(username), Some(at)) => Some(Claim {
                by: PersonId(by),
                username,
                at,
            }),
            _ => None,
        },
        app: apps::read(row)?,
    })
}

/// `search` as a pattern for LIKE that finds it anywhere, taken literally; empty stays empty.
pub(super) fn pattern(search: &str) -> String {
    let search = fold(search.trim());
    if search.is_empty() {
        return search;
    }
    let mut pattern = String::from("%");
    for c in search.chars() {
        if matches!(c, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn a_search_is_taken_literally() {
        assert_eq!(pattern("  "), "");
        assert_eq!(pattern(" 50%_Off! "), "%50!%!_off!!%");
    }
}
