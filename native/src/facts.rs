//! What s2n-quic's events tell of a connection: how its handshake went, and why it ended.
//!
//! Events come under the connection's lock: they set values once, and wake.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use s2n_quic::{
    connection,
    provider::event::{
        ConnectionInfo, ConnectionMeta, Subscriber,
        events::{
            ApplicationProtocolInformation, ConnectionClosed, ConnectionStarted, EndpointType, HandshakeStatus,
            HandshakeStatusUpdated, KeyExchangeGroup, ServerNameInformation, SocketAddress, TlsExporterReady,
        },
    },
};

use crate::{counters, error::Failure, refusal, shared::Shared, wake::OpWaker};

/// Of one connection. Each is written once.
#[derive(Default)]
pub struct Facts {
    /// The handshake is done on this side.
    established: AtomicBool,
    confirmed: AtomicBool,
    ended: OnceLock<Failure>,
    tell_connect: OnceLock<Arc<OpWaker>>,
    tell_closed: OnceLock<Arc<OpWaker>>,
    tls: OnceLock<Tls>,
    group: OnceLock<(String, bool)>,
    alpn: OnceLock<Vec<u8>>,
    server_name: OnceLock<String>,
    peer: OnceLock<std::net::SocketAddr>,
}

/// What is known when the handshake is done.
pub struct Tls {
    pub cipher_suite: String,
    pub signature_scheme: &'static str,
    pub peer_chain: Vec<Vec<u8>>,
}

impl Facts {
    /// For a connection that this side begins: `connect` is woken when it is confirmed or has failed.
    pub fn connecting(connect: Arc<OpWaker>) -> Arc<Self> {
        Arc::new(Self { tell_connect: OnceLock::from(connect), ..Self::default() })
    }

    pub fn confirmed(&self) -> bool {
        self.confirmed.load(Ordering::Acquire)
    }

    /// Why the connection ended, once it did.
    pub fn ended(&self) -> Option<Failure> {
        self.ended.get().cloned()
    }

    pub fn tell_closed(&self, waker: Arc<OpWaker>) {
        // Set once: a connection has one handle.
        let _ = self.tell_closed.set(waker);
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
    fn end(&self, why: Failure) {
        let _ = self.ended.set(why);
        self.wake();
    }

    fn wake(&self) {
        self.tell_connect.get().into_iter().chain(self.tell_closed.get()).for_each(|waker| waker.fire());
    }
}

/// The endpoint's subscriber. Dropped with the endpoint's task, whatever ended it.
pub struct Observer {
    shared: Arc<Shared>,
}

impl Observer {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// A panic here would take the endpoint with all its connections along: it ends this connection alone, which its
    /// owner is told. Closing it is the owner's: no call on s2n-quic may be made from here.
    fn guarded(&self, facts: &Facts, event: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(event)) {
            facts.end(counters::panicked(&*panic));
        }
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.shared.endpoint_task_ended();
    }
}

impl Subscriber for Observer {
    type ConnectionContext = Arc<Facts>;

    fn create_connection_context(&mut self, _meta: &ConnectionMeta, info: &ConnectionInfo) -> Arc<Facts> {
        #[cfg(feature = "test-hooks")]
        crate::hooks::maybe_panic(crate::hooks::Domain::Endpoint);
        self.shared.connection_began();
        // A client's attempt carries its facts along; a server's connection begins here.
        info.application.and_then(|facts| facts.downcast_ref::<Arc<Facts>>()).cloned().unwrap_or_default()
    }

    fn on_connection_started(&mut self, facts: &mut Arc<Facts>, _: &ConnectionMeta, event: &ConnectionStarted) {
        self.guarded(facts, || {
            if let Some(peer) = to_std(&event.path.remote_addr) {
                let _ = facts.peer.set(peer);
            }
        });
    }

    fn on_handshake_status_updated(
        &mut self, facts: &mut Arc<Facts>, _: &ConnectionMeta, event: &HandshakeStatusUpdated,
    ) {
        self.guarded(facts, || {
            #[cfg(feature = "test-hooks")]
            crate::hooks::maybe_panic(crate::hooks::Domain::Subscriber);
            if !facts.established.swap(true, Ordering::Relaxed) {
                self.shared.established_began();
            }
            if matches!(event.status, HandshakeStatus::Confirmed { .. }) {
                facts.confirmed.store(true, Ordering::Release);
                facts.wake();
            }
        });
    }

    fn on_key_exchange_group(&mut self, facts: &mut Arc<Facts>, _: &ConnectionMeta, event: &KeyExchangeGroup) {
        self.guarded(facts, || {
            let _ = facts.group.set((event.chosen_group_name.to_owned(), event.contains_kem));
        });
    }

    fn on_application_protocol_information(
        &mut self, facts: &mut Arc<Facts>, _: &ConnectionMeta, event: &ApplicationProtocolInformation,
    ) {
        self.guarded(facts, || {
            let _ = facts.alpn.set(event.chosen_application_protocol.to_vec());
        });
    }

    fn on_server_name_information(
        &mut self, facts: &mut Arc<Facts>, _: &ConnectionMeta, event: &ServerNameInformation,
    ) {
        self.guarded(facts, || {
            let _ = facts.server_name.set(event.chosen_server_name.to_owned());
        });
    }

    fn on_tls_exporter_ready(&mut self, facts: &mut Arc<Facts>, _: &ConnectionMeta, event: &TlsExporterReady) {
        self.guarded(facts, || {
            let session = &event.session;
            let _ = facts.tls.set(Tls {
                cipher_suite: format!("{:?}", session.cipher_suite()).trim_end_matches([' ', '{', '}']).to_owned(),
                signature_scheme: session.signature_scheme().unwrap_or(""),
                // s2n-tls answers an error where the peer showed none.
                peer_chain: session.peer_cert_chain_der().unwrap_or_default(),
            });
        });
    }

    fn on_connection_closed(&mut self, facts: &mut Arc<Facts>, meta: &ConnectionMeta, event: &ConnectionClosed) {
        self.shared.connection_ended();
        if facts.established.load(Ordering::Relaxed) {
            self.shared.established_ended();
        }
        self.guarded(facts, || {
            if matches!(meta.endpoint_type, EndpointType::Server { .. })
                && let Some(reason) = refusal::reason(&event.error)
            {
                self.shared.handshake_refused(facts.peer.get().copied(), reason);
            }
            facts.end(connection::Error::into(event.error));
        });
    }
}

fn to_std(address: &SocketAddress) -> Option<std::net::SocketAddr> {
    match address {
        SocketAddress::IpV4 { ip, port, .. } => Some((**ip, *port).into()),
        SocketAddress::IpV6 { ip, port, .. } => Some((**ip, *port).into()),
        _ => None,
    }
}
