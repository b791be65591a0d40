//! What is changed on an endpoint while it runs, what it tells, and what it asks.

use crate::{
    abi::*,
    addresses::{self, Denied},
    config::Settings,
    ffi::{Buffer, DONE, Out, answer, boundary, bytes, list, sized_in, sized_out},
    handles::ENDPOINTS,
    questions::Answer,
};

/// More blocks than anyone keeps by hand.
const MOST_BLOCKS: usize = 1 << 20;

/// Makes new handshakes with identity, trust, policy and protocols of `config`; connections that are there keep theirs,
/// and everything else in `config` is only checked. On failure nothing changes.
///
/// Borrows `config` and all it points to until return. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have, those in `config` included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_reload(
    endpoint: u64, config: *const jetstream_endpoint_config, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let endpoint = ENDPOINTS.get(endpoint)?;
            endpoint.reload(&Settings::new(sized_in(config, "config")?)?)?;
            DONE
        })
    }
}

/// Refuses all new connections from now on; those that are there go on. Again does nothing. Thread safety: any thread.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_server_drain(endpoint: u64, err: *mut jetstream_error) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            ENDPOINTS.get(endpoint)?.drain()?;
            DONE
        })
    }
}

/// Answers no first packet from `blocks` of addresses from now on, and forgets the blocks of the call before. In each
/// the place of the port holds the number of leading bits that count.
///
/// Borrows `blocks` until return. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_server_deny(
    endpoint: u64, blocks: *const jetstream_address, blocks_len: usize, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let endpoint = ENDPOINTS.get(endpoint)?;
            let blocks = list(blocks, blocks_len, MOST_BLOCKS, "blocks")?;
            let blocks = blocks.iter().map(addresses::block).collect::<Result<Vec<_>, _>>()?;
            endpoint.deny(Denied::new(blocks.into_iter())?)?;
            DONE
        })
    }
}

/// Keeps events of `kinds`, a bit 1 << `JETSTREAM_EVENT_*` each, from now on; 0, at first, keeps none and costs nothing.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_want_events(
    endpoint: u64, kinds: u32, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            ENDPOINTS.get(endpoint)?.events().want(kinds)?;
            DONE
        })
    }
}

/// Takes the oldest event; `PENDING` arms the endpoint's `EVENT`. Of events that nobody takes 4096 are kept.
///
/// `out_event->size` is set by the caller. Thread safety: one thread at a time.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_poll_event(
    endpoint: u64, out_event: *mut jetstream_event, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = sized_out(out_event, "out_event")?;
            answer(ENDPOINTS.get(endpoint)?.events().poll(), |event| out.set(event.to_abi()))
        })
    }
}

/// Takes the oldest question whose handshake waits; `PENDING` arms the endpoint's `QUESTION`.
///
/// `out_question->size` is set by the caller. Thread safety: one thread at a time.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_poll_question(
    endpoint: u64, out_question: *mut jetstream_question, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = sized_out(out_question, "out_question")?;
            answer(ENDPOINTS.get(endpoint)?.questions().poll(), |question| out.set(question))
        })
    }
}

/// Copies the data of a question that waits, `data_len` bytes; `CLOSED` when its handshake waits no more.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_question_data(
    endpoint: u64, question: u64, out_buffer: *mut u8, buffer_len: usize, out_needed_len: *mut usize,
    err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out_needed = Out::new(out_needed_len, "out_needed_len")?;
            let mut buffer = Buffer::new(out_buffer, buffer_len, "out_buffer")?;
            let question = ENDPOINTS.get(endpoint)?.questions().get(question)?;
            if question.data.len() <= buffer.room() {
                buffer.put(&question.data);
            }
            out_needed.set(question.data.len());
            DONE
        })
    }
}

/// Answers a question: with `yes` 0 the handshake fails. To `JETSTREAM_QUESTION_SIGN` `data` is the signature. `CLOSED`
/// when it was answered before, or its handshake waits no more.
///
/// Borrows `data` until return. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_answer(
    endpoint: u64, question: u64, yes: u32, data: *const u8, data_len: usize, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let data = bytes(data, data_len, "data")?.to_vec();
            ENDPOINTS.get(endpoint)?.questions().answer(question, Answer { yes: yes != 0, data })?;
            DONE
        })
    }
}
