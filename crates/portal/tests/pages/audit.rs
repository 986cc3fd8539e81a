//! The audit log: every form that does something leaves an event, and maintainers read it.

use crate::apis::form;
use crate::browser::{Browser, CALLBACK, PASSWORD, Site, words};
use crate::developer::{PNG, upload};
use http::StatusCode;
use omniport_portal::{MAINTAINER_ROUTES, OWNER_ROUTES, PERSONAL_ROUTES, TEAM_ROUTES};
use omniport_protocol::audit::{Entry, Verifier};
use omniport_protocol::vocabulary::ClientId;
use omniport_store::portal::AuditFilter;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

/// Forms that leave no event, and why.
const UNTOLD: [(&str, &str); 7] = [
    ("/login", "signing in is no administrative act"),
    ("/logout", "nor is signing out"),
    ("/consent", "what a person allows is theirs: receipts tell it"),
    ("/device", "the same, from a device"),
    (
        "/account/requests/open",
        "it opens the question, and answers nothing",
    ),
    ("/account/apps/{client_id}/withdraw", "receipts tell it"),
    ("/account/notices/{id}/dismiss", "nobody else sees it"),
];

/// Every path that takes a POST.
fn forms() -> BTreeSet<String> {
    let tables = [PERSONAL_ROUTES, TEAM_ROUTES, OWNER_ROUTES, MAINTAINER_ROUTES];
    let routes = tables.into_iter().flatten();
    let posts = routes.filter(|(method, _)| *method == "post");
    // This one looks for itself, so that it is in no table.
    let forms = posts.map(|(_, path)| *path).chain(["/logout"]);
    forms.map(str::to_owned).collect()
}

async fn newest(site: &Site) -> Option<Entry> {
    let filter = AuditFilter::default();
    let mut entries = site.engine.store().audit_events(&filter, None, 1).await.unwrap();
    entries.pop()
}

/// Posts forms one after another, and looks what the log tells of each.
struct Walk {
    site: Site,
    walked: BTreeSet<String>,
}

impl Walk {
    /// Posts `fields` to `form` of `app`, which must be done and told as `act`, once and of `who`.
    async fn does(
        &mut self,
        browser: &mut Browser,
        form: &str,
        app: &str,
        fields: &[(&str, &str)],
        act: &str,
    ) {
        browser.address = Some(ADDRESS);
        let before = newest(&self.site).await.map_or(0, |entry| entry.event.number);
        let answer = browser
            .post(&form.replace("{client_id}", app).replace("{api}", app), fields)
            .await;
        let done = matches!(answer.status, StatusCode::SEE_OTHER | StatusCode::OK);
        assert!(done, "{form} {fields:?}: {} {}", answer.status, answer.body);
        self.told(form, before, act).await;
    }

    async fn told(&mut self, form: &str, before: u64, act: &str) {
        let entry = newest(&self.site).await.unwrap();
        assert_eq!(entry.event.number, before + 1, "{form} leaves one event");
        assert_eq!(entry.event.act, act, "{form}");
        assert_eq!(entry.event.actor.kind, "person", "{form}");
        assert_eq!(
            entry.event.address,
            Some(ADDRESS.to_string()),
            "{form} tells from where"
        );
        assert!(
            ["dev", "asha", "meera"].contains(&entry.event.actor.name.as_str()),
            "{form}"
        );
        self.walked.insert(form.to_owned());
    }
}

/// Where everybody's browser is.
const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

const APP: &str = "/developer/apps/{client_id}";

async fn edits(walk: &mut Walk, dev: &mut Browser, app: &ClientId) {
    let id = app.as_str();
    let description = words(140);
    let edits: [(&str, &[(&str, &str)]); 7] = [
        ("/name", &[("name", "Course Planner")]),
        (
            "/redirect-uris",
            &[("redirect_uris", "https://app.example.org/another")],
        ),
        ("/description", &[("description", &description)]),
        ("/data-points", &[("data_points", "person.full_name")]),
        ("/publisher", &[("contact", "planner@example.org")]),
        ("/scopes", &[("scopes", "library.read")]),
        (
            "/protocol",
            &[
                ("grant_types", "authorization_code"),
                ("post_logout_redirect_uris", "https://app.example.org/bye"),
            ],
        ),
    ];
    for (section, fields) in edits {
        walk.does(dev, &format!("{APP}{section}"), id, fields, "app.manifest.edit")
            .await;
    }
    let token = dev
        .get(&format!("/developer/apps/{id}"))
        .await
        .hidden("csrf_token");
    let before = newest(&walk.site).await.unwrap().event.number;
    upload(dev, app, &token, PNG).await;
    walk.told(&format!("{APP}/logo"), before, "app.manifest.edit")
        .await;
    walk.does(dev, &format!("{APP}/logo/remove"), id, &[], "app.manifest.edit")
        .await;
}

