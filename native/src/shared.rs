//! What the thread, the events, the connections and the streams of one endpoint share.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::Poll,
    time::Duration,
};

use crossbeam_queue::ArrayQueue;
use s2n_quic::{application, provider::tls::s2n_tls::config::Config};
use tokio::{runtime::Handle, sync::Notify};

use crate::{
    abi::*,
    admission::{Admission, Cause, Pending},
    budget::SendBudget,
    config::{Exporter, Settings},
    error::Failure,
    events::{Event, Events},
    exchange::Exchanges,
    qlog::Qlog,
    questions::Questions,
    refusal::Refused,
    stats::{Count, Traffic},
    tickets::Connecting,
    wake::{OpWaker, WakeQueue},
};

/// Refused handshakes that are remembered until they are taken; older ones make room.
const REFUSALS: usize = 256;

/// What an endpoint's thread, events, connections and streams share.
pub struct Shared {
    pub queue: Arc<WakeQueue>,
    pub abandoned_stream_code: application::Error,
    pub max_leased: u64,
    pub max_claimed: u64,
    pub max_claim: u32,
    /// Told when the thread should look again: at the wish to close, at the last connection's end, at death.
    pub changed: Notify,
    pub closing: OnceLock<Closing>,
    pub dead: OnceLock<Failure>,
    pub connections: AtomicU64,
    /// Those whose handshake is done: their peers are told of a close.
    pub established: AtomicU64,
    /// The same since the start.
    pub established_ever: AtomicU64,
    /// By `JETSTREAM_REFUSED_*`.
    pub handshakes_refused: [AtomicU64; JETSTREAM_REFUSED_CAUSES],
    pub refusals: ArrayQueue<Refusal>,
    /// Who gets in; common to all endpoints of a server.
    pub admission: Arc<Admission>,
    pub pending: Pending,
    pub connecting: Connecting,
    pub resets: AtomicU64,
    pub traffic: Traffic,
    pub dropped: Count,
    pub events: Events,
    pub questions: Arc<Questions>,
    pub exporters: Vec<Exporter>,
    pub stream_rate: u64,
    pub max_send_buffered: u64,
    /// Where exchanges are handed over, once somebody wants them.
    pub exchanges: OnceLock<Exchanges>,
    /// Where the program wants it.
    pub qlog: Option<Qlog>,
    runtime: OnceLock<Handle>,
    pub sending: SendBudget,
    /// What new handshakes are made with.
    pub tls: Mutex<Option<Config>>,
}

pub struct Refusal {
    pub peer: Option<SocketAddr>,
    pub why: Refused,
}

/// The wish to close, once.
#[derive(Clone, Copy)]
pub struct Closing {
    pub code: application::Error,
    /// How long connections may take to end.
    pub drain: Duration,
}

impl Shared {
    pub fn new(settings: &Settings) -> Result<Arc<Self>, Failure> {
        let qlog = qlog(settings)?;
        let queue = WakeQueue::new(settings.wake);
        let timeout = Duration::from_millis(u64::from(settings.raw.question_timeout_ms));
        Ok(Arc::new(Self {
            events: Events::new(&queue, settings.token),
            questions: Questions::new(&queue, settings.token, timeout),
            queue,
            abandoned_stream_code: settings.abandoned_stream_code,
            max_leased: settings.raw.max_leased,
            max_claimed: settings.raw.max_claimed,
            max_claim: settings.raw.max_claim,
            changed: Notify::new(),
            closing: OnceLock::new(),
            dead: OnceLock::new(),
            connections: AtomicU64::new(0),
            established: AtomicU64::new(0),
            established_ever: AtomicU64::new(0),
            handshakes_refused: Default::default(),
            refusals: ArrayQueue::new(REFUSALS),
            admission: match &settings.admission_of {
                Some(other) => Arc::clone(other),
                None => Admission::new(settings.admission),
            },
            pending: Pending::default(),
            connecting: Connecting::new(settings.tls.max_tickets > 0),
            resets: AtomicU64::new(0),
            traffic: Traffic::default(),
            dropped: Count::default(),
            exporters: settings.exporters.clone(),
            stream_rate: settings.raw.stream_rate,
            max_send_buffered: settings.raw.max_send_buffered,
            exchanges: OnceLock::new(),
            qlog,
            runtime: OnceLock::new(),
            sending: SendBudget::new(settings.raw.max_endpoint_send_buffered),
            tls: Mutex::default(),
        }))
    }

    pub fn is_closing(&self) -> bool {
        self.closing.get().is_some()
    }

