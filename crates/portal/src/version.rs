//! One version of an app, by what it changed: for its team and for maintainers alike.

use crate::difference;
use crate::problem::Problem;
use crate::views::{ShownVersion, VersionLink, When};
use omniport_engine::Engine;
use omniport_protocol::data_points::DataPoints;
use omniport_protocol::review::{App, Manifest};
use omniport_protocol::vocabulary::Params;

/// The version that the query names by `number`, with links to others under the page at `path`.
pub(crate) async fn shown(
    engine: &Engine,
    app: &App,
    query: &Params,
    path: &str,
) -> Result<ShownVersion, Problem> {
    let number = query.get("number").and_then(|number| number.parse().ok());
    let number = number.ok_or_else(Problem::not_found)?;
    let mut found = engine
        .store()
        .app_version_and_before(&app.id, number)
        .await?
        .into_iter();
    let version = found.next().ok_or_else(Problem::not_found)?;
    let before = found.next();
    let catalogue = &engine.settings().catalogue;
    let is = |one: Option<u32>| one == Some(number);
    let numbers = [&app.live, &app.proposed].map(|one| one.as_ref().map(|one| one.number));
    let nothing = Manifest::plain("", version.manifest.kind, Vec::new(), DataPoints::new());
    let earlier = before.as_ref().map_or(&nothing, |before| &before.manifest);
    let mut differences = difference::between(earlier, &version.manifest, catalogue);
    for one in &mut differences {
        one.rows.retain(|row| !row.text.is_empty());
    }
    Ok(ShownVersion {
        number,
        made: When::from_seconds(version.at.seconds()),
        standing: match numbers {
            [live, _] if is(live) => "It is the live one.",
            [_, proposed] if is(proposed) => "It is the proposed one.",
            _ => "It is past.",
        },
        before: before.map(|before| VersionLink {
            number: before.number,
            href: format!("{path}/version?number={}", before.number),
        }),
        differences,
    })
}
