//! One connection: opening and accepting streams, closing, and what the handshake agreed on.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, TryLockError,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Acquire, Relaxed, SeqCst},
        },
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use s2n_quic::{
    application, connection,
    connection::{BidirectionalStreamAcceptor, Handle, ReceiveStreamAcceptor},
    stream::{ReceiveStream, SendStream},
};

use crate::{
    abi::*,
    admission::Pace,
    blocked::{self, Blocked, Opening},
    budget::{SendBudget, counted},
    datagram::{Out, Queues},
    error::{Failure, application_code},
    exchange::{self, Answering, Declined, Incoming, Request, answer_all},
    facts::Facts,
    ffi::Buffer,
    handles::CONNECTIONS,
    shared::Shared,
    stream::Stream,
    wake::Operation,
};

/// Requests of one connection that wait for their answers, or for a stream.
const MAX_REQUESTS: u64 = 16_384;

/// What the streams of a connection share; it outlives the connection's handle as long as one of them does.
pub struct Budget {
    shared: Arc<Shared>,
    leased: AtomicU64,
    claimed: AtomicU64,
    sending: SendBudget,
    /// Requests without an answer.
    requests: AtomicU64,
    blocked: Blocked,
    streams: AtomicU64,
    streams_ever: AtomicU64,
}

pub struct Connection {
    token: u64,
    budget: Arc<Budget>,
    facts: Arc<Facts>,
    handle: Handle,
    open_bidirectional: Mutex<Opener>,
    open_unidirectional: Mutex<Opener>,
    request_opener: Arc<exchange::Opener>,
    accept_bidirectional: Mutex<Acceptor<Streams>>,
    accept_unidirectional: Mutex<Acceptor<ReceiveStreamAcceptor>>,
    /// Streams of the peer: above it they wait, and with them the peer's credit for more.
    pace: Arc<Pace>,
    /// Requests are answered in place.
    answering: AtomicBool,
    ping: Operation,
    datagram: Operation,
    /// None where the handshake ended before it could have any.
    datagrams: Option<Arc<Queues>>,
    closed: Operation,
}

/// s2n-quic keeps one waiter per handle: each kind has its own.
struct Opener {
    handle: Handle,
    operation: Operation,
}

struct Acceptor<A> {
    acceptor: A,
    operation: Operation,
}

/// Where the peer's bidirectional streams come from.
enum Streams {
    All(BidirectionalStreamAcceptor),
    /// Those that were not answered in place.
    Declined(Arc<Declined>),
}

impl Streams {
    fn poll(&mut self, context: &mut Context) -> Poll<Result<Option<Incoming>, connection::Error>> {
        match self {
            Self::All(acceptor) => {
                acceptor.poll_accept_bidirectional_stream(context).map_ok(|stream| stream.map(Incoming::from))
            }
            Self::Declined(declined) => declined.poll(context).map(Ok),
        }
    }
}

/// Which streams a call is about.
#[derive(Clone, Copy)]
pub enum Kind {
    Bidirectional,
    Unidirectional,
}

impl Kind {
    pub fn new(kind: u32) -> Result<Self, Failure> {
        match kind {
            JETSTREAM_STREAM_BIDIRECTIONAL => Ok(Self::Bidirectional),
            JETSTREAM_STREAM_UNIDIRECTIONAL => Ok(Self::Unidirectional),
            other => Err(Failure::argument(format!("kind is {other}, must be JETSTREAM_STREAM_*"))),
        }
    }
}

/// A new stream and its id on the wire.
pub struct Opened {
    pub stream: Arc<Stream>,
    pub id: u64,
}

