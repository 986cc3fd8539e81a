//! The words of the protocol: parsed once, valid ever after.

mod certificate;
mod client;
mod client_id_url;
mod confirmation;
pub mod distinguished_name;
mod ids;
mod params;
mod profile;
mod redirect_uri;
mod scope;
mod secret;
mod timestamp;

pub use certificate::{Certificate, CertificateName};
pub use client::{AuthMethod, Client, ClientKind, ClientSecret, ExchangePolicy, GrantType, Legacy};
pub use client_id_url::{ClientIdUrl, ClientIdUrlError};
pub use confirmation::{Confirmation, NotAThumbprint, Thumbprint};
pub use ids::{ClientId, GrantId, IdError, PersonId};
pub use params::{Duplicate, MAX_FORM_BYTES, Params, ParamsError, encode, is_form};
pub use profile::Profile;
pub use redirect_uri::{RedirectUri, RedirectUriError};
pub use scope::{Scope, ScopeError};
pub use secret::{Secret, SecretHash, TOKEN_LENGTH, sha256};
pub use timestamp::Timestamp;
