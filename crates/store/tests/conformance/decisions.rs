//! Every `Load` and every `Write`.

use crate::scratch::{
    NOW, Scratch, access_token, client, hash, issue_code, manifest, new_app, new_code, new_grant, parked,
    points, pushed, refresh_token, values,
};
use omniport_protocol::effect::{Fresh, Load, Minted, Write};
use omniport_protocol::openid::KnownIn;
use omniport_protocol::records::{Actor, Exchange, FIRST_GENERATION, GrantOf, NewGrant, ParkedRequest};
use omniport_protocol::review::Standing;
use omniport_protocol::vocabulary::{
    ClientId, Confirmation, GrantId, PersonId, Scope, Secret, SecretHash, Thumbprint,
};
use omniport_store::portal::NewSecret;
use omniport_store::{Fault, Statement};

pub(crate) async fn a_client_comes_with_its_secrets(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let found = s.load(Load::Client(id.clone())).await.client.unwrap();
    let wanted = manifest("App c1");
    assert_eq!(
        (&found.id, found.name.as_str(), found.version),
        (&id, "App c1", 1)
    );
    assert_eq!(
        (found.standing, found.legacy.plain_pkce),
        (Standing::Pending, false)
    );
    assert_eq!(found.redirect_uris, wanted.redirect_uris);
    assert_eq!(found.auth_methods, wanted.auth_methods);
    assert_eq!(found.grant_types, wanted.grant_types);
    assert_eq!(found.data_points, wanted.data_points);
    assert!(found.secrets[0].accepts(&Secret::new("secret-of-c1"), NOW));
    assert!(!found.secrets[0].accepts(&Secret::new("secret-of-c2"), NOW));

    let new = NewSecret::of(&Secret::new("the next one"));
    assert!(
        s.store
            .rotate_secret(&id, new, NOW.plus(100), asha, NOW)
            .await
            .unwrap()
    );
    let both = s.load(Load::Client(id)).await.client.unwrap().secrets.clone();
    assert_eq!(both.len(), 2);
    assert!(both[0].accepts(&Secret::new("the next one"), NOW.plus(1_000)));
    assert!(both[1].accepts(&Secret::new("secret-of-c1"), NOW.plus(99)));
    assert!(!both[1].accepts(&Secret::new("secret-of-c1"), NOW.plus(100)));

    let mut public = new_app("c2", asha, Standing::Approved);
    public.secret = None;
    public.legacy.plain_pkce = true;
    assert!(s.store.insert_app(public).await.unwrap());
    let public = s.load(Load::Client(client("c2"))).await.client.unwrap();
    assert!(public.secrets.is_empty() && public.legacy.plain_pkce);
}

pub(crate) async fn a_code_comes_back_whole(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("Ben").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, code) = s.code(&id, ben).await;
    let facts = s.load(Load::Code(code)).await.code.unwrap();
    assert_eq!((facts.code, facts.redeemed_at), (new_code(true), None));
    let new = new_grant(&id, ben);
    assert_eq!((facts.grant.id, &facts.grant.client), (grant, &id));
    assert_eq!(
        (facts.grant.scope, facts.grant.data_points),
        (new.scope, new.data_points)
    );
    assert_eq!((facts.grant.created_at, facts.grant.revoked), (NOW, false));
    assert_eq!(
        (facts.grant.generation, facts.grant.rotated_out),
        (FIRST_GENERATION, None)
    );
    let holder = facts.grant.holder;
    assert_eq!((holder.person, holder.username.as_str()), (ben, "Ben"));
    assert_eq!((holder.disabled, holder.on_team), (false, false));
    assert!(s.store.add_member(&id, ben, asha, NOW).await.unwrap());
    assert!(s.load(Load::Code(code)).await.code.unwrap().grant.holder.on_team);
}

