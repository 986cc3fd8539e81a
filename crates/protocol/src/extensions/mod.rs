//! Extensions to the core, one file an RFC, named after it.

pub mod ciba;
pub mod client_id_metadata_document;
pub mod device_rfc8628;
pub mod dpop_rfc9449;
pub mod fapi2;
pub mod iss_rfc9207;
pub mod jarm;
pub mod par_rfc9126;
pub mod pkce_rfc7636;
pub mod rar_rfc9396;
pub mod resource_rfc8707;
pub mod sender;
