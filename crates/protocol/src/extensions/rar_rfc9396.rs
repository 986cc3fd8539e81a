//! Rich authorisation requests (RFC 9396): `authorization_details`, of types that API owners register.

use crate::apis::{Apis, Details};
use crate::error::{ErrorCode, Refusal, shown};
use crate::vocabulary::{Client, Params};
use serde_json::Value;

/// The parameter's name.
pub const PARAMETER: &str = "authorization_details";

/// What a request asks for: of known types that `client` may use, each as its owner's schema says, and at no other
/// location than its API.
///
/// # Errors
/// `invalid_authorization_details` (section 5).
pub fn asked(params: &Params, client: &Client, apis: &Apis) -> Result<Details, Refusal> {
    let Some(text) = params.get(PARAMETER) else {
        return Ok(Details::default());
    };
    let details = Details::parse(text).map_err(invalid)?;
    for (name, object) in details.objects() {
        let unknown = || invalid("A type of the authorization_details is unknown, or not this app's to use.");
        let (resource, kind) = apis
            .details_type(name)
            .ok_or_else(|| unknown().because(format!("no API has registered the type {}", shown(name))))?;
        apis.usable(client, name)
            .map_err(|why| unknown().because(why.why(name)))?;
        kind.schema.check(&Value::Object(object.clone())).map_err(|why| {
            invalid("One of the authorization_details is not what its API takes.")
                .because(format!("of type {}: {why}", shown(name)))
        })?;
        let elsewhere = match object.get("locations") {
            None => false,
            Some(Value::Array(list)) => list.iter().any(|one| {
                let uri = one.as_str().and_then(|text| apis.of_uri(text));
                uri.is_none_or(|found| found.id != resource.id)
            }),
            Some(_) => true,
        };
        if elsewhere {
            return Err(invalid(
                "The locations of the authorization_details are not their API's.",
            ));
        }
    }
    Ok(details)
}

/// What a token request keeps of what was granted (section 6): all of it where it asks for nothing.
///
/// # Errors
/// `invalid_authorization_details` where it asks for more.
pub fn narrowed(asked: Details, granted: &Details) -> Result<Details, Refusal> {
    if asked.is_empty() {
        Ok(granted.clone())
    } else if asked.is_within(granted) {
        Ok(asked)
    } else {
        Err(invalid("The authorization_details go beyond what was granted."))
    }
}

/// `invalid_authorization_details` with this sentence.
pub(crate) fn invalid(public: &'static str) -> Refusal {
    Refusal::new(ErrorCode::InvalidAuthorizationDetails, public)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{api_client, apis, client, params};

    #[test]
    fn details_are_of_a_registered_type_and_as_its_schema_says() {
        let ask = |text: &str, client: &Client| asked(&params(&[(PARAMETER, text)]), client, &apis());
        let good = r#"[{"type": "renewal", "copy": "b-7", "locations": ["https://library.example/api"]}]"#;
        assert!(!ask(good, &api_client()).unwrap().is_empty());
        assert!(ask("", &api_client()).unwrap().is_empty());
        for bad in [
            "[]",
            "renewal",
            r#"[{"type": "unheard-of"}]"#,
            r#"[{"type": "loans.read"}]"#,
            r#"[{"type": "renewal"}]"#,
            r#"[{"type": "renewal", "copy": 7}]"#,
            r#"[{"type": "renewal", "copy": "b-7", "locations": ["https://other.example/"]}]"#,
            r#"[{"type": "renewal", "copy": "b-7", "locations": "https://library.example/api"}]"#,
            r#"[{"type": "renewal", "copy": "b-7"}, {"type": "unheard-of"}]"#,
        ] {
            let refusal = ask(bad, &api_client()).unwrap_err();
            assert_eq!(refusal.code, ErrorCode::InvalidAuthorizationDetails, "{bad}");
        }
        assert!(
            ask(good, &client()).is_err(),
            "an app that never asked for the type"
        );
    }

    #[test]
    fn a_token_request_only_narrows() {
        let of = |text: &str| Details::parse(text).unwrap();
        let granted = of(r#"[{"type":"renewal","copy":"b-7"},{"type":"renewal","copy":"b-8"}]"#);
        assert_eq!(narrowed(Details::default(), &granted).unwrap(), granted);
        let one = of(r#"[{"type":"renewal","copy":"b-8"}]"#);
        assert_eq!(narrowed(one.clone(), &granted).unwrap(), one);
        assert!(narrowed(of(r#"[{"type":"renewal","copy":"b-9"}]"#), &granted).is_err());
        assert!(narrowed(one, &Details::default()).is_err());
    }
}
