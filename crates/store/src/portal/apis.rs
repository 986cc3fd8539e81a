//! APIs, what apps ask of them, and what their owners say to it.

use super::notices::{self, News};
use crate::changes::announcement;
use crate::tables::clients;
use crate::{Fault, Query, Row, Statement, Store, Topic, Written};
use omniport_protocol::apis::{
    ApiScope, DetailsType, Resource, ResourceId, ResourceUri, Schema, TokenFormat,
};
use omniport_protocol::jose::SigningAlgorithm;
use omniport_protocol::review::{Manifest, Standing};
use omniport_protocol::vocabulary::{ClientId, PersonId, Timestamp};
use std::collections::HashMap;

/// Most APIs of an instance: all of them are read at a time, and kept in memory.
pub const MAX_APIS: u32 = 2_000;

/// What another API has already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiTaken {
    /// The identifier.
    Uri,
    /// The name of a scope or a type.
    Name(String),
}

/// Something that an app asks of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiAsk {
    /// The app.
    pub client: ClientId,
    /// Its name, as its serving version has it.
    pub app: String,
    /// SHA-256 of its logo in hexadecimal, where that version has one.
    pub logo: Option<String>,
    /// Where it stands.
    pub standing: Standing,
    /// What it asks for: a scope, a type, or the API's identifier.
    pub name: String,
    /// Since when.
    pub asked_at: Timestamp,
    /// What the API's owner said: none, nothing yet.
    pub approved: Option<bool>,
    /// When they said it.
    pub decided_at: Option<Timestamp>,
    /// What they said with it.
    pub comment: String,
}

/// Notes what a version of an app asks of APIs; what was decided about it before stays.
pub(super) fn asks(client: &ClientId, manifest: &Manifest, at: Timestamp) -> Vec<Statement> {
    let names = manifest.api_scopes.iter().chain(&manifest.details_types);
    names
        .map(|name| {
            Statement::any(
                "INSERT INTO app_scopes (client_id, name, asked_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                vec![client.into(), name.as_str().into(), at.into()],
            )
        })
        .collect()
}

fn insert_names(resource: &Resource) -> Vec<Statement> {
    let whole = (resource.uri.as_str(), "uri", "", None);
    let scopes = resource
        .scopes
        .iter()
        .map(|scope| (scope.name.as_str(), "scope", scope.description.as_str(), None));
    let types = resource.details.iter().map(|one| {
        let schema = Some(one.schema.as_str());
        (one.name.as_str(), "details", one.description.as_str(), schema)
    });
    let all = std::iter::once(whole).chain(scopes).chain(types);
    let insert = |(position, (name, kind, description, schema)): (u32, (&str, &str, &str, Option<&str>))| {
        Statement::one(
            "INSERT INTO resource_names (name, resource_id, position, kind, description, details_schema) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
            vec![
                name.into(),
                resource.id.as_str().into(),
                position.into(),
                kind.into(),
                description.into(),
                schema.into(),
            ],
        )
    };
    (0_u32..).zip(all).map(insert).collect()
}

/// What was said about a name that no API has any more: nobody inherits it who registers the name later.
fn forget_answers_about_nothing() -> Statement {
    Statement::any(
        "UPDATE app_scopes SET approved = NULL, decided_by = NULL, decided_at = NULL, comment = '' \
         WHERE decided_at IS NOT NULL AND name NOT IN (SELECT name FROM resource_names)",
        Vec::new(),
    )
}

/// Which of the resource's names the statement was that met one that is taken; `first` is the number of the first name's.
fn taken(written: Written, first: usize, resource: &Resource) -> Result<(), ApiTaken> {
    let Written::Conflict { statement } = written else {
        return Ok(());
    };
    let name = statement
        .checked_sub(first)
        .and_then(|at| resource.names().nth(at));
    Err(match name {
        Some(name) if name != resource.uri.as_str() => ApiTaken::Name(name.to_owned()),
        _ => ApiTaken::Uri,
    })
}

