//! Bytes cross whole and in order, by copy and without one, and each way to end a stream arrives as what it is.

mod support;

use support::*;

/// Answers every bidirectional stream with its own bytes, until the connection ends.
fn echo(connection: &Connection) {
    while let Ok(stream) = connection.accept(JETSTREAM_STREAM_BIDIRECTIONAL) {
        let bytes = stream.receive_to_end().expect("whole");
        stream.send(&bytes, JETSTREAM_SEND_FINISH).expect("room");
    }
}

#[test]
fn a_small_call_crosses_in_one_call_each_way() {
    let pair = Pair::new();
    std::thread::scope(|scope| {
        scope.spawn(|| echo(&pair.there));
        for _ in 0..100 {
            let question = pattern(32);
            let (stream, taken) =
                pair.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, &question, JETSTREAM_SEND_FINISH).expect("open");
            assert_eq!(taken, 32);
            assert_eq!(stream.receive_to_end().expect("answer"), question);
        }
        pair.here.close(0).expect("live");
    });
}

#[test]
fn stream_ids_are_the_wire_s() {
    let pair = Pair::new();
    for number in 0..3 {
        let (ours, theirs) = pair.stream();
        // Client-initiated bidirectional: 4n (RFC 9000 section 2.1).
        assert_eq!((ours.id, theirs.id), (4 * number, 4 * number));
    }
    let (stream, _) = pair.there.open(JETSTREAM_STREAM_UNIDIRECTIONAL, b"x", 0).expect("open");
    // Server-initiated unidirectional.
    assert_eq!(stream.id, 3);
}

const BULK: usize = 16 << 20;

#[test]
fn bulk_crosses_whole_into_the_caller_s_memory() {
    let pair = Pair::new();
    let sent = pattern(BULK);
    let received = std::thread::scope(|scope| {
        scope.spawn(|| {
            let (stream, taken) = pair.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"", 0).expect("open");
            assert_eq!(taken, 0);
            stream.send(&sent, JETSTREAM_SEND_FINISH).expect("room");
            stream.flush().expect("acknowledged");
        });
        pair.there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("accept").receive_to_end().expect("whole")
    });
    assert!(received == sent);
}

#[test]
fn bulk_crosses_whole_by_leases_and_claims() {
    let pair = Pair::new();
    let sent = pattern(BULK);
    let mut received = Vec::with_capacity(BULK);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let (stream, _) = pair.there.open(JETSTREAM_STREAM_UNIDIRECTIONAL, b"", 0).expect("open");
            for piece in sent.chunks(300_000) {
                let mut claim = stream.claim(300_000).expect("within the limit");
                claim.write(piece);
                stream.commit(&claim, piece.len(), 0).expect("room");
            }
            stream.finish().expect("live");
            stream.flush().expect("acknowledged");
        });
        let stream = pair.here.accept(JETSTREAM_STREAM_UNIDIRECTIONAL).expect("accept");
        loop {
            let (lease, end) = stream.lease().expect("whole");
            assert!(lease.len() > 0 || end);
            lease.chunks().for_each(|chunk| received.extend_from_slice(chunk));
            if end {
                break;
            }
        }
    });
    assert!(received == sent);
    assert_eq!(counters().allocated_bytes >> 32, 0);
}

#[test]
fn copy_and_lease_can_take_turns_on_one_stream() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    let sent = pattern(200_000);
    ours.send(&sent, JETSTREAM_SEND_FINISH).expect("room");
    let (mut received, mut small) = (Vec::new(), [0; 777]);
    loop {
        let (count, end) = theirs.receive(&mut small).expect("whole");
        received.extend_from_slice(&small[..count]);
        if end {
            break;
        }
        let (lease, end) = theirs.lease().expect("whole");
        lease.chunks().for_each(|chunk| received.extend_from_slice(chunk));
        if end {
            break;
        }
    }
    assert!(received == sent);
}

#[test]
fn the_clean_end_is_told_again() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    ours.finish().expect("live");
    for _ in 0..3 {
        assert_eq!(theirs.receive(&mut [0; 8]).expect("the end"), (0, true));
        let (lease, end) = theirs.lease().expect("the end");
        assert_eq!((lease.handle, lease.len(), end), (0, 0, true));
    }
    ours.finish().expect("again does nothing");
    let fault = ours.send(b"more", 0).expect_err("finished");
    assert_eq!((fault.status, fault.initiator), (JETSTREAM_STATUS_STREAM_SEND_AFTER_FINISH, JETSTREAM_INITIATOR_LOCAL));
}

