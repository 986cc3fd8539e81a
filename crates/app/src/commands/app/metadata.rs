//! Client metadata that an operator wrote. What comes over HTTP may say what we do not understand (RFC 7591 section 2); an
//! operator is told, for then it is a mistake.

use omniport_engine::apps::AddApp;
use omniport_engine::{Engine, Fault};
use omniport_protocol::data_points::DataPointName;
use omniport_protocol::review::{ClientMetadata, FieldErrors, Manifest, is_known_member, nearest_member};
use omniport_protocol::token::registry;
use omniport_protocol::vocabulary::{ClientId, PersonId, Profile};

/// The members of a document that nothing reads, as a sentence; nothing where there are none. `beside` are names that mean
/// something to whoever asks.
pub(in super::super) fn strangers<'a>(
    members: impl Iterator<Item = &'a String>,
    beside: &[&str],
) -> Option<String> {
    let unknown = members.filter(|name| !is_known_member(name) && !beside.contains(&name.as_str()));
    let told: Vec<String> = unknown
        .map(|name| match nearest_member(name) {
            Some(meant) => format!("'{name}' (do you mean '{meant}'?)"),
            None => format!("'{name}'"),
        })
        .collect();
    let noun = if told.len() == 1 { "field" } else { "fields" };
    (!told.is_empty()).then(|| format!("nothing reads the {noun} {}", told.join(", ")))
}

/// The app that client metadata describe.
///
/// # Errors
/// The outer one is a [`Fault`]; the inner one all that is wrong with them.
pub(in super::super) async fn metadata_to_app(
    engine: &Engine,
    metadata: &ClientMetadata,
    owner: PersonId,
    approved: bool,
) -> Result<Result<AddApp, String>, Fault> {
    let manifest = match manifest(engine, metadata) {
        Ok(manifest) => manifest,
        Err(why) => return Ok(Err(why)),
    };
    let apis = engine.apis().await?;
    let mut names = manifest.api_scopes.iter().chain(&manifest.details_types);
    if let Some(stranger) = names.find(|name| apis.of_name(name).is_none()) {
        return Ok(Err(format!(
            "'{stranger}' is no data point, no bundle of OpenID and nothing of an API that is registered: see `omniport api \
             list`, and register the API first"
        )));
    }
    Ok(made(metadata, manifest, owner, approved))
}

fn manifest(engine: &Engine, metadata: &ClientMetadata) -> Result<Manifest, String> {
    let grants: Vec<&str> = registry().iter().map(|grant| grant.grant_type()).collect();
    let catalogue = &engine.settings().catalogue;
    let manifest = metadata
        .check(catalogue, &grants)
        .map_err(|errors| told(&errors))?;
    if let Some(profile) = engine.settings().sender.profile {
        // An app that the instance's profile turns away at every request is not worth its identifier.
        let mut held = metadata.clone();
        let own = held.openid.profile.as_deref().and_then(Profile::parse);
        let held_to = own.max(Some(profile)).unwrap_or(profile);
        held.openid.profile = Some(held_to.as_str().to_owned());
        held.check(catalogue, &grants).map_err(|errors| {
            format!(
                "this instance holds every app to {}: {}",
                profile.as_str(),
                told(&errors)
            )
        })?;
    }
    let asked = |name: &str| {
        manifest
            .data_points
            .iter()
            .any(|point| DataPointName::as_str(point) == name)
    };
    let optional = metadata
        .optional_data_points
        .iter()
        .map(|name| ("optional_data_points", name));
    let mut said = optional.chain(metadata.purposes.keys().map(|name| ("purposes", name)));
    if let Some((field, name)) = said.find(|(_, name)| !asked(name)) {
        return Err(format!(
            "{field}: '{name}' is not among what the app asks for: name it in data_points too"
        ));
    }
    Ok(manifest)
}

fn made(
    metadata: &ClientMetadata,
    manifest: Manifest,
    owner: PersonId,
    approved: bool,
) -> Result<AddApp, String> {
    let client_id = metadata.client_id.as_deref().map(ClientId::parse).transpose();
    let app = AddApp {
        owner,
        manifest,
        client_id: client_id.map_err(|error| error.to_string())?,
        client_secret: metadata.secret(),
        approved,
        legacy: metadata.legacy(),
        registration: None,
    };
    app.check().map_err(|error| error.to_string())?;
    Ok(app)
}

fn told(errors: &FieldErrors) -> String {
    let told: Vec<String> = errors
        .iter()
        .map(|error| format!("{}: {}", error.field, error.message))
        .collect();
    told.join(" ")
}
