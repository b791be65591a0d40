//! One endpoint: one socket, one named thread, one current-thread runtime.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, OnceLock, TryLockError, atomic::Ordering::Relaxed},
    task::{Poll, Waker},
    time::Duration,
};

use s2n_quic::{
    Client, Server, application,
    client::Connect as Target,
    provider::{
        congestion_controller::Bbr,
        tls::s2n_tls::{self, ConnectionContext, config::Config},
    },
};

use crate::{
    abi::*,
    addresses::Denied,
    admission::Admission,
    config::Settings,
    connect::Connect,
    connection::Connection,
    datagram::Datagrams,
    error::{Failure, application_code},
    event_loop::Loop,
    events::Events,
    exchange::Exchanges,
    gate::Gate,
    handles,
    ids::{Ids, Keys, Resets},
    observer::{Context, Observer},
    qlog::Qlog,
    questions::Questions,
    refusal,
    retry::Tokens,
    shared::{Closing, Refusal, Shared},
    socket,
    wake::Operation,
};

pub struct Endpoint {
    shared: Arc<Shared>,
    role: Role,
    local_address: SocketAddr,
    receive_buffer: u64,
    send_buffer: u64,
    ended: Arc<OnceLock<()>>,
    closed: Operation,
}

enum Role {
    Server(Mutex<Accept>),
    Client(Client),
}

struct Accept {
    server: Server,
    operation: Operation,
}

impl Endpoint {
    pub fn server(settings: &Settings) -> Result<Arc<Self>, Failure> {
        let shared = Shared::new(settings)?;
        let config = settings.tls.server(&shared.questions)?;
        shared.set_tls(config.clone());
        Self::start(settings, shared, |plan| {
            let shared = &plan.shared;
            let keys = keys(settings)?;
            let gate = Gate { shared: Arc::clone(shared) };
            let tokens = Tokens::new(shared).map_err(internal)?;
            let server = Server::builder()
                .with_tls(s2n_tls::Server::from_loader(loader(shared, config)))
                .map_err(internal)?
                .with_io(plan.io)
                .map_err(internal)?
                .with_limits(settings.limits)
                .map_err(internal)?
                .with_endpoint_limits(gate)
                .map_err(internal)?
                .with_address_token(tokens)
                .map_err(internal)?
                .with_stateless_reset_token(Resets::new(&keys, shared))
                .map_err(internal)?
                .with_connection_id(Ids { keys, rotate: true })
                .map_err(internal)?
                .with_datagram(datagrams(settings))
                .map_err(internal)?
                .with_event(plan.observer)
                .map_err(internal)?
                .with_connection_close_formatter(refusal::Formatter)
                .map_err(internal)?;
            let server = match settings.raw.congestion_control {
                JETSTREAM_CONGESTION_BBR => {
                    server.with_congestion_controller(Bbr::default()).map_err(internal)?.start()
                }
                _ => server.start(),
            }
            .map_err(internal)?;
            let operation = Operation::new(&plan.shared.queue, settings.token, JETSTREAM_WAKE_ENDPOINT_ACCEPT);
            Ok(Role::Server(Mutex::new(Accept { server, operation })))
        })
    }

    pub fn client(settings: &Settings) -> Result<Arc<Self>, Failure> {
        let shared = Shared::new(settings)?;
        let config = settings.tls.client(&shared.questions, &shared.connecting)?;
        shared.set_tls(config.clone());
        Self::start(settings, shared, |plan| {
            let client = Client::builder()
                .with_tls(s2n_tls::Client::from_loader(loader(&plan.shared, config)))
                .map_err(internal)?
                .with_io(plan.io)
                .map_err(internal)?
                .with_limits(settings.limits)
                .map_err(internal)?
                .with_event(plan.observer)
                .map_err(internal)?
                .with_connection_close_formatter(refusal::Formatter)
                .map_err(internal)?
                .with_connection_id(Ids { keys: keys(settings)?, rotate: false })
                .map_err(internal)?
                .with_datagram(datagrams(settings))
                .map_err(internal)?;
            // Each is a copy of the transport in the library: docs/adr/0010-congestion-control-by-copies.md.
            let client = match settings.raw.congestion_control {
                JETSTREAM_CONGESTION_BBR => {
                    client.with_congestion_controller(Bbr::default()).map_err(internal)?.start()
                }
                _ => client.start(),
            }
            .map_err(internal)?;
            Ok(Role::Client(client))
        })
    }

