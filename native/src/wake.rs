//! Wakers that only note a number, and the one task per endpoint that hands the numbers over.
//!
//! s2n-quic fires wakers under the connection's lock, on the endpoint's thread or inside the call of any thread.
//! So a waker takes no lock, calls nobody, and holds no reference to a stream or connection, whose last reference
//! could otherwise be dropped there. It pushes its token on a queue; the drain task makes one call per turn of the
//! loop, outside of all locks.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use crossbeam_queue::SegQueue;
use futures_util::task::AtomicWaker;

use crate::abi::jetstream_wake_fn;

/// Set when the process ends: from then on nobody is called any more.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Makes every waker of the process a no-op, for good.
pub fn stop() {
    STOPPED.store(true, Ordering::SeqCst);
}

/// Whether nobody may be called any more.
pub fn stopped() -> bool {
    STOPPED.load(Ordering::SeqCst)
}

/// The woken tokens of one endpoint that its caller has not been told yet.
pub struct WakeQueue {
    tokens: SegQueue<u64>,
    drain: AtomicWaker,
    call: jetstream_wake_fn,
}

impl WakeQueue {
    pub fn new(call: jetstream_wake_fn) -> Arc<Self> {
        Arc::new(Self { tokens: SegQueue::new(), drain: AtomicWaker::new(), call })
    }

    pub fn push(&self, token: u64) {
        if !STOPPED.load(Ordering::Relaxed) {
            self.tokens.push(token);
            self.drain.wake();
        }
    }

    /// Runs on the endpoint's runtime for as long as the endpoint lives: one call for all tokens of a turn.
    pub async fn drain(self: Arc<Self>) {
        let mut batch = Vec::with_capacity(256);
        std::future::poll_fn(move |context| {
            self.drain.register(context.waker());
            self.flush(&mut batch);
            Poll::<()>::Pending
        })
        .await
    }

    /// Hands over what is queued. Endpoint's thread only.
    pub fn flush(&self, batch: &mut Vec<u64>) {
        batch.clear();
        while let Some(token) = self.tokens.pop() {
            batch.push(token);
        }
        if !batch.is_empty() {
            self.call(batch);
        }
    }

    /// Calls with no token: the caller's chance to prepare this thread.
    pub fn greet(&self) {
        self.call(&[]);
    }

    fn call(&self, tokens: &[u64]) {
        if let Some(call) = self.call
            && !stopped()
        {
            // SAFETY: the configuration promised a function that stays valid and does not unwind; the tokens outlive
            // the call.
            unsafe { call(tokens.as_ptr(), tokens.len()) };
        }
    }
}

/// The waker of one operation of one object; it lives as long as the operation can be polled.
///
/// It fires once per arming: closing a connection wakes everyone, and only those who wait are told.
pub struct OpWaker {
    token: u64,
    armed: AtomicBool,
    queue: Arc<WakeQueue>,
}

impl OpWaker {
    pub fn new(queue: &Arc<WakeQueue>, base: u64, operation: u64) -> Arc<Self> {
        Arc::new(Self { token: base | operation, armed: AtomicBool::new(false), queue: Arc::clone(queue) })
    }

    pub fn fire(&self) {
        if self.armed.swap(false, Ordering::AcqRel) {
            self.queue.push(self.token);
        }
    }

    fn arm(&self) {
        // A swap and not a store: what the poll then reads must not be read before this is seen, or an event between
        // the two wakes nobody. With `fire`'s swap, one of both sides sees the other.
        self.armed.swap(true, Ordering::AcqRel);
    }

    fn disarm(&self) {
        self.armed.store(false, Ordering::Relaxed);
    }
}

impl Wake for OpWaker {
    fn wake(self: Arc<Self>) {
        self.fire();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.fire();
    }
}

/// An operation's waker with its `std` form, made once.
pub struct Operation {
    waker: Waker,
    op: Arc<OpWaker>,
}

impl Operation {
    pub fn new(queue: &Arc<WakeQueue>, base: u64, operation: u64) -> Self {
        let op = OpWaker::new(queue, base, operation);
        Self { waker: Waker::from(Arc::clone(&op)), op }
    }

    /// Polls with the waker armed, and disarms it when the answer is there.
    pub fn poll<T>(&self, poll: impl FnOnce(&mut Context) -> Poll<T>) -> Poll<T> {
        // Armed before the poll: a wake that comes between the poll and its answer must not be lost.
        self.op.arm();
        let answer = poll(&mut Context::from_waker(&self.waker));
        if answer.is_ready() {
            self.op.disarm();
        }
        answer
    }

    /// The waker, for whoever ends the operation from outside s2n-quic.
    pub fn waker(&self) -> Arc<OpWaker> {
        Arc::clone(&self.op)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn fires_once_per_arming() {
        let queue = WakeQueue::new(None);
        let operation = Operation::new(&queue, 8, 1);
        let stored = operation.poll(|context| {
            let waker = context.waker().clone();
            waker.wake_by_ref();
            waker.wake();
            Poll::<Waker>::Pending
        });
        assert!(stored.is_pending());
        assert_eq!(queue.tokens.pop(), Some(9));
        assert_eq!(queue.tokens.pop(), None);
    }

    /// Two threads in lock step, as often as it takes to meet a store that is still on its way to memory: with a plain
    /// store in `arm` this failed in 3 of 3 runs on x86-64.
    #[test]
    fn an_event_beside_the_poll_is_seen_or_wakes() {
        const ROUNDS: u64 = 500_000;
        let queue = WakeQueue::new(None);
        let operation = Operation::new(&queue, 8, 0);
        let (round, happened, done) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
        let wait_for = |number: &AtomicU64, value| {
            while number.load(Ordering::Acquire) < value {
                std::hint::spin_loop();
            }
        };
        let mut lost = 0;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for now in 1..=ROUNDS {
                    wait_for(&round, now);
                    happened.store(now, Ordering::Release);
                    operation.op.fire();
                    done.store(now, Ordering::Release);
                }
            });
            for now in 1..=ROUNDS {
                round.store(now, Ordering::Release);
                let seen = operation.poll(|_| match happened.load(Ordering::Acquire) {
                    at if at == now => Poll::Ready(()),
                    _ => Poll::Pending,
                });
                wait_for(&done, now);
                lost += u64::from(queue.tokens.pop().is_none() && seen.is_pending());
                operation.op.disarm();
            }
        });
        assert_eq!(lost, 0, "pending, and nobody is woken");
    }

    #[test]
    fn an_answered_operation_wakes_nobody() {
        let queue = WakeQueue::new(None);
        let operation = Operation::new(&queue, 8, 0);
        let Poll::Ready(waker) = operation.poll(|context| Poll::Ready(context.waker().clone())) else {
            panic!("was ready");
        };
        waker.wake();
        assert!(queue.tokens.is_empty());
    }
}
