//! Forms that come after somebody else of the team saved: nothing of theirs is undone unseen, nothing typed is lost.

use crate::browser::{Site, words};
use crate::developer::{PNG, upload_seen};
use http::StatusCode;
use omniport_protocol::review::Edit;

const BLOOD: &str = "biological_information.blood_group";

#[tokio::test]
async fn what_another_saved_meanwhile_is_not_undone_unseen() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", false).await;
    let (path, by) = (format!("/developer/apps/{app}"), site.id_of("dev").await);
    let version = dev.get(&path).await.hidden("version");
    assert_eq!(version, "1");
    let uris = "https://mine.example.org/cb";
    let (mine, theirs) = (words(140), words(150));
    let saved = site
        .engine
        .edit_app(&app, by, &Edit::Description(theirs.clone()))
        .await;
    saved.unwrap().unwrap();
    // Another part saves as ever.
    let other = [("name", "Course Planner"), ("version", version.as_str())];
    assert_eq!(
        dev.post(&format!("{path}/name"), &other).await.status,
        StatusCode::SEE_OTHER
    );
    let late = [("description", mine.as_str()), ("version", version.as_str())];
    let told = dev.post(&format!("{path}/description"), &late).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "{}", told.body);
    assert!(told.body.contains("changed this since you opened the page"));
    assert!(told.body.contains(&format!(">{mine}</textarea>")), "still there");
    assert!(
        told.body.contains("id=\"unsaved\"") && told.body.contains(&theirs),
        "both are shown"
    );
    // Having seen it, they may.
    let now = told.hidden("version");
    let again = [("description", mine.as_str()), ("version", now.as_str())];
    assert_eq!(
        dev.post(&format!("{path}/description"), &again).await.location(),
        format!("{path}?saved=saved")
    );
    // The same holds for every section, and a form that names no version is taken as it is.
    for (section, field, value) in [
        ("redirect-uris", "redirect_uris", uris),
        ("data-points", "data_points", BLOOD),
        ("scopes", "scopes", "loans:read"),
        ("publisher", "contact", "me@example.org"),
    ] {
        let seen = dev.get(&path).await.hidden("version");
        let theirs = match section {
            "redirect-uris" => "https://theirs.example.org/cb",
            "data-points" => "person.roles",
            "scopes" => "loans:write",
            _ => "them@example.org",
        };
        let to = format!("{path}/{section}");
        assert_eq!(
            dev.post(&to, &[(field, theirs)]).await.status,
            StatusCode::SEE_OTHER,
            "{section}"
        );
        let late = dev.post(&to, &[(field, value), ("version", &seen)]).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "{section}");
        assert!(late.body.contains(value), "{section}");
        let same = dev.post(&to, &[(field, theirs), ("version", &seen)]).await;
        assert_eq!(
            same.status,
            StatusCode::SEE_OTHER,
            "{section}: the same is no conflict"
        );
    }
    let odd = [("name", "Odd"), ("version", "99999")];
    assert_eq!(
        dev.post(&format!("{path}/name"), &odd).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_change_is_taken_back_and_what_was_approved_stays() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", true).await;
    let path = format!("/developer/apps/{app}");
    let nothing = dev.post(&format!("{path}/take-back"), &[]).await;
    assert_eq!(nothing.status, StatusCode::CONFLICT);
    dev.post(&format!("{path}/name"), &[("name", "Other")]).await;
    assert!(dev.get(&path).await.body.contains("Take the change back"));
    let back = dev.post(&format!("{path}/take-back"), &[]).await;
    assert_eq!(back.location(), format!("{path}?saved=change-taken-back"));
    let page = dev.get(&path).await.body;
    assert!(page.contains("value=\"Planner\"") && !page.contains("Take the change back"));
    assert!(page.contains("A waiting change was taken back"));
    let mut meera = site.signed_in("meera").await;
    assert!(
        meera
            .get("/maintainer/review")
            .await
            .body
            .contains("Nothing is waiting.")
    );
}

#[tokio::test]
async fn protocol_settings_that_another_saved_meanwhile_are_not_undone_either() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", false).await;
    let path = format!("/developer/apps/{app}/protocol");
    let fields = |id_token: &'static str| {
        [
            ("version", "1"),
            ("grant_types", "authorization_code"),
            ("grant_types", "refresh_token"),
            ("token_endpoint_auth_method", "client_secret_basic"),
            ("initiate_login_uri", id_token),
        ]
    };
    let first = dev.post(&path, &fields("https://theirs.example.org/start")).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    let late = dev.post(&path, &fields("https://mine.example.org/start")).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
    assert!(late.body.contains("changed this since you opened the page"));
    assert!(late.body.contains("https://mine.example.org/start") && late.hidden("version") == "2");
}

#[tokio::test]
async fn a_logo_that_another_set_meanwhile_is_not_put_away_unseen() {
    let site = Site::new().await;
    let mut dev = site.signed_in("dev").await;
    let app = site.app("Planner", false).await;
    let (path, by) = (format!("/developer/apps/{app}"), site.id_of("dev").await);
    let page = dev.get(&path).await;
    let (token, first) = (page.hidden("csrf_token"), page.hidden("version"));
    let theirs = Edit::Logo(Some("ab".repeat(32)));
    site.engine.edit_app(&app, by, &theirs).await.unwrap().unwrap();
    let late = upload_seen(&mut dev, &app, &token, &first, PNG).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
    assert!(late.body.contains("id=\"logo-error\"") && late.body.contains("Choose your picture once more"));
    // Having seen theirs, they may.
    let second = late.hidden("version");
    let again = upload_seen(&mut dev, &app, &token, &second, PNG).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.body);
    let gone = format!("{path}/logo/remove");
    let stale = dev.post(&gone, &[("version", &second)]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.body);
    let page = dev.get(&path).await;
    let (_, forms) = page.body.split_once(&format!("action=\"{gone}\"")).unwrap();
    assert!(
        forms
            .split("</form>")
            .next()
            .unwrap()
            .contains("name=\"version\"")
    );
    let now = page.hidden("version");
    assert_eq!(
        dev.post(&gone, &[("version", &now)]).await.status,
        StatusCode::SEE_OTHER
    );
}
