//! Renders every page, with plausible data and with the nastiest, into a folder, to be looked at:
//! `cargo run -p omniport-portal --example gallery -- /tmp/gallery`.

use omniport_portal::{assets, views};
use std::error::Error;
use std::path::PathBuf;
use std::{env, fs};

mod samples;

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = env::args_os().nth(1).ok_or("usage: gallery DIR")?.into();
    fs::create_dir_all(folder.join("assets"))?;
    for name in [
        assets::Name::Stylesheet,
        assets::Name::Script,
        assets::Name::Favicon,
    ] {
        let asset = assets::get(name);
        let file = asset.url.trim_start_matches(assets::PREFIX);
        fs::write(folder.join("assets").join(file), asset.bytes)?;
    }
    for (name, html) in samples::all()? {
        // Pages lie in one folder here, not at the root of a host.
        fs::write(
            folder.join(format!("{name}.html")),
            html.replace("=\"/assets/", "=\"assets/"),
        )?;
    }
    Ok(())
}
