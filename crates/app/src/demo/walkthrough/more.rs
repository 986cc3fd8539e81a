//! Two flows beside the ten steps, of the sample app: on its own behalf, and for a device.

use super::Walk;
use super::expect::{Broken, expect, member, page, status, thirty};
use crate::demo::client::{Answer, Sent};
use http::StatusCode;
use omniport_protocol::vocabulary::GrantType;
use std::time::Duration;

impl Walk<'_> {
    /// The app is the client and the subject of its token.
    pub(super) async fn for_itself(&mut self) -> Result<(), Broken> {
        let form = [("grant_type", GrantType::CLIENT_CREDENTIALS.to_owned())];
        let answer = self.as_sample_app("/oauth/token", form).await?;
        status(&answer, StatusCode::OK)?;
        let token = member(&answer, "access_token")?;
        thirty(&token, "an access token")?;
        let refresh = answer.json().get("refresh_token").is_some();
        expect(!refresh, "no refresh token", "one")?;
        self.holds("an access token of the app's own, and no refresh token");
        let read = Sent::get(self.url("/open_auth/get_user_data/"));
        let read = read.with("authorization", format!("Bearer {token}"));
        let refused = self.client.send(read).await?.answer;
        status(&refused, StatusCode::FORBIDDEN)?;
        self.holds("it reads nobody's data: 403");
        Ok(())
    }

    /// A display shows a code; the student, who is signed in, types it in elsewhere and allows.
    pub(super) async fn device(&mut self) -> Result<(), Broken> {
        let begun = self.as_sample_app("/oauth/device_authorization", []).await?;
        status(&begun, StatusCode::OK)?;
        let code = member(&begun, "device_code")?;
        let poll = || {
            [
                ("grant_type", GrantType::DEVICE_CODE.to_owned()),
                ("device_code", code.clone()),
            ]
        };
        let early = self.as_sample_app("/oauth/token", poll()).await?;
        status(&early, StatusCode::BAD_REQUEST)?;
        let error = member(&early, "error")?;
        expect(error == "authorization_pending", "authorization_pending", error)?;
        self.holds("before the person has answered: 400 authorization_pending");

        let form = self.asker.open(&member(&begun, "verification_uri")?).await?;
        page(&form, "/device")?;
        let filled = form
            .form_of("device-submit")?
            .fill("user_code", &member(&begun, "user_code")?)?;
        let consent = self.asker.press(filled, "device-submit").await?;
        page(&consent, "/consent")?;
        let allow = consent.form_of("consent-allow")?;
        let done = self.asker.press(allow, "consent-allow").await?;
        page(&done, "/device/done")?;
        self.holds("the code leads to the consent page, and Allow to 'Done'");

        let wait = begun.json().get("interval").and_then(serde_json::Value::as_u64);
        tokio::time::sleep(Duration::from_secs(wait.unwrap_or(5))).await;
        let answer = self.as_sample_app("/oauth/token", poll()).await?;
        status(&answer, StatusCode::OK)?;
        thirty(&member(&answer, "access_token")?, "an access token")?;
        self.holds("after the interval the device has its tokens");
        let again = self.as_sample_app("/oauth/token", poll()).await?;
        status(&again, StatusCode::BAD_REQUEST)?;
        self.holds("once");
        Ok(())
    }

    /// A request of the sample app's server, with its credentials in the form.
    async fn as_sample_app(
        &mut self,
        path: &str,
        form: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<Answer, Broken> {
        let secret = self.demo.app.client_secret.as_ref();
        let credentials = [
            ("client_id", self.demo.app.client_id.to_string()),
            (
                "client_secret",
                secret
                    .map(|secret| secret.expose().to_owned())
                    .unwrap_or_default(),
            ),
        ];
        let sent = Sent::post(self.url(path), credentials.into_iter().chain(form));
        Ok(self.client.send(sent).await?.answer)
    }
}