    fn start(
        settings: &Settings, shared: Arc<Shared>, build: impl FnOnce(Plan) -> Result<Role, Failure>,
    ) -> Result<Arc<Self>, Failure> {
        let bound = socket::open(settings)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::io("make the endpoint's event loop", &error))?;
        shared.runs_on(runtime.handle());
        let io = socket::provider(settings, bound.socket, &runtime)
            .map_err(|error| Failure::io("set up the socket", &error))?;
        if let Some(qlog) = &shared.qlog {
            qlog.start(Arc::downgrade(&shared))?;
        }
        let role = build(Plan { io, observer: Observer::new(Arc::clone(&shared)), shared: Arc::clone(&shared) })?;
        let closed = Operation::new(&shared.queue, settings.token, JETSTREAM_WAKE_ENDPOINT_CLOSED);
        let (ended, tell_closed) = (Arc::default(), closed.waker());
        let endpoint = Arc::new(Self {
            shared: Arc::clone(&shared),
            role,
            local_address: bound.address,
            receive_buffer: bound.receive_buffer,
            send_buffer: bound.send_buffer,
            ended: Arc::clone(&ended),
            closed,
        });
        // Weak: an endpoint that is freed must end, whatever its thread does.
        Loop { shared, hold: bound.hold, ended, tell_closed, endpoint: Arc::downgrade(&endpoint) }.spawn(runtime)?;
        Ok(endpoint)
    }

    /// Takes the next connection whose handshake is done.
    pub fn poll_accept(&self, token: u64) -> Poll<Result<Arc<Connection>, Failure>> {
        let Role::Server(accept) = &self.role else {
            return Poll::Ready(Err(Failure::wrong_kind("a client accepts no connections")));
        };
        // Asked first: a close takes the lock as well, to end connections that nobody took.
        if let Some(why) = self.shared.refuses() {
            return Poll::Ready(Err(why));
        }
        let accept = &mut *accept.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => self
                .shared
                .refuses()
                .unwrap_or_else(|| Failure::new(JETSTREAM_STATUS_BUSY, "another thread is accepting on this server")),
            TryLockError::Poisoned(_) => Failure::panicked("an earlier call on this server panicked"),
        })?;
        loop {
            match accept.operation.poll(|context| accept.server.poll_accept(context)) {
                Poll::Ready(Some(connection)) => {
                    let facts = connection.query_event_context(Context::facts);
                    let facts = facts.map_err(|error| Failure::new(JETSTREAM_STATUS_INTERNAL, error.to_string()))?;
                    if let Some(ticket) = &facts.ticket {
                        ticket.taken();
                    }
                    if facts.ended().is_some_and(|why| why.status == JETSTREAM_STATUS_PANICKED) {
                        // Its handshake panicked in an event, from where it could not be closed: nobody else will.
                        connection.close(application::Error::UNKNOWN);
                        continue;
                    }
                    return Poll::Ready(Ok(Connection::new(&self.shared, facts, connection, token)));
                }
                Poll::Ready(None) => {
                    return Poll::Ready(Err(self.shared.refuses().unwrap_or_else(|| Failure::closed("endpoint"))));
                }
                Poll::Pending => return self.shared.refuses().map_or(Poll::Pending, |why| Poll::Ready(Err(why))),
            }
        }
    }

    pub fn connect(&self, peer: SocketAddr, server_name: &str, token: u64) -> Result<Arc<Connect>, Failure> {
        let Role::Client(client) = &self.role else {
            return Err(Failure::wrong_kind("a server does not connect"));
        };
        if let Some(why) = self.shared.refuses() {
            return Err(why);
        }
        let peer = socket::reach(self.local_address, peer)?;
        let target = Target::new(peer).with_server_name(server_name);
        Ok(Connect::new(&self.shared, client, target, token))
    }

    /// Closes all connections with `code`; the endpoint ends when they have, or after `drain`. Idempotent.
    pub fn close(&self, code: u64, drain: Duration) -> Result<(), Failure> {
        let code = application_code(code)?;
        if self.shared.closing.set(Closing { code, drain }).is_ok() {
            self.close_unaccepted();
            let attempts = handles::CONNECTS.sweep(|connect| connect.belongs_to(&self.shared));
            drop(attempts);
            let connections = handles::CONNECTIONS.sweep(|connection| connection.belongs_to(&self.shared));
            connections.iter().for_each(|connection| connection.close_with(code));
            self.shared.changed.notify_one();
        }
        Ok(())
    }

    /// Connections whose handshake is done and that nobody took.
    pub fn close_unaccepted(&self) {
        if let Role::Server(accept) = &self.role
            && let Ok(mut accept) = accept.lock()
        {
            let mut context = std::task::Context::from_waker(Waker::noop());
            while let Poll::Ready(Some(connection)) = accept.server.poll_accept(&mut context) {
                connection.close(self.shared.closing_code());
            }
        }
    }

    /// Ready when thread, socket and memory of the endpoint are given back.
    pub fn poll_closed(&self) -> Poll<Result<(), Failure>> {
        self.closed.poll(|_| if self.ended.get().is_some() { Poll::Ready(Ok(())) } else { Poll::Pending })
    }

    pub fn info(&self) -> jetstream_endpoint_info {
        let shared = &self.shared;
        let refused = std::array::from_fn(|cause| shared.handshakes_refused[cause].load(Relaxed));
        let [connections, per_source, handshakes, unaccepted, rate, rate_per_source, native, address, token, draining] =
            shared.admission.refused();
        jetstream_endpoint_info {
            size: size_of::<jetstream_endpoint_info>() as u32,
            reserved: 0,
            local_address: socket::to_abi(self.local_address),
            socket_receive_buffer: self.receive_buffer,
            socket_send_buffer: self.send_buffer,
            connections: shared.connections.load(Relaxed),
            handshakes_failed: refused.iter().sum(),
            retries: shared.admission.retries(),
            refused_connections: connections,
            refused_connections_per_source: per_source,
            refused_handshakes: handshakes,
            refused_unaccepted: unaccepted,
            refused_rate: rate,
            refused_rate_per_source: rate_per_source,
            refused_native_bytes: native,
            refused_address: address,
            refused_token: token,
            refused_draining: draining,
            established: shared.established_ever.load(Relaxed),
            stateless_resets: shared.resets.load(Relaxed),
            datagrams_sent: shared.traffic.datagrams_sent.get(),
            datagrams_received: shared.traffic.datagrams_received.get(),
            bytes_sent: shared.traffic.bytes_sent.get(),
            bytes_received: shared.traffic.bytes_received.get(),
            datagrams_dropped: shared.dropped.get(),
            packets_lost: shared.traffic.packets_lost.get(),
            send_buffered: shared.sending.held(),
            events_dropped: shared.events.dropped(),
            qlog_dropped: shared.qlog.as_ref().map_or(0, Qlog::dropped),
            handshakes_refused: refused,
        }
    }

    /// New handshakes are made with these settings; connections that are there keep theirs.
    pub fn reload(&self, settings: &Settings) -> Result<(), Failure> {
        let config = match self.role {
            Role::Server(_) => settings.tls.server(&self.shared.questions),
            Role::Client(_) => settings.tls.client(&self.shared.questions, &self.shared.connecting),
        }?;
        self.shared.set_tls(config);
        Ok(())
    }

    /// Lets nobody new in; what is there goes on.
    pub fn drain(&self) -> Result<(), Failure> {
        self.of_server("drained")?.admission.drain();
        Ok(())
    }

    pub fn deny(&self, denied: Denied) -> Result<(), Failure> {
        self.of_server("told whom to deny")?.admission.deny(denied);
        Ok(())
    }

    fn of_server(&self, what: &str) -> Result<&Shared, Failure> {
        match self.role {
            Role::Server(_) => Ok(&self.shared),
            Role::Client(_) => Err(Failure::wrong_kind(format!("a client is not {what}"))),
        }
    }

    pub fn admission(&self) -> &Arc<Admission> {
        &self.shared.admission
    }

    pub fn events(&self) -> &Events {
        &self.shared.events
    }

    /// Where exchanges are handed over from now on.
    pub fn set_exchanges(&self, exchanges: Exchanges) -> Result<(), Failure> {
        let set = self.shared.exchanges.set(exchanges);
        set.map_err(|_| Failure::argument("the endpoint has exchanges already"))
    }

    pub fn questions(&self) -> &Arc<Questions> {
        &self.shared.questions
    }

    pub fn take_refusal(&self) -> Option<Refusal> {
        self.shared.refusals.pop()
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // Freed without a close: the thread ends at once.
        let at_once = Closing { code: application::Error::UNKNOWN, drain: Duration::ZERO };
        if self.shared.closing.set(at_once).is_ok() {
            self.shared.changed.notify_one();
        }
        if self.ended.get().is_some() {
            // Its thread was gone before it could free them: it died.
            sweep(&self.shared);
        }
    }
}

