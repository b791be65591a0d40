//! Who gets in and who does not, and what both sides are told.

mod support;

use std::time::{Duration, Instant};

use support::*;

/// What issue 3 allows a refusal to take.
const QUICK: Duration = Duration::from_secs(1);

fn text(field: &[u8]) -> &str {
    std::ffi::CStr::from_bytes_until_nul(field).expect("ended by NUL").to_str().expect("UTF-8")
}

/// Connects `client` to `server`, expects a refusal, and tells it with how long it took and what the server noted.
fn refused(server: &Config, client: &Config, name: &str) -> (Fault, Duration, Option<String>) {
    let server = server.open_server().expect("server");
    let client = client.open_client().expect("client");
    let port = server.port();
    let begin = Instant::now();
    let fault = client.connect(port, name).err().expect("must be refused");
    let took = begin.elapsed();
    let noted = server.refusal();
    eprintln!("{took:?} {fault:?} server: {noted:?}");
    (fault, took, noted)
}

#[test]
fn both_sides_of_mutual_tls_see_the_other() {
    let pair = Pair::new();
    for (end, peer) in [(&pair.here, &support::pki::get().server), (&pair.there, &support::pki::get().client)] {
        let tls = end.tls();
        assert_eq!(&tls.alpn[..tls.alpn_len as usize], b"jetstream");
        assert_eq!(text(&tls.server_name), "localhost");
        eprintln!("{} {} {}", text(&tls.cipher_suite), text(&tls.key_exchange_group), text(&tls.signature_scheme));
        assert!(text(&tls.cipher_suite).starts_with("TLS_"), "{}", text(&tls.cipher_suite));
        assert_eq!(tls.post_quantum, 1, "{}", text(&tls.key_exchange_group));
        // What s2n-tls has validated, up to the trusted issuer.
        assert!(end.peer_chain().starts_with(&peer.der));
    }
    let (local, remote) = pair.here.addresses().expect("live");
    let (their_local, their_remote) = pair.there.addresses().expect("live");
    assert_eq!((local.port, remote.port), (their_remote.port, their_local.port));
}

#[test]
fn a_server_is_known_by_its_ip_address_too() {
    let server = Config::server().open_server().expect("server");
    let client = Config::client().open_client().expect("client");
    for name in ["127.0.0.1", "::1"] {
        client.connect(server.port(), name).expect("the certificate names both");
    }
    let fault = client.connect(server.port(), "127.0.0.2").err().expect("named nowhere");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
}

#[test]
fn a_client_without_a_certificate_is_refused_at_once() {
    let (fault, took, noted) = refused(&Config::server(), &Config::client().no_identity(), "localhost");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
    assert_eq!(fault.initiator, JETSTREAM_INITIATOR_REMOTE);
    assert!(took < QUICK, "{took:?}");
    assert!(noted.is_some());
}

#[test]
fn a_client_of_a_strangers_ca_is_refused_at_once() {
    let stranger = Config::client().identity(&support::pki::get().stranger);
    let (fault, took, noted) = refused(&Config::server(), &stranger, "localhost");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
    assert_eq!(fault.initiator, JETSTREAM_INITIATOR_REMOTE);
    assert!(took < QUICK, "{took:?}");
    assert!(noted.is_some());
}

#[test]
fn an_expired_client_certificate_is_refused_at_once() {
    let expired = Config::client().identity(&support::pki::get().expired);
    let (fault, took, noted) = refused(&Config::server(), &expired, "localhost");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
    assert_eq!(fault.initiator, JETSTREAM_INITIATOR_REMOTE);
    assert!(took < QUICK, "{took:?}");
    assert!(noted.is_some());
}

#[test]
fn a_server_of_another_name_is_refused_by_the_client() {
    let (fault, took, _) = refused(&Config::server(), &Config::client(), "elsewhere.test");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
    assert_eq!(fault.initiator, JETSTREAM_INITIATOR_LOCAL);
    assert!(took < QUICK, "{took:?}");
}

#[test]
fn an_untrusted_server_is_refused_by_the_client() {
    let client = Config::client().trust(&support::pki::get().stranger_ca);
    let (fault, took, _) = refused(&Config::server(), &client, "localhost");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
    assert_eq!(fault.initiator, JETSTREAM_INITIATOR_LOCAL);
    assert!(took < QUICK, "{took:?}");
}

/// A hello with a post-quantum key share takes two datagrams, one without takes one: s2n-quic by itself leaves the
/// second kind of client waiting for its handshake timeout.
#[test]
fn a_client_of_another_protocol_is_told_so_at_once() {
    for policy in ["20250721", "default_tls13"] {
        for retry_above in [0, 256] {
            let mut server = Config::server().set(|raw| raw.retry_above = retry_above);
            let mut client = Config::client().alpn("other");
            server.raw.security_policy = server.keep(policy);
            client.raw.security_policy = client.keep(policy);
            let (fault, took, noted) = refused(&server, &client, "localhost");
            assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
            assert_eq!((fault.initiator, fault.code), (JETSTREAM_INITIATOR_REMOTE, 0x178));
            assert!(fault.message.contains("ALPN"), "{}", fault.message);
            assert!(took < QUICK, "{took:?}");
            assert_eq!(noted.as_deref(), Some("No application protocol in common"));
        }
    }
}

// r[verify security.1.29]
#[test]
fn a_client_of_another_security_policy_is_refused_at_once() {
    let mut server = Config::server().set(|raw| raw.client_auth = JETSTREAM_CLIENT_AUTH_NONE);
    let mut client = Config::client().no_identity();
    server.raw.security_policy = server.keep("20250721");
    // Asks for signatures that a P-256 certificate cannot give.
    client.raw.security_policy = client.keep("CNSA_2");
    let (fault, took, noted) = refused(&server, &client, "localhost");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
    assert!(took < QUICK, "{took:?}");
    assert!(noted.is_some());
}

#[test]
fn a_server_that_asks_politely_lets_clients_without_a_certificate_in() {
    let server = Config::server().set(|raw| raw.client_auth = JETSTREAM_CLIENT_AUTH_OPTIONAL);
    let pair = Pair::with(&server, &Config::client().no_identity());
    assert!(pair.there.peer_chain().is_empty());
    let pair = Pair::with(&server, &Config::client());
    assert!(pair.there.peer_chain().starts_with(&support::pki::get().client.der));
}

#[test]
fn a_server_that_asks_politely_refuses_a_bad_certificate_all_the_same() {
    let server = Config::server().set(|raw| raw.client_auth = JETSTREAM_CLIENT_AUTH_OPTIONAL);
    let stranger = Config::client().identity(&support::pki::get().stranger);
    let (fault, took, _) = refused(&server, &stranger, "localhost");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
    assert!(took < QUICK, "{took:?}");
}

#[test]
fn a_server_that_does_not_ask_sees_no_certificate() {
    let server = Config::server().set(|raw| raw.client_auth = JETSTREAM_CLIENT_AUTH_NONE);
    let pair = Pair::with(&server, &Config::client());
    assert!(pair.there.peer_chain().is_empty());
}

// r[verify security.1.18]
#[test]
fn nobody_at_the_other_end_is_a_timeout() {
    let nobody = std::net::UdpSocket::bind("127.0.0.1:0").expect("bind");
    let client = Config::client().set(|raw| raw.handshake_timeout_ms = 200).open_client().expect("client");
    let port = nobody.local_addr().expect("bound").port();
    let fault = client.connect(port, "localhost").err().expect("nobody answers");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_TIMEOUT);
}
