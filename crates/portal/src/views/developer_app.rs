//! `/developer/apps/ID`: ids `client-id`, `client-secret` (when it is shown), `app-status`.

use super::{
    AppHead, AppPage, AppStatus, Change, Chrome, ClientType, DataPointsField, DescriptionField, Difference,
    Field, HistoryEntry, HistoryKind, Person, RedirectUrisField, Snippets, When, number,
};
use askama::Template;

/// An app's administration dashboard. Each section is a form of its own, which saves alone by POST to
/// `/developer/apps/ID/` + `name`, `logo`, `logo/remove`, `redirect-uris`, `description`, `data-points`,
/// `team`, `team/remove`, `secret`, `submit` or `delete`.
#[derive(Debug, Clone, Template)]
#[template(path = "developer/app.html")]
pub struct DeveloperApp {
    /// The frame.
    pub chrome: Chrome,
    /// What stands above it: the client ID, which is also the `ID` of the forms' addresses, name, logo and status.
    pub head: AppHead,
    /// Confidential or public.
    pub client_type: ClientType,
    /// The secret, in the one answer that shows it: after registering, and after rotating.
    pub new_secret: Option<String>,
    /// What happened, newest first.
    pub history: Vec<HistoryEntry>,
    /// Field `name`: the proposed one where a change is under way. The same holds of the fields below.
    pub name: Field,
    /// What is wrong with the file sent as field `logo`.
    pub logo_error: Option<String>,
    /// Field `redirect_uris`.
    pub redirect_uris: RedirectUrisField,
    /// Field `description`.
    pub description: DescriptionField,
    /// Field `data_points`.
    pub data_points: DataPointsField,
    /// How the proposed version differs from the live one; empty when nothing is under way.
    pub pending: Vec<Difference>,
    /// The team, the creator first.
    pub team: Vec<TeamMember>,
    /// Field `username` of the form that adds to the team.
    pub team_add: Field,
    /// The live secrets, newest first; empty for a public client.
    pub secrets: Vec<SecretRow>,
    /// Why the secret was not rotated.
    pub secret_error: Option<String>,
    /// How many people have allowed it and would lose it.
    pub people: u64,
    /// Field `confirm_name` of the form that deletes.
    pub delete: Field,
    /// The flow, with this app's values filled in.
    pub snippets: Snippets,
}

impl DeveloperApp {
    const HERE: AppPage = AppPage::Overview;

    /// Whether the team may send it to review again as it is. A refused change is put away: making another one sends
    /// that to review.
    pub fn may_submit(&self) -> bool {
        self.head.status == AppStatus::Rejected
    }

    /// Whether a reviewer's words stand above everything else.
    pub fn has_answer(&self) -> bool {
        matches!(self.head.status, AppStatus::Rejected | AppStatus::Suspended)
            || self.head.change == Change::Rejected
    }

    /// What the reviewer wrote when they last said no.
    pub fn reviewer_comment(&self) -> Option<&str> {
        self.history
            .iter()
            .find(|entry| matches!(entry.kind, HistoryKind::Rejected | HistoryKind::Suspended))
            .and_then(|entry| entry.comment.as_deref())
    }

    /// How many people would lose it, as the end of a sentence about deleting.
    pub fn affected(&self) -> String {
        match self.people {
            0 => "Nobody has connected it yet.".to_owned(),
            1 => "1 person has connected it and will lose it at once.".to_owned(),
            many => format!(
                "{} people have connected it and will lose it at once.",
                number(many)
            ),
        }
    }
}

/// One member of the team.
#[derive(Debug, Clone)]
pub struct TeamMember {
    /// Who.
    pub person: Person,
    /// The creator cannot be removed.
    pub is_creator: bool,
    /// Whether this is the person who looks.
    pub is_viewer: bool,
    /// Since when.
    pub since: When,
}

/// One live secret. The secret itself is not known to us any more.
#[derive(Debug, Clone)]
pub struct SecretRow {
    /// What tells it apart, never enough to guess it: `1st`, or its first characters where they are kept.
    pub prefix: String,
    /// When it was made.
    pub created: When,
    /// When it stops working; none: until it is rotated.
    pub expires: Option<When>,
}
