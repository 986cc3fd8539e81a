//! What an app is told of a sign-out in the browser (OpenID Connect Front-Channel Logout 1.0 section 2).

use crate::authorize::with_query;
use crate::ctx::Ctx;
use crate::openid::SessionId;
use crate::review::{Act, Reach};
use crate::vocabulary::{Client, SecretHash};

/// The address of the frame that signs the person out of `client`, which had people of the session of this root. None
/// where it wants none. It always says `iss` and `sid`, so that an app ends no other session than the one meant.
pub fn frontchannel_url(client: &Client, root: SecretHash, ctx: &Ctx<'_>) -> Option<String> {
    // What a maintainer has stopped is opened in nobody's browser.
    if Act::LeadBack.reach(client.standing) == Reach::Nobody {
        return None;
    }
    let registered = client.openid.frontchannel_logout_uri.as_deref()?;
    let fields = [
        ("iss", ctx.issuer.to_owned()),
        ("sid", SessionId::of(root, &client.id).0),
    ];
    Some(with_query(registered.to_owned(), &fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::Standing;
    use crate::testing::{World, client};

    #[test]
    fn a_frame_says_whose_session_it_is() {
        let (world, root) = (World::new(), SecretHash::of("cookie"));
        let mut client = client();
        assert_eq!(frontchannel_url(&client, root, &world.ctx()), None);
        let sid = SessionId::of(root, &client.id).0;
        for (registered, start) in [
            ("https://app.example.org/out", "https://app.example.org/out?iss="),
            (
                "https://app.example.org/out?a=%20b",
                "https://app.example.org/out?a=%20b&iss=",
            ),
        ] {
            client.openid.frontchannel_logout_uri = Some(registered.to_owned());
            let url = frontchannel_url(&client, root, &world.ctx()).unwrap();
            assert_eq!(url, format!("{start}https%3A%2F%2Fid.example.org&sid={sid}"));
        }
        client.standing = Standing::Suspended;
        assert_eq!(frontchannel_url(&client, root, &world.ctx()), None);
    }
}
