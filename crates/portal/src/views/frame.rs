//! What surrounds every page: whose instance this is, who looks, and what just happened.

use super::{Mark, Person};

/// The part of a page that does not depend on the page. One value a request.
#[derive(Debug, Clone)]
pub struct Chrome {
    /// Whose instance this is.
    pub institution: Institution,
    /// The session's token against cross-site requests; every POST form carries it as `csrf_token`.
    pub csrf_token: String,
    /// The signed-in person; none on pages for strangers.
    pub viewer: Option<Viewer>,
    /// What the request before this one did ("Saved."), shown once above the page's own content.
    pub flash: Option<Notice>,
    /// What this page shows is not for real people: the sentence stands above everything else.
    pub sandbox: Option<String>,
}

impl Chrome {
    /// What surrounds a page that knows nobody: an error, an answer on its way to an app.
    pub fn bare(institution: &str) -> Self {
        Self {
            institution: Institution {
                name: institution.to_owned(),
                logo_url: None,
            },
            csrf_token: String::new(),
            viewer: None,
            flash: None,
            sandbox: None,
        }
    }

    /// Leads to the developer's area too, whatever the person's role: everybody on a team has it.
    pub fn lead_to_developers_area(&mut self) {
        if let Some(viewer) = &mut self.viewer {
            viewer.is_developer = true;
        }
    }
}

/// The institution that runs this instance.
#[derive(Debug, Clone)]
pub struct Institution {
    /// Its name, as people write it: `Example University`.
    pub name: String,
    /// Its logo: a path on this host, or none for Omniport's own mark.
    pub logo_url: Option<String>,
}

impl Institution {
    /// The institution as a mark (its logo, or its initials on a tinted ground).
    pub fn mark(&self) -> Mark {
        Mark {
            name: self.name.clone(),
            logo_url: self.logo_url.clone(),
        }
    }
}

/// The signed-in person, as the navigation needs them.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// Who they are.
    pub person: Person,
    /// Whether the developer area is theirs to open.
    pub is_developer: bool,
    /// Whether the maintainer area is theirs to open.
    pub is_maintainer: bool,
}

/// How a notice is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Something to know.
    Info,
    /// Something was done.
    Done,
    /// Something to beware of.
    Warning,
    /// Something was refused.
    Problem,
}

impl NoticeKind {
    /// The word that the stylesheet selects by.
    pub fn key(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Done => "done",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }

    /// Its shape, so that colour is never all that tells.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Info => super::icons::INFO,
            Self::Done => super::icons::CHECK,
            Self::Warning => super::icons::WARNING,
            Self::Problem => super::icons::CROSS,
        }
    }

    /// The live-region role: a refusal interrupts, the rest waits its turn.
    pub fn role(self) -> &'static str {
        match self {
            Self::Problem => "alert",
            _ => "status",
        }
    }
}

/// One or two sentences in a box.
#[derive(Debug, Clone)]
pub struct Notice {
    /// How it is meant.
    pub kind: NoticeKind,
    /// The sentences.
    pub text: String,
}
