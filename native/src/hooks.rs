//! Panics on demand in each of the places where they would be dangerous. Test builds only.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::{
    abi::{jetstream_error, jetstream_status},
    error::Failure,
    ffi::{DONE, answer, boundary},
    handles,
};

#[derive(Clone, Copy, PartialEq)]
pub enum Domain {
    /// A trait of ours that s2n-quic calls on the endpoint's thread.
    Subscriber = 1,
    /// A trait of ours that s2n-tls calls from C.
    TlsCallback = 2,
    /// The endpoint's task as a whole.
    Endpoint = 3,
}

static ARMED: AtomicU32 = AtomicU32::new(0);

/// Panics once if `domain` was armed.
pub fn maybe_panic(domain: Domain) {
    if ARMED.compare_exchange(domain as u32, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
        panic!("test: panic on demand");
    }
}

/// Domain 0: panics in this very call, inside a send on `stream`; 1: the next event of a handshake; 2: the next
/// callback of s2n-tls; 3: the task of the next endpoint that a connection begins on.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_test_panic(domain: u32, stream: u64, err: *mut jetstream_error) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || match domain {
            0 => answer(handles::STREAMS.get(stream)?.panic_while_sending(), drop),
            1..=3 => {
                ARMED.store(domain, Ordering::SeqCst);
                DONE
            }
            other => Err(Failure::argument(format!("domain is {other}"))),
        })
    }
}