/// Frees whatever the caller still holds by number: it can do nothing any more.
pub fn sweep(shared: &Arc<Shared>) {
    drop(handles::CONNECTS.sweep(|connect| connect.belongs_to(shared)));
    drop(handles::CONNECTIONS.sweep(|connection| connection.belongs_to(shared)));
    drop(handles::STREAMS.sweep(|stream| Arc::ptr_eq(stream.budget().shared(), shared)));
}

/// What the s2n-quic half of an endpoint is made from.
struct Plan {
    io: s2n_quic::provider::io::tokio::Provider,
    observer: Observer,
    shared: Arc<Shared>,
}

/// Where a client's ids differ from a server's, it is that they are kept over the handshake.
///
/// Else it would change the peer's id at the first NEW_CONNECTION_ID, and from then on drop the peer's Handshake
/// packets, which carry the old one: a server that refuses the client's certificate in one, as quinn does, would not be
/// heard.
fn keys(settings: &Settings) -> Result<Arc<Keys>, Failure> {
    Keys::new(settings.reset_key, settings.raw.server_id, settings.raw.endpoint_index).map(Arc::new).map_err(internal)
}

/// Each handshake gets the configuration of its moment. `first` is for the day that there is none, which does not come.
fn loader(shared: &Arc<Shared>, first: Config) -> impl FnMut(ConnectionContext) -> Config + Send + 'static {
    let shared = Arc::clone(shared);
    move |_| shared.tls().unwrap_or_else(|| first.clone())
}

fn datagrams(settings: &Settings) -> Datagrams {
    Datagrams { capacity: settings.raw.datagram_buffer as usize }
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(JETSTREAM_STATUS_INTERNAL, format!("s2n-quic did not start: {error}"))
}
