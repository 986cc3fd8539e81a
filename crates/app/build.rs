//! How the binary is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The places that the loader has to mend, each in two bits and not in 24 bytes: a megabyte less of file, all of it read
    // at every start. A linker that does not know it says so and goes on; a system's C library that does not is older than
    // those that we build on (glibc 2.36, 2022).
    if std::env::var("TARGET").is_ok_and(|target| target.ends_with("linux-gnu")) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}
