//! A panic in each of the three places where it would be dangerous becomes a status, and the next call works.
#![cfg(feature = "test-hooks")]

mod support;

use std::sync::{Mutex, MutexGuard};

use jetstream_native::hooks::jetstream_test_panic;
use support::*;

/// The armed panic hits the next event of the process: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(|poison| poison.into_inner())
}

fn arm(domain: u32) {
    // SAFETY: the error block is valid.
    done(|err| unsafe { jetstream_test_panic(domain, 0, err) }).expect("arms");
}

#[test]
fn a_panic_in_an_export_poisons_that_direction_alone() {
    let _alone = alone();
    let before = counters().panics;
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    // SAFETY: the error block is valid.
    let fault = done(|err| unsafe { jetstream_test_panic(0, ours.handle, err) }).expect_err("panics");
    assert_eq!(fault.status, JETSTREAM_STATUS_PANICKED);
    assert!(fault.message.contains("on demand") || fault.message.contains("inside an export"), "{}", fault.message);
    assert_eq!(counters().panics, before + 1);
    for fault in
        [ours.send(b"x", 0), ours.finish(), ours.reset(1), ours.flush()].map(|answer| answer.expect_err("unusable"))
    {
        assert_eq!(fault.status, JETSTREAM_STATUS_PANICKED, "{fault:?}");
    }
    theirs.send(b"the other direction works", JETSTREAM_SEND_FINISH).expect("room");
    assert_eq!(ours.receive_to_end().expect("whole").len(), 25);
    drop(ours);
    let fault = theirs.receive(&mut [0; 8]).expect_err("half a message");
    assert_eq!(fault.status, JETSTREAM_STATUS_STREAM_RESET);
    let (next, far) = pair.stream();
    next.send(b"next", JETSTREAM_SEND_FINISH).expect("the connection works");
    assert_eq!(far.receive_to_end().expect("whole"), b"next");
}

#[test]
fn a_panic_in_an_event_ends_that_connection_alone() {
    let _alone = alone();
    let server = Config::server().open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    let before = counters().panics;
    let well = client.connect(server.port(), "localhost").expect("connect");
    let well_there = server.accept().expect("accept");
    // What is acknowledged after the handshake's last frame: no event of this handshake is still to come.
    let (last, _) = well_there.open(JETSTREAM_STREAM_UNIDIRECTIONAL, b"last", JETSTREAM_SEND_FINISH).expect("open");
    last.flush().expect("acknowledged");
    arm(1);
    // Either end may meet the panic: the client's attempt fails, or the server's connection is unusable.
    match client.connect(server.port(), "localhost") {
        Err(fault) => assert_eq!(fault.status, JETSTREAM_STATUS_PANICKED, "{fault:?}"),
        Ok(_) => {
            let fault = server.accept().expect("accept").ended();
            assert_eq!(fault.status, JETSTREAM_STATUS_PANICKED, "{fault:?}");
        }
    }
    assert_eq!(counters().panics, before + 1);
    let (stream, _) = well.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"well", JETSTREAM_SEND_FINISH).expect("open");
    let there = well_there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("accept");
    assert_eq!(there.receive_to_end().expect("whole"), b"well");
    drop(stream);
    client.connect(server.port(), "localhost").expect("the next one works");
}

#[test]
fn a_panic_in_a_callback_of_tls_refuses_that_client_alone() {
    let _alone = alone();
    let server = Config::server().open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    let before = counters().panics;
    arm(2);
    let fault = client.connect(server.port(), "localhost").err().expect("refused");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED, "{fault:?}");
    assert_eq!(counters().panics, before + 1);
    assert!(server.refusal().is_some());
    client.connect(server.port(), "localhost").expect("the next one works");
}

#[test]
fn an_unknown_domain_is_refused() {
    // SAFETY: the error block is valid.
    let fault = done(|err| unsafe { jetstream_test_panic(9, 0, err) }).expect_err("unknown");
    assert_eq!(fault.status, JETSTREAM_STATUS_INVALID_ARGUMENT);
}
