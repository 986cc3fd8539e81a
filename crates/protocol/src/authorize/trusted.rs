//! Who asks, and where the answer may go: until both are known, nobody is sent anywhere.

use super::door::Door;
use super::facts::{Facts, Visitor};
use super::outcome::PageError;
use super::response_type::ResponseMode;
use crate::ctx::Ctx;
use crate::decoupled::DecoupledFacts;
use crate::effect::Load;
use crate::error::{ErrorCode, shown};
use crate::extensions::fapi2;
use crate::extensions::jarm::Envelope;
use crate::jose::SigningAlgorithm;
use crate::review::{Act, Reach, Who};
use crate::vocabulary::{Client, ClientId, ClientIdUrl, Params, RedirectUri, Timestamp};

/// Longest `state`, in bytes: a longer one cannot be echoed and gets a page.
pub const MAX_STATE_BYTES: usize = 4_096;

/// The parameters that this file reads.
pub(super) const READS: [&str; 5] = [
    "client_id",
    "redirect_uri",
    "state",
    "response_mode",
    "response_type",
];

/// A request whose client may act for this visitor, and whose answer has a way to go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trusted<'a> {
    client: &'a Client,
    way: Way<'a>,
}

/// Where the answer goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way<'a> {
    /// Back to the app, with the browser.
    Back(Address<'a>),
    /// Into the store, until the app asks for it.
    Kept(&'a DecoupledFacts),
}

/// A redirect URL that the client registered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Address<'a> {
    client: &'a Client,
    redirect_uri: &'a str,
    redirect_uri_given: bool,
    registered: &'a RedirectUri,
    state: Option<&'a str>,
    response_mode: ResponseMode,
    issuer: &'a str,
    algorithm: SigningAlgorithm,
    at: Timestamp,
}

impl<'a> Trusted<'a> {
    /// Finds out whether a request may be answered, in the order in which an outsider learns least:
    /// the client, its standing, the redirect URL, `state`.
    ///
    /// # Errors
    /// A page for everything that is not so.
    pub(super) fn establish(
        door: Door,
        params: &'a Params,
        facts: &Facts<'a>,
        ctx: &Ctx<'a>,
    ) -> Result<Self, PageError> {
        let client = identify(params, facts)?;
        serves(door, client, facts.visitor.as_ref())?;
        Self::at_its_address(door, params, client, facts.decoupled, ctx)
    }

    /// The same for a client that was identified already, whoever the visitor is.
    ///
    /// # Errors
    /// A page for a redirect URL or a `state` that cannot be used, or a decoupled request that waits for nobody.
    pub(super) fn at_its_address(
        door: Door,
        params: &'a Params,
        client: &'a Client,
        decoupled: Option<&'a DecoupledFacts>,
        ctx: &Ctx<'a>,
    ) -> Result<Self, PageError> {
        if door.polled_by().is_none() {
            let address = Address::of(door, params, client, ctx)?;
            let way = Way::Back(address);
            return Ok(Self { client, way });
        }
        let waits = |facts: &&DecoupledFacts| {
            facts.waits(ctx.now) && facts.request.client == client.id && facts.request.door == door
        };
        decoupled
            .filter(waits)
            .map(|facts| Self {
                client,
                way: Way::Kept(facts),
            })
            .ok_or_else(answered)
    }

    /// The client.
    pub(super) const fn client(&self) -> &'a Client {
        self.client
    }

    /// Where the answer goes.
    pub(super) const fn way(&self) -> &Way<'a> {
        &self.way
    }

    /// Where the forms on the way may end up, for their `form-action`; empty where that is here.
    pub(super) fn origin(&self) -> String {
        match &self.way {
            Way::Back(address) => RedirectUri::origin_of(address.redirect_uri),
            Way::Kept(_) => String::new(),
        }
    }
}

