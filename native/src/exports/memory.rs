//! Streams without a copy: leases of what was received, claims of what will be sent.

use std::sync::Arc;

use super::connection::finish_flag;
use crate::{
    abi::*,
    claim::Claim,
    error::Failure,
    ffi::{DONE, Out, answer, boundary},
    handles::{CLAIMS, LEASES, STREAMS},
    lease::MAX_CHUNKS,
};

/// Takes up to `chunks_len` received chunks, at most 32, where s2n-quic put them.
///
/// `out_end` is 1 when the peer's clean end was reached with them, else 0. `out_lease` is 0 when there are no chunks,
/// which is only at the end. `PENDING` arms `RECEIVE`. Returns ownership of `out_lease`: `jetstream_lease_free`;
/// until then the chunks may be read, on any thread. Thread safety: one thread at a time per direction, else `BUSY`.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have; `out_chunks` for `chunks_len` of them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stream_poll_receive(
    stream: u64, out_chunks: *mut jetstream_chunk, chunks_len: usize, out_count: *mut usize, out_end: *mut u32,
    out_lease: *mut u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let (out_count, out_end) = (Out::new(out_count, "out_count")?, Out::new(out_end, "out_end")?);
            let out_lease = Out::new(out_lease, "out_lease")?;
            if out_chunks.is_null() || chunks_len == 0 {
                return Err(Failure::argument("out_chunks is NULL or chunks_len is 0"));
            }
            let polled = STREAMS.get(stream)?.poll_receive_lease(chunks_len.min(MAX_CHUNKS));
            answer(polled, |(lease, end)| {
                let mut count = 0;
                let handle = lease.map_or(0, |lease| {
                    for view in lease.views() {
                        // SAFETY: a lease has at most `chunks_len` chunks, for which the caller promises room.
                        out_chunks.add(count).write(view);
                        count += 1;
                    }
                    LEASES.insert(Arc::new(lease))
                });
                out_count.set(count);
                out_end.set(u32::from(end));
                out_lease.set(handle);
            })
        })
    }
}

/// Gives the chunks of a lease back. Twice does nothing. Thread safety: any thread.
#[unsafe(no_mangle)]
pub extern "C" fn jetstream_lease_free(lease: u64) -> jetstream_status {
    // SAFETY: NULL is allowed.
    unsafe {
        boundary(std::ptr::null_mut(), || {
            drop(LEASES.remove(lease));
            DONE
        })
    }
}

/// Lends `len` bytes of zeroed memory for writing, to be sent on `stream` without a copy.
///
/// Returns ownership of `out_claim`: `jetstream_stream_poll_commit` or `jetstream_claim_free`; until then `out_data`
/// may be written. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stream_claim(
    stream: u64, len: usize, out_data: *mut *mut u8, out_claim: *mut u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let (out_data, out_claim) = (Out::new(out_data, "out_data")?, Out::new(out_claim, "out_claim")?);
            let stream = STREAMS.get(stream)?;
            let (claim, data) = Claim::new(len, stream.budget())?;
            out_data.set(data);
            out_claim.set(CLAIMS.insert(claim));
            DONE
        })
    }
}

/// Sends the first `len` bytes of a claim of the same connection; `flags` as in `jetstream_stream_poll_send`.
///
/// OK consumes `claim`: its memory must not be touched any more. `PENDING` arms `SEND`. It and every failure leave the
/// claim, whose memory stays valid until it is freed.
/// Thread safety: one thread at a time per direction, else `BUSY`.
///
/// # Safety
///
/// `err` is NULL or valid for writing. The claim's memory is not written during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stream_poll_commit(
    stream: u64, claim: u64, len: usize, flags: u32, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let finish = finish_flag(flags)?;
            let (stream, claimed) = (STREAMS.get(stream)?, CLAIMS.get(claim)?);
            if !claimed.belongs_to(stream.budget()) {
                return Err(Failure::argument("claim is of another connection"));
            }
            let polled = claimed.poll_send(len, |chunk| stream.poll_send_chunk(chunk, finish));
            answer(polled, |()| drop(CLAIMS.remove(claim)))
        })
    }
}

/// Gives a claim back unsent. Twice, or after its commit, does nothing. Thread safety: any thread.
#[unsafe(no_mangle)]
pub extern "C" fn jetstream_claim_free(claim: u64) -> jetstream_status {
    // SAFETY: NULL is allowed.
    unsafe {
        boundary(std::ptr::null_mut(), || {
            drop(CLAIMS.remove(claim));
            DONE
        })
    }
}