pub(crate) async fn a_code_without_challenge_has_none(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let mut grant = new_grant(&id, asha);
    grant.scope = Scope::default();
    grant.data_points = points(&[]);
    let minted = s.apply(&[Write::IssueCode(grant, new_code(false))]).await;
    let found = s
        .load(Load::Code(minted.hash(Fresh::Code).unwrap()))
        .await
        .code
        .unwrap();
    assert_eq!(found.code.challenge, None);
    assert!(found.grant.scope.is_empty() && found.grant.data_points.is_empty());
}

pub(crate) async fn a_code_is_redeemed_once(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (_, code) = s.code(&id, asha).await;
    let redeem = [Write::RedeemCode {
        code,
        at: NOW.plus(3),
    }];
    s.apply(&redeem).await;
    s.refused(&redeem).await;
    let facts = s.load(Load::Code(code)).await.code.unwrap();
    assert_eq!(facts.redeemed_at, Some(NOW.plus(3)));
    s.refused(&[Write::RedeemCode {
        code: hash("none"),
        at: NOW,
    }])
    .await;
}

pub(crate) async fn tokens_come_back_whole(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, _) = s.code(&id, asha).await;
    let (access, refresh) = s.tokens(&id, grant).await;
    let found = s.load(Load::AccessToken(access)).await.access_token.unwrap();
    assert_eq!((found.hash, &found.client), (access, &id));
    assert_eq!(found.scope.to_string(), "read");
    assert_eq!((found.issued_at, found.expires_at), (NOW, NOW.plus(36_000)));
    assert_eq!(found.confirmation, None);
    let under = found.grant.unwrap();
    assert_eq!(
        (under.id, under.scope.to_string().as_str()),
        (grant, "read write")
    );
    assert!(under.holder.on_team);
    let found = s.load(Load::RefreshToken(refresh)).await.refresh_token.unwrap();
    assert_eq!((found.hash, found.generation), (refresh, 1));
    assert_eq!(
        found.confirmation,
        Some(Confirmation::Key(Thumbprint::of(b"key")))
    );
    assert_eq!(found.expires_at, NOW.plus(90 * 86_400));
    assert_eq!((found.grant.id, found.grant.generation), (grant, 1));
}

pub(crate) async fn a_clients_own_token_has_no_grant(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let minted = s.apply(&[access_token(&id, None, 60)]).await;
    let own = Load::AccessToken(minted.hash(Fresh::AccessToken).unwrap());
    let found = s.load(own).await.access_token.unwrap();
    let bound = Confirmation::Certificate(Thumbprint::of(b"certificate"));
    assert_eq!(
        (found.client, found.grant, found.confirmation),
        (id, None, Some(bound))
    );
}

pub(crate) async fn a_family_rotates_only_from_where_it_is(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, _) = s.code(&id, asha).await;
    let (_, first) = s.tokens(&id, grant).await;
    let rotate = |from| Write::RotateRefreshToken {
        grant,
        from,
        rotated_out: first,
        at: NOW.plus(9),
    };
    s.refused(&[rotate(0)]).await;
    s.refused(&[rotate(2)]).await;
    let minted = s.apply(&[rotate(1), refresh_token(grant, 2, 100)]).await;
    s.refused(&[rotate(1), refresh_token(grant, 2, 100)]).await;
    let second = Load::RefreshToken(minted.hash(Fresh::RefreshToken).unwrap());
    let found = s.load(second).await.refresh_token.unwrap();
    assert_eq!((found.generation, found.grant.generation), (2, 2));
    assert_eq!(found.grant.rotated_out, Some((first, NOW.plus(9))));
    let old = s.load(Load::RefreshToken(first)).await.refresh_token.unwrap();
    assert_eq!((old.generation, old.grant.generation), (1, 2));
    s.apply(&[Write::RevokeGrant { grant, at: NOW }]).await;
    s.refused(&[rotate(2)]).await;
}

