//! Who gets in: the limits that hold before there is a connection, counted over all endpoints of a server.
//!
//! s2n-quic asks a limiter only about attempts without a token, so a valid Retry token would get round it. Here both
//! ways in, the limiter (`gate.rs`) and the token (`retry.rs`), ask the same state, and what they let in is a ticket
//! that the connection keeps until it is closed.
//!
//! The state is behind a mutex, though it is used under s2n-quic's locks: nothing is called while it is held.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{
            AtomicU64,
            Ordering::{self, Relaxed},
        },
    },
    time::{Duration, Instant},
};

use crate::{addresses::Denied, counters};

/// Rates remember sources for a second; so many at most, and beyond them new ones are refused.
const MOST_SOURCES: usize = 1 << 16;
/// How often sources that are forgotten are looked for when there is no room.
const SWEEP: Duration = Duration::from_millis(100);
/// A bucket holds what may come in this time.
const WINDOW: u64 = 1_000_000_000;

/// Limits of a server; 0 means 0.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connections: u64,
    pub connections_per_source: u64,
    pub handshakes: u64,
    pub retry_above: u64,
    pub unaccepted: u64,
    /// Per second, and as many at once.
    pub rate: u64,
    pub rate_per_source: u64,
    pub native_bytes: u64,
}

/// Why an attempt was refused; the counters are in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Connections,
    ConnectionsPerSource,
    Handshakes,
    Unaccepted,
    Rate,
    RatePerSource,
    NativeBytes,
    Address,
    /// A Retry token that is forged, too old, of another address, or used before.
    Token,
    Draining,
}

pub const CAUSES: usize = 10;

/// The judgement of an attempt.
pub enum Verdict {
    Admit(Ticket),
    /// It may come again with a token that proves its address.
    Retry,
    Refuse(Cause),
}

