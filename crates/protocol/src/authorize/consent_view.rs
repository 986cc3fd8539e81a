//! What the consent page shows: who asks, who is asked, and each value that would be sent.

use super::door::Door;
use super::facts::Visitor;
use super::hallway::Passed;
use super::question::Question;
use super::trusted::Way;
use crate::ctx::Ctx;
use crate::data_points::{DataPointName, DataPoints, is_active_role};
use crate::decoupled::DecoupledFacts;
use crate::openid::SubjectType;
use crate::records::{Holder, PersonData};
use crate::review::{Publisher, reorders};
use crate::vocabulary::{Client, ClientId, RedirectUri, SecretHash, Timestamp};
use serde_json::Value;

/// The consent page's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentView {
    /// The app.
    pub client_id: ClientId,
    /// Its name.
    pub app_name: String,
    /// SHA-256 of its logo in hexadecimal, where it has one.
    pub logo: Option<String>,
    /// Whom to ask about it, and where to read more.
    pub publisher: Publisher,
    /// Where the answer goes: a host, or an app on the person's device; empty where the answer is kept.
    pub redirect_host: String,
    /// What was asked elsewhere, where the answer is kept.
    pub elsewhere: Option<Elsewhere>,
    /// For the page's `form-action` ([`RedirectUri::origin_of`]); empty where the answer is kept.
    pub redirect_origin: String,
    /// The version of the app that is shown: the answer must name it.
    pub version: u32,
    /// Whether the app is not approved yet, and this person on its team.
    pub in_sandbox: bool,
    /// Who is asked.
    pub holder: Holder,
    /// Who they are, as the page's card says it.
    pub card: PersonCard,
    /// What the app would see, in the catalogue's order; empty for an app that only signs people in. Of somebody who
    /// allowed the app something before, only what is asked beyond that.
    pub points: Vec<ConsentPoint>,
    /// What it would do at APIs in the person's name, likewise.
    pub scopes: Vec<ConsentScope>,
    /// What the app gets by an earlier answer, of what it asks for now.
    pub allowed_before: DataPoints,
    /// Whether the app is told who the person is by a name that only it knows.
    pub is_pairwise: bool,
    /// After how many seconds the app must ask again, whatever it does.
    pub lasts_seconds: i64,
}

/// Where and when a request was made that is answered here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// On a device whose code the person typed in; else by the app itself.
    pub on_device: bool,
    /// When.
    pub at: Timestamp,
    /// What the app says, for the person to recognise there (`binding_message`).
    pub message: Option<String>,
}

/// The person's card. It is shown to the person alone, whatever the app asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonCard {
    /// `person.full_name`.
    pub full_name: Option<String>,
    /// The active ones of `person.roles`.
    pub roles: Vec<String>,
    /// `person.display_picture`: a path or an `https` URL.
    pub picture: Option<String>,
}

/// One thing that an app would do at an API, in its owner's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentScope {
    /// The API's name.
    pub api: String,
    /// What the app would do.
    pub words: String,
    /// The scope's or the type's name on the wire.
    pub name: String,
    /// The members of an `authorization_details` object: what each is called, and its value (RFC 9396).
    pub members: Vec<(String, String)>,
}

impl ConsentScope {
    /// A short text that stands for all that is said here, so that an answer names what its page showed.
    pub fn seal(&self) -> String {
        // As JSON, so that no two different ones make one text.
        let said = serde_json::json!([self.api, self.words, self.name, self.members]);
        crate::jose::encode(SecretHash::of(&said.to_string()).as_bytes())
    }

    /// A scope of which no more is known than its name: of an app that is still in review.
    fn unregistered(name: &str) -> Self {
        Self {
            api: String::new(),
            words: String::new(),
            name: name.to_owned(),
            members: Vec::new(),
        }
    }
}

/// The scopes that are asked about, and every `authorization_details` object.
pub(super) fn at_apis(passed: &Passed<'_>, question: &Question) -> Vec<ConsentScope> {
    let scopes = question.scopes.iter().filter_map(|name| {
        let resource = passed.apis.of_scope(name)?;
        let own = resource.scopes.iter().find(|scope| scope.name == *name);
        Some(ConsentScope {
            api: resource.name.clone(),
            words: own.map_or_else(|| resource.description.clone(), |scope| scope.description.clone()),
            name: name.clone(),
            members: Vec::new(),
        })
    });
    let details = passed.wish.details.objects().filter_map(|(name, object)| {
        let (resource, kind) = passed.apis.details_type(name)?;
        let members = object.iter().filter(|(member, _)| *member != "type");
        let told = members.map(|(member, value)| {
            let called = kind.schema.title_of(member).unwrap_or(member);
            (as_written(called), as_written(&plain(value)))
        });
        Some(ConsentScope {
            api: resource.name.clone(),
            words: kind.description.clone(),
            name: name.to_owned(),
            members: told.collect(),
        })
    });
    scopes.chain(details).collect()
}

