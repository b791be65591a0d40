//! Bad certificates and keys are told apart before anything is bound.

mod support;

use support::{
    pki::{Identity, get},
    *,
};

/// Opens a server with this identity; the port is one that is taken, so that binding first would answer that.
fn refused(chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Fault {
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").expect("bind");
    let port = taken.local_addr().expect("bound").port();
    let config = Config::server().pem(chain, key).set(|raw| raw.bind = loopback(port));
    let server = config.open_server().err().expect("a server must refuse it");
    let client = Config::client().pem(chain_of(&config), key_of(&config)).set(|raw| raw.bind = loopback(port));
    let client = client.open_client().err().expect("a client must refuse it");
    if server.message != client.message {
        assert!(server.message.contains("a server needs a certificate"), "{server:?} {client:?}");
    }
    eprintln!("{} {}", server.status, server.message);
    server
}

fn chain_of(config: &Config) -> &[u8] {
    // SAFETY: `config` keeps what it points to.
    unsafe { slice(&config.raw.identity_chain_pem) }
}

fn key_of(config: &Config) -> &[u8] {
    // SAFETY: as above.
    unsafe { slice(&config.raw.identity_key_pem) }
}

/// # Safety
///
/// What `bytes` points to lives as long as it.
unsafe fn slice(bytes: &jetstream_bytes) -> &[u8] {
    // SAFETY: the caller's promise.
    if bytes.len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(bytes.data, bytes.len) } }
}

fn server() -> &'static Identity {
    &get().server
}

#[test]
fn an_encrypted_key_is_refused_by_name() {
    let fault = refused(&server().chain, server().key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    assert_eq!(fault.status, JETSTREAM_STATUS_TLS_PRIVATE_KEY);
    assert!(fault.message.contains("encrypted"), "{}", fault.message);
    let old = server().key.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n");
    let fault = refused(&server().chain, old);
    assert_eq!(fault.status, JETSTREAM_STATUS_TLS_PRIVATE_KEY);
    assert!(fault.message.contains("encrypted"), "{}", fault.message);
}

#[test]
fn a_key_that_is_not_pem_is_refused() {
    for key in [&b"no key"[..], &server().key_der, b"\0\0\0", &server().key.as_bytes()[..60]] {
        assert_eq!(refused(&server().chain, key).status, JETSTREAM_STATUS_TLS_PRIVATE_KEY);
    }
}

#[test]
fn a_chain_that_is_not_pem_is_refused() {
    for chain in [&b"no certificate"[..], &server().der, b"\0\0\0", &server().chain.as_bytes()[..90]] {
        assert_eq!(refused(chain, &server().key).status, JETSTREAM_STATUS_TLS_CERTIFICATE);
    }
}

#[test]
fn swapped_files_are_refused_as_a_bad_chain() {
    assert_eq!(refused(&server().key, &server().chain).status, JETSTREAM_STATUS_TLS_CERTIFICATE);
}

#[test]
fn the_key_of_another_certificate_is_refused_as_a_mismatch() {
    assert_eq!(refused(&server().chain, &get().client.key).status, JETSTREAM_STATUS_TLS_KEY_MISMATCH);
}

#[test]
fn half_an_identity_is_refused() {
    assert_eq!(refused(&server().chain, "").status, JETSTREAM_STATUS_INVALID_ARGUMENT);
    assert_eq!(refused("", &server().key).status, JETSTREAM_STATUS_INVALID_ARGUMENT);
}

#[test]
fn a_server_without_an_identity_is_refused() {
    let fault = Config::server().no_identity().open_server().err().expect("refused");
    assert_eq!(fault.status, JETSTREAM_STATUS_INVALID_ARGUMENT);
    assert!(fault.message.contains("identity_chain_pem"), "{}", fault.message);
}

#[test]
fn trust_that_is_not_certificates_is_refused() {
    for trust in
        [&b"no certificate"[..], &server().der, b"\0", server().key.as_bytes(), &server().chain.as_bytes()[..90]]
    {
        let fault = Config::server().trust(trust).open_server().err().expect("refused");
        eprintln!("{} {}", fault.status, fault.message);
        assert_eq!(fault.status, JETSTREAM_STATUS_TLS_TRUST);
        let fault = Config::client().trust(trust).open_client().err().expect("refused");
        assert_eq!(fault.status, JETSTREAM_STATUS_TLS_TRUST);
    }
}

#[test]
fn no_trust_is_refused_where_somebody_must_be_judged() {
    for fault in [Config::server().trust("").open_server().err(), Config::client().trust("").open_client().err()] {
        let fault = fault.expect("refused");
        assert_eq!(fault.status, JETSTREAM_STATUS_INVALID_ARGUMENT);
        assert!(fault.message.contains("trust_pem"), "{}", fault.message);
    }
    let nobody = Config::server().trust("").set(|raw| raw.client_auth = JETSTREAM_CLIENT_AUTH_NONE);
    nobody.open_server().expect("a server that asks for no certificate judges nobody");
}

#[test]
fn an_unknown_security_policy_is_refused() {
    for policy in ["", "no such policy", "20250721\0"] {
        let mut config = Config::server();
        config.raw.security_policy = config.keep(policy);
        let fault = config.open_server().err().expect("refused");
        eprintln!("{} {}", fault.status, fault.message);
        assert_eq!(fault.status, JETSTREAM_STATUS_TLS_POLICY);
    }
}

#[test]
fn a_taken_port_is_refused_by_name() {
    let taken = std::net::UdpSocket::bind("127.0.0.1:0").expect("bind");
    let port = taken.local_addr().expect("bound").port();
    let fault = Config::server().set(|raw| raw.bind = loopback(port)).open_server().err().expect("refused");
    assert_eq!(fault.status, JETSTREAM_STATUS_ADDRESS_IN_USE);
    assert_eq!(fault.code, 98 /* EADDRINUSE on Linux */);
    assert!(fault.message.contains(&format!("127.0.0.1:{port}")), "{}", fault.message);
}

#[test]
fn an_address_of_another_machine_is_refused_by_name() {
    let mut elsewhere = loopback(0);
    // A documentation address (RFC 5737): no machine has it.
    elsewhere.ip[..4].copy_from_slice(&[192, 0, 2, 1]);
    let fault = Config::server().set(|raw| raw.bind = elsewhere).open_server().err().expect("refused");
    assert_eq!(fault.status, JETSTREAM_STATUS_ADDRESS_NOT_AVAILABLE);
}

#[test]
fn no_message_shows_a_piece_of_a_key() {
    let secret = server().key.lines().nth(1).expect("base64").to_owned();
    for (chain, key) in [(&server().key, &server().chain), (&get().client.chain, &server().key)] {
        let message = refused(chain, key).message;
        assert!(
            !secret.as_bytes().windows(8).any(|piece| message.as_bytes().windows(8).any(|at| at == piece)),
            "{message}"
        );
    }
}