pub(crate) async fn a_generation_can_be_expected(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, _) = s.code(&id, asha).await;
    s.tokens(&id, grant).await;
    let expect = |generation| Write::ExpectGeneration { grant, generation };
    s.apply(&[expect(1)]).await;
    s.refused(&[expect(0)]).await;
    s.refused(&[expect(2)]).await;
    s.apply(&[Write::RevokeGrant { grant, at: NOW }]).await;
    s.refused(&[expect(1)]).await;
}

pub(crate) async fn a_revoked_grant_stays_dead(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, code) = s.code(&id, asha).await;
    let (other, _) = s.code(&id, asha).await;
    let (access, refresh) = s.tokens(&id, grant).await;
    let (living, _) = s.tokens(&id, other).await;
    let revoke = [Write::RevokeGrant { grant, at: NOW }];
    s.apply(&revoke).await;
    s.apply(&revoke).await;
    assert!(s.load(Load::Code(code)).await.code.unwrap().grant.revoked);
    let token = s.load(Load::AccessToken(access)).await.access_token.unwrap();
    assert!(token.grant.unwrap().revoked);
    let token = s.load(Load::RefreshToken(refresh)).await.refresh_token.unwrap();
    assert!(token.grant.revoked);
    // Also what is issued under it after its death.
    let minted = s.apply(&[access_token(&id, Some(grant), 60)]).await;
    let late = Load::AccessToken(minted.hash(Fresh::AccessToken).unwrap());
    assert!(s.load(late).await.access_token.unwrap().grant.unwrap().revoked);
    let token = s.load(Load::AccessToken(living)).await.access_token.unwrap();
    assert!(!token.grant.unwrap().revoked);
}

pub(crate) async fn a_revoked_access_token_is_not_found(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, _) = s.code(&id, asha).await;
    let (access, refresh) = s.tokens(&id, grant).await;
    let revoke = [Write::RevokeAccessToken { token: access }];
    s.apply(&revoke).await;
    s.apply(&revoke).await;
    assert!(s.load(Load::AccessToken(access)).await.access_token.is_none());
    assert!(s.load(Load::RefreshToken(refresh)).await.refresh_token.is_some());
}

pub(crate) async fn a_disabled_person_shows_in_everything_they_gave(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, code) = s.code(&id, asha).await;
    let (access, refresh) = s.tokens(&id, grant).await;
    let disabled = async || {
        let loads = [
            Load::Code(code),
            Load::AccessToken(access),
            Load::RefreshToken(refresh),
        ];
        let all = s.store.load(&loads).await.unwrap();
        [
            all.code.unwrap().grant.holder.disabled,
            all.access_token.unwrap().grant.unwrap().holder.disabled,
            all.refresh_token.unwrap().grant.holder.disabled,
        ]
    };
    assert_eq!(disabled().await, [false; 3]);
    assert!(s.store.set_disabled(asha, Some(NOW)).await.unwrap());
    assert_eq!(disabled().await, [true; 3]);
    assert!(s.store.set_disabled(asha, None).await.unwrap());
    assert_eq!(disabled().await, [false; 3]);
}

pub(crate) async fn consent_is_remembered_and_withdrawn(s: Scratch) {
    let (asha, ben) = (s.person("asha").await, s.person("ben").await);
    let id = s.app("c1", asha, Standing::Approved).await;
    let put = |person, version, names: &[&str], at| Write::PutConsent {
        person,
        client: id.clone(),
        version,
        allowed: points(names).into(),
        at,
    };
    let name = ["person.full_name"];
    s.apply(&[put(ben, 1, &name, NOW), put(asha, 1, &name, NOW)])
        .await;
    s.apply(&[put(ben, 2, &["student.branch.name"], NOW.plus(5))])
        .await;
    let of = |person| Load::Consent(person, id.clone());
    let consent = s.load(of(ben)).await.consent.unwrap();
    assert_eq!((consent.version, consent.at), (2, NOW.plus(5)));
    assert_eq!(consent.allowed.data_points, points(&["student.branch.name"]));

    let (grant, _) = s.code(&id, ben).await;
    let (bens, _) = s.tokens(&id, grant).await;
    let (grant, _) = s.code(&id, asha).await;
    let (ashas, _) = s.tokens(&id, grant).await;
    s.apply(&[Write::WithdrawConsent {
        person: ben,
        client: id.clone(),
        at: NOW,
    }])
    .await;
    assert!(s.load(of(ben)).await.consent.is_none());
    assert!(s.load(of(asha)).await.consent.is_some());
    let dead = async |token| {
        s.load(Load::AccessToken(token))
            .await
            .access_token
            .unwrap()
            .grant
            .unwrap()
            .revoked
    };
    assert!(dead(bens).await);
    assert!(!dead(ashas).await);
}

