//! `/device` and `/device/done`: ids `user-code`, `device-submit`.

use super::{Chrome, Field};
use askama::Template;

/// Where a person types in the code that a device shows; POST `/device` with `user_code`.
#[derive(Debug, Clone, Template)]
#[template(path = "device.html")]
pub struct Device {
    /// The frame.
    pub chrome: Chrome,
    /// What was typed, or came with the address.
    pub code: Field,
    /// Whether the code came with the address: then the person must look whether it is their device's.
    pub filled_in: bool,
}

/// The answer is kept, and the device fetches it.
#[derive(Debug, Clone, Template)]
#[template(path = "device_done.html")]
pub struct DeviceDone {
    /// The frame.
    pub chrome: Chrome,
    /// Yes or no.
    pub allowed: bool,
}
