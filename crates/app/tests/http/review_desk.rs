//! The desk behind the decisions: claims, notes and comments, limits, and what becomes of forms that came too late.

use crate::world;
use omniport_engine::apps::{EditError, MAX_TEST_PEOPLE, TeamError, TestPeopleError};
use omniport_engine::people::PlatformRole;
use omniport_protocol::review::{Edit, Verdict};
use omniport_protocol::vocabulary::{ClientId, PersonId, encode};
use omniport_testkit::{Answer, Instance, TestApp};
use serde_json::json;

struct Desk {
    instance: Instance,
    app: TestApp,
    id: ClientId,
    dev: PersonId,
}

impl Desk {
    /// An app of `dev`'s that waits, and the maintainers `mai` and `max`.
    async fn new() -> Self {
        let instance = Instance::new().await;
        let dev = instance.person("dev", &[PlatformRole::Developer]).await;
        for maintainer in ["mai", "max"] {
            instance.person(maintainer, &[PlatformRole::Maintainer]).await;
        }
        instance.person("asha", &[]).await;
        let app = instance.app_in(dev, json!({}), false).await;
        let id = ClientId::parse(&app.id).unwrap();
        Self {
            instance,
            app,
            id,
            dev,
        }
    }

    /// Posts a form of the page at `page` to `to`, with the page's token and these fields.
    async fn submit(&self, username: &str, page: &str, to: &str, fields: &[(&str, &str)]) -> Answer {
        let cookie = self.instance.sign_in(username).await;
        let page = self.instance.get(page).cookie(&cookie).send().await;
        let token = page.field("csrf_token");
        let form: Vec<_> = std::iter::once(("csrf_token", token.as_str()))
            .chain(fields.iter().copied())
            .collect();
        self.instance.post(to).cookie(&cookie).form(&form).send().await
    }

    async fn review(&self, username: &str, fields: &[(&str, &str)]) -> Answer {
        let path = format!("/maintainer/review/{}", self.app.id);
        self.submit(username, &path, &path, fields).await
    }

    async fn dashboard(&self, section: &str, fields: &[(&str, &str)]) -> Answer {
        let path = format!("/developer/apps/{}", self.app.id);
        self.submit("dev", &path, &format!("{path}/{section}"), fields)
            .await
    }

    async fn see(&self, username: &str, path: &str) -> String {
        let cookie = self.instance.sign_in(username).await;
        self.instance.get(path).cookie(&cookie).send().await.body
    }
}

#[tokio::test]
async fn a_claim_is_seen_taken_over_and_given_back() {
    let desk = Desk::new().await;
    let queue = "/maintainer/review";
    assert_eq!(
        desk.review("mai", &[("decision", "claim"), ("claimed_by", "")])
            .await
            .status,
        303
    );
    assert!(
        desk.see("max", queue)
            .await
            .contains("<bdi>mai</bdi> reviews this")
    );
    assert!(
        desk.see("max", "/maintainer/review?status=unclaimed")
            .await
            .contains("Nothing here.")
    );
    assert!(
        desk.see("mai", "/maintainer/review?status=mine")
            .await
            .contains("Bus times")
    );
    // Max's page was from before.
    let late = desk
        .review("max", &[("decision", "claim"), ("claimed_by", "")])
        .await;
    assert_eq!(late.status, 409);
    assert!(
        late.body.contains("Another maintainer claimed it"),
        "{}",
        late.body
    );
    let mai = desk
        .instance
        .engine
        .store()
        .person_by_username("mai")
        .await
        .unwrap()
        .unwrap()
        .id;
    let seen = mai.to_string();
    assert_eq!(
        desk.review("max", &[("decision", "claim"), ("claimed_by", &seen)])
            .await
            .status,
        303
    );
    let late = desk
        .review("mai", &[("decision", "release"), ("claimed_by", &seen)])
        .await;
    assert_eq!(late.status, 409);
    // The team hears nothing of who reviews it.
    assert!(
        !desk
            .see("dev", &format!("/developer/apps/{}", desk.app.id))
            .await
            .contains("claimed")
    );
    let ruled = desk
        .instance
        .engine
        .review_app(&desk.id, None, Verdict::Approve, "", None)
        .await;
    ruled.unwrap().unwrap();
    assert!(
        !desk
            .see("mai", &format!("{queue}/{}", desk.app.id))
            .await
            .contains("<bdi>max</bdi> reviews this")
    );
}

