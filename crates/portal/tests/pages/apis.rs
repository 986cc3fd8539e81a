//! APIs in the browser: an owner registers one, and answers the apps that ask for its scopes.

use crate::browser::{Answer, Browser, Site};
use http::StatusCode;
use omniport_engine::apis::MAX_APIS_OF_ONE;
use omniport_protocol::apis::{Resource, TokenFormat};
use omniport_protocol::vocabulary::{ClientId, encode};
use omniport_store::portal::News;

const FORM: [(&str, &str); 9] = [
    ("name", "Library"),
    ("uri", "https://library.example/api"),
    ("description", "Loans and fines."),
    (
        "scopes",
        "loans.read See your loans\r\nloans.renew Renew your loans",
    ),
    ("format", "jwt"),
    ("signing_alg", "ES256"),
    ("token_seconds", "600"),
    ("max_age", ""),
    ("details", ""),
];

/// The usual form with these in place of what stands there.
pub(crate) fn form<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = FORM
        .into_iter()
        .filter(|(name, _)| !changes.iter().any(|(other, _)| other == name));
    kept.chain(changes.iter().copied()).collect()
}

async fn add(browser: &mut Browser, changes: &[(&str, &str)]) -> Answer {
    browser.post("/developer/apis/add", &form(changes)).await
}

async fn stored(site: &Site) -> Vec<Resource> {
    site.engine.store().apis().await.unwrap()
}

/// The library, which `meera` owns, and its page.
async fn library(site: &Site) -> (Browser, String) {
    let mut meera = site.signed_in("meera").await;
    let added = add(&mut meera, &[]).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    let (path, _) = added.location().split_once('?').unwrap();
    let path = path.to_owned();
    (meera, path)
}

/// An app of `dev`'s that asks for these scopes.
async fn asking(site: &Site, dev: &mut Browser, scopes: &str) -> ClientId {
    let app = site.app("Course Planner", false).await;
    let section = format!("/developer/apps/{}/scopes", encode(app.as_str()));
    let saved = dev.post(&section, &[("scopes", scopes)]).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
    app
}

