use super::*;

const OPEN: Limits = Limits {
    connections: 100,
    connections_per_source: 100,
    handshakes: 100,
    retry_above: 100,
    unaccepted: 100,
    rate: 100,
    rate_per_source: 100,
    native_bytes: u64::MAX,
};

fn address(last: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, last], 4433))
}

fn admission(change: impl FnOnce(&mut Limits)) -> Arc<Admission> {
    let mut limits = OPEN;
    change(&mut limits);
    Admission::new(limits)
}

fn admit(admission: &Arc<Admission>, last: u8, at: Duration) -> Ticket {
    match admission.judge_at(address(last), false, at) {
        Verdict::Admit(ticket) => ticket,
        Verdict::Retry => panic!("retry"),
        Verdict::Refuse(cause) => panic!("{cause:?}"),
    }
}

fn refusal(admission: &Arc<Admission>, last: u8, proven: bool, at: Duration) -> Cause {
    match admission.judge_at(address(last), proven, at) {
        Verdict::Refuse(cause) => cause,
        Verdict::Admit(_) => panic!("admitted"),
        Verdict::Retry => panic!("retry"),
    }
}

const NOW: Duration = Duration::from_secs(1);

/// N-1 and N are let in, N+1 is not; with 0 nobody is; and a valid token gets round none of them.
#[test]
fn each_limit_holds_at_n_for_both_ways_in() {
    type Set = fn(&mut Limits, u64);
    let cases: [(Cause, Set); 4] = [
        (Cause::Connections, |limits, n| limits.connections = n),
        (Cause::ConnectionsPerSource, |limits, n| limits.connections_per_source = n),
        (Cause::Handshakes, |limits, n| limits.handshakes = n),
        (Cause::Unaccepted, |limits, n| limits.unaccepted = n),
    ];
    for (cause, set) in cases {
        for n in [0, 1, 3] {
            let admission = admission(|limits| set(limits, n));
            let tickets: Vec<_> = (0..n).map(|_| admit(&admission, 1, NOW)).collect();
            assert_eq!(refusal(&admission, 1, false, NOW), cause, "{n}");
            assert_eq!(refusal(&admission, 1, true, NOW), cause, "{n} with a token");
            drop(tickets);
            if n > 0 {
                admit(&admission, 1, NOW);
            }
        }
    }
}

#[test]
fn a_source_does_not_count_for_another() {
    let admission = admission(|limits| limits.connections_per_source = 1);
    let _first = admit(&admission, 1, NOW);
    let _other = admit(&admission, 2, NOW);
    assert_eq!(refusal(&admission, 2, false, NOW), Cause::ConnectionsPerSource);
}

#[test]
fn addresses_of_one_subscriber_are_one_source() {
    let source = |text: &str| Source::of(text.parse().expect("legal"));
    assert_eq!(source("2001:db8:1:2::1"), source("2001:db8:1:2:ffff::9"));
    assert_ne!(source("2001:db8:1:2::1"), source("2001:db8:1:3::1"));
    assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
    assert_ne!(source("192.0.2.1"), source("192.0.2.2"));
}

#[test]
fn a_rate_is_asked_for_proof_first_and_holds_for_the_proven_as_well() {
    type Set = fn(&mut Limits, u64);
    let cases: [(Cause, Set); 2] =
        [(Cause::Rate, |limits, n| limits.rate = n), (Cause::RatePerSource, |limits, n| limits.rate_per_source = n)];
    for (cause, set) in cases {
        let admission = admission(|limits| set(limits, 3));
        let _unproven: Vec<_> = (0..3).map(|_| admit(&admission, 1, NOW)).collect();
        let mut proven = Vec::new();
        for _ in 0..3 {
            assert!(matches!(admission.judge_at(address(1), false, NOW), Verdict::Retry), "asked for proof");
            match admission.judge_at(address(1), true, NOW) {
                Verdict::Admit(ticket) => proven.push(ticket),
                _ => panic!("a proven one is let in"),
            }
        }
        assert_eq!(refusal(&admission, 1, true, NOW), cause);
        assert_eq!(refusal(&admission, 1, false, NOW), cause, "no Retry where it leads nowhere");
        // A third of a second fills in one of three.
        let later = NOW + Duration::from_millis(334);
        admit(&admission, 1, later);
        assert!(matches!(admission.judge_at(address(1), false, later), Verdict::Retry));
    }
}

