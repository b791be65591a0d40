//! A million numbers that nobody was given, in every export that takes one: a status, and what is live stays so.

mod support;

use std::ptr::null;

use support::*;

const FREES: usize = 6;
const OTHERS: usize = 20;

/// The `which`th of the exports that take a handle, frees first.
fn call(which: usize, it: u64) -> i32 {
    let err = &mut no_error();
    let (mut number, mut other, mut len, mut end) = (0, 0, 0, 0);
    let (mut data, mut place) = ([0u8; 8], std::ptr::null_mut());
    // SAFETY: all pointers are to what is above, or NULL where that is nothing.
    unsafe {
        match which {
            0 => jetstream_endpoint_free(it),
            1 => jetstream_connect_free(it),
            2 => jetstream_connection_free(it),
            3 => jetstream_stream_free(it),
            4 => jetstream_lease_free(it),
            5 => jetstream_claim_free(it),
            6 => jetstream_endpoint_close(it, 0, 0, err),
            7 => jetstream_endpoint_poll_closed(it, err),
            8 => jetstream_endpoint_want_events(it, 0, err),
            9 => jetstream_server_poll_accept(it, 8, &mut number, err),
            10 => jetstream_server_drain(it, err),
            11 => jetstream_server_deny(it, null(), 0, err),
            12 => jetstream_connect_poll(it, &mut number, err),
            13 => jetstream_connection_close(it, 0, err),
            14 => jetstream_connection_poll_closed(it, err),
            15 => jetstream_connection_keep_alive(it, 1, err),
            16 => jetstream_connection_ping(it, &mut number, err),
            17 => jetstream_connection_poll_open(it, 0, 8, null(), 0, 0, &mut number, &mut other, &mut len, err),
            18 => jetstream_connection_poll_accept(it, 0, 8, &mut number, &mut other, err),
            19 => jetstream_stream_poll_send(it, data.as_ptr(), 8, 0, &mut len, err),
            20 => jetstream_stream_poll_receive_copy(it, data.as_mut_ptr(), 8, &mut len, &mut end, err),
            21 => jetstream_stream_poll_flush(it, err),
            22 => jetstream_stream_finish(it, err),
            23 => jetstream_stream_reset(it, 0, err),
            24 => jetstream_stream_stop_sending(it, 0, err),
            _ => jetstream_stream_claim(it, 8, &mut place, &mut number, err),
        }
    }
}

#[test]
fn a_million_invented_handles_are_closed_everywhere() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    theirs.send(b"lent", 0).expect("room");
    let (lease, _) = ours.lease().expect("what was sent");
    let claim = ours.claim(8).expect("within the limit");
    let live = [
        pair.server.handle,
        pair.client.handle,
        pair.here.handle,
        pair.there.handle,
        ours.handle,
        theirs.handle,
        lease.handle,
        claim.handle,
    ];
    let before = counters();
    let mut state = std::time::UNIX_EPOCH.elapsed().expect("after 1970").as_nanos() as u64 | 1;
    println!("seed {state}");
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut tried = 0;
    while tried < 1_000_000 {
        // Anything; and what looks like a live one: a few bits off, and a near number of any kind.
        let invented = match random() % 3 {
            0 => random(),
            1 => live[random() as usize % live.len()] ^ (1 << (random() % 64)) ^ (1 << (random() % 64)),
            _ => (random() % 8) << 56 | (random() % 4096 + 4096),
        };
        if live.contains(&invented) {
            continue;
        }
        let which = tried % (FREES + OTHERS);
        // What is free already is freed in vain.
        let expected = if which < FREES { JETSTREAM_STATUS_OK } else { JETSTREAM_STATUS_CLOSED };
        assert_eq!(call(which, invented), expected, "call {which} with {invented:#x}");
        tried += 1;
    }
    let after = counters();
    assert_eq!(
        [after.endpoints, after.connections, after.streams, after.leases, after.claims, after.panics],
        [before.endpoints, before.connections, before.streams, before.leases, before.claims, 0]
    );
    assert_eq!(lease.chunks().collect::<Vec<_>>().concat(), b"lent");
    ours.commit(&claim, 8, JETSTREAM_SEND_FINISH).expect("live");
    assert_eq!(theirs.receive_to_end().expect("whole").len(), 8);
}