impl<'a> Address<'a> {
    /// The one that a request of `client` is answered at.
    ///
    /// # Errors
    /// A page for a redirect URL or a `state` that cannot be used.
    pub(super) fn of(
        door: Door,
        params: &'a Params,
        client: &'a Client,
        ctx: &Ctx<'a>,
    ) -> Result<Self, PageError> {
        let (registered, given) = address(door, params, client)?;
        Ok(Self {
            client,
            redirect_uri: given.unwrap_or(registered.as_str()),
            redirect_uri_given: given.is_some(),
            registered,
            state: state(params)?,
            response_mode: ResponseMode::of_request(params.get("response_mode"), params.get("response_type")),
            issuer: ctx.issuer,
            algorithm: fapi2::signing(client, client.openid.authorization_signed_response_alg, ctx),
            at: ctx.now,
        })
    }

    /// The client.
    pub(super) const fn client(&self) -> &'a Client {
        self.client
    }

    /// Where the answer goes: a registered redirect URL, on loopback with the port that the request named.
    pub(super) const fn redirect_uri(&self) -> &'a str {
        self.redirect_uri
    }

    /// Whether the request named it.
    pub(super) const fn redirect_uri_given(&self) -> bool {
        self.redirect_uri_given
    }

    /// The registered redirect URL that it is.
    pub(super) const fn registered(&self) -> &'a RedirectUri {
        self.registered
    }

    /// The `state` to give back.
    pub(super) const fn state(&self) -> Option<&'a str> {
        self.state
    }

    /// How the answer travels, whatever it is.
    pub(super) const fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// What a signed answer stands in.
    pub(super) fn envelope(&self) -> Envelope {
        Envelope {
            algorithm: self.algorithm,
            issuer: self.issuer.to_owned(),
            client: self.client.id.clone(),
            at: self.at,
        }
    }

    /// Our name, for `iss`.
    pub(super) const fn issuer(&self) -> &'a str {
        self.issuer
    }
}

/// The page for a decoupled request that waits no more.
fn answered() -> PageError {
    PageError::new(
        ErrorCode::InvalidRequest,
        "This request was answered already, or took too long. If the device still waits, start again there.",
    )
    .because("the decoupled request is unknown, expired or answered")
}

/// The client that the request names (RFC 6749 section 4.1.2.1: an invalid client identifier is never redirected).
fn identify<'a>(params: &Params, facts: &Facts<'a>) -> Result<&'a Client, PageError> {
    for name in ["client_id", "redirect_uri"] {
        if params.is_repeated(name) {
            let page = PageError::new(
                ErrorCode::InvalidRequest,
                "The app's request names itself or its return address more than once.",
            );
            return Err(page.because(format!("{name} is given more than once")));
        }
    }
    let Some(text) = params.get("client_id") else {
        return Err(PageError::new(
            ErrorCode::InvalidRequest,
            "The request does not say which app it comes from (client_id is missing).",
        ));
    };
    named_client(params, facts.client).ok_or_else(|| {
        let unknown = PageError::new(
            ErrorCode::InvalidClient,
            "No app with this client ID is registered here.",
        )
        .because(format!("no client has the client_id {}", shown(text)));
        match facts.document {
            None => unknown,
            Some(why) => PageError {
                detail: format!("The document at this app's client ID cannot be used. {why}").into(),
                private: format!("the document at {} cannot be used: {why}", shown(text)).into(),
                ..unknown
            },
        }
    })
}

/// The document about the client that the request names, where it names one by address, and may be answered otherwise
/// than by a page whatever the document says: nothing is fetched for whoever would get one anyway.
pub(super) fn document_load(params: &Params) -> Option<Load> {
    let is_repeated = ["client_id", "redirect_uri"]
        .into_iter()
        .any(|name| params.is_repeated(name));
    let leads_somewhere = params
        .get("redirect_uri")
        .is_none_or(|given| RedirectUri::parse(given).is_ok());
    let id = ClientId::parse(params.get("client_id")?).ok()?;
    let url = ClientIdUrl::parse(&id).ok()?;
    (!is_repeated && leads_somewhere && state(params).is_ok()).then_some(Load::ClientDocument(url))
}

