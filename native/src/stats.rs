//! Numbers of a connection and of an endpoint, counted in s2n-quic's events.
//!
//! Events of one connection, and those of one endpoint, come one at a time: a number is read and written, which is
//! cheaper than to add to it, and who looks at it meanwhile sees one or the other.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use s2n_quic::provider::event::events::{EcnState, RecoveryMetrics};

use crate::abi::jetstream_connection_stats;

/// A number with one writer at a time.
#[derive(Default)]
pub struct Count(AtomicU64);

impl Count {
    pub fn add(&self, value: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(value), Relaxed);
    }

    pub fn set(&self, value: u64) {
        self.0.store(value, Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

#[derive(Default)]
pub struct Traffic {
    pub datagrams_sent: Count,
    pub datagrams_received: Count,
    pub bytes_sent: Count,
    pub bytes_received: Count,
    pub packets_lost: Count,
}

impl Traffic {
    pub fn sent(&self, len: u16) {
        self.datagrams_sent.add(1);
        self.bytes_sent.add(u64::from(len));
    }

    pub fn received(&self, len: u16) {
        self.datagrams_received.add(1);
        self.bytes_received.add(u64::from(len));
    }
}

#[derive(Default)]
pub struct Stats {
    pub traffic: Traffic,
    pub packets_sent: Count,
    pub packets_received: Count,
    pub probes_sent: Count,
    pub bytes_lost: Count,
    pub stream_bytes_sent: Count,
    pub stream_bytes_received: Count,
    latest_rtt: Count,
    smoothed_rtt: Count,
    min_rtt: Count,
    rtt_variance: Count,
    congestion_window: Count,
    bytes_in_flight: Count,
    pub congestion_events: Count,
    pub mtu: Count,
    pub path_changes: Count,
    pub handshake: Count,
    ecn: Count,
    /// Number of the last packet that was sent after the handshake, and one.
    pub next_packet: AtomicU64,
    /// Highest number of such a packet that the peer has acknowledged, and one.
    pub acknowledged: AtomicU64,
    burst: Burst,
}

/// Losses within one round trip.
#[derive(Default)]
struct Burst {
    began: Count,
    lost: Count,
}

/// So many losses within one round trip are a burst.
pub const BURST: u64 = 8;

impl Stats {
    pub fn measured(&self, event: &RecoveryMetrics) {
        self.latest_rtt.set(nanos(event.latest_rtt));
        self.smoothed_rtt.set(nanos(event.smoothed_rtt));
        self.min_rtt.set(nanos(event.min_rtt));
        self.rtt_variance.set(nanos(event.rtt_variance));
        self.congestion_window.set(u64::from(event.congestion_window));
        self.bytes_in_flight.set(u64::from(event.bytes_in_flight));
    }

    pub fn ecn(&self, state: &EcnState) {
        self.ecn.set(match state {
            EcnState::Failed { .. } => 1,
            EcnState::Capable { .. } => 2,
            _ => 0,
        });
    }

    /// Whether this loss makes a burst of the ones before.
    pub fn lost(&self, now: Duration, bytes: u16) -> bool {
        self.traffic.packets_lost.add(1);
        self.bytes_lost.add(u64::from(bytes));
        let now = nanos(now);
        if now.saturating_sub(self.burst.began.get()) > self.smoothed_rtt.get() {
            self.burst.began.set(now);
            self.burst.lost.set(0);
        }
        self.burst.lost.add(1);
        self.burst.lost.get() == BURST
    }

    /// Without what the connection itself counts.
    pub fn read(&self, connection: u64) -> jetstream_connection_stats {
        jetstream_connection_stats {
            size: size_of::<jetstream_connection_stats>() as u32,
            ecn: self.ecn.get() as u32,
            connection,
            datagrams_sent: self.traffic.datagrams_sent.get(),
            datagrams_received: self.traffic.datagrams_received.get(),
            bytes_sent: self.traffic.bytes_sent.get(),
            bytes_received: self.traffic.bytes_received.get(),
            packets_sent: self.packets_sent.get(),
            packets_received: self.packets_received.get(),
            packets_lost: self.traffic.packets_lost.get(),
            bytes_lost: self.bytes_lost.get(),
            stream_bytes_sent: self.stream_bytes_sent.get(),
            stream_bytes_received: self.stream_bytes_received.get(),
            latest_rtt_ns: self.latest_rtt.get(),
            smoothed_rtt_ns: self.smoothed_rtt.get(),
            min_rtt_ns: self.min_rtt.get(),
            rtt_variance_ns: self.rtt_variance.get(),
            congestion_window: self.congestion_window.get(),
            bytes_in_flight: self.bytes_in_flight.get(),
            congestion_events: self.congestion_events.get(),
            mtu: self.mtu.get(),
            path_changes: self.path_changes.get(),
            handshake_ns: self.handshake.get(),
            send_buffered: 0,
            probes_sent: self.probes_sent.get(),
            streams: 0,
            streams_ever: 0,
        }
    }
}

pub fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
