//! Opening that waits until the peer allows one more stream.
//!
//! The peer allows it when it knows that an older one has ended both ways, so when the end that it sent is
//! acknowledged. A receiver with nothing else to send delays that for up to `max_ack_delay`, 25 ms (RFC 9000 section
//! 13.2.1), and a program of which all wait for a stream has nothing else to send: at the limit it made one limit's
//! worth of calls in 26 ms, 3,900 a second with a hundred streams. So who reads an end while somebody waits sends a PING:
//! acknowledgements travel with it.

use std::{
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicU8,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::Duration,
};

use s2n_quic::connection::Handle;

use crate::connection::Budget;

/// s2n-quic sends no PING while another is on its way, and the peer may delay that one's acknowledgement as well: so it is
/// tried again this often, for a little longer than peers do.
const AGAIN: (u32, Duration) = (30, Duration::from_millis(1));

/// Who waits to open a stream of one connection.
#[derive(Default)]
pub struct Blocked {
    who: AtomicU8,
    trying: AtomicBool,
}

/// One bit for each that opens.
#[derive(Clone, Copy)]
pub enum Opening {
    Streams = 1,
    Requests = 2,
}

impl Blocked {
    fn nobody(&self) -> bool {
        self.who.load(SeqCst) == 0
    }
}

/// What a poll to open answered.
pub fn polled(budget: &Arc<Budget>, opening: Opening, pending: bool, connection: &Handle) {
    let (who, bit) = (&budget.blocked().who, opening as u8);
    if pending {
        who.fetch_or(bit, SeqCst);
        // For the ends that were read before this was known.
        acknowledge(budget, connection.clone());
    } else if who.load(Relaxed) & bit != 0 {
        who.fetch_and(!bit, SeqCst);
    }
}

/// The peer's end of a stream was read.
pub fn end_read(budget: &Arc<Budget>, connection: impl FnOnce() -> Handle) {
    if !budget.blocked().nobody() {
        acknowledge(budget, connection());
    }
}

fn acknowledge(budget: &Arc<Budget>, mut connection: Handle) {
    // Fails only when the connection is over, and with it the wait.
    if connection.ping().is_err() || budget.blocked().trying.swap(true, SeqCst) {
        return;
    }
    let kept = Arc::clone(budget);
    budget.shared().spawn(async move {
        let (times, wait) = AGAIN;
        for _ in 0..times {
            tokio::time::sleep(wait).await;
            if kept.blocked().nobody() || connection.ping().is_err() {
                break;
            }
        }
        kept.blocked().trying.store(false, SeqCst);
    });
}
