//! `/developer/apps/ID/protocol`: the protocol's side of an app.

use super::{AppHead, AppPage, Chrome, Field};
use askama::Template;

/// Grants and client metadata, in a form of their own.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/protocol.html")]
pub struct DeveloperProtocol {
    /// The frame.
    pub chrome: Chrome,
    /// The version shown (hidden field `version`): what somebody else changed since is not undone unseen.
    pub version: u32,
    /// The app.
    pub head: AppHead,
    /// The checkboxes `grant_types`.
    pub grants: Vec<GrantChoice>,
    /// What is wrong with the choice.
    pub grants_error: Option<String>,
    /// The other settings.
    pub groups: Vec<SettingsGroup>,
    /// What is wrong with something that is not on this page: its name, and the sentence.
    pub elsewhere: Vec<(String, String)>,
}

impl DeveloperProtocol {
    const HERE: AppPage = AppPage::Protocol;

    /// Everything that is wrong, in the page's order: the field's id, its label, the sentence.
    pub fn errors(&self) -> Vec<(&str, &str, &str)> {
        let grants = self
            .grants_error
            .as_deref()
            .map(|text| ("grants", "Grants", text));
        let elsewhere = self.elsewhere.iter();
        let elsewhere = elsewhere.map(|(name, text)| ("elsewhere", name.as_str(), text.as_str()));
        let settings = self.groups.iter().flat_map(|group| &group.settings);
        let settings = settings
            .filter_map(|one| Some((one.name.as_str(), one.label.as_str(), one.field.error.as_deref()?)));
        grants.into_iter().chain(elsewhere).chain(settings).collect()
    }
}

/// A grant to tick.
#[derive(Debug, Clone)]
pub struct GrantChoice {
    /// The wire's name.
    pub value: String,
    /// The name for people.
    pub label: String,
    /// What it is for.
    pub sentence: String,
    /// Whether it is ticked.
    pub checked: bool,
    /// Whether only a maintainer can allow it, and none has.
    pub locked: bool,
}

/// Settings that belong together.
#[derive(Debug, Clone)]
pub struct SettingsGroup {
    /// The title.
    pub title: String,
    /// The settings.
    pub settings: Vec<SettingField>,
}

impl SettingsGroup {
    /// Whether it is shown open: something in it is set or wrong.
    pub fn is_open(&self) -> bool {
        self.settings
            .iter()
            .any(|one| !one.field.value.is_empty() || one.field.error.is_some())
    }

    /// How many are set, as a summary.
    pub fn summary(&self) -> String {
        let set = self.settings.iter().filter(|one| !one.field.value.is_empty());
        match set.count() {
            0 => "nothing set".to_owned(),
            many => format!("{many} set"),
        }
    }
}

/// How a setting is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingInput {
    /// A checkbox.
    Flag,
    /// A line for an address.
    Url,
    /// A line.
    Line,
    /// Several lines.
    Lines,
    /// A choice of these words.
    Words(Vec<String>),
}

/// A setting.
#[derive(Debug, Clone)]
pub struct SettingField {
    /// The member's name, and the field's.
    pub name: String,
    /// The label.
    pub label: String,
    /// What it does.
    pub hint: String,
    /// How it is typed.
    pub input: SettingInput,
    /// What is there; of a flag that is set, anything.
    pub field: Field,
}
