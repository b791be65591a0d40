use s2n_quic::{Client, client::Connect, provider::tls::s2n_tls};

use super::*;
use crate::{
    abi::*,
    config::{Settings, defaults},
    endpoint::Endpoint,
    observer::Observer,
    shared::Shared,
};

fn tickets(most: usize) -> Tickets {
    Tickets { most, connecting: Connecting::default(), kept: Mutex::default() }
}

fn ticket(server_name: &str, session: u8, until: SystemTime) -> Ticket {
    Ticket {
        server_name: server_name.to_owned(),
        session: Zeroizing::new(vec![session]),
        until,
        verified: Arc::new(Verified { chain: Vec::new(), until }),
    }
}

fn taken(tickets: &Tickets, server_name: &str, now: SystemTime) -> Option<u8> {
    tickets.take(server_name, now).map(|ticket| ticket.session[0])
}

#[test]
fn the_newest_of_a_name_is_used_and_each_once() {
    let (now, tickets) = (SystemTime::now(), tickets(4));
    let until = now + TRUSTED;
    for (name, session) in [("a", 1), ("b", 2), ("a", 3)] {
        tickets.add(ticket(name, session, until));
    }
    assert_eq!(taken(&tickets, "A", now), None);
    assert_eq!(taken(&tickets, "a", now), Some(3));
    assert_eq!(taken(&tickets, "a", now), Some(1));
    assert_eq!(taken(&tickets, "a", now), None);
    assert_eq!(taken(&tickets, "b", now), Some(2));
}

#[test]
fn the_oldest_makes_room() {
    let (now, tickets) = (SystemTime::now(), tickets(2));
    for session in 1..=5 {
        tickets.add(ticket("a", session, now + TRUSTED));
        assert!(tickets.kept().len() <= 2);
    }
    assert_eq!(taken(&tickets, "a", now), Some(5));
    assert_eq!(taken(&tickets, "a", now), Some(4));
    assert_eq!(taken(&tickets, "a", now), None);
}

#[test]
fn a_ticket_of_which_the_time_is_over_is_gone() {
    let (now, tickets) = (SystemTime::now(), tickets(2));
    tickets.add(ticket("a", 1, now + Duration::from_secs(1)));
    tickets.add(ticket("a", 2, now));
    assert_eq!(taken(&tickets, "a", now), Some(1));
    assert!(tickets.kept().is_empty());
}

#[test]
fn nobody_is_believed_for_longer_than_a_day_or_a_certificate() {
    let made = |days: u64| {
        let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("legal");
        params.not_after = (SystemTime::UNIX_EPOCH + TRUSTED * days as u32).into();
        params.self_signed(&rcgen::KeyPair::generate().expect("made")).expect("made").der().to_vec()
    };
    let now = SystemTime::UNIX_EPOCH + TRUSTED * 20_000;
    let until = |chain: &[Vec<u8>]| Verified::now(chain, now).map(|verified| verified.until);
    assert_eq!(until(&[made(20_100), made(20_200)]), Some(now + TRUSTED));
    // The issuer's counts as well.
    assert_eq!(until(&[made(20_100), made(20_000)]), Some(now));
    assert_eq!(until(&[made(20_100), b"no certificate".to_vec()]), None);
    assert_eq!(until(&[]), None);
}

#[test]
fn keys_have_lengths_and_differ() {
    let (key, other) = ([7; 32], [8; 32]);
    let refused = |keys: &[&[u8]]| serve(&mut Builder::new(), keys).err().map(|failure| failure.message);
    assert_eq!(refused(&[&key, &other, &[9; 1024]]), None);
    for (keys, what) in [
        (&[&key[..], &[0; 31]][..], "key 1 has 31 bytes"),
        (&[&[0; 1025]], "key 0 has 1025 bytes"),
        (&[&key, &other, &key], "key 2 is key 0 again"),
        (&[&key[..]; 17], "at most 16"),
    ] {
        assert!(refused(keys).is_some_and(|message| message.contains(what)), "{what}");
    }
}

/// What a ticket goes through when a server does not like it: all bytes that the server sees are tried.
#[test]
fn a_garbled_ticket_ends_in_a_full_handshake() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("made");
    let (chain, key, secret) = (made.cert.pem(), made.signing_key.serialize_pem(), [7; 32]);
    let bytes = |bytes: &[u8]| jetstream_bytes { data: bytes.as_ptr(), len: bytes.len() };
    let keys = [bytes(&secret)];
    let mut raw = jetstream_endpoint_config { client_auth: JETSTREAM_CLIENT_AUTH_NONE, ..defaults() };
    raw.bind.family = 4;
    raw.bind.ip[..4].copy_from_slice(&[127, 0, 0, 1]);
    let mut server = raw;
    (server.identity_chain_pem, server.identity_key_pem) = (bytes(chain.as_bytes()), bytes(key.as_bytes()));
    (server.ticket_keys, server.ticket_keys_len) = (keys.as_ptr(), keys.len());
    // SAFETY: all that the configurations point to lives to the end of the test.
    let server = unsafe { Settings::new(&server).expect("legal") };
    let server = Endpoint::server(&server).expect("open");
    let mut client = jetstream_endpoint_config { max_tickets: 8, ..raw };
    client.trust_pem = bytes(chain.as_bytes());
    // SAFETY: as above.
    let settings = unsafe { Settings::new(&client).expect("legal") };
    let shared = Shared::new(&settings).expect("legal");
    let mut builder = settings.tls.client_builder(&shared.questions).expect("legal");
    let tickets = Tickets::keep(&mut builder, 8, &shared.connecting).expect("legal");
    let config = builder.build().expect("legal");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("runtime");
    runtime.block_on(async {
        let client = Client::builder()
            .with_tls(s2n_tls::Client::from_loader(config))
            .expect("legal")
            .with_io("127.0.0.1:0")
            .expect("legal")
            .with_event(Observer::new(Arc::clone(&shared)))
            .expect("legal")
            .start()
            .expect("a socket");
        let to = std::net::SocketAddr::from(([127, 0, 0, 1], server.info().local_address.port));
        let resumed = async || {
            let facts: Arc<Facts> = Arc::default();
            let mut attempt = client.connect(Connect::new(to).with_server_name("localhost"));
            attempt.set_application_context(Box::new(Arc::clone(&facts)));
            let mut connection = attempt.await.expect("connect");
            let mut stream = connection.open_send_stream().await.expect("open");
            stream.send("!".into()).await.expect("sent");
            // The server has acknowledged, and sent the ticket before.
            stream.flush().await.expect("acknowledged");
            facts.tls().expect("done").resumed
        };
        assert!(!resumed().await, "the first has no ticket");
        assert!(resumed().await, "a good ticket resumes");
        assert!(!resumed().await, "and a resumed session brings none");
        // One byte says what it is, two how long the server's part is.
        let len = {
            let kept = tickets.kept();
            usize::from(u16::from_be_bytes([kept[0].session[1], kept[0].session[2]]))
        };
        for place in (3..3 + len).step_by(7) {
            let garbled = {
                let mut kept = tickets.kept();
                let ticket = kept.back_mut().expect("each full handshake brings one");
                ticket.session[place] ^= 0x40;
                kept.len()
            };
            assert_eq!(garbled, 1);
            assert!(!resumed().await, "byte {place} of {len}");
        }
        assert!(resumed().await, "it goes on with the next ticket");
    });
    server.close(0, Duration::ZERO).expect("closed");
}
