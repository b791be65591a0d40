//! Exchanges: small requests and their answers on the endpoint's own thread.

use std::time::Duration;

use super::endpoint::check_token;
use crate::{
    abi::*,
    error::Failure,
    exchange::Exchanges,
    ffi::{DONE, boundary, bytes},
    handles::{CONNECTIONS, ENDPOINTS},
};

/// Tells an endpoint where the messages of exchanges are handed over: through `input` and `output`, of `len` bytes
/// each, at most `JETSTREAM_EXCHANGE_MAX`.
///
/// Once per endpoint; again is an error. Keeps the memory until the endpoint is closed. Thread safety: any thread.
///
/// # Safety
///
/// `call` stays valid for the life of the process, `input` and `output` are valid for `len` bytes until the endpoint
/// has ended, and only `call` uses them. `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_exchanges(
    endpoint: u64, call: jetstream_exchange_fn, input: *mut u8, output: *mut u8, len: usize, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            ENDPOINTS.get(endpoint)?.set_exchanges(Exchanges::new(call, input, output, len)?)?;
            DONE
        })
    }
}

/// Hands the peer's requests over with the connection's token from now on: bidirectional streams whose peer sends all
/// at once, and not more than fits. Others are accepted as before, as are those that are declined.
///
/// Once per connection; again is an error. Thread safety: one thread at a time, and none that accepts, else `BUSY`.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_answer(connection: u64, err: *mut jetstream_error) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            CONNECTIONS.get(connection)?.answer()?;
            DONE
        })
    }
}

/// Sends `data` as all of a new bidirectional stream; the answer is handed over with `token`, a multiple of 8, once.
///
/// When the endpoint ends before, `token` is woken instead. Borrows `data` until return. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_request(
    connection: u64, token: u64, data: *const u8, data_len: usize, timeout_ms: u32, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            check_token(token)?;
            if timeout_ms == 0 {
                return Err(Failure::argument("timeout_ms is 0"));
            }
            let data = bytes(data, data_len, "data")?;
            let timeout = Duration::from_millis(u64::from(timeout_ms));
            CONNECTIONS.get(connection)?.request(token, data, timeout)?;
            DONE
        })
    }
}
