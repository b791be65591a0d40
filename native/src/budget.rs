//! Bytes that are kept for sending, counted where they are held: by the owner of the memory itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    task::Waker,
};

use bytes::Bytes;
use crossbeam_queue::SegQueue;

use crate::connection::Budget;

/// What a connection or an endpoint may keep, and who waits for room in it.
pub struct SendBudget {
    most: u64,
    held: AtomicU64,
    waiting: SegQueue<Waker>,
}

impl SendBudget {
    pub fn new(most: u64) -> Self {
        Self { most, held: AtomicU64::new(0), waiting: SegQueue::new() }
    }

    pub fn held(&self) -> u64 {
        self.held.load(SeqCst)
    }

    /// Room for more; with none, `waker` is woken when there may be some.
    pub fn room(&self, waker: &Waker) -> u64 {
        let room = self.most.saturating_sub(self.held());
        if room > 0 {
            return room;
        }
        self.waiting.push(waker.clone());
        // Asked again: what was given back before the push has woken nobody.
        self.most.saturating_sub(self.held())
    }

    fn take(&self, len: u64) {
        self.held.fetch_add(len, SeqCst);
    }

    /// Runs under the connection's lock, where s2n-quic drops what was acknowledged: it counts, and its wakers only note.
    fn give_back(&self, len: u64) {
        self.held.fetch_sub(len, SeqCst);
        while let Some(waker) = self.waiting.pop() {
            waker.wake();
        }
    }
}

/// Memory for sending that counts for its connection and its endpoint until s2n-quic drops it.
struct Counted<T> {
    memory: T,
    len: u64,
    budget: Arc<Budget>,
}

impl<T: AsRef<[u8]>> AsRef<[u8]> for Counted<T> {
    fn as_ref(&self) -> &[u8] {
        self.memory.as_ref()
    }
}

impl<T> Drop for Counted<T> {
    fn drop(&mut self) {
        self.budget.sending().give_back(self.len);
        self.budget.shared().sending.give_back(self.len);
    }
}

/// Counts `memory` until its last piece is dropped.
pub fn counted<T: AsRef<[u8]> + Send + 'static>(memory: T, budget: &Arc<Budget>) -> Bytes {
    let len = memory.as_ref().len() as u64;
    budget.sending().take(len);
    budget.shared().sending.take(len);
    Bytes::from_owner(Counted { memory, len, budget: Arc::clone(budget) })
}

/// Room for sending in both budgets; with none, `waker` is woken when there may be some.
pub fn room(budget: &Budget, waker: &Waker) -> usize {
    let room = budget.sending().room(waker).min(budget.shared().sending.room(waker));
    usize::try_from(room).unwrap_or(usize::MAX)
}
