//! Records: what an event tells, in values of fixed size where it comes often.

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use s2n_quic::{
    connection,
    provider::event::events::{
        ActivePathUpdated, BbrState, BbrStateChanged, Congestion, CongestionSource, ConnectionId, ConnectionIdUpdated,
        DuplicatePacket, EcnState, EcnStateChanged, Frame, HandshakeStatus, KeySpace, KeySpaceDiscarded, KeyType,
        KeyUpdate, MtuUpdated, PacketBuffered, PacketDropReason, PacketDropped, PacketHeader, PacketLost,
        PacketReceived, PacketSent, PacketType, Path, PathChallengeStatus, PathChallengeUpdated, PathCreated,
        RecoveryMetrics, SlowStartExited, TransmissionMode,
    },
};
use s2n_quic_core::endpoint::Location;

use super::{Trace, parameters::Parameters};
use crate::{observer::to_std, stats::nanos};

pub struct Record {
    /// Number of the connection within its endpoint.
    pub connection: u64,
    /// Nanoseconds since the connection began.
    pub at: u64,
    pub what: What,
}

pub enum What {
    Started(Box<Started>),
    State(&'static str),
    Alpn(Box<[u8]>),
    Cipher(Box<str>),
    Parameters(Box<Parameters>),
    Sent { header: Header, len: u32, trigger: Option<&'static str>, probe: bool },
    Received { header: Header, len: u32 },
    Dropped { header: Option<Header>, trigger: &'static str },
    Buffered { header: Header, len: u32 },
    FrameSent(Header, Frame),
    FrameReceived(Header, Frame),
    Lost { header: Header, probe: bool },
    Metrics(Metrics),
    Congestion { new: &'static str, trigger: Option<&'static str> },
    KeyUpdated { kind: Packet, generation: u16 },
    KeyDiscarded { kind: Packet },
    Mtu { mtu: u16, done: bool },
    Tuple(Box<Tuple>),
    Migration { new: &'static str, tuple: Box<Tuple> },
    ConnectionId(Box<NewId>),
    Ecn(&'static str),
    Closed(connection::Error),
}

pub struct Started {
    pub trace: Arc<Trace>,
    pub server: bool,
    pub wall: SystemTime,
    pub local: Option<SocketAddr>,
    pub remote: Option<SocketAddr>,
    pub local_cid: Cid,
    pub remote_cid: Cid,
}

/// The kind of a packet, by its name in qlog.
pub type Packet = &'static str;

/// What is told of a packet's header; `number` and `version` where it has them.
#[derive(Clone, Copy, PartialEq)]
pub struct Header {
    pub kind: Packet,
    pub number: Option<u64>,
    pub version: Option<u32>,
}

/// RFC 9000 section 17.2: up to 20 bytes.
#[derive(Clone, Copy, Default)]
pub struct Cid {
    len: u8,
    bytes: [u8; 20],
}

pub struct Tuple {
    pub id: u64,
    pub local: Option<SocketAddr>,
    pub remote: Option<SocketAddr>,
}

pub struct NewId {
    pub local: bool,
    pub old: Cid,
    pub new: Cid,
}

/// Times in microseconds, as fine as s2n-quic's clock.
#[derive(Clone, Copy, PartialEq)]
pub struct Metrics {
    pub min_rtt: u32,
    pub smoothed_rtt: u32,
    pub latest_rtt: u32,
    pub rtt_variance: u32,
    pub pto_count: u32,
    pub congestion_window: u32,
    pub bytes_in_flight: u32,
}

impl Cid {
    pub fn of(id: &ConnectionId) -> Self {
        let mut bytes = [0; 20];
        let len = id.bytes.len().min(bytes.len());
        bytes[..len].copy_from_slice(&id.bytes[..len]);
        Self { len: len as u8, bytes }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl Tuple {
    fn of(path: &Path) -> Box<Self> {
        Box::new(Self { id: path.id, local: to_std(&path.local_addr), remote: to_std(&path.remote_addr) })
    }
}

impl From<&PacketHeader> for Header {
    fn from(header: &PacketHeader) -> Self {
        let (kind, number, version) = match *header {
            PacketHeader::Initial { number, version, .. } => ("initial", Some(number), Some(version)),
            PacketHeader::Handshake { number, version, .. } => ("handshake", Some(number), Some(version)),
            PacketHeader::ZeroRtt { number, version, .. } => ("0RTT", Some(number), Some(version)),
            PacketHeader::OneRtt { number, .. } => ("1RTT", Some(number), None),
            PacketHeader::Retry { version, .. } => ("retry", None, Some(version)),
            PacketHeader::VersionNegotiation { .. } => ("version_negotiation", None, None),
            PacketHeader::StatelessReset { .. } => ("stateless_reset", None, None),
            _ => ("unknown", None, None),
        };
        Self { kind, number, version }
    }
}

impl From<&PacketType> for Header {
    fn from(kind: &PacketType) -> Self {
        let kind = match kind {
            PacketType::Initial { .. } => "initial",
            PacketType::Handshake { .. } => "handshake",
            PacketType::ZeroRtt { .. } => "0RTT",
            PacketType::OneRtt { .. } => "1RTT",
            PacketType::Retry { .. } => "retry",
            PacketType::VersionNegotiation { .. } => "version_negotiation",
            PacketType::StatelessReset { .. } => "stateless_reset",
            _ => "unknown",
        };
        Self { kind, number: None, version: None }
    }
}

impl From<&PacketSent> for What {
    fn from(event: &PacketSent) -> Self {
        What::Sent {
            header: (&event.packet_header).into(),
            len: length(event.packet_len),
            trigger: matches!(event.transmission_mode, TransmissionMode::LossRecoveryProbing { .. })
                .then_some("pto_probe"),
            probe: matches!(event.transmission_mode, TransmissionMode::MtuProbing { .. }),
        }
    }
}

impl From<&PacketReceived> for What {
    fn from(event: &PacketReceived) -> Self {
        What::Received { header: (&event.packet_header).into(), len: length(event.packet_len) }
    }
}

impl From<&PacketBuffered> for What {
    fn from(event: &PacketBuffered) -> Self {
        What::Buffered { header: (&event.packet_type).into(), len: length(event.packet_len) }
    }
}

impl From<&DuplicatePacket<'_>> for What {
    fn from(event: &DuplicatePacket) -> Self {
        What::Dropped { header: Some((&event.packet_header).into()), trigger: "duplicate" }
    }
}

impl From<&PacketDropped<'_>> for What {
    fn from(event: &PacketDropped) -> Self {
        let (header, trigger) = match &event.reason {
            PacketDropReason::ConnectionError { .. } => (None, "internal_error"),
            PacketDropReason::VersionMismatch { .. } => (None, "unsupported"),
            PacketDropReason::UnprotectFailed { .. } => (None, "decryption_failure"),
            PacketDropReason::DecryptionFailed { packet_header, .. } => {
                (Some(packet_header.into()), "decryption_failure")
            }
            PacketDropReason::HandshakeNotComplete { .. } => (None, "key_unavailable"),
            PacketDropReason::PacketSpaceDoesNotExist { packet_type, .. }
            | PacketDropReason::PacketBufferOutOfSpace { packet_type, .. } => {
                (Some(packet_type.into()), "key_unavailable")
            }
            PacketDropReason::ConnectionClosed { packet_type, .. } => (Some(packet_type.into()), "rejected"),
            PacketDropReason::InitialConnectionIdInvalidSpace { packet_type, .. } => {
                (Some(packet_type.into()), "invalid")
            }
            PacketDropReason::ConnectionIdMismatch { .. }
            | PacketDropReason::DecodingFailed { .. }
            | PacketDropReason::NonEmptyRetryToken { .. }
            | PacketDropReason::RetryDiscarded { .. }
            | PacketDropReason::UndersizedInitialPacket { .. } => (None, "invalid"),
            _ => (None, "general"),
        };
        What::Dropped { header, trigger }
    }
}

impl From<&PacketLost<'_>> for What {
    fn from(event: &PacketLost) -> Self {
        What::Lost { header: (&event.packet_header).into(), probe: event.is_mtu_probe }
    }
}

impl From<&RecoveryMetrics<'_>> for What {
    fn from(event: &RecoveryMetrics) -> Self {
        let micros = |duration| u32::try_from(nanos(duration) / 1000).unwrap_or(u32::MAX);
        What::Metrics(Metrics {
            min_rtt: micros(event.min_rtt),
            smoothed_rtt: micros(event.smoothed_rtt),
            latest_rtt: micros(event.latest_rtt),
            rtt_variance: micros(event.rtt_variance),
            pto_count: event.pto_count,
            congestion_window: event.congestion_window,
            bytes_in_flight: event.bytes_in_flight,
        })
    }
}

impl From<&Congestion<'_>> for What {
    fn from(event: &Congestion) -> Self {
        let trigger = match event.source {
            CongestionSource::Ecn { .. } => Some("ecn"),
            CongestionSource::PacketLoss { .. } => Some("packet_loss"),
            _ => None,
        };
        What::Congestion { new: "recovery", trigger }
    }
}

impl From<&SlowStartExited> for What {
    fn from(_: &SlowStartExited) -> Self {
        What::Congestion { new: "congestion_avoidance", trigger: Some("slow_start_exited") }
    }
}

impl From<&BbrStateChanged> for What {
    fn from(event: &BbrStateChanged) -> Self {
        let new = match event.state {
            BbrState::Startup { .. } => "startup",
            BbrState::Drain { .. } => "drain",
            BbrState::ProbeBwDown { .. } => "probe_bw_down",
            BbrState::ProbeBwCruise { .. } => "probe_bw_cruise",
            BbrState::ProbeBwRefill { .. } => "probe_bw_refill",
            BbrState::ProbeBwUp { .. } => "probe_bw_up",
            BbrState::ProbeRtt { .. } => "probe_rtt",
            _ => "unknown",
        };
        What::Congestion { new, trigger: None }
    }
}

impl From<&KeyUpdate> for What {
    fn from(event: &KeyUpdate) -> Self {
        let (kind, generation) = match event.key_type {
            KeyType::Initial { .. } => ("initial", 0),
            KeyType::Handshake { .. } => ("handshake", 0),
            KeyType::ZeroRtt { .. } => ("0rtt", 0),
            KeyType::OneRtt { generation, .. } => ("1rtt", generation),
            // A kind that this version of s2n-quic does not have.
            _ => ("1rtt", 0),
        };
        What::KeyUpdated { kind, generation }
    }
}

impl From<&KeySpaceDiscarded> for What {
    fn from(event: &KeySpaceDiscarded) -> Self {
        What::KeyDiscarded {
            kind: match event.space {
                KeySpace::Initial { .. } => "initial",
                KeySpace::Handshake { .. } => "handshake",
                KeySpace::ZeroRtt { .. } => "0rtt",
                _ => "1rtt",
            },
        }
    }
}

impl From<&MtuUpdated> for What {
    fn from(event: &MtuUpdated) -> Self {
        What::Mtu { mtu: event.mtu, done: event.search_complete }
    }
}

impl From<&PathCreated<'_>> for What {
    fn from(event: &PathCreated) -> Self {
        What::Tuple(Tuple::of(&event.new))
    }
}

impl From<&ActivePathUpdated<'_>> for What {
    fn from(event: &ActivePathUpdated) -> Self {
        What::Migration { new: "migration_complete", tuple: Tuple::of(&event.active) }
    }
}

