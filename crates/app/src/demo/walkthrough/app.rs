//! Steps 7 to 10: what the app's own server does.

use super::expect::{Broken, expect, member, status, thirty};
use super::{REDIRECT_URI, Walk};
use crate::demo::client::{Answer, Sent};
use http::StatusCode;
use serde_json::{Value, json};

impl Walk<'_> {
    /// Step 7: the code becomes a pair of tokens.
    pub(super) async fn token(&mut self) -> Result<(), Broken> {
        let answer = self.redeem().await?;
        status(&answer, StatusCode::OK)?;
        self.take_pair(&answer)?;
        self.holds("200, two tokens of 30 letters and digits, expires_in 36000, Bearer, read write");
        let kept = answer.header("cache-control").unwrap_or_default();
        expect(kept.contains("no-store"), "Cache-Control: no-store", kept)?;
        self.holds("no cache may keep the answer");
        Ok(())
    }

    /// Step 8: exactly what was consented to.
    pub(super) async fn user_data(&mut self) -> Result<(), Broken> {
        let answer = self.read().await?;
        status(&answer, StatusCode::OK)?;
        let person = self
            .students()
            .next()
            .ok_or_else(|| Broken::new("a student", "none"))?;
        let value = |name: &str| person.value(name).unwrap_or_default();
        let mut body = answer.json();
        let number = body
            .as_object_mut()
            .and_then(|body| body.remove("userId"))
            .unwrap_or_default();
        expect(number.is_i64(), "userId, a number", number.to_string())?;
        let wanted = json!({
            "username": person.username,
            "person": {
                "fullName": value("person.full_name"),
                "roles": [{"role": value("person.roles"), "activeStatus": "ActiveStatus.IS_ACTIVE"}],
            },
            "student": {
                "enrolmentNumber": value("student.enrolment_number"),
                "branch name": value("student.branch.name"),
            },
            "contactInformation": {"emailAddress": value("contact_information.email_address")},
        });
        expect(body == wanted, &wanted.to_string(), body.to_string())?;
        self.holds("the consented data points in camelCase, and nothing else");

        let sent = Sent::get(self.url("/open_auth/get_user_data/")).with("authorization", "Bearer wrong");
        let refused = self.speak(sent).await?;
        expect_no_credentials(&refused)?;
        self.holds("a bad token: 401 and the detail of old");
        Ok(())
    }

    /// Step 9: a new pair.
    pub(super) async fn refresh(&mut self) -> Result<(), Broken> {
        let fields = [
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.clone()),
            ("grant_type", "refresh_token".to_owned()),
            ("refresh_token", self.refresh_token.clone()),
        ];
        let before = (self.access_token.clone(), self.refresh_token.clone());
        let answer = self
            .speak(Sent::post(self.url("/open_auth/token/"), fields))
            .await?;
        status(&answer, StatusCode::OK)?;
        self.take_pair(&answer)?;
        let differ = self.access_token != before.0 && self.refresh_token != before.1;
        expect(differ, "a new pair", "a token that was there before")?;
        self.holds("a new pair");
        status(&self.read().await?, StatusCode::OK)?;
        self.holds("the new access token reads the user data");
        Ok(())
    }

    /// Step 10: revoked is dead, and so is what a reused code had issued.
    pub(super) async fn revoke(&mut self) -> Result<(), Broken> {
        let fields = [
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.clone()),
            ("token", self.access_token.clone()),
            ("token_type_hint", "access_token".to_owned()),
        ];
        let answer = self
            .speak(Sent::post(self.url("/open_auth/revoke_token/"), fields))
            .await?;
        status(&answer, StatusCode::OK)?;
        self.holds("200");
        expect_no_credentials(&self.read().await?)?;
        self.holds("the revoked token is refused from then on");

        let reused = self.redeem().await?;
        status(&reused, StatusCode::BAD_REQUEST)?;
        let error = member(&reused, "error")?;
        expect(error == "invalid_grant", "invalid_grant", error)?;
        self.holds("the code of step 6, used again: 400 invalid_grant");
        Ok(())
    }

    async fn redeem(&mut self) -> Result<Answer, Broken> {
        let fields = [
            ("client_id", self.client_id.clone()),
            ("client_secret", self.client_secret.clone()),
            ("grant_type", "authorization_code".to_owned()),
            ("redirect_uri", REDIRECT_URI.to_owned()),
            ("code", self.code.clone()),
        ];
        self.speak(Sent::post(self.url("/open_auth/token/"), fields))
            .await
    }

    async fn read(&mut self) -> Result<Answer, Broken> {
        let bearer = format!("Bearer {}", self.access_token);
        self.speak(Sent::get(self.url("/open_auth/get_user_data/")).with("authorization", bearer))
            .await
    }

    async fn speak(&mut self, sent: Sent) -> Result<Answer, Broken> {
        Ok(self.client.send(sent).await?.answer)
    }

    /// The two tokens of a token answer, which must be as step 7 says, to the letter.
    fn take_pair(&mut self, answer: &Answer) -> Result<(), Broken> {
        let (access, refresh) = (member(answer, "access_token")?, member(answer, "refresh_token")?);
        thirty(&access, "an access token")?;
        thirty(&refresh, "a refresh token")?;
        let mut rest = answer.json();
        if let Some(fields) = rest.as_object_mut() {
            fields.retain(|name, _| name != "access_token" && name != "refresh_token");
        }
        let wanted = json!({"expires_in": 36_000, "token_type": "Bearer", "scope": "read write"});
        expect(rest == wanted, &wanted.to_string(), rest.to_string())?;
        (self.access_token, self.refresh_token) = (access, refresh);
        Ok(())
    }
}

fn expect_no_credentials(answer: &Answer) -> Result<(), Broken> {
    status(answer, StatusCode::UNAUTHORIZED)?;
    let wanted: Value = json!({"detail": "Authentication credentials were not provided."});
    expect(answer.json() == wanted, &wanted.to_string(), answer.body.clone())
}
