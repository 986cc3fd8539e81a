//! Lists that grow come page by page, each entry once.

use crate::browser::{Browser, Site};
use http::StatusCode;
use omniport_protocol::authorize::WithdrawConsent;
use omniport_protocol::data_points::DataPoints;
use omniport_protocol::vocabulary::{ClientId, encode};
use std::collections::BTreeSet;

/// The address of the first link whose text is `label`.
fn link(body: &str, label: &str) -> Option<String> {
    let (before, _) = body.split_once(&format!("\">{label}</a>"))?;
    let (_, href) = before.rsplit_once("href=\"")?;
    Some(href.replace("&#38;", "&").replace("&amp;", "&"))
}

/// Follows `label` from `path` on: on each page how often `mark` stands there, and all pages' texts.
async fn walk(browser: &mut Browser, path: &str, label: &str, mark: &str) -> (Vec<usize>, String) {
    let (mut counts, mut all) = (Vec::new(), String::new());
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = browser.get(&path).await;
        assert_eq!(page.status, http::StatusCode::OK, "{path}: {}", page.body);
        counts.push(page.body.matches(mark).count());
        next = link(&page.body, label);
        all.push_str(&page.body);
        assert!(counts.len() < 20, "it never ends");
    }
    (counts, all)
}

/// How many of `A0`, `A1`, ... stand there exactly once as an entry's text.
fn each_once(all: &str, many: usize, entry: impl Fn(usize) -> String) {
    for number in 0..many {
        assert_eq!(all.matches(&entry(number)).count(), 1, "{}", entry(number));
    }
}

async fn many_apps(site: &Site, many: usize) -> Vec<ClientId> {
    let mut apps = Vec::new();
    for number in 0..many {
        apps.push(site.app(&format!("A{number}"), true).await);
    }
    let different: BTreeSet<_> = apps.iter().collect();
    assert_eq!(different.len(), many);
    apps
}

#[tokio::test]
async fn a_developers_apps_come_fifty_at_a_time() {
    let site = Site::new().await;
    many_apps(&site, 101).await;
    let mut dev = site.signed_in("dev").await;
    let (counts, all) = walk(&mut dev, "/developer", "Next page", "class=\"row linked\"").await;
    assert_eq!(counts, [50, 50, 1]);
    each_once(&all, 101, |number| format!("<bdi>A{number}</bdi>"));
    let strange = dev.get("/developer?after_at=x&after=%20").await;
    assert_eq!(strange.body.matches("class=\"row linked\"").count(), 50);
}

#[tokio::test]
async fn a_developer_finds_their_apps_by_what_they_type() {
    let site = Site::new().await;
    let apps = many_apps(&site, 61).await;
    let mut dev = site.signed_in("dev").await;
    let (counts, _) = walk(&mut dev, "/developer?q=a", "Next page", "class=\"row linked\"").await;
    assert_eq!(counts, [50, 11], "the next page is of the same search");
    site.app("Zebra crossings", false).await;
    let id = apps[7].as_str().to_uppercase();
    for (typed, many) in [("ZEBRA", 1), ("bra cro", 1), ("%", 0), (id.as_str(), 1)] {
        let page = dev.get(&format!("/developer?q={}", encode(typed))).await;
        assert_eq!(page.body.matches("class=\"row linked\"").count(), many, "{typed}");
    }
    let none = dev.get("/developer?q=%3Cb%3E").await;
    assert!(
        none.body
            .contains("Nothing was found for \u{201c}&#60;b&#62;\u{201d}"),
        "{}",
        none.body
    );
    // Nobody else's are found.
    let asha = site.signed_in("asha").await.get("/developer?q=zebra").await;
    assert!(asha.body.contains("Nothing was found"));
}

#[tokio::test]
async fn a_persons_connected_apps_come_fifty_at_a_time() {
    let site = Site::new().await;
    let apps = many_apps(&site, 61).await;
    let asha = site.id_of("asha").await;
    for app in &apps {
        site.allow(asha, app, DataPoints::new()).await;
    }
    let mut browser = site.signed_in("asha").await;
    let (counts, all) = walk(&mut browser, "/", "More connected apps", "row connected").await;
    assert_eq!(counts, [50, 11]);
    each_once(&all, 61, |number| format!("<h4><bdi>A{number}</bdi></h4>"));
    let withdraw = WithdrawConsent {
        person: asha,
        client: apps[0].clone(),
    };
    site.engine.run(&withdraw).await.unwrap();
    let (counts, _) = walk(&mut browser, "/", "More connected apps", "row connected").await;
    assert_eq!(counts, [50, 10]);
}

#[tokio::test]
async fn a_history_is_short_on_the_apps_page_and_whole_on_its_own() {
    let site = Site::new().await;
    let app = site.app("Planner", false).await;
    let (dev, meera) = (site.id_of("dev").await, site.id_of("meera").await);
    // Fifty remarks a day and person are the most.
    for number in 0..100 {
        let text = format!("Remark {number}.");
        let written = if number % 2 == 0 {
            site.engine.answer_reviewers(&app, dev, &text).await
        } else {
            site.engine
                .remark_on_app(&app, Some(meera.into()), &text, true)
                .await
        };
        written.unwrap().unwrap();
    }
    let mut team = site.signed_in("dev").await;
    let path = format!("/developer/apps/{app}");
    let dashboard = team.get(&path).await.body;
    assert_eq!(dashboard.matches("<blockquote").count(), 10);
    let older = link(&dashboard, "Older entries").unwrap();
    assert!(older.starts_with(&format!("{path}/history?before=")), "{older}");
    let (counts, all) = walk(
        &mut team,
        &format!("{path}/history"),
        "Older entries",
        "<blockquote",
    )
    .await;
    assert_eq!(counts, [50, 0], "the last page has how it began");
    each_once(&all, 50, |number| format!("Remark {}.", number * 2));
    assert!(all.contains("Registered") && !all.contains("Remark 1."));
    let mut maintainer = site.signed_in("meera").await;
    let path = format!("/maintainer/review/{app}");
    assert!(maintainer.get(&path).await.body.contains("Older entries"));
    let (counts, all) = walk(
        &mut maintainer,
        &format!("{path}/history"),
        "Older entries",
        "<blockquote",
    )
    .await;
    assert_eq!(counts, [50, 50, 0]);
    each_once(&all, 100, |number| format!("Remark {number}."));
}

