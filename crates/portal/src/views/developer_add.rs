//! `/developer/add`: fields `name`, `redirect_uris`, `client_type`, `description`, `data_points`,
//! `agrees_to_terms`; button `app-add`.

use super::{
    Chrome, ClientType, DataPointsField, DescriptionField, Field, PublisherFields, RedirectUrisField,
};
use askama::Template;

/// Registers an app: POST `/developer/add`. Refused, it comes back with everything as it was typed.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/add.html")]
pub struct DeveloperAdd {
    /// The frame.
    pub chrome: Chrome,
    /// The app's name.
    pub name: Field,
    /// Its redirect URLs.
    pub redirect_uris: RedirectUrisField,
    /// Confidential or public.
    pub client_type: ClientType,
    /// What is wrong with the client type.
    pub client_type_error: Option<String>,
    /// What it is for.
    pub description: DescriptionField,
    /// What it asks for.
    pub data_points: DataPointsField,
    /// Whom to ask about it, and where to read more.
    pub publisher: PublisherFields,
    /// Whether the terms are agreed to.
    pub agrees_to_terms: bool,
    /// What is wrong with that.
    pub agrees_to_terms_error: Option<String>,
}

impl DeveloperAdd {
    /// Everything that is wrong, in the page's order: the field's id, its label, the sentence.
    pub fn errors(&self) -> Vec<(&'static str, &'static str, &str)> {
        [
            ("name", "App name", &self.name.error),
            ("redirect_uris", "Redirect URLs", &self.redirect_uris.field.error),
            ("client_type-confidential", "Client type", &self.client_type_error),
            ("description", "Description", &self.description.field.error),
            ("data_points", "Data points", &self.data_points.error),
            ("contact", "Contact", &self.publisher.contact.error),
            ("home_url", "Home page", &self.publisher.home.error),
            ("privacy_url", "Privacy notice", &self.publisher.privacy.error),
            ("terms_url", "Terms of use", &self.publisher.terms.error),
            (
                "agrees_to_terms",
                "Developer terms of use",
                &self.agrees_to_terms_error,
            ),
        ]
        .into_iter()
        .filter_map(|(id, label, error)| error.as_deref().map(|text| (id, label, text)))
        .collect()
    }
}
