//! The walkthrough of README.md over real HTTP: ten steps, each with its exchanges and what must hold.

mod app;
mod expect;
mod more;
mod report;
mod site;

use super::Demo;
use super::browser::Browser;
use super::client::{Client, Trail};
use crate::{Failure, output};
use expect::Broken;
use omniport_engine::people::PlatformRole;

/// The name of the app that is registered on the way.
const APP: &str = "Reading Room";
/// Its redirect URL. Nobody goes there: the browser stops where the site ends.
const REDIRECT_URI: &str = "https://reading-room.example.org/callback";
/// Its `state`: any string comes back unchanged.
const STATE: &str = "a b+c/\u{fc}&=%7E?#\u{1f511}";
/// What it asks for.
const DATA_POINTS: [&str; 5] = [
    "person.full_name",
    "person.roles",
    "student.enrolment_number",
    "student.branch.name",
    "contact_information.email_address",
];

/// What a step has found out for the next ones.
struct Walk<'a> {
    demo: &'a Demo,
    client: Client,
    developer: Browser,
    maintainer: Browser,
    asker: Browser,
    /// What was said since it was last printed.
    trail: Trail,
    /// What was checked in this step, in words.
    held: Vec<String>,
    client_id: String,
    client_secret: String,
    consent: String,
    code: String,
    access_token: String,
    refresh_token: String,
}

/// Walks all ten steps against a running demo and prints each exchange.
///
/// # Errors
/// [`Failure`] that says which step broke, what was expected and what came.
pub async fn walk(demo: &Demo) -> Result<(), Failure> {
    let trail = Trail::default();
    let noting = |who| Client::noting(who, trail.clone());
    let mut walk = Walk {
        demo,
        client: noting("the app's server"),
        developer: Browser::new(noting("the developer's browser")),
        maintainer: Browser::new(noting("the maintainer's browser")),
        asker: Browser::new(noting("the student's browser")),
        trail: trail.clone(),
        held: Vec::new(),
        client_id: String::new(),
        client_secret: String::new(),
        consent: String::new(),
        code: String::new(),
        access_token: String::new(),
        refresh_token: String::new(),
    };
    output::line(&format!("The walkthrough against {}\n", demo.issuer))?;
    walk.step(1, "Register", async |walk| walk.register().await)
        .await?;
    walk.step(2, "Administer", async |walk| walk.administer().await)
        .await?;
    walk.step(3, "Approval", async |walk| walk.approve().await)
        .await?;
    walk.step(4, "Authorise", async |walk| walk.authorise().await)
        .await?;
    walk.step(5, "Sign in and consent", async |walk| {
        walk.sign_in_and_consent().await
    })
    .await?;
    walk.step(6, "Answer", async |walk| walk.answer().await).await?;
    walk.step(7, "Token", async |walk| walk.token().await).await?;
    walk.step(8, "User data", async |walk| walk.user_data().await)
        .await?;
    walk.step(9, "Refresh", async |walk| walk.refresh().await).await?;
    walk.step(10, "Revoke", async |walk| walk.revoke().await).await?;
    walk.beside(
        "Another flow: the app on its own behalf (RFC 6749 section 4.4)",
        async |walk| walk.for_itself().await,
    )
    .await?;
    walk.beside(
        "Another flow: a device without a browser (RFC 8628)",
        async |walk| walk.device().await,
    )
    .await?;
    output::line("All ten steps held.")
}

impl Walk<'_> {
    /// Runs one step and prints what was said in it, also where it broke.
    async fn step(
        &mut self,
        number: u8,
        title: &str,
        work: impl AsyncFnOnce(&mut Self) -> Result<(), Broken>,
    ) -> Result<(), Failure> {
        let outcome = work(self).await;
        let exchanges = self.trail.take();
        output::line(&report::step(
            number,
            title,
            &exchanges,
            &std::mem::take(&mut self.held),
        ))?;
        outcome.map_err(|broken| Failure::new(format!("step {number} ({title}) did not hold: {broken}")))
    }

    /// Walks what stands beside the ten steps, and prints it likewise.
    async fn beside(
        &mut self,
        title: &str,
        work: impl AsyncFnOnce(&mut Self) -> Result<(), Broken>,
    ) -> Result<(), Failure> {
        let outcome = work(self).await;
        let exchanges = self.trail.take();
        output::line(&report::exchanges(
            title,
            &exchanges,
            &std::mem::take(&mut self.held),
        ))?;
        outcome.map_err(|broken| Failure::new(format!("'{title}' did not hold: {broken}")))
    }

    /// Another browser, with cookies of its own.
    fn browser(&self, who: &'static str) -> Browser {
        Browser::new(Client::noting(who, self.trail.clone()))
    }

    /// Notes something that held.
    fn holds(&mut self, what: impl Into<String>) {
        self.held.push(what.into());
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.demo.issuer)
    }

    fn person(&self, role: PlatformRole) -> Result<&super::SamplePerson, Broken> {
        self.demo
            .with_role(role)
            .ok_or_else(|| Broken::new("a sample person of every kind", "none"))
    }

    /// The people who only use apps.
    fn students(&self) -> impl Iterator<Item = &super::SamplePerson> {
        self.demo
            .people
            .iter()
            .filter(|person| person.role.is_none() && person.kind == super::Kind::Student)
    }
}
