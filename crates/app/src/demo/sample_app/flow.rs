//! What any app does with Omniport: the walkthrough's steps 4 to 10 (README.md), from the app's side.

use super::sessions::{Session, Tokens, What};
use super::{Settings, callback};
use crate::demo::client::{Answer, Client, Exchange, NoAnswer, Sent, form};
use omniport_protocol::vocabulary::Params;

/// Step 4: the URL that the browser is sent to.
pub(super) fn begin(settings: &Settings, session: &mut Session, state: &str) -> String {
    let params = [
        ("client_id", settings.client_id.clone()),
        ("redirect_uri", callback(&settings.own_url)),
        ("state", state.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let to = format!("{}/oauth/authorise", settings.issuer);
    let target = format!("{to}?{}", form(&params));
    session.state = Some(state.to_owned());
    session.add(
        "The browser is sent to Omniport",
        "The app names itself, says where the answer shall go, and adds a random state that only this browser's session \
         knows. The person signs in and decides there; the app sees nothing of it.",
        true,
        What::Browsed { to, params: params.into() },
    );
    target
}

/// Step 6, and 7 where it went well.
pub(super) async fn came_back(settings: &Settings, client: &Client, session: &mut Session, params: &Params) {
    let came = || What::Browsed {
        to: callback(&settings.own_url),
        params: params
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    let title = "The browser comes back";
    // Single use: whatever comes now, the state has served.
    let awaited = session.state.take();
    if awaited.is_none() || params.get("state") != awaited.as_deref() {
        let says = "The state is not the one that this session sent, so the answer is not looked at: somebody else may \
                    have made this browser follow their link.";
        return session.add(title, says, false, came());
    }
    if params.get("iss").is_some_and(|iss| iss != settings.issuer) {
        let says =
            "The answer names another issuer than the one that was asked (RFC 9207), so it is not looked at.";
        return session.add(title, says, false, came());
    }
    if let Some(error) = params.get("error") {
        let says = format!("Omniport refused: {error}.");
        return session.add(title, says, false, came());
    }
    let Some(code) = params.get("code") else {
        return session.add(title, "There is no code in the answer.", false, came());
    };
    let says = "The state is the one that was sent, and the issuer is the one that was asked. The code proves nothing \
                yet: it has to be exchanged within a minute, once, with the app's secret.";
    session.add(title, says, true, came());
    redeem(settings, client, session, code).await;
}

/// Step 7.
async fn redeem(settings: &Settings, client: &Client, session: &mut Session, code: &str) {
    let fields = [
        ("client_id", settings.client_id.as_str()),
        ("client_secret", settings.client_secret.expose()),
        ("grant_type", "authorization_code"),
        ("redirect_uri", &callback(&settings.own_url)),
        ("code", code),
    ];
    let sent = Sent::post(format!("{}/open_auth/token/", settings.issuer), fields);
    ask_for_tokens(
        client,
        session,
        sent,
        "The app's server exchanges the code for tokens",
    )
    .await;
}

/// Step 9.
pub(super) async fn refresh(settings: &Settings, client: &Client, session: &mut Session) {
    let Some(tokens) = &session.tokens else {
        return nothing(session);
    };
    let fields = [
        ("client_id", settings.client_id.as_str()),
        ("client_secret", settings.client_secret.expose()),
        ("grant_type", "refresh_token"),
        ("refresh_token", &tokens.refresh),
    ];
    let sent = Sent::post(format!("{}/open_auth/token/", settings.issuer), fields);
    ask_for_tokens(client, session, sent, "The app's server refreshes its tokens").await;
}

async fn ask_for_tokens(client: &Client, session: &mut Session, sent: Sent, title: &'static str) {
    match client.send(sent).await {
        Ok(exchange) => token(session, exchange, title),
        Err(error) => unanswered(session, title, &error),
    }
}

/// What came of a request for tokens.
pub(super) fn token(session: &mut Session, exchange: Exchange, title: &'static str) {
    match tokens(&exchange.answer) {
        Some(tokens) => {
            session.tokens = Some(tokens);
            let says = "An access token for ten hours, and a refresh token that is good for one new pair.";
            session.add(title, says, true, What::Spoke(Box::new(exchange)));
        }
        None => session.add(title, refused(&exchange), false, What::Spoke(Box::new(exchange))),
    }
}

fn tokens(answer: &Answer) -> Option<Tokens> {
    let body = answer.json();
    let text = |name: &str| body.get(name)?.as_str().map(ToOwned::to_owned);
    let tokens = Tokens {
        access: text("access_token")?,
        refresh: text("refresh_token")?,
        revoked: false,
    };
    answer.status.is_success().then_some(tokens)
}

/// Step 8.
pub(super) async fn user_data(settings: &Settings, client: &Client, session: &mut Session) {
    let title = "The app's server reads the user data";
    let Some(tokens) = &session.tokens else {
        return nothing(session);
    };
    let sent = Sent::get(format!("{}/open_auth/get_user_data/", settings.issuer))
        .with("authorization", format!("Bearer {}", tokens.access));
    match client.send(sent).await {
        Err(error) => unanswered(session, title, &error),
        Ok(exchange) if exchange.answer.status.is_success() => {
            session.user = Some(exchange.answer.json());
            let says = "Exactly the data points that the person saw and allowed, and nothing else.";
            session.add(title, says, true, What::Spoke(Box::new(exchange)));
        }
        Ok(exchange) => {
            session.user = None;
            let says = if session.tokens.as_ref().is_some_and(|tokens| tokens.revoked) {
                "Refused, as it must be: the token was revoked. Refresh to get another, or start again."
                    .to_owned()
            } else {
                refused(&exchange)
            };
            session.add(title, says, false, What::Spoke(Box::new(exchange)));
        }
    }
}

/// Step 10.
pub(super) async fn revoke(settings: &Settings, client: &Client, session: &mut Session) {
    let title = "The app's server revokes its access token";
    let Some(tokens) = &mut session.tokens else {
        return nothing(session);
    };
    let fields = [
        ("client_id", settings.client_id.as_str()),
        ("client_secret", settings.client_secret.expose()),
        ("token", &tokens.access),
        ("token_type_hint", "access_token"),
    ];
    let sent = Sent::post(format!("{}/open_auth/revoke_token/", settings.issuer), fields);
    match client.send(sent).await {
        Err(error) => unanswered(session, title, &error),
        Ok(exchange) if exchange.answer.status.is_success() => {
            tokens.revoked = true;
            session.user = None;
            let says = "The token is dead from now on. Read the user data again to see it refused.";
            session.add(title, says, true, What::Spoke(Box::new(exchange)));
        }
        Ok(exchange) => session.add(title, refused(&exchange), false, What::Spoke(Box::new(exchange))),
    }
}

fn nothing(session: &mut Session) {
    session.add("There is no token yet", "Sign in first.", false, What::Nothing);
}

pub(super) fn unanswered(session: &mut Session, title: &'static str, error: &NoAnswer) {
    session.add(title, format!("{error}."), false, What::Nothing);
}

pub(super) fn refused(exchange: &Exchange) -> String {
    let body = exchange.answer.json();
    let told = ["error_description", "error", "detail"]
        .iter()
        .find_map(|name| body.get(*name)?.as_str());
    format!("Refused: {}", told.unwrap_or("without a reason."))
}
