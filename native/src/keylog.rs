//! TLS secrets in a file, for decoding captures: only where the program asked for it by path.

use std::{
    ffi::{c_int, c_void},
    fs::{File, OpenOptions},
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Mutex,
};

use s2n_quic::provider::tls::s2n_tls::config::Builder;

use crate::{
    abi::{JETSTREAM_STATUS_PERMISSION_DENIED, JETSTREAM_STATUS_TLS_CONFIG},
    error::Failure,
};

struct KeyLog(Mutex<File>);

/// Appends the secrets of all handshakes with what `builder` builds to the file at `path`, which only its owner reads.
pub fn attach(builder: &mut Builder, path: &[u8]) -> Result<(), Failure> {
    let path = std::str::from_utf8(path).map_err(|_| Failure::argument("config.key_log_path is not UTF-8"))?;
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(|error| Failure::io(&format!("open the key log {path}"), &error))?;
    #[cfg(unix)]
    require_owner_only(path, &file)?;
    // Never freed: s2n-tls keeps the pointer for as long as any handshake has the configuration, and does not tell how
    // long that is. It is a file and a lock per configuration, in debugging.
    let log: &'static KeyLog = Box::leak(Box::new(KeyLog(Mutex::new(file))));
    let context = std::ptr::from_ref(log).cast_mut().cast::<c_void>();
    // SAFETY: the callback takes `context` for a shared `KeyLog`, which lives for ever.
    unsafe { builder.set_key_log_callback(Some(line), context) }
        .map(|_| ())
        .map_err(|error| Failure::tls(JETSTREAM_STATUS_TLS_CONFIG, &error))
}

/// The mode above is that of a new file: one that is there may be somebody else's, who waits for what comes.
#[cfg(unix)]
fn require_owner_only(path: &str, file: &File) -> Result<(), Failure> {
    use std::os::unix::fs::MetadataExt;
    let found = file.metadata().map_err(|error| Failure::io(&format!("look at the key log {path}"), &error))?;
    // SAFETY: takes nothing, and cannot fail.
    let this_user = unsafe { libc::geteuid() };
    let (mode, owner) = (found.mode() & 0o777, found.uid());
    if found.is_file() && mode & 0o077 == 0 && owner == this_user {
        return Ok(());
    }
    Err(Failure::new(
        JETSTREAM_STATUS_PERMISSION_DENIED,
        format!(
            "the key log {path} is of user {owner} with mode {mode:03o}: it must be a file of this user {this_user} that \
             others cannot touch, chmod 600"
        ),
    ))
}

/// # Safety
///
/// As s2n-tls calls it: `context` is the `KeyLog` of `attach`, and `line` is valid for reading `len` bytes.
unsafe extern "C" fn line<C>(context: *mut c_void, _: *mut C, line: *mut u8, len: usize) -> c_int {
    // SAFETY: as promised by the caller; the memory of both outlives the call.
    let (log, line) = unsafe { (&*context.cast::<KeyLog>(), std::slice::from_raw_parts(line, len)) };
    // A handshake does not fail for its log; no panic leaves.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        let mut file = log.0.lock().unwrap_or_else(|poison| poison.into_inner());
        let mut text = line.to_vec();
        text.push(b'\n');
        let _ = file.write_all(&text);
    }));
    0
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_file_that_others_can_touch_gets_no_secrets() {
        let path = std::env::temp_dir().join(format!("jetstream-key-log-{}", std::process::id()));
        let name = path.to_str().expect("UTF-8").as_bytes();
        attach(&mut Builder::new(), name).expect("a new file");
        attach(&mut Builder::new(), name).expect("the same again");
        let mode = |mode| std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("ours");
        for open in [0o640, 0o604, 0o620] {
            mode(open);
            let failure = attach(&mut Builder::new(), name).expect_err("others can touch it");
            assert_eq!(failure.status, JETSTREAM_STATUS_PERMISSION_DENIED);
            assert!(failure.message.contains(&format!("mode {open:03o}")), "{}", failure.message);
        }
        std::fs::remove_file(&path).expect("ours");
    }
}
