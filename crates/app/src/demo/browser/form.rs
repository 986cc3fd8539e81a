//! Forms: what is filled in, and what is sent (HTML, "Constructing the entry list").

use super::BrowserError;
use super::html::{Document, Tag, Token};
use http::Method;
use url::Url;

/// A form on its page, as far as it is filled in.
#[derive(Debug, Clone)]
pub struct Form {
    pub(super) page: Url,
    method: Method,
    action: String,
    controls: Vec<Control>,
}

/// What a press on a button sends.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) fields: Vec<(String, String)>,
}

#[derive(Debug, Clone)]
struct Control {
    kind: Kind,
    id: String,
    name: String,
    value: String,
    checked: bool,
    disabled: bool,
    action: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Checkbox,
    Radio,
    Button,
}

impl Form {
    /// The form that the control with this id or, failing that, this name belongs to.
    pub(super) fn of_control(page: &Url, document: &Document, wanted: &str) -> Option<Self> {
        let forms = || all(page, document);
        let by = |fits: fn(&Control, &str) -> bool| {
            forms().find(|form| form.controls.iter().any(|control| fits(control, wanted)))
        };
        by(|control, id| control.id == id).or_else(|| by(|control, name| control.name == name))
    }

    /// Fills in the text field of this name.
    ///
    /// # Errors
    /// [`BrowserError::Missing`]
    pub fn fill(mut self, name: &str, value: &str) -> Result<Self, BrowserError> {
        let field = self
            .controls
            .iter_mut()
            .find(|control| control.kind == Kind::Text && control.name == name);
        match field {
            Some(field) => value.clone_into(&mut field.value),
            None => return Err(self.missing(&format!("text field named '{name}'"))),
        }
        Ok(self)
    }

    /// Ticks the box, or chooses the option, of this name and value.
    ///
    /// # Errors
    /// [`BrowserError::Missing`]
    pub fn tick(mut self, name: &str, value: &str) -> Result<Self, BrowserError> {
        let fits = |control: &Control| {
            matches!(control.kind, Kind::Checkbox | Kind::Radio)
                && control.name == name
                && control.value == value
        };
        let Some(at) = self.controls.iter().position(fits) else {
            return Err(self.missing(&format!("box named '{name}' with the value '{value}'")));
        };
        for (other, control) in self.controls.iter_mut().enumerate() {
            if other == at {
                control.checked = true;
            } else if control.kind == Kind::Radio && control.name == name {
                control.checked = false;
            }
        }
        Ok(self)
    }

    /// The one value of the box named `name`, whatever it is: for a single box such as an agreement.
    pub fn value_of(&self, name: &str) -> Option<&str> {
        self.controls
            .iter()
            .find(|control| control.name == name)
            .map(|control| control.value.as_str())
    }

    /// What a press on the button with this id sends.
    pub(super) fn submit(&self, button: &str) -> Result<Submission, BrowserError> {
        let fits =
            |control: &&Control| control.kind == Kind::Button && control.id == button && !control.disabled;
        let pressed = self.controls.iter().find(fits);
        let pressed = pressed.ok_or_else(|| self.missing(&format!("button with the id '{button}'")))?;
        let action = pressed.action.as_ref().unwrap_or(&self.action);
        let mut url = self
            .page
            .join(action)
            .map_err(|_| BrowserError::Url(action.clone()))?;
        url.set_fragment(None);
        let is_sent = |control: &&Control| {
            let counts = match control.kind {
                Kind::Text => true,
                Kind::Checkbox | Kind::Radio => control.checked,
                Kind::Button => std::ptr::eq(*control, pressed),
            };
            counts && !control.disabled && !control.name.is_empty()
        };
        let fields = self.controls.iter().filter(is_sent);
        Ok(Submission {
            method: self.method.clone(),
            url,
            fields: fields
                .map(|control| (control.name.clone(), control.value.clone()))
                .collect(),
        })
    }

    fn missing(&self, what: &str) -> BrowserError {
        BrowserError::Missing {
            page: self.page.path().to_owned(),
            what: format!("{what} in its form"),
        }
    }
}

/// Every form of a page, in order.
fn all<'a>(page: &'a Url, document: &'a Document) -> impl Iterator<Item = Form> + 'a {
    document
        .tokens
        .iter()
        .enumerate()
        .filter_map(move |(at, token)| match token {
            Token::Open(tag) if tag.name == "form" => {
                let is_post = tag
                    .get("method")
                    .is_some_and(|method| method.eq_ignore_ascii_case("post"));
                Some(Form {
                    page: page.clone(),
                    method: if is_post { Method::POST } else { Method::GET },
                    action: tag.get("action").unwrap_or_default().to_owned(),
                    controls: controls(document, at, tag.get("id")),
                })
            }
            _ => None,
        })
}