pub(crate) async fn a_request_is_parked_and_finished_once(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let minted = s.apply(&[Write::ParkRequest(parked(&id))]).await;
    let request = minted.hash(Fresh::ParkedRequest).unwrap();
    let found = s.load(Load::ParkedRequest(request)).await.parked.unwrap();
    assert_eq!(found, parked(&id));
    assert!(found.params.is_repeated("state"));
    s.apply(&[Write::FinishRequest { request }]).await;
    s.refused(&[Write::FinishRequest { request }]).await;
    assert!(s.load(Load::ParkedRequest(request)).await.parked.is_none());
}

pub(crate) async fn a_request_is_pushed_and_finished_once(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let minted = s.apply(&[Write::PushRequest(pushed(&id))]).await;
    let request = minted.hash(Fresh::PushedRequest).unwrap();
    let found = s.load(Load::PushedRequest(request)).await.pushed.unwrap();
    assert_eq!(found, pushed(&id));
    let waiting = || {
        Write::ParkRequest(ParkedRequest {
            pushed: Some(request),
            ..parked(&id)
        })
    };
    for _ in 0..2 {
        s.apply(&[waiting()]).await;
    }
    // With it goes all that waits as it; and what comes too late to wait as it does not.
    s.apply(&[Write::FinishPushed { request }]).await;
    assert_eq!(s.rows_of("parked_requests").await, 0);
    s.refused(&[waiting()]).await;
    s.refused(&[Write::FinishPushed { request }]).await;
    assert!(s.load(Load::PushedRequest(request)).await.pushed.is_none());
}

pub(crate) async fn what_waits_outlives_what_was_pushed_and_ends_all_of_it(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    for is_swept in [false, true] {
        let request = s.apply(&[Write::PushRequest(pushed(&id))]).await;
        let request = request.hash(Fresh::PushedRequest).unwrap();
        let waiting = Write::ParkRequest(ParkedRequest {
            pushed: Some(request),
            ..parked(&id)
        });
        let mut handles = Vec::new();
        for _ in 0..2 {
            let minted = s.apply(std::slice::from_ref(&waiting)).await;
            let handle = minted.hash(Fresh::ParkedRequest).unwrap();
            let found = s.load(Load::ParkedRequest(handle)).await.parked.unwrap();
            assert_eq!(found.pushed, Some(request));
            handles.push(handle);
        }
        if is_swept {
            s.store.sweep(pushed(&id).expires_at, 10).await.unwrap();
        }
        let end = |handle| {
            let request_too = Write::ForgetPushed { request };
            [Write::FinishRequest { request: handle }, request_too]
        };
        s.apply(&end(handles[0])).await;
        s.refused(&end(handles[1])).await;
        for table in ["parked_requests", "pushed_requests"] {
            assert_eq!(s.rows_of(table).await, 0, "{table}");
        }
    }
}

pub(crate) async fn case_039_a_signed_token_is_used_once_and_forgotten_later(s: Scratch) {
    let jti = hash("jti");
    assert!(s.load(Load::UsedJti(jti)).await.used_jtis.is_empty());
    let use_it = [Write::UseJti {
        jti,
        expires_at: NOW.plus(60),
    }];
    s.apply(&use_it).await;
    assert_eq!(s.load(Load::UsedJti(jti)).await.used_jtis, [jti]);
    s.refused(&use_it).await;
    s.store.sweep(NOW.plus(59), 10).await.unwrap();
    assert_eq!(s.rows_of("used_jtis").await, 1);
    s.store.sweep(NOW.plus(60), 10).await.unwrap();
    assert_eq!(s.rows_of("used_jtis").await, 0);
}