#[test]
fn sending_pends_at_the_limit_and_goes_on_when_it_is_read() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    let sent = pattern(8 << 20);
    let mut taken = 0;
    while let Some(accepted) = ours.try_send(&sent[taken..], 0).expect("live") {
        taken += accepted;
    }
    assert!(taken < sent.len(), "{taken} bytes were taken that nobody had read");
    std::thread::scope(|scope| {
        scope.spawn(|| ours.send(&sent[taken..], JETSTREAM_SEND_FINISH).expect("room, in the end"));
        assert!(theirs.receive_to_end().expect("whole") == sent);
    });
}

#[test]
fn a_flush_waits_until_the_peer_has_acknowledged() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    ours.send(&pattern(100_000), 0).expect("room");
    ours.flush().expect("acknowledged");
    ours.finish().expect("live");
    ours.flush().expect("the end is acknowledged");
    assert_eq!(theirs.receive_to_end().expect("whole").len(), 100_000);
}

#[test]
fn a_reset_arrives_with_its_code() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    ours.reset(77).expect("live");
    let fault = theirs.receive(&mut [0; 8]).expect_err("reset");
    assert_eq!(
        (fault.status, fault.initiator, fault.code),
        (JETSTREAM_STATUS_STREAM_RESET, JETSTREAM_INITIATOR_REMOTE, 77)
    );
    let fault = theirs.lease().err().expect("still reset");
    assert_eq!((fault.status, fault.code), (JETSTREAM_STATUS_STREAM_RESET, 77));
    let fault = ours.flush().expect_err("nothing to wait for");
    assert_eq!(fault.status, JETSTREAM_STATUS_STREAM_SEND_AFTER_FINISH);
}

#[test]
fn a_stop_arrives_at_the_sender_with_its_code() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    theirs.stop_sending(55).expect("live");
    let fault = loop {
        match ours.try_send(&[0; 65536], 0) {
            Ok(Some(_)) => {}
            Ok(None) => wait_for(ours.token | JETSTREAM_WAKE_STREAM_SEND),
            Err(fault) => break fault,
        }
    };
    assert_eq!(
        (fault.status, fault.initiator, fault.code),
        (JETSTREAM_STATUS_STREAM_RESET, JETSTREAM_INITIATOR_REMOTE, 55)
    );
    let fault = theirs.receive(&mut [0; 8]).expect_err("stopped");
    assert_eq!((fault.status, fault.initiator), (JETSTREAM_STATUS_STREAM_STOPPED, JETSTREAM_INITIATOR_LOCAL));
    theirs.stop_sending(55).expect("again does nothing");
}

#[test]
fn a_stop_wakes_a_sender_that_waits_for_room() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    let fault = std::thread::scope(|scope| {
        let sender = scope.spawn(|| ours.send(&pattern(32 << 20), 0).expect_err("stopped"));
        theirs.stop_sending(9).expect("live");
        sender.join().expect("no panic")
    });
    assert_eq!((fault.status, fault.code), (JETSTREAM_STATUS_STREAM_RESET, 9));
}

#[test]
fn half_a_message_never_looks_whole() {
    let mut server = Config::server();
    server.raw.abandoned_stream_code = 4242;
    let pair = Pair::with(&server, &Config::client());
    let ours = pair.here.open_bidirectional();
    ours.send(b"?", 0).expect("room");
    let theirs = pair.there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("accept");
    theirs.send(&pattern(1000), 0).expect("room");
    drop(theirs);
    let fault = ours.receive_to_end().expect_err("not a clean end");
    assert_eq!((fault.status, fault.code), (JETSTREAM_STATUS_STREAM_RESET, 4242));
    // And the free stopped the other direction.
    let fault = loop {
        match ours.try_send(&[0; 1000], 0) {
            Ok(Some(_)) => {}
            Ok(None) => wait_for(ours.token | JETSTREAM_WAKE_STREAM_SEND),
            Err(fault) => break fault,
        }
    };
    assert_eq!((fault.status, fault.code), (JETSTREAM_STATUS_STREAM_RESET, 4242));
}

#[test]
fn a_finished_stream_that_is_freed_arrives_whole() {
    let pair = Pair::new();
    let sent = pattern(500_000);
    let (ours, theirs) = pair.stream();
    ours.send(&sent, JETSTREAM_SEND_FINISH).expect("room");
    drop(ours);
    assert!(theirs.receive_to_end().expect("whole") == sent);
}

#[test]
fn what_arrived_before_a_lease_is_freed_stays_readable() {
    let pair = Pair::new();
    let (ours, theirs) = pair.stream();
    ours.send(b"kept", JETSTREAM_SEND_FINISH).expect("room");
    let (lease, _) = theirs.lease().expect("arrives");
    drop((theirs, ours));
    drop(pair);
    assert_eq!(lease.chunks().collect::<Vec<_>>().concat(), b"kept");
}

