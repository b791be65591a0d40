//! A server that lost its state says so, for ids of its own alone.

mod support;

use std::net::UdpSocket;

use support::{relay::Relay, *};

const KEY: &[u8] = &[42; 32];

fn server(change: impl FnOnce(&mut jetstream_endpoint_config), key: &[u8]) -> Endpoint {
    let mut config = Config::server().set(change);
    config.raw.reset_key = config.keep(key);
    config.open_server().expect("server")
}

/// What the client's connection ends with when `after` takes the place of its server.
fn outlives(before: &Endpoint, after: &Endpoint) -> Fault {
    let relay = Relay::new(before.port());
    let client = Config::client()
        .set(|raw| {
            raw.keep_alive_ms = 100;
            raw.idle_timeout_ms = 1500;
        })
        .open_client()
        .expect("client");
    let connection = client.connect(relay.port, "localhost").expect("connect");
    let accepted = before.accept().expect("accept");
    // Both sides have told their ids when a byte has gone each way.
    let stream = connection.open_bidirectional();
    stream.send(b"x", JETSTREAM_SEND_FINISH).expect("room");
    let theirs = accepted.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("live");
    theirs.send(b"y", JETSTREAM_SEND_FINISH).expect("room");
    assert_eq!(stream.receive_to_end().expect("whole"), b"y");
    // SAFETY: the error block is valid.
    done(|err| unsafe { jetstream_connection_keep_alive(connection.handle, 1, err) }).expect("live");
    relay.switch_to(after.port());
    connection.ended()
}

#[test]
fn a_server_that_came_back_with_its_key_ends_old_connections_at_once() {
    let (before, after) = (server(|_| {}, KEY), server(|_| {}, KEY));
    let fault = outlives(&before, &after);
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_STATELESS_RESET, "{fault:?}");
    assert!(after.info().stateless_resets >= 1);
}

#[test]
fn no_other_server_ends_them() {
    let before = server(|_| {}, KEY);
    let others = [
        ("another key", server(|_| {}, &[43; 32])),
        ("no key", server(|_| {}, b"")),
        ("another server id", server(|raw| raw.server_id = 1, KEY)),
    ];
    for (who, after) in others {
        let fault = outlives(&before, &after);
        assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_IDLE_TIMEOUT, "{who}: {fault:?}");
        assert_eq!(after.info().stateless_resets, 0, "{who}");
    }
}

#[test]
fn garbage_is_not_answered() {
    let server = server(|_| {}, KEY);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.connect(("127.0.0.1", server.port())).expect("connect");
    let dropped = server.info().datagrams_dropped;
    let mut number = 1u64;
    for _ in 0..1000 {
        // Short headers of all sizes with ids that nobody made.
        let mut datagram = vec![0x40; 40 + (number % 1000) as usize];
        for byte in &mut datagram[1..] {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = (number >> 56) as u8;
        }
        socket.send(&datagram).expect("sent");
    }
    // When a client has come in after them, the server has read them.
    let client = Config::client().open_client().expect("client");
    client.connect(server.port(), "localhost").expect("connect");
    assert_eq!(server.info().stateless_resets, 0);
    assert!(server.info().datagrams_dropped > dropped);
    socket.set_nonblocking(true).expect("legal");
    assert!(socket.recv(&mut [0; 2048]).is_err(), "an answer");
}

#[test]
fn a_short_key_is_refused() {
    let mut config = Config::server();
    config.raw.reset_key = config.keep([1; 31]);
    let fault = config.open_server().err().expect("too short");
    assert_eq!(fault.status, JETSTREAM_STATUS_INVALID_ARGUMENT);
    assert!(fault.message.contains("31"), "{}", fault.message);
}
