//! Streams: what copies, and how they end.

use super::connection::finish_flag;
use crate::{
    abi::*,
    ffi::{Buffer, DONE, Out, answer, boundary, bytes},
    handles::STREAMS,
};

/// Copies as much of `data` as there is room for and says in `out_accepted` how much that was.
///
/// `flags` of `JETSTREAM_SEND_FINISH` finishes the direction when all was taken. `PENDING`, with nothing taken, arms
/// `SEND`. Borrows `data` until return. Thread safety: one thread at a time per direction, else `BUSY`.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stream_poll_send(
    stream: u64, data: *const u8, data_len: usize, flags: u32, out_accepted: *mut usize, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_accepted, "out_accepted")?;
            let finish = finish_flag(flags)?;
            let data = bytes(data, data_len, "data")?;
            answer(STREAMS.get(stream)?.poll_send(data, finish), |accepted| out.set(accepted))
        })
    }
}

/// Ends the sending direction cleanly: the peer receives all that was sent, then the end. Again does nothing.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stream_finish(stream: u64, err: *mut jetstream_error) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            STREAMS.get(stream)?.finish()?;
            DONE
        })
    }
}

/// Ready when the peer has acknowledged all that was sent, and the end if the direction was finished.
///
/// `PENDING` arms `SEND`. Thread safety: one thread at a time per direction, else `BUSY`.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stream_poll_flush(stream: u64, err: *mut jetstream_error) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe { boundary(err, || answer(STREAMS.get(stream)?.poll_flush(), drop)) }
}

/// Ends the sending direction abruptly and drops what is not sent: the peer's receiving fails with `code`, below 2^62.
///
/// The waiter of this direction on this side is not woken: the caller wakes it. Thread safety: any thread.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stream_reset(stream: u64, code: u64, err: *mut jetstream_error) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            STREAMS.get(stream)?.reset(code)?;
            DONE
        })
    }
}

/// Ends the receiving direction: drops what has arrived and asks the peer to reset with `code`, below 2^62.
///
/// The waiter of this direction on this side is not woken: the caller wakes it. Thread safety: any thread.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stream_stop_sending(
    stream: u64, code: u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            STREAMS.get(stream)?.stop_sending(code)?;
            DONE
        })
    }
}

/// Copies what has arrived into `out_data`. `out_end` is 1 when the peer's clean end was reached with it, else 0.
///
/// OK has received something, or is the end, or was asked for no bytes. `PENDING` arms `RECEIVE`.
/// Thread safety: one thread at a time per direction, else `BUSY`.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stream_poll_receive_copy(
    stream: u64, out_data: *mut u8, data_len: usize, out_received: *mut usize, out_end: *mut u32,
    err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let (out_received, out_end) = (Out::new(out_received, "out_received")?, Out::new(out_end, "out_end")?);
            let mut buffer = Buffer::new(out_data, data_len, "out_data")?;
            let polled = STREAMS.get(stream)?.poll_receive_copy(&mut buffer);
            answer(polled, |end| {
                out_received.set(buffer.filled());
                out_end.set(u32::from(end));
            })
        })
    }
}

/// Gives the stream's number back. A sending direction that was not finished is reset, a receiving direction that
/// has not ended is stopped, both with the configuration's `abandoned_stream_code`: half a message never looks whole.
/// Twice does nothing. Thread safety: any thread.
#[unsafe(no_mangle)]
pub extern "C" fn jetstream_stream_free(stream: u64) -> jetstream_status {
    // SAFETY: NULL is allowed.
    unsafe {
        boundary(std::ptr::null_mut(), || {
            if let Some(stream) = STREAMS.remove(stream) {
                stream.abandon();
            }
            DONE
        })
    }
}
