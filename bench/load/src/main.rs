//! The benchmark's tool. Each command takes one JSON argument and prints one JSON line; `bench/run` calls them.
//!
//! Loopback only: an address elsewhere is refused.

mod bare;
mod drive;
mod fill;
mod http;
mod raw;
mod raw_postgres;
mod tokens;
mod usage;

use serde::de::DeserializeOwned;
use std::error::Error;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_default();
    let argument = arguments.next().unwrap_or_default();
    match command.as_str() {
        "bare" => bare::serve(&read(&argument)?),
        "drive" => print(&drive::run(read(&argument)?)?),
        "fill" => print(&fill::run(&read(&argument)?)?),
        "raw" => print(&raw::run(&read(&argument)?)?),
        "raw-postgres" => print(&raw_postgres::run(read(&argument)?)?),
        _ => Err("usage: bench-load bare|drive|fill|raw|raw-postgres JSON".into()),
    }
}

fn read<T: DeserializeOwned>(argument: &str) -> Outcome<T> {
    Ok(serde_json::from_str(argument)?)
}

fn print(value: &impl serde::Serialize) -> Outcome<()> {
    println!("{}", serde_json::to_string(value)?);
    Ok(())
}
