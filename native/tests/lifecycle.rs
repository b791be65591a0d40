//! A closed endpoint leaves nothing behind. One test at a time: the counters are the process's.

mod support;

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use support::*;

static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(|poison| poison.into_inner())
}

fn nothing_is_left() {
    let counters = counters();
    assert_eq!(
        [counters.endpoints, counters.connects, counters.connections, counters.streams],
        [0; 4],
        "endpoints, connects, connections, streams"
    );
    assert_eq!([counters.leases, counters.claims, counters.endpoint_threads, counters.panics], [0; 4]);
}

#[test]
fn the_port_of_a_closed_endpoint_can_be_bound_at_once() {
    let _alone = alone();
    let mut port = 0;
    for _ in 0..20 {
        let server = Config::server().set(|raw| raw.bind = loopback(port)).open_server().expect("free at once");
        port = server.port();
        let client = Config::client().open_client().expect("client");
        let here = client.connect(port, "localhost").expect("connect");
        let there = server.accept().expect("accept");
        server.close(0, 2_000).expect("live");
        server.wait_closed().expect("ends");
        std::net::UdpSocket::bind(("127.0.0.1", port)).expect("the socket is closed");
        drop((here, there, client, server));
    }
    nothing_is_left();
}

#[test]
fn two_hundred_cycles_leave_nothing() {
    let _alone = alone();
    let cycle = || {
        let pair = Pair::new();
        let (ours, theirs) = pair.stream();
        ours.send(b"hello", JETSTREAM_SEND_FINISH).expect("room");
        assert_eq!(theirs.receive_to_end().expect("whole"), b"hello");
        let _lost = pair.here.open(JETSTREAM_STREAM_UNIDIRECTIONAL, b"never accepted", 0).expect("open");
    };
    (0..20).for_each(|_| cycle());
    let before = counters().allocated_bytes;
    (0..200).for_each(|_| cycle());
    nothing_is_left();
    // A thread tells that its endpoint is closed as the last thing that it does: the system may still see it end.
    let end = Instant::now() + DEADLINE;
    while endpoint_threads() > 0 {
        assert!(Instant::now() < end, "{} threads of endpoints are left", endpoint_threads());
        std::thread::yield_now();
    }
    let grown = counters().allocated_bytes.saturating_sub(before);
    // Less than two hundred bytes a cycle: a task, a stream or a connection that stayed would be more.
    assert!(grown < 200 * 200, "{grown} bytes stayed after 200 cycles");
}

/// Threads of endpoints as the operating system sees them.
fn endpoint_threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
    let names = tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.starts_with("jetstream-ep-")).count()
}

#[test]
fn an_endpoint_that_was_never_used_closes_at_once() {
    let _alone = alone();
    let server = Config::server().open_server().expect("server");
    let begin = Instant::now();
    server.close(0, 10_000).expect("live");
    server.close(7, 0).expect("again does nothing");
    server.wait_closed().expect("ends");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    server.wait_closed().expect("stays closed");
    drop(server);
    nothing_is_left();
}

#[test]
fn closing_an_endpoint_ends_its_connections_with_its_code() {
    let _alone = alone();
    let pair = Pair::new();
    let (_ours, theirs) = pair.stream();
    pair.client.close(31, 5_000).expect("live");
    let fault = pair.there.ended();
    assert_eq!(
        (fault.status, fault.initiator, fault.code),
        (JETSTREAM_STATUS_CONNECTION_APPLICATION, JETSTREAM_INITIATOR_REMOTE, 31)
    );
    assert_eq!(theirs.receive(&mut [0; 1]).expect_err("closed").code, 31);
    pair.client.wait_closed().expect("ends");
    let gone = pair.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"", 0).err().expect("gone");
    assert_eq!(gone.status, JETSTREAM_STATUS_CLOSED);
}

