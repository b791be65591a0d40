//! Received chunks that the caller reads where s2n-quic put them.

use std::sync::Arc;

use bytes::Bytes;

use crate::{abi::jetstream_chunk, connection::Budget};

/// The most chunks of one lease.
pub const MAX_CHUNKS: usize = 32;

/// s2n-quic's reassembler allocates no block smaller than this, and the smallest chunk keeps its whole block.
const SMALLEST_BLOCK: u64 = 4096;

pub struct Lease {
    chunks: Vec<Bytes>,
    pinned: u64,
    budget: Arc<Budget>,
}

impl Lease {
    pub fn new(chunks: Vec<Bytes>, budget: &Arc<Budget>) -> Self {
        let pinned = chunks.iter().map(|chunk| (chunk.len() as u64).max(SMALLEST_BLOCK)).sum();
        budget.add_leased(pinned);
        Self { chunks, pinned, budget: Arc::clone(budget) }
    }

    pub fn views(&self) -> impl ExactSizeIterator<Item = jetstream_chunk> {
        self.chunks.iter().map(|chunk| jetstream_chunk { data: chunk.as_ptr(), len: chunk.len() })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.budget.remove_leased(self.pinned);
    }
}