impl From<&PathChallengeUpdated<'_>> for What {
    fn from(event: &PathChallengeUpdated) -> Self {
        let new = match event.path_challenge_status {
            PathChallengeStatus::Validated { .. } => "probing_successful",
            _ => "probing_abandoned",
        };
        What::Migration { new, tuple: Tuple::of(&event.path) }
    }
}

impl From<&ConnectionIdUpdated<'_>> for What {
    fn from(event: &ConnectionIdUpdated) -> Self {
        What::ConnectionId(Box::new(NewId {
            local: event.cid_consumer == Location::Local,
            old: Cid::of(&event.previous),
            new: Cid::of(&event.current),
        }))
    }
}

impl From<&EcnStateChanged<'_>> for What {
    fn from(event: &EcnStateChanged) -> Self {
        What::Ecn(match event.state {
            EcnState::Testing { .. } => "testing",
            EcnState::Failed { .. } => "failed",
            EcnState::Capable { .. } => "capable",
            _ => "unknown",
        })
    }
}

/// A state of the connection, where qlog has a name for it.
pub fn state(status: &HandshakeStatus) -> Option<What> {
    match status {
        HandshakeStatus::Complete { .. } => Some(What::State("handshake_complete")),
        HandshakeStatus::Confirmed { .. } => Some(What::State("handshake_confirmed")),
        _ => None,
    }
}

fn length(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_of_records_is_as_large_as_said() {
        assert!(size_of::<Record>() <= 128, "{}", size_of::<Record>());
    }
}
