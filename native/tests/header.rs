//! `include/jetstream.h` says what the library is: the same functions, no others, and C and C++ can read it.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use object::{Object, ObjectSymbol};

fn native() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn header() -> String {
    fs::read_to_string(native().join("include/jetstream.h")).expect("committed")
}

fn functions_of_the_header() -> BTreeSet<String> {
    let header = header();
    let code: Vec<&str> = header.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    code.match_indices("jetstream_")
        .filter_map(|(at, _)| {
            let name: &str = code[at..].split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next()?;
            let called = code[at + name.len()..].starts_with('(');
            let whole = !code[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
            (called && whole).then(|| name.to_owned())
        })
        .collect()
}

/// Test binaries lie in `<target>/<profile>/deps`, the library that cargo made with them beside or one above.
fn library() -> PathBuf {
    let deps = env::current_exe().expect("known").parent().expect("a folder").to_owned();
    let name = format!("{}jetstream_native{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let places = [deps.join(&name), deps.parent().expect("a folder").join(&name)];
    let newest = places.iter().filter(|place| place.exists());
    let newest = newest.max_by_key(|place| fs::metadata(place).and_then(|data| data.modified()).expect("a file"));
    newest.unwrap_or_else(|| panic!("none of {places:?} is there")).clone()
}

fn exported() -> BTreeSet<String> {
    let bytes = fs::read(library()).expect("readable");
    let file = object::File::parse(&*bytes).expect("a shared library");
    let defined = file.dynamic_symbols().filter(|symbol| symbol.is_definition());
    let names = defined.map(|symbol| symbol.name().expect("UTF-8").to_owned());
    // Mach-O puts an underscore in front of C names.
    names.map(|name| if cfg!(target_vendor = "apple") { name[1..].to_owned() } else { name }).collect()
}

// r[verify security.1.7]
#[test]
fn the_library_exports_what_the_header_declares_and_nothing_else() {
    let mut declared = functions_of_the_header();
    if cfg!(feature = "test-hooks") {
        declared.insert("jetstream_test_panic".into());
    }
    assert!(declared.len() > 30, "{declared:?}");
    assert_eq!(exported(), declared);
}

// r[verify security.1.32]
#[test]
fn every_export_is_inside_the_panic_boundary() {
    let mut seen = 0;
    let files = fs::read_dir(native().join("src/exports")).expect("a folder");
    let files = files.map(|entry| entry.expect("readable").path()).chain([native().join("src/hooks.rs")]);
    for path in files {
        let source = fs::read_to_string(&path).expect("readable");
        for export in source.split("#[unsafe(no_mangle)]").skip(1) {
            let name = export.split("fn ").nth(1).and_then(|rest| rest.split('(').next()).expect("a function");
            // rustfmt puts the brace that ends a function at the begin of a line.
            let body = export.split("\n}").next().expect("a body");
            assert!(body.contains("boundary(") || name == "jetstream_abi_version", "{name} in {}", path.display());
            seen += 1;
        }
    }
    assert_eq!(seen, functions_of_the_header().len() + 1, "exports, and the test hook");
}

#[test]
fn every_function_says_from_which_threads_it_may_be_called() {
    let header = header();
    for name in functions_of_the_header() {
        let at = header.find(&format!(" {name}(")).expect("declared");
        let comment: Vec<&str> =
            header[..at].lines().rev().skip(1).take_while(|line| line.trim_start().starts_with("//")).collect();
        assert!(comment.iter().any(|line| line.contains("Thread safety:")), "{name}: {comment:?}");
    }
}

/// The C compiler is a prerequisite of the build: aws-lc is made with it.
#[test]
fn the_header_is_c11_and_cpp17() {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
    let folder = env::temp_dir().join(format!("jetstream-header-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder for the program");
    let program = "#include \"jetstream.h\"\n#include \"jetstream.h\"\nint main(void) { jetstream_error e; (void)e; \
                   return (int)jetstream_abi_version() - (int)JETSTREAM_ABI_VERSION; }\n";
    for (file, language, standard) in [("program.c", "c", "-std=c11"), ("program.cpp", "c++", "-std=c++17")] {
        let path = folder.join(file);
        fs::write(&path, program).expect("writable");
        let output = Command::new(&compiler)
            .args(["-x", language, standard, "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I"])
            .arg(native().join("include"))
            .arg(&path)
            .output()
            .unwrap_or_else(|error| panic!("{compiler}: {error}"));
        assert!(output.status.success(), "{language}: {}", String::from_utf8_lossy(&output.stderr));
    }
    fs::remove_dir_all(&folder).expect("ours");
}