async fn secrets_and_test_people(walk: &mut Walk, dev: &mut Browser, app: &ClientId) {
    let id = app.as_str();
    let hours = [("grace_hours", "24")];
    walk.does(dev, &format!("{APP}/secret"), id, &hours, "app.secret.rotate")
        .await;
    walk.does(
        dev,
        &format!("{APP}/secret/revoke"),
        id,
        &[("secret", "1")],
        "app.secret.revoke",
    )
    .await;
    walk.does(dev, &format!("{APP}/test-people"), id, &[], "test_person.add")
        .await;
    let made = walk.site.engine.store().test_people(app).await.unwrap();
    let whom = made[0].person.to_string();
    let whom = [("person", whom.as_str())];
    walk.does(
        dev,
        &format!("{APP}/test-people/renew"),
        id,
        &whom,
        "test_person.renew",
    )
    .await;
    walk.does(
        dev,
        &format!("{APP}/test-people/remove"),
        id,
        &whom,
        "test_person.remove",
    )
    .await;
}

async fn team(walk: &mut Walk, dev: &mut Browser, app: &ClientId) {
    let (id, asha) = (app.as_str(), [("username", "asha")]);
    walk.does(dev, &format!("{APP}/team"), id, &asha, "team.invite")
        .await;
    walk.does(dev, &format!("{APP}/team/uninvite"), id, &asha, "team.uninvite")
        .await;
    walk.does(dev, &format!("{APP}/team"), id, &asha, "team.invite")
        .await;
    let mut invited = walk.site.signed_in("asha").await;
    let invitation = "/account/invitations/{client_id}";
    walk.does(&mut invited, invitation, id, &[("answer", "accept")], "team.join")
        .await;
    let offer = [("username", "asha"), ("confirm_name", "Course Planner")];
    walk.does(dev, &format!("{APP}/team/give"), id, &offer, "team.offer")
        .await;
    walk.does(
        &mut invited,
        invitation,
        id,
        &[("answer", "decline")],
        "team.decline",
    )
    .await;
    walk.does(dev, &format!("{APP}/team/remove"), id, &asha, "team.remove")
        .await;
}

async fn review(walk: &mut Walk, dev: &mut Browser, app: &ClientId) {
    let id = app.as_str();
    let mut meera = walk.site.signed_in("meera").await;
    let one = "/maintainer/review/{client_id}";
    walk.does(&mut meera, one, id, &[("decision", "claim")], "app.claim")
        .await;
    let by = walk.site.id_of("meera").await.to_string();
    let release = [("decision", "release"), ("claimed_by", by.as_str())];
    walk.does(&mut meera, one, id, &release, "app.release").await;
    walk.does(
        &mut meera,
        one,
        id,
        &[("decision", "comment"), ("comment", "Nice.")],
        "app.comment",
    )
    .await;
    walk.does(
        &mut meera,
        one,
        id,
        &[("decision", "note"), ("note", "Hm.")],
        "app.note",
    )
    .await;
    walk.does(
        dev,
        &format!("{APP}/comment"),
        id,
        &[("comment", "Thanks.")],
        "app.comment",
    )
    .await;
    walk.does(dev, &format!("{APP}/take-back"), id, &[], "app.take_back")
        .await;
    walk.does(dev, &format!("{APP}/submit"), id, &[], "app.submit")
        .await;
    for (decision, act) in [
        ("request-changes", "app.request_changes"),
        ("approve", "app.approve"),
        ("suspend", "app.suspend"),
        ("resume", "app.resume"),
    ] {
        if decision == "approve" {
            walk.does(dev, &format!("{APP}/submit"), id, &[], "app.submit")
                .await;
        }
        let version = meera.get(&one.replace("{client_id}", id)).await.hidden("version");
        let fields = [
            ("app", id),
            ("version", version.as_str()),
            ("decision", decision),
            ("comment", "Because."),
        ];
        walk.does(&mut meera, "/maintainer/review", id, &fields, act)
            .await;
    }
    let mark = [("decision", "mark"), ("legacy_implicit", "on")];
    walk.does(&mut meera, one, id, &mark, "app.mark").await;
}

