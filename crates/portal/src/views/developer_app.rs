//! `/developer/apps/ID`: ids `client-id`, `client-secret` (when it is shown), `app-status`.

use super::{
    AppHead, AppPage, AppStatus, AskedOfApi, Change, Check, Chrome, ClientType, DataPointsField,
    DescriptionField, Difference, Field, HistoryEntry, Person, PublisherFields, RedirectUrisField, Snippets,
    When, counted,
};
use askama::Template;

/// An app's administration dashboard. Each section is a form of its own, which saves alone by POST to
/// `/developer/apps/ID/` + `name`, `logo`, `logo/remove`, `redirect-uris`, `description`, `data-points`,
/// `publisher`, `scopes`, `comment`, `test-people`, `test-people/renew`, `test-people/remove`, `team`, `team/remove`,
/// `team/uninvite`, `team/give`, `secret`, `secret/revoke`, `submit`, `take-back` or `delete`.
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
    /// The version shown (hidden field `version` of each form that edits it): what somebody else changed since is not
    /// undone unseen.
    pub version: u32,
    /// What was typed and not saved, for somebody else had changed the same meanwhile: how it differs from theirs.
    pub unsaved: Vec<Difference>,
    /// What happened last, newest first.
    pub history: Vec<HistoryEntry>,
    /// Where the rest of it is.
    pub older: Option<String>,
    /// What the reviewer wrote when they last said no, as HTML that can do no more than text.
    pub reviewer_comment: Option<String>,
    /// Field `name`: the proposed one where a change is under way. The same holds of the fields below.
    pub name: Field,
    /// What is wrong with the file sent as field `logo`.
    pub logo_error: Option<String>,
    /// Field `redirect_uris`.
    pub redirect_uris: RedirectUrisField,
    /// Field `password` of the same form, where the sign-in was a while ago.
    pub password: Option<Field>,
    /// Field `description`.
    pub description: DescriptionField,
    /// Field `data_points`.
    pub data_points: DataPointsField,
    /// How the proposed version differs from the live one; empty when nothing is under way.
    pub pending: Vec<Difference>,
    /// The team, the creator first.
    pub team: Vec<TeamMember>,
    /// Who is invited and has yet to answer, the oldest first.
    pub invited: Vec<InvitedPerson>,
    /// Field `username` of the form that invites.
    pub team_add: Field,
    /// Field `confirm_name` of the form that gives the app to another of the team.
    pub give: Field,
    /// The live secrets, newest first; empty for a public client.
    pub secrets: Vec<SecretRow>,
    /// Why the secret was not rotated.
    pub secret_error: Option<String>,
    /// How many people have allowed it and would lose it.
    pub people: u64,
    /// Field `confirm_name` of the form that deletes.
    pub delete: Field,
    /// What the automatic checks say.
    pub checks: Vec<Check>,
    /// Fields `contact`, `home_url`, `privacy_url`, `terms_url`.
    pub publisher: PublisherFields,
    /// Field `scopes`.
    pub scopes: Field,
    /// What the app asks of APIs, and what their owners say to it.
    pub asked: Vec<AskedByApp>,
    /// Those who can try the app before it is approved.
    pub test_people: TestPeople,
    /// Field `comment` of the form that answers the reviewers.
    pub answer: Field,
    /// The flow, with this app's values filled in.
    pub snippets: Snippets,
}

impl DeveloperApp {
    const HERE: AppPage = AppPage::Overview;

    /// Everything that is wrong, in the page's order: the field's id, its label, the sentence. The page is long, so that they
    /// stand above it all, each with the way to its field.
    pub fn errors(&self) -> Vec<(&'static str, &'static str, &str)> {
        let password = self.password.as_ref().and_then(|field| field.error.as_deref());
        // Where two secrets work there is no field to lead to.
        let secret = if self.secrets.len() > 1 {
            "credentials"
        } else {
            "grace_hours"
        };
        [
            (secret, "Secret", self.secret_error.as_deref()),
            ("name", "App name", self.name.error.as_deref()),
            ("logo", "Logo", self.logo_error.as_deref()),
            (
                "redirect_uris",
                "Redirect URLs",
                self.redirect_uris.field.error.as_deref(),
            ),
            ("redirects-password", "Your password", password),
            (
                "description",
                "Description",
                self.description.field.error.as_deref(),
            ),
            ("contact", "Contact", self.publisher.contact.error.as_deref()),
            ("home_url", "Home page", self.publisher.home.error.as_deref()),
            (
                "privacy_url",
                "Privacy notice",
                self.publisher.privacy.error.as_deref(),
            ),
            ("terms_url", "Terms of use", self.publisher.terms.error.as_deref()),
            ("data_points", "Data points", self.data_points.error.as_deref()),
            ("scopes", "Scopes", self.scopes.error.as_deref()),
            ("team-username", "Invite somebody", self.team_add.error.as_deref()),
            (
                "give-name",
                "Give the app to somebody else",
                self.give.error.as_deref(),
            ),
            ("test-people", "Test people", self.test_people.error.as_deref()),
            ("answer", "Write to the reviewers", self.answer.error.as_deref()),
            ("confirm_name", "Delete", self.delete.error.as_deref()),
        ]
        .into_iter()
        .filter_map(|(id, label, error)| Some((id, label, error?)))
        .collect()
    }