impl Connection {
    pub fn new(shared: &Arc<Shared>, facts: Arc<Facts>, connection: s2n_quic::Connection, token: u64) -> Arc<Self> {
        let (handle, acceptor) = connection.split();
        let (accept_bidirectional, accept_unidirectional) = acceptor.split();
        let operation = |operation| Operation::new(&shared.queue, token, operation);
        let opener = |op| Mutex::new(Opener { handle: handle.clone(), operation: operation(op) });
        let closed = operation(JETSTREAM_WAKE_CONNECTION_CLOSED);
        let ping = operation(JETSTREAM_WAKE_CONNECTION_PING);
        let datagram = operation(JETSTREAM_WAKE_CONNECTION_DATAGRAM);
        facts.tell_handle([closed.waker(), ping.waker(), datagram.waker()]);
        let datagrams = handle.datagram_mut(|sender: &mut Out| sender.queues()).ok();
        if let Some(queues) = &datagrams {
            queues.tell(datagram.waker());
        }
        Arc::new(Self {
            token,
            budget: Arc::new(Budget {
                shared: Arc::clone(shared),
                leased: AtomicU64::new(0),
                claimed: AtomicU64::new(0),
                sending: SendBudget::new(shared.max_send_buffered),
                requests: AtomicU64::new(0),
                blocked: Blocked::default(),
                streams: AtomicU64::new(0),
                streams_ever: AtomicU64::new(0),
            }),
            facts,
            open_bidirectional: opener(JETSTREAM_WAKE_CONNECTION_OPEN_BIDIRECTIONAL),
            open_unidirectional: opener(JETSTREAM_WAKE_CONNECTION_OPEN_UNIDIRECTIONAL),
            request_opener: exchange::Opener::new(handle.clone()),
            accept_bidirectional: Mutex::new(Acceptor {
                acceptor: Streams::All(accept_bidirectional),
                operation: operation(JETSTREAM_WAKE_CONNECTION_ACCEPT_BIDIRECTIONAL),
            }),
            accept_unidirectional: Mutex::new(Acceptor {
                acceptor: accept_unidirectional,
                operation: operation(JETSTREAM_WAKE_CONNECTION_ACCEPT_UNIDIRECTIONAL),
            }),
            handle,
            pace: Arc::new(Pace::new(shared.stream_rate)),
            answering: AtomicBool::new(false),
            ping,
            datagram,
            datagrams,
            closed,
        })
    }

    /// Opens a stream when the peer's limit allows one more.
    pub fn poll_open(&self, kind: Kind, token: u64) -> Poll<Result<Opened, Failure>> {
        let answer = match kind {
            Kind::Bidirectional => {
                let opener = &mut *only(&self.open_bidirectional, "opening")?;
                let opened = opener.operation.poll(|context| opener.handle.poll_open_bidirectional_stream(context));
                blocked::polled(&self.budget, Opening::Streams, opened.is_pending(), &opener.handle);
                opened.map_ok(|stream| self.opened(token, stream.id(), both(stream)))
            }
            Kind::Unidirectional => {
                let opener = &mut *only(&self.open_unidirectional, "opening")?;
                opener
                    .operation
                    .poll(|context| opener.handle.poll_open_send_stream(context))
                    .map_ok(|stream| self.opened(token, stream.id(), (None, Some(stream))))
            }
        };
        self.budget.or_dead(answer.map_err(|error| self.why(error)))
    }

    /// Takes the next stream that the peer opened.
    pub fn poll_accept(&self, kind: Kind, token: u64) -> Poll<Result<Opened, Failure>> {
        let in_place = matches!(kind, Kind::Bidirectional) && self.answering.load(SeqCst);
        // What was declined in place was paced there.
        match self.pace.wait() {
            Some(Duration::ZERO) => {}
            _ if in_place => {}
            wait => return self.accept_later(kind, wait),
        }
        let answer = match kind {
            Kind::Bidirectional => {
                let accept = &mut *self.accepting()?;
                accept
                    .operation
                    .poll(|context| accept.acceptor.poll(context))
                    .map_ok(|incoming| incoming.map(|incoming| self.incoming(token, incoming)))
            }
            Kind::Unidirectional => {
                let accept = &mut *only(&self.accept_unidirectional, "accepting")?;
                accept
                    .operation
                    .poll(|context| accept.acceptor.poll_accept_receive_stream(context))
                    .map_ok(|stream| stream.map(|stream| self.opened(token, stream.id(), (Some(stream), None))))
            }
        };
        // No stream and no error: the connection was closed cleanly.
        let answer = answer.map(|answer| match answer {
            Ok(Some(opened)) => {
                if !in_place {
                    self.pace.take();
                }
                Ok(opened)
            }
            Ok(None) => Err(self.facts.ended().unwrap_or_else(closed_cleanly)),
            Err(error) => Err(self.why(error)),
        });
        self.budget.or_dead(answer)
    }