/// What an API's owner does, `app` being one that asks for its scope.
async fn apis(walk: &mut Walk, dev: &mut Browser, app: &ClientId) {
    let scopes = ("scopes", "library.read See your loans");
    walk.does(dev, "/developer/apis/add", "", &form(&[scopes]), "api.add")
        .await;
    let api = walk.site.engine.store().apis().await.unwrap().remove(0).id;
    let one = "/developer/apis/{api}";
    let renamed = form(&[scopes, ("name", "Books")]);
    walk.does(dev, one, api.as_str(), &renamed, "api.edit").await;
    for (decision, act) in [("approve", "api.scope.approve"), ("refuse", "api.scope.refuse")] {
        let fields = [
            ("client_id", app.as_str()),
            ("names", "library.read"),
            ("comment", "Because."),
            ("decision", decision),
        ];
        walk.does(dev, &format!("{one}/decide"), api.as_str(), &fields, act)
            .await;
    }
    let name = [("confirm_name", "Books")];
    walk.does(dev, &format!("{one}/remove"), api.as_str(), &name, "api.remove")
        .await;
}

#[tokio::test]
async fn every_form_that_does_something_leaves_an_event() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", false).await;
    let mut walk = Walk {
        site,
        walked: BTreeSet::new(),
    };
    edits(&mut walk, &mut dev, &app).await;
    apis(&mut walk, &mut dev, &app).await;
    secrets_and_test_people(&mut walk, &mut dev, &app).await;
    team(&mut walk, &mut dev, &app).await;
    review(&mut walk, &mut dev, &app).await;
    let description = words(130);
    let new = [
        ("name", "Second"),
        ("redirect_uris", CALLBACK),
        ("client_type", "confidential"),
        ("description", description.as_str()),
        ("data_points", "person.full_name"),
        ("agrees_to_terms", "true"),
    ];
    walk.does(&mut dev, "/developer/add", "", &new, "app.register")
        .await;
    let typed = [("confirm_name", "Course Planner")];
    walk.does(
        &mut dev,
        &format!("{APP}/delete"),
        app.as_str(),
        &typed,
        "app.delete",
    )
    .await;
    let _elsewhere = walk.site.signed_in("dev").await;
    walk.does(
        &mut dev,
        "/account/sessions/end-others",
        "",
        &[],
        "session.end_others",
    )
    .await;
    let mut asha = walk.site.signed_in("asha").await;
    let chosen = [
        ("current_password", PASSWORD),
        ("new_password", "another horse battery"),
        ("new_password_again", "another horse battery"),
    ];
    walk.does(&mut asha, "/account/password", "", &chosen, "person.password")
        .await;
    let _elsewhere = walk.site.signed_in("dev").await;
    let page = dev.get("/account").await;
    let session = page.hidden("session");
    walk.does(
        &mut dev,
        "/account/sessions/end",
        "",
        &[("session", session.as_str())],
        "session.end",
    )
    .await;
    let untold = UNTOLD.map(|(form, _)| form.to_owned());
    let known: BTreeSet<String> = walk.walked.iter().cloned().chain(untold).collect();
    assert_eq!(forms(), known, "a form is walked, or said why it leaves no event");
    assert!(walk.walked.len() > 25);
    let whole = walk
        .site
        .engine
        .verify_audit(Verifier::new())
        .await
        .unwrap()
        .unwrap();
    assert!(whole.events > 30);
}

#[tokio::test]
async fn what_is_refused_leaves_no_event() {
    let site = Site::new().await;
    let app = site.app("Planner", false).await;
    let (mut dev, mut meera) = (site.signed_in("dev").await, site.signed_in("meera").await);
    let before = newest(&site).await;
    let path = format!("/developer/apps/{app}");
    for (form, fields) in [
        ("name", ("name", "")),
        ("team", ("username", "nobody")),
        ("delete", ("confirm_name", "Wrong")),
        ("secret/revoke", ("secret", "7")),
    ] {
        let answer = dev.post(&format!("{path}/{form}"), &[fields]).await;
        assert!(answer.status.is_client_error(), "{form}: {}", answer.status);
    }
    let stale = [("version", "9"), ("decision", "approve"), ("comment", "")];
    let refused = meera.post(&format!("/maintainer/review/{app}"), &stale).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert_eq!(newest(&site).await, before);
}

