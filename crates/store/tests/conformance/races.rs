//! Many at once, and exactly one.

use crate::scratch::{NOW, Scratch, access_token, hash, new_app, new_person, refresh_token};
use omniport_protocol::effect::{Load, Write};
use omniport_protocol::review::Standing;
use omniport_store::Written;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::task::JoinSet;

pub(crate) async fn one_of_forty_redeems_a_code(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, code) = s.code(&id, asha).await;
    let s = Arc::new(s);
    let mut racers = JoinSet::new();
    for _ in 0..40 {
        let (s, id) = (Arc::clone(&s), id.clone());
        racers.spawn(async move {
            let writes = [
                Write::RedeemCode { code, at: NOW },
                access_token(&id, Some(grant), 60),
                refresh_token(grant, 1, 60),
            ];
            s.store.apply(&writes, &s.minted()).await.unwrap()
        });
    }
    let ends = racers.join_all().await;
    assert_eq!(ends.iter().filter(|end| end.is_applied()).count(), 1);
    assert!(
        ends.iter()
            .all(|end| matches!(end, Written::Applied | Written::Conflict { statement: 0 }))
    );
    assert_eq!(
        (
            s.rows_of("access_tokens").await,
            s.rows_of("refresh_tokens").await
        ),
        (1, 1)
    );
}

pub(crate) async fn one_of_forty_rotates_a_family(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let (grant, _) = s.code(&id, asha).await;
    let (_, first) = s.tokens(&id, grant).await;
    let s = Arc::new(s);
    let mut racers = JoinSet::new();
    for _ in 0..40 {
        let s = Arc::clone(&s);
        racers.spawn(async move {
            let rotate = Write::RotateRefreshToken {
                grant,
                from: 1,
                rotated_out: first,
                at: NOW,
            };
            s.store
                .apply(&[rotate, refresh_token(grant, 2, 60)], &s.minted())
                .await
                .unwrap()
        });
    }
    let won = racers
        .join_all()
        .await
        .iter()
        .filter(|end| end.is_applied())
        .count();
    assert_eq!((won, s.rows_of("refresh_tokens").await), (1, 2));
    let family = s
        .load(Load::RefreshToken(first))
        .await
        .refresh_token
        .unwrap()
        .grant;
    assert_eq!(family.generation, 2);
}

pub(crate) async fn case_039_one_of_forty_uses_an_assertion(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let s = Arc::new(s);
    let mut racers = JoinSet::new();
    for _ in 0..40 {
        let (s, id) = (Arc::clone(&s), id.clone());
        racers.spawn(async move {
            let used = Write::UseJti {
                jti: hash("jti"),
                expires_at: NOW.plus(60),
            };
            let writes = [access_token(&id, None, 60), used];
            s.store.apply(&writes, &s.minted()).await.unwrap()
        });
    }
    let ends = racers.join_all().await;
    assert_eq!(ends.iter().filter(|end| end.is_applied()).count(), 1);
    assert_eq!(s.rows_of("access_tokens").await, 1);
}

pub(crate) async fn neighbours_of_a_conflict_are_written(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let mut codes = Vec::new();
    for _ in 0..100 {
        codes.push(s.code(&id, asha).await.1);
    }
    s.apply(&[Write::RedeemCode {
        code: codes[50],
        at: NOW,
    }])
    .await;
    let s = Arc::new(s);
    let mut all = JoinSet::new();
    for (n, code) in codes.into_iter().enumerate() {
        let (s, id) = (Arc::clone(&s), id.clone());
        all.spawn(async move {
            // The token first: a conflict must take it back.
            let writes = [access_token(&id, None, 60), Write::RedeemCode { code, at: NOW }];
            (n, s.store.apply(&writes, &s.minted()).await.unwrap())
        });
    }
    for (n, written) in all.join_all().await {
        assert_eq!(written.is_applied(), n != 50, "{n}");
    }
    assert_eq!(s.rows_of("access_tokens").await, 99);
}

pub(crate) async fn one_of_many_takes_a_name(s: Scratch) {
    let creator = s.person("creator").await;
    let s = Arc::new(s);
    let mut racers = JoinSet::new();
    for n in 0..20 {
        let s = Arc::clone(&s);
        racers.spawn(async move {
            let name = if n % 2 == 0 { "Asha" } else { "asha" };
            let person = s.store.insert_person(new_person(name)).await.unwrap();
            let app = s
                .store
                .insert_app(new_app("same", creator, Standing::Pending))
                .await
                .unwrap();
            (person.is_some(), app)
        });
    }
    let ends = racers.join_all().await;
    assert_eq!(ends.iter().filter(|(person, _)| *person).count(), 1);
    assert_eq!(ends.iter().filter(|(_, app)| *app).count(), 1);
}

pub(crate) async fn many_people_get_numbers_of_their_own(s: Scratch) {
    let s = Arc::new(s);
    let mut all = JoinSet::new();
    for n in 0..40 {
        let s = Arc::clone(&s);
        all.spawn(async move { s.person(&format!("p{n}")).await });
    }
    let ids: BTreeSet<_> = all.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 40);
}
