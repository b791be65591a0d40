//! What happens on an endpoint, for a caller that wants to be told.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
};

use crossbeam_queue::ArrayQueue;

use crate::{
    abi::*,
    error::Failure,
    socket,
    wake::{OpWaker, Operation, WakeQueue},
};

/// Events that are kept until they are taken; newer ones are dropped, and counted.
const MOST: usize = 4096;

pub struct Events {
    /// A bit for each kind that the caller wants; 0 costs a load.
    wanted: AtomicU32,
    ring: ArrayQueue<Event>,
    dropped: AtomicU64,
    operation: Operation,
    waker: Arc<OpWaker>,
}

pub struct Event {
    pub kind: u32,
    pub connection: u64,
    pub peer: Option<SocketAddr>,
    pub failure: Option<(i32, i32, u64)>,
    pub value: u64,
    pub elapsed_ns: u64,
}

impl Events {
    pub fn new(queue: &Arc<WakeQueue>, token: u64) -> Self {
        let operation = Operation::new(queue, token, JETSTREAM_WAKE_ENDPOINT_EVENT);
        let waker = operation.waker();
        Self { wanted: AtomicU32::new(0), ring: ArrayQueue::new(MOST), dropped: AtomicU64::new(0), operation, waker }
    }

    pub fn want(&self, kinds: u32) -> Result<(), Failure> {
        let all = (1 << (JETSTREAM_EVENT_QLOG_FAILED + 1)) - 1;
        if kinds & !all != 0 {
            return Err(Failure::argument(format!("kinds has unknown bits {:#x}", kinds & !all)));
        }
        self.wanted.store(kinds, Relaxed);
        Ok(())
    }

    pub fn wants(&self, kind: u32) -> bool {
        self.wanted.load(Relaxed) & (1 << kind) != 0
    }

    /// The event is only made when it is wanted.
    pub fn tell(&self, kind: u32, event: impl FnOnce() -> Event) {
        if self.wants(kind) {
            if self.ring.push(event()).is_err() {
                self.dropped.fetch_add(1, Relaxed);
            }
            self.waker.fire();
        }
    }

    pub fn dropped(&self) -> u64 {
        self.dropped.load(Relaxed)
    }

    pub fn poll(&self) -> std::task::Poll<Result<Event, Failure>> {
        self.operation.poll(|_| match self.ring.pop() {
            Some(event) => std::task::Poll::Ready(Ok(event)),
            None => std::task::Poll::Pending,
        })
    }
}

impl Event {
    pub fn of(kind: u32) -> Self {
        Self { kind, connection: 0, peer: None, failure: None, value: 0, elapsed_ns: 0 }
    }

    pub fn to_abi(&self) -> jetstream_event {
        let (status, initiator, code) = self.failure.unwrap_or((JETSTREAM_STATUS_OK, JETSTREAM_INITIATOR_NONE, 0));
        jetstream_event {
            size: size_of::<jetstream_event>() as u32,
            kind: self.kind,
            connection: self.connection,
            peer: socket::to_abi(self.peer.unwrap_or_else(|| ([0, 0, 0, 0], 0).into())),
            status,
            initiator,
            code,
            value: self.value,
            elapsed_ns: self.elapsed_ns,
        }
    }
}
