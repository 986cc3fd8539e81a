//! An app's life in review.

use crate::scratch::{NOW, Scratch, client, hash, points, registered_app};
use omniport_protocol::effect::Load;
use omniport_protocol::review::{App, Decided, Edit, Proposal, ReviewPolicy, Stage, Standing, Verdict};
use omniport_protocol::vocabulary::{ClientId, PersonId};
use omniport_store::portal::{AppFilter, ReviewWhat, Ruling};

/// The team edits the app as it stands.
async fn edit(s: &Scratch, id: &ClientId, by: PersonId, edit: Edit) -> App {
    let app = s.read_app(id).await;
    assert!(save(s, &app, by, &edit).await);
    s.read_app(id).await
}

async fn save(s: &Scratch, app: &App, by: PersonId, edit: &Edit) -> bool {
    let revision = edit.apply(app, &omniport_protocol::review::ReviewPolicy::default());
    let to_review = revision.asks_for_review(app);
    s.store
        .save_revision(app, &revision, to_review, by, NOW.plus(10))
        .await
        .unwrap()
}

pub(crate) async fn rule(s: &Scratch, app: &App, verdict: Verdict, by: Option<PersonId>) -> bool {
    let decided = verdict.apply(app, "because", app.last_version, false).unwrap();
    let ruling = Ruling {
        verdict,
        decided,
        by,
        comment: "because".into(),
        at: NOW.plus(20),
    };
    s.store.rule(app, &ruling).await.unwrap()
}

async fn history(s: &Scratch, id: &ClientId) -> Vec<(ReviewWhat, u32)> {
    let events = s.store.history(id).await.unwrap();
    events
        .iter()
        .rev()
        .map(|event| (event.what, event.version))
        .collect()
}

pub(crate) async fn a_new_app_is_approved(s: Scratch) {
    let (asha, mira) = (s.person("asha").await, s.person("mira").await);
    let id = s.app("c1", asha, Standing::Pending).await;
    assert_eq!(s.store.apps_awaiting_review().await.unwrap(), 1);
    let app = edit(&s, &id, asha, Edit::Name("Better".into())).await;
    assert_eq!(app.proposed.as_ref().unwrap().number, 2);
    assert!(rule(&s, &app, Verdict::Approve, Some(mira)).await);
    let app = s.read_app(&id).await;
    assert_eq!((app.standing, app.proposed.is_none()), (Standing::Approved, true));
    assert_eq!(app.live.unwrap().manifest.name, "Better");
    assert_eq!(s.store.apps_awaiting_review().await.unwrap(), 0);
    let events = s.store.history(&id).await.unwrap();
    assert_eq!(
        (events[0].actor.as_deref(), events[0].comment.as_str()),
        (Some("mira"), "because")
    );
    assert_eq!(events[0].at, NOW.plus(20));
    let wanted = [
        (ReviewWhat::Submitted, 1),
        (ReviewWhat::Changed, 2),
        (ReviewWhat::Approved, 2),
    ];
    assert_eq!(history(&s, &id).await, wanted);
    // Page by page, and the last of a kind.
    let page = s.store.history_page(&id, false, None, 2).await.unwrap();
    let rest = s
        .store
        .history_page(&id, false, Some(page[1].id), 2)
        .await
        .unwrap();
    assert_eq!([&page[..], &rest[..]].concat(), events);
    let last = async |kinds: &[ReviewWhat]| s.store.last_event(&id, kinds).await.unwrap();
    assert_eq!(
        last(&[ReviewWhat::Changed, ReviewWhat::Submitted]).await.as_ref(),
        Some(&events[1])
    );
    assert_eq!(last(&[ReviewWhat::Rejected]).await, None);
}

pub(crate) async fn whoever_wrote_what_waits_answers_for_it_also_after_leaving(s: Scratch) {
    let (asha, ben, mira) = (
        s.person("asha").await,
        s.person("ben").await,
        s.person("mira").await,
    );
    let id = s.app("c1", asha, Standing::Pending).await;
    assert!(s.store.answers_for(&id, asha).await.unwrap());
    assert!(!s.store.answers_for(&id, ben).await.unwrap());
    assert!(s.store.add_member(&id, ben, asha, NOW).await.unwrap());
    let app = edit(&s, &id, ben, Edit::Name("Ben's".into())).await;
    assert!(s.store.remove_member(&id, ben, ben, NOW).await.unwrap());
    assert!(s.store.answers_for(&id, ben).await.unwrap(), "they wrote it");
    assert!(rule(&s, &app, Verdict::Approve, Some(mira)).await);
    assert!(!s.store.answers_for(&id, ben).await.unwrap(), "that was decided");
    assert!(!s.store.answers_for(&id, mira).await.unwrap());
}

