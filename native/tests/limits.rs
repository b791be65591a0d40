//! Every limit holds, and says so by its name.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};

use support::{relay::Relay, *};

#[test]
fn claims_stop_at_their_limits() {
    let client = Config::client().set(|raw| {
        raw.max_claim = 1000;
        raw.max_claimed = 2500;
    });
    let pair = Pair::with(&Config::server(), &client);
    let (ours, _theirs) = pair.stream();
    for len in [0, 1001, usize::MAX] {
        assert_eq!(ours.claim(len).err().expect("out of range").status, JETSTREAM_STATUS_INVALID_ARGUMENT);
    }
    let first = ours.claim(1000).expect("within the limit");
    let _second = ours.claim(1000).expect("within the limit");
    let fault = ours.claim(501).err().expect("above the limit");
    assert_eq!(fault.status, JETSTREAM_STATUS_LIMIT);
    assert!(fault.message.contains("2500"), "{}", fault.message);
    for len in [499, 500] {
        drop(ours.claim(len).expect("to the last byte"));
    }
    drop(first);
    let fits = ours.claim(501).expect("there is room again");
    ours.commit(&fits, 501, 0).expect("room");
    let _fits = ours.claim(1000).expect("a committed claim counts no more");
    let over = ours.commit(&fits, 1, 0).expect_err("consumed");
    assert_eq!(over.status, JETSTREAM_STATUS_CLOSED);
    let fault = ours.commit(&_second, 1001, 0).expect_err("longer than the claim");
    assert_eq!(fault.status, JETSTREAM_STATUS_INVALID_ARGUMENT);
    ours.commit(&_second, 1000, 0).expect("the claim is whole after a refusal");
}

#[test]
fn leases_stop_at_their_limit() {
    let client = Config::client().set(|raw| raw.max_leased = 1);
    let pair = Pair::with(&Config::server(), &client);
    let (ours, theirs) = pair.stream();
    theirs.send(b"first", 0).expect("room");
    let (lease, _) = ours.lease().expect("the first");
    theirs.send(b"second", JETSTREAM_SEND_FINISH).expect("room");
    let fault = ours.lease().err().expect("above the limit");
    assert_eq!(fault.status, JETSTREAM_STATUS_LIMIT);
    let mut copied = [0; 6];
    assert_eq!(ours.receive(&mut copied).expect("copies are not leases").0, 6);
    assert_eq!(&copied, b"second");
    assert_eq!(lease.chunks().collect::<Vec<_>>().concat(), b"first");
    drop(lease);
    assert!(ours.lease().expect("there is room again").1, "the end");
}

// r[verify security.1.19]
// r[verify security.1.25]
#[test]
fn connections_stop_at_their_limit() {
    let server = Config::server().set(|raw| raw.max_connections = 2).open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    let first = client.connect(server.port(), "localhost").expect("the first");
    let _second = client.connect(server.port(), "localhost").expect("the second");
    let fault = client.connect(server.port(), "localhost").err().expect("one too many");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_TRANSPORT);
    // CONNECTION_REFUSED (RFC 9000 section 20.1).
    assert_eq!((fault.initiator, fault.code), (JETSTREAM_INITIATOR_REMOTE, 2));
    assert!(fault.message.contains("refused"), "{}", fault.message);
    assert!(server.info().refused_connections >= 1);
    first.close(0).expect("live");
    server.accept().expect("accept").ended();
    client.connect(server.port(), "localhost").expect("the place of a connection that has ended is free");
}

// r[verify security.1.19]
#[test]
fn a_server_that_asks_for_a_retry_is_still_reached() {
    let server = Config::server().set(|raw| raw.retry_above = 0);
    let pair = Pair::with(&server, &Config::client());
    let (ours, theirs) = pair.stream();
    ours.send(b"after a retry", JETSTREAM_SEND_FINISH).expect("room");
    assert_eq!(theirs.receive_to_end().expect("whole"), b"after a retry");
    assert!(pair.server.info().retries >= 1);
}

#[test]
fn two_threads_in_a_data_call_on_one_direction_are_told() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    let (stop, busy) = (AtomicBool::new(false), AtomicBool::new(false));
    let block = vec![0; 1 << 20];
    let end = std::time::Instant::now() + DEADLINE;
    std::thread::scope(|scope| {
        // Reads and forgets, so that the senders always copy.
        scope.spawn(|| while theirs.lease().is_ok_and(|(_, end)| !end) {});
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) && std::time::Instant::now() < end {
                    if let Err(fault) = ours.try_send(&block, 0) {
                        assert_eq!(fault.status, JETSTREAM_STATUS_BUSY, "{fault:?}");
                        busy.store(true, Ordering::Relaxed);
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
        while !stop.load(Ordering::Relaxed) && std::time::Instant::now() < end {
            std::thread::yield_now();
        }
        ours.reset(0).expect("a control call waits for the data call, and is never busy");
    });
    assert!(busy.load(Ordering::Relaxed), "two senders were never told");
}

