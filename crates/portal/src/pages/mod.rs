//! The handlers, one file a page: each reads its request into types, asks the engine, and fills in a view.

pub(crate) mod account;
pub(crate) mod asked;
pub(crate) mod assets;
pub(crate) mod consent;
pub(crate) mod developer;
pub(crate) mod device;
pub(crate) mod device_qr;
pub(crate) mod form_post;
pub(crate) mod home;
pub(crate) mod legal;
pub(crate) mod login;
pub(crate) mod logo;
pub(crate) mod logout;
pub(crate) mod maintainer;
