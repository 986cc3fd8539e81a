//! A form of text fields.

use super::{check_token, content_type, is_too_long, wrong_type};
use crate::csrf;
use crate::problem::Problem;
use crate::visitor::Visit;
use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use http_body_util::{BodyExt, Limited};
use omniport_engine::Engine;
use omniport_protocol::vocabulary::{MAX_FORM_BYTES, Params, is_form};
use std::sync::Arc;

/// The fields that may be given more than once: checkboxes.
const REPEATABLE: [&str; 4] = ["data_points", "optional", "grant_types", "names"];

/// A form that this browser was shown, with each field at most once.
pub(crate) struct Form(Params);

impl Form {
    /// The form, if it carries the token of a page that this browser was shown.
    pub(crate) fn checked(params: Params, visit: &Visit) -> Result<Self, Problem> {
        check_token(token_of(&params).unwrap_or_default(), visit)?;
        Ok(Self(params))
    }

    /// A field's text as it was typed; empty where it was left out.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).unwrap_or_default()
    }

    /// Every field with its text, in order.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter()
    }

    /// Whether a checkbox is ticked.
    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        self.0.get(name).is_some()
    }

    /// The fields whose names begin with `prefix`: what follows it, and the text.
    pub(crate) fn under(&self, prefix: &str) -> Vec<(String, String)> {
        let fields = self
            .0
            .iter()
            .filter_map(|(name, text)| Some((name.strip_prefix(prefix)?, text)));
        fields
            .map(|(rest, text)| (rest.to_owned(), text.to_owned()))
            .collect()
    }

    /// The ticked values of a group of checkboxes.
    pub(crate) fn ticked(&self, name: &str) -> Vec<String> {
        self.0.all(name).map(ToOwned::to_owned).collect()
    }
}

impl FromRequest<Arc<Engine>> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Arc<Engine>) -> Result<Self, Problem> {
        let (mut parts, params) = read(request).await?;
        let visit = Visit::from_request_parts(&mut parts, engine).await?;
        Self::checked(params, &visit)
    }
}

/// A form from wherever it comes: for the one page that others send forms to.
pub(crate) async fn read(request: Request) -> Result<(Parts, Params), Problem> {
    let (parts, body) = request.into_parts();
    if !is_form(content_type(&parts)) {
        return Err(wrong_type());
    }
    let body = match Limited::new(body, MAX_FORM_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if is_too_long(&*error) => {
            return Err(Problem::too_large(
                "The form is larger than 64 KiB. Shorten what you typed.",
            ));
        }
        Err(_) => {
            return Err(Problem::malformed(
                "The form ended before it was complete. Send it again.",
            ));
        }
    };
    Ok((parts, parse(&body)?))
}

/// The token of the page that a form stood on; none where it stood on none of ours.
pub(crate) fn token_of(params: &Params) -> Option<&str> {
    params.get(csrf::FIELD)
}

fn parse(body: &[u8]) -> Result<Params, Problem> {
    let params = Params::parse(body).map_err(|_| {
        Problem::malformed("The form holds characters that are not UTF-8, or too many fields.")
    })?;
    let single = Params::from_pairs(params.iter().filter(|(name, _)| !REPEATABLE.contains(name)));
    match single.refuse_duplicates() {
        Ok(()) => Ok(params),
        Err(_) => Err(Problem::malformed("The form gives a field more than once.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checkboxes_repeat_and_nothing_else_does() {
        let form = Form(
            parse(b"name=a+b&data_points=x&data_points=y&agrees=true")
                .ok()
                .unwrap(),
        );
        assert_eq!(form.text("name"), "a b");
        assert_eq!(form.ticked("data_points"), ["x", "y"]);
        assert!(form.is_ticked("agrees") && !form.is_ticked("other"));
        for bad in [&b"name=a&name=b"[..], b"name=%FF", b"name=%00"] {
            assert!(parse(bad).is_err());
        }
    }
}
