//! Memory that the caller writes and a stream then sends, without a copy in between.

use std::{
    sync::{Arc, Mutex},
    task::Poll,
};

use bytes::{Bytes, BytesMut};

use crate::{connection::Budget, error::Failure};

/// Lent to the caller for writing until it is committed or freed.
pub struct Claim {
    memory: Mutex<Memory>,
    size: u64,
    budget: Arc<Budget>,
}

enum Memory {
    /// The caller's to write.
    Free(BytesMut),
    /// s2n-quic has it as well, though the call failed; kept until the claim is freed.
    Lost(#[expect(dead_code, reason = "held, never read")] Bytes),
    /// Sent.
    Gone,
}

impl Claim {
    /// Zeroed memory: what the caller does not write must not show a peer what was there before.
    pub fn new(len: usize, budget: &Arc<Budget>) -> Result<(Arc<Self>, *mut u8), Failure> {
        budget.add_claimed(len)?;
        let mut memory = BytesMut::zeroed(len);
        let data = memory.as_mut_ptr();
        let claim = Self { memory: Mutex::new(Memory::Free(memory)), size: len as u64, budget: Arc::clone(budget) };
        Ok((Arc::new(claim), data))
    }

    pub fn belongs_to(&self, budget: &Arc<Budget>) -> bool {
        Arc::ptr_eq(&self.budget, budget)
    }

    /// Sends the first `len` bytes by `send`. What is not sent stays in the claim, at its place: until the answer is
    /// ready and good, the caller may go on writing to it.
    pub fn poll_send(
        &self, len: usize, send: impl FnOnce(&mut Option<Bytes>) -> Poll<Result<(), Failure>>,
    ) -> Poll<Result<(), Failure>> {
        let mut guard = self.memory.lock().unwrap_or_else(|poison| poison.into_inner());
        let Memory::Free(memory) = std::mem::replace(&mut *guard, Memory::Gone) else {
            return Poll::Ready(Err(Failure::closed("claim")));
        };
        if len > memory.len() {
            let message = format!("len is {len}, the claim has {}", memory.len());
            *guard = Memory::Free(memory);
            return Poll::Ready(Err(Failure::argument(message)));
        }
        let whole = Bytes::from(memory);
        let mut part = Some(whole.slice(..len));
        let answer = send(&mut part);
        drop(part);
        if !matches!(answer, Poll::Ready(Ok(()))) {
            *guard = match whole.try_into_mut() {
                // Nobody else holds it, so this is the same memory again, at the same place.
                Ok(memory) => Memory::Free(memory),
                // It was handed over before the failure: it must outlive the caller's pointer all the same.
                Err(shared) => Memory::Lost(shared),
            };
        }
        answer
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.budget.remove_claimed(self.size);
    }
}