    /// The peer opens streams faster than it may: whoever accepts is woken when the next one's time has come.
    fn accept_later(&self, kind: Kind, wait: Option<Duration>) -> Poll<Result<Opened, Failure>> {
        let later = |operation: &Operation| {
            // Before the look: an end right after it would wake nobody.
            self.facts.tell_paced(kind as usize, &operation.waker());
            let answer = operation.poll(|_| self.facts.ended().map_or(Poll::Pending, |why| Poll::Ready(Err(why))));
            if let (Poll::Pending, Some(wait)) = (&answer, wait) {
                self.budget.shared.after(wait, operation.waker());
            }
            answer
        };
        let answer = match kind {
            Kind::Bidirectional => later(&only(&self.accept_bidirectional, "accepting")?.operation),
            Kind::Unidirectional => later(&only(&self.accept_unidirectional, "accepting")?.operation),
        };
        self.budget.or_dead(answer)
    }

    fn incoming(&self, token: u64, incoming: Incoming) -> Opened {
        let Incoming { stream, received, ended } = incoming;
        let id = stream.id();
        let (receive, send) = both(stream);
        let (budget, queue) = (Arc::clone(&self.budget), &self.budget.shared.queue);
        Opened { stream: Stream::begun(budget, queue, token, receive, send, received, ended), id }
    }

