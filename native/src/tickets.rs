//! Tickets, with which sessions of TLS are resumed (RFC 8446 section 2.2): what a server makes them with, and which a
//! client keeps.
//!
//! A resumed handshake shows no certificate. So a server that asks for certificates makes no tickets, and a client
//! keeps a ticket beside the chain that was verified when its session began. It is used once, for the same server name,
//! not longer than that chain is valid, and a day at most. It ends with the configuration that it came by: after a
//! reload of identity, trust or policy every server proves itself anew.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use aws_lc_rs::hmac;
use s2n_quic::provider::tls::s2n_tls::{
    callbacks::{ConnectionFuture, SessionTicket, SessionTicketCallback},
    config::{Builder, ConnectionInitializer},
    connection::Connection,
    error::Error,
};
use zeroize::Zeroizing;

use crate::{abi::JETSTREAM_STATUS_TLS_CONFIG, counters, error::Failure, facts::Facts, validity};

/// Tickets that a client keeps at most: with the longest, 16 MiB and their chains.
pub const MOST: u32 = 1024;
/// Of others than s2n-tls they can hold a client's certificates.
const LONGEST: usize = 16 << 10;
/// How long nobody's certificate is looked at again.
const TRUSTED: Duration = Duration::from_secs(24 * 3600);

const MOST_KEYS: usize = 16;
const LEAST_KEY: usize = 32;
const LARGEST_KEY: usize = 1024;
/// s2n-tls has times of its own for keys, and lots among those that encrypt. Here a key is the first one, or old, for as
/// long as the configuration: this is longer than any has.
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Has a server make tickets with the first of `keys`, and take those of all.
pub fn serve(builder: &mut Builder, keys: &[&[u8]]) -> Result<(), Failure> {
    if keys.len() > MOST_KEYS {
        return Err(Failure::argument(format!("ticket_keys are {}, must be at most {MOST_KEYS}", keys.len())));
    }
    let made = |result: Result<&mut Builder, Error>| match result {
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::tls(JETSTREAM_STATUS_TLS_CONFIG, &error)),
    };
    made(builder.set_ticket_key_encrypt_decrypt_lifetime(FOR_EVER))?;
    made(builder.set_ticket_key_decrypt_lifetime(FOR_EVER))?;
    let now = SystemTime::now();
    for (place, key) in keys.iter().enumerate() {
        if key.len() < LEAST_KEY || key.len() > LARGEST_KEY {
            let len = key.len();
            return Err(Failure::argument(format!(
                "ticket_keys: key {place} has {len} bytes, must have {LEAST_KEY} to {LARGEST_KEY}"
            )));
        }
        if let Some(first) = keys[..place].iter().position(|other| other == key) {
            return Err(Failure::argument(format!("ticket_keys: key {place} is key {first} again")));
        }
        // By the key itself, so that all servers that have it know each other's tickets. It is seen on the wire.
        let name = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), b"jetstream ticket key name");
        // A key that is as old as that decrypts, and encrypts no more.
        let since = if place == 0 { now } else { now - FOR_EVER };
        made(builder.add_session_ticket_key(&name.as_ref()[..16], key, since))?;
    }
    Ok(())
}

/// Where an endpoint keeps the facts of the connection that s2n-quic makes next on that thread: between the two it
/// makes the TLS session, whose first step is `ConnectionInitializer`.
#[derive(Clone, Default)]
pub struct Connecting(Option<Arc<Mutex<Option<Arc<Facts>>>>>);

impl Connecting {
    pub fn new(wanted: bool) -> Self {
        Self(wanted.then(Arc::default))
    }

    pub fn put(&self, facts: &Arc<Facts>) {
        if let Some(place) = &self.0 {
            *place.lock().unwrap_or_else(|poison| poison.into_inner()) = Some(Arc::clone(facts));
        }
    }

    fn take(&self) -> Option<Arc<Facts>> {
        self.0.as_ref()?.lock().unwrap_or_else(|poison| poison.into_inner()).take()
    }
}

/// How a server proved itself when a session began.
pub struct Verified {
    pub chain: Vec<Vec<u8>>,
    /// From then on it must prove itself again.
    pub until: SystemTime,
}