pub(crate) async fn a_change_waits_beside_the_live_version(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let wider = points(&["person.full_name", "student.branch.name"]);
    let app = edit(&s, &id, asha, Edit::DataPoints(wider.clone().into())).await;
    assert_eq!(app.proposed.as_ref().unwrap().manifest.data_points, wider);
    assert!(app.awaits_review());
    let client = s.load(Load::Client(id.clone())).await.client.unwrap();
    assert_eq!(
        (client.version, client.data_points.clone()),
        (1, points(&["person.full_name"]))
    );
    // An edit that goes live at once makes two versions: the live one first.
    let app = edit(&s, &id, asha, Edit::Description("other words".into())).await;
    assert_eq!(
        (
            app.live.as_ref().unwrap().number,
            app.proposed.as_ref().unwrap().number
        ),
        (3, 4)
    );
    assert_eq!(app.last_version, 4);
    assert!(rule(&s, &app, Verdict::Approve, None).await);
    let client = s.load(Load::Client(id)).await.client.unwrap();
    assert_eq!((client.version, client.data_points.clone()), (4, wider));
}

pub(crate) async fn a_stale_edit_is_refused(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let stale = s.read_app(&id).await;
    edit(&s, &id, asha, Edit::Name("First".into())).await;
    assert!(!save(&s, &stale, asha, &Edit::Name("Second".into())).await);
    // A ruling changes no number, and an edit from before it is stale all the same.
    let stale = s.read_app(&id).await;
    assert!(rule(&s, &stale, Verdict::Approve, None).await);
    assert!(!save(&s, &stale, asha, &Edit::Name("Third".into())).await);
    let app = s.read_app(&id).await;
    assert_eq!(
        (app.live.unwrap().manifest.name.as_str(), app.last_version),
        ("First", 2)
    );
    assert_eq!(s.rows_of("manifests").await, 2);
    assert!(s.store.app_version(&id, 3).await.unwrap().is_none());
}

pub(crate) async fn a_stale_ruling_is_refused(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let stale = s.read_app(&id).await;
    let app = edit(&s, &id, asha, Edit::Name("Evil".into())).await;
    assert!(!rule(&s, &stale, Verdict::Approve, None).await);
    assert!(rule(&s, &app, Verdict::Suspend, None).await);
    assert!(!rule(&s, &app, Verdict::Approve, None).await);
    let app = s.read_app(&id).await;
    assert_eq!((app.standing, app.live.is_none()), (Standing::Suspended, true));
    assert!(rule(&s, &app, Verdict::Resume, None).await);
    assert_eq!(s.read_app(&id).await.standing, Standing::Pending);
}

pub(crate) async fn a_rejected_change_leaves_the_live_version(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let app = edit(&s, &id, asha, Edit::Name("Other".into())).await;
    assert!(rule(&s, &app, Verdict::Reject, None).await);
    let app = s.read_app(&id).await;
    assert_eq!((app.standing, app.proposed), (Standing::Approved, None));
    assert_eq!(app.live.unwrap().manifest.name, "App c1");
    let refused = s.store.app_version(&id, 2).await.unwrap().unwrap();
    assert_eq!(refused.manifest.name, "Other");
    assert_eq!(history(&s, &id).await.last(), Some(&(ReviewWhat::Rejected, 2)));
}

pub(crate) async fn a_proposal_is_taken_back(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Approved).await;
    let seen = edit(&s, &id, asha, Edit::Name("Other".into())).await;
    let app = edit(&s, &id, asha, Edit::Name("App c1".into())).await;
    assert_eq!((app.proposed.is_none(), app.last_version), (true, 3));
    assert!(!rule(&s, &seen, Verdict::Approve, None).await);
    assert_eq!(
        history(&s, &id).await.last(),
        Some(&(ReviewWhat::ChangeWithdrawn, 3))
    );
}

pub(crate) async fn a_rejected_app_is_sent_again(s: Scratch) {
    let asha = s.person("asha").await;
    let id = s.app("c1", asha, Standing::Pending).await;
    let app = s.read_app(&id).await;
    assert!(!s.store.submit(&app, asha, NOW).await.unwrap());
    assert!(rule(&s, &app, Verdict::Reject, None).await);
    let rejected = s.read_app(&id).await;
    assert_eq!(
        (rejected.standing, rejected.proposed.is_some()),
        (Standing::Rejected, true)
    );
    assert!(s.store.submit(&rejected, asha, NOW.plus(30)).await.unwrap());
    assert!(!s.store.submit(&rejected, asha, NOW.plus(31)).await.unwrap());
    assert_eq!(s.read_app(&id).await.standing, Standing::Pending);
    let listed = s.store.listed_app(&id).await.unwrap().unwrap();
    assert_eq!(
        (listed.submitted_at, listed.decided_at),
        (NOW.plus(30), Some(NOW.plus(20)))
    );
    assert_eq!(listed.owner, "asha");
}