    /// For polls: who answers in place has it for a moment, and is waited for.
    fn accepting(&self) -> Result<MutexGuard<'_, Acceptor<Streams>>, Failure> {
        only(&self.accept_bidirectional, "accepting").or_else(|busy| {
            if !self.answering.load(SeqCst) {
                return Err(busy);
            }
            self.accept_bidirectional.lock().map_err(|_| panicked())
        })
    }

    /// Answers the peer's requests in place from now on; other streams are accepted as before.
    pub fn answer(&self) -> Result<(), Failure> {
        let shared = &self.budget.shared;
        if shared.exchanges.get().is_none() {
            return Err(Failure::wrong_kind("the endpoint has no exchanges"));
        }
        // Said before: whoever finds it locked waits.
        self.answering.store(true, SeqCst);
        let mut accept = self.accept_bidirectional.lock().map_err(|_| panicked())?;
        let declined = Arc::new(Declined::default());
        let streams = Streams::Declined(Arc::clone(&declined));
        let acceptor = match std::mem::replace(&mut accept.acceptor, streams) {
            Streams::All(acceptor) => acceptor,
            answering => {
                accept.acceptor = answering;
                return Err(Failure::argument("the connection answers requests already"));
            }
        };
        let waiting = accept.operation.waker();
        drop(accept);
        let (budget, pace) = (Arc::clone(&self.budget), Arc::clone(&self.pace));
        let answering = Answering { token: self.token, budget, pace, declined };
        shared.spawn(answer_all(acceptor, Arc::new(answering)));
        // Whoever waited for a stream is to look where they come from now.
        waiting.fire();
        Ok(())
    }

    /// Sends a request; its answer is handed over with `token`.
    pub fn request(&self, token: u64, data: &[u8], timeout: Duration) -> Result<(), Failure> {
        let shared = &self.budget.shared;
        let Some(exchanges) = shared.exchanges.get() else {
            return Err(Failure::wrong_kind("the endpoint has no exchanges"));
        };
        exchanges.check(data)?;
        if let Some(why) = self.facts.ended().or_else(|| shared.refuses()) {
            return Err(why);
        }
        self.budget.request_began()?;
        let (opener, facts, budget) = (&self.request_opener, &self.facts, &self.budget);
        let data = counted(data.to_vec(), budget);
        let mut request = Request::new(Arc::clone(opener), Arc::clone(facts), Arc::clone(budget), token, data);
        request.send_at_once();
        shared.spawn(request.answered(timeout));
        // The thread that would have told of its end may have ended just before.
        shared.dead().map_or(Ok(()), Err)
    }

    fn opened(&self, token: u64, id: u64, halves: (Option<ReceiveStream>, Option<SendStream>)) -> Opened {
        let (receive, send) = halves;
        let stream = Stream::new(Arc::clone(&self.budget), &self.budget.shared.queue, token, receive, send);
        Opened { stream, id }
    }

    /// Never ready with success: the answer is why the connection ended.
    pub fn poll_closed(&self) -> Poll<Result<(), Failure>> {
        let answer = self.closed.poll(|_| self.facts.ended().map_or(Poll::Pending, |why| Poll::Ready(Err(why))));
        self.budget.or_dead(answer)
    }

    /// Closes with `code` and tells the peer; streams end at once. Idempotent.
    pub fn close(&self, code: u64) -> Result<(), Failure> {
        self.handle.close(application_code(code)?);
        Ok(())
    }

    pub fn close_with(&self, code: application::Error) {
        self.handle.close(code);
    }

    /// For a connection that is freed without a close.
    pub fn close_unused(&self) {
        self.handle.close(application::Error::UNKNOWN);
    }

    pub fn addresses(&self) -> Result<(SocketAddr, SocketAddr), Failure> {
        let local = self.handle.local_addr().map_err(|error| self.why(error))?;
        let peer = self.handle.remote_addr().map_err(|error| self.why(error))?;
        Ok((local, peer))
    }

    pub fn keep_alive(&self, enabled: bool) -> Result<(), Failure> {
        self.handle.clone().keep_alive(enabled).map_err(|error| self.why(error))
    }

    /// Sends a PING. Its answer is an acknowledgement of the packet whose number is told, or of a later one.
    pub fn ping(&self) -> Result<u64, Failure> {
        let packet = self.facts.stats.next_packet.load(Acquire);
        self.handle.clone().ping().map_err(|error| self.why(error))?;
        Ok(packet)
    }

    pub fn poll_ping(&self, packet: u64) -> Poll<Result<(), Failure>> {
        let answer = self.ping.poll(|_| {
            if self.facts.stats.acknowledged.load(SeqCst) > packet {
                return Poll::Ready(Ok(()));
            }
            if let Some(why) = self.facts.ended() {
                return Poll::Ready(Err(why));
            }
            // s2n-quic sends no PING while it takes an earlier one to be on its way. That one's acknowledgement wakes this
            // poll and is no answer to it, so it is asked for again.
            if let Err(error) = self.handle.clone().ping() {
                return Poll::Ready(Err(self.why(error)));
            }
            Poll::Pending
        });
        self.budget.or_dead(answer)
    }

    fn datagrams(&self) -> Result<&Queues, Failure> {
        self.datagrams.as_deref().ok_or_else(|| Failure::wrong_kind("the connection has no datagrams"))
    }

    pub fn send_datagram(&self, data: &[u8]) -> Result<bool, Failure> {
        if let Some(why) = self.facts.ended() {
            return Err(why);
        }
        self.datagrams()?.send(data)
    }

    /// Fills the caller's memory with the next datagram, and tells its whole length.
    pub fn poll_receive_datagram(&self, buffer: &mut Buffer) -> Poll<Result<usize, Failure>> {
        let answer = self.datagrams()?.poll_receive(&self.datagram, buffer).map(Ok);
        let answer = match answer {
            Poll::Pending => self.facts.ended().map_or(Poll::Pending, |why| Poll::Ready(Err(why))),
            ready => ready,
        };
        self.budget.shared.or_dead(answer)
    }

    pub fn datagram_stats(&self) -> Result<jetstream_datagram_stats, Failure> {
        Ok(self.datagrams()?.stats())
    }

    pub fn stats(&self) -> jetstream_connection_stats {
        jetstream_connection_stats {
            send_buffered: self.budget.sending.held(),
            streams: self.budget.streams.load(Relaxed),
            streams_ever: self.budget.streams_ever.load(Relaxed),
            ..self.facts.stats.read(self.facts.number())
        }
    }

    /// Bytes that are leased, claimed, and kept for sending.
    pub fn held(&self) -> [u64; 3] {
        let budget = &self.budget;
        [budget.leased.load(Relaxed), budget.claimed.load(Relaxed), budget.sending.held()]
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Gives the connection its number, unless its endpoint was closed since it was asked for one.
    pub fn publish(self: Arc<Self>) -> Result<u64, Failure> {
        let shared = Arc::clone(&self.budget.shared);
        let handle = CONNECTIONS.insert(self);
        // Asked after the insertion: a close from now on finds the connection in the table.
        let Some(why) = shared.refuses() else { return Ok(handle) };
        if let Some(connection) = CONNECTIONS.remove(handle) {
            connection.close_with(shared.closing_code());
        }
        Err(why)
    }

    pub fn belongs_to(&self, shared: &Arc<Shared>) -> bool {
        Arc::ptr_eq(&self.budget.shared, shared)
    }

    /// What the events know says more than what a poll is told, above all why a handshake failed.
    fn why(&self, error: connection::Error) -> Failure {
        self.facts.ended().unwrap_or_else(|| error.into())
    }
}