#[tokio::test]
async fn an_api_is_registered_changed_and_removed_in_the_browser() {
    let site = Site::new().await;
    let (mut meera, path) = library(&site).await;
    let page = meera.get(&path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for shown in [
        "https://library.example/api",
        "oauth-protected-resource/apis/",
        "No app asks yet",
    ] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let api = stored(&site).await.remove(0);
    assert_eq!(
        (api.format, api.token_seconds, api.open),
        (TokenFormat::Jwt, 600, false)
    );
    assert_eq!(api.owner, site.id_of("meera").await);
    let changes = [
        ("name", "Books"),
        ("uri", "https://else.example/"),
        ("format", "opaque"),
        ("open", "true"),
        ("scopes", "loans.read See your loans"),
    ];
    let saved = meera.post(&path, &form(&changes)).await;
    assert!(
        saved.location().starts_with(&path),
        "{} {}",
        saved.status,
        saved.body
    );
    let api = stored(&site).await.remove(0);
    assert_eq!(
        (api.name.as_str(), api.scopes.len(), api.open),
        ("Books", 1, true)
    );
    assert_eq!(
        api.uri.as_str(),
        "https://library.example/api",
        "an identifier stays"
    );
    let list = meera.get("/developer/apis").await;
    assert!(
        list.body.contains("Books") && list.body.contains("open to every app"),
        "{}",
        list.body
    );
    let remove = format!("{path}/remove");
    let wrong = meera.post(&remove, &[("confirm_name", "Library")]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("id=\"confirm_name-error\""));
    let gone = meera.post(&remove, &[("confirm_name", "Books")]).await;
    assert!(
        gone.location().starts_with("/developer/apis?"),
        "{}",
        gone.location()
    );
    assert_eq!(stored(&site).await, []);
    assert_eq!(meera.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn mistakes_stand_beside_their_fields_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let (mut meera, path) = library(&site).await;
    let own = format!("{}/oauth/userinfo", crate::browser::ISSUER);
    let public = site.public_app("Widget").await;
    let others = site.app("Course Planner", true).await;
    for (name, value, told) in [
        ("uri", "library", "absolute URI"),
        ("uri", "https://library.example/api", "registered already"),
        ("uri", own.as_str(), "This address is our own."),
        (
            "scopes",
            "fines See your fines\r\nopenid Sign in",
            "means something here already",
        ),
        ("scopes", "loans.read See your loans", "Another API has"),
        ("scopes", "fines", "Say after"),
        ("token_seconds", "5", "60 to 86400"),
        ("details", "[{", "JSON list"),
        ("introspected_by", others.as_str(), "no such app of yours"),
        ("introspected_by", public.as_str(), "no such app of yours"),
    ] {
        let changes = [
            ("uri", "https://other.example/"),
            ("scopes", "fines See your fines"),
        ];
        let mut changes = changes.to_vec();
        changes.retain(|(other, _)| *other != name);
        changes.push((name, value));
        let answer = add(&mut meera, &changes).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name} {value}");
        assert!(answer.body.contains(told), "{name} {value}: {}", answer.body);
        assert!(answer.body.contains(&format!("id=\"{name}-error\"")), "{name}");
        assert!(answer.body.contains("Loans and fines."), "what was typed stays");
    }
    let kept = meera
        .post(&path, &form(&[("token_seconds", "5"), ("name", "Half typed")]))
        .await;
    assert_eq!(kept.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(kept.body.contains("Half typed") && kept.body.contains("id=\"token_seconds-error\""));
    assert_eq!(stored(&site).await.len(), 1);
}

#[tokio::test]
async fn a_public_app_cannot_ask_for_an_api_and_nobody_has_too_many() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let public = site.public_app("Widget").await;
    let page = dev.get("/developer/apis/add").await;
    assert!(!page.body.contains("Widget"), "it is not offered");
    let refused = add(&mut dev, &[("introspected_by", public.as_str())]).await;
    assert!(refused.body.contains("cannot prove itself"), "{}", refused.body);
    let confidential = site.app("Desk", true).await;
    assert!(
        dev.get("/developer/apis/add")
            .await
            .body
            .contains(">Desk</option>")
    );
    for n in 0..MAX_APIS_OF_ONE {
        let (uri, scope) = (format!("https://api.example/{n}"), format!("s{n} Words"));
        let changes = [
            ("uri", uri.as_str()),
            ("scopes", scope.as_str()),
            ("introspected_by", confidential.as_str()),
        ];
        assert_eq!(add(&mut dev, &changes).await.status, StatusCode::SEE_OTHER, "{n}");
    }
    let more = add(&mut dev, &[]).await;
    assert!(more.body.contains("which is the most"), "{}", more.body);
}

#[tokio::test]
async fn an_owner_approves_and_refuses_and_the_team_is_told() {
    let site = Site::new().await;
    let (mut meera, path) = library(&site).await;
    let mut dev = site.signed_in("dev").await;
    let app = asking(&site, &mut dev, "loans.read loans.renew").await;
    let dashboard = format!("/developer/apps/{}", encode(app.as_str()));
    assert!(dev.get(&dashboard).await.body.contains("Waiting"));
    let list = meera.get("/developer/apis").await;
    assert!(list.body.contains("1 app waits"), "{}", list.body);
    let page = meera.get(&path).await;
    assert!(page.body.contains("Course Planner") && page.body.contains("Renew your loans"));
    let decide = format!("{path}/decide");
    let client = ("client_id", app.as_str());
    let nothing = meera.post(&decide, &[client, ("decision", "approve")]).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY);
    let approved = meera
        .post(
            &decide,
            &[
                client,
                ("names", "loans.read"),
                ("names", "somebody.elses"),
                ("decision", "approve"),
            ],
        )
        .await;
    assert_eq!(approved.status, StatusCode::SEE_OTHER, "{}", approved.body);
    let refused = meera
        .post(
            &decide,
            &[
                client,
                ("names", "loans.renew"),
                ("comment", "Not <yet>."),
                ("decision", "refuse"),
            ],
        )
        .await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    let asks = site.engine.store().asks_of_app(&app).await.unwrap();
    let asks: Vec<_> = asks.iter().map(|(name, yes, _)| (name.as_str(), *yes)).collect();
    assert_eq!(asks, [("loans.read", Some(true)), ("loans.renew", Some(false))]);
    let told = dev.get(&dashboard).await;
    for shown in ["Approved", "Refused", "Not &#60;yet&#62;."] {
        assert!(told.body.contains(shown), "{shown}: {}", told.body);
    }
    let news = site
        .engine
        .store()
        .notices(site.id_of("dev").await, None, 50)
        .await
        .unwrap();
    let news: Vec<News> = news.into_iter().map(|one| one.what).collect();
    assert_eq!(news, [News::ScopesDeclined, News::ScopesApproved]);
    assert!(dev.get("/").await.body.contains("opened the API"));
    assert!(!meera.get("/developer/apis").await.body.contains("waits"));
    let strange = meera
        .post(&decide, &[client, ("names", "loans.read"), ("decision", "maybe")])
        .await;
    assert_eq!(strange.status, StatusCode::BAD_REQUEST);
    let other = site.app("Other", true).await;
    let unasked = [
        ("client_id", other.as_str()),
        ("names", "loans.read"),
        ("decision", "approve"),
    ];
    assert_eq!(meera.post(&decide, &unasked).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_comment_that_is_too_long_is_not_cut() {
    let site = Site::new().await;
    let (mut meera, path) = library(&site).await;
    let mut dev = site.signed_in("dev").await;
    let app = asking(&site, &mut dev, "loans.read loans.renew").await;
    // It stands there again, with what was ticked.
    let long = format!("So be it{}", "!".repeat(10_000));
    let too_long = [
        ("client_id", app.as_str()),
        ("names", "loans.renew"),
        ("comment", long.as_str()),
        ("decision", "approve"),
    ];
    let told = meera.post(&format!("{path}/decide"), &too_long).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        told.body.contains("longer than 10000 characters; shorten it"),
        "{}",
        told.body
    );
    assert!(told.body.contains(&long) && told.body.contains("aria-invalid=\"true\""));
    assert!(told.body.contains("value=\"loans.renew\" checked"));
    assert!(told.body.contains("value=\"loans.read\">"));
    let asks = site.engine.store().asks_of_app(&app).await.unwrap();
    assert!(asks.iter().all(|(_, said, _)| said.is_none()));
}

#[tokio::test]
async fn case_109_another_persons_api_is_404() {
    let site = Site::new().await;
    let (_, path) = library(&site).await;
    let mut dev = site.signed_in("dev").await;
    let app = asking(&site, &mut dev, "loans.read").await;
    assert_eq!(dev.get(&path).await.status, StatusCode::NOT_FOUND);
    let decision = [
        ("client_id", app.as_str()),
        ("names", "loans.read"),
        ("decision", "approve"),
    ];
    for (section, fields) in [
        ("", form(&[("name", "Mine")])),
        ("/decide", decision.to_vec()),
        ("/remove", vec![("confirm_name", "Library")]),
    ] {
        let answer = dev.post(&format!("{path}{section}"), &fields).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{section}");
    }
    let api = stored(&site).await.remove(0);
    assert_eq!(api.name, "Library");
    let asks = site.engine.store().api_asks(&api.id).await.unwrap();
    assert!(asks.iter().all(|ask| ask.approved.is_none()));
    // What there is to ask for, everybody may look up.
    let found = dev.get("/developer/apis?q=LOANS").await;
    assert!(found.body.contains("See your loans"), "{}", found.body);
    assert!(
        dev.get("/developer/apis?q=zebra")
            .await
            .body
            .contains("Nothing fits")
    );
}

#[tokio::test]
async fn who_is_no_developer_registers_nothing_and_a_form_without_its_token_does_nothing() {
    let site = Site::new().await;
    let mut asha = site.signed_in("asha").await;
    assert_eq!(asha.get("/developer/apis").await.status, StatusCode::OK);
    assert_eq!(
        asha.get("/developer/apis/add").await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(add(&mut asha, &[]).await.status, StatusCode::FORBIDDEN);
    let stranger = site.browser().get("/developer/apis").await;
    assert!(
        stranger.location().starts_with("/login?next="),
        "{}",
        stranger.location()
    );
    let mut dev = site.signed_in("dev").await;
    let bare = dev.post_bare("/developer/apis/add", &FORM).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN);
    assert_eq!(stored(&site).await, []);
}
