//! Every API that is registered here, found by its identifier, its scopes and its types.

use super::{DetailsType, Resource};
use crate::vocabulary::Client;
use std::borrow::Cow;
use std::collections::HashMap;

/// The registered APIs. There are as many as an institution has, so all of them are kept in memory.
#[derive(Debug, Clone, Default)]
pub struct Apis {
    resources: Vec<Resource>,
    by_uri: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

/// Why an app may not ask for something of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// No API has it.
    Unregistered,
    /// The app's serving version does not ask for it.
    NotAsked,
    /// The API's owner has not approved it for the app.
    NotApproved,
}

impl Unusable {
    /// A sentence for the app's team, about `name`.
    pub fn why(&self, name: &str) -> Cow<'static, str> {
        let name = crate::error::shown(name);
        match self {
            Self::Unregistered => format!("no API has registered {name}"),
            Self::NotAsked => {
                format!("the app's serving version does not ask for {name}: add it to its scopes of APIs")
            }
            Self::NotApproved => format!("the API's owner has not approved {name} for the app"),
        }
        .into()
    }
}

impl Apis {
    /// The directory of these.
    pub fn new(resources: Vec<Resource>) -> Self {
        let mut by_uri = HashMap::new();
        let mut by_name = HashMap::new();
        for (at, resource) in resources.iter().enumerate() {
            by_uri.insert(resource.uri.normal().to_owned(), at);
            by_name.extend(resource.names().map(|name| (name.to_owned(), at)));
        }
        Self {
            resources,
            by_uri,
            by_name,
        }
    }

    /// All of them.
    pub fn all(&self) -> &[Resource] {
        &self.resources
    }

    /// The one of this identifier, in any of its spellings.
    pub fn of_uri(&self, uri: &str) -> Option<&Resource> {
        let uri = super::ResourceUri::parse(uri).ok()?;
        self.at(*self.by_uri.get(uri.normal())?)
    }

    /// How long ago, in seconds, a person may have signed in at most for our own endpoint at `path`: where an operator
    /// registered it, or the issuer as a whole, as a resource that says so (RFC 9470).
    pub fn own_max_age(&self, issuer: &str, path: &str) -> Option<i64> {
        let issuer = issuer.trim_end_matches('/');
        let meant = |resource: &&Resource| {
            let own = resource.uri.as_str().trim_end_matches('/').strip_prefix(issuer);
            own.is_some_and(|own| own.is_empty() || own == path)
        };
        self.resources
            .iter()
            .filter(meant)
            .filter_map(|resource| resource.max_age)
            .min()
    }

    /// The one that an app asks for by this name ([`Resource::knows`]).
    pub fn of_name(&self, name: &str) -> Option<&Resource> {
        self.at(*self.by_name.get(name)?)
    }

    /// The one whose scope (or identifier) this is.
    pub fn of_scope(&self, name: &str) -> Option<&Resource> {
        self.of_name(name).filter(|resource| resource.knows_scope(name))
    }

    /// The type of `authorization_details` of this name, and whose it is.
    pub fn details_type(&self, name: &str) -> Option<(&Resource, &DetailsType)> {
        let resource = self.of_name(name)?;
        let found = resource.details.iter().find(|one| one.name == name)?;
        Some((resource, found))
    }

    fn at(&self, at: usize) -> Option<&Resource> {
        self.resources.get(at)
    }

    /// The API that has registered `name`, where `client` may use it now: its serving version asks for it, and the
    /// API's owner has approved that.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn usable(&self, client: &Client, name: &str) -> Result<&Resource, Unusable> {
        let resource = self.of_name(name).ok_or(Unusable::Unregistered)?;
        // Its identifier stands for using it at all, which whoever may do anything with it may.
        let is_whole = resource.uri.as_str() == name;
        let meant = |own: &str| own == name || is_whole;
        let mut asked = resource
            .names()
            .filter(|own| meant(own) && client.asks_apis_for(own))
            .peekable();
        if asked.peek().is_none() {
            return Err(Unusable::NotAsked);
        }
        let approved = |own: &str| resource.open || client.approved_by_owners.contains(own);
        if asked.any(approved) {
            Ok(resource)
        } else {
            Err(Unusable::NotApproved)
        }
    }

    /// The scopes of `resource` that `client` may use now; its identifier alone where it has none of those.
    pub fn usable_scopes<'a>(&self, client: &Client, resource: &'a Resource) -> Vec<&'a str> {
        let names = resource.scopes.iter().map(|scope| scope.name.as_str());
        let usable: Vec<&str> = names.filter(|name| self.usable(client, name).is_ok()).collect();
        if usable.is_empty() && self.usable(client, resource.uri.as_str()).is_ok() {
            return vec![resource.uri.as_str()];
        }
        usable
    }
}