fn both(stream: s2n_quic::stream::BidirectionalStream) -> (Option<ReceiveStream>, Option<SendStream>) {
    let (receive, send) = stream.split();
    (Some(receive), Some(send))
}

fn closed_cleanly() -> Failure {
    Failure::new(JETSTREAM_STATUS_CONNECTION_CLOSED, "connection closed")
}

/// One caller at a time per operation: s2n-quic has one waker for it, and callers queue in front.
fn only<'a, T>(mutex: &'a Mutex<T>, doing: &str) -> Result<MutexGuard<'a, T>, Failure> {
    mutex.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => {
            Failure::new(JETSTREAM_STATUS_BUSY, format!("another thread is {doing} on this connection"))
        }
        TryLockError::Poisoned(_) => panicked(),
    })
}

fn panicked() -> Failure {
    Failure::panicked("an earlier call on this connection panicked")
}

impl Budget {
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub fn blocked(&self) -> &Blocked {
        &self.blocked
    }

    pub fn sending(&self) -> &SendBudget {
        &self.sending
    }

    pub fn abandoned_stream_code(&self) -> application::Error {
        self.shared.abandoned_stream_code
    }

    pub fn check_leased(&self) -> Result<(), Failure> {
        let (leased, max) = (self.leased.load(Relaxed), self.shared.max_leased);
        if leased < max {
            return Ok(());
        }
        Err(Failure::limit(format!("{leased} bytes are leased, the limit is {max}: close leases first")))
    }

    pub fn add_leased(&self, bytes: u64) {
        self.leased.fetch_add(bytes, Relaxed);
    }

    pub fn remove_leased(&self, bytes: u64) {
        self.leased.fetch_sub(bytes, Relaxed);
    }

    pub fn add_claimed(&self, len: usize) -> Result<(), Failure> {
        let (len, largest, max) = (len as u64, u64::from(self.shared.max_claim), self.shared.max_claimed);
        if len == 0 || len > largest {
            return Err(Failure::argument(format!("len is {len}, a claim has from 1 to {largest} bytes")));
        }
        let before = self.claimed.fetch_add(len, Relaxed);
        if before + len > max {
            self.claimed.fetch_sub(len, Relaxed);
            return Err(Failure::limit(format!(
                "{before} bytes are claimed, the limit is {max}: commit or abort first"
            )));
        }
        Ok(())
    }

    pub fn remove_claimed(&self, bytes: u64) {
        self.claimed.fetch_sub(bytes, Relaxed);
    }

    fn request_began(&self) -> Result<(), Failure> {
        if crate::budget::room(self, Waker::noop()) == 0 {
            return Err(Failure::limit("no more may be kept for sending: wait for answers"));
        }
        let before = self.requests.fetch_add(1, Relaxed);
        if before >= MAX_REQUESTS {
            self.requests.fetch_sub(1, Relaxed);
            return Err(Failure::limit(format!("{before} requests of the connection wait for answers")));
        }
        Ok(())
    }

    pub fn request_ended(&self) {
        self.requests.fetch_sub(1, Relaxed);
    }

    pub fn stream_began(&self) {
        self.streams.fetch_add(1, Relaxed);
        self.streams_ever.fetch_add(1, Relaxed);
    }

    pub fn stream_ended(&self) {
        self.streams.fetch_sub(1, Relaxed);
    }

    /// Nothing wakes a poll of an endpoint that is gone: it must not stay pending.
    pub fn or_dead<T>(&self, answer: Poll<Result<T, Failure>>) -> Poll<Result<T, Failure>> {
        self.shared.or_dead(answer)
    }
}
