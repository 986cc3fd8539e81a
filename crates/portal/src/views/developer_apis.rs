//! `/developer/apis`, `/developer/apis/add` and `/developer/apis/ID`: APIs that take our access tokens. Ids `api-add`,
//! `api-save`, `api-approve`, `api-refuse` and `api-remove`.

use super::{AppStatus, Chrome, Field, Mark, When, icons};
use askama::Template;

/// The APIs that the person owns, and the directory of all.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/apis.html")]
pub struct DeveloperApis {
    /// The frame.
    pub chrome: Chrome,
    /// Their own, in the order to be shown.
    pub apis: Vec<ApiRow>,
    /// What apps may ask for: of every API that fits the search.
    pub directory: Vec<ApiInDirectory>,
    /// Field `q`: what was searched for.
    pub search: String,
    /// Whether there is any API at all.
    pub there_are_any: bool,
}

/// One API in the list.
#[derive(Debug, Clone)]
pub struct ApiRow {
    /// Its page.
    pub href: String,
    /// Its name.
    pub name: String,
    /// Its identifier.
    pub uri: String,
    /// What its tokens are: `opaque tokens`.
    pub format: &'static str,
    /// How many names apps can ask for.
    pub scopes: usize,
    /// Whether any app may use it.
    pub open: bool,
    /// How many apps wait for an answer.
    pub waiting: u64,
}

impl ApiRow {
    /// How many scopes and types, in words.
    pub fn scope_words(&self) -> String {
        match self.scopes {
            0 => "no scopes".to_owned(),
            1 => "1 scope".to_owned(),
            many => format!("{many} scopes"),
        }
    }

    /// Who waits, in words; none where nobody does.
    pub fn waiting_words(&self) -> Option<String> {
        match self.waiting {
            0 => None,
            1 => Some("1 app waits".to_owned()),
            many => Some(format!("{many} apps wait")),
        }
    }
}

/// One API, as developers of apps look for it.
#[derive(Debug, Clone)]
pub struct ApiInDirectory {
    /// Its name.
    pub name: String,
    /// Its identifier.
    pub uri: String,
    /// What it is.
    pub description: String,
    /// Whether any app may use it.
    pub open: bool,
    /// Its scopes, each with what it lets an app do.
    pub scopes: Vec<(String, String)>,
    /// Its types of `authorization_details`, likewise.
    pub types: Vec<(String, String)>,
}

/// Registers an API: POST `/developer/apis/add`.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/api_add.html")]
pub struct DeveloperApiAdd {
    /// The frame.
    pub chrome: Chrome,
    /// The form.
    pub fields: ApiFields,
}

/// One API, for its owner.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/api.html")]
pub struct DeveloperApi {
    /// The frame.
    pub chrome: Chrome,
    /// Its page: the forms go there, and to `/decide` and `/remove` under it.
    pub href: String,
    /// Its name, as it is stored.
    pub name: String,
    /// Its identifier.
    pub uri: String,
    /// What its tokens are.
    pub format: &'static str,
    /// Whether they are JWTs.
    pub is_jwt: bool,
    /// Whether any app may use it.
    pub open: bool,
    /// Whether an app asks introspection for it.
    pub is_asked_about: bool,
    /// Its metadata document (RFC 9728).
    pub metadata: String,
    /// Our issuer.
    pub issuer: String,
    /// The apps that ask for something of it, those that wait first.
    pub asking: Vec<ApiAskingApp>,
    /// The form.
    pub fields: ApiFields,
    /// Field `confirm_name` of the form that removes it.
    pub remove: Field,
}

impl DeveloperApi {
    /// How a request asks what a token is worth.
    pub fn introspect(&self) -> String {
        format!(
            "curl {}/oauth/introspect -u CLIENT_ID:CLIENT_SECRET -d token=ACCESS_TOKEN",
            self.issuer
        )
    }

    /// What the API says to a request without a token (RFC 9728 section 5.1).
    pub fn challenge(&self) -> String {
        format!("WWW-Authenticate: Bearer resource_metadata=\"{}\"", self.metadata)
    }

    /// What the API checks of a JWT before it believes it (RFC 9068 section 4).
    pub fn checks(&self) -> String {
        format!(
            "keys  {0}/oauth/jwks\ntyp   at+jwt\niss   {0}\naud   {1}\nexp   later than now\nscope what the request needs",
            self.issuer, self.uri
        )
    }
}