/// The client of a request whose parameters are not all known yet, where nothing known so far forbids to serve the
/// visitor: it says the same as [`Trusted::establish`], but that the redirect URL may be yet to come.
pub(super) fn may_be_served<'a>(door: Door, params: &Params, facts: &Facts<'a>) -> Option<&'a Client> {
    let client = identify(params, facts).ok()?;
    serves(door, client, facts.visitor.as_ref()).ok()?;
    let is_known = |given: &str| client.redirect_uris.iter().any(|uri| uri.matches(given));
    params.get("redirect_uri").is_none_or(is_known).then_some(client)
}

/// Only the very client that is named, and once: the facts come from elsewhere.
pub(super) fn named_client<'a>(params: &Params, found: Option<&'a Client>) -> Option<&'a Client> {
    let named = params
        .get("client_id")
        .and_then(|text| ClientId::parse(text).ok())?;
    found.filter(|client| named == client.id && !params.is_repeated("client_id"))
}

/// Approval: a suspended app serves nobody, one in the sandbox its own team and its test people, and nobody's test
/// person is served by another app ([`Act`]).
fn serves(door: Door, client: &Client, visitor: Option<&Visitor<'_>>) -> Result<(), PageError> {
    let who = visitor.map(|visitor| visitor.is_to(client));
    // Whoever is not signed in yet may turn out to be anybody.
    if Act::at(door).serves(client.standing, who.unwrap_or(Who::Person)) {
        return Ok(());
    }
    let standing = client.standing.as_str();
    let refuse = |detail| PageError::new(ErrorCode::UnauthorizedClient, detail);
    Err(match (Act::at(door).reach(client.standing), who) {
        (Reach::Nobody, _) => {
            refuse("This app has been suspended and cannot be used.").because("the app is suspended")
        }
        (_, Some(Who::AnothersTestPerson)) => refuse(
            "You are signed in as a test person of another app, and can use no other. Sign in as yourself.",
        )
        .because("the person is a test person of another app")
        .with_sign_in(),
        (_, None) => refuse("This app is not approved yet. If you are on its team, sign in to try it.")
            .because(format!("the app is {standing} and nobody is signed in"))
            .with_sign_in(),
        (_, Some(_)) => refuse("This app is not approved yet, so only its own team and its test people can use it.").because(
            format!(
                "the app is {standing} and the person who is signed in is neither on its team nor one of its test people"
            ),
        ),
    })
}

/// Where the answer goes: the registered URL, and the request's own text of it where it names one.
fn address<'a>(
    door: Door,
    params: &'a Params,
    client: &'a Client,
) -> Result<(&'a RedirectUri, Option<&'a str>), PageError> {
    let registered = &client.redirect_uris;
    if let Some(given) = params.get("redirect_uri") {
        return match registered.iter().find(|uri| uri.matches(given)) {
            Some(uri) => Ok((uri, Some(given))),
            None => Err(PageError::new(
                ErrorCode::InvalidRequest,
                "The app asked to send you to an address (redirect_uri) that is not registered for it.",
            )
            .because(format!(
                "the redirect_uri is not one of the registered, letter by letter\nsent: {}\nregistered: {}",
                shown(given),
                list(registered)
            ))),
        };
    }
    match (door, registered.as_slice()) {
        (Door::Walkthrough, [first, ..]) => Ok((first, None)),
        // RFC 6749 section 3.1.2.3: it may be left out only where there is just one.
        (Door::Standard, [only]) => Ok((only, None)),
        _ => Err(PageError::new(
            ErrorCode::InvalidRequest,
            "The app's request does not say where to send you back (redirect_uri is missing).",
        )
        .because(format!(
            "redirect_uri is missing and there is no single registered one: {}",
            list(registered)
        ))),
    }
}

fn list(uris: &[RedirectUri]) -> String {
    let uris: Vec<_> = uris.iter().map(|uri| shown(uri.as_str())).collect();
    uris.join(", ")
}

