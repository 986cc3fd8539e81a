//! Review: what an app is, who may use it meanwhile, and what an edit changes.

mod draft;
mod edit;
mod manifest;
mod metadata_rfc7591;
mod standing;
mod verdict;
mod words;

pub use draft::{
    Draft, FieldError, FieldErrors, MAX_NAME_CHARS, MAX_REDIRECT_URIS, check_client_type, check_data_points,
    check_description, check_name, check_redirect_uris, default_auth_methods, default_grant_types,
};
pub use edit::{Change, Edit, Revision};
pub use manifest::{App, Manifest, Version};
pub use metadata_rfc7591::ClientMetadata;
pub use standing::Standing;
pub use verdict::{Decided, Proposal, Verdict, VerdictError};
pub use words::{DESCRIPTION_WORDS, count_words};
