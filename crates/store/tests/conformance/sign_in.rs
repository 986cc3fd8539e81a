//! How a person signed in, of grants that came of a sign-in elsewhere.

use crate::scratch::{NOW, Scratch, new_grant};
use omniport_protocol::effect::{Load, Write};
use omniport_protocol::openid::{SignIn, SignedInElsewhere};
use omniport_protocol::records::NewGrant;
use omniport_protocol::review::Standing;

pub(crate) async fn a_sign_in_elsewhere_comes_back_as_it_was_told(s: Scratch) {
    let asha = s.person("asha").await;
    let app = s.app("timetable", asha, Standing::Approved).await;
    for told in [
        SignedInElsewhere::default(),
        SignedInElsewhere {
            at: Some(NOW.plus(-90)),
            acr: Some("urn:example:two".into()),
            amr: vec!["otp".into(), "pwd".into()],
        },
    ] {
        let sign_in = SignIn::Elsewhere(told);
        let grant = NewGrant {
            session: None,
            sign_in: sign_in.clone(),
            ..new_grant(&app, asha)
        };
        let minted = s.apply(&[Write::IssueGrant(grant, NOW.plus(60))]).await;
        let found = s
            .load(Load::GrantBetween((asha, app.clone())))
            .await
            .grant
            .unwrap();
        assert_eq!((Some(found.id), found.sign_in), (minted.grant(), sign_in));
        let revoke = Write::RevokeGrant {
            grant: found.id,
            at: NOW,
        };
        s.apply(&[revoke]).await;
    }
    s.code(&app, asha).await;
    let here = s.load(Load::GrantBetween((asha, app))).await.grant.unwrap();
    assert_eq!(here.sign_in, SignIn::Here(NOW.plus(-5)));
}