/// Addresses that count as one source: an IPv4 address, or the 64 bits that one IPv6 subscriber has at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Source {
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self::V4(v4.octets()),
            IpAddr::V6(v6) => {
                let [a, b, c, d, e, f, g, h, ..] = v6.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

pub struct Admission {
    limits: Limits,
    began: Instant,
    state: Mutex<State>,
    refused: [AtomicU64; CAUSES],
    retries: AtomicU64,
    denied: Mutex<Arc<Denied>>,
}

struct State {
    connections: u64,
    handshakes: u64,
    unaccepted: u64,
    draining: bool,
    /// Connections by source; those with none are not in it.
    sources: HashMap<Source, u64>,
    /// By attempts that proved nothing: who forges addresses can empty these, and then a Retry is asked for.
    unproven: Buckets,
    /// By attempts that came back with a token.
    proven: Buckets,
}

impl Admission {
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            began: Instant::now(),
            state: Mutex::new(State {
                connections: 0,
                handshakes: 0,
                unaccepted: 0,
                draining: false,
                sources: HashMap::new(),
                unproven: Buckets::new(&limits),
                proven: Buckets::new(&limits),
            }),
            refused: Default::default(),
            retries: AtomicU64::new(0),
            denied: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// Judges an attempt from `address`, which is `proven` when it came back with a token.
    pub fn judge(self: &Arc<Self>, address: SocketAddr, proven: bool) -> Verdict {
        let verdict = self.judge_at(address, proven, self.began.elapsed());
        match &verdict {
            Verdict::Admit(_) => {}
            Verdict::Retry => {
                self.retries.fetch_add(1, Relaxed);
            }
            Verdict::Refuse(cause) => self.refuse(*cause),
        }
        verdict
    }

    fn judge_at(self: &Arc<Self>, address: SocketAddr, proven: bool, now: Duration) -> Verdict {
        let limits = &self.limits;
        if self.denied.lock().unwrap_or_else(|poison| poison.into_inner()).contains(address.ip()) {
            return Verdict::Refuse(Cause::Address);
        }
        if counters::allocated_bytes() >= limits.native_bytes {
            return Verdict::Refuse(Cause::NativeBytes);
        }
        let source = Source::of(address.ip());
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        let mut state = self.state();
        let hard = [
            (state.draining, Cause::Draining),
            (state.connections >= limits.connections, Cause::Connections),
            (
                state.sources.get(&source).copied().unwrap_or(0) >= limits.connections_per_source,
                Cause::ConnectionsPerSource,
            ),
            (state.handshakes >= limits.handshakes, Cause::Handshakes),
            // A handshake under way has its place in the queue: nothing can close it at its end.
            (state.handshakes + state.unaccepted >= limits.unaccepted, Cause::Unaccepted),
        ];
        if let Some((_, cause)) = hard.into_iter().find(|(reached, _)| *reached) {
            return Verdict::Refuse(cause);
        }
        if !proven && state.handshakes >= limits.retry_above {
            return Verdict::Retry;
        }
        let charged = if proven { state.proven.charge(source, now) } else { state.unproven.charge(source, now) };
        match charged {
            Ok(()) => {}
            // Whoever forges addresses must not lock out their owners: they can prove themselves.
            Err(_) if !proven && state.proven.would_admit(source, now) => return Verdict::Retry,
            Err(cause) => return Verdict::Refuse(cause),
        }
        state.connections += 1;
        state.handshakes += 1;
        *state.sources.entry(source).or_default() += 1;
        Verdict::Admit(Ticket { admission: Arc::clone(self), source, phase: Mutex::new(Phase::Handshake) })
    }

    pub fn refuse(&self, cause: Cause) {
        self.refused[cause as usize].fetch_add(1, Relaxed);
    }

    pub fn refused(&self) -> [u64; CAUSES] {
        std::array::from_fn(|cause| self.refused[cause].load(Relaxed))
    }

    pub fn retries(&self) -> u64 {
        self.retries.load(Relaxed)
    }

    /// From now on nobody new is let in.
    pub fn drain(&self) {
        self.state().draining = true;
    }

    pub fn deny(&self, denied: Denied) {
        *self.denied.lock().unwrap_or_else(|poison| poison.into_inner()) = Arc::new(denied);
    }

    /// Handshakes under way, and connections that nobody took yet.
    #[cfg(test)]
    fn waiting(&self) -> (u64, u64) {
        let state = self.state();
        (state.handshakes, state.unaccepted)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Handshake,
    Unaccepted,
    Taken,
    Ended,
}

/// What an admitted connection counts for, until it ends.
pub struct Ticket {
    admission: Arc<Admission>,
    source: Source,
    phase: Mutex<Phase>,
}

impl Ticket {
    /// The handshake is done: the connection waits to be taken.
    pub fn established(&self) {
        self.step(Phase::Unaccepted);
    }

    pub fn taken(&self) {
        self.step(Phase::Taken);
    }

    pub fn ended(&self) {
        self.step(Phase::Ended);
    }

    fn step(&self, to: Phase) {
        let mut phase = self.phase.lock().unwrap_or_else(|poison| poison.into_inner());
        if *phase as u8 >= to as u8 {
            return;
        }
        let mut state = self.admission.state();
        match *phase {
            Phase::Handshake => state.handshakes -= 1,
            Phase::Unaccepted => state.unaccepted -= 1,
            Phase::Taken | Phase::Ended => {}
        }
        match to {
            Phase::Unaccepted => state.unaccepted += 1,
            Phase::Ended => {
                state.connections -= 1;
                if let Some(count) = state.sources.get_mut(&self.source) {
                    *count -= 1;
                    if *count == 0 {
                        state.sources.remove(&self.source);
                    }
                }
            }
            Phase::Handshake | Phase::Taken => {}
        }
        *phase = to;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        // A connection that s2n-quic gave up before it had begun tells of no end.
        self.ended();
    }
}

/// Where an endpoint keeps the ticket between its gate and the connection, which s2n-quic makes next on that thread.
#[derive(Default)]
pub struct Pending(Mutex<Option<Ticket>>);

impl Pending {
    /// Gives back the ticket of an attempt that became no connection, as one whose packet cannot be decrypted. Before
    /// the next one is judged: it must find room where there is some.
    pub fn clear(&self) {
        drop(self.take());
    }

    pub fn put(&self, ticket: Ticket) {
        drop(self.lock().replace(ticket));
    }

    pub fn take(&self) -> Option<Ticket> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Ticket>> {
        self.0.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}

/// Token buckets of one second: one for all, and one per source.
///
/// A bucket is the time at which it will be full again (the generic cell rate algorithm), so one that is full needs
/// not be kept.
struct Buckets {
    all: Bucket,
    per_source: u64,
    sources: HashMap<Source, u64>,
    swept: u64,
}

impl Buckets {
    fn new(limits: &Limits) -> Self {
        Self {
            all: Bucket { rate: limits.rate, full_at: 0 },
            per_source: limits.rate_per_source,
            sources: HashMap::new(),
            swept: 0,
        }
    }

    fn source(&self, source: Source) -> Bucket {
        Bucket { rate: self.per_source, full_at: self.sources.get(&source).copied().unwrap_or(0) }
    }

    fn would_admit(&self, source: Source, now: u64) -> bool {
        self.all.charged(now).is_some() && self.source(source).charged(now).is_some()
    }

    /// Takes one from both buckets, or from neither.
    fn charge(&mut self, source: Source, now: u64) -> Result<(), Cause> {
        let all = self.all.charged(now).ok_or(Cause::Rate)?;
        let of_source = self.source(source).charged(now).ok_or(Cause::RatePerSource)?;
        if self.sources.len() >= MOST_SOURCES && !self.sources.contains_key(&source) {
            if now - self.swept < SWEEP.as_nanos() as u64 {
                return Err(Cause::RatePerSource);
            }
            self.swept = now;
            self.sources.retain(|_, full_at| *full_at > now);
            if self.sources.len() >= MOST_SOURCES {
                return Err(Cause::RatePerSource);
            }
        }
        self.all.full_at = all;
        self.sources.insert(source, of_source);
        Ok(())
    }
}

#[derive(Clone, Copy)]
struct Bucket {
    rate: u64,
    full_at: u64,
}

impl Bucket {
    /// When it will be full after one more, if there is one more in it.
    fn charged(self, now: u64) -> Option<u64> {
        let each = WINDOW.checked_div(self.rate)?;
        let full_at = self.full_at.max(now) + each;
        (full_at - now <= WINDOW).then_some(full_at)
    }
}

/// Paces what may happen `rate` times per second, for the accepting of streams.
pub struct Pace {
    began: Instant,
    rate: u64,
    full_at: AtomicU64,
}

impl Pace {
    pub fn new(rate: u64) -> Self {
        Self { began: Instant::now(), rate, full_at: AtomicU64::new(0) }
    }

    /// How long to wait before the next one; `None`: none is ever allowed. Takes nothing.
    pub fn wait(&self) -> Option<Duration> {
        let now = self.now();
        let each = WINDOW.checked_div(self.rate)?;
        let full_at = self.full_at.load(Ordering::Relaxed).max(now) + each;
        Some(Duration::from_nanos((full_at - now).saturating_sub(WINDOW)))
    }

    /// One has happened.
    pub fn take(&self) {
        let now = self.now();
        let each = WINDOW.checked_div(self.rate).unwrap_or(WINDOW);
        let _ = self.full_at.fetch_update(Relaxed, Relaxed, |full_at| Some(full_at.max(now) + each));
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
#[path = "admission_tests.rs"]
mod tests;