#[tokio::test]
async fn notes_stay_among_maintainers_and_comments_reach_the_team_safely() {
    let desk = Desk::new().await;
    let nasty = "**Bold** <script>alert(1)</script> [x](javascript:alert(1))";
    assert_eq!(
        desk.review("mai", &[("decision", "note"), ("note", "Odd.")])
            .await
            .status,
        303
    );
    let fields = [("decision", "comment"), ("comment", nasty)];
    assert_eq!(desk.review("mai", &fields).await.status, 303);
    let team = desk.see("dev", &format!("/developer/apps/{}", desk.app.id)).await;
    assert!(!team.contains("Odd.") && team.contains("<strong>Bold</strong>"));
    assert!(!team.contains("<script>alert") && !team.contains("href=\"javascript:"));
    assert!(desk.see("dev", "/").await.contains("wrote about"));
    assert!(desk.see("max", "/maintainer/review").await.contains("Odd."));
    assert_eq!(
        desk.dashboard("comment", &[("comment", "Thank you.")])
            .await
            .status,
        303
    );
    assert!(desk.see("mai", "/maintainer/review").await.contains("Thank you."));
}

#[tokio::test]
async fn a_comment_has_at_most_10_000_characters_and_none_is_lost() {
    let desk = Desk::new().await;
    let (fits, long) = ("é".repeat(10_000), "é".repeat(10_001));
    assert_eq!(desk.dashboard("comment", &[("comment", &fits)]).await.status, 303);
    for answer in [
        desk.dashboard("comment", &[("comment", &long)]).await,
        desk.review("mai", &[("decision", "comment"), ("comment", &long)])
            .await,
        desk.review("mai", &[("decision", "note"), ("note", &long)]).await,
        desk.review(
            "mai",
            &[("decision", "reject"), ("comment", &long), ("version", "1")],
        )
        .await,
    ] {
        assert_eq!(answer.status, 422);
        assert!(answer.body.contains(&long), "what was typed is still there");
    }
    assert_eq!(
        desk.dashboard("comment", &[("comment", " \r\n ")]).await.status,
        422
    );
}

