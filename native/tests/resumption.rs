//! Sessions that are resumed, and those that are not.

mod support;

use support::{pki::get, *};

const OLD: &[u8] = &[1; 32];
const NEW: &[u8] = &[2; 40];

/// Ends that ask for no client certificate.
fn server(keys: &[&[u8]]) -> Config {
    let mut config = Config::new().identity(&get().server).set(|raw| raw.client_auth = JETSTREAM_CLIENT_AUTH_NONE);
    let keys: Box<[jetstream_bytes]> = keys.iter().map(|key| config.keep(key)).collect();
    config.raw.ticket_keys_len = keys.len();
    config.raw.ticket_keys = Box::leak(keys).as_ptr();
    config
}

fn client(most: u32) -> Config {
    Config::new().trust(&get().ca).set(|raw| raw.max_tickets = most)
}

fn reload(endpoint: &Endpoint, config: &Config) -> Result<(), Fault> {
    // SAFETY: the configuration keeps what it points to.
    done(|err| unsafe { jetstream_endpoint_reload(endpoint.handle, &config.raw, err) })
}

/// Connects, and waits for something that the server sends after its ticket.
fn resumes(client: &Endpoint, server: &Endpoint) -> bool {
    let here = client.connect(server.port(), "localhost").expect("connect");
    let there = server.accept().expect("accept");
    let (sent, _) = there.open(JETSTREAM_STREAM_UNIDIRECTIONAL, b"!", JETSTREAM_SEND_FINISH).expect("open");
    let received = here.accept(JETSTREAM_STREAM_UNIDIRECTIONAL).expect("accept");
    assert_eq!(received.receive_to_end().expect("received"), b"!");
    drop(sent);
    let (ours, theirs) = (here.tls(), there.tls());
    assert_eq!(ours.resumed, theirs.resumed, "both sides say the same");
    assert_eq!(ours.resumed == 1, ours.signature_scheme[0] == 0, "a signature is made in full handshakes alone");
    assert!(here.peer_chain().starts_with(&get().server.der), "the client knows the server, resumed or not");
    assert!(there.peer_chain().is_empty());
    ours.resumed == 1
}

#[test]
fn every_second_session_is_resumed_because_one_that_is_resumed_brings_no_ticket() {
    let (server, client) = (server(&[OLD]).open_server().expect("open"), client(8).open_client().expect("open"));
    // By s2n-tls (docs/adr/0013-tickets-belong-to-a-configuration.md): when that changes, the better.
    let sessions = [(); 6].map(|()| resumes(&client, &server));
    assert_eq!(sessions, [false, true, false, true, false, true]);
}

#[test]
fn who_keeps_or_makes_no_tickets_resumes_nothing() {
    for (keys, most) in [(&[OLD][..], 0), (&[], 8)] {
        let (server, client) = (server(keys).open_server().expect("open"), client(most).open_client().expect("open"));
        for _ in 0..3 {
            assert!(!resumes(&client, &server));
        }
    }
}

#[test]
fn a_ticket_is_used_once() {
    let (server, client) = (server(&[OLD]).open_server().expect("open"), client(8).open_client().expect("open"));
    assert!(!resumes(&client, &server));
    let stopped = self::server(&[]);
    reload(&server, &stopped).expect("legal");
    // The only ticket is spent on a server that does not take it.
    assert!(!resumes(&client, &server));
    reload(&server, &self::server(&[OLD])).expect("legal");
    assert!(!resumes(&client, &server));
    assert!(resumes(&client, &server));
}

#[test]
fn an_old_key_decrypts_until_it_is_removed() {
    let (server, client) = (server(&[OLD]).open_server().expect("open"), client(8).open_client().expect("open"));
    assert!(!resumes(&client, &server));
    reload(&server, &self::server(&[NEW, OLD])).expect("legal");
    assert!(resumes(&client, &server), "the old key decrypts");
    assert!(!resumes(&client, &server));
    reload(&server, &self::server(&[NEW])).expect("legal");
    assert!(resumes(&client, &server), "the new one has encrypted since");
    assert!(!resumes(&client, &server));
    reload(&server, &self::server(&[OLD])).expect("legal");
    assert!(!resumes(&client, &server), "a key that is removed decrypts no more");
}