#[test]
fn a_rate_of_zero_lets_nobody_in() {
    for proven in [false, true] {
        assert_eq!(refusal(&admission(|limits| limits.rate = 0), 1, proven, NOW), Cause::Rate);
        assert_eq!(refusal(&admission(|limits| limits.rate_per_source = 0), 1, proven, NOW), Cause::RatePerSource);
    }
}

#[test]
fn a_refused_source_costs_the_others_nothing() {
    let admission = admission(|limits| {
        limits.rate = 2;
        limits.rate_per_source = 1;
    });
    let _first = admit(&admission, 1, NOW);
    assert!(matches!(admission.judge_at(address(1), false, NOW), Verdict::Retry));
    let _second = admit(&admission, 2, NOW);
}

#[test]
fn above_the_threshold_an_address_is_to_be_proven() {
    let admission = admission(|limits| limits.retry_above = 1);
    let first = admit(&admission, 1, NOW);
    assert!(matches!(admission.judge_at(address(1), false, NOW), Verdict::Retry));
    assert!(matches!(admission.judge_at(address(1), true, NOW), Verdict::Admit(_)));
    first.established();
    assert!(matches!(admission.judge_at(address(1), false, NOW), Verdict::Admit(_)));
}

#[test]
fn sources_are_not_remembered_without_bound() {
    let mut buckets = Buckets::new(&Limits { rate: u64::MAX, rate_per_source: 1, ..OPEN });
    let source = |number: u64| Source::V6(number.to_be_bytes());
    for number in 0..MOST_SOURCES as u64 {
        buckets.charge(source(number), 1).expect("room");
    }
    assert_eq!(buckets.charge(source(u64::MAX), 1), Err(Cause::RatePerSource));
    assert_eq!(buckets.charge(source(u64::MAX), WINDOW / 2), Err(Cause::RatePerSource), "nothing to forget yet");
    buckets.charge(source(u64::MAX), 2 * WINDOW).expect("what is full again is forgotten");
    assert_eq!(buckets.sources.len(), 1);
}

#[test]
fn a_ticket_counts_once_and_ends_once() {
    let admission = admission(|_| {});
    let ticket = admit(&admission, 1, NOW);
    assert_eq!(admission.waiting(), (1, 0));
    ticket.established();
    ticket.established();
    assert_eq!(admission.waiting(), (0, 1));
    ticket.taken();
    assert_eq!(admission.waiting(), (0, 0));
    ticket.ended();
    ticket.established();
    drop(ticket);
    let state = admission.state();
    assert_eq!((state.connections, state.handshakes, state.unaccepted, state.sources.len()), (0, 0, 0, 0));
}

#[test]
fn a_ticket_that_no_connection_took_is_given_back() {
    let admission = admission(|_| {});
    let pending = Pending::default();
    pending.put(admit(&admission, 1, NOW));
    pending.put(admit(&admission, 2, NOW));
    assert_eq!(admission.waiting(), (1, 0));
    drop(pending.take());
    assert_eq!(admission.waiting(), (0, 0));
}

#[test]
fn draining_lets_nobody_in() {
    let admission = admission(|_| {});
    admission.drain();
    assert_eq!(refusal(&admission, 1, true, NOW), Cause::Draining);
}

#[test]
fn the_ceiling_of_native_memory_holds() {
    let none = admission(|limits| limits.native_bytes = 0);
    assert_eq!(refusal(&none, 1, false, NOW), Cause::NativeBytes);
    // In steps that are larger than what the other tests of this process come and go with.
    const STEP: u64 = 256 << 20;
    let few = admission(|limits| limits.native_bytes = counters::allocated_bytes() + STEP);
    let _below = admit(&few, 1, NOW);
    let held = vec![0u8; 2 * STEP as usize];
    assert_eq!(refusal(&few, 1, false, NOW), Cause::NativeBytes);
    assert_eq!(refusal(&few, 1, true, NOW), Cause::NativeBytes, "with a token");
    drop(held);
    let _again = admit(&few, 1, NOW);
}

#[test]
fn a_pace_is_a_burst_and_then_one_at_a_time() {
    let pace = Pace::new(2);
    for _ in 0..2 {
        assert_eq!(pace.wait(), Some(Duration::ZERO));
        pace.take();
    }
    assert!(pace.wait().is_some_and(|wait| wait > Duration::ZERO && wait <= Duration::from_millis(500)));
    assert_eq!(Pace::new(0).wait(), None);
}