impl Store {
    /// Every API there is, with its scopes and types, by name; [`MAX_APIS`] at most.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn apis(&self) -> Result<Vec<Resource>, Fault> {
        let resources = Query::list(
            "SELECT id, uri, owner_id, name, description, format, signing_alg, token_seconds, max_age, \
             introspected_by, is_open FROM resources ORDER BY name, id LIMIT ?1",
            vec![MAX_APIS.into()],
        );
        let names = Query::list(
            "SELECT resource_id, name, kind, description, details_schema FROM resource_names \
             ORDER BY resource_id, position",
            Vec::new(),
        );
        let mut answers = self.read(vec![resources, names]).await?.into_iter();
        let (rows, names) = (
            answers.next().unwrap_or_default(),
            answers.next().unwrap_or_default(),
        );
        let mut resources: Vec<Resource> = Vec::with_capacity(rows.len());
        for mut row in rows {
            resources.push(read(&mut row)?);
        }
        let places: HashMap<String, usize> = resources
            .iter()
            .enumerate()
            .map(|(at, resource)| (resource.id.to_string(), at))
            .collect();
        for mut row in names {
            let id = row.text()?;
            if let Some(resource) = places.get(&id).and_then(|at| resources.get_mut(*at)) {
                read_name(&mut row, resource)?;
            }
        }
        Ok(resources)
    }

    /// Registers an API.
    ///
    /// # Errors
    /// A [`Fault`]; within, what another API has already.
    pub async fn insert_api(
        &self,
        resource: &Resource,
        at: Timestamp,
    ) -> Result<Result<(), ApiTaken>, Fault> {
        let insert = Statement::one(
            "INSERT INTO resources (id, uri, uri_normal, owner_id, name, description, format, signing_alg, \
             token_seconds, max_age, introspected_by, is_open, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO NOTHING",
            vec![
                resource.id.as_str().into(),
                resource.uri.as_str().into(),
                resource.uri.normal().into(),
                resource.owner.into(),
                resource.name.as_str().into(),
                resource.description.as_str().into(),
                resource.format.as_str().into(),
                resource.signing_alg.as_str().into(),
                resource.token_seconds.into(),
                resource.max_age.into(),
                resource.introspected_by.as_ref().map(ClientId::as_str).into(),
                resource.open.into(),
                at.into(),
            ],
        );
        let mut statements = vec![insert];
        statements.extend(insert_names(resource));
        statements.extend(announcement(self.dialect(), Topic::Apis));
        Ok(taken(self.act(statements).await?, 1, resource))
    }

    /// Changes an API, all but its identifier and its owner: what it no longer names is nobody's to use any more.
    ///
    /// # Errors
    /// A [`Fault`]; within, what another API has already, or the identifier where there is no such API.
    pub async fn update_api(&self, resource: &Resource) -> Result<Result<(), ApiTaken>, Fault> {
        let update = Statement::one(
            "UPDATE resources SET name = ?2, description = ?3, format = ?4, signing_alg = ?5, token_seconds = ?6, \
             max_age = ?7, introspected_by = ?8, is_open = ?9 WHERE id = ?1",
            vec![
                resource.id.as_str().into(),
                resource.name.as_str().into(),
                resource.description.as_str().into(),
                resource.format.as_str().into(),
                resource.signing_alg.as_str().into(),
                resource.token_seconds.into(),
                resource.max_age.into(),
                resource.introspected_by.as_ref().map(ClientId::as_str).into(),
                resource.open.into(),
            ],
        );
        let clear = Statement::any(
            "DELETE FROM resource_names WHERE resource_id = ?1",
            vec![resource.id.as_str().into()],
        );
        let mut statements = vec![update, clear];
        statements.extend(insert_names(resource));
        statements.push(forget_answers_about_nothing());
        statements.extend(announcement(self.dialect(), Topic::Apis));
        Ok(taken(self.act(statements).await?, 2, resource))
    }

    /// Takes an API away: tokens for it are worth nothing any more. `false`: there is none of this name.
    ///
    /// What its owner said to apps goes along, so that nobody inherits it who registers the same names later.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn delete_api(&self, id: &ResourceId) -> Result<bool, Fault> {
        let mut statements = vec![
            Statement::one("DELETE FROM resources WHERE id = ?1", vec![id.as_str().into()]),
            forget_answers_about_nothing(),
        ];
        statements.extend(announcement(self.dialect(), Topic::Apis));
        Ok(self.act(statements).await?.is_applied())
    }

    /// What apps ask of an API, what nobody has decided first, then by app; 500 at most.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn api_asks(&self, id: &ResourceId) -> Result<Vec<ApiAsk>, Fault> {
        let query = Query::list(
            "SELECT s.client_id, m.name, m.logo, a.standing, a.stage, s.name, s.asked_at, s.approved, s.decided_at, \
               s.comment FROM resource_names n JOIN app_scopes s ON s.name = n.name JOIN apps a ON a.client_id = s.client_id \
             JOIN manifests m ON m.client_id = a.client_id \
               AND m.number = COALESCE(a.live_version, a.proposed_version) \
             WHERE n.resource_id = ?1 \
             ORDER BY CASE WHEN s.approved IS NULL THEN 0 ELSE 1 END, m.name, s.client_id, n.position LIMIT 500",
            vec![id.as_str().into()],
        );
        self.list(query, |row| {
            Ok(ApiAsk {
                client: row.client()?,
                app: row.text()?,
                logo: row.opt_text()?,
                standing: clients::standing(row)?.0,
                name: row.text()?,
                asked_at: row.at()?,
                approved: row.opt_int()?.map(|yes| yes != 0),
                decided_at: row.opt_at()?,
                comment: row.text()?,
            })
        })
        .await
    }

    /// How many apps wait for an answer, of each of a person's APIs where any does.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn waiting_asks_of(&self, owner: PersonId) -> Result<Vec<(ResourceId, u64)>, Fault> {
        let query = Query::list(
            "SELECT r.id, COUNT(DISTINCT s.client_id) FROM resources r \
             JOIN resource_names n ON n.resource_id = r.id JOIN app_scopes s ON s.name = n.name \
             WHERE r.owner_id = ?1 AND r.is_open = 0 AND s.approved IS NULL GROUP BY r.id",
            vec![owner.into()],
        );
        let read = |row: &mut Row| {
            let id = row.parsed("an API's name", ResourceId::parse)?;
            Ok((id, u64::try_from(row.int()?).unwrap_or_default()))
        };
        self.list(query, read).await
    }

    /// What an app asks of APIs, and what was said to it and with it.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn asks_of_app(&self, client: &ClientId) -> Result<Vec<(String, Option<bool>, String)>, Fault> {
        let query = Query::list(
            "SELECT name, approved, comment FROM app_scopes WHERE client_id = ?1 ORDER BY name LIMIT 500",
            vec![client.into()],
        );
        let read = |row: &mut Row| Ok((row.text()?, row.opt_int()?.map(|yes| yes != 0), row.text()?));
        self.list(query, read).await
    }

    /// The owner of the API `id` lets an app use these names of it, or does not (any more); the app's team is told.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn decide_api_asks(
        &self,
        id: &ResourceId,
        client: &ClientId,
        names: &[String],
        (approved, comment): (bool, &str),
        by: Option<PersonId>,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let decide = |name: &String| {
            Statement::any(
                "UPDATE app_scopes SET approved = ?4, comment = ?5, decided_by = ?6, decided_at = ?7 \
                 WHERE client_id = ?2 AND name = ?3 \
                   AND name IN (SELECT name FROM resource_names WHERE resource_id = ?1)",
                vec![
                    id.as_str().into(),
                    client.into(),
                    name.as_str().into(),
                    approved.into(),
                    comment.into(),
                    by.into(),
                    at.into(),
                ],
            )
        };
        let news = if approved {
            News::ScopesApproved
        } else {
            News::ScopesDeclined
        };
        let mut statements: Vec<Statement> = names.iter().map(decide).collect();
        statements.push(notices::tell_team_of_api(client, id, news, by, at));
        self.act(statements).await.map(drop)
    }
}

fn read(row: &mut Row) -> Result<Resource, Fault> {
    Ok(Resource {
        id: row.parsed("an API's name", ResourceId::parse)?,
        uri: row.parsed("a resource's identifier", |text| ResourceUri::parse(text).ok())?,
        owner: row.person()?,
        name: row.text()?,
        description: row.text()?,
        format: row.parsed("a token's format", TokenFormat::parse)?,
        signing_alg: row.parsed("an algorithm", SigningAlgorithm::parse)?,
        token_seconds: row.int()?,
        max_age: row.opt_int()?,
        introspected_by: row.opt_client()?,
        open: row.flag()?,
        scopes: Vec::new(),
        details: Vec::new(),
    })
}

fn read_name(row: &mut Row, resource: &mut Resource) -> Result<(), Fault> {
    let (name, kind, description) = (row.text()?, row.text()?, row.text()?);
    match kind.as_str() {
        "scope" => resource.scopes.push(ApiScope { name, description }),
        "details" => resource.details.push(DetailsType {
            name,
            description,
            schema: row.parsed("a schema", |text| Schema::parse(text).ok())?,
        }),
        _ => {}
    }
    Ok(())
}
