//! Apps as pages show them: a name, a logo, where they stand.

use crate::views;
use omniport_protocol::review::{App, Manifest, Standing};
use omniport_protocol::vocabulary::ClientKind;

/// An app's name and logo. `digest` is its logo's, where it has one.
pub(crate) fn app(name: impl Into<String>, digest: Option<&str>) -> views::Mark {
    views::Mark {
        name: name.into(),
        logo_url: digest.map(|digest| format!("/logo/{digest}.png")),
    }
}

/// The name and logo in a version of an app.
pub(crate) fn manifest(manifest: &Manifest) -> views::Mark {
    app(&manifest.name, manifest.logo.as_deref())
}

/// The name and logo that people know an app by.
pub(crate) fn serving(of: &App) -> views::Mark {
    of.serving().map_or_else(
        || app(of.id.as_str(), None),
        |version| manifest(&version.manifest),
    )
}

/// Where an app stands.
pub(crate) const fn status(standing: Standing) -> views::AppStatus {
    match standing {
        Standing::Draft => views::AppStatus::Draft,
        Standing::Pending => views::AppStatus::Pending,
        Standing::ChangesRequested => views::AppStatus::ChangesRequested,
        Standing::Rejected => views::AppStatus::Rejected,
        Standing::Approved => views::AppStatus::Approved,
        Standing::Suspended => views::AppStatus::Suspended,
    }
}

/// Whether an app can keep a secret.
pub(crate) const fn client_type(kind: ClientKind) -> views::ClientType {
    match kind {
        ClientKind::Confidential => views::ClientType::Confidential,
        ClientKind::Public => views::ClientType::Public,
    }
}
