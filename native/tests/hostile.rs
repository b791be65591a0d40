//! What anyone can send to a server's port, and what a client that was let in can do to others.

mod support;

use std::{
    net::UdpSocket,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use support::{relay::Relay, *};

/// What a good client may have to wait while others misbehave.
const BEARABLE: Duration = Duration::from_secs(2);

fn socket(server: &Endpoint) -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.connect(("127.0.0.1", server.port())).expect("connect");
    socket
}

/// The server is alive, and has read everything that was sent before.
fn assert_serves(server: &Endpoint) {
    let client = Config::client().open_client().expect("client");
    let began = Instant::now();
    let connection = client.connect(server.port(), "localhost").expect("a good client");
    assert!(began.elapsed() < BEARABLE, "{:?}", began.elapsed());
    let accepted = server.accept().expect("accept");
    let (stream, _) = connection.open(JETSTREAM_STREAM_UNIDIRECTIONAL, b"hello", JETSTREAM_SEND_FINISH).expect("open");
    let theirs = accepted.accept(JETSTREAM_STREAM_UNIDIRECTIONAL).expect("accept");
    assert_eq!(theirs.receive_to_end().expect("whole"), b"hello");
    drop(stream);
}

fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut number = seed;
    std::iter::repeat_with(move || {
        number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (number >> 56) as u8
    })
}

#[test]
fn garbage_of_all_kinds_is_survived_and_not_answered() {
    let server = Config::server().open_server().expect("server");
    let socket = socket(&server);
    for round in 0..2000u64 {
        // Empty, tiny, and up to a full datagram, with the first bits of each kind of packet.
        let len = [0, 1, 7, 20, 21, 41, 300, 1199, 1200, 1472][round as usize % 10];
        let mut datagram: Vec<u8> = noise(round).take(len).collect();
        if let Some(first) = datagram.first_mut() {
            *first = [0x40, 0x80, 0xc0, 0xd0, 0xe0, 0xf0, 0x00][round as usize % 7] | (*first & 0x0f);
        }
        if len > 5 && round % 3 == 0 {
            // QUIC version 1, so that more of it is parsed.
            datagram[1..5].copy_from_slice(&[0, 0, 0, 1]);
        } else if len > 5 {
            // No version at all would be one to negotiate about, which is answered.
            datagram[1..5].copy_from_slice(&[0, 0, 0, 1]);
        }
        socket.send(&datagram).expect("sent");
    }
    assert_serves(&server);
    socket.set_nonblocking(true).expect("legal");
    let mut answer = [0; 2048];
    while let Ok(len) = socket.recv(&mut answer) {
        // A long header with an id that is too short, or too long, may be told so; nothing is amplified.
        assert!(len <= 1200, "{len} bytes");
    }
    assert_eq!(server.info().stateless_resets, 0);
    assert_eq!(server.info().established, 1, "the good client alone");
}

/// RFC 9000 section 6.1: one answer to a packet of a version that nobody speaks, if it is large enough; never a larger.
#[test]
fn unknown_versions_are_negotiated_without_amplification() {
    let server = Config::server().open_server().expect("server");
    let socket = socket(&server);
    socket.set_read_timeout(Some(BEARABLE)).expect("legal");
    let packet = |len: usize| {
        let mut packet = vec![0; len];
        packet[..7].copy_from_slice(&[0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1]);
        packet[14] = 8;
        packet
    };
    socket.send(&packet(1199)).expect("sent");
    socket.send(&packet(1200)).expect("sent");
    let mut answer = [0; 2048];
    let len = socket.recv(&mut answer).expect("an answer");
    assert!(len < 100, "{len}");
    assert_eq!(answer[1..5], [0; 4], "a version negotiation packet");
    for _ in 0..1000 {
        socket.send(&packet(1200)).expect("sent");
    }
    assert_serves(&server);
    socket.set_nonblocking(true).expect("legal");
    let mut answers = 0;
    while socket.recv(&mut answer).is_ok() {
        answers += 1;
    }
    assert!(answers <= 1000, "{answers} answers");
}