#[test]
fn a_closed_endpoint_begins_nothing() {
    let _alone = alone();
    let server = Config::server().open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    server.close(0, 1_000).expect("live");
    client.close(0, 1_000).expect("live");
    let fault = server.accept().err().expect("closed");
    assert_eq!(
        (fault.status, fault.initiator),
        (JETSTREAM_STATUS_CONNECTION_ENDPOINT_CLOSING, JETSTREAM_INITIATOR_LOCAL)
    );
    let fault = client.connect(1, "localhost").err().expect("closed");
    assert_eq!(
        (fault.status, fault.initiator),
        (JETSTREAM_STATUS_CONNECTION_ENDPOINT_CLOSING, JETSTREAM_INITIATOR_LOCAL)
    );
}

#[test]
fn connections_that_nobody_accepted_are_closed_with_the_server() {
    let _alone = alone();
    let server = Config::server().open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    let connections: Vec<_> = (0..5).map(|_| client.connect(server.port(), "localhost").expect("connect")).collect();
    server.close(66, 5_000).expect("live");
    for connection in &connections {
        assert_eq!(connection.ended().code, 66);
    }
    server.wait_closed().expect("ends");
}

#[test]
fn an_attempt_that_nobody_answers_does_not_delay_the_close() {
    let _alone = alone();
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").expect("bind");
    let client = Config::client().open_client().expect("client");
    let (connect, _) = client.begin_connect(nobody.local_addr().expect("bound").port(), "localhost").expect("begins");
    let begin = Instant::now();
    // The handshake's own timeout and the drain are 10 s.
    client.close(0, 10_000).expect("live");
    client.wait_closed().expect("ends");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    jetstream_connect_free(connect);
}

#[test]
fn a_peer_that_vanished_does_not_hold_the_close_beyond_the_drain() {
    let _alone = alone();
    let Pair { here, there, client, server } = Pair::new();
    let (_ours, _theirs) = {
        let stream = here.open_bidirectional();
        stream.send(b"x", 0).expect("room");
        (stream, there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("accept"))
    };
    // Freed without a close: its thread ends at once.
    jetstream_endpoint_free(client.handle);
    let begin = Instant::now();
    server.close(0, 200).expect("live");
    server.wait_closed().expect("ends");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

#[test]
fn freeing_an_endpoint_unclosed_ends_it() {
    let _alone = alone();
    let server = Config::server().open_server().expect("server");
    let port = server.port();
    jetstream_endpoint_free(server.handle);
    // Nothing tells of the end of an endpoint without a number, so this asks the system.
    let end = Instant::now() + DEADLINE;
    while std::net::UdpSocket::bind(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "the socket stays open");
        std::thread::yield_now();
    }
}

#[test]
fn an_attempt_that_is_freed_is_forgotten() {
    let _alone = alone();
    let server = Config::server().open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    for _ in 0..20 {
        let (connect, _) = client.begin_connect(server.port(), "localhost").expect("begins");
        assert_eq!(jetstream_connect_free(connect), JETSTREAM_STATUS_OK);
        assert_eq!(jetstream_connect_free(connect), JETSTREAM_STATUS_OK);
    }
    drop((client, server));
    nothing_is_left();
}

#[test]
fn many_threads_open_call_and_close_together() {
    let _alone = alone();
    let server = Config::server().open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    let port = server.port();
    const CONNECTIONS: usize = 8;
    const CALLS: usize = 200;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..CONNECTIONS {
                let connection = server.accept().expect("accept");
                scope.spawn(move || {
                    while let Ok(stream) = connection.accept(JETSTREAM_STREAM_BIDIRECTIONAL) {
                        // The client may close the connection while the last answer is under way.
                        let Ok(question) = stream.receive_to_end() else { break };
                        let _ = stream.send(&question, JETSTREAM_SEND_FINISH);
                    }
                });
            }
        });
        for _ in 0..CONNECTIONS {
            let client = &client;
            scope.spawn(move || {
                let connection = client.connect(port, "localhost").expect("connect");
                let question = pattern(32);
                for _ in 0..CALLS {
                    let (stream, _) = connection
                        .open(JETSTREAM_STREAM_BIDIRECTIONAL, &question, JETSTREAM_SEND_FINISH)
                        .expect("open");
                    assert_eq!(stream.receive_to_end().expect("answer"), question);
                }
            });
        }
    });
    drop((client, server));
    nothing_is_left();
}
