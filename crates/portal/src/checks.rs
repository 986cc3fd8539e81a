//! The automatic checks as pages show them.

use crate::views;
use omniport_protocol::review::{Check, Checked};

/// Each with its title.
pub(crate) fn shown(checks: Vec<Check>) -> Vec<views::Check> {
    let shown = checks.into_iter().map(|check| views::Check {
        title: title(check.what),
        fine: check.fine,
        evidence: check.evidence,
    });
    shown.collect()
}

const fn title(what: Checked) -> &'static str {
    match what {
        Checked::Description => "Description",
        Checked::Name => "Name",
        Checked::Logo => "Logo",
        Checked::Publisher => "Contact and links",
        Checked::RedirectHosts => "Redirect hosts",
        Checked::Purposes => "Purposes",
        Checked::Secrets => "Secrets",
        Checked::Legacy => "Special permissions",
    }
}
