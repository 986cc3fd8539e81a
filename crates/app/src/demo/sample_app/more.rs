//! Two flows beside the walkthrough's: the app on its own behalf, and a device that has no browser.

use super::flow::{refused, token, unanswered};
use super::sessions::{Device, Session, What};
use super::{DEVICE_CODE, Settings};
use crate::demo::client::{Client, Exchange, Sent};

/// A token for the app itself (RFC 6749 section 4.4).
pub(super) async fn for_itself(settings: &Settings, client: &Client, session: &mut Session) {
    let title = "The app's server asks for itself";
    let sent = own(settings, "/oauth/token", &[("grant_type", "client_credentials")]);
    match client.send(sent).await {
        Err(error) => unanswered(session, title, &error),
        Ok(exchange) if exchange.answer.status.is_success() => {
            let says = "Nobody signed in: the token is the app's own, so it reads nobody's data, and no refresh token \
                        goes with it. The app can always ask again.";
            session.add(title, says, true, What::Spoke(Box::new(exchange)));
        }
        Ok(exchange) => session.add(title, refused(&exchange), false, What::Spoke(Box::new(exchange))),
    }
}

/// A device begins (RFC 8628 section 3.1).
pub(super) async fn device_begins(settings: &Settings, client: &Client, session: &mut Session) {
    let title = "A display at the bus stop asks for a code";
    let sent = own(settings, "/oauth/device_authorization", &[]);
    let exchange = match client.send(sent).await {
        Err(error) => return unanswered(session, title, &error),
        Ok(exchange) => exchange,
    };
    session.device = device(&exchange);
    let good = session.device.is_some();
    let says = if good {
        "The display has no keyboard. It shows the code and the address; a person types the code in on another screen, \
         and decides there."
            .to_owned()
    } else {
        refused(&exchange)
    };
    session.add(title, says, good, What::Spoke(Box::new(exchange)));
}

fn device(exchange: &Exchange) -> Option<Device> {
    let body = exchange.answer.json();
    let text = |name: &str| body.get(name)?.as_str().map(ToOwned::to_owned);
    let device = Device {
        secret: text("device_code")?,
        user_code: text("user_code")?,
        address: text("verification_uri")?,
        complete: text("verification_uri_complete")?,
    };
    exchange.answer.status.is_success().then_some(device)
}

/// The device asks whether its person has answered (section 3.4).
pub(super) async fn device_asks(settings: &Settings, client: &Client, session: &mut Session) {
    let title = "The display asks whether somebody has answered";
    let Some(device) = &session.device else {
        return session.add(title, "No display waits: begin first.", false, What::Nothing);
    };
    let fields = [
        ("grant_type", DEVICE_CODE),
        ("device_code", device.secret.as_str()),
    ];
    let sent = own(settings, "/oauth/token", &fields);
    let exchange = match client.send(sent).await {
        Err(error) => return unanswered(session, title, &error),
        Ok(exchange) => exchange,
    };
    let error = exchange.answer.json();
    let error = error.get("error").and_then(|error| error.as_str());
    match error {
        Some("authorization_pending") => {
            let says = "Not yet. It asks again after the interval that it was told.";
            session.add(title, says, true, What::Spoke(Box::new(exchange)));
        }
        Some("slow_down") => {
            let says = "It asked too soon, and waits five seconds longer from now on.";
            session.add(title, says, false, What::Spoke(Box::new(exchange)));
        }
        _ => {
            session.device = None;
            token(session, exchange, title);
        }
    }
}

/// A request of the app's own, with its credentials in the form.
fn own(settings: &Settings, path: &str, fields: &[(&str, &str)]) -> Sent {
    let credentials = [
        ("client_id", settings.client_id.as_str()),
        ("client_secret", settings.client_secret.expose()),
    ];
    let all = credentials.iter().chain(fields).copied();
    Sent::post(format!("{}{path}", settings.issuer), all)
}
