//! What of an edit everybody on the team is told, whoever made it: whoever changes where people are sent, or how the app
//! proves itself, could act as the app.

use super::{App, Change, Manifest, Revision};
use crate::openid::{CibaMetadata, OpenIdMetadata, SenderMetadata};
use crate::vocabulary::AuthMethod;
use std::collections::BTreeSet;

/// A part of an app by which somebody could act in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitive {
    /// Where people are sent with their answers.
    Redirects,
    /// Its keys, and how it proves itself: with what, and who is told of what waits for it.
    Keys,
}

/// All by which an app proves itself.
type Proofs<'a> = (
    &'a BTreeSet<AuthMethod>,
    &'a SenderMetadata,
    &'a CibaMetadata,
    OpenIdMetadata,
);

fn proofs(manifest: &Manifest) -> Proofs<'_> {
    let openid = &*manifest.openid;
    let said = OpenIdMetadata {
        jwks: openid.jwks.clone(),
        jwks_uri: openid.jwks_uri.clone(),
        token_endpoint_auth_signing_alg: openid.token_endpoint_auth_signing_alg.clone(),
        request_object_signing_alg: openid.request_object_signing_alg,
        require_signed_request_object: openid.require_signed_request_object,
        request_uris: openid.request_uris.clone(),
        profile: openid.profile,
        ..OpenIdMetadata::default()
    };
    (&manifest.auth_methods, &openid.sender, &openid.ciba, said)
}

impl Sensitive {
    const ALL: [Self; 2] = [Self::Redirects, Self::Keys];

    fn differs(self, before: &Manifest, after: &Manifest) -> bool {
        match self {
            Self::Redirects => before.redirect_uris != after.redirect_uris,
            Self::Keys => before.kind != after.kind || proofs(before) != proofs(after),
        }
    }
}

impl Revision {
    /// What it changes of the live version, or of the one that waits, that the whole team is told.
    pub fn sensitive(&self, app: &App) -> Vec<Sensitive> {
        let live = app.live.as_ref().map(|version| &version.manifest);
        let edited = app.edited().map(|version| &version.manifest);
        let sides = [(&self.live, live), (&self.proposed, edited)];
        let touches = |part: Sensitive| {
            sides.iter().any(|(change, before)| match (change, before) {
                (Change::Set(after), Some(before)) => part.differs(before, after),
                _ => false,
            })
        };
        Sensitive::ALL.into_iter().filter(|part| touches(*part)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::manifest::tests::{app, manifest};
    use super::*;
    use crate::review::{Edit, ReviewPolicy, Standing};
    use crate::vocabulary::RedirectUri;

    fn told(change: impl FnOnce(&mut Manifest)) -> Vec<Sensitive> {
        let app = app(Standing::Approved, Some(manifest()), None);
        let mut after = manifest();
        change(&mut after);
        Edit::Whole(Box::new(after))
            .apply(&app, &ReviewPolicy::default())
            .sensitive(&app)
    }

    #[test]
    fn what_lets_somebody_act_as_the_app_is_told() {
        let elsewhere = RedirectUri::parse("https://other.example/cb").unwrap();
        assert_eq!(told(|m| m.redirect_uris.push(elsewhere)), [Sensitive::Redirects]);
        let keys: [fn(&mut Manifest); 4] = [
            |m| m.openid.jwks_uri = Some("https://app.example/jwks".into()),
            |m| m.auth_methods = [AuthMethod::PrivateKeyJwt].into(),
            |m| m.openid.ciba.notification_endpoint = Some("https://app.example/told".into()),
            |m| m.openid.request_uris = vec!["https://app.example/request".into()],
        ];
        for change in keys {
            assert_eq!(told(change), [Sensitive::Keys]);
        }
    }

    #[test]
    fn words_are_nobodys_worry() {
        assert_eq!(told(|m| m.description = "other words".into()), []);
        assert_eq!(told(|m| m.openid.default_max_age = Some(60)), []);
    }

    #[test]
    fn a_change_of_what_waits_is_told_as_one_of_what_is_live() {
        let mut waiting = manifest();
        waiting.name = "Waiting".into();
        let app = app(Standing::Approved, Some(manifest()), Some(waiting));
        let uris = vec![RedirectUri::parse("https://app.example/other").unwrap()];
        let revision = Edit::RedirectUris(uris).apply(&app, &ReviewPolicy::default());
        assert_eq!(revision.sensitive(&app), [Sensitive::Redirects]);
        let away = Revision {
            live: Change::Keep,
            proposed: Change::Clear,
        };
        assert_eq!(away.sensitive(&app), []);
    }
}
