//! Who gets in: each limit on its own, with and without a Retry, over one endpoint and over several.

mod support;

use support::*;

fn refused(client: &Endpoint, server: &Endpoint) -> Fault {
    client.connect(server.port(), "localhost").err().expect("one too many")
}

fn assert_refused(fault: &Fault) {
    // CONNECTION_REFUSED (RFC 9000 section 20.1).
    let expected = (JETSTREAM_STATUS_CONNECTION_TRANSPORT, JETSTREAM_INITIATOR_REMOTE, 2);
    assert_eq!((fault.status, fault.initiator, fault.code), expected, "{fault:?}");
}

type Set = fn(&mut jetstream_endpoint_config, u64);
type Count = fn(&jetstream_endpoint_info) -> u64;

/// The rest, at the edge and with tokens, is in the unit tests of `admission`.
#[test]
fn each_limit_lets_in_what_it_says_and_counts_what_it_refuses() {
    let cases: [(&str, u64, Set, Count); 4] = [
        ("max_connections", 2, |raw, n| raw.max_connections = n, |info| info.refused_connections),
        (
            "max_connections_per_source",
            2,
            |raw, n| raw.max_connections_per_source = n,
            |info| info.refused_connections_per_source,
        ),
        ("max_unaccepted", 2, |raw, n| raw.max_unaccepted = n, |info| info.refused_unaccepted),
        ("max_handshakes", 0, |raw, n| raw.max_handshakes = n, |info| info.refused_handshakes),
    ];
    for (name, n, set, count) in cases {
        let server = Config::server().set(|raw| set(raw, n)).open_server().expect("server");
        let client = Config::client().open_client().expect("client");
        let kept: Vec<_> =
            (0..n).map(|_| client.connect(server.port(), "localhost").expect("within the limit")).collect();
        assert_eq!(count(&server.info()), 0, "{name}");
        assert_refused(&refused(&client, &server));
        assert!(count(&server.info()) >= 1, "{name}");
        drop(kept);
    }
}

#[test]
fn zero_is_nobody() {
    let cases: [(&str, Set, Count); 4] = [
        ("max_connections", |raw, n| raw.max_connections = n, |info| info.refused_connections),
        ("connection_rate", |raw, n| raw.connection_rate = n, |info| info.refused_rate),
        (
            "connection_rate_per_source",
            |raw, n| raw.connection_rate_per_source = n,
            |info| info.refused_rate_per_source,
        ),
        ("max_native_bytes", |raw, n| raw.max_native_bytes = n, |info| info.refused_native_bytes),
    ];
    let client = Config::client().open_client().expect("client");
    for (name, set, count) in cases {
        let server = Config::server().set(|raw| set(raw, 0)).open_server().expect("server");
        assert_refused(&refused(&client, &server));
        assert!(count(&server.info()) >= 1, "{name}");
    }
}

#[test]
fn a_token_gets_round_no_limit() {
    let server = Config::server()
        .set(|raw| {
            raw.retry_above = 0;
            raw.max_connections = 1;
        })
        .open_server()
        .expect("server");
    let client = Config::client().open_client().expect("client");
    let first = client.connect(server.port(), "localhost").expect("after a retry");
    assert!(server.info().retries >= 1);
    assert_refused(&refused(&client, &server));
    drop(first);
}

/// What comes back with a token when the rate of those without is used up counts in a rate of its own.
#[test]
fn who_comes_too_fast_has_to_prove_itself() {
    let server = Config::server().set(|raw| raw.connection_rate_per_source = 1).open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    let mut kept = vec![client.connect(server.port(), "localhost").expect("the first")];
    while server.info().retries == 0 {
        kept.push(client.connect(server.port(), "localhost").expect("proven, or a second later"));
    }
}

#[test]
fn a_place_in_the_queue_is_free_when_its_connection_is_taken() {
    let server = Config::server().set(|raw| raw.max_unaccepted = 1).open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    let _first = client.connect(server.port(), "localhost").expect("the first");
    assert_refused(&refused(&client, &server));
    let _taken = server.accept().expect("the first");
    let _second = client.connect(server.port(), "localhost").expect("there is room again");
}

#[test]
fn limits_hold_over_all_endpoints_that_share_them() {
    let first = Config::server().set(|raw| raw.max_connections = 1).open_server().expect("server");
    let second = Config::server().set(|raw| raw.limits_of = first.handle).open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    let kept = client.connect(first.port(), "localhost").expect("the first");
    assert_refused(&refused(&client, &second));
    assert!(second.info().refused_connections >= 1);
    kept.close(0).expect("live");
    first.accept().expect("accept").ended();
    client.connect(second.port(), "localhost").expect("room again");
}

fn deny(server: &Endpoint, blocks: &[jetstream_address]) -> Result<(), Fault> {
    // SAFETY: the blocks are valid.
    done(|err| unsafe { jetstream_server_deny(server.handle, blocks.as_ptr(), blocks.len(), err) })
}