#[tokio::test]
async fn a_maintainer_reads_who_did_what_with_before_and_after() {
    let site = Site::new().await;
    let app = site.app("Planner", false).await;
    let other = site.app("Other", false).await;
    let (mut dev, mut meera) = (site.signed_in("dev").await, site.signed_in("meera").await);
    let answer = dev
        .post(
            &format!("/developer/apps/{app}/name"),
            &[("name", "<b>Timetable</b>")],
        )
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = meera.get("/maintainer/audit").await;
    assert_eq!(page.status, StatusCode::OK);
    for told in [
        "<bdi>dev</bdi></strong> changed the manifest of",
        "<code>app.manifest.edit</code>",
        "Proposed \u{203a} name",
        "<span class=\"difference-text\">Planner</span>",
        "&#60;b&#62;Timetable&#60;/b&#62;",
        "The command line",
    ] {
        assert!(page.body.contains(told), "{told}: {}", page.body);
    }
    let count = |body: &str| body.matches("class=\"row audit-event\"").count();
    let ask =
        async |meera: &mut Browser, query: &str| meera.get(&format!("/maintainer/audit?{query}")).await.body;
    assert_eq!(count(&ask(&mut meera, &format!("app={app}")).await), 2);
    assert_eq!(count(&ask(&mut meera, &format!("app={other}")).await), 1);
    assert_eq!(count(&ask(&mut meera, "person=DEV").await), 2);
    assert_eq!(
        count(&ask(&mut meera, "person=dev&act=app.manifest.edit").await),
        1
    );
    assert_eq!(count(&ask(&mut meera, "since=2026-11-24").await), 0);
    assert_eq!(count(&ask(&mut meera, "before=3").await), 2);
    assert!(
        ask(&mut meera, "person=nobody")
            .await
            .contains("Nobody here has the username")
    );
    assert!(
        ask(&mut meera, "since=yesterday")
            .await
            .contains("A day is written")
    );
    assert!(
        ask(&mut meera, "act=app.melt")
            .await
            .contains("There is no act &#39;app.melt&#39;.")
    );
    let review = meera.get(&format!("/maintainer/review/{app}")).await;
    assert!(
        review
            .body
            .contains(&format!("href=\"/maintainer/audit?app={app}\""))
    );
}

#[tokio::test]
async fn only_maintainers_read_and_export_it() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    for path in ["/maintainer/audit", "/maintainer/audit/export"] {
        assert_eq!(dev.get(path).await.status, StatusCode::FORBIDDEN);
        assert_eq!(site.browser().get(path).await.status, StatusCode::SEE_OTHER);
    }
    assert!(!dev.get("/").await.body.contains("/maintainer/audit"));
}

#[tokio::test]
async fn the_export_is_the_whole_log_and_verifies() {
    let site = Site::new().await;
    for n in 0..120 {
        site.app(&format!("App {n}"), n % 2 == 0).await;
    }
    let mut meera = site.signed_in("meera").await;
    let first = meera.get("/maintainer/audit").await.body;
    let (_, older) = first.split_once("href=\"/maintainer/audit?app=&#38;").unwrap();
    assert!(older.split('"').next().unwrap().ends_with("before=74"), "{older}");
    let export = meera.get("/maintainer/audit/export").await;
    assert_eq!(
        export.header("content-type"),
        "application/x-ndjson; charset=utf-8"
    );
    assert!(export.header("content-disposition").starts_with("attachment;"));
    assert_eq!(export.header("cache-control"), "no-store");
    let mut verifier = Verifier::new();
    for line in export.body.lines() {
        verifier.add(&Entry::parse_line(line).unwrap()).unwrap();
    }
    let whole = verifier.finish(None).unwrap();
    assert_eq!(whole.events, 123);
    assert!(first.contains(&whole.head.to_string()));
    assert!(!export.body.contains("argon2") && !export.body.contains("secret_hash"));
}