// r[verify security.1.25]
#[test]
fn what_nobody_reads_is_held_back_by_the_windows() {
    let server = Config::server().set(|raw| {
        raw.connection_window = 100_000;
        raw.stream_window = 60_000;
    });
    let client = Config::client().set(|raw| raw.send_buffer = 50_000);
    let pair = Pair::with(&server, &client);
    let (ours, theirs) = pair.stream();
    let sent = pattern(1 << 20);
    let mut taken = 0;
    // Up to the window and the send buffer, and one copy more: s2n-quic takes what one byte of room allows.
    let limit = 60_000 + 2 * 50_000;
    loop {
        match ours.try_send(&sent[taken..], 0).expect("live") {
            Some(accepted) => taken += accepted,
            None if !woken_within(ours.token | JETSTREAM_WAKE_STREAM_SEND, std::time::Duration::from_millis(300)) => {
                break;
            }
            None => {}
        }
        assert!(taken <= limit, "{taken} bytes were taken");
    }
    drop(theirs);
}

/// Nothing is acknowledged, so all that was taken is kept.
// r[verify security.1.25]
#[test]
fn sending_waits_at_the_last_byte_of_each_budget() {
    const N: usize = 5000;
    type Set = fn(&mut jetstream_endpoint_config);
    // What else has no room then: another stream of the connection, and one of another connection.
    let cases: [(&str, Set, [Option<usize>; 2]); 3] = [
        ("send_buffer", |raw| raw.send_buffer = N as u32, [Some(1), Some(1)]),
        ("max_send_buffered", |raw| raw.max_send_buffered = N as u64, [None, Some(1)]),
        ("max_endpoint_send_buffered", |raw| raw.max_endpoint_send_buffered = N as u64, [None, None]),
    ];
    for (name, set, others) in cases {
        let server = Config::server().open_server().expect("server");
        let client = Config::client().set(set).open_client().expect("client");
        let relay = Relay::new(server.port());
        let connections = [(); 2].map(|()| client.connect(relay.port, "localhost").expect("connect"));
        let stream = connections[0].open_bidirectional();
        let more = [connections[0].open_bidirectional(), connections[1].open_bidirectional()];
        relay.mute();
        assert_eq!(stream.try_send(&[0; N - 1], 0), Ok(Some(N - 1)), "{name}");
        assert_eq!(stream.try_send(&[0; 2], 0), Ok(Some(1)), "{name}: one byte is left");
        assert_eq!(stream.try_send(&[0; 1], 0), Ok(None), "{name}");
        assert_eq!(client.info().send_buffered, N as u64, "{name}");
        assert_eq!(more.each_ref().map(|it| it.try_send(&[0; 1], 0).expect("live")), others, "{name}");
    }
}

// r[verify security.1.18]
#[test]
fn a_connection_that_hears_nothing_ends_by_itself() {
    let client = Config::client().set(|raw| raw.idle_timeout_ms = 100);
    let pair = Pair::with(&Config::server(), &client);
    // The shorter of both ends' timeouts counts for both (RFC 9000 section 10.1).
    for end in [&pair.here, &pair.there] {
        let fault = end.ended();
        assert_eq!(
            (fault.status, fault.initiator),
            (JETSTREAM_STATUS_CONNECTION_IDLE_TIMEOUT, JETSTREAM_INITIATOR_LOCAL)
        );
    }
}

#[test]
fn the_kernel_s_grant_of_socket_buffers_is_told() {
    let server = Config::server().open_server().expect("server");
    let info = server.info();
    assert!(info.socket_receive_buffer > 0 && info.socket_send_buffer > 0);
    assert_eq!(info.local_address.family, 4);
    assert_ne!(info.local_address.port, 0);
}

/// The end of an answer is acknowledged after 16 seconds here, unless something else is sent.
#[test]
fn who_waits_for_a_stream_does_not_wait_for_a_delayed_acknowledgement() {
    let server = Config::server().set(|raw| raw.max_remote_bidirectional = 1);
    let client = Config::client().set(|raw| raw.max_ack_delay_ms = 16_383);
    let pair = Pair::with(&server, &client);
    let answer_next = || {
        let asked = pair.there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("a stream");
        assert_eq!(asked.receive_to_end().expect("a request"), b"question");
        asked.send(b"answer", JETSTREAM_SEND_FINISH).expect("room");
    };
    let ask = || pair.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"question", JETSTREAM_SEND_FINISH).expect("open").0;
    let answered = |stream: &Stream| assert_eq!(stream.receive_to_end().expect("an answer"), b"answer");
    // The end was read before the next is opened.
    for _ in 0..3 {
        let asked = ask();
        answer_next();
        answered(&asked);
    }
    // The next waits already when the end is read.
    let asked = ask();
    std::thread::scope(|scope| {
        let next = scope.spawn(ask);
        answer_next();
        answered(&asked);
        answer_next();
        answered(&next.join().expect("asked"));
    });
}