pub(crate) async fn a_session_comes_with_its_person(s: Scratch) {
    let asha = s.person("Asha").await;
    s.store
        .insert_session(hash("cookie"), asha, NOW, NOW.plus(100))
        .await
        .unwrap();
    let found = s.load(Load::Session(hash("cookie"))).await.session.unwrap();
    assert_eq!(
        (found.holder.person, found.holder.username.as_str()),
        (asha, "Asha")
    );
    assert_eq!((found.auth_time, found.expires_at), (NOW, NOW.plus(100)));
    assert!(!found.holder.disabled && !found.holder.on_team);
    let stranger = s
        .store
        .insert_session(hash("other"), PersonId(99), NOW, NOW)
        .await;
    assert!(matches!(stranger.unwrap_err(), Fault::Bug(_)));
}

pub(crate) async fn what_is_not_there_is_none(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let none = hash("none");
    let loads = [
        Load::Client(client("C1")),
        Load::Code(none),
        Load::RefreshToken(none),
        Load::AccessToken(none),
        Load::Session(none),
        Load::Consent(asha, id.clone()),
        Load::Membership(PersonId(99), id.clone()),
        Load::PersonData(PersonId(99)),
        Load::ParkedRequest(none),
    ];
    let all = s.store.load(&loads).await.unwrap();
    assert!(all.client.is_none() && all.code.is_none() && all.refresh_token.is_none());
    assert!(all.access_token.is_none() && all.session.is_none() && all.consent.is_none());
    assert!(!all.on_team && all.person_data.is_none() && all.parked.is_none());

    let mut known = s
        .store
        .load(&[Load::Membership(asha, id), Load::PersonData(asha)])
        .await
        .unwrap();
    assert!(known.on_team);
    assert_eq!(known.person_data, Some(values("person.full_name", "asha")));
    s.store.load_into(&[], &mut known).await.unwrap();
    s.store
        .load_into(&[Load::Client(client("c1"))], &mut known)
        .await
        .unwrap();
    assert!(known.on_team && known.client.is_some());
}

pub(crate) async fn a_conflict_undoes_the_whole_decision(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, code) = s.code(&id, asha).await;
    s.apply(&[Write::RedeemCode { code, at: NOW }]).await;
    let consent = Write::PutConsent {
        person: asha,
        client: id.clone(),
        version: 1,
        allowed: points(&[]).into(),
        at: NOW,
    };
    let writes = [
        consent,
        issue_code(&id, asha),
        access_token(&id, Some(grant), 60),
        refresh_token(grant, 1, 60),
        Write::RotateRefreshToken {
            grant,
            from: FIRST_GENERATION,
            rotated_out: hash("first"),
            at: NOW,
        },
        Write::ParkRequest(parked(&id)),
        Write::RedeemCode { code, at: NOW },
    ];
    s.refused(&writes).await;
    for table in ["consents", "access_tokens", "refresh_tokens", "parked_requests"] {
        assert_eq!(s.rows_of(table).await, 0, "{table}");
    }
    assert_eq!((s.rows_of("grants").await, s.rows_of("codes").await), (1, 1));
    let family = s.load(Load::Code(code)).await.code.unwrap().grant;
    assert_eq!((family.generation, family.rotated_out), (FIRST_GENERATION, None));
}

pub(crate) async fn an_app_that_vanished_is_a_conflict(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, _) = s.code(&id, asha).await;
    assert!(s.store.delete_app(&id, NOW).await.unwrap());
    s.refused(&[issue_code(&id, asha)]).await;
    s.refused(&[access_token(&id, None, 60)]).await;
    s.refused(&[refresh_token(grant, 1, 60)]).await;
    s.refused(&[Write::ParkRequest(parked(&id))]).await;
}