    /// Why nothing on this endpoint can go on any more, once that is so.
    pub fn dead(&self) -> Option<Failure> {
        self.dead.get().cloned()
    }

    /// A poll's answer, unless nothing can come any more. Of a panic s2n-quic knows no reason.
    pub fn or_dead<T>(&self, answer: Poll<Result<T, Failure>>) -> Poll<Result<T, Failure>> {
        match (answer, self.dead.get()) {
            (Poll::Pending, Some(why)) => Poll::Ready(Err(why.clone())),
            (Poll::Ready(Err(_)), Some(why)) if why.status == JETSTREAM_STATUS_PANICKED => {
                Poll::Ready(Err(why.clone()))
            }
            (answer, _) => answer,
        }
    }

    pub fn connection_began(&self) {
        self.connections.fetch_add(1, Relaxed);
    }

    pub fn connection_ended(&self) {
        self.connections.fetch_sub(1, Relaxed);
    }

    pub fn established_began(&self) {
        self.established.fetch_add(1, Relaxed);
        self.established_ever.fetch_add(1, Relaxed);
        if self.is_closing() {
            self.changed.notify_one();
        }
    }

    pub fn established_ended(&self) {
        if self.established.fetch_sub(1, Relaxed) == 1 {
            self.changed.notify_one();
        }
    }

    /// The endpoint's task is gone: by closing, which was noted before, or by a panic.
    pub fn endpoint_task_ended(&self) {
        let _ = self.dead.set(Failure::panicked("the endpoint's task panicked"));
        self.changed.notify_one();
    }

    pub fn handshake_refused(&self, peer: Option<SocketAddr>, why: Refused) {
        if let Some(count) = self.handshakes_refused.get(why.cause as usize) {
            count.fetch_add(1, Relaxed);
        }
        self.refusals.force_push(Refusal { peer, why });
    }

    pub fn tell_refused(&self, peer: SocketAddr, cause: Cause) {
        self.events.tell(JETSTREAM_EVENT_REFUSED, || Event {
            peer: Some(peer),
            value: cause as u64,
            ..Event::of(JETSTREAM_EVENT_REFUSED)
        });
    }

    /// The configuration for the next handshake. Set before the endpoint is, and from then on only replaced.
    pub fn tls(&self) -> Option<Config> {
        self.tls.lock().unwrap_or_else(|poison| poison.into_inner()).clone()
    }

    pub fn set_tls(&self, config: Config) {
        let before = self.tls.lock().unwrap_or_else(|poison| poison.into_inner()).replace(config);
        // Outside of the lock: its end is the end of certificates and keys.
        drop(before);
    }

    /// The endpoint's own runtime, once it is there.
    pub fn runs_on(&self, runtime: &Handle) {
        let _ = self.runtime.set(runtime.clone());
    }

    /// Fires `waker` after `wait`, or never when the endpoint has ended: then its end wakes all.
    pub fn after(&self, wait: Duration, waker: Arc<OpWaker>) {
        self.spawn(async move {
            tokio::time::sleep(wait).await;
            waker.fire();
        });
    }

    /// Runs `task` on the endpoint's thread, or drops it when that has ended.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        if let Some(runtime) = self.runtime.get() {
            runtime.spawn(task);
        }
    }

    /// Why nothing new can begin on this endpoint, once that is so.
    pub fn refuses(&self) -> Option<Failure> {
        if self.is_closing() { Some(endpoint_closed()) } else { self.dead() }
    }

    /// The code that connections of a closing endpoint end with.
    pub fn closing_code(&self) -> application::Error {
        self.closing.get().map_or(application::Error::UNKNOWN, |closing| closing.code)
    }

    /// Nothing goes on from here: the thread has left its loop.
    pub fn closed(&self) {
        let _ = self.dead.set(endpoint_closed());
    }
}

fn qlog(settings: &Settings) -> Result<Option<Qlog>, Failure> {
    if settings.qlog_directory.is_empty() {
        return Ok(None);
    }
    let directory = std::str::from_utf8(settings.qlog_directory)
        .map_err(|_| Failure::argument("config.qlog_directory is not UTF-8"))?;
    Ok(Some(Qlog::new(Path::new(directory), &settings.raw)))
}

fn endpoint_closed() -> Failure {
    Failure {
        initiator: JETSTREAM_INITIATOR_LOCAL,
        ..Failure::new(JETSTREAM_STATUS_CONNECTION_ENDPOINT_CLOSING, "the endpoint is closed")
    }
}
