//! Tells the crate the versions in `Cargo.lock`, which are the ones that it is linked with.

use std::{env, fs, path::Path};

fn main() {
    let lock = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("set by cargo")).join("Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = fs::read_to_string(&lock).unwrap_or_else(|error| panic!("read {}: {error}", lock.display()));
    for (name, variable) in [
        ("s2n-quic", "JETSTREAM_S2N_QUIC_VERSION"),
        ("s2n-tls", "JETSTREAM_S2N_TLS_VERSION"),
        ("aws-lc-sys", "JETSTREAM_AWS_LC_VERSION"),
    ] {
        let version = version_of(&text, name).unwrap_or_else(|| panic!("{name} is not in {}", lock.display()));
        println!("cargo::rustc-env={variable}={version}");
    }
    println!("cargo::rustc-env=JETSTREAM_TARGET={}", env::var("TARGET").expect("set by cargo"));
}

fn version_of<'a>(lock: &'a str, name: &str) -> Option<&'a str> {
    let after = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?.1;
    Some(after.split_once('"')?.0)
}