pub(crate) async fn a_ruling_without_its_version_is_refused(s: Scratch) {
    let asha = s.person("asha").await;
    let quiet = s.app("c1", asha, Standing::Approved).await;
    let fresh = s.app("c2", asha, Standing::Pending).await;
    let mut ruling = Ruling {
        verdict: Verdict::Approve,
        decided: Decided {
            standing: Standing::Approved,
            stage: Stage::Submitted,
            proposed: Proposal::Promote,
        },
        by: None,
        comment: String::new(),
        at: NOW,
    };
    assert!(!s.store.rule(&s.read_app(&quiet).await, &ruling).await.unwrap());
    ruling.decided.proposed = Proposal::Drop;
    assert!(!s.store.rule(&s.read_app(&fresh).await, &ruling).await.unwrap());
}

pub(crate) async fn the_queue_is_fair_and_paged(s: Scratch) {
    let asha = s.person("asha").await;
    for (id, standing) in [
        ("b", Standing::Pending),
        ("a", Standing::Pending),
        ("c", Standing::Approved),
        ("d", Standing::Approved),
        ("e", Standing::Rejected),
    ] {
        s.app(id, asha, standing).await;
    }
    // A change goes to the end of the queue, and changing it again keeps its place.
    edit(&s, &client("c"), asha, Edit::Name("Other".into())).await;
    let waiting = AppFilter {
        awaiting_review: true,
        ..AppFilter::default()
    };
    let first = s.store.apps(&waiting, None, 2).await.unwrap();
    let cursor = first.last().unwrap().cursor();
    let rest = s.store.apps(&waiting, Some(&cursor), 2).await.unwrap();
    let ids: Vec<_> = first
        .iter()
        .chain(&rest)
        .map(|listed| listed.app.id.as_str())
        .collect();
    assert_eq!(ids, ["a", "b", "c"]);
    assert_eq!(rest[0].submitted_at, NOW.plus(10));
    let app = s.read_app(&client("c")).await;
    let revision =
        Edit::Name("Third".into()).apply(&app, &omniport_protocol::review::ReviewPolicy::default());
    assert!(
        s.store
            .save_revision(&app, &revision, true, asha, NOW.plus(99))
            .await
            .unwrap()
    );
    let listed = s.store.listed_app(&client("c")).await.unwrap().unwrap();
    assert_eq!(listed.submitted_at, NOW.plus(10));
    let approved = AppFilter {
        standing: Some(Standing::Approved),
        ..AppFilter::default()
    };
    assert_eq!(s.store.apps(&approved, None, 10).await.unwrap().len(), 2);
    assert_eq!(
        s.store.apps(&AppFilter::default(), None, 10).await.unwrap().len(),
        5
    );
    assert_eq!(s.store.apps_awaiting_review().await.unwrap(), 3);
}

pub(crate) async fn apps_are_found_by_what_one_types(s: Scratch) {
    let (asha, ben) = (s.person("Asha").await, s.person("ben").await);
    let one = s.app("Id-One", asha, Standing::Approved).await;
    s.app("Id-Two", ben, Standing::Pending).await;
    edit(&s, &one, asha, Edit::Name("50% \u{c9}clair_s".into())).await;
    let find = async |search: &str| {
        let filter = AppFilter {
            search: search.into(),
            ..AppFilter::default()
        };
        let found = s.store.apps(&filter, None, 10).await.unwrap();
        found
            .iter()
            .map(|listed| listed.app.id.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(find("ID-").await, ["Id-Two", "Id-One"]);
    assert_eq!(find(" \u{e9}CLAIR ").await, ["Id-One"]);
    assert_eq!(find("50%").await, ["Id-One"]);
    assert_eq!(find("app id-one").await, ["Id-One"]);
    assert_eq!(find("BEN").await, ["Id-Two"]);
    assert!(find("%%").await.is_empty());
    assert!(find("clair-s").await.is_empty());
    assert!(find("' OR 1=1 --").await.is_empty());
}

pub(crate) async fn whoever_was_on_the_team_of_an_app_that_changes_itself_answers_for_it(s: Scratch) {
    let (asha, ben, mira) = (
        s.person("asha").await,
        s.person("ben").await,
        s.person("mira").await,
    );
    let made = registered_app("self-made", asha, Standing::Approved, hash("token"), NOW);
    let (itself, ordinary) = (made.id.clone(), s.app("c1", asha, Standing::Approved).await);
    assert!(s.store.insert_app(made).await.unwrap());
    for id in [&itself, &ordinary] {
        assert!(s.store.add_member(id, ben, asha, NOW).await.unwrap());
        assert!(s.store.remove_member(id, ben, asha, NOW).await.unwrap());
    }
    // What came by the token has nobody's name, and they may hold it still.
    let app = s.read_app(&itself).await;
    let revision = Edit::Name("Another".into()).apply(&app, &ReviewPolicy::default());
    let saved = s.store.save_revision(&app, &revision, true, None, NOW);
    assert!(saved.await.unwrap());
    assert!(s.store.answers_for(&itself, ben).await.unwrap());
    assert!(s.store.answers_for(&itself, asha).await.unwrap());
    assert!(!s.store.answers_for(&itself, mira).await.unwrap());
    assert!(!s.store.answers_for(&ordinary, ben).await.unwrap());
}