#[tokio::test]
async fn nobody_fills_a_history_in_a_day() {
    let desk = Desk::new().await;
    for _ in 0..50 {
        let engine = &desk.instance.engine;
        engine
            .answer_reviewers(&desk.id, desk.dev, "Again.")
            .await
            .unwrap()
            .unwrap();
    }
    let refused = desk.dashboard("comment", &[("comment", "Once more.")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("Once more.") && refused.body.contains("go on tomorrow"));
    desk.instance.clock.advance(86_401);
    assert_eq!(
        desk.dashboard("comment", &[("comment", "Once more.")])
            .await
            .status,
        303
    );
}

#[tokio::test]
async fn what_waited_a_week_is_marked() {
    let desk = Desk::new().await;
    let overdue = "/maintainer/review?status=overdue";
    desk.instance.clock.advance(7 * 86_400);
    assert!(desk.see("mai", overdue).await.contains("Nothing here."));
    desk.instance.clock.advance(1);
    assert!(desk.see("mai", overdue).await.contains("Bus times"));
    assert!(
        desk.see("mai", "/maintainer/review")
            .await
            .contains("tag overdue")
    );
}

#[tokio::test]
async fn the_team_is_told_of_every_decision() {
    let desk = Desk::new().await;
    for (verdict, told) in [
        (Verdict::RequestChanges, "asked for changes of"),
        (Verdict::Approve, "approved"),
        (Verdict::Suspend, "suspended"),
        (Verdict::Resume, "ended the suspension of"),
    ] {
        let mai = desk
            .instance
            .engine
            .store()
            .person_by_username("mai")
            .await
            .unwrap()
            .unwrap()
            .id;
        let ruled = desk
            .instance
            .engine
            .review_app(&desk.id, Some(mai.into()), verdict, "Because.", None)
            .await;
        ruled.unwrap().unwrap();
        assert!(
            desk.see("dev", "/")
                .await
                .contains(&format!("<bdi>mai</bdi> {told}")),
            "{told}"
        );
    }
    assert!(!desk.see("asha", "/").await.contains("suspended"));
}

#[tokio::test]
async fn whose_app_it_is_stands_in_the_queue_and_on_the_consent_page() {
    let desk = Desk::new().await;
    let engine = &desk.instance.engine;
    let heir = desk.instance.person("heir", &[PlatformRole::Developer]).await;
    engine
        .invite_to_team(&desk.id, desk.dev, "heir")
        .await
        .unwrap()
        .unwrap();
    engine
        .answer_invitation(&desk.id, heir, true)
        .await
        .unwrap()
        .unwrap();
    engine
        .offer_app(&desk.id, desk.dev, "heir", "Bus times")
        .await
        .unwrap()
        .unwrap();
    engine
        .answer_invitation(&desk.id, heir, true)
        .await
        .unwrap()
        .unwrap();
    assert!(
        desk.see("mai", "/maintainer/review")
            .await
            .contains("heir Rao (heir)")
    );
    let cookie = desk.instance.sign_in("heir").await;
    let door = format!("/oauth/authorise?client_id={}", encode(&desk.app.id));
    let first = desk.instance.get(&door).cookie(&cookie).send().await;
    let page = desk
        .instance
        .get(first.location().unwrap())
        .cookie(&cookie)
        .send()
        .await;
    assert!(page.body.contains("by <bdi>heir Rao</bdi>"), "{}", page.body);
}

#[tokio::test]
async fn an_app_has_at_most_200_versions() {
    let desk = Desk::new().await;
    let engine = &desk.instance.engine;
    for number in 2..=200 {
        let edit = Edit::Name(format!("Name {number}"));
        engine.edit_app(&desk.id, desk.dev, &edit).await.unwrap().unwrap();
    }
    let last = engine
        .edit_app(&desk.id, desk.dev, &Edit::Name("Another".into()))
        .await
        .unwrap();
    assert_eq!(last, Err(EditError::TooManyVersions));
    let told = desk.dashboard("name", &[("name", "Another")]).await;
    assert!(
        told.status == 409 && told.body.contains("200 versions"),
        "{}",
        told.body
    );
}

#[tokio::test]
async fn passwords_of_test_people_are_counted_whoever_s_they_are() {
    let desk = Desk::new().await;
    let engine = &desk.instance.engine;
    let mut made = 0;
    while desk.dashboard("test-people", &[]).await.status == 303 {
        made += 1;
        assert!(made <= 30, "30 at once are enough");
    }
    assert_eq!(made, 30);
    let one = engine.store().test_people(&desk.id).await.unwrap()[0].person;
    let person = one.to_string();
    for form in [
        ("test-people", vec![]),
        ("test-people/renew", vec![("person", person.as_str())]),
    ] {
        let answer = desk.dashboard(form.0, &form.1).await;
        assert_eq!(answer.status, 429, "{}", form.0);
        assert!(
            answer
                .header("retry-after")
                .is_some_and(|wait| wait.parse::<i64>().unwrap() > 0)
        );
        assert!(answer.body.contains("many passwords"), "{}", answer.body);
    }
    assert_eq!(engine.store().test_people(&desk.id).await.unwrap().len(), 30);
    // Who is put away costs nothing, and a while later there may be another.
    let gone = desk.dashboard("test-people/remove", &[("person", &person)]).await;
    assert_eq!(gone.status, 303);
    desk.instance.clock.advance(10);
    assert_eq!(desk.dashboard("test-people", &[]).await.status, 303);
}

#[tokio::test]
async fn an_app_has_at_most_100_test_people_and_their_places_are_taken_again() {
    let desk = Desk::new().await;
    let engine = &desk.instance.engine;
    let mut first = None;
    for _ in 0..MAX_TEST_PEOPLE {
        desk.instance.clock.advance(10);
        let made = engine.add_test_person(&desk.id, desk.dev).await.unwrap().unwrap();
        first.get_or_insert(made.username);
    }
    let full = engine.add_test_person(&desk.id, desk.dev).await.unwrap();
    assert_eq!(full.unwrap_err(), TestPeopleError::Full);
    assert_eq!(desk.dashboard("test-people", &[]).await.status, 422);
    let one = engine.store().test_people(&desk.id).await.unwrap()[0].person;
    engine
        .put_test_person_away(&desk.id, desk.dev, one)
        .await
        .unwrap()
        .unwrap();
    let again = engine.add_test_person(&desk.id, desk.dev).await.unwrap().unwrap();
    assert_eq!(Some(again.username), first);
    // Nobody else's team can touch them, and one who was put away is nobody.
    let asha = engine
        .store()
        .person_by_username("asha")
        .await
        .unwrap()
        .unwrap()
        .id;
    let foreign = engine.put_test_person_away(&desk.id, asha, one).await.unwrap();
    assert_eq!(foreign, Err(TestPeopleError::NotFound));
    let nobody = engine.renew_test_person(&desk.id, desk.dev, asha).await.unwrap();
    assert_eq!(nobody.unwrap_err(), TestPeopleError::Nobody);
}

#[tokio::test]
async fn a_test_person_is_nobodys_colleague_and_goes_with_the_app() {
    let desk = Desk::new().await;
    let engine = &desk.instance.engine;
    let made = engine.add_test_person(&desk.id, desk.dev).await.unwrap().unwrap();
    let invited = engine
        .invite_to_team(&desk.id, desk.dev, &made.username)
        .await
        .unwrap();
    assert_eq!(invited, Err(TeamError::Nobody(made.username.clone())));
    let sign_in = || engine.sign_in(&made.username, &made.password, None, None);
    let omniport_engine::sessions::SignIn::Welcome(cookie) = sign_in().await.unwrap() else {
        panic!("a test person signs in")
    };
    assert!(engine.visitor(&cookie).await.unwrap().is_some());
    engine
        .delete_app(&desk.id, desk.dev, "Bus times")
        .await
        .unwrap()
        .unwrap();
    assert!(engine.visitor(&cookie).await.unwrap().is_none());
    assert!(matches!(
        sign_in().await.unwrap(),
        omniport_engine::sessions::SignIn::Wrong
    ));
}

#[tokio::test]
async fn whoever_is_removed_while_they_edit_finds_nothing_and_the_owner_stays() {
    let desk = Desk::new().await;
    let engine = &desk.instance.engine;
    let asha = engine
        .store()
        .person_by_username("asha")
        .await
        .unwrap()
        .unwrap()
        .id;
    engine
        .invite_to_team(&desk.id, desk.dev, "asha")
        .await
        .unwrap()
        .unwrap();
    engine
        .answer_invitation(&desk.id, asha, true)
        .await
        .unwrap()
        .unwrap();
    let cookie = desk.instance.sign_in("asha").await;
    let path = format!("/developer/apps/{}", desk.app.id);
    let token = desk
        .instance
        .get(&path)
        .cookie(&cookie)
        .send()
        .await
        .field("csrf_token");
    engine
        .remove_from_team(&desk.id, desk.dev, asha)
        .await
        .unwrap()
        .unwrap();
    let form = [("csrf_token", token.as_str()), ("name", "Mine now")];
    let late = desk
        .instance
        .post(&format!("{path}/name"))
        .cookie(&cookie)
        .form(&form)
        .send()
        .await;
    assert_eq!(late.status, 404);
    let owner = engine
        .remove_from_team(&desk.id, desk.dev, desk.dev)
        .await
        .unwrap();
    assert_eq!(owner, Err(TeamError::Owner));
    let app = engine.store().app(&desk.id).await.unwrap().unwrap();
    assert_eq!(app.edited().unwrap().manifest.name, "Bus times");
}

#[tokio::test]
async fn names_that_imitate_us_are_refused_and_hosts_in_disguise_are_flagged() {
    let desk = Desk::new().await;
    for name in ["Omniport", "0mniport Login", "Оmniport"] {
        let refused = desk.dashboard("name", &[("name", name)]).await;
        assert_eq!(refused.status, 422, "{name}");
    }
    // "xn--pple-43d.example" is how "аpple.example" with a Cyrillic а travels.
    let uris = [("redirect_uris", "https://xn--pple-43d.example/cb")];
    assert_eq!(desk.dashboard("redirect-uris", &uris).await.status, 303);
    let page = desk.see("mai", "/maintainer/review").await;
    assert!(page.contains("data-fine=\"false\"") && page.contains("xn--pple-43d.example"));
}

#[tokio::test]
async fn a_maintainer_who_wrote_what_waits_does_not_decide_it_after_leaving_the_team() {
    let desk = Desk::new().await;
    let engine = &desk.instance.engine;
    let mai = engine
        .store()
        .person_by_username("mai")
        .await
        .unwrap()
        .unwrap()
        .id;
    engine
        .invite_to_team(&desk.id, desk.dev, "mai")
        .await
        .unwrap()
        .unwrap();
    engine
        .answer_invitation(&desk.id, mai, true)
        .await
        .unwrap()
        .unwrap();
    let edit = Edit::Name("Mai's times".into());
    engine.edit_app(&desk.id, mai, &edit).await.unwrap().unwrap();
    engine
        .remove_from_team(&desk.id, mai, mai)
        .await
        .unwrap()
        .unwrap();
    let page = desk
        .see("mai", &format!("/maintainer/review/{}", desk.app.id))
        .await;
    assert!(page.contains("another maintainer must decide") && !page.contains("review-approve"));
    let approve = [("decision", "approve"), ("version", "2"), ("comment", "Mine.")];
    assert_eq!(desk.review("mai", &approve).await.status, 403);
    assert_eq!(desk.review("max", &approve).await.status, 303);
    // What was decided by another is nobody's own any more.
    let suspend = [("decision", "suspend"), ("version", "2"), ("comment", "Late.")];
    assert_eq!(desk.review("mai", &suspend).await.status, 303);
}

#[tokio::test]
async fn what_was_decided_meanwhile_is_told_and_nothing_typed_is_lost() {
    let desk = Desk::new().await;
    let path = format!("/maintainer/review/{}", desk.app.id);
    let cookie = desk.instance.sign_in("mai").await;
    let page = desk.instance.get(&path).cookie(&cookie).send().await;
    let (token, seen) = (page.field("csrf_token"), page.field("seen"));
    for verdict in [Verdict::Suspend, Verdict::Resume] {
        let ruled = desk
            .instance
            .engine
            .review_app(&desk.id, None, verdict, "Because.", None)
            .await;
        ruled.unwrap().unwrap();
    }
    // The app stands as it stood on the page, and yet somebody decided since.
    let form = [
        ("csrf_token", token.as_str()),
        ("version", "1"),
        ("seen", &seen),
        ("decision", "approve"),
        ("comment", "Typed at length."),
    ];
    let late = desk.instance.post(&path).cookie(&cookie).form(&form).send().await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("Typed at length."));
    let (instance, app) = world().await;
    let form = [("client_id", app.id.as_str())];
    assert_eq!(
        instance
            .post("/maintainer/review/nobody")
            .form(&form)
            .send()
            .await
            .status,
        303,
        "sign in first"
    );
}
