//! APIs, what apps ask of them, and what tokens remember of it.

use crate::scratch::{NOW, Scratch, access_token, new_code, new_grant};
use omniport_protocol::apis::{
    ApiGrant, ApiScope, Details, DetailsType, Resource, ResourceId, ResourceUri, Schema, TokenAudience,
    TokenFormat,
};
use omniport_protocol::effect::{Fresh, Load, Minted, Write};
use omniport_protocol::jose::SigningAlgorithm;
use omniport_protocol::records::NewAccessToken;
use omniport_protocol::review::{Manifest, Standing};
use omniport_protocol::vocabulary::{ClientId, PersonId, Secret, SecretHash};
use omniport_store::portal::{ApiTaken, NewApp, News};

fn library(owner: PersonId) -> Resource {
    let scope = |name: &str| ApiScope {
        name: name.into(),
        description: format!("What {name} does"),
    };
    Resource {
        id: ResourceId::parse("library").unwrap(),
        uri: ResourceUri::parse("https://library.example").unwrap(),
        owner,
        name: "Library".into(),
        description: "Loans".into(),
        format: TokenFormat::Jwt,
        signing_alg: SigningAlgorithm::Es256,
        token_seconds: 600,
        max_age: Some(60),
        introspected_by: None,
        open: true,
        scopes: vec![scope("zebra"), scope("ape")],
        details: vec![DetailsType {
            name: "renewal".into(),
            description: "Renew".into(),
            schema: Schema::parse(r#"{"type":"object"}"#).unwrap(),
        }],
    }
}

async fn asking_app(s: &Scratch, id: &str, owner: PersonId) -> ClientId {
    let id = ClientId::parse(id).unwrap();
    let app = NewApp {
        id: id.clone(),
        creator: owner,
        manifest: Manifest {
            api_scopes: ["ape".to_owned(), "zebra".to_owned()].into(),
            details_types: ["renewal".to_owned()].into(),
            ..crate::scratch::manifest("Asking")
        },
        standing: Standing::Approved,
        legacy: omniport_protocol::vocabulary::Legacy::default(),
        secret: None,
        registration: None,
        most: None,
        at: NOW,
    };
    assert!(s.store.insert_app(app).await.unwrap());
    id
}

/// An API, and an app that asks for its scopes.
pub(crate) async fn fill(s: &Scratch, owner: PersonId) {
    asking_app(s, "asking-for-apis", owner).await;
    s.store.insert_api(&library(owner), NOW).await.unwrap().unwrap();
}

pub(crate) async fn an_api_comes_back_whole_and_changed(s: Scratch) {
    let owner = s.person("owner").await;
    let api = library(owner);
    s.store.insert_api(&api, NOW).await.unwrap().unwrap();
    assert_eq!(s.store.apis().await.unwrap(), std::slice::from_ref(&api));
    let app = s.app("asker", owner, Standing::Approved).await;
    let changed = Resource {
        name: "Books".into(),
        format: TokenFormat::Opaque,
        max_age: None,
        open: false,
        introspected_by: Some(app.clone()),
        scopes: vec![api.scopes[1].clone()],
        details: Vec::new(),
        ..api.clone()
    };
    s.store.update_api(&changed).await.unwrap().unwrap();
    assert_eq!(s.store.apis().await.unwrap(), std::slice::from_ref(&changed));
    // The app that asks for it goes; the API stays.
    s.store.delete_app(&app, NOW).await.unwrap();
    assert_eq!(s.store.apis().await.unwrap()[0].introspected_by, None);
    assert!(s.store.delete_api(&api.id).await.unwrap());
    assert!(!s.store.delete_api(&api.id).await.unwrap());
    assert_eq!(s.store.apis().await.unwrap(), []);
    assert!(s.store.update_api(&api).await.unwrap().is_err());
}

pub(crate) async fn a_name_is_there_once(s: Scratch) {
    let owner = s.person("owner").await;
    let api = library(owner);
    s.store.insert_api(&api, NOW).await.unwrap().unwrap();
    let other = |uri: &str, scopes: &[&str]| Resource {
        id: ResourceId::parse("other").unwrap(),
        uri: ResourceUri::parse(uri).unwrap(),
        scopes: scopes
            .iter()
            .map(|name| ApiScope {
                name: (*name).to_owned(),
                description: "x".into(),
            })
            .collect(),
        details: Vec::new(),
        ..api.clone()
    };
    let insert = async |api: Resource| s.store.insert_api(&api, NOW).await.unwrap();
    // An empty path is the root.
    assert_eq!(
        insert(other("https://library.example/", &[])).await,
        Err(ApiTaken::Uri)
    );
    let taken = |name: &str| Err(ApiTaken::Name(name.to_owned()));
    let own = "https://other.example/";
    assert_eq!(insert(other(own, &["fresh", "ape"])).await, taken("ape"));
    assert_eq!(insert(other(own, &["renewal"])).await, taken("renewal"));
    assert_eq!(
        insert(other(own, &["https://library.example"])).await,
        taken("https://library.example")
    );
    assert_eq!(
        s.store.apis().await.unwrap().len(),
        1,
        "nothing of a refused one stays"
    );
    assert_eq!(insert(other(own, &["fresh"])).await, Ok(()));
    let wider = other(own, &["fresh", "zebra"]);
    assert_eq!(s.store.update_api(&wider).await.unwrap(), taken("zebra"));
}

pub(crate) async fn who_asks_is_told_with_what_they_ask(s: Scratch) {
    let owner = s.person("owner").await;
    let api = library(owner);
    let client = asking_app(&s, "asking", owner).await;
    s.store.insert_api(&api, NOW).await.unwrap().unwrap();
    let asks = s.store.api_asks(&api.id).await.unwrap();
    let app = s.store.app(&client).await.unwrap().unwrap();
    let served = &app.serving().unwrap().manifest;
    let as_shown = (&app.id, app.standing, &served.name, &served.logo);
    assert!(!asks.is_empty());
    assert!(
        asks.iter()
            .all(|ask| (&ask.client, ask.standing, &ask.app, &ask.logo) == as_shown)
    );
}

pub(crate) async fn owners_answer_what_apps_ask(s: Scratch) {
    let owner = s.person("owner").await;
    let api = library(owner);
    let client = asking_app(&s, "asking", owner).await;
    s.store.insert_api(&api, NOW).await.unwrap().unwrap();
    let approved = async || {
        let loaded = s.store.load(&[Load::Client(client.clone())]).await.unwrap();
        loaded
            .client
            .unwrap()
            .approved_by_owners
            .iter()
            .cloned()
            .collect::<Vec<_>>()
    };
    let asked = async || {
        let asks = s.store.api_asks(&api.id).await.unwrap();
        asks.into_iter()
            .map(|ask| (ask.name, ask.approved))
            .collect::<Vec<_>>()
    };
    let answers = |names: [(&str, Option<bool>); 3]| names.map(|(name, yes)| (name.to_owned(), yes));
    assert_eq!(
        asked().await,
        answers([("zebra", None), ("ape", None), ("renewal", None)])
    );
    assert_eq!(approved().await, Vec::<String>::new());
    let say = async |names: &[&str], yes: bool| {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let said = s
            .store
            .decide_api_asks(&api.id, &client, &names, (yes, "so"), Some(owner), NOW);
        said.await.unwrap();
    };
    say(&["ape", "renewal", "nobody's"], true).await;
    assert_eq!(approved().await, ["ape", "renewal"]);
    say(&["ape"], false).await;
    assert_eq!(approved().await, ["renewal"]);
    assert_eq!(
        asked().await,
        answers([("zebra", None), ("ape", Some(false)), ("renewal", Some(true))])
    );
    let of_app = s.store.asks_of_app(&client).await.unwrap();
    let told = |name: &str, yes, comment: &str| (name.to_owned(), yes, comment.to_owned());
    assert_eq!(
        of_app,
        [
            told("ape", Some(false), "so"),
            told("renewal", Some(true), "so"),
            told("zebra", None, ""),
        ]
    );
    // Another API has no say in it.
    let other = ResourceId::parse("other").unwrap();
    let names = ["zebra".to_owned()];
    let said = s
        .store
        .decide_api_asks(&other, &client, &names, (true, ""), None, NOW);
    said.await.unwrap();
    assert_eq!(approved().await, ["renewal"]);
    // Nor does it inherit what was said of a name that this one gave up; nor does this one, if it takes the name back.
    let mut narrower = api.clone();
    narrower.details.clear();
    s.store.update_api(&narrower).await.unwrap().unwrap();
    let heir = Resource {
        id: other,
        uri: ResourceUri::parse("https://heir.example").unwrap(),
        scopes: Vec::new(),
        ..api.clone()
    };
    s.store.insert_api(&heir, NOW).await.unwrap().unwrap();
    assert_eq!(approved().await, Vec::<String>::new());
    s.store.delete_api(&heir.id).await.unwrap();
    // What was said of the names that stayed is still said.
    let stayed = [("zebra".to_owned(), None), ("ape".to_owned(), Some(false))];
    assert_eq!(asked().await, stayed);
    s.store.update_api(&api).await.unwrap().unwrap();
    say(&["renewal"], true).await;
    assert_eq!(approved().await, ["renewal"]);
    // Whoever registers the names again starts from nothing.
    s.store.delete_api(&api.id).await.unwrap();
    assert_eq!(approved().await, Vec::<String>::new());
}

pub(crate) async fn an_owner_sees_who_waits_and_a_team_is_told(s: Scratch) {
    let (owner, dev) = (s.person("owner").await, s.person("dev").await);
    let closed = Resource {
        open: false,
        ..library(owner)
    };
    s.store.insert_api(&closed, NOW).await.unwrap().unwrap();
    let waiting = async |person| s.store.waiting_asks_of(person).await.unwrap();
    assert_eq!(waiting(owner).await, []);
    let (one, two) = (asking_app(&s, "one", dev).await, asking_app(&s, "two", dev).await);
    assert_eq!(waiting(owner).await, [(closed.id.clone(), 2)]);
    assert_eq!(waiting(dev).await, []);
    let say = async |client: &ClientId, yes: bool| {
        let names = ["ape", "zebra", "renewal"].map(ToOwned::to_owned);
        let said = s
            .store
            .decide_api_asks(&closed.id, client, &names, (yes, ""), Some(owner), NOW);
        said.await.unwrap();
    };
    say(&one, true).await;
    assert_eq!(waiting(owner).await, [(closed.id.clone(), 1)]);
    say(&two, false).await;
    assert_eq!(waiting(owner).await, []);
    let told: Vec<_> = s
        .store
        .notices(dev, None, 50)
        .await
        .unwrap()
        .into_iter()
        .map(|notice| (notice.what, notice.client, notice.about, notice.by))
        .collect();
    let (about, by) = ("Library".to_owned(), Some("owner".to_owned()));
    assert_eq!(
        told,
        [
            (News::ScopesDeclined, two, about.clone(), by.clone()),
            (News::ScopesApproved, one, about, by),
        ]
    );
    assert_eq!(s.store.notices(owner, None, 50).await.unwrap(), []);
}

pub(crate) async fn a_grant_and_its_token_remember_their_apis(s: Scratch) {
    let person = s.person("asha").await;
    let client = s.app("app", person, Standing::Approved).await;
    let details = Details::parse(r#"[{"type":"renewal","copy":7}]"#).unwrap();
    let apis = ApiGrant {
        resources: vec!["https://library.example".into()],
        details: details.clone(),
    };
    let mut grant = new_grant(&client, person);
    grant.apis = apis.clone();
    let mut minted = s.apply(&[Write::IssueCode(grant, new_code(false))]).await;
    let id = minted.grant();
    let loaded = s.load(Load::Code(minted.hash(Fresh::Code).unwrap())).await;
    assert_eq!(loaded.code.unwrap().grant.apis, apis);
    let audience = TokenAudience {
        resources: apis.resources.clone(),
        details,
    };
    let Write::IssueAccessToken(token) = access_token(&client, id, 60) else {
        unreachable!("it issues one")
    };
    let token = NewAccessToken {
        audience: audience.clone(),
        ..token
    };
    minted = s.apply(&[Write::IssueAccessToken(token)]).await;
    let loaded = s
        .load(Load::AccessToken(minted.hash(Fresh::AccessToken).unwrap()))
        .await;
    assert_eq!(loaded.access_token.unwrap().audience, audience);
}

pub(crate) async fn a_jwt_is_found_by_its_name_alone(s: Scratch) {
    let person = s.person("asha").await;
    let client = s.app("app", person, Standing::Approved).await;
    let Write::IssueAccessToken(token) = access_token(&client, None, 60) else {
        unreachable!("it issues one")
    };
    let mut minted = Minted::default();
    minted.add_secret(Fresh::AccessToken, Secret::new("jti"));
    let write = Write::IssueAccessToken(NewAccessToken {
        is_jwt: true,
        ..token
    });
    assert!(s.store.apply(&[write], &minted).await.unwrap().is_applied());
    let found = async |hash| {
        let loaded = s.store.load(&[Load::AccessToken(hash)]).await.unwrap();
        loaded.access_token.is_some()
    };
    assert!(found(SecretHash::of_jwt_id("jti")).await);
    assert!(!found(SecretHash::of("jti")).await);
}