#[test]
fn servers_with_the_same_key_take_tickets_of_each_other() {
    let one = server(&[OLD]).open_server().expect("open");
    let other = server(&[NEW, OLD]).open_server().expect("open");
    let client = client(8).open_client().expect("open");
    assert!(!resumes(&client, &one));
    assert!(resumes(&client, &other));
}

#[test]
fn a_reload_of_the_client_forgets_its_tickets() {
    let (server, client) = (server(&[OLD]).open_server().expect("open"), client(8).open_client().expect("open"));
    assert!(!resumes(&client, &server));
    // Not even the issuer of before is trusted: with its ticket the server would not be asked.
    reload(&client, &self::client(8).trust(&get().stranger_ca)).expect("legal");
    let fault = client.connect(server.port(), "localhost").err().expect("not trusted");
    assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
    reload(&client, &self::client(8)).expect("legal");
    assert!(!resumes(&client, &server), "what was kept before is gone");
    assert!(resumes(&client, &server));
}

#[test]
fn a_server_that_asks_for_certificates_makes_no_tickets() {
    for auth in [JETSTREAM_CLIENT_AUTH_OPTIONAL, JETSTREAM_CLIENT_AUTH_REQUIRED] {
        let asks = server(&[OLD]).trust(&get().ca).set(|raw| raw.client_auth = auth);
        let fault = asks.open_server().err().expect("must be refused");
        assert_eq!(fault.status, JETSTREAM_STATUS_INVALID_ARGUMENT);
        assert!(fault.message.contains("ticket_keys"), "{}", fault.message);
        // Nor does a reload get there.
        let server = server(&[OLD]).open_server().expect("open");
        assert_eq!(reload(&server, &asks).expect_err("must be refused").message, fault.message);
        // Without keys it is legal, and a ticket of before is worth nothing: the client must show its certificate.
        let client = client(8).open_client().expect("open");
        assert!(!resumes(&client, &server));
        reload(&server, &self::server(&[]).trust(&get().ca).set(|raw| raw.client_auth = auth)).expect("legal");
        match auth {
            JETSTREAM_CLIENT_AUTH_OPTIONAL => assert!(!resumes(&client, &server)),
            _ => {
                let fault = client.connect(server.port(), "localhost").err().expect("must be refused");
                assert_eq!(fault.status, JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED);
            }
        }
    }
}

#[test]
fn what_would_let_a_peer_in_unseen_is_refused() {
    let cases = [
        ("ticket_keys", client(0).set(|raw| (raw.ticket_keys, raw.ticket_keys_len) = one_key()), false),
        ("max_tickets", client(8).set(|raw| raw.flags |= JETSTREAM_CONFIG_ASK_CERTIFICATE), false),
        ("max_tickets", client(1025), false),
        ("max_tickets", server(&[]).set(|raw| raw.max_tickets = 1), true),
        ("ticket_keys", server(&[&[1; 31]]), true),
        ("ticket_keys", server(&[OLD, OLD]), true),
    ];
    for (name, config, serves) in cases {
        let fault = if serves { config.open_server().err() } else { config.open_client().err() };
        let fault = fault.unwrap_or_else(|| panic!("{name} was accepted"));
        assert_eq!(fault.status, JETSTREAM_STATUS_INVALID_ARGUMENT, "{}", fault.message);
        assert!(fault.message.contains(name), "{name}: {}", fault.message);
    }
}

fn one_key() -> (*const jetstream_bytes, usize) {
    (Box::leak(Box::new(jetstream_bytes { data: OLD.as_ptr(), len: OLD.len() })), 1)
}