/// The `state` to give back. A repeated one is refused later, and until then nobody knows which was meant: none.
fn state(params: &Params) -> Result<Option<&str>, PageError> {
    if params.is_repeated("state") {
        return Ok(None);
    }
    let state = params.get("state");
    match state.map(str::len) {
        Some(bytes) if bytes > MAX_STATE_BYTES => Err(PageError::new(
            ErrorCode::InvalidRequest,
            "The app's request carries a state of more than 4,096 bytes.",
        )
        .because(format!("state has {bytes} bytes; {MAX_STATE_BYTES} is the most"))),
        _ => Ok(state),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Scene, location, minted, page, query, redirect, request};
    use super::*;
    use crate::authorize::Outcome;
    use crate::effect::Decision;
    use crate::review::Standing;
    use crate::testing::{CLIENT, REDIRECT};

    /// The codes of the pages that both doors show.
    fn pages(scene: &Scene, changes: &[(&str, &str)]) -> [(ErrorCode, bool); 2] {
        Door::ALL.map(|door| {
            let page = page(scene.ask(door, request(changes)));
            (page.code, page.offer_sign_in)
        })
    }

    fn sent_to(decision: Decision<Outcome>) -> String {
        redirect(decision.reply).redirect_uri().to_owned()
    }

    #[test]
    fn case_001_unknown_missing_and_malformed_clients_get_a_page() {
        let scene = Scene::consented();
        for (id, code) in [
            ("app-9", ErrorCode::InvalidClient),
            ("caf\u{e9}", ErrorCode::InvalidClient),
            ("APP-1", ErrorCode::InvalidClient),
            ("", ErrorCode::InvalidRequest),
        ] {
            assert_eq!(pages(&scene, &[("client_id", id)]), [(code, false); 2], "{id}");
        }
    }

    #[test]
    fn case_002_a_suspended_app_serves_nobody() {
        let mut team = Scene::consented();
        team.on_team = true;
        for mut scene in [Scene::new(), Scene::consented(), team] {
            scene.client.standing = Standing::Suspended;
            assert_eq!(pages(&scene, &[]), [(ErrorCode::UnauthorizedClient, false); 2]);
        }
    }

    #[test]
    fn case_002_an_app_in_the_sandbox_serves_its_team_only() {
        for standing in Standing::ALL.into_iter().filter(|standing| standing.is_sandbox()) {
            let mut stranger = Scene::new();
            stranger.client.standing = standing;
            for prompt in ["", "none"] {
                let shown = pages(&stranger, &[("prompt", prompt)]);
                assert_eq!(shown, [(ErrorCode::UnauthorizedClient, true); 2]);
            }
            let mut outsider = Scene::consented();
            outsider.client.standing = standing;
            assert_eq!(pages(&outsider, &[]), [(ErrorCode::UnauthorizedClient, false); 2]);
            outsider.on_team = true;
            assert_eq!(sent_to(outsider.ask(Door::Standard, request(&[]))), REDIRECT);
            // Whoever's session has ended is no member of any team.
            outsider.later(3_600);
            assert_eq!(pages(&outsider, &[]), [(ErrorCode::UnauthorizedClient, true); 2]);
        }
    }

    #[test]
    fn a_test_person_can_use_their_own_app_only() {
        for standing in Standing::ALL {
            let mut scene = Scene::consented();
            scene.client.standing = standing;
            let own = scene.client.id.clone();
            let test_of = |scene: &mut Scene, id| scene.session.as_mut().unwrap().holder.test_of = Some(id);
            test_of(&mut scene, crate::testing::other_client().id);
            let offers_sign_in = standing != Standing::Suspended;
            assert_eq!(
                pages(&scene, &[]),
                [(ErrorCode::UnauthorizedClient, offers_sign_in); 2]
            );
            test_of(&mut scene, own);
            if standing == Standing::Suspended {
                assert_eq!(pages(&scene, &[]), [(ErrorCode::UnauthorizedClient, false); 2]);
            } else {
                assert_eq!(sent_to(scene.ask(Door::Standard, request(&[]))), REDIRECT);
            }
        }
    }

    /// An app with an address on the web and one on loopback.
    fn two_addresses() -> Scene {
        let mut scene = Scene::consented();
        scene
            .client
            .redirect_uris
            .push(RedirectUri::parse("http://127.0.0.1/cb").unwrap());
        scene
    }

    fn never_sent_to(addresses: &[&str]) {
        for address in addresses {
            let shown = pages(&two_addresses(), &[("redirect_uri", address)]);
            assert_eq!(shown, [(ErrorCode::InvalidRequest, false); 2], "{address}");
        }
    }

    #[test]
    fn case_003_an_unregistered_redirect_uri_gets_a_page() {
        never_sent_to(&[
            "https://evil.example/callback",
            "javascript:alert(1)",
            "/callback",
            "x",
        ]);
        for door in Door::ALL {
            let given = request(&[("redirect_uri", REDIRECT)]);
            assert_eq!(sent_to(two_addresses().ask(door, given)), REDIRECT);
        }
    }

    #[test]
    fn case_004_a_redirect_uri_is_compared_letter_by_letter() {
        never_sent_to(&[
            "https://app.example.org/Callback",
            "https://APP.example.org/callback",
            "https://app.example.org/callback/",
            "https://app.example.org:443/callback",
            "https://app.example.org/callback?x=1",
            "https://app.example.org/%63allback",
        ]);
    }

    #[test]
    fn case_005_a_redirect_uri_with_a_fragment_gets_a_page() {
        never_sent_to(&[
            "https://app.example.org/callback#",
            "https://app.example.org/callback#f",
        ]);
        never_sent_to(&["http://127.0.0.1:9000/cb#f"]);
    }

    #[test]
    fn case_006_plain_http_off_loopback_gets_a_page() {
        never_sent_to(&[
            "http://app.example.org/callback",
            "http://127.0.0.1.evil.example/cb",
        ]);
    }

    #[test]
    fn case_007_on_loopback_only_the_port_varies() {
        for good in ["http://127.0.0.1/cb", "http://127.0.0.1:9000/cb"] {
            for door in Door::ALL {
                let given = request(&[("redirect_uri", good)]);
                assert_eq!(sent_to(two_addresses().ask(door, given)), good);
            }
        }
        never_sent_to(&[
            "http://127.0.0.1:9000/other",
            "http://localhost:9000/cb",
            "http://127.0.0.1:1@evil.example/cb",
        ]);
    }

    #[test]
    fn the_page_tells_both_urls_to_the_log_only() {
        let given = [("redirect_uri", "https://evil.example/\u{202e}\n")];
        let page = page(Scene::new().ask(Door::Standard, request(&given)));
        assert!(page.private.contains(REDIRECT) && page.private.contains("evil.example/\\u{202e}\\n"));
        assert!(!page.detail.contains("example"));
    }

    #[test]
    fn case_003_without_redirect_uri_the_door_decides() {
        let mut scene = Scene::consented();
        for door in Door::ALL {
            assert_eq!(sent_to(scene.ask(door, request(&[]))), REDIRECT);
        }
        let second = RedirectUri::parse("https://app.example.org/second").unwrap();
        scene.client.redirect_uris.push(second);
        assert_eq!(sent_to(scene.ask(Door::Walkthrough, request(&[]))), REDIRECT);
        assert_eq!(
            page(scene.ask(Door::Standard, request(&[]))).code,
            ErrorCode::InvalidRequest
        );
        scene.client.redirect_uris.clear();
        assert_eq!(pages(&scene, &[]), [(ErrorCode::InvalidRequest, false); 2]);
    }

    #[test]
    fn case_008_a_repeated_client_id_or_redirect_uri_gets_a_page() {
        let scene = Scene::consented();
        for (name, value) in [("client_id", CLIENT), ("redirect_uri", REDIRECT)] {
            let repeated = pages(&scene, &[(name, value), (name, value)]);
            assert_eq!(repeated, [(ErrorCode::InvalidRequest, false); 2], "{name}");
        }
    }

    #[test]
    fn a_state_has_4096_bytes_at_most() {
        let scene = Scene::consented();
        for door in Door::ALL {
            let fits = "\u{e9}".repeat(MAX_STATE_BYTES / 2);
            let answer = redirect(scene.ask(door, request(&[("state", &fits)])).reply);
            let location = location(&answer, &minted()).unwrap();
            assert!(query(&location).contains(&("state".into(), fits.clone())));
            let page = page(scene.ask(door, request(&[("state", &(fits + "x"))])));
            assert_eq!(page.code, ErrorCode::InvalidRequest);
        }
    }
}
