//! In a process of its own: after the stop no message is handed over either.

mod support;

use std::sync::atomic::{AtomicU64, Ordering};

use jetstream_native::exports::exchange::*;
use support::*;

static ASKED: AtomicU64 = AtomicU64::new(0);

unsafe extern "C" fn answer(_: u64, _: jetstream_status, _: usize) -> isize {
    ASKED.fetch_add(1, Ordering::SeqCst);
    0
}

#[test]
fn after_the_stop_requests_are_reset_and_nobody_is_asked() {
    let pair = Pair::new();
    let memory: &'static mut [u8] = Box::leak(vec![0; 2 * 4096].into());
    let (input, output) = memory.split_at_mut(4096);
    // SAFETY: both halves live for ever, and nobody else uses them.
    done(|err| unsafe {
        let (input, output) = (input.as_mut_ptr(), output.as_mut_ptr());
        jetstream_endpoint_exchanges(pair.server.handle, Some(answer), input, output, 4096, err)
    })
    .expect("a live server");
    // SAFETY: the error block is valid.
    done(|err| unsafe { jetstream_connection_answer(pair.there.handle, err) }).expect("a live connection");
    let request = || pair.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"?", JETSTREAM_SEND_FINISH).expect("open").0;
    assert_eq!(request().receive_to_end().expect("answered"), b"");
    assert_eq!(ASKED.load(Ordering::SeqCst), 1);
    // SAFETY: the error block is valid.
    done(|err| unsafe { jetstream_stop_waking(err) }).expect("always");
    let late = request();
    let deadline = std::time::Instant::now() + DEADLINE;
    // Nobody is woken: it is polled until it has come.
    let (mut buffer, mut received, mut end) = ([0; 8], 0, 0);
    let fault = loop {
        // SAFETY: the buffer has the length given, and the outputs are valid.
        let polled = once(|err| unsafe {
            let (data, len) = (buffer.as_mut_ptr(), buffer.len());
            jetstream_stream_poll_receive_copy(late.handle, data, len, &mut received, &mut end, err)
        });
        match polled {
            Ok(None) => assert!(std::time::Instant::now() < deadline, "no reset arrives"),
            Ok(Some(())) => panic!("it was answered"),
            Err(fault) => break fault,
        }
        std::thread::yield_now();
    };
    assert_eq!(fault.status, JETSTREAM_STATUS_STREAM_RESET);
    assert_eq!(ASKED.load(Ordering::SeqCst), 1, "somebody was asked after the stop");
    drop(late);
    pair.here.close(0).expect("live");
    for endpoint in [&pair.client, &pair.server] {
        endpoint.close(0, 1_000).expect("live");
        // SAFETY: the error block is valid.
        while once(|err| unsafe { jetstream_endpoint_poll_closed(endpoint.handle, err) }).expect("ends").is_none() {
            assert!(std::time::Instant::now() < deadline, "the endpoint does not end");
            std::thread::yield_now();
        }
    }
}
