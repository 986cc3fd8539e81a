//! `/maintainer/review` and `/maintainer/review/ID`: ids `review-comment`, `review-approve`, `review-reject`,
//! `review-changes`, `review-suspend`, `review-resume`, `review-note`, `review-claim`, `review-release`.

use super::{
    AppStatus, Check, Chrome, ClientType, Difference, Field, HistoryEntry, Link, Mark, StatedGroup, When,
    counted, number,
};
use askama::Template;

/// The queue. Where something waits, the oldest is open in full on top, ready to be decided.
#[derive(Debug, Clone, Template)]
#[template(path = "maintainer/queue.html")]
pub struct Queue {
    /// The frame.
    pub chrome: Chrome,
    /// What is listed.
    pub filter: QueueFilter,
    /// What was searched for (field `q`).
    pub query: String,
    /// How many wait.
    pub waiting: u64,
    /// The first of the queue in full; none when nothing waits or another list is looked at.
    pub first: Option<Review>,
    /// The rest, oldest first.
    pub rows: Vec<QueueRow>,
    /// The next page of the list.
    pub next_page: Option<Link>,
}

/// Which apps the list shows: `?status=` + [`QueueFilter::key`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueFilter {
    /// Those with something to decide. The default.
    Pending,
    /// Those of them that have waited too long.
    Overdue,
    /// Those of them that nobody reviews yet.
    Unclaimed,
    /// Those of them that this maintainer reviews.
    Mine,
    /// Those that were sent back, and that their teams have yet to answer about.
    WithTeam,
    /// The approved.
    Approved,
    /// The suspended.
    Suspended,
    /// All.
    All,
}

impl QueueFilter {
    /// Every filter, in the order of the tabs.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Overdue,
        Self::Unclaimed,
        Self::Mine,
        Self::WithTeam,
        Self::Approved,
        Self::Suspended,
        Self::All,
    ];

    /// The word in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Overdue => "overdue",
            Self::Unclaimed => "unclaimed",
            Self::Mine => "mine",
            Self::WithTeam => "with-team",
            Self::Approved => "approved",
            Self::Suspended => "suspended",
            Self::All => "all",
        }
    }

    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Overdue => "Overdue",
            Self::Unclaimed => "Unclaimed",
            Self::Mine => "Mine",
            Self::WithTeam => "With their teams",
            Self::Approved => "Approved",
            Self::Suspended => "Suspended",
            Self::All => "All",
        }
    }
}

/// What is to be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewKind {
    /// An app that was never approved.
    New,
    /// A change of an app that lives.
    Change,
}

impl ReviewKind {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "New app",
            Self::Change => "Change",
        }
    }
}

/// One app in the list.
#[derive(Debug, Clone)]
pub struct QueueRow {
    /// Its client ID: `/maintainer/review/ID`.
    pub id: String,
    /// Name and logo.
    pub mark: Mark,
    /// Its creator.
    pub owner: String,
    /// Where it stands.
    pub status: AppStatus,
    /// What is to be decided; none when nothing is.
    pub kind: Option<ReviewKind>,
    /// When it was sent to review, or where nothing waits when it last was decided.
    pub since: When,
    /// Whether it has waited too long.
    pub overdue: bool,
    /// Who reviews it.
    pub claimed_by: Option<String>,
}

/// `/maintainer/review/ID`.
#[derive(Debug, Clone, Template)]
#[template(path = "maintainer/app.html")]
pub struct MaintainerApp {
    /// The frame.
    pub chrome: Chrome,
    /// The app.
    pub review: Review,
    /// How telling it of sign-outs went; none where there was nothing to tell.
    pub sign_outs: Option<SignOuts>,
    /// What it may be allowed although it is unsafe; empty where the person who looks may not.
    pub marks: Vec<MarkChoice>,
}

/// `/maintainer/review/ID/history`: a page of what happened to an app.
#[derive(Debug, Clone, Template)]
#[template(path = "maintainer/history.html")]
pub struct MaintainerHistory {
    /// The frame.
    pub chrome: Chrome,
    /// The client ID.
    pub id: String,
    /// Name and logo.
    pub mark: Mark,
    /// What happened, newest first.
    pub history: Vec<HistoryEntry>,
    /// Where what came before is.
    pub older: Option<String>,
}

/// A checkbox of the form that marks an app: POST to the page with `decision` = `mark`.
#[derive(Debug, Clone)]
pub struct MarkChoice {
    /// The field's name.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// What it lets the app do.
    pub sentence: &'static str,
    /// Whether it is ticked.
    pub checked: bool,
}