/// Real hellos that are never answered: they cost what as many half-open handshakes as are let in cost, and then a Retry each.
#[test]
fn handshakes_that_never_go_on_cost_retries_and_hold_up_nobody() {
    let server = Config::server().set(|raw| raw.retry_above = 32).open_server().expect("server");
    let relay = Relay::new(server.port());
    relay.mute();
    let flood = Config::client().open_client().expect("client");
    let attempts: Vec<_> = (0..100)
        .map(|_| {
            let (connect, mut connection) = (flood.begin_connect(relay.port, "localhost").expect("begun").0, 0);
            // SAFETY: the output is valid.
            let answer = once(|err| unsafe { jetstream_connect_poll(connect, &mut connection, err) });
            assert_eq!(answer, Ok(None), "nobody answers");
            connect
        })
        .collect();
    let end = Instant::now() + DEADLINE;
    while server.info().retries < 20 {
        assert!(Instant::now() < end, "{} retries", server.info().retries);
        std::thread::yield_now();
    }
    let info = server.info();
    // Handshakes of one datagram are under way until the Retry of the next is decided.
    assert!(info.connections <= 32, "{} connections", info.connections);
    assert_serves(&server);
    let (sent, answered) = relay.bytes();
    assert!(answered <= 3 * sent, "{answered} bytes for {sent}");
    attempts.into_iter().for_each(|connect| {
        jetstream_connect_free(connect);
    });
}

#[test]
fn a_token_is_of_no_use_to_others_nor_twice() {
    let server = Config::server().set(|raw| raw.retry_above = 0).open_server().expect("server");
    let relay = Relay::new(server.port());
    let client = Config::client().open_client().expect("client");
    let connection = client.connect(relay.port, "localhost").expect("after a retry");
    let accepted = server.accept().expect("accept");
    connection.close(0).expect("live");
    accepted.ended();
    drop((connection, accepted, client));
    // Initial packets with a token: type bits 0, and a token length that is not 0.
    let with_token: Vec<_> = relay
        .recorded()
        .into_iter()
        .filter(|datagram| {
            let dcid = usize::from(datagram[5]);
            let scid = datagram.get(6 + dcid).map_or(0, |len| usize::from(*len));
            datagram[0] & 0xf0 == 0xc0 && datagram.get(7 + dcid + scid).is_some_and(|len| *len != 0)
        })
        .collect();
    assert!(!with_token.is_empty(), "the client came with a token");
    let established = server.info().established;
    let stranger = socket(&server);
    let end = Instant::now() + DEADLINE;
    // Until s2n-quic has forgotten the connection whose id they carry.
    while server.info().refused_token == 0 {
        assert!(Instant::now() < end, "never refused: {} dropped", server.info().datagrams_dropped);
        for datagram in &with_token {
            stranger.send(datagram).expect("sent");
        }
        std::thread::yield_now();
    }
    assert_eq!(server.info().established, established);
    assert_serves(&server);
}

/// A peer that asks and never reads holds what the windows and budgets allow, and no more.
#[test]
fn peers_that_do_not_read_hold_a_bounded_amount() {
    let server = Config::server().set(|raw| raw.max_endpoint_send_buffered = 4 << 20).open_server().expect("server");
    let client = Config::client()
        .set(|raw| {
            raw.connection_window = 64 << 10;
            raw.stream_window = 128 << 10;
        })
        .open_client()
        .expect("client");
    let mut kept = Vec::new();
    let block = vec![0; 1 << 20];
    let mut most = 0;
    for _ in 0..12 {
        let asks = client.connect(server.port(), "localhost").expect("connect");
        let asked = server.accept().expect("accept");
        let answer = asked.open_bidirectional();
        while answer.try_send(&block, 0).expect("live").is_some() {}
        most = most.max(server.info().send_buffered);
        kept.push((asks, asked, answer));
    }
    // One chunk may go beyond.
    assert!(most <= 5 << 20, "{most}");
    assert_serves_small(&server, &client);
    drop(kept);
}

fn assert_serves_small(server: &Endpoint, client: &Endpoint) {
    // The endpoint's budget is used up; what is received still comes in.
    let connection = client.connect(server.port(), "localhost").expect("connect");
    let accepted = server.accept().expect("accept");
    connection.open(JETSTREAM_STREAM_UNIDIRECTIONAL, b"hello", JETSTREAM_SEND_FINISH).expect("open");
    assert!(accepted.accept(JETSTREAM_STREAM_UNIDIRECTIONAL).is_ok());
}

/// CVE-2023-44487 in QUIC: what is opened and reset at once is bounded by what the server accepts.
#[test]
fn streams_that_are_opened_and_reset_hold_up_nobody() {
    let pair = Pair::new();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let opened = scope.spawn(|| {
            let mut opened = 0u64;
            while !stop.load(Ordering::Relaxed) {
                // Dropped unfinished: reset and stopped.
                drop(pair.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"x", 0).expect("live"));
                opened += 1;
            }
            opened
        });
        // To the end of the connection: only what is accepted gives the peer's credit back.
        scope.spawn(|| while pair.there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).is_ok() {});
        let end = Instant::now() + Duration::from_millis(700);
        while Instant::now() < end {
            assert_serves(&pair.server);
        }
        stop.store(true, Ordering::Relaxed);
        assert!(opened.join().expect("no panic") > 1000);
        pair.here.close(0).expect("live");
    });
}