#[tokio::test]
async fn what_a_reviewer_said_last_stands_above_however_much_was_said_since() {
    use omniport_protocol::review::Verdict;
    let site = Site::new().await;
    let app = site.app("Planner", true).await;
    let (dev, meera) = (site.id_of("dev").await, site.id_of("meera").await);
    let edit = omniport_protocol::review::Edit::Name("Other".into());
    site.engine.edit_app(&app, dev, &edit).await.unwrap().unwrap();
    let ruled = site
        .engine
        .review_app(&app, Some(meera.into()), Verdict::Reject, "Keep the name.", None)
        .await;
    ruled.unwrap().unwrap();
    for number in 0..20 {
        let written = site
            .engine
            .answer_reviewers(&app, dev, &format!("Why {number}?"))
            .await;
        written.unwrap().unwrap();
    }
    let mut team = site.signed_in("dev").await;
    let page = team.get(&format!("/developer/apps/{app}")).await.body;
    let next = page.split_once("id=\"credentials\"").unwrap().0;
    assert!(next.contains("Keep the name.") && next.contains("Your change was rejected"));
    assert!(page.contains("Change rejected"));
}

#[tokio::test]
async fn news_and_sessions_come_in_pages() {
    let site = Site::new().await;
    let app = site.app("Planner", false).await;
    let meera = site.id_of("meera").await;
    for number in 0..45 {
        let text = format!("Remark {number}.");
        let written = site
            .engine
            .remark_on_app(&app, Some(meera.into()), &text, false)
            .await;
        written.unwrap().unwrap();
    }
    let mut dev = site.signed_in("dev").await;
    let (counts, _) = walk(&mut dev, "/", "Older news", "/dismiss\"").await;
    assert_eq!(counts, [20, 20, 5]);
    for _ in 0..59 {
        site.sign_in("asha").await;
    }
    let mut asha = site.signed_in("asha").await;
    let (counts, all) = walk(&mut asha, "/account", "Next page", "class=\"row-main\"").await;
    assert_eq!(counts, [50, 10]);
    assert_eq!(all.matches("This one").count(), 1);
    let strange = asha.get("/account?after_at=1&after=%21").await;
    assert_eq!(strange.body.matches("class=\"row-main\"").count(), 50);
}

#[tokio::test]
async fn each_version_is_shown_by_what_it_changed() {
    use http::StatusCode;
    use omniport_protocol::review::Edit;
    let site = Site::new().await;
    let app = site.app("Planner", true).await;
    let dev = site.id_of("dev").await;
    for edit in [
        Edit::Description("One more thing. And another.".into()),
        Edit::Name("Other".into()),
    ] {
        site.engine.edit_app(&app, dev, &edit).await.unwrap().unwrap();
    }
    let (mut team, mut maintainer) = (site.signed_in("dev").await, site.signed_in("meera").await);
    for (browser, path) in [
        (&mut team, format!("/developer/apps/{app}")),
        (&mut maintainer, format!("/maintainer/review/{app}")),
    ] {
        let page = browser.get(&format!("{path}/version?number=3")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(page.body.contains("It is the proposed one.") && page.body.contains("Other"));
        let before = link(&page.body, "version 2").unwrap();
        let page = browser.get(&before).await.body;
        assert!(page.contains("It is the live one.") && page.contains("And another."));
        let first = browser.get(&format!("{path}/version?number=1")).await.body;
        assert!(first.contains("The first one") && first.contains("Planner"));
        assert!(
            browser
                .get(&path)
                .await
                .body
                .contains("/version?number=3\">version 3</a>")
        );
        for strange in ["", "?number=0", "?number=4", "?number=x", "?number=99999999999"] {
            let gone = browser.get(&format!("{path}/version{strange}")).await;
            assert_eq!(gone.status, StatusCode::NOT_FOUND, "{strange}");
        }
    }
}

#[tokio::test]
async fn nobody_hides_an_invitation_by_sending_many() {
    let site = Site::new().await;
    let apps = many_apps(&site, 45).await;
    let dev = site.id_of("dev").await;
    for app in &apps {
        site.engine
            .invite_to_team(app, dev, "asha")
            .await
            .unwrap()
            .unwrap();
    }
    let mut asha = site.signed_in("asha").await;
    let (counts, all) = walk(&mut asha, "/", "Earlier invitations", "row invitation").await;
    assert_eq!(counts, [20, 20, 5]);
    each_once(&all, 45, |number| {
        format!("<strong><bdi>A{number}</bdi></strong>")
    });
    // Each of them can be answered, wherever it stands.
    for app in &apps {
        let form = format!("/account/invitations/{}", encode(app.as_str()));
        let answer = asha.post(&form, &[("answer", "decline")]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
}
