//! APIs that others run and that take our access tokens: what their owners register, and who may ask for what of them.

mod audience;
mod details;
mod directory;
mod draft;
mod resource;
mod schema;
mod schema_check;
mod uri;

pub use audience::{ApiGrant, TokenAudience};
pub use details::{Details, MAX_DETAILS_BYTES};
pub use directory::{Apis, Unusable};
pub use draft::{MAX_TOKEN_SECONDS, ResourceDraft, check_scope_lines};
pub use resource::{ApiScope, DetailsType, Resource, ResourceId, TokenFormat};
pub use schema::{Schema, SchemaError};
pub use uri::{ResourceUri, ResourceUriError};
