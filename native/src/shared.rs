//! What the thread, the events, the connections and the streams of one endpoint share.

use std::{
    net::SocketAddr,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::Poll,
    time::Duration,
};

use crossbeam_queue::ArrayQueue;
use s2n_quic::application;
use tokio::sync::Notify;

use crate::{abi::*, config::Settings, error::Failure, wake::WakeQueue};

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
    pub handshakes_failed: AtomicU64,
    pub refused_by_limit: AtomicU64,
    pub retries: AtomicU64,
    pub refusals: ArrayQueue<Refusal>,
}

pub struct Refusal {
    pub peer: Option<SocketAddr>,
    pub reason: &'static str,
}

/// The wish to close, once.
#[derive(Clone, Copy)]
pub struct Closing {
    pub code: application::Error,
    /// How long connections may take to end.
    pub drain: Duration,
}

impl Shared {
    pub fn new(settings: &Settings) -> Arc<Self> {
        Arc::new(Self {
            queue: WakeQueue::new(settings.wake),
            abandoned_stream_code: settings.abandoned_stream_code,
            max_leased: settings.raw.max_leased,
            max_claimed: settings.raw.max_claimed,
            max_claim: settings.raw.max_claim,
            changed: Notify::new(),
            closing: OnceLock::new(),
            dead: OnceLock::new(),
            connections: AtomicU64::new(0),
            established: AtomicU64::new(0),
            handshakes_failed: AtomicU64::new(0),
            refused_by_limit: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            refusals: ArrayQueue::new(REFUSALS),
        })
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

    pub fn handshake_refused(&self, peer: Option<SocketAddr>, reason: &'static str) {
        self.handshakes_failed.fetch_add(1, Relaxed);
        self.refusals.force_push(Refusal { peer, reason });
    }

    pub fn refused_by_limit(&self) {
        self.refused_by_limit.fetch_add(1, Relaxed);
    }

    pub fn retried(&self) {
        self.retries.fetch_add(1, Relaxed);
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

fn endpoint_closed() -> Failure {
    Failure {
        initiator: JETSTREAM_INITIATOR_LOCAL,
        ..Failure::new(JETSTREAM_STATUS_CONNECTION_ENDPOINT_CLOSING, "the endpoint is closed")
    }
}
