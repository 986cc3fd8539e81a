//! Steps 1 to 6: what people do on the site's pages.

use super::expect::{Broken, expect, page, status};
use super::{APP, DATA_POINTS, REDIRECT_URI, STATE, Walk};
use crate::demo::SamplePerson;
use crate::demo::browser::{Browser, Page};
use crate::demo::instance::INSTITUTION;
use http::StatusCode;
use omniport_engine::people::PlatformRole;
use omniport_protocol::vocabulary::encode;

/// What the app does, in 127 words or more.
const DESCRIPTION: &str = "Reading Room shows which desks in the central library are free and lets you keep one for the \
    afternoon. When you arrive you confirm your desk at the entrance, and when you leave it is free for the next reader. \
    The app needs your full name and your enrolment number because the library's own rules ask for both in its register \
    of readers, and your roles because researchers may use the quiet floor. It needs your branch to show you the desks \
    that stand nearest to your subject's shelves. It uses your email address for one thing only, to remind you a quarter \
    of an hour before your time at the desk ends. Bookings are deleted after a week. The app shows nobody but the \
    librarian on duty who sits where, and it passes nothing on to anybody else. It was written by two students of the \
    institute together with the library, and it runs on the library's own machine.";

/// What the maintainer writes to the team.
const COMMENT: &str = "Welcome. The purposes are clear.";

