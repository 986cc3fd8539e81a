//! Apps: registering, reading and deleting them.

use super::apis;
use super::listing::pattern;
use super::people::fold;
use super::registrations;
use super::review::{self, ReviewWhat};
use super::secrets::{self, NewSecret};
use super::team;
use crate::tables::clients;
use crate::value::to_json_text;
use crate::{Fault, Query, Row, Statement, Store};
use omniport_protocol::review::{App, Manifest, Stage, Standing, Version, look};
use omniport_protocol::vocabulary::{ClientId, Legacy, PersonId, SecretHash, Timestamp};

/// Most people of an app that are counted.
pub const MOST_COUNTED: u64 = 10_000;
/// How many consents are looked at for that: an app has 100 test people at most, who do not count, and one more tells that
/// there are more.
const LOOKED_AT: u32 = 10_101;
const _: () = assert!(LOOKED_AT as u64 == MOST_COUNTED + 101, "one says the other");

/// An app to be registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewApp {
    /// Its identifier.
    pub id: ClientId,
    /// Who registers it: on its team from the start.
    pub creator: PersonId,
    /// Its first version.
    pub manifest: Manifest,
    /// Where it stands: of an approved one, the first version is live; of every other, proposed.
    pub standing: Standing,
    /// What a maintainer lets it do that nobody new may.
    pub legacy: Legacy,
    /// Its secret; none of a public client.
    pub secret: Option<NewSecret>,
    /// The hash of the token by which it manages itself, where it registered itself.
    pub registration: Option<SecretHash>,
    /// How many apps its creator may have registered, with this one; none: as many as they like.
    pub most: Option<u32>,
    /// Now.
    pub at: Timestamp,
}

/// Reads `app_columns`.
pub(super) fn read(row: &mut Row) -> Result<App, Fault> {
    let (id, creator) = (row.client()?, row.person()?);
    let (standing, stage) = clients::standing(row)?;
    Ok(App {
        id,
        creator,
        standing,
        stage,
        last_version: row.number()?,
        legacy: Legacy {
            plain_pkce: row.flag()?,
            implicit: row.flag()?,
            password: row.flag()?,
        },
        created_at: row.at()?,
        live: version(row)?,
        proposed: version(row)?,
    })
}

fn version(row: &mut Row) -> Result<Option<Version>, Fault> {
    match (row.opt_number()?, row.opt_json()?, row.opt_at()?) {
        (Some(number), Some(manifest), Some(at)) => Ok(Some(Version { number, manifest, at })),
        _ => Ok(None),
    }
}