#[test]
fn denied_addresses_get_no_answer() {
    let server = Config::server().open_server().expect("server");
    let client = Config::client().set(|raw| raw.handshake_timeout_ms = 200).open_client().expect("client");
    let mut everything_local = loopback(8);
    deny(&server, &[everything_local]).expect("a block");
    let fault = refused(&client, &server);
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_TIMEOUT, "{fault:?}");
    assert!(server.info().refused_address >= 1);
    everything_local.port = 33;
    assert_eq!(deny(&server, &[everything_local]).expect_err("bits").status, JETSTREAM_STATUS_INVALID_ARGUMENT);
    deny(&server, &[]).expect("nobody");
    client.connect(server.port(), "localhost").expect("forgotten");
    let of_client = deny(&client, &[]).expect_err("a client");
    assert_eq!(of_client.status, JETSTREAM_STATUS_WRONG_KIND);
}

#[test]
fn a_draining_server_keeps_what_it_has() {
    let pair = Pair::new();
    // SAFETY: the error block is valid.
    done(|err| unsafe { jetstream_server_drain(pair.server.handle, err) }).expect("a live server");
    assert_refused(&refused(&pair.client, &pair.server));
    let (ours, theirs) = pair.stream();
    ours.send(b"still here", JETSTREAM_SEND_FINISH).expect("room");
    assert_eq!(theirs.receive_to_end().expect("whole"), b"still here");
    assert!(pair.server.info().refused_draining >= 1);
}

#[test]
fn streams_are_accepted_at_their_rate() {
    let pair = Pair::with(&Config::server().set(|raw| raw.stream_rate = 20), &Config::client());
    let began = std::time::Instant::now();
    let ours: Vec<_> =
        (0..30).map(|_| pair.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"x", 0).expect("live")).collect();
    let theirs: Vec<_> = (0..30).map(|_| pair.there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("live")).collect();
    assert_eq!(theirs.len(), ours.len());
    // Twenty at once, and ten more in half a second; never faster.
    assert!(began.elapsed() >= std::time::Duration::from_millis(480), "{:?}", began.elapsed());
}

#[test]
fn who_waits_for_its_turn_to_accept_hears_the_end() {
    let pair = Pair::with(&Config::server().set(|raw| raw.stream_rate = 0), &Config::client());
    let _stream = pair.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"x", 0).expect("live");
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| pair.there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).err().expect("never accepted"));
        pair.here.close(7).expect("live");
        let fault = waits.join().expect("no panic");
        assert_eq!((fault.status, fault.code), (JETSTREAM_STATUS_CONNECTION_APPLICATION, 7));
    });
}

#[test]
fn unacknowledged_bytes_stop_at_the_connection_s_limit() {
    let server = Config::server().set(|raw| {
        raw.connection_window = 1 << 20;
        raw.stream_window = 2 << 20;
    });
    let client = Config::client().set(|raw| raw.max_send_buffered = 100_000);
    let pair = Pair::with(&server, &client);
    let block = vec![0; 60_000];
    let mut streams = Vec::new();
    // Nobody reads: windows fill, and then what is kept here.
    let held = loop {
        let stream = pair.here.open_bidirectional();
        let mut taken = 0;
        while let Some(accepted) = stream.try_send(&block, 0).expect("live") {
            taken += accepted;
        }
        streams.push(stream);
        let held = pair.client.info().send_buffered;
        assert!(held <= 200_000, "{held}");
        if taken == 0 && streams.len() > 40 {
            break held;
        }
    };
    assert!(held >= 100_000, "{held}");
    // Room comes back to the connection's other streams when the bytes are gone.
    let last = streams.pop().expect("many");
    drop(streams);
    last.send(b"goes on", JETSTREAM_SEND_FINISH).expect("room again");
}

/// Enough for an attempt to be judged, and nothing that could be decrypted.
fn no_initial() -> Vec<u8> {
    // RFC 9000 section 17.2.2: a long header of version 1, an id of eight bytes, one of none, no token, and the rest.
    let mut packet = vec![0xc0, 0, 0, 0, 1, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0];
    let rest = 1200 - packet.len() - 2;
    packet.extend((0x4000 | rest as u16).to_be_bytes());
    packet.resize(1200, 0xa5);
    packet
}

#[test]
fn an_attempt_that_becomes_no_connection_takes_nobody_s_place() {
    let server = Config::server().set(|raw| raw.max_connections = 1).open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    let stranger = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    // The client's packets come after it, to the same socket.
    stranger.send_to(&no_initial(), ("127.0.0.1", server.port())).expect("sent");
    let first = client.connect(server.port(), "localhost").expect("there is room for one");
    assert_eq!(server.info().refused_connections, 0);
    drop(first);
}
