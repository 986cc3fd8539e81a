//! What the OpenID Foundation's conformance suite asks of an OP, module by module under the suite's own names, against an
//! instance where apps register themselves as the suite does. The suite itself runs from outside; these tests hold what
//! it would find.
//!
//! This file is its side: an app that registers, a browser whose person signs in and allows where a page asks, and a
//! host of the app's documents.

mod basic;
mod config;
mod dynamic;
mod front;
mod logout;
mod site;

use site::Site;

use omniport_engine::people::PersonDraft;
use omniport_engine::registration::{RegistrationApproval, RegistrationPolicy, RegistrationSettings};
use omniport_protocol::jose::Jws;
use omniport_protocol::vocabulary::{Params, Secret, encode};
use omniport_testkit::{Answer, Instance, PASSWORD, TestApp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where the suite's app is answered.
pub(super) const CALLBACK: &str = "https://rp.example/test/a/omniport/callback";

/// Everything that OpenID has a claim for, of the person who signs in.
const VALUES: [(&str, &str); 22] = [
    ("person.full_name", "Asha Devi Rao"),
    ("person.short_name", "Asha"),
    ("person.display_picture", "/pictures/asha.png"),
    ("biological_information.date_of_birth", "2004-02-29"),
    ("biological_information.gender", "female"),
    ("contact_information.email_address", "asha@example.org"),
    ("contact_information.email_address_verified", "true"),
    ("contact_information.primary_phone_number", "+91 1332 285311"),
    ("openid_profile.given_name", "Asha"),
    ("openid_profile.middle_name", "Devi"),
    ("openid_profile.family_name", "Rao"),
    ("openid_profile.profile_page", "https://people.example/asha"),
    ("openid_profile.website", "https://asha.example/"),
    ("openid_profile.zoneinfo", "Asia/Kolkata"),
    ("openid_profile.locale", "en-IN"),
    ("openid_profile.updated_at", "1795000000"),
    ("openid_profile.phone_number_verified", "false"),
    ("openid_profile.address_formatted", "Hostel 7, Roorkee"),
    ("openid_profile.address_locality", "Roorkee"),
    ("openid_profile.address_region", "Uttarakhand"),
    ("openid_profile.address_postal_code", "247667"),
    ("openid_profile.address_country", "India"),
];

/// An instance for the suite: everybody may register, for all of OpenID's scopes, and is approved at once.
pub(super) async fn instance(hosts: &[&str]) -> Instance {
    let registration = RegistrationSettings {
        policy: RegistrationPolicy::Open,
        approval: RegistrationApproval::Automatic,
        owner: Some("suite".to_owned()),
        scope: "openid profile email address phone".to_owned(),
        ..RegistrationSettings::default()
    };
    let instance = Instance::with_and_hosts(|settings| settings.registration = registration, hosts).await;
    instance.person("suite", &[]).await;
    let draft = PersonDraft {
        username: "asha".to_owned(),
        password: Some(Secret::new(PASSWORD)),
        roles: Vec::new(),
        values: VALUES
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
    };
    instance.engine.add_person(draft).await.unwrap().unwrap();
    instance
}

/// Registers as the suite does, with these members beside the usual ones.
pub(super) async fn register(instance: &Instance, more: Value) -> Answer {
    let mut document = json!({
        "client_name": "OIDF conformance", "redirect_uris": [CALLBACK], "contacts": ["certification@oidf.example"],
        "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
    });
    document
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let body = document.to_string().into_bytes();
    instance
        .post("/oauth/register")
        .raw("application/json", body)
        .send()
        .await
}

/// An app that is registered.
pub(super) async fn rp(instance: &Instance, more: Value) -> TestApp {
    let answer = register(instance, more).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let body = answer.json();
    TestApp {
        id: answer.member("client_id"),
        secret: body["client_secret"].as_str().unwrap_or_default().to_owned(),
        redirect_uri: body["redirect_uris"][0].as_str().unwrap().to_owned(),
    }
}

/// A person's browser: its cookies, and what it was asked.
pub(super) struct Browser<'a> {
    instance: &'a Instance,
    cookies: BTreeMap<String, String>,
    /// The pages that asked something since the last request of an app: `login`, `consent`.
    pub(super) asked: Vec<&'static str>,
}

impl<'a> Browser<'a> {
    pub(super) const fn new(instance: &'a Instance) -> Self {
        Self {
            instance,
            cookies: BTreeMap::new(),
            asked: Vec::new(),
        }
    }

    pub(super) fn cookie(&self) -> String {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("; ")
    }

    fn keep(&mut self, answer: Answer) -> Answer {
        for cookie in answer.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        let answer = self.instance.get(path).cookie(&self.cookie()).send().await;
        self.keep(answer)
    }

