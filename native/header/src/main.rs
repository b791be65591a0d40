//! `jetstream-header` writes `include/jetstream.h` from the sources of `jetstream-native`; with `--check` it only
//! compares, and ends with 1 and what to do when the committed header is another.

use std::{env, fs, path::Path, process::ExitCode};

use cbindgen::{Builder, Config, DocumentationStyle, EnumConfig, Language, Style};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("jetstream-header: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let check = match env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [option] if option == "--check" => true,
        other => return Err(format!("unknown arguments {other:?}; the only one is --check")),
    };
    let native = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the crate has no parent folder")?;
    let path = native.join("include").join("jetstream.h");
    let header = generate(native)?;
    if check {
        let committed = fs::read_to_string(&path).map_err(|error| format!("read {}: {error}", path.display()))?;
        if committed != header {
            let hint = "run `cargo run -p jetstream-header` in native/ and bindings/generate.sh, and commit both";
            return Err(format!("{} is not what the sources say: {hint}", path.display()));
        }
        return Ok(());
    }
    fs::write(&path, header).map_err(|error| format!("write {}: {error}", path.display()))
}

fn generate(native: &Path) -> Result<String, String> {
    let config = Config {
        language: Language::C,
        include_guard: Some("JETSTREAM_H".into()),
        header: Some(
            "// SPDX-License-Identifier: Apache-2.0\n// Made by native/header from native/src: do not edit.".into(),
        ),
        cpp_compat: true,
        no_includes: true,
        sys_includes: vec!["stddef.h".into(), "stdint.h".into()],
        usize_is_size_t: true,
        style: Style::Both,
        documentation_style: DocumentationStyle::C99,
        line_length: 120,
        tab_width: 4,
        enumeration: EnumConfig::default(),
        ..Config::default()
    };
    let mut bytes = Vec::new();
    let mut builder = Builder::new().with_config(config);
    // The sources by name, not by crate: no `cargo metadata` and no macro expansion is needed.
    for source in [
        "abi.rs",
        "records.rs",
        "exports/library.rs",
        "exports/endpoint.rs",
        "exports/control.rs",
        "exports/connection.rs",
        "exports/parameters.rs",
        "exports/stream.rs",
        "exports/exchange.rs",
        "exports/memory.rs",
    ] {
        builder = builder.with_src(native.join("src").join(source));
    }
    builder.generate().map_err(|error| format!("cbindgen: {error}"))?.write(&mut bytes);
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    Ok(without_rust_sections(&text))
}

/// Leaves out what is said to Rust alone: the `# Safety` section of each comment, up to the comment's end.
fn without_rust_sections(header: &str) -> String {
    let mut out = String::new();
    let mut skipping = false;
    for line in header.lines() {
        if !line.trim_start().starts_with("//") {
            skipping = false;
        } else if line.trim() == "// # Safety" {
            skipping = true;
            // And the empty comment line in front of it.
            out.truncate(out.trim_end_matches("//\n").len());
        }
        if !skipping {
            out.push_str(line);
            out.push('\n');
        }
    }
    out
}
