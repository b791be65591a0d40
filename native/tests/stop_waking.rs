//! In a process of its own: waking is stopped for good.

mod support;

use std::sync::atomic::Ordering;

use support::*;

#[test]
fn after_the_stop_nobody_is_called_and_polls_still_work() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    let mut buffer = [0; 64];
    assert_eq!(theirs.try_send(b"", 0).expect("live"), Some(0));
    // Armed, and woken only after the stop.
    let (mut received, mut end) = (0, 0);
    // SAFETY: the buffer has the length given, and the outputs are valid.
    let mut poll = || {
        once(|err| unsafe {
            let data = buffer.as_mut_ptr();
            jetstream_stream_poll_receive_copy(theirs.handle, data, 64, &mut received, &mut end, err)
        })
    };
    assert_eq!(poll().expect("live"), None);
    // SAFETY: the error block is valid.
    done(|err| unsafe { jetstream_stop_waking(err) }).expect("always");
    // A call that was under way has a turn of the loop to end: the flush below is many.
    ours.send(b"unheard", 0).expect("room");
    let deadline = std::time::Instant::now() + DEADLINE;
    let before = loop {
        let before = UPCALLS.load(Ordering::SeqCst);
        match poll().expect("live") {
            Some(()) => break before,
            None => assert!(std::time::Instant::now() < deadline, "bytes do not arrive"),
        }
        std::thread::yield_now();
    };
    assert_eq!(received, 7);
    pair.here.close(0).expect("live");
    for endpoint in [&pair.client, &pair.server] {
        endpoint.close(0, 1_000).expect("live");
        // SAFETY: the error block is valid.
        while once(|err| unsafe { jetstream_endpoint_poll_closed(endpoint.handle, err) }).expect("ends").is_none() {
            assert!(std::time::Instant::now() < deadline, "the endpoint does not end");
            std::thread::yield_now();
        }
    }
    assert_eq!(UPCALLS.load(Ordering::SeqCst), before, "the wake function was called after the stop");
}