impl Store {
    /// Registers an app with its first version, its secret, its creator on the team and its history begun;
    /// `false` where the identifier is taken, or its creator has registered as many as they may.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn insert_app(&self, app: NewApp) -> Result<bool, Fault> {
        self.insert_app_with(app, Vec::new()).await
    }

    /// As [`Self::insert_app`], with more that is to be true of it at once.
    pub(super) async fn insert_app_with(&self, app: NewApp, more: Vec<Statement>) -> Result<bool, Fault> {
        let event = |what| review::event(&app.id, app.at, Some(app.creator), what, "", 1);
        let mut statements = app.most.map_or_else(Vec::new, |most| room(app.creator, most));
        statements.extend([
            insert(&app),
            insert_version(&app.id, 1, &app.manifest, Some(app.creator), app.at)?,
            team::insert(&app.id, app.creator, app.at),
            event(match app.standing {
                Standing::Draft => ReviewWhat::Drafted,
                _ => ReviewWhat::Submitted,
            }),
        ]);
        if app.standing == Standing::Approved {
            statements.push(review::event(&app.id, app.at, None, ReviewWhat::Approved, "", 1));
        }
        if let Some(secret) = &app.secret {
            statements.push(secrets::insert(&app.id, secret, app.at));
        }
        if let Some(token) = app.registration {
            statements.push(registrations::insert(&app.id, token, app.at));
        }
        statements.extend(apis::asks(&app.id, &app.manifest, app.at));
        statements.extend(more);
        Ok(self.act(statements).await?.is_applied())
    }

    /// The app of this identifier.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn app(&self, id: &ClientId) -> Result<Option<App>, Fault> {
        let sql = concat!(
            "SELECT ",
            app_columns!(),
            " FROM apps a ",
            app_joins!(),
            " WHERE a.client_id = ?1"
        );
        self.maybe(Query::key(sql, vec![id.into()]), read).await
    }

    /// The app of this identifier, where the person is on its team: to everyone else it does not exist.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn app_of_member(&self, id: &ClientId, member: PersonId) -> Result<Option<App>, Fault> {
        let sql = concat!(
            "SELECT ",
            app_columns!(),
            " FROM apps a JOIN team t ON t.client_id = a.client_id ",
            app_joins!(),
            " WHERE a.client_id = ?1 AND t.person_id = ?2"
        );
        self.maybe(Query::key(sql, vec![id.into(), member.into()]), read)
            .await
    }

    /// At most `limit` of the apps whose team a person is on with `search` in their name or client ID, whatever the case
    /// (empty: all), the newest first, behind the one registered at `after` under that identifier; each with how many people
    /// have allowed it, as far as [`Self::connected_people`] counts.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn apps_of(
        &self,
        member: PersonId,
        search: &str,
        after: Option<(Timestamp, &ClientId)>,
        limit: u32,
    ) -> Result<Vec<(App, u64)>, Fault> {
        let sql = concat!(
            "SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM consents c WHERE c.client_id = a.client_id LIMIT ?6) AS found) \
             - (SELECT COUNT(*) FROM people p JOIN consents t ON t.person_id = p.id \
                WHERE p.test_of = a.client_id AND t.client_id = a.client_id), ",
            app_columns!(),
            " FROM team t JOIN apps a ON a.client_id = t.client_id ",
            app_joins!(),
            " WHERE t.person_id = ?1 AND (a.created_at < ?2 OR (a.created_at = ?2 AND a.client_id > ?3)) \
               AND (?5 = '' OR l.name_folded LIKE ?5 ESCAPE '!' OR w.name_folded LIKE ?5 ESCAPE '!' \
                 OR LOWER(a.client_id) LIKE ?5 ESCAPE '!') \
             ORDER BY a.created_at DESC, a.client_id LIMIT ?4"
        );
        let params = vec![
            member.into(),
            after
                .map_or(Timestamp::from_seconds(i64::MAX), |(at, _)| at)
                .into(),
            after.map_or("", |(_, id)| id.as_str()).into(),
            limit.into(),
            pattern(search).into(),
            LOOKED_AT.into(),
        ];
        let with_people = |row: &mut Row| {
            let people = u64::try_from(row.int()?).unwrap_or_default();
            Ok((read(row)?, people))
        };
        self.list(Query::list(sql, params), with_people).await
    }

    /// Whether a person is on any team.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn is_on_a_team(&self, person: PersonId) -> Result<bool, Fault> {
        let query = Query::key(
            "SELECT 1 FROM team WHERE person_id = ?1 LIMIT 1",
            vec![person.into()],
        );
        Ok(!self.rows(query).await?.is_empty())
    }

    /// One version of an app, also one that neither serves nor waits any more (a rejected change).
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn app_version(&self, id: &ClientId, number: u32) -> Result<Option<Version>, Fault> {
        let query = Query::key(
            "SELECT number, manifest, made_at FROM manifests WHERE client_id = ?1 AND number = ?2",
            vec![id.into(), number.into()],
        );
        Ok(self.maybe(query, version).await?.flatten())
    }

    /// A version of an app, and the one before it where there is one; empty where there is no such version.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn app_version_and_before(&self, id: &ClientId, number: u32) -> Result<Vec<Version>, Fault> {
        let query = Query::list(
            "SELECT number, manifest, made_at FROM manifests WHERE client_id = ?1 AND number <= ?2 \
             ORDER BY number DESC LIMIT 2",
            vec![id.into(), number.into()],
        );
        let found: Vec<Version> = self.list(query, version).await?.into_iter().flatten().collect();
        let is_there = found.first().is_some_and(|newest| newest.number == number);
        Ok(if is_there { found } else { Vec::new() })
    }

    /// Deletes an app and all that hangs from it: versions, secrets, team, history, grants and their tokens,
    /// consents. Its test people are disabled, for their numbers never become somebody else's. `false` where there was
    /// none.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn delete_app(&self, id: &ClientId, at: Timestamp) -> Result<bool, Fault> {
        let delete = Statement::one("DELETE FROM apps WHERE client_id = ?1", vec![id.into()]);
        let mut statements = vec![delete];
        statements.extend(super::test_people::disable_all(id, at));
        Ok(self.act(statements).await?.is_applied())
    }

    /// The names of other apps that look like this app's `name`; five at most.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn names_alike(&self, id: &ClientId, name: &str) -> Result<Vec<String>, Fault> {
        let query = Query::list(
            "SELECT DISTINCT m.name FROM manifests m JOIN apps a ON a.client_id = m.client_id \
               AND (m.number = a.live_version OR m.number = a.proposed_version) \
             WHERE m.look = ?2 AND m.client_id <> ?1 ORDER BY m.name LIMIT 5",
            vec![id.into(), look(name).into()],
        );
        let names = self.list(query, Row::text).await?;
        // A name without a letter that looks like anything looks like nothing.
        Ok(if look(name).is_empty() { Vec::new() } else { names })
    }

    /// How many apps a person registered that are still there.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn apps_made_by(&self, creator: PersonId) -> Result<u64, Fault> {
        let sql = "SELECT COUNT(*) FROM apps WHERE creator_id = ?1";
        self.count(Query::list(sql, vec![creator.into()])).await
    }

    /// How many people have allowed an app, as far as [`MOST_COUNTED`]: more stands for any number beyond, so that no page
    /// waits longer the more an app is used. Its test people, of whom there are 100 at most, are nobody.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn connected_people(&self, id: &ClientId) -> Result<u64, Fault> {
        let sql = "SELECT COUNT(*) - (SELECT COUNT(*) FROM people p JOIN consents t ON t.person_id = p.id \
             WHERE p.test_of = ?1 AND t.client_id = ?1) \
             FROM (SELECT 1 FROM consents WHERE client_id = ?1 LIMIT ?2) AS found";
        self.count(Query::list(sql, vec![id.into(), LOOKED_AT.into()]))
            .await
    }
}