    /// Sends the form of a page: its hidden fields, and these.
    pub(super) async fn submit(
        &mut self,
        page: &Answer,
        path: &str,
        hidden: &[&str],
        more: &[(&str, &str)],
    ) -> Answer {
        let hidden: Vec<(&str, String)> = hidden.iter().map(|name| (*name, page.field(name))).collect();
        let mut form: Vec<(&str, &str)> = hidden
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        form.extend(more);
        let answer = self
            .instance
            .post(path)
            .cookie(&self.cookie())
            .form(&form)
            .send()
            .await;
        self.keep(answer)
    }

    /// Goes where an app sends the browser, and on from page to page: the answer that leaves this site, or the page that
    /// asks nothing.
    pub(super) async fn authorize(&mut self, app: &TestApp, params: &[(&str, &str)]) -> Answer {
        self.asked.clear();
        let query = query(app, params);
        let first = self.get(&format!("/oauth/authorize?{query}")).await;
        self.walk(first).await
    }

    /// On from an answer.
    pub(super) async fn walk(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..8 {
            if let Some(path) = answer.location().filter(|to| to.starts_with('/')) {
                answer = self.get(path).await;
            } else if answer.has_id("login-submit") {
                self.asked.push("login");
                let typed = [("username", "asha"), ("password", PASSWORD)];
                answer = self
                    .submit(&answer, "/login", &["csrf_token", "request"], &typed)
                    .await;
            } else if answer.has_id("consent-allow") {
                self.asked.push("consent");
                let hidden = ["csrf_token", "request", "version"];
                answer = self
                    .submit(&answer, "/consent", &hidden, &[("decision", "allow")])
                    .await;
            } else {
                return answer;
            }
        }
        panic!("the pages lead in a circle");
    }

    /// The whole flow: the parameters of the answer to the app.
    pub(super) async fn callback(
        &mut self,
        app: &TestApp,
        params: &[(&str, &str)],
    ) -> BTreeMap<String, String> {
        let answer = self.authorize(app, params).await;
        callback(&answer)
    }
}

/// The app's own parameters, where none of these is in their place; an empty one is left out.
pub(super) fn query(app: &TestApp, params: &[(&str, &str)]) -> String {
    let own = [
        ("client_id", app.id.as_str()),
        ("redirect_uri", &app.redirect_uri),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "the state"),
        ("nonce", "the nonce"),
    ];
    let kept = own
        .iter()
        .filter(|(name, _)| !params.iter().any(|(given, _)| given == name));
    let pairs: Vec<String> = kept
        .chain(params)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}

/// What an answer brings to the app, in whichever way: in the query, or by a form.
pub(super) fn callback(answer: &Answer) -> BTreeMap<String, String> {
    if answer.status == 200
        && answer
            .body
            .contains("method=\"post\" action=\"https://rp.example/")
    {
        let names = ["code", "state", "iss", "error", "error_description"];
        let given = names
            .iter()
            .filter(|name| answer.body.contains(&format!("name=\"{name}\"")));
        return given
            .map(|name| ((*name).to_owned(), answer.field(name)))
            .collect();
    }
    let location = answer
        .location()
        .unwrap_or_else(|| panic!("{} {}", answer.status, answer.body));
    let (at, query) = location.split_once('?').unwrap();
    assert!(at.starts_with("https://rp.example/"), "{location}");
    let params = Params::parse(query.as_bytes()).unwrap();
    params
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// Redeems a code with the secret in the header, or in the form.
pub(super) async fn redeem(instance: &Instance, app: &TestApp, code: &str, in_form: bool) -> Answer {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", app.redirect_uri.as_str()),
    ];
    if in_form {
        form.extend([
            ("client_id", app.id.as_str()),
            ("client_secret", app.secret.as_str()),
        ]);
        return instance.post("/oauth/token").form(&form).send().await;
    }
    let request = instance.post("/oauth/token").basic(&app.id, &app.secret);
    request.form(&form).send().await
}

/// The tokens of a whole flow.
pub(super) async fn tokens(browser: &mut Browser<'_>, app: &TestApp, params: &[(&str, &str)]) -> Value {
    let back = browser.callback(app, params).await;
    let code = back.get("code").unwrap_or_else(|| panic!("{back:?}"));
    let answer = redeem(browser.instance, app, code, false).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// The claims of an ID token, checked with our keys.
pub(super) fn claims(instance: &Instance, tokens: &Value) -> Value {
    let token = tokens["id_token"].as_str().unwrap();
    let jws = Jws::parse(token).unwrap();
    let claims = jws.verify_own(&*instance.engine.keys()).unwrap();
    Value::Object(claims.as_map().clone())
}

/// The claims of userinfo.
pub(super) async fn userinfo(instance: &Instance, tokens: &Value) -> Value {
    let token = tokens["access_token"].as_str().unwrap();
    let answer = instance.get("/oauth/userinfo").bearer(token).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// An error page: no redirect, and its code where a script finds it.
pub(super) fn assert_page(answer: &Answer, code: &str) {
    assert_eq!(answer.location(), None);
    assert_eq!(
        (answer.status.as_u16(), answer.text_of("error-code").as_deref()),
        (400, Some(code)),
        "{}",
        answer.body
    );
}