/// The controls of the form that opens at `start`: those inside, and those that name it.
fn controls(document: &Document, start: usize, id: Option<&str>) -> Vec<Control> {
    let end = document.end_of(start);
    let tags = document
        .tokens
        .iter()
        .enumerate()
        .filter_map(|(at, token)| match token {
            Token::Open(tag) => Some((at, tag)),
            _ => None,
        });
    let belongs = |at: usize, tag: &Tag| match tag.get("form") {
        Some(named) => Some(named) == id,
        None => (start..end).contains(&at),
    };
    tags.filter(|(at, tag)| belongs(*at, tag))
        .filter_map(|(at, tag)| control(document, at, tag))
        .collect()
}

fn control(document: &Document, at: usize, tag: &Tag) -> Option<Control> {
    let kind = match (tag.name.as_str(), tag.get("type").unwrap_or_default()) {
        ("input", "checkbox") => Kind::Checkbox,
        ("input", "radio") => Kind::Radio,
        ("input" | "button", "submit") | ("button", "") => Kind::Button,
        ("input", "button" | "reset" | "image" | "file") | ("button", _) => return None,
        ("input" | "textarea" | "select", _) => Kind::Text,
        _ => return None,
    };
    let value = match (tag.name.as_str(), kind) {
        ("textarea", _) => document.raw_text_from(at),
        ("select", _) => selected(document, at),
        (_, Kind::Checkbox | Kind::Radio) => tag.get("value").unwrap_or("on").to_owned(),
        _ => tag.get("value").unwrap_or_default().to_owned(),
    };
    Some(Control {
        kind,
        id: tag.get("id").unwrap_or_default().to_owned(),
        name: tag.get("name").unwrap_or_default().to_owned(),
        value,
        checked: tag.has("checked"),
        disabled: tag.has("disabled"),
        action: tag.get("formaction").map(ToOwned::to_owned),
    })
}

/// The value of a `select`: of its chosen option, or of its first.
fn selected(document: &Document, start: usize) -> String {
    let end = document.end_of(start);
    let options = || {
        document
            .tokens
            .iter()
            .enumerate()
            .take(end)
            .skip(start)
            .filter_map(|(at, token)| match token {
                Token::Open(tag) if tag.name == "option" => Some((at, tag)),
                _ => None,
            })
    };
    let chosen = options()
        .find(|(_, tag)| tag.has("selected"))
        .or_else(|| options().next());
    chosen.map_or_else(String::new, |(at, tag)| {
        tag.get("value")
            .map_or_else(|| document.raw_text_from(at).trim().to_owned(), ToOwned::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"
        <form id="search" action="/find"><input name="q" value="old"><button id="go">Go</button></form>
        <form method="post" action="save?x=1#part">
          <input type="hidden" name="csrf_token" value="t&amp;t">
          <input name="name" id="app-name">
          <textarea name="description">
two
lines</textarea>
          <input type="checkbox" name="points" value="a"><input type="checkbox" name="points" value="b" checked>
          <input type="radio" name="kind" value="one" checked><input type="radio" name="kind" value="two">
          <select name="hours"><option value="0">none</option><option value="24" selected>a day</option></select>
          <input name="off" value="x" disabled><input type="file" name="logo">
          <button id="save" name="act" value="save">Save</button>
          <button id="drop" name="act" value="drop" formaction="/drop">Drop</button>
        </form>
        <input name="outside" value="1"><input form="search" name="more" value="2">"#;

    fn form(control: &str) -> Form {
        let page = Url::parse("http://127.0.0.1:1/apps/7").unwrap();
        Form::of_control(&page, &Document::parse(PAGE), control).unwrap()
    }

    fn sent(form: &Form, button: &str) -> String {
        let submission = form.submit(button).unwrap();
        let fields: Vec<String> = submission
            .fields
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        format!(
            "{} {} {}",
            submission.method,
            submission.url.path(),
            fields.join("|")
        )
    }

    #[test]
    fn a_form_sends_what_a_browser_would() {
        let untouched = sent(&form("save"), "save");
        assert_eq!(
            untouched,
            "POST /apps/save csrf_token=t&t|name=|description=two\nlines|points=b|kind=one|hours=24|act=save"
        );
        let filled = form("app-name")
            .fill("name", "Bus")
            .unwrap()
            .tick("points", "a")
            .unwrap();
        let filled = filled.tick("kind", "two").unwrap();
        assert_eq!(
            sent(&filled, "drop"),
            "POST /drop csrf_token=t&t|name=Bus|description=two\nlines|points=a|points=b|kind=two|hours=24|act=drop"
        );
        assert_eq!(sent(&form("q"), "go"), "GET /find q=old|more=2");
    }

    #[test]
    fn what_is_not_there_is_told() {
        let page = Url::parse("http://127.0.0.1:1/").unwrap();
        assert!(Form::of_control(&page, &Document::parse(PAGE), "nobody").is_none());
        for missing in [
            form("save").fill("nothing", "x"),
            form("save").tick("points", "c"),
        ] {
            assert!(matches!(missing, Err(BrowserError::Missing { .. })));
        }
        assert!(form("save").submit("go").is_err(), "another form's button");
    }
}