impl Verified {
    fn now(chain: &[Vec<u8>], now: SystemTime) -> Option<Self> {
        let ends = chain.iter().map(|certificate| validity::end(certificate)).collect::<Option<Vec<_>>>()?;
        Some(Self { chain: chain.to_vec(), until: ends.into_iter().min()?.min(now + TRUSTED) })
    }
}

struct Ticket {
    server_name: String,
    /// s2n-tls's own form of it, with the secret of the session.
    session: Zeroizing<Vec<u8>>,
    until: SystemTime,
    verified: Arc<Verified>,
}

/// What a client keeps, the oldest first, for as long as a configuration is used.
pub struct Tickets {
    most: usize,
    connecting: Connecting,
    kept: Mutex<VecDeque<Ticket>>,
}

impl Tickets {
    /// Has a client keep `most` tickets and use them.
    pub fn keep(builder: &mut Builder, most: usize, connecting: &Connecting) -> Result<Arc<Self>, Error> {
        let tickets = Arc::new(Self { most, connecting: connecting.clone(), kept: Mutex::default() });
        builder.set_session_ticket_callback(Keeper(Arc::clone(&tickets)))?;
        builder.set_connection_initializer(Keeper(Arc::clone(&tickets)))?;
        Ok(tickets)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Ticket>> {
        self.kept.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// The newest for that name. It is gone: who sees a ticket twice knows that it is the same client.
    //= https://www.rfc-editor.org/rfc/rfc8446#appendix-C.4
    fn take(&self, server_name: &str, now: SystemTime) -> Option<Ticket> {
        let mut kept = self.kept();
        kept.retain(|ticket| now < ticket.until);
        let place = kept.iter().rposition(|ticket| ticket.server_name == server_name)?;
        kept.remove(place)
    }

    fn add(&self, ticket: Ticket) {
        let mut kept = self.kept();
        while kept.len() >= self.most && kept.pop_front().is_some() {}
        kept.push_back(ticket);
    }

    fn resume(&self, connection: &mut Connection) {
        // Without its facts nobody would know what the connection was resumed from.
        let Some(facts) = self.connecting.take() else { return };
        let ticket = connection.server_name().and_then(|name| self.take(name, SystemTime::now()));
        if let Some(ticket) = ticket
            && connection.set_session_ticket(&ticket.session).is_ok()
        {
            let _ = facts.resuming.set(ticket.verified);
        }
        connection.set_application_context(facts);
    }

    fn came(&self, connection: &Connection, ticket: &SessionTicket) -> Option<()> {
        let tls = connection.application_context::<Arc<Facts>>()?;
        let (tls, resuming) = (tls.tls()?, tls.resuming.get());
        let now = SystemTime::now();
        // A resumed session goes on: what was verified is not so anew.
        let verified = match resuming.filter(|_| tls.resumed) {
            Some(verified) => Arc::clone(verified),
            None => Arc::new(Verified::now(&tls.peer_chain, now)?),
        };
        let len = ticket.len().ok().filter(|len| *len <= LONGEST)?;
        let mut session = Zeroizing::new(vec![0; len]);
        ticket.data(&mut session).ok()?;
        let server_name = connection.server_name()?.to_owned();
        let until = verified.until.min(now + ticket.lifetime().ok()?);
        self.add(Ticket { server_name, session, until, verified });
        Some(())
    }
}

/// What s2n-tls calls: a panic in it would end the process, or the endpoint.
struct Keeper(Arc<Tickets>);

impl ConnectionInitializer for Keeper {
    fn initialize_connection(
        &self, connection: &mut Connection,
    ) -> Result<Option<std::pin::Pin<Box<dyn ConnectionFuture>>>, Error> {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.0.resume(connection))) {
            counters::panicked(&*panic);
        }
        Ok(None)
    }
}

impl SessionTicketCallback for Keeper {
    fn on_session_ticket(&self, connection: &mut Connection, ticket: &SessionTicket) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.0.came(connection, ticket))) {
            counters::panicked(&*panic);
        }
    }
}

#[cfg(test)]
#[path = "tickets_tests.rs"]
mod tests;
