//! Exchanges: a request and its answer, each small and whole, on a stream of its own, on the endpoint's own thread.
//!
//! What a small call costs beyond its packets is waking the caller's threads. Here the request is sent, its answer
//! awaited, and the peer's request answered by tasks of the endpoint's runtime, and the caller is called there, once
//! per message, without a lock held.

mod answer;
mod opener;
mod request;

use std::ptr::NonNull;

use bytes::Bytes;

pub use self::{
    answer::{Answering, Declined, Incoming, answer_all},
    opener::Opener,
    request::Request,
};
use crate::{abi::*, error::Failure, wake};

/// Where the caller is called, and the memory through which messages go: one pair for all connections of an endpoint,
/// because only the endpoint's thread uses it.
pub struct Exchanges {
    call: unsafe extern "C" fn(token: u64, status: jetstream_status, len: usize) -> isize,
    input: NonNull<u8>,
    output: NonNull<u8>,
    len: usize,
}

// SAFETY: the memory is the caller's, who lends it to the endpoint's thread, and all that touches it runs there.
unsafe impl Send for Exchanges {}
// SAFETY: as above.
unsafe impl Sync for Exchanges {}

/// What the caller said to a request.
enum Said {
    Answer(Bytes),
    /// It is for whoever accepts streams.
    Declined,
    Failed,
}

impl Exchanges {
    /// # Safety
    ///
    /// `call` does not unwind; `input` and `output` are valid for `len` bytes; both until the endpoint's thread has
    /// ended. Nobody writes `input` or reads `output` but `call`.
    pub unsafe fn new(
        call: jetstream_exchange_fn, input: *mut u8, output: *mut u8, len: usize,
    ) -> Result<Self, Failure> {
        let call = call.ok_or_else(|| Failure::argument("call is NULL"))?;
        let input = NonNull::new(input).ok_or_else(|| Failure::argument("input is NULL"))?;
        let output = NonNull::new(output).ok_or_else(|| Failure::argument("output is NULL"))?;
        let least = size_of::<jetstream_error>();
        if !(least..=JETSTREAM_EXCHANGE_MAX).contains(&len) {
            return Err(Failure::argument(format!("len is {len}, must be from {least} to {JETSTREAM_EXCHANGE_MAX}")));
        }
        Ok(Self { call, input, output, len })
    }

    /// The longest message.
    fn max(&self) -> usize {
        self.len
    }

    /// Refuses a request that is too long.
    pub fn check(&self, request: &[u8]) -> Result<(), Failure> {
        if request.len() <= self.len {
            return Ok(());
        }
        Err(Failure::argument(format!("the request has {} bytes, at most {} are sent", request.len(), self.len)))
    }

    /// Hands over a message that is not longer than `max`. Endpoint's thread only.
    fn tell(&self, token: u64, message: &[Bytes]) -> isize {
        let mut filled = 0;
        for chunk in message {
            let count = chunk.len().min(self.len - filled);
            // SAFETY: `filled + count <= len`, for which `new` was promised memory that nobody else uses now.
            unsafe { chunk.as_ptr().copy_to_nonoverlapping(self.input.add(filled).as_ptr(), count) };
            filled += count;
        }
        self.call(token, JETSTREAM_STATUS_OK, filled)
    }

    /// Calls the caller, unless the process ends.
    fn call(&self, token: u64, status: jetstream_status, len: usize) -> isize {
        if wake::stopped() {
            return JETSTREAM_EXCHANGE_FAILED;
        }
        // SAFETY: `new` was promised a function that is there and does not unwind.
        unsafe { (self.call)(token, status, len) }
    }

    /// Hands over why there is no answer. Endpoint's thread only.
    fn tell_failure(&self, token: u64, failure: &Failure) {
        // SAFETY: `new` saw to it that `len` is enough, and was promised the memory.
        unsafe { self.input.cast::<jetstream_error>().write_unaligned(failure.to_abi()) };
        self.call(token, failure.status, size_of::<jetstream_error>());
    }

    /// Hands over a request and takes the answer. Endpoint's thread only.
    fn ask(&self, token: u64, request: &[Bytes]) -> Said {
        let said = self.tell(token, request);
        match usize::try_from(said) {
            Ok(len) if len <= self.len => {
                // SAFETY: `len` is in the range that `new` was promised, and the caller has returned.
                let answer = unsafe { std::slice::from_raw_parts(self.output.as_ptr(), len) };
                Said::Answer(Bytes::copy_from_slice(answer))
            }
            _ if said == JETSTREAM_EXCHANGE_DECLINED => Said::Declined,
            _ => Said::Failed,
        }
    }
}
