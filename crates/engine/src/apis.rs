//! APIs: registering and changing them, and what their owners say to the apps that ask for their scopes.

use crate::acts::{gone, made};
use crate::{Engine, Fault, mint};
use omniport_protocol::apis::{Apis, Resource, ResourceDraft, ResourceId};
use omniport_protocol::audit::{Act, Actor, By, Doer, Subject, SubjectKind, difference};
use omniport_protocol::review::{FieldError, FieldErrors, MAX_COMMENT_CHARS};
use omniport_protocol::vocabulary::{ClientId, ClientKind, PersonId};
use omniport_store::portal::{ApiTaken, MAX_APIS};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Length of an API's own name here.
const ID_LENGTH: usize = 16;

/// Most APIs that one person registers in the portal.
pub const MAX_APIS_OF_ONE: usize = 20;

/// Who registers or changes an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiEditor {
    /// The operator, at the command line: may register our own endpoints too, and name any app.
    Operator,
    /// Its owner, in the portal.
    Owner(By),
}

/// What an API's owner says to an app.
#[derive(Debug, Clone)]
pub struct ApiDecision<'a> {
    /// Of which API.
    pub api: &'a ResourceId,
    /// To which app.
    pub client: &'a ClientId,
    /// About which of the API's names.
    pub names: &'a [String],
    /// Whether the app may use them.
    pub approved: bool,
    /// What goes with it.
    pub comment: &'a str,
    /// Who says it; none: the operator.
    pub by: Option<By>,
}

/// Why nothing was said to an app: more was to be said with it than is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the comment is longer than {MAX_COMMENT_CHARS} characters; shorten it")]
pub struct CommentTooLong;

impl ApiEditor {
    /// Who that is.
    fn doer(self) -> Doer {
        match self {
            Self::Operator => Actor::Operator.into(),
            Self::Owner(by) => by.into(),
        }
    }
}

impl Engine {
    /// Every API that is registered: kept in memory until one changes.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn apis(&self) -> Result<Arc<Apis>, Fault> {
        let read = async || Ok::<_, Fault>(Apis::new(self.store().apis().await?));
        self.apis.get(self.store(), read).await
    }

    /// Registers an API.
    ///
    /// # Errors
    /// A [`Fault`]; within, every mistake of the form.
    pub async fn add_api(
        &self,
        draft: &ResourceDraft,
        owner: PersonId,
        editor: ApiEditor,
    ) -> Result<Result<Resource, FieldErrors>, Fault> {
        let drawn = mint::secret(&*self.dice, ID_LENGTH)?;
        let Some(id) = ResourceId::parse(drawn.expose()) else {
            return Err(Fault::Bug("letters and digits do not name an API"));
        };
        let resource = match draft.check(id, owner, &self.settings().catalogue) {
            Ok(resource) => resource,
            Err(mistakes) => return Ok(Err(mistakes)),
        };
        if let Some(mistake) = self.one_more(&resource, &editor).await? {
            return Ok(Err(vec![mistake]));
        }
        if let Some(mistake) = self.introspecting_app(&resource, &editor).await? {
            return Ok(Err(vec![mistake]));
        }
        let told = made(told(&resource));
        let store = self.telling(editor.doer(), Act::ApiAdd, about(&resource), told);
        let inserted = store.insert_api(&resource, self.now()).await?;
        Ok(inserted.map(|()| resource).map_err(already))
    }

    /// Changes an API, all but its identifier and its owner.
    ///
    /// # Errors
    /// A [`Fault`]; within, every mistake of the form.
    pub async fn edit_api(
        &self,
        current: &Resource,
        draft: &ResourceDraft,
        editor: ApiEditor,
    ) -> Result<Result<Resource, FieldErrors>, Fault> {
        let draft = ResourceDraft {
            uri: current.uri.to_string(),
            ..draft.clone()
        };
        let resource = match draft.check(current.id.clone(), current.owner, &self.settings().catalogue) {
            Ok(resource) => resource,
            Err(mistakes) => return Ok(Err(mistakes)),
        };
        // Who was named before stays named, whoever named them.
        if resource.introspected_by != current.introspected_by
            && let Some(mistake) = self.introspecting_app(&resource, &editor).await?
        {
            return Ok(Err(vec![mistake]));
        }
        let change = difference(&told(current), &told(&resource));
        let doer = editor.doer();
        let store = self.telling(doer, Act::ApiEdit, about(&resource), change);
        let updated = store.update_api(&resource).await?;
        Ok(updated.map(|()| resource).map_err(already))
    }

    /// Takes an API away. `false`: there is none.
    ///
    /// # Errors
    /// A [`Fault`].
    pub async fn remove_api(&self, id: &ResourceId, editor: ApiEditor) -> Result<bool, Fault> {
        let apis = self.apis().await?;
        let Some(resource) = apis.all().iter().find(|resource| resource.id == *id) else {
            return Ok(false);
        };
        let store = self.telling(
            editor.doer(),
            Act::ApiRemove,
            about(resource),
            gone(told(resource)),
        );
        Ok(store.delete_api(id).await?)
    }

    /// Says to an app what it may use of an API. Of what it may not use any more, its tokens are worth nothing at their
    /// next use; only a JWT that somebody holds goes on saying what it said until it ends.
    ///
    /// # Errors
    /// A [`Fault`]; within, what is wrong with the comment.
    pub async fn decide_api(&self, decision: ApiDecision<'_>) -> Result<Result<(), CommentTooLong>, Fault> {
        let comment = decision.comment.trim();
        if comment.chars().count() > MAX_COMMENT_CHARS {
            return Ok(Err(CommentTooLong));
        }
        let said = (decision.approved, comment);
        let ApiDecision {
            api,
            client,
            names,
            by,
            ..
        } = decision;
        let before = self.store().asks_of_app(client).await?;
        let before = before.into_iter().filter(|(name, ..)| names.contains(name));
        let before: Map<String, Value> = before.map(|(name, said, _)| (name, said.into())).collect();
        let after: Map<String, Value> = before
            .keys()
            .map(|name| (name.clone(), decision.approved.into()))
            .collect();
        let change = (
            json!({"app": client.as_str(), "scopes": before}),
            json!({"app": client.as_str(), "scopes": after, "comment": comment}),
        );
        let act = if decision.approved {
            Act::ApiScopeApprove
        } else {
            Act::ApiScopeRefuse
        };
        let apis = self.apis().await?;
        let named = apis.all().iter().find(|resource| resource.id == *api);
        let subject = named.map_or_else(|| Subject::of(SubjectKind::Api, api.as_str(), ""), about);
        let person = by.as_ref().map(|by| by.person);
        let store = self.telling(by, act, subject, change);
        let decided = store.decide_api_asks(api, client, names, said, person, self.now());
        Ok(Ok(decided.await?))
    }

    /// What is wrong with registering one more API: too many, or, in the portal, an address of our own.
    async fn one_more(&self, resource: &Resource, editor: &ApiEditor) -> Result<Option<FieldError>, Fault> {
        let apis = self.apis().await?;
        if apis.all().len() >= MAX_APIS as usize {
            return Ok(Some(mistake(
                "uri",
                "There are as many APIs here as there can be.",
            )));
        }
        if *editor == ApiEditor::Operator {
            return Ok(None);
        }
        let own = apis.all().iter().filter(|api| api.owner == resource.owner);
        Ok(if is_within(resource.uri.normal(), &self.settings().issuer) {
            Some(mistake("uri", "This address is our own."))
        } else if own.count() >= MAX_APIS_OF_ONE {
            let message = format!("You have {MAX_APIS_OF_ONE} APIs, which is the most: remove one first.");
            Some(FieldError {
                field: "uri",
                message,
            })
        } else {
            None
        })
    }

    /// What is wrong with the app that is to ask introspection for an API: a confidential one, and in the portal one of
    /// the owner's own.
    async fn introspecting_app(
        &self,
        resource: &Resource,
        editor: &ApiEditor,
    ) -> Result<Option<FieldError>, Fault> {
        let Some(id) = &resource.introspected_by else {
            return Ok(None);
        };
        let app = match editor {
            ApiEditor::Operator => self.store().app(id).await?,
            ApiEditor::Owner(_) => self.store().app_of_member(id, resource.owner).await?,
        };
        let manifest = app.as_ref().and_then(|app| app.serving());
        Ok(match manifest {
            None => Some(mistake("introspected_by", "There is no such app of yours.")),
            Some(version) if version.manifest.kind == ClientKind::Public => Some(mistake(
                "introspected_by",
                "A public app cannot prove itself, so it cannot ask for an API.",
            )),
            Some(_) => None,
        })
    }
}

