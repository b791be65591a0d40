//! Native memory that is short. In a process of its own: its limit is the process's.
#![cfg(target_os = "linux")]

mod support;

use std::time::Instant;

use support::*;

const MIB: u64 = 1 << 20;

/// Bytes that this process may write to and shares with nobody.
fn data() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmData:")).expect("there");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") << 10
}

/// From now on an allocation beyond `more` fails, and with it the process.
fn allow(more: u64) {
    let most = data() + more;
    let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
    // SAFETY: the limit is valid.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_DATA, &limit) }, 0);
}

/// Clients that send and never stop, to a server that reads nothing: all that they can make it hold, until nobody more is let in.
#[test]
fn who_fills_each_window_is_refused_while_there_is_memory() {
    let server = Config::server()
        .set(|raw| {
            raw.connection_window = 256 << 10;
            raw.stream_window = 512 << 10;
            raw.max_native_bytes = 96 * MIB;
        })
        .open_server()
        .expect("server");
    // What it keeps counts here as well.
    let client = Config::client().set(|raw| raw.send_buffer = 64 << 10).open_client().expect("client");
    allow(256 * MIB);
    let block = vec![0; 256 << 10];
    let mut kept = Vec::new();
    let refused = loop {
        let ours = match client.connect(server.port(), "localhost") {
            Ok(ours) => ours,
            Err(fault) => break fault,
        };
        let theirs = server.accept().expect("accept");
        let stream = ours.open_bidirectional();
        while stream.try_send(&block, 0).expect("live").is_some() {}
        kept.push((ours, theirs, stream));
        assert!(kept.len() < 5000, "nobody is refused");
    };
    assert_eq!(refused.code, 2, "CONNECTION_REFUSED (RFC 9000 section 20.1): {refused:?}");
    assert!(server.info().refused_native_bytes >= 1);
    assert!(kept.len() > 50, "{}", kept.len());
    // Those who are in are served.
    let stream = kept[0].1.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("live");
    assert!(stream.receive(&mut [0; 1000]).expect("filled").0 > 0);
    drop(stream);
    drop(kept);
    let end = Instant::now() + DEADLINE;
    while let Err(fault) = client.connect(server.port(), "localhost") {
        assert!(Instant::now() < end, "{fault:?}");
    }
}
