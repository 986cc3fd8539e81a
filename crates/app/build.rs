//! How the binary is linked.

use std::env::var;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The places that the loader has to mend, each in two bits and not in 24 bytes: a megabyte less of file, all of it read
    // at every start. A linker that does not know it says so and goes on; a loader that does not could not start it.
    let here = var("TARGET").is_ok_and(|target| target.ends_with("linux-gnu") && var("HOST") == Ok(target));
    if here && glibc().is_some_and(|version| version >= (2, 36)) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this system's C library, where it is glibc: `getconf` says `glibc 2.36`.
fn glibc() -> Option<(u32, u32)> {
    let said = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let said = String::from_utf8(said.stdout).ok()?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
