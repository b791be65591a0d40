//! What s2n-quic's events tell of a connection: how its handshake went, what it carries, and why it ended.
//!
//! Events come under the connection's lock: they set values, and wake.

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use zeroize::Zeroizing;

use crate::{
    abi::jetstream_transport_parameters, admission::Ticket, error::Failure, refusal::Refused, shared::Shared,
    stats::Stats, tickets::Verified, wake::OpWaker,
};

/// Of one connection.
#[derive(Default)]
pub struct Facts {
    begun: OnceLock<(u64, Duration)>,
    /// The handshake is done on this side.
    pub established: AtomicBool,
    pub confirmed: AtomicBool,
    over: AtomicBool,
    ended: OnceLock<Failure>,
    tell_connect: OnceLock<Arc<OpWaker>>,
    tell_handle: OnceLock<[Arc<OpWaker>; 3]>,
    tell_paced: [OnceLock<Arc<OpWaker>>; 2],
    pub tls: OnceLock<Tls>,
    pub group: OnceLock<(String, bool)>,
    pub alpn: OnceLock<Vec<u8>>,
    pub server_name: OnceLock<String>,
    /// Why TLS gave the handshake up, where this side did.
    pub refused: OnceLock<Refused>,
    pub peer: OnceLock<SocketAddr>,
    pub parameters: OnceLock<Box<jetstream_transport_parameters>>,
    /// What the connection counts for at a server, until it ends.
    pub ticket: Option<Ticket>,
    /// What the session began with that a client tries to resume.
    pub resuming: OnceLock<Arc<Verified>>,
    pub stats: Stats,
}

/// What is known when the handshake is done.
pub struct Tls {
    pub cipher_suite: String,
    pub signature_scheme: &'static str,
    pub peer_chain: Vec<Vec<u8>>,
    pub exported: Vec<Zeroizing<Vec<u8>>>,
    /// No certificate was shown: it is the session of an earlier handshake.
    pub resumed: bool,
}

impl Facts {
    /// For a connection that this side begins: `connect` is woken when it is confirmed or has failed.
    pub fn connecting(connect: Arc<OpWaker>) -> Arc<Self> {
        Arc::new(Self { tell_connect: OnceLock::from(connect), ..Self::default() })
    }

    /// For a connection that a client begins.
    pub fn accepting(ticket: Option<Ticket>) -> Arc<Self> {
        Arc::new(Self { ticket, ..Self::default() })
    }

    /// s2n-quic gave the connection its number.
    pub fn begin(&self, number: u64, now: Duration) {
        let _ = self.begun.set((number, now));
    }

    pub fn confirmed(&self) -> bool {
        self.confirmed.load(Ordering::Acquire)
    }

    /// Its number within the endpoint.
    pub fn number(&self) -> u64 {
        self.begun.get().map_or(0, |(number, _)| *number)
    }

    /// Since the first packet.
    pub fn elapsed(&self, now: Duration) -> Duration {
        self.begun.get().map_or(Duration::ZERO, |(_, began)| now.saturating_sub(*began))
    }

    /// Why the connection ended, once it did.
    pub fn ended(&self) -> Option<Failure> {
        self.ended.get().cloned()
    }

    /// Whom to wake when the connection ends; the second also when a ping is answered.
    pub fn tell_handle(&self, wakers: [Arc<OpWaker>; 3]) {
        // Set once: a connection has one handle.
        let _ = self.tell_handle.set(wakers);
    }

    /// Whom to wake at the end though s2n-quic does not know that it waits.
    pub fn tell_paced(&self, kind: usize, waker: &Arc<OpWaker>) {
        let _ = self.tell_paced[kind].set(Arc::clone(waker));
    }

    pub fn tls(&self) -> Option<&Tls> {
        self.tls.get()
    }

    pub fn group(&self) -> Option<&(String, bool)> {
        self.group.get()
    }

    pub fn alpn(&self) -> &[u8] {
        self.alpn.get().map_or(&[], Vec::as_slice)
    }

    pub fn server_name(&self) -> &str {
        self.server_name.get().map_or("", String::as_str)
    }

    /// The first reason stays.
    pub fn end(&self, why: Failure) {
        let _ = self.ended.set(why);
        self.wake();
    }

    pub fn wake(&self) {
        let handle = self.tell_handle.get().into_iter().flatten();
        let paced = self.tell_paced.iter().filter_map(OnceLock::get);
        self.tell_connect.get().into_iter().chain(handle).chain(paced).for_each(|waker| waker.fire());
    }

    pub fn wake_ping(&self) {
        if let Some([_, ping, _]) = self.tell_handle.get() {
            ping.fire();
        }
    }

    /// Counts its end, once.
    pub fn over(&self, shared: &Shared) {
        if self.over.swap(true, Ordering::AcqRel) {
            return;
        }
        shared.connection_ended();
        if self.established.load(Ordering::Relaxed) {
            shared.established_ended();
        }
        if let Some(ticket) = &self.ticket {
            ticket.ended();
        }
    }
}
