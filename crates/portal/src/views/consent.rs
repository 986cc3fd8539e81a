//! `/consent`: ids `consent-deny`, `consent-allow`.

use super::{Chrome, Link, Mark, Person, When};
use askama::Template;
use omniport_protocol::authorize::ConsentScope;

/// What an app would see of the person, and their answer: POST `/consent` with `request`, `version` and
/// `decision` (`deny` or `allow`).
#[derive(Debug, Clone, Template)]
#[template(path = "consent.html")]
pub struct ConsentPage {
    /// The frame.
    pub chrome: Chrome,
    /// The app's name and logo.
    pub app: Mark,
    /// Who publishes it: `Asha Rao`.
    pub publisher: String,
    /// The host of the address that it is known by, in place of a publisher: nobody here answers for its name.
    pub known_as: Option<String>,
    /// Its own pages, and whom to write to.
    pub links: Vec<Link>,
    /// Whether a maintainer has approved it.
    pub reviewed: bool,
    /// The host that the answer goes to, or the scheme of a native app.
    pub host: String,
    /// By what it knows the person: `your user number and username`.
    pub known_by: &'static str,
    /// Where it was asked, if not in this browser: then nobody goes back anywhere.
    pub elsewhere: Option<Elsewhere>,
    /// Not yet approved: only its own team can see this page.
    pub sandbox: bool,
    /// Who is signed in.
    pub person: Person,
    /// The link of "not you?": `/logout` with the way back, made by the handler.
    pub not_you_url: String,
    /// What it would see, by category; empty for sign-in only.
    pub groups: Vec<ConsentGroup>,
    /// What it would do at APIs in the person's name.
    pub scopes: Vec<ConsentScope>,
    /// What the person allowed it before, of what it asks for now: labels. Then the groups hold only what is new.
    pub before: Vec<String>,
    /// For how long, in words: `a year`.
    pub lasts: String,
    /// The names of the data points that are asked about (hidden field `asked`).
    pub asked: String,
    /// What the scopes say that are asked about, each as a seal (hidden field `asked_at_apis`).
    pub asked_at_apis: String,
    /// Whether a maintainer looks at it before people do: then its buttons do nothing.
    pub preview: bool,
    /// The parked request (hidden field `request`).
    pub request: String,
    /// The manifest version shown (hidden field `version`): an answer to another one is refused.
    pub version: u32,
}

/// A request that was made elsewhere.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// On a device whose code the person typed in; else by the app itself.
    pub on_device: bool,
    /// When.
    pub when: When,
    /// What the app says, for the person to recognise there.
    pub message: Option<String>,
}

/// The data points of one category, with the person's own values.
#[derive(Debug, Clone)]
pub struct ConsentGroup {
    /// The category's label.
    pub label: String,
    /// Its data points.
    pub points: Vec<ConsentPoint>,
}

impl ConsentGroup {
    /// Whether it is open from the start: nobody may allow without having had in sight what something is for, and what
    /// may be left out.
    pub fn is_open(&self) -> bool {
        self.points
            .iter()
            .any(|point| point.optional || point.purpose.is_some())
    }

    /// What it says while it is closed: every fact by its name, with its value.
    pub fn summary(&self) -> String {
        let facts: Vec<String> = self.points.iter().map(ConsentPoint::short).collect();
        facts.join(" · ")
    }
}

/// One data point with the value that would be sent.
#[derive(Debug, Clone)]
pub struct ConsentPoint {
    /// Its name: the value of the checkbox `data_points` where it is optional.
    pub name: String,
    /// What the app wants it for.
    pub purpose: Option<String>,
    /// Whether the person may leave it out.
    pub optional: bool,
    /// Of an optional one, whether it is ticked.
    pub ticked: bool,
    /// Its label.
    pub label: String,
    /// The person's value.
    pub value: PointValue,
}

impl ConsentPoint {
    /// What its closed group says of it.
    fn short(&self) -> String {
        let value = self.value.short();
        format!(
            "{}: {}",
            self.label,
            value.as_deref().unwrap_or("nothing on file")
        )
    }
}

/// A value, as a person reads it.
#[derive(Debug, Clone)]
pub enum PointValue {
    /// Not on file: nothing would be sent. An empty text counts as this too.
    Nothing,
    /// A text that says what it is.
    Text(String),
    /// A number, a date, a yes or no: it says nothing without its label.
    Bare(String),
    /// Several texts.
    List(Vec<String>),
    /// A picture: a path on this host, or a `data:` URL.
    Picture(String),
}

impl PointValue {
    /// What a closed group says of it; nothing when there is nothing.
    fn short(&self) -> Option<String> {
        match self {
            Self::Nothing => None,
            Self::Text(text) | Self::Bare(text) => (!text.trim().is_empty()).then(|| text.clone()),
            Self::List(texts) => (!texts.is_empty()).then(|| texts.join(", ")),
            Self::Picture(_) => Some("your picture".to_owned()),
        }
    }

    /// Whether nothing would be sent.
    pub fn is_nothing(&self) -> bool {
        self.short().is_none()
    }

    /// The lines of the value, where it is text.
    pub fn lines(&self) -> &[String] {
        match self {
            Self::Text(text) | Self::Bare(text) => std::slice::from_ref(text),
            Self::List(texts) => texts,
            Self::Nothing | Self::Picture(_) => &[],
        }
    }

    /// The picture's URL, where it is one.
    pub fn picture(&self) -> Option<&str> {
        match self {
            Self::Picture(url) => Some(url),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn required() -> ConsentPoint {
        ConsentPoint {
            name: "x.y".into(),
            purpose: None,
            optional: false,
            ticked: true,
            label: "x".into(),
            value: PointValue::Nothing,
        }
    }

    #[test]
    fn a_closed_group_names_every_fact() {
        let point = |label: &str, value| ConsentPoint {
            label: label.into(),
            value,
            ..required()
        };
        let group = ConsentGroup {
            label: "Student".into(),
            points: vec![
                point("Branch", PointValue::Text("Physics".into())),
                point("Semester", PointValue::Bare("5".into())),
                point("Roles", PointValue::List(vec!["Student".into(), "Guide".into()])),
                point("Picture", PointValue::Picture("/p".into())),
                point("Hostel", PointValue::Nothing),
                point("Room", PointValue::Text("  ".into())),
                point("Societies", PointValue::List(vec![])),
            ],
        };
        assert_eq!(
            group.summary(),
            "Branch: Physics · Semester: 5 · Roles: Student, Guide · Picture: your picture · Hostel: nothing on file · \
             Room: nothing on file · Societies: nothing on file"
        );
    }

    #[test]
    fn a_group_is_open_where_something_is_said_or_asked_of_a_fact() {
        let group = |point| ConsentGroup {
            label: "Person".into(),
            points: vec![required(), point],
        };
        assert!(!group(required()).is_open());
        let optional = ConsentPoint {
            optional: true,
            ..required()
        };
        let meant = ConsentPoint {
            purpose: Some("To greet you".into()),
            ..required()
        };
        assert!(group(optional).is_open() && group(meant).is_open());
    }
}
