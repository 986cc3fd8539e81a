//! The one form with a file: an app's logo.

use super::{check_token, content_type, is_too_long, wrong_type};
use crate::csrf;
use crate::problem::Problem;
use crate::visitor::Visit;
use axum::extract::{FromRequest, FromRequestParts, Request};
use multer::{Constraints, Field, Multipart, SizeLimit};
use omniport_engine::Engine;
use omniport_engine::apps::MAX_LOGO_BYTES;
use std::sync::Arc;

/// The file's field.
const FILE: &str = "logo";
/// The field that says which version the page showed.
const VERSION: &str = "version";
/// Longest text of another field that is read.
const MAX_TEXT: u64 = 1_024;
/// How many bytes of an upload are read at all. More than a logo may have, so that somebody who chose a photograph is told so beside the
/// field: a browser whose upload is cut off shows no answer.
pub const MAX_UPLOAD_BYTES: usize = 16 * 1_048_576;

/// An upload.
pub(crate) struct LogoUpload {
    /// The file: at most one byte more than a logo may have, which tells that it is too large.
    pub(crate) file: Vec<u8>,
    /// The version that the page showed whose form this is; none of a form that does not say.
    pub(crate) seen: Option<u32>,
}

impl FromRequest<Arc<Engine>> for LogoUpload {
    type Rejection = Problem;

    async fn from_request(request: Request, engine: &Arc<Engine>) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let boundary = multer::parse_boundary(content_type(&parts)).map_err(|_| wrong_type())?;
        let limits = SizeLimit::new()
            .whole_stream(MAX_UPLOAD_BYTES as u64)
            .for_field(csrf::FIELD, MAX_TEXT)
            .for_field(VERSION, MAX_TEXT);
        let constraints = Constraints::new()
            .allowed_fields(vec![csrf::FIELD, VERSION, FILE])
            .size_limit(limits);
        let mut form = Multipart::with_constraints(body.into_data_stream(), boundary, constraints);
        let (mut token, mut version, mut file) = (None, None, None);
        while let Some(field) = form.next_field().await.map_err(|error| refusal(&error))? {
            let is_again = match field.name() {
                Some(FILE) => file.replace(start_of(field).await?).is_some(),
                Some(VERSION) => version.replace(text_of(field).await?).is_some(),
                _ => token.replace(text_of(field).await?).is_some(),
            };
            if is_again {
                return Err(Problem::malformed("The form gives a field more than once."));
            }
        }
        let visit = Visit::from_request_parts(&mut parts, engine).await?;
        check_token(token.as_deref().unwrap_or_default(), &visit)?;
        Ok(Self {
            file: file.unwrap_or_default(),
            seen: version.and_then(|text| text.parse().ok()),
        })
    }
}

async fn text_of(field: Field<'_>) -> Result<String, Problem> {
    field.text().await.map_err(|error| refusal(&error))
}

/// Reads a file to its end, keeping no more of it than tells that it is too large.
async fn start_of(mut field: Field<'_>) -> Result<Vec<u8>, Problem> {
    let mut kept = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(|error| refusal(&error))? {
        let room = (MAX_LOGO_BYTES + 1).saturating_sub(kept.len());
        kept.extend(chunk.iter().take(room));
    }
    Ok(kept)
}

fn refusal(error: &multer::Error) -> Problem {
    let is_size = matches!(
        error,
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. }
    );
    if is_size || is_too_long(error) {
        Problem::too_large("The upload is larger than 16 MiB. Choose a picture of at most 1 MiB.")
    } else {
        Problem::malformed("The upload is malformed or incomplete. Send it again.")
    }
}
