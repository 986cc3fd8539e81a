//! `[metrics]`

use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Numbers for whoever watches over the instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// The address and port on which `/metrics` answers, over plain HTTP, whoever asks. None: on the site's own, for
    /// this machine alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
}
