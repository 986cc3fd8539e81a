//! One file an endpoint.

pub mod authorize;
pub mod backchannel;
mod bearer;
pub mod device;
pub mod discovery;
mod form_endpoint;
pub mod introspect;
pub mod jwks;
pub mod par;
pub mod protected_resource;
pub mod registration;
pub mod revoke;
pub mod token;
pub mod user_data;
pub mod userinfo;
