//! Review: what an app is, who may use it meanwhile, and what an edit changes.

mod access;
mod asked;
mod checks;
mod draft;
mod edit;
mod legacy_marks;
mod manifest;
mod metadata_names;
mod metadata_rfc7591;
mod names;
mod policy;
mod protocol_settings;
mod publisher;
mod sensitive;
mod settings_words;
mod standing;
mod verdict;
mod words;

pub use access::{Act, Reach, Who};
pub use asked::{Asked, MAX_PURPOSE_CHARS, check_api_scopes, is_reserved_scope};
pub use checks::{Check, Checked, Evidence, checks};
pub use draft::{
    Draft, FieldError, FieldErrors, MAX_NAME_CHARS, MAX_REDIRECT_URIS, check_client_type, check_data_points,
    check_description, check_name, check_own_name, check_redirect_uris, default_auth_methods,
    default_grant_types,
};
pub use edit::{Change, Edit, Revision};
pub use legacy_marks::LegacyMark;
pub use manifest::{App, Manifest, Version};
pub use metadata_names::{is_known_member, nearest_member};
pub use metadata_rfc7591::ClientMetadata;
pub use names::{imitates_omniport, look, unseen_in_username};
pub(crate) use names::{is_unseen, reorders};
pub use policy::{Part, Parts, PartsError, ReviewPolicy};
pub use protocol_settings::{ProtocolSettings, TypedSettings};
pub use publisher::{Publisher, terms_version};
pub use sensitive::Sensitive;
pub use settings_words::{
    AUTH_METHOD, GRANT_TYPES, GrantWords, SETTINGS, Setting, SettingGroup, SettingKind, grant_words,
};
pub use standing::{Stage, Standing};
pub use verdict::{Decided, MAX_COMMENT_CHARS, Proposal, Verdict, VerdictError};
pub use words::{DESCRIPTION_WORDS, count_words};
