//! What the named security policies offer on the wire: a snapshot, so that no update changes it unseen.

use std::sync::{Arc, Mutex};

use s2n_quic::{
    Client, Server,
    client::Connect,
    provider::{
        event::{ConnectionInfo, ConnectionMeta, Subscriber, events::TlsClientHello},
        tls::s2n_tls::{self, security::Policy},
    },
};

use tokio::sync::Notify;

use super::*;

type Hello = Arc<Mutex<Vec<u8>>>;

struct Recorder(Hello, Arc<Notify>);

impl Subscriber for Recorder {
    type ConnectionContext = ();

    fn create_connection_context(&mut self, _: &ConnectionMeta, _: &ConnectionInfo) {}

    fn on_tls_client_hello(&mut self, _: &mut (), _: &ConnectionMeta, event: &TlsClientHello) {
        *self.0.lock().expect("no panic") = event.payload.concat();
        self.1.notify_one();
    }
}

/// The first message of a client with `policy`, as it is sent over QUIC.
fn hello(policy: &str) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    runtime.block_on(async {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
        let mut builder = Builder::new();
        builder.enable_quic().expect("legal");
        builder.load_pem(made.cert.pem().as_bytes(), made.signing_key.serialize_pem().as_bytes()).expect("legal");
        builder.set_security_policy(&Policy::from_version("default_tls13").expect("known")).expect("legal");
        let (recorded, came) = (Hello::default(), Arc::new(Notify::new()));
        let server = Server::builder()
            .with_tls(s2n_tls::Server::from_loader(builder.build().expect("legal")))
            .expect("legal")
            .with_io("127.0.0.1:0")
            .expect("legal")
            .with_event(Recorder(Arc::clone(&recorded), Arc::clone(&came)))
            .expect("legal")
            .start()
            .expect("a socket");
        let mut builder = Builder::new();
        builder.enable_quic().expect("legal");
        builder.set_security_policy(&Policy::from_version(policy).expect("known")).expect("legal");
        builder.set_application_protocol_preference([b"jetstream"]).expect("legal");
        let client = Client::builder()
            .with_tls(s2n_tls::Client::from_loader(builder.build().expect("legal")))
            .expect("legal")
            .with_io("127.0.0.1:0")
            .expect("legal")
            .start()
            .expect("a socket");
        let target = Connect::new(server.local_addr().expect("bound")).with_server_name("localhost");
        // All that counts is the first message.
        tokio::select! {
            biased;
            () = came.notified() => {}
            _ = client.connect(target) => {}
        }
        let hello = recorded.lock().expect("no panic").clone();
        assert!(!hello.is_empty(), "no hello was sent");
        hello
    })
}

fn words(bytes: &[u8]) -> Vec<u16> {
    bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect()
}

/// What a length of `N` bytes in front says, and what comes after it.
fn vector<const N: usize>(bytes: &[u8]) -> (&[u8], &[u8]) {
    let len = bytes[..N].iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
    bytes[N..].split_at(len)
}

/// Cipher suites, groups, signature schemes, and versions.
fn offers(hello: &[u8]) -> [Vec<u16>; 4] {
    // Without the header of the handshake message, where the event has one.
    let body = if hello[0] == 1 { &hello[4..] } else { hello };
    let (_, rest) = vector::<1>(&body[34..]);
    let (suites, rest) = vector::<2>(rest);
    let (_, rest) = vector::<1>(rest);
    let (mut extensions, _) = vector::<2>(rest);
    let mut found = [words(suites), Vec::new(), Vec::new(), Vec::new()];
    while !extensions.is_empty() {
        let kind = u16::from_be_bytes([extensions[0], extensions[1]]);
        let (content, rest) = vector::<2>(&extensions[2..]);
        match kind {
            10 => found[1] = words(vector::<2>(content).0),
            13 => found[2] = words(vector::<2>(content).0),
            43 => found[3] = words(vector::<1>(content).0),
            _ => {}
        }
        extensions = rest;
    }
    found
}

// Numbers of RFC 8446 appendix B.4 and sections 4.2.1, 4.2.3 and 4.2.7, and of IANA's registries.
const SUITES: [u16; 3] = [0x1301, 0x1302, 0x1303];
const TLS13: [u16; 1] = [0x0304];
/// Those of ECDSA, RSA-PSS with both kinds of keys.
const SCHEMES: [u16; 9] = [0x0403, 0x0503, 0x0603, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806];

#[test]
fn post_quantum_offers_hybrids_first() {
    let [suites, groups, schemes, versions] = offers(&hello("20250721"));
    assert_eq!((&suites[..], &versions[..]), (&SUITES[..], &TLS13[..]));
    // X25519MLKEM768, SecP256r1MLKEM768, SecP384r1MLKEM1024; P-256, X25519, P-384, P-521.
    assert_eq!(groups, [0x11ec, 0x11eb, 0x11ed, 0x0017, 0x001d, 0x0018, 0x0019]);
    // ML-DSA as well.
    assert_eq!(schemes, [&[0x0904, 0x0905, 0x0906], &SCHEMES[..]].concat());
}

#[test]
fn classic_offers_no_hybrids() {
    let [suites, groups, schemes, versions] = offers(&hello("20240503"));
    assert_eq!((&suites[..], &versions[..]), (&SUITES[..], &TLS13[..]));
    assert_eq!(groups, [0x0017, 0x001d, 0x0018, 0x0019]);
    assert_eq!(schemes, SCHEMES);
}