    /// Whether the person who looks owns the app.
    pub fn is_owners(&self) -> bool {
        self.team.iter().any(|member| member.is_owner && member.is_viewer)
    }

    /// To whom the owner may give it.
    pub fn heirs(&self) -> Vec<&TeamMember> {
        self.team.iter().filter(|member| !member.is_owner).collect()
    }

    /// Whether the team may send it to review again as it is. A refused change is put away: making another one sends
    /// that to review.
    pub fn may_submit(&self) -> bool {
        matches!(
            self.head.status,
            AppStatus::Draft | AppStatus::ChangesRequested | AppStatus::Rejected
        ) || (self.head.status == AppStatus::Approved && self.head.change == Change::Returned)
    }

    /// Whether there is a change beside what was approved, to be put away.
    pub fn may_put_change_away(&self) -> bool {
        matches!(self.head.change, Change::Pending | Change::Returned)
    }

    /// Whether a reviewer's words stand above everything else.
    pub fn has_answer(&self) -> bool {
        matches!(
            self.head.status,
            AppStatus::ChangesRequested | AppStatus::Rejected | AppStatus::Suspended
        ) || matches!(self.head.change, Change::Returned | Change::Rejected)
    }

    /// How many people would lose it, as the end of a sentence about deleting.
    pub fn affected(&self) -> String {
        match self.people {
            0 => "Nobody has connected it yet.".to_owned(),
            1 => "1 person has connected it and will lose it at once.".to_owned(),
            many => format!(
                "{} people have connected it and will lose it at once.",
                counted(many)
            ),
        }
    }
}

/// Something that the app asks of an API.
#[derive(Debug, Clone)]
pub struct AskedByApp {
    /// Its name on the wire.
    pub name: String,
    /// The API's name; none where no API has registered it.
    pub api: Option<String>,
    /// What its owner said; approved where the API is open to every app.
    pub state: AskedOfApi,
    /// What they said with it.
    pub comment: String,
}

/// One member of the team.
#[derive(Debug, Clone)]
pub struct TeamMember {
    /// Who.
    pub person: Person,
    /// They registered the app: nobody else can remove them.
    pub is_creator: bool,
    /// The app is theirs: they can neither be removed nor leave.
    pub is_owner: bool,
    /// Whether this is the person who looks.
    pub is_viewer: bool,
    /// Since when.
    pub since: When,
}

impl TeamMember {
    /// Whether a button takes them off the team.
    pub fn is_removable(&self) -> bool {
        !self.is_owner && (!self.is_creator || self.is_viewer)
    }

    /// What they are.
    pub fn role(&self) -> &'static str {
        match (self.is_owner, self.is_creator) {
            (true, true) => "owner and creator",
            (true, false) => "owner",
            (false, true) => "creator",
            (false, false) => "member",
        }
    }
}

/// Somebody who has yet to answer.
#[derive(Debug, Clone)]
pub struct InvitedPerson {
    /// Their username.
    pub username: String,
    /// To own the app, or to join the team.
    pub as_owner: bool,
    /// Who invited them.
    pub by: String,
    /// Since when.
    pub since: When,
}

/// An app's test people, and the form that makes one.
#[derive(Debug, Clone, Default)]
pub struct TestPeople {
    /// Those there are.
    pub people: Vec<TestPerson>,
    /// At most so many.
    pub most: usize,
    /// The password of one, in the one answer that shows it: the username and the password.
    pub new: Option<(String, String)>,
    /// Why nothing was done.
    pub error: Option<String>,
}

/// One test person.
#[derive(Debug, Clone)]
pub struct TestPerson {
    /// Their number: field `person`.
    pub id: i64,
    /// Their sign-in name.
    pub username: String,
    /// Their made-up name.
    pub name: String,
    /// Since when.
    pub since: When,
}

/// One live secret. The secret itself is not known to us any more.
#[derive(Debug, Clone)]
pub struct SecretRow {
    /// Its number, by which it is revoked.
    pub id: u32,
    /// What tells it apart, never enough to guess it: its first characters.
    pub prefix: String,
    /// When it was made.
    pub created: When,
    /// When it was last used; none: never yet.
    pub last_used: Option<When>,
    /// When it stops working; none: until it is rotated.
    pub expires: Option<When>,
}