impl Walk<'_> {
    /// Step 1: a signed-in developer registers an app by the form.
    pub(super) async fn register(&mut self) -> Result<(), Broken> {
        let developer = self.person(PlatformRole::Developer)?.clone();
        let login = self.developer.open(&self.url("/login")).await?;
        sign_in(&mut self.developer, &login, &developer).await?;
        let form = self.developer.open(&self.url("/developer/add")).await?;
        page(&form, "/developer/add")?;
        let terms = self
            .developer
            .open(&self.url("/legal/developer_terms_of_use"))
            .await?;
        page(&terms, "/legal/developer_terms_of_use")?;

        let short = DESCRIPTION.split(' ').take(126).collect::<Vec<_>>().join(" ");
        let refused = self.send_add_form(&form, &short).await?;
        let told = refused.text_of("description-error")?;
        expect(
            told.contains("126 words"),
            "a message beside the description that counts 126 words",
            told,
        )?;
        self.holds("a description of 126 words is refused beside the field");

        let dashboard = self.send_add_form(&refused, DESCRIPTION).await?;
        self.client_id = dashboard.text_of("client-id")?;
        self.client_secret = dashboard.text_of("client-secret")?;
        self.holds("Add leads to the app's dashboard");
        Ok(())
    }

    async fn send_add_form(&mut self, at: &Page, description: &str) -> Result<Page, Broken> {
        let mut form = at
            .form_of("app-add")?
            .fill("name", APP)?
            .fill("redirect_uris", REDIRECT_URI)?
            .tick("client_type", "confidential")?
            .fill("description", description)?;
        for name in DATA_POINTS {
            form = form.tick("data_points", name)?;
        }
        let agrees = form.value_of("agrees_to_terms").unwrap_or("on").to_owned();
        let form = form.tick("agrees_to_terms", &agrees)?;
        Ok(self.developer.press(form, "app-add").await?)
    }

    /// Step 2: the dashboard shows the client ID and the status, and the secret once.
    pub(super) async fn administer(&mut self) -> Result<(), Broken> {
        let path = format!("/developer/apps/{}", self.client_id);
        let dashboard = self.developer.open(&self.url(&path)).await?;
        page(&dashboard, &path)?;
        let id = dashboard.text_of("client-id")?;
        expect(id == self.client_id, "the same client ID", id)?;
        let standing = dashboard.text_of("app-status")?;
        expect(
            standing.to_lowercase().contains("pending"),
            "the status pending",
            standing,
        )?;
        self.holds("the dashboard shows the client ID and that approval is pending");
        let shown = dashboard.answer.body.contains(&self.client_secret);
        expect(
            !shown && !dashboard.has("client-secret"),
            "no secret on the second visit",
            "the secret",
        )?;
        self.holds("the client secret was shown once and never again");
        Ok(())
    }

    /// Step 3: nobody but the team can use the app until a maintainer approves it.
    pub(super) async fn approve(&mut self) -> Result<(), Broken> {
        let student = self.student()?;
        let mut stranger = self.browser("a student's browser");
        let login = stranger.open(&self.url("/login")).await?;
        sign_in(&mut stranger, &login, &student).await?;
        let refused = stranger.open(&self.authorise_url()).await?;
        expect_error_page(&refused)?;
        self.holds("unapproved: a student gets an error page on Omniport, no redirect, no consent screen");

        let sandbox = self.developer.open(&self.authorise_url()).await?;
        page(&sandbox, "/consent")?;
        self.holds("unapproved: its own team may use it, in the sandbox");

        let maintainer = self.person(PlatformRole::Maintainer)?.clone();
        let login = self.maintainer.open(&self.url("/login")).await?;
        sign_in(&mut self.maintainer, &login, &maintainer).await?;
        let queue = self.maintainer.open(&self.url("/maintainer/review")).await?;
        page(&queue, "/maintainer/review")?;
        let review = match queue.link(APP) {
            Ok(link) => self.maintainer.follow(&queue, &link).await?,
            Err(_) => queue,
        };
        let form = review.form_of("review-comment")?.fill("comment", COMMENT)?;
        let decided = self.maintainer.press(form, "review-approve").await?;
        status(&decided.answer, StatusCode::OK)?;

        let dashboard = self
            .developer
            .open(&self.url(&format!("/developer/apps/{}", self.client_id)))
            .await?;
        let standing = dashboard.text_of("app-status")?;
        expect(
            standing.to_lowercase().contains("approved"),
            "the status approved",
            standing,
        )?;
        expect(
            dashboard.document.text().contains(COMMENT),
            "the maintainer's comment for the team",
            "none",
        )?;
        self.holds("a maintainer approves; the team sees the status and the comment");
        Ok(())
    }

    /// Step 4: by GET; what cannot be trusted stays on Omniport.
    pub(super) async fn authorise(&mut self) -> Result<(), Broken> {
        let unknown = format!(
            "/oauth/authorise?client_id=nobody&redirect_uri={}&state=x",
            encode(REDIRECT_URI)
        );
        let other = format!(
            "/oauth/authorise?client_id={}&redirect_uri={}&state=x",
            encode(&self.client_id),
            encode("https://reading-room.example.org/callback/other")
        );
        for (path, what) in [
            (unknown, "an unknown client"),
            (other, "a redirect URL that is not registered"),
        ] {
            let refused = self.asker.open(&self.url(&path)).await?;
            expect_error_page(&refused)?;
            self.holds(format!("{what}: an error page on Omniport, no redirect"));
        }
        let asked = self.asker.open(&self.authorise_url()).await?;
        page(&asked, "/login")?;
        self.holds("nobody is signed in in this browser, so the sign-in page comes first");
        Ok(())
    }

    /// Step 5: the person signs in and sees what the app would get, with their own values.
    pub(super) async fn sign_in_and_consent(&mut self) -> Result<(), Broken> {
        let student = self.student()?;
        let login = self.asker.open(&self.authorise_url()).await?;
        let consent = sign_in(&mut self.asker, &login, &student).await?;
        page(&consent, "/consent")?;
        self.holds("the sign-in leads on to the consent page");
        for id in ["consent-allow", "consent-deny"] {
            expect(consent.has(id), &format!("a button with the id {id}"), "none")?;
        }
        self.consent = consent.document.text();
        for wanted in [APP, INSTITUTION, student.name] {
            expect(
                self.consent.contains(wanted),
                &format!("'{wanted}' on the consent page"),
                "a page without it",
            )?;
        }
        self.holds("it names the app, the institution and the person");
        for name in DATA_POINTS {
            let value = student.value(name).unwrap_or_default();
            expect(
                self.consent.contains(value),
                &format!("the value of {name} on the consent page"),
                "none",
            )?;
        }
        let strange = student
            .value("biological_information.date_of_birth")
            .unwrap_or_default();
        expect(
            !self.consent.contains(strange),
            "nothing that the app did not ask for",
            "the date of birth",
        )?;
        self.holds(format!(
            "it shows the person's own value for each of the {} data points asked for",
            DATA_POINTS.len()
        ));
        Ok(())
    }

    /// Step 6: Allow goes back to the app, Deny goes home.
    pub(super) async fn answer(&mut self) -> Result<(), Broken> {
        let other = self
            .students()
            .nth(1)
            .cloned()
            .ok_or_else(|| Broken::new("a second student", "none"))?;
        let mut denier = self.browser("another student's browser");
        let login = denier.open(&self.authorise_url()).await?;
        let consent = sign_in(&mut denier, &login, &other).await?;
        let home = denier
            .press(consent.form_of("consent-deny")?, "consent-deny")
            .await?;
        page(&home, "/")?;
        self.holds("Deny leads to Omniport's home page");

        let consent = self.asker.open(&self.authorise_url()).await?;
        page(&consent, "/consent")?;
        let back = self
            .asker
            .press(consent.form_of("consent-allow")?, "consent-allow")
            .await?;
        status(&back.answer, StatusCode::SEE_OTHER)?;
        let target = back
            .leads_to()
            .ok_or_else(|| Broken::new("a redirect to the app", "no Location"))?;
        let came = target.as_str().split('?').next().unwrap_or_default();
        expect(came == REDIRECT_URI, REDIRECT_URI, came)?;
        let param = |name: &str| {
            target
                .query_pairs()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.into_owned())
        };
        let state = param("state").unwrap_or_default();
        expect(state == STATE, "the state unchanged", state)?;
        let issuer = param("iss").unwrap_or_default();
        expect(issuer == self.demo.issuer, "iss, the issuer (RFC 9207)", issuer)?;
        self.code = param("code").ok_or_else(|| Broken::new("a code", "none"))?;
        self.holds("Allow leads to the redirect URL with a code, the unchanged state, and iss");
        Ok(())
    }

    fn student(&self) -> Result<SamplePerson, Broken> {
        self.students()
            .next()
            .cloned()
            .ok_or_else(|| Broken::new("a student", "none"))
    }

    fn authorise_url(&self) -> String {
        let (id, uri, state) = (encode(&self.client_id), encode(REDIRECT_URI), encode(STATE));
        self.url(&format!(
            "/oauth/authorise?client_id={id}&redirect_uri={uri}&state={state}"
        ))
    }
}

async fn sign_in(browser: &mut Browser, login: &Page, person: &SamplePerson) -> Result<Page, Broken> {
    page(login, "/login")?;
    let form = login.form_of("login-submit")?;
    let form = form
        .fill("username", person.username)?
        .fill("password", person.password.expose())?;
    let next = browser.press(form, "login-submit").await?;
    expect(
        next.path() != "/login",
        "a sign-in",
        format!("the page {} again", next.path()),
    )?;
    Ok(next)
}

fn expect_error_page(page: &Page) -> Result<(), Broken> {
    let code = page.text_of("error-code")?;
    let detail = page.text_of("error-detail")?;
    expect(
        !code.is_empty() && !detail.is_empty(),
        "an error code and what it means",
        "an empty one",
    )?;
    expect(
        page.answer.status.is_client_error(),
        "a status from 400 to 499",
        page.answer.status.to_string(),
    )?;
    expect(
        page.leads_to().is_none() && !page.has("consent-allow"),
        "no redirect and no consent screen",
        "one of them",
    )
}