/// A value as people read it: texts as they are, lists with commas, anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

/// What an app wrote, for a page on which something is allowed: a character that would lay out the text in another order
/// than it is written in, or that cannot be seen, stands there as one that can.
fn as_written(text: &str) -> String {
    text.chars()
        .map(|c| {
            if reorders(c) || (c.is_control() && !c.is_whitespace()) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// One data point that would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentPoint {
    /// Which; its label and kind are the catalogue's.
    pub name: DataPointName,
    /// The person's value; none where nothing is on file.
    pub value: Option<Value>,
    /// What the app wants it for, in its team's words.
    pub purpose: Option<String>,
    /// Whether the person may leave it out.
    pub optional: bool,
    /// Of an optional one, whether it is ticked: yes, unless the person left it out before.
    pub ticked: bool,
}

impl ConsentView {
    /// The view of a passed request for its visitor, who is asked `question`.
    pub(super) fn of(
        passed: &Passed<'_>,
        visitor: &Visitor<'_>,
        question: &Question,
        data: Option<&PersonData>,
        ctx: &Ctx<'_>,
    ) -> Self {
        let client = passed.trusted.client();
        let left_out = |name| {
            let before = visitor.consent.map(|consent| &consent.allowed);
            before.is_some_and(|allowed| allowed.declined.contains(name))
        };
        let asked = ctx
            .catalogue
            .data_points()
            .filter(|point| question.points.contains(&point.name));
        let points = asked.map(|point| ConsentPoint {
            name: point.name.clone(),
            value: data
                .and_then(|data| data.get(&point.name))
                .filter(|v| !v.is_null())
                .cloned(),
            purpose: client.purposes.get(&point.name).cloned(),
            optional: question.optional.contains(&point.name),
            ticked: !left_out(&point.name),
        });
        Self {
            client_id: client.id.clone(),
            app_name: client.name.clone(),
            logo: client.logo.clone(),
            publisher: client.publisher.clone(),
            redirect_host: match passed.trusted.way() {
                Way::Back(address) => address.registered().told(),
                Way::Kept(_) => String::new(),
            },
            elsewhere: match passed.trusted.way() {
                Way::Back(_) => None,
                Way::Kept(facts) => Some(Elsewhere::of(facts)),
            },
            redirect_origin: passed.trusted.origin(),
            version: client.version,
            in_sandbox: client.standing.is_sandbox(),
            holder: visitor.session.holder.clone(),
            card: data.map(PersonCard::of).unwrap_or_default(),
            points: points.collect(),
            scopes: at_apis(passed, question),
            allowed_before: question.allowed_before.clone(),
            is_pairwise: client.openid.subject_type == SubjectType::Pairwise,
            lasts_seconds: ctx.policy.refresh_absolute_seconds,
        }
    }

    /// The page as people would see it of an app that is still in review: somebody who never allowed it anything, asked
    /// for all of it at its first redirect URL.
    pub fn preview(client: &Client, holder: Holder, data: &PersonData, ctx: &Ctx<'_>) -> Self {
        let asked = ctx
            .catalogue
            .data_points()
            .filter(|point| client.data_points.contains(&point.name));
        let points = asked.map(|point| ConsentPoint {
            name: point.name.clone(),
            value: data.get(&point.name).filter(|value| !value.is_null()).cloned(),
            purpose: client.purposes.get(&point.name).cloned(),
            optional: client.optional.contains(&point.name),
            ticked: true,
        });
        let first = client.redirect_uris.first();
        Self {
            client_id: client.id.clone(),
            app_name: client.name.clone(),
            logo: client.logo.clone(),
            publisher: client.publisher.clone(),
            redirect_host: first.map(RedirectUri::told).unwrap_or_default(),
            elsewhere: None,
            redirect_origin: first.map_or_else(String::new, |uri| RedirectUri::origin_of(uri.as_str())),
            version: client.version,
            in_sandbox: false,
            card: PersonCard::of(data),
            holder,
            points: points.collect(),
            scopes: client
                .api_scopes
                .iter()
                .map(|name| ConsentScope::unregistered(name))
                .collect(),
            allowed_before: DataPoints::new(),
            is_pairwise: client.openid.subject_type == SubjectType::Pairwise,
            lasts_seconds: ctx.policy.refresh_absolute_seconds,
        }
    }
}

impl Elsewhere {
    fn of(facts: &DecoupledFacts) -> Self {
        let request = &facts.request;
        Self {
            on_device: request.door == Door::Device,
            at: request.at,
            message: request.params.get("binding_message").map(as_written),
        }
    }
}

impl PersonCard {
    /// The card of a person's values; what is not on file, or of another form, is left out.
    pub fn of(data: &PersonData) -> Self {
        let value = |name: &str| {
            data.iter()
                .find(|(n, _)| n.as_str() == name)
                .map(|(_, value)| value)
        };
        let text = |name| value(name).and_then(Value::as_str).map(ToOwned::to_owned);
        let roles = value("person.roles").and_then(Value::as_array);
        let names = roles.into_iter().flatten().filter(|role| is_active_role(role));
        Self {
            full_name: text("person.full_name"),
            roles: names
                .filter_map(|role| role.get("role")?.as_str().map(ToOwned::to_owned))
                .collect(),
            picture: text("person.display_picture"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Scene, request};
    use super::*;
    use crate::authorize::{Door, Resumed};
    use crate::review::Standing;
    use crate::testing::{CLIENT, holder, point, points};
    use crate::vocabulary::RedirectUri;
    use serde_json::json;

    fn view(scene: &mut Scene, changes: &[(&str, &str)]) -> ConsentView {
        scene.park(Door::Standard, request(changes));
        match scene.resume().reply {
            Resumed::Show(view) => *view,
            Resumed::Outcome(other) => panic!("no page but {other:?}"),
        }
    }

    #[test]
    fn what_an_app_wrote_is_read_in_the_order_in_which_it_is_written() {
        for (written, read) in [
            ("Pay \u{202e}001 \u{20ac}", "Pay \u{fffd}001 \u{20ac}"),
            ("a\nb\u{2066}\u{7}", "a\nb\u{fffd}\u{fffd}"),
            (
                "\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{200f}!",
                "\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{200f}!",
            ),
        ] {
            assert_eq!(as_written(written), read);
        }
    }

    #[test]
    fn shows_exactly_what_would_be_sent_to_whom() {
        let mut scene = Scene::signed_in();
        scene.client.logo = Some("ab".repeat(32));
        scene.client.optional = points(["student.branch.name"]);
        scene
            .client
            .purposes
            .insert(point("student.branch.name"), "To find your lectures.".into());
        scene.allow(["person.roles"]);
        let view = view(
            &mut scene,
            &[("scope", "student.branch.name person.roles person.full_name")],
        );
        assert_eq!(
            (view.client_id.as_str(), view.app_name.as_str(), view.version),
            (CLIENT, "Library", 1)
        );
        assert_eq!(view.logo, scene.client.logo);
        assert_eq!(view.redirect_host, "app.example.org");
        assert_eq!(view.redirect_origin, "https://app.example.org");
        assert_eq!((view.in_sandbox, &view.holder), (false, &holder()));
        let shown: Vec<_> = view
            .points
            .iter()
            .map(|point| (point.name.as_str(), point.value.is_some(), point.optional))
            .collect();
        // The difference only: the roles were allowed before.
        assert_eq!(
            shown,
            [
                ("person.full_name", true, false),
                ("student.branch.name", false, true),
            ]
        );
        assert_eq!(view.allowed_before, points(["person.roles"]));
        assert_eq!(view.points[1].purpose.as_deref(), Some("To find your lectures."));
        assert_eq!(view.points[0].value, Some(json!("Asha Rao")));
        assert_eq!(view.card.full_name.as_deref(), Some("Asha Rao"));
        assert_eq!(view.card.roles, ["Student"]);
    }

    #[test]
    fn the_sandbox_and_a_native_apps_port_are_named() {
        let mut scene = Scene::signed_in();
        scene.client.standing = Standing::Pending;
        scene.client.redirect_uris = vec![RedirectUri::parse("http://127.0.0.1/cb").unwrap()];
        scene.on_team = true;
        let view = view(
            &mut scene,
            &[("redirect_uri", "http://127.0.0.1:9000/cb"), ("scope", "write")],
        );
        assert!(view.in_sandbox);
        assert_eq!(view.redirect_origin, "http://127.0.0.1:9000");
        assert_eq!(view.redirect_host, "127.0.0.1");
        assert_eq!(view.points, []);
    }

    #[test]
    fn a_card_takes_only_what_has_the_right_form() {
        let odd = PersonData::from([
            (point("person.full_name"), json!(7)),
            (
                point("person.roles"),
                json!([1, {"role": 2}, {"role": "Guide"}, {"no": "role"}]),
            ),
            (point("person.display_picture"), json!("/media/asha.png")),
        ]);
        let card = PersonCard::of(&odd);
        assert_eq!((card.full_name, card.roles), (None, vec!["Guide".to_owned()]));
        assert_eq!(card.picture.as_deref(), Some("/media/asha.png"));
        assert_eq!(PersonCard::of(&PersonData::new()), PersonCard::default());
    }
}