#[test]
fn a_claim_that_fails_stays_the_caller_s() {
    let pair = Pair::new();
    let (ours, _theirs) = pair.stream();
    let mut claim = ours.claim(1000).expect("within the limit");
    ours.reset(1).expect("live");
    let fault = ours.commit(&claim, 1000, 0).expect_err("reset before");
    assert_eq!(fault.status, JETSTREAM_STATUS_STREAM_SEND_AFTER_FINISH);
    claim.write(&[7; 1000]);
    // Another stream of the same connection can still send it.
    let (other, far) = pair.stream();
    other.commit(&claim, 1000, JETSTREAM_SEND_FINISH).expect("room");
    assert_eq!(far.receive_to_end().expect("whole"), [7; 1000]);
    let fault = other.commit(&claim, 1, 0).expect_err("consumed");
    assert_eq!(fault.status, JETSTREAM_STATUS_CLOSED);
}

#[test]
fn a_claim_of_another_connection_is_refused() {
    let (pair, other) = (Pair::new(), Pair::new());
    let claim = pair.stream().0.claim(10).expect("within the limit");
    let (stream, _theirs) = other.stream();
    assert_eq!(stream.commit(&claim, 10, 0).expect_err("foreign").status, JETSTREAM_STATUS_INVALID_ARGUMENT);
}

#[test]
fn a_stream_of_one_direction_refuses_the_other() {
    let pair = Pair::new();
    let (ours, _) = pair.here.open(JETSTREAM_STREAM_UNIDIRECTIONAL, b"x", 0).expect("open");
    let theirs = pair.there.accept(JETSTREAM_STREAM_UNIDIRECTIONAL).expect("accept");
    for status in [
        ours.receive(&mut [0; 1]).expect_err("send-only").status,
        ours.lease().err().expect("send-only").status,
        ours.stop_sending(0).expect_err("send-only").status,
        theirs.send(b"x", 0).expect_err("receive-only").status,
        theirs.finish().expect_err("receive-only").status,
        theirs.reset(0).expect_err("receive-only").status,
        theirs.flush().expect_err("receive-only").status,
    ] {
        assert_eq!(status, JETSTREAM_STATUS_WRONG_KIND);
    }
}

#[test]
fn a_connection_s_close_arrives_with_its_code_everywhere() {
    let pair = Pair::new();
    let (_ours, theirs) = pair.stream();
    pair.here.close(1234).expect("live");
    pair.here.close(1).expect("again does nothing");
    let told = |fault: Fault, initiator| {
        assert_eq!(
            (fault.status, fault.initiator, fault.code),
            (JETSTREAM_STATUS_CONNECTION_APPLICATION, initiator, 1234),
            "{fault:?}"
        );
    };
    told(pair.there.ended(), JETSTREAM_INITIATOR_REMOTE);
    told(theirs.receive(&mut [0; 8]).expect_err("closed"), JETSTREAM_INITIATOR_REMOTE);
    told(theirs.send(b"x", 0).expect_err("closed"), JETSTREAM_INITIATOR_REMOTE);
    told(pair.there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).err().expect("closed"), JETSTREAM_INITIATOR_REMOTE);
    told(pair.there.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"", 0).err().expect("closed"), JETSTREAM_INITIATOR_REMOTE);
    told(pair.here.ended(), JETSTREAM_INITIATOR_LOCAL);
    told(pair.here.open(JETSTREAM_STREAM_UNIDIRECTIONAL, b"", 0).err().expect("closed"), JETSTREAM_INITIATOR_LOCAL);
}

#[test]
fn a_freed_connection_is_closed_for_the_peer() {
    let Pair { here, there, client: _client, server: _server } = Pair::new();
    drop(here);
    let fault = there.ended();
    assert_eq!(
        (fault.status, fault.initiator, fault.code),
        (JETSTREAM_STATUS_CONNECTION_APPLICATION, JETSTREAM_INITIATOR_REMOTE, 0)
    );
}

#[test]
fn opening_pends_at_the_peer_s_limit_and_goes_on_when_a_stream_ends() {
    let server = Config::server().set(|raw| raw.max_remote_bidirectional = 1);
    let pair = Pair::with(&server, &Config::client());
    std::thread::scope(|scope| {
        scope.spawn(|| echo(&pair.there));
        for round in 0..20u8 {
            let (stream, _) =
                pair.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, &[round], JETSTREAM_SEND_FINISH).expect("open");
            assert_eq!(stream.receive_to_end().expect("answer"), [round]);
        }
        pair.here.close(0).expect("live");
    });
}