/// How telling an app of sign-outs went in the last 30 days (OpenID Connect Back-Channel Logout).
#[derive(Debug, Clone)]
pub struct SignOuts {
    /// How many it was told of.
    pub told: u64,
    /// How many it could not be told of.
    pub not_told: u64,
    /// How many it is being told of.
    pub waiting: u64,
    /// Why the last attempt that failed did, and when that session ended.
    pub last_failure: Option<(String, When)>,
}

impl SignOuts {
    /// The three numbers, for people.
    pub fn in_words(&self) -> String {
        let [told, not_told, waiting] = [self.told, self.not_told, self.waiting].map(number);
        format!("{told} told, {not_told} not told, {waiting} waiting.")
    }
}

/// Everything about one app, and the form that decides: POST `/maintainer/review/ID` with `app`, `version`,
/// `seen`, `comment` and `decision` (`approve`, `request-changes`, `reject`, `suspend`, `resume`; `comment` decides
/// nothing). Beside it a form for a note (`decision` = `note`, field `note`), and one that claims or gives back
/// (`claim`, `release`, with `claimed_by`).
#[derive(Debug, Clone)]
pub struct Review {
    /// The client ID (hidden field `app`).
    pub id: String,
    /// The manifest version shown (hidden field `version`): a decision about another one is refused.
    pub version: u32,
    /// The newest entry of the history shown (hidden field `seen`): a decision that did not see a later one is refused.
    pub seen: i64,
    /// Whether it has waited too long.
    pub overdue: bool,
    /// Whether it registered itself (RFC 7591), with nobody of the team at the form.
    pub registered_itself: bool,
    /// Who reviews it.
    pub claim: Option<ReviewClaim>,
    /// Field `note`.
    pub note: Field,
    /// Name and logo.
    pub mark: Mark,
    /// Where it stands.
    pub status: AppStatus,
    /// What is to be decided; none when nothing is.
    pub kind: Option<ReviewKind>,
    /// Its creator: name and username.
    pub owner: String,
    /// When it was sent to review, or where nothing waits when it last was decided.
    pub since: When,
    /// Confidential or public.
    pub client_type: ClientType,
    /// Its redirect URLs.
    pub redirect_uris: Vec<String>,
    /// What it is for, in the team's words.
    pub description: String,
    /// How many words that is.
    pub words: usize,
    /// What it asks for.
    pub data_points: Vec<StatedGroup>,
    /// How it differs from the live version; empty for a new app.
    pub differences: Vec<Difference>,
    /// What the automatic checks found, with evidence.
    pub checks: Vec<Check>,
    /// Its contact and its own pages.
    pub links: Vec<Link>,
    /// The scopes of APIs that it asks for.
    pub scopes: Vec<String>,
    /// How it speaks the protocols: settings by their registered names, with their values.
    pub protocols: Vec<(String, Vec<String>)>,
    /// How many people have allowed it.
    pub people: u64,
    /// What happened last, newest first.
    pub history: Vec<HistoryEntry>,
    /// Where the rest of it is.
    pub older: Option<String>,
    /// Field `comment`.
    pub comment: Field,
    /// Which decisions apply.
    pub actions: ReviewActions,
    /// Why the person who looks cannot decide (it is their own app); none when they can.
    pub barred: Option<String>,
}

/// Who reviews an app.
#[derive(Debug, Clone)]
pub struct ReviewClaim {
    /// Their number (hidden field `claimed_by`).
    pub by: i64,
    /// Their username.
    pub username: String,
    /// Whether it is whoever looks.
    pub is_viewer: bool,
    /// Since when.
    pub since: When,
}

impl Review {
    /// How many data points it asks for.
    pub fn count(&self) -> usize {
        self.data_points.iter().map(|group| group.points.len()).sum()
    }

    /// How many people have allowed it.
    pub fn people_words(&self) -> String {
        counted(self.people)
    }
}

/// The decisions that apply to an app as it stands. A page shows only these.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "five independent buttons; any combination is a page"
)]
pub struct ReviewActions {
    /// Approve what waits.
    pub approve: bool,
    /// Send what waits back to its team.
    pub request_changes: bool,
    /// Refuse what waits.
    pub reject: bool,
    /// Stop the app at once.
    pub suspend: bool,
    /// Undo that.
    pub resume: bool,
}

impl ReviewActions {
    /// Whether there is anything to decide.
    pub fn any(self) -> bool {
        self.approve || self.request_changes || self.reject || self.suspend || self.resume
    }
}
