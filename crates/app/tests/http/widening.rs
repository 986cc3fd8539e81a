//! Whatever a team edits, maintainers decide and people allow or withdraw, in whatever order: what an app reads is within
//! what its person consented to when the token was made, and within what is approved now.

use crate::world;
use omniport_protocol::review::{Asked, Edit, Verdict};
use omniport_protocol::vocabulary::{ClientId, PersonId, encode};
use omniport_testkit::{Instance, TestApp};
use std::collections::BTreeSet;

/// Data points, with where user data has them.
const POINTS: [(&str, &str, &str); 5] = [
    ("person.full_name", "person", "fullName"),
    ("person.roles", "person", "roles"),
    ("student.branch.name", "student", "branch name"),
    ("student.current_year", "student", "currentYear"),
    (
        "contact_information.email_address",
        "contactInformation",
        "emailAddress",
    ),
];

type Names = BTreeSet<&'static str>;

/// Numbers that look random and come again: Knuth's linear congruential generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn some(&mut self) -> Names {
        POINTS
            .iter()
            .map(|(name, ..)| *name)
            .filter(|_| self.below(2) == 0)
            .collect()
    }
}

struct Story {
    instance: Instance,
    app: TestApp,
    id: ClientId,
    dev: PersonId,
    cookie: String,
    /// What the person has allowed so far.
    allowed: Names,
    /// Tokens, with what was allowed when each was made.
    tokens: Vec<(String, Names)>,
}

impl Story {
    async fn new() -> Self {
        let (instance, app) = world().await;
        let engine = &instance.engine;
        let dev = engine
            .store()
            .person_by_username("dev")
            .await
            .unwrap()
            .unwrap()
            .id;
        let cookie = instance.sign_in("asha").await;
        let id = ClientId::parse(&app.id).unwrap();
        let (allowed, tokens) = (Names::new(), Vec::new());
        Self {
            instance,
            app,
            id,
            dev,
            cookie,
            allowed,
            tokens,
        }
    }

    async fn edit(&self, dice: &mut Dice) {
        let text = |names: Names| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (points, optional) = (text(dice.some()), text(dice.some()));
        let engine = &self.instance.engine;
        let asked = Asked::check(&points, &optional, &[], &engine.settings().catalogue).unwrap();
        engine
            .edit_app(&self.id, self.dev, &Edit::DataPoints(asked))
            .await
            .unwrap()
            .unwrap();
    }

    /// A maintainer decides, if there is anything to decide.
    async fn decide(&self, dice: &mut Dice) {
        let verdicts = [
            Verdict::Approve,
            Verdict::Approve,
            Verdict::Reject,
            Verdict::RequestChanges,
        ];
        let verdict = verdicts[usize::try_from(dice.below(4)).unwrap()];
        let ruled = self
            .instance
            .engine
            .review_app(&self.id, None, verdict, "Because.", None)
            .await;
        drop(ruled.unwrap());
    }

    /// The person goes through a door, answers whatever is asked, and the app redeems the code.
    async fn sign_in(&mut self, dice: &mut Dice) {
        let own = format!(
            "client_id={}&redirect_uri={}&response_type=code",
            encode(&self.app.id),
            encode(&self.app.redirect_uri)
        );
        let scope: Vec<&str> = std::iter::once("openid").chain(dice.some()).collect();
        let path = match dice.below(3) {
            0 => format!("/oauth/authorise?{own}"),
            1 => format!("/oauth/authorize?{own}&scope={}", encode(&scope.join(" "))),
            _ => format!("/oauth/authorize?{own}&scope=read&prompt=consent"),
        };
        let mut answer = self.instance.get(&path).cookie(&self.cookie).send().await;
        if let Some(page) = answer.location().filter(|to| to.starts_with("/consent?")) {
            let page = self.instance.get(page).cookie(&self.cookie).send().await;
            let fields = ["csrf_token", "request", "version", "asked"].map(|name| (name, page.field(name)));
            let mut form: Vec<(&str, &str)> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            for (name, ..) in POINTS
                .iter()
                .filter(|(name, ..)| fields[3].1.split(' ').any(|one| one == *name))
            {
                let may_leave = page.has_id(&format!("allow-{name}"));
                if !may_leave || dice.below(2) == 0 {
                    self.allowed.insert(name);
                    form.extend(may_leave.then_some(("data_points", *name)));
                } else {
                    self.allowed.remove(name);
                }
            }
            form.push(("decision", "allow"));
            answer = self
                .instance
                .post("/consent")
                .cookie(&self.cookie)
                .form(&form)
                .send()
                .await;
        }
        // A scope that the app may not ask for any more is refused, and that is that.
        if let Some(code) = answer.redirect_param("code") {
            let (access, _) = crate::pair(&self.instance.redeem(&self.app, &code).await);
            self.tokens.push((access, self.allowed.clone()));
        } else {
            assert_eq!(
                answer.redirect_param("error").as_deref(),
                Some("invalid_scope"),
                "{}",
                answer.body
            );
        }
    }

    async fn withdraw(&mut self) {
        let page = self.instance.get("/").cookie(&self.cookie).send().await;
        let token = page.field("csrf_token");
        let path = format!("/account/apps/{}/withdraw", self.app.id);
        let request = self.instance.post(&path).cookie(&self.cookie);
        assert_eq!(request.form(&[("csrf_token", &token)]).send().await.status, 303);
        self.allowed.clear();
        for (token, _) in std::mem::take(&mut self.tokens) {
            assert_eq!(self.instance.user_data(&token).await.status, 401);
        }
    }

    /// What every token reads is within both; says how much was read.
    async fn look(&self) -> usize {
        let app = self.instance.engine.store().app(&self.id).await.unwrap().unwrap();
        let approved = app.live.unwrap().manifest.data_points;
        let mut read = 0;
        for (token, allowed) in self.tokens.iter().rev().take(4) {
            let data = self.instance.user_data(token).await;
            assert_eq!(data.status, 200, "{}", data.body);
            for (name, category, key) in POINTS {
                if data.json()[category].get(key).is_some() {
                    assert!(allowed.contains(name), "{name} was never allowed: {}", data.body);
                    assert!(
                        approved.iter().any(|point| point.as_str() == name),
                        "{name} is not approved"
                    );
                    read += 1;
                }
            }
        }
        read
    }
}

#[tokio::test]
async fn user_data_stays_within_what_was_allowed_and_what_is_approved() {
    for seed in [7, 42, 1_795] {
        let (mut story, mut dice) = (Story::new().await, Dice(seed));
        let mut read = 0;
        for _ in 0..60 {
            match dice.below(9) {
                0 | 1 => story.edit(&mut dice).await,
                2..=4 => story.decide(&mut dice).await,
                8 if !story.tokens.is_empty() => story.withdraw().await,
                _ => story.sign_in(&mut dice).await,
            }
            read += story.look().await;
        }
        assert!(read > 40, "the story of seed {seed} read {read} values only");
    }
}
