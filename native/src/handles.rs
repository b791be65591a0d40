//! What the caller holds: numbers that are counted up and never used again, kind in the top byte.
//!
//! A look-up clones an `Arc` and lets go of the table before anything is polled, so a handle can be freed on one
//! thread while another is inside a call with it. Freed, foreign and invented numbers are `CLOSED`.

use std::{
    hash::{BuildHasherDefault, Hasher},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use dashmap::DashMap;

use crate::{
    claim::Claim, connect::Connect, connection::Connection, endpoint::Endpoint, error::Failure, lease::Lease,
    stream::Stream,
};

pub static ENDPOINTS: LazyLock<Table<Endpoint>> = LazyLock::new(|| Table::new(1, "endpoint"));
pub static CONNECTS: LazyLock<Table<Connect>> = LazyLock::new(|| Table::new(2, "connect"));
pub static CONNECTIONS: LazyLock<Table<Connection>> = LazyLock::new(|| Table::new(3, "connection"));
pub static STREAMS: LazyLock<Table<Stream>> = LazyLock::new(|| Table::new(4, "stream"));
pub static LEASES: LazyLock<Table<Lease>> = LazyLock::new(|| Table::new(5, "lease"));
pub static CLAIMS: LazyLock<Table<Claim>> = LazyLock::new(|| Table::new(6, "claim"));

const KIND_SHIFT: u32 = 56;

/// The live objects of one kind.
pub struct Table<T> {
    name: &'static str,
    next: AtomicU64,
    live: DashMap<u64, Arc<T>, BuildHasherDefault<Spread>>,
}

impl<T> Table<T> {
    fn new(kind: u64, name: &'static str) -> Self {
        Self { name, next: AtomicU64::new((kind << KIND_SHIFT) + 1), live: DashMap::default() }
    }

    pub fn insert(&self, object: Arc<T>) -> u64 {
        // 2^56 numbers: at a billion a second they last for two years of one process.
        let handle = self.next.fetch_add(1, Ordering::Relaxed);
        self.live.insert(handle, object);
        handle
    }

    pub fn get(&self, handle: u64) -> Result<Arc<T>, Failure> {
        self.live.get(&handle).map(|entry| Arc::clone(&entry)).ok_or_else(|| Failure::closed(self.name))
    }

    /// Takes the object out; whoever gets it frees it, everyone after finds nothing.
    pub fn remove(&self, handle: u64) -> Option<Arc<T>> {
        self.live.remove(&handle).map(|(_, object)| object)
    }

    /// Takes out all objects that `belongs` says yes to.
    pub fn sweep(&self, belongs: impl Fn(&T) -> bool) -> Vec<Arc<T>> {
        let handles: Vec<u64> = self.live.iter().filter(|e| belongs(e.value())).map(|e| *e.key()).collect();
        handles.into_iter().filter_map(|handle| self.remove(handle)).collect()
    }

    /// Looks at all; `look` only reads, under a lock of the table.
    pub fn for_each(&self, mut look: impl FnMut(&T)) {
        self.live.iter().for_each(|entry| look(entry.value()));
    }

    pub fn len(&self) -> u64 {
        self.live.len() as u64
    }
}

/// Spreads counted numbers over the table's shards and buckets: one multiplication, as the keys are our own and no
/// peer can choose them.
#[derive(Default)]
pub struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(self.0 ^ u64::from(*byte)));
    }

    fn write_u64(&mut self, value: u64) {
        // 2^64 divided by the golden ratio, odd: Fibonacci hashing.
        self.0 = value.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_never_used_again() {
        let table: Table<u8> = Table::new(9, "thing");
        let first = table.insert(Arc::new(1));
        assert!(table.remove(first).is_some());
        let second = table.insert(Arc::new(2));
        assert_ne!(first, second);
        assert!(table.get(first).is_err());
        assert!(table.remove(first).is_none());
        assert_eq!(*table.get(second).expect("live"), 2);
    }

    #[test]
    fn invented_handles_are_closed() {
        let table: Table<u8> = Table::new(9, "thing");
        let mut number = 1u64;
        for _ in 0..1_000_000 {
            number = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            assert!(table.get(number).is_err());
        }
    }

    #[test]
    fn a_sweep_takes_only_what_belongs() {
        let table: Table<u8> = Table::new(9, "thing");
        let kept = table.insert(Arc::new(1));
        table.insert(Arc::new(2));
        assert_eq!(table.sweep(|value| *value == 2).len(), 1);
        assert_eq!(table.len(), 1);
        assert!(table.get(kept).is_ok());
    }
}
