//! Registering an app and administering it.

use crate::browser::{Answer, Browser, CALLBACK, Site, words};
use axum::body::Body;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use omniport_engine::apps::MOST_APPS;
use omniport_portal::TEAM_ROUTES;
use omniport_protocol::vocabulary::{ClientId, encode};

fn good() -> Vec<(&'static str, String)> {
    vec![
        ("name", "Course Planner".to_owned()),
        (
            "redirect_uris",
            "https://app.example.org/cb\r\nhttp://localhost:3000/cb".to_owned(),
        ),
        ("client_type", "confidential".to_owned()),
        ("description", words(127)),
        ("data_points", "person.full_name".to_owned()),
        ("data_points", "student.branch.name".to_owned()),
        ("agrees_to_terms", "true".to_owned()),
    ]
}

async fn add(browser: &mut Browser, fields: &[(&'static str, String)]) -> Answer {
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    browser.post("/developer/add", &fields).await
}

fn with(name: &str, value: &str) -> Vec<(&'static str, String)> {
    let mut fields = good();
    for field in &mut fields {
        if field.0 == name {
            value.clone_into(&mut field.1);
        }
    }
    fields
}

#[tokio::test]
async fn case_107_registering_shows_the_secret_once() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    assert!(dev.get("/developer/add").await.body.contains("id=\"app-add\""));
    let answer = add(&mut dev, &good()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let path = answer.location().to_owned();
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-omniport-reveal=") && cookie.contains("SameSite=Strict; Max-Age=60"));
    let first = dev.get(&path).await;
    let secret = first.text_of("client-secret");
    assert_eq!(secret.len(), 64, "{}", first.body);
    assert!(path.contains(&first.text_of("client-id")));
    assert!(first.body.contains("data-status=\"pending\""));
    let second = dev.get(&path).await;
    assert_eq!(second.text_of("client-secret"), "");
    assert!(!second.body.contains(&secret));
}

#[tokio::test]
async fn every_mistake_is_told_beside_its_field_and_nothing_typed_is_lost() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    for (field, value, told) in [
        ("name", "", "Give the app a name."),
        ("redirect_uris", "https://a.example/#x", "has a fragment"),
        (
            "redirect_uris",
            "javascript:alert(1)",
            "uses a scheme that is not allowed",
        ),
        (
            "redirect_uris",
            "http://a.example/",
            "uses http to another machine",
        ),
        ("client_type", "odd", "Choose confidential or public."),
        (
            "description",
            &words(126),
            "The description has 126 words; it needs at least 127. Write 1 more.",
        ),
        ("description", &words(512), "512 words; 511 is the most"),
        ("data_points", "person.shoe_size", "There is no data point named"),
        ("agrees_to_terms", "", "Agree to the developer terms of use"),
    ] {
        let answer = add(&mut dev, &with(field, value)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert!(answer.body.contains(told), "{field} {value}");
        assert!(answer.body.contains(&format!("id=\"{field}-error\"")), "{field}");
        if field != "name" {
            assert!(answer.body.contains("value=\"Course Planner\""), "{field}");
        }
        if field != "redirect_uris" {
            assert!(answer.body.contains("https://app.example.org/cb"), "{field}");
        }
        if field != "data_points" {
            assert!(
                answer.body.contains("value=\"student.branch.name\" checked"),
                "{field}"
            );
        }
    }
    assert!(dev.get("/developer").await.body.contains("Add your first app"));
}

#[tokio::test]
async fn only_developers_and_maintainers_register_apps() {
    let site = Site::new().await;
    assert_eq!(
        site.browser().get("/developer/add").await.location(),
        "/login?next=%2Fdeveloper%2Fadd"
    );
    let mut asha = site.signed_in("asha").await;
    for answer in [asha.get("/developer/add").await, add(&mut asha, &good()).await] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert!(
            answer
                .text_of("error-detail")
                .contains("Ask whoever runs this site for Example University")
        );
    }
    let mut meera = site.signed_in("meera").await;
    assert_eq!(add(&mut meera, &good()).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn case_109_another_teams_app_does_not_exist() {
    let site = Site::new().await;
    let app = site.app("Planner", true).await;
    let path = format!("/developer/apps/{app}");
    for username in ["asha", "meera"] {
        let mut other = site.signed_in(username).await;
        assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
        for (_, route) in TEAM_ROUTES.iter().filter(|(method, _)| *method == "post") {
            let answer = other
                .post(
                    &route.replace("{client_id}", app.as_str()),
                    &[("confirm_name", "Planner")],
                )
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{route}");
        }
        assert!(!other.get("/developer").await.body.contains("Planner"));
    }
    assert!(site.engine.store().app(&app).await.unwrap().is_some());
}

#[tokio::test]
async fn each_section_saves_alone_and_says_what_came_of_it() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", true).await;
    let path = format!("/developer/apps/{app}");
    for (section, field, value, saved) in [
        ("name", "name", "Planner", "same"),
        ("name", "name", "Other", "review"),
        (
            "redirect-uris",
            "redirect_uris",
            "https://app.example.org/other",
            "saved",
        ),
        ("description", "description", &*words(200), "saved"),
        ("data-points", "data_points", "person.full_name", "saved"),
    ] {
        let answer = dev.post(&format!("{path}/{section}"), &[(field, value)]).await;
        assert_eq!(
            answer.location(),
            format!("{path}?saved={saved}"),
            "{section}: {}",
            answer.body
        );
    }
    let page = dev.get(&format!("{path}?saved=review")).await;
    assert!(page.body.contains("Saved and sent to review."));
    assert!(page.body.contains("Change in review"));
    for (section, field, value) in [
        ("name", "name", "\u{202e}evil"),
        ("redirect-uris", "redirect_uris", "https://a.example/*"),
        ("description", "description", "too short"),
        ("data-points", "data_points", "person.none"),
        ("team", "username", "nobody-of-that-name"),
        ("delete", "confirm_name", "Plan"),
    ] {
        let answer = dev.post(&format!("{path}/{section}"), &[(field, value)]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{section}");
        assert!(answer.body.contains("class=\"error\""), "{section}");
        // The page is long: what is wrong stands above it, in focus, with the way to the field.
        let (_, summary) = answer.body.split_once("class=\"notice summary\"").unwrap();
        let (summary, _) = summary.split_once("</ul>").unwrap();
        let id = summary
            .split("href=\"#")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        assert!(summary.contains("autofocus"), "{section}: {summary}");
        assert!(answer.body.contains(&format!("id=\"{id}\"")), "{section}: {id}");
        if field != "data_points" {
            assert!(answer.body.contains(value), "{section}");
        }
    }
}

#[tokio::test]
async fn a_team_grows_and_shrinks_and_is_told() {
    let site = Site::new().await;
    let (mut dev, mut asha) = (site.signed_in("dev").await, site.signed_in("asha").await);
    let app = site.app("Planner", false).await;
    let path = format!("/developer/apps/{app}");
    let answer = dev.post(&format!("{path}/team"), &[("username", " Asha ")]).await;
    assert_eq!(answer.location(), format!("{path}?saved=invited"));
    assert_eq!(asha.get(&path).await.status, StatusCode::NOT_FOUND, "not yet");
    let home = asha.get("/").await;
    assert!(home.body.contains("invites you to the team of"), "{}", home.body);
    let twice = dev.post(&format!("{path}/team"), &[("username", "asha")]).await;
    assert!(twice.body.contains("is invited already"));
    let invitation = format!("/account/invitations/{app}");
    let odd = asha.post(&invitation, &[("answer", "perhaps")]).await;
    assert_eq!(odd.status, StatusCode::BAD_REQUEST);
    let bare = asha.post_bare(&invitation, &[("answer", "accept")]).await;
    assert_eq!(bare.status, StatusCode::FORBIDDEN, "case 102");
    let joined = asha.post(&invitation, &[("answer", "accept")]).await;
    assert_eq!(joined.location(), format!("{path}?saved=joined"));
    assert_eq!(asha.get(&path).await.status, StatusCode::OK);
    assert!(dev.get("/").await.body.contains("joined the team of"));
    let again = asha.post(&invitation, &[("answer", "accept")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    let twice = dev.post(&format!("{path}/team"), &[("username", "asha")]).await;
    assert!(twice.body.contains("is on the team already"));
    let creator = asha
        .post(&format!("{path}/team/remove"), &[("username", "dev")])
        .await;
    assert_eq!(creator.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(creator.body.contains("creator cannot be removed"));
    let left = asha
        .post(&format!("{path}/team/remove"), &[("username", "asha")])
        .await;
    assert_eq!(left.location(), "/developer?saved=left");
    assert_eq!(asha.get(&path).await.status, StatusCode::NOT_FOUND);
    let gone = dev
        .post(&format!("{path}/team/remove"), &[("username", "asha")])
        .await;
    assert!(gone.body.contains("is not on the team any more"));
}

#[tokio::test]
async fn what_was_told_is_dismissed_by_its_own_reader_only() {
    let site = Site::new().await;
    let (mut dev, mut asha) = (site.signed_in("dev").await, site.signed_in("asha").await);
    let app = site.app("Planner", false).await;
    let (id, by) = (site.id_of("asha").await, site.id_of("dev").await);
    let at = site.engine.now();
    assert!(site.acting().add_member(&app, id, by, at).await.unwrap());
    let told = site
        .engine
        .store()
        .notices(site.id_of("asha").await, None, 50)
        .await
        .unwrap();
    let path = format!("/account/notices/{}/dismiss", told[0].id);
    let news = "added you to the team of";
    let home = asha.get("/").await.body;
    assert!(home.contains(news) && home.contains(&path), "{home}");
    assert_eq!(dev.post(&path, &[]).await.location(), "/");
    assert!(asha.get("/").await.body.contains(news), "another's stays");
    assert_eq!(asha.post_bare(&path, &[]).await.status, StatusCode::FORBIDDEN);
    assert!(asha.get("/").await.body.contains(news), "case 102");
    assert_eq!(asha.post(&path, &[]).await.location(), "/");
    assert!(!asha.get("/").await.body.contains(news));
    for gone in [path.as_str(), "/account/notices/0/dismiss"] {
        assert_eq!(asha.post(gone, &[]).await.location(), "/", "{gone}");
    }
    let strange = asha.post("/account/notices/x/dismiss", &[]).await;
    assert_eq!(strange.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_invitation_is_declined_or_taken_back() {
    let site = Site::new().await;
    let (mut dev, mut asha) = (site.signed_in("dev").await, site.signed_in("asha").await);
    let app = site.app("Planner", false).await;
    let (path, invitation) = (
        format!("/developer/apps/{app}"),
        format!("/account/invitations/{app}"),
    );
    let invite = [("username", "asha")];
    dev.post(&format!("{path}/team"), &invite).await;
    assert!(dev.get(&path).await.body.contains("has yet to answer"));
    let declined = asha.post(&invitation, &[("answer", "decline")]).await;
    assert_eq!(declined.location(), "/?saved=declined");
    assert!(dev.get("/").await.body.contains("declined your invitation to"));
    dev.post(&format!("{path}/team"), &invite).await;
    let back = dev.post(&format!("{path}/team/uninvite"), &invite).await;
    assert_eq!(back.location(), format!("{path}?saved=uninvited"));
    let late = asha.post(&invitation, &[("answer", "accept")]).await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("not open any more"));
    let gone = dev.post(&format!("{path}/team/uninvite"), &invite).await;
    assert_eq!(gone.status, StatusCode::CONFLICT);
    assert_eq!(asha.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_app_is_given_away_by_its_typed_name_and_the_others_word() {
    let site = Site::new().await;
    let (mut dev, mut asha) = (site.signed_in("dev").await, site.signed_in("asha").await);
    let app = site.app("Planner", false).await;
    let (path, invitation) = (
        format!("/developer/apps/{app}"),
        format!("/account/invitations/{app}"),
    );
    let give = |name| [("username", "asha"), ("confirm_name", name)];
    let stranger = dev.post(&format!("{path}/team/give"), &give("Planner")).await;
    assert!(stranger.body.contains("Choose somebody of the team"));
    dev.post(&format!("{path}/team"), &[("username", "asha")]).await;
    asha.post(&invitation, &[("answer", "accept")]).await;
    let wrong = dev.post(&format!("{path}/team/give"), &give("planner")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("This is not the app&#39;s name"),
        "{}",
        wrong.body
    );
    let not_theirs = [("username", "dev"), ("confirm_name", "Planner")];
    let not_theirs = asha.post(&format!("{path}/team/give"), &not_theirs).await;
    assert_eq!(not_theirs.status, StatusCode::FORBIDDEN);
    let offered = dev.post(&format!("{path}/team/give"), &give("Planner")).await;
    assert_eq!(offered.location(), format!("{path}?saved=offered"));
    let not_hers = asha
        .post(&format!("{path}/team/uninvite"), &[("username", "asha")])
        .await;
    assert_eq!(
        not_hers.status,
        StatusCode::CONFLICT,
        "the owner speaks for the app"
    );
    let leaves = dev
        .post(&format!("{path}/team/remove"), &[("username", "dev")])
        .await;
    assert!(
        leaves.body.contains("can neither leave nor be removed"),
        "the last owner"
    );
    assert!(asha.get("/").await.body.contains("offers you to own"));
    asha.post(&invitation, &[("answer", "accept")]).await;
    assert!(dev.get("/").await.body.contains("now owns"));
    let removed = asha
        .post(&format!("{path}/team/remove"), &[("username", "dev")])
        .await;
    assert!(
        removed.body.contains("creator cannot be removed"),
        "the promise holds"
    );
    let leaves = dev
        .post(&format!("{path}/team/remove"), &[("username", "dev")])
        .await;
    assert_eq!(
        leaves.location(),
        "/developer?saved=left",
        "of their own will they may"
    );
    assert!(asha.get("/").await.body.contains("left the team of"));
}

#[tokio::test]
async fn a_third_secret_is_refused_and_the_last_one_stays() {
    let site = Site::new().await;
    let (mut dev, mut asha) = (site.signed_in("dev").await, site.signed_in("asha").await);
    let app = site.app("Planner", false).await;
    let path = format!("/developer/apps/{app}");
    let only = dev
        .post(&format!("{path}/secret/revoke"), &[("secret", "1")])
        .await;
    assert_eq!(only.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(only.body.contains("the last one that works"));
    assert!(dev.get(&path).await.body.contains("Never"), "not used yet");
    dev.post(&format!("{path}/secret"), &[("grace_hours", "168")])
        .await;
    assert!(
        dev.get("/").await.body.contains("made a new secret for"),
        "the team is told"
    );
    let third = dev.post(&format!("{path}/secret"), &[("grace_hours", "0")]).await;
    assert_eq!(third.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(third.body.contains("Two secrets work already"), "{}", third.body);
    let revoked = dev
        .post(&format!("{path}/secret/revoke"), &[("secret", "1")])
        .await;
    assert_eq!(revoked.location(), format!("{path}?saved=revoked"));
    assert!(dev.get("/").await.body.contains("revoked a secret of"));
    for strange in ["", "x", "-1", "99999999999"] {
        let answer = dev
            .post(&format!("{path}/secret/revoke"), &[("secret", strange)])
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{strange}");
    }
    let hers = asha
        .post(&format!("{path}/secret/revoke"), &[("secret", "2")])
        .await;
    assert_eq!(hers.status, StatusCode::NOT_FOUND, "case 109");
}

#[tokio::test]
async fn a_new_secret_is_shown_once_and_the_old_one_gets_an_end() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", false).await;
    let path = format!("/developer/apps/{app}");
    let answer = dev
        .post(&format!("{path}/secret"), &[("grace_hours", "24")])
        .await;
    assert_eq!(answer.location(), format!("{path}?saved=rotated"));
    let page = dev.get(&path).await;
    assert_eq!(page.text_of("client-secret").len(), 64);
    assert!(page.body.contains("24 Nov 2026, 14:05"), "the old one's end");
    assert_eq!(dev.get(&path).await.text_of("client-secret"), "");
    for hours in ["-1", "169", "soon"] {
        let answer = dev
            .post(&format!("{path}/secret"), &[("grace_hours", hours)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{hours}");
        assert!(answer.body.contains("Choose 0 to 168 hours."));
    }
}

#[tokio::test]
async fn an_app_is_deleted_by_its_typed_name() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", false).await;
    let answer = dev
        .post(
            &format!("/developer/apps/{app}/delete"),
            &[("confirm_name", "Planner")],
        )
        .await;
    assert_eq!(answer.location(), "/developer?saved=deleted");
    assert!(
        dev.get(answer.location())
            .await
            .body
            .contains("The app was deleted.")
    );
    assert!(site.engine.store().app(&app).await.unwrap().is_none());
}

/// A form with a file, and the token that the page gave.
pub(crate) async fn upload(browser: &mut Browser, app: &ClientId, token: &str, file: &[u8]) -> Answer {
    upload_seen(browser, app, token, "", file).await
}

/// The same, of the page that showed a version.
pub(crate) async fn upload_seen(
    browser: &mut Browser,
    app: &ClientId,
    token: &str,
    version: &str,
    file: &[u8],
) -> Answer {
    let mut body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf_token\"\r\n\r\n{token}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n{version}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"l.png\"\r\nContent-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let request = Request::post(format!("/developer/apps/{app}/logo"));
    browser
        .send(
            request.header(CONTENT_TYPE, "multipart/form-data; boundary=b"),
            Body::from(body),
        )
        .await
}

/// A PNG of one pixel.
pub(crate) const PNG: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63,
    0x60, 0x60, 0x60, 0x60, 0, 0, 0, 0x05, 0, 0x01, 0xa5, 0xf6, 0x45, 0x40, 0, 0, 0, 0, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

#[tokio::test]
async fn a_logo_is_drawn_anew_and_anything_else_refused() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", false).await;
    let path = format!("/developer/apps/{app}");
    let token = dev.get(&path).await.hidden("csrf_token");
    assert_eq!(
        upload(&mut dev, &app, "wrong", PNG).await.status,
        StatusCode::FORBIDDEN
    );
    for (file, told) in [
        (&b"<svg onload='alert(1)'/>"[..], "not a PNG, JPEG or WebP"),
        (b"", "Choose a picture first."),
        (&vec![0; 1_100_000], "larger than 1 MiB"),
    ] {
        let answer = upload(&mut dev, &app, &token, file).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert!(
            answer.body.contains(told) && answer.body.contains("id=\"logo-error\""),
            "{told}"
        );
    }
    let answer = upload(&mut dev, &app, &token, PNG).await;
    assert_eq!(
        answer.location(),
        format!("{path}?saved=saved"),
        "{}",
        answer.body
    );
    let page = dev.get(&path).await;
    let (_, rest) = page.body.split_once("src=\"/logo/").unwrap();
    let logo = dev
        .get(&format!("/logo/{}", rest.split('"').next().unwrap()))
        .await;
    assert_eq!(
        (logo.status, logo.header("content-type")),
        (StatusCode::OK, "image/png")
    );
    assert!(logo.header("cache-control").contains("immutable"));
    assert!(logo.header("content-security-policy").contains("sandbox"));
    assert_eq!(
        dev.post(&format!("{path}/logo/remove"), &[]).await.location(),
        format!("{path}?saved=saved")
    );
    let far_too_large = upload(&mut dev, &app, &token, &vec![0; 17 * 1_048_576]).await;
    assert_eq!(far_too_large.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn whoever_has_to_sign_in_again_comes_back_to_the_page_of_their_form() {
    let site = Site::new().await;
    let app = site.app("Course Planner", true).await;
    let dashboard = format!("/developer/apps/{}", encode(app.as_str()));
    for (form, page) in [
        (format!("{dashboard}/name"), dashboard.as_str()),
        (format!("{dashboard}/team/remove"), &dashboard),
        ("/developer/apis/k3J/decide".to_owned(), "/developer/apis/k3J"),
    ] {
        let answer = site.browser().post_bare(&form, &[("name", "x")]).await;
        let back = format!("/login?next={}", encode(page));
        assert_eq!(answer.location(), back, "{form}");
    }
}

#[tokio::test]
async fn nobody_registers_more_apps_than_may_be() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    for number in 0..MOST_APPS {
        site.app(&format!("A{number}"), false).await;
    }
    let description = words(130);
    let fields = [
        ("name", "One too many"),
        ("redirect_uris", CALLBACK),
        ("client_type", "confidential"),
        ("description", description.as_str()),
        ("data_points", "person.full_name"),
        ("agrees_to_terms", "true"),
    ];
    let refused = dev.post("/developer/add", &fields).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .body
            .contains("You have registered 100 apps, which is the most."),
        "{}",
        refused.body
    );
    assert!(refused.body.contains(&description), "nothing typed is lost");
}