fn about(resource: &Resource) -> Subject {
    Subject::of(SubjectKind::Api, resource.id.as_str(), &resource.name)
}

/// An API as the audit log tells of it.
fn told(resource: &Resource) -> Value {
    let details = resource.details.iter();
    let details: Map<String, Value> = details
        .map(|kind| (kind.name.clone(), kind.description.as_str().into()))
        .collect();
    let scopes = resource.scopes.iter();
    let scopes: Map<String, Value> = scopes
        .map(|scope| (scope.name.clone(), scope.description.as_str().into()))
        .collect();
    json!({
        "uri": resource.uri.as_str(),
        "owner": resource.owner.0,
        "name": resource.name,
        "description": resource.description,
        "format": resource.format.as_str(),
        "signing_alg": resource.signing_alg.as_str(),
        "token_seconds": resource.token_seconds,
        "max_age": resource.max_age,
        "introspected_by": resource.introspected_by.as_ref().map(ClientId::as_str),
        "open": resource.open,
        "scopes": scopes,
        "details": details,
    })
}

fn already(taken: ApiTaken) -> FieldErrors {
    vec![match taken {
        ApiTaken::Uri => mistake("uri", "This identifier is registered already."),
        ApiTaken::Name(name) => FieldError {
            field: "scopes",
            message: format!("Another API has '{name}' already: a name is there once."),
        },
    }]
}

fn mistake(field: &'static str, message: &str) -> FieldError {
    FieldError {
        field,
        message: message.to_owned(),
    }
}

/// Whether an address is on our own site; one of another whose name only begins like ours is not.
fn is_within(uri: &str, issuer: &str) -> bool {
    uri.strip_prefix(issuer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn what_is_ours_begins_where_our_name_ends() {
        let issuer = "https://id.example";
        for ours in [
            "https://id.example",
            "https://id.example/",
            "https://id.example/api",
            "https://id.example?x",
        ] {
            assert!(is_within(ours, issuer), "{ours}");
        }
        for anothers in [
            "https://id.example.org/",
            "https://id.example:8443/",
            "https://other.example/",
        ] {
            assert!(!is_within(anothers, issuer), "{anothers}");
        }
    }
}
