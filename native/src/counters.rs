//! What is alive, and how many bytes are allocated.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    any::Any,
    cell::Cell,
    sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
};

use crate::{abi::jetstream_counters, error::Failure, event_loop, handles};

static PANICS: AtomicU64 = AtomicU64::new(0);

/// Counts a caught panic and says what it was.
pub fn panicked(panic: &(dyn Any + Send)) -> Failure {
    PANICS.fetch_add(1, Relaxed);
    let message = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic without a message".into());
    Failure::panicked(message)
}

pub fn read() -> jetstream_counters {
    // Added up when somebody asks, so that nobody pays for it who does not.
    let mut held = [0; 3];
    handles::CONNECTIONS.for_each(|connection| {
        held.iter_mut().zip(connection.held()).for_each(|(sum, bytes)| *sum += bytes);
    });
    let [leased_bytes, claimed_bytes, send_buffered_bytes] = held;
    jetstream_counters {
        size: size_of::<jetstream_counters>() as u32,
        reserved: 0,
        endpoints: handles::ENDPOINTS.len(),
        connects: handles::CONNECTS.len(),
        connections: handles::CONNECTIONS.len(),
        streams: handles::STREAMS.len(),
        leases: handles::LEASES.len(),
        claims: handles::CLAIMS.len(),
        allocated_bytes: allocated_bytes(),
        endpoint_threads: event_loop::THREADS.load(Relaxed),
        panics: PANICS.load(Relaxed),
        leased_bytes,
        claimed_bytes,
        send_buffered_bytes,
    }
}

pub fn allocated_bytes() -> u64 {
    CELLS.iter().map(|cell| cell.0.load(Relaxed)).sum::<i64>().max(0).unsigned_abs()
}

/// The system's allocator, counted. s2n-tls allocates through it as well; aws-lc does not.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One cache line per cell: threads that allocate at the same time do not share one.
#[repr(align(128))]
struct Cell128(AtomicI64);

static CELLS: [Cell128; 16] = [const { Cell128(AtomicI64::new(0)) }; 16];
static NEXT_CELL: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static MY_CELL: Cell<usize> = const { Cell::new(usize::MAX) };
}

fn count(bytes: i64) {
    let index = MY_CELL
        .try_with(|cell| {
            if cell.get() == usize::MAX {
                cell.set(NEXT_CELL.fetch_add(1, Relaxed) as usize % CELLS.len());
            }
            cell.get()
        })
        // A thread that is ending has no locals any more.
        .unwrap_or(0);
    CELLS[index].0.fetch_add(bytes, Relaxed);
}

// SAFETY: every call goes to `System` unchanged; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller's promises are `System`'s.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as i64 - layout.size() as i64);
        // SAFETY: as above.
        unsafe { System.realloc(memory, layout, size) }
    }
}