/// The fields of an API.
#[derive(Debug, Clone)]
pub struct ApiFields {
    /// Field `uri`.
    pub uri: Field,
    /// Field `name`.
    pub name: Field,
    /// Field `description`.
    pub description: Field,
    /// Field `scopes`, one a line.
    pub scopes: Field,
    /// Field `format`: `jwt` or `opaque`.
    pub is_jwt: bool,
    /// What is wrong with it.
    pub format_error: Option<String>,
    /// Field `signing_alg`.
    pub signing_alg: Field,
    /// What it may be.
    pub algorithms: Vec<&'static str>,
    /// Field `token_seconds`.
    pub token_seconds: Field,
    /// Field `max_age`.
    pub max_age: Field,
    /// Field `introspected_by`.
    pub introspected_by: Field,
    /// What it may be.
    pub apps: Vec<AppChoice>,
    /// Field `open`.
    pub open: bool,
    /// Field `details`: JSON.
    pub details: Field,
}

impl ApiFields {
    /// Everything that is wrong, in the page's order: the field's id, its label, the sentence.
    pub fn errors(&self) -> Vec<(&'static str, &'static str, &str)> {
        [
            ("name", "Name", &self.name.error),
            ("uri", "Identifier", &self.uri.error),
            ("description", "Description", &self.description.error),
            ("scopes", "Scopes", &self.scopes.error),
            ("format-opaque", "Tokens", &self.format_error),
            ("token_seconds", "Lifetime", &self.token_seconds.error),
            ("introspected_by", "Who asks", &self.introspected_by.error),
            ("signing_alg", "Signature", &self.signing_alg.error),
            ("max_age", "Longest since the sign-in", &self.max_age.error),
            ("details", "Types of authorization_details", &self.details.error),
        ]
        .into_iter()
        .filter_map(|(id, label, error)| error.as_deref().map(|text| (id, label, text)))
        .collect()
    }

    /// Whether the rarer settings are shown open.
    pub fn more_is_open(&self) -> bool {
        let set = [&self.max_age, &self.details];
        let wrong = [&self.max_age, &self.details, &self.signing_alg];
        set.iter().any(|field| !field.value.is_empty()) || wrong.iter().any(|field| field.error.is_some())
    }
}

/// An app that may be named.
#[derive(Debug, Clone)]
pub struct AppChoice {
    /// Its client ID.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// An app that asks for something of an API: a form of its own.
#[derive(Debug, Clone)]
pub struct ApiAskingApp {
    /// Its client ID.
    pub id: String,
    /// Name and logo.
    pub mark: Mark,
    /// Where it stands in review.
    pub status: AppStatus,
    /// What it asks for.
    pub names: Vec<AskedName>,
    /// What was last said with an answer, or is being said now.
    pub comment: Field,
}

impl ApiAskingApp {
    /// Whether it waits for an answer.
    pub fn waits(&self) -> bool {
        self.names.iter().any(|name| name.state == AskedOfApi::Waiting)
    }
}

/// One thing that an app asks for.
#[derive(Debug, Clone)]
pub struct AskedName {
    /// Its name on the wire.
    pub name: String,
    /// What it lets the app do.
    pub words: String,
    /// What was said to it.
    pub state: AskedOfApi,
    /// Whether an answer is about it.
    pub checked: bool,
    /// Since when.
    pub when: When,
}

/// What an API's owner said to something that an app asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskedOfApi {
    /// Nothing yet.
    Waiting,
    /// Yes.
    Approved,
    /// No.
    Refused,
}

impl From<Option<bool>> for AskedOfApi {
    fn from(said: Option<bool>) -> Self {
        match said {
            None => Self::Waiting,
            Some(true) => Self::Approved,
            Some(false) => Self::Refused,
        }
    }
}

impl AskedOfApi {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Approved => "Approved",
            Self::Refused => "Refused",
        }
    }

    /// The word that the stylesheet selects by.
    pub fn key(self) -> &'static str {
        match self {
            Self::Waiting => "pending",
            Self::Approved => "approved",
            Self::Refused => "rejected",
        }
    }

    /// Its shape.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Waiting => icons::CLOCK,
            Self::Approved => icons::CHECK,
            Self::Refused => icons::CROSS,
        }
    }
}