/// Whether a person has registered fewer apps than `most`. One of theirs after another: two at once must not make one too
/// many, so the count is a statement of its own, behind the lock.
fn room(creator: PersonId, most: u32) -> Vec<Statement> {
    vec![
        Statement::one(
            "UPDATE people SET username = username WHERE id = ?1",
            vec![creator.into()],
        ),
        Statement::one(
            "UPDATE people SET username = username WHERE id = ?1 \
             AND (SELECT COUNT(*) FROM apps WHERE creator_id = ?1) < ?2",
            vec![creator.into(), most.into()],
        ),
    ]
}

fn insert(app: &NewApp) -> Statement {
    let approved = app.standing == Standing::Approved;
    let stage = match app.standing {
        Standing::Draft => Stage::Draft,
        Standing::ChangesRequested | Standing::Rejected => Stage::Returned,
        Standing::Pending | Standing::Approved | Standing::Suspended => Stage::Submitted,
    };
    Statement::one(
        "INSERT INTO apps (client_id, creator_id, standing, live_version, proposed_version, last_version, \
         legacy_plain_pkce, legacy_implicit, created_at, submitted_at, decided_at, stage, legacy_password) \
         VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?9, ?7, ?7, ?8, ?10, ?11)",
        vec![
            (&app.id).into(),
            app.creator.into(),
            app.standing.stored().into(),
            approved.then_some(1_u32).into(),
            (!approved).then_some(1_u32).into(),
            app.legacy.plain_pkce.into(),
            app.at.into(),
            approved.then_some(app.at).into(),
            app.legacy.implicit.into(),
            stage.as_str().into(),
            app.legacy.password.into(),
        ],
    )
}

/// Writes a version down, for good.
pub(super) fn insert_version(
    id: &ClientId,
    number: u32,
    manifest: &Manifest,
    by: Option<PersonId>,
    at: Timestamp,
) -> Result<Statement, Fault> {
    let text = to_json_text(manifest)?;
    let digest = SecretHash::of(&text);
    Ok(Statement::one(
        "INSERT INTO manifests (client_id, number, manifest, name, name_folded, logo, made_at, made_by, digest, look) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        vec![
            id.into(),
            number.into(),
            text.into(),
            manifest.name.as_str().into(),
            fold(&manifest.name).into(),
            manifest.logo.as_deref().into(),
            at.into(),
            by.into(),
            digest.into(),
            look(&manifest.name).into(),
        ],
    ))
}
