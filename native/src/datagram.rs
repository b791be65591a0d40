//! Datagrams without delivery (RFC 9221): two bounded queues per connection, one each way.
//!
//! What does not fit on the way out is refused; on the way in the oldest makes room, as the newest is worth most.
//! s2n-quic calls these traits under the connection's lock: queues are behind leaf locks, and wakers only note tokens.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Poll, Waker},
};

use s2n_quic::{
    connection,
    provider::datagram::{ConnectionInfo, Endpoint, Packet, PreConnectionInfo, ReceiveContext, Receiver, Sender},
};

use crate::{
    abi::jetstream_datagram_stats,
    error::Failure,
    ffi::Buffer,
    wake::{OpWaker, Operation},
};

/// Each datagram counts for its bytes and what holds them.
const OVERHEAD: usize = 64;

/// What endpoints announce that take datagrams: any that fits into a UDP packet (RFC 9221 section 3).
const LARGEST_FRAME: u64 = 65_535;

/// The provider of an endpoint.
pub struct Datagrams {
    /// Bytes that each queue holds; 0: the peer is told to send none.
    pub capacity: usize,
}

/// Both queues of a connection.
pub struct Queues {
    capacity: usize,
    /// The largest datagram that the peer takes; 0: none.
    largest: u64,
    out: Mutex<Queue>,
    incoming: Mutex<Queue>,
    transmit: Waker,
    tell: OnceLock<Arc<OpWaker>>,
    sent: AtomicU64,
    received: AtomicU64,
    dropped_sending: AtomicU64,
    dropped_receiving: AtomicU64,
}

#[derive(Default)]
struct Queue {
    datagrams: VecDeque<Vec<u8>>,
    held: usize,
}

impl Queue {
    fn push(&mut self, datagram: Vec<u8>) {
        self.held += datagram.len() + OVERHEAD;
        self.datagrams.push_back(datagram);
    }

    fn pop(&mut self) -> Option<Vec<u8>> {
        let datagram = self.datagrams.pop_front()?;
        self.held -= datagram.len() + OVERHEAD;
        Some(datagram)
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(|poison| poison.into_inner())
}

impl Queues {
    /// Whom to wake when there is a datagram.
    pub fn tell(&self, waker: Arc<OpWaker>) {
        let _ = self.tell.set(waker);
    }

    /// Queues a datagram, or says why not: true, false when there is no room.
    pub fn send(&self, datagram: &[u8]) -> Result<bool, Failure> {
        if self.largest == 0 || self.capacity == 0 {
            return Err(Failure::wrong_kind("datagrams are not agreed on: both sides must ask for them"));
        }
        if datagram.len() as u64 > self.largest {
            let message = format!("data has {} bytes, the peer takes datagrams of {}", datagram.len(), self.largest);
            return Err(Failure::argument(message));
        }
        let mut out = lock(&self.out);
        if out.held + datagram.len() + OVERHEAD > self.capacity {
            self.dropped_sending.fetch_add(1, Relaxed);
            return Ok(false);
        }
        out.push(datagram.to_vec());
        drop(out);
        self.transmit.wake_by_ref();
        Ok(true)
    }

    /// The next datagram, cut to the caller's memory, and its length.
    pub fn poll_receive(&self, operation: &Operation, buffer: &mut Buffer) -> Poll<usize> {
        operation.poll(|_| match lock(&self.incoming).pop() {
            Some(datagram) => {
                buffer.put(&datagram);
                Poll::Ready(datagram.len())
            }
            None => Poll::Pending,
        })
    }

    pub fn stats(&self) -> jetstream_datagram_stats {
        jetstream_datagram_stats {
            size: size_of::<jetstream_datagram_stats>() as u32,
            reserved: 0,
            largest: if self.capacity == 0 { 0 } else { self.largest },
            sent: self.sent.load(Relaxed),
            received: self.received.load(Relaxed),
            dropped_sending: self.dropped_sending.load(Relaxed),
            dropped_receiving: self.dropped_receiving.load(Relaxed),
        }
    }
}

impl Endpoint for Datagrams {
    type Sender = Out;
    type Receiver = In;

    fn create_connection(&mut self, info: &ConnectionInfo) -> (Out, In) {
        let queues = Arc::new(Queues {
            capacity: self.capacity,
            largest: info.max_datagram_payload,
            out: Mutex::default(),
            incoming: Mutex::default(),
            transmit: info.waker.clone(),
            tell: OnceLock::new(),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            dropped_sending: AtomicU64::new(0),
            dropped_receiving: AtomicU64::new(0),
        });
        (Out { queues: Arc::clone(&queues) }, In { queues })
    }

    fn max_datagram_frame_size(&self, _: &PreConnectionInfo) -> u64 {
        if self.capacity == 0 { 0 } else { LARGEST_FRAME }
    }
}

pub struct Out {
    queues: Arc<Queues>,
}

impl Out {
    pub fn queues(&self) -> Arc<Queues> {
        Arc::clone(&self.queues)
    }
}

// None of it can panic.
impl Sender for Out {
    fn on_transmit<P: Packet>(&mut self, packet: &mut P) {
        // By turns with streams.
        if packet.has_pending_streams() && !packet.datagrams_prioritized() {
            return;
        }
        let mut out = lock(&self.queues.out);
        let mut written = false;
        while let Some(datagram) = out.datagrams.front() {
            if packet.remaining_capacity() < datagram.len() && written {
                // There is more room in the next packet.
                break;
            }
            let fits = packet.write_datagram(datagram).is_ok();
            if !fits && written {
                break;
            }
            // One that does not fit into a packet of its own never will on this path.
            let counter = if fits { &self.queues.sent } else { &self.queues.dropped_sending };
            counter.fetch_add(1, Relaxed);
            written |= fits;
            let _ = out.pop();
        }
    }

    fn has_transmission_interest(&self) -> bool {
        !lock(&self.queues.out).datagrams.is_empty()
    }

    fn on_connection_error(&mut self, _: connection::Error) {}
}

pub struct In {
    queues: Arc<Queues>,
}

impl Receiver for In {
    fn on_datagram(&mut self, _: &ReceiveContext<'_>, datagram: &[u8]) {
        let queues = &self.queues;
        queues.received.fetch_add(1, Relaxed);
        let size = datagram.len() + OVERHEAD;
        if size > queues.capacity {
            queues.dropped_receiving.fetch_add(1, Relaxed);
            return;
        }
        let mut incoming = lock(&queues.incoming);
        while incoming.held + size > queues.capacity && incoming.pop().is_some() {
            queues.dropped_receiving.fetch_add(1, Relaxed);
        }
        incoming.push(datagram.to_vec());
        drop(incoming);
        if let Some(waker) = queues.tell.get() {
            waker.fire();
        }
    }

    fn on_connection_error(&mut self, _: connection::Error) {}
}