pub(crate) async fn what_was_not_minted_is_not_written(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, _) = s.code(&id, asha).await;
    let before = s.rows_of("grants").await;
    for write in [
        issue_code(&id, asha),
        access_token(&id, None, 60),
        refresh_token(grant, 1, 60),
        Write::ParkRequest(parked(&id)),
    ] {
        let fault = s
            .store
            .apply(std::slice::from_ref(&write), &Minted::default())
            .await
            .unwrap_err();
        assert!(matches!(fault, Fault::Bug(_)), "{write:?}");
    }
    assert_eq!(s.rows_of("grants").await, before);
}

/// A grant of `client` that came of `above` by token exchange; its access token's hash.
async fn exchanged(
    s: &Scratch,
    client: &ClientId,
    person: PersonId,
    above: GrantId,
    depth: u32,
) -> (GrantId, SecretHash) {
    let act = Actor {
        sub: "7".into(),
        known_in: KnownIn::Sector("one.example".into()),
        client_id: client.clone(),
        act: None,
    };
    let how = Exchange {
        depth,
        act: Some(act),
    };
    let grant = NewGrant {
        session: None,
        exchange: Some((above, how)),
        ..new_grant(client, person)
    };
    let Write::IssueAccessToken(mut token) = access_token(client, None, 60) else {
        unreachable!("a token")
    };
    token.grant = Some(GrantOf::Fresh);
    let writes = [
        Write::IssueGrant(grant, NOW.plus(60)),
        Write::IssueAccessToken(token),
    ];
    let minted = s.apply(&writes).await;
    (minted.grant().unwrap(), minted.hash(Fresh::AccessToken).unwrap())
}

pub(crate) async fn an_exchanged_grant_dies_with_every_grant_above_it(s: Scratch) {
    let asha = s.person("asha").await;
    for (round, kill) in ["root", "middle", "suspend", "delete", "nothing"]
        .into_iter()
        .enumerate()
    {
        let mut apps = Vec::new();
        for name in ["a", "b", "c", "d"] {
            apps.push(s.app(&format!("{name}{round}"), asha, Standing::Approved).await);
        }
        let (root, _) = s.code(&apps[0], asha).await;
        let (first, _) = exchanged(&s, &apps[1], asha, root, 1).await;
        let (second, _) = exchanged(&s, &apps[2], asha, first, 2).await;
        let (_, token) = exchanged(&s, &apps[3], asha, second, 3).await;
        let read = async || {
            let found = s.load(Load::AccessToken(token)).await.access_token.unwrap();
            found.grant.unwrap()
        };
        let grant = read().await;
        let how = grant.exchange.unwrap();
        let act = how.act.unwrap();
        assert_eq!(
            (grant.revoked, how.depth, act.sub.as_str(), act.known_in),
            (false, 3, "7", KnownIn::Sector("one.example".into()))
        );
        let revoke = async |grant| s.apply(&[Write::RevokeGrant { grant, at: NOW }]).await;
        match kill {
            "root" => drop(revoke(root).await),
            "middle" => drop(revoke(second).await),
            "suspend" => {
                let sql = "UPDATE apps SET standing = 'suspended' WHERE client_id = 'b2'";
                let suspend = Statement::one(sql, Vec::new());
                assert!(s.driver.write(vec![suspend]).await.unwrap().is_applied());
            }
            "delete" => assert!(s.store.delete_app(&apps[0], NOW).await.unwrap()),
            _ => {}
        }
        assert_eq!(read().await.revoked, kill != "nothing", "{kill}");
        // The newest that lives between the two is found by them.
        let newest = s
            .load(Load::GrantBetween((asha, apps[3].clone())))
            .await
            .grant
            .unwrap();
        assert_eq!(newest.revoked, kill != "nothing", "{kill}");
    }
}
