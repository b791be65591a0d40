//! The structs of the C ABI in which the library tells what it knows, and what an endpoint's settings point to.
//!
//! Their rules stand in `abi.rs`, of which they are a part.
#![allow(non_camel_case_types)]

use crate::abi::*;

/// Datagrams of a connection.
#[repr(C)]
pub struct jetstream_datagram_stats {
    /// `sizeof(jetstream_datagram_stats)` of the caller's header.
    pub size: u32,
    pub reserved: u32,
    /// Bytes of the largest that the peer takes; 0: it takes none. What a packet carries on the path may be less.
    pub largest: u64,
    pub sent: u64,
    pub received: u64,
    /// Refused for lack of room, or too large for the path.
    pub dropped_sending: u64,
    /// Came, and made room for newer ones before they were taken.
    pub dropped_receiving: u64,
}

/// A certificate chain with its key.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct jetstream_identity {
    pub chain_pem: jetstream_bytes,
    pub key_pem: jetstream_bytes,
    /// OCSP response in DER, or empty.
    pub ocsp: jetstream_bytes,
}

/// What to derive from the TLS session of each connection.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct jetstream_exporter {
    pub label: jetstream_bytes,
    pub context: jetstream_bytes,
    /// Bytes to derive; 1 to 255.
    pub length: u32,
    pub reserved: u32,
}

/// Something that the caller decides during a handshake. The data is got by `jetstream_endpoint_question_data`.
#[repr(C)]
pub struct jetstream_question {
    /// `sizeof(jetstream_question)` of the caller's header.
    pub size: u32,
    /// One of `JETSTREAM_QUESTION_*`.
    pub kind: u32,
    /// For the answer.
    pub id: u64,
    /// Address of the peer.
    pub peer: jetstream_address,
    /// Scheme of a signature (RFC 8446 section 4.2.3).
    pub detail: u32,
    /// Used bytes of `server_name`.
    pub server_name_len: u32,
    /// Server name that the client asked for.
    pub server_name: [u8; 256],
    /// Bytes of data: protocols, each a length byte and its name; certificates in DER, leaf first; or a digest.
    pub data_len: u64,
}

/// Something that happened on an endpoint.
#[repr(C)]
pub struct jetstream_event {
    /// `sizeof(jetstream_event)` of the caller's header.
    pub size: u32,
    /// One of `JETSTREAM_EVENT_*`.
    pub kind: u32,
    /// Number of the connection within its endpoint; 0 where there is none.
    pub connection: u64,
    pub peer: jetstream_address,
    pub status: jetstream_status,
    pub initiator: i32,
    pub code: u64,
    pub value: u64,
    /// Nanoseconds from the connection's first packet to the event.
    pub elapsed_ns: u64,
}

/// Numbers of a connection, of the moment.
#[repr(C)]
pub struct jetstream_connection_stats {
    /// `sizeof(jetstream_connection_stats)` of the caller's header.
    pub size: u32,
    /// State of explicit congestion notification: 0 testing or unknown, 1 failed, 2 capable.
    pub ecn: u32,
    /// Number of the connection within its endpoint, as in events.
    pub connection: u64,
    pub datagrams_sent: u64,
    pub datagrams_received: u64,
    /// Payload of UDP.
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub packets_sent: u64,
    pub packets_received: u64,
    pub packets_lost: u64,
    pub bytes_lost: u64,
    /// Data of streams that the peer has acknowledged.
    pub stream_bytes_sent: u64,
    /// Data of streams that has arrived in order.
    pub stream_bytes_received: u64,
    pub latest_rtt_ns: u64,
    pub smoothed_rtt_ns: u64,
    pub min_rtt_ns: u64,
    pub rtt_variance_ns: u64,
    pub congestion_window: u64,
    pub bytes_in_flight: u64,
    /// Times that the congestion window was reduced.
    pub congestion_events: u64,
    /// Largest UDP payload that is sent.
    pub mtu: u64,
    /// Times that the peer's address changed.
    pub path_changes: u64,
    /// From the first packet to the end of the handshake; 0 before.
    pub handshake_ns: u64,
    /// Bytes that are kept for sending.
    pub send_buffered: u64,
    /// Packets that were sent because acknowledgements stayed away (RFC 9002 section 6.2).
    pub probes_sent: u64,
    /// Streams that the caller holds.
    pub streams: u64,
    /// The same since the start.
    pub streams_ever: u64,
}

/// What the peer announced in its handshake (RFC 9000 section 18.2).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct jetstream_transport_parameters {
    /// `sizeof(jetstream_transport_parameters)` of the caller's header.
    pub size: u32,
    /// 1 where the peer forbids that this side moves to another address, else 0.
    pub disable_active_migration: u32,
    /// 0: no timeout.
    pub max_idle_timeout_ms: u64,
    pub max_udp_payload_size: u64,
    /// For streams that the peer opens.
    pub initial_max_stream_data_bidi_local: u64,
    /// For streams that this side opens.
    pub initial_max_stream_data_bidi_remote: u64,
    pub initial_max_stream_data_uni: u64,
    pub initial_max_streams_bidi: u64,
    pub initial_max_streams_uni: u64,
    pub max_ack_delay_ms: u64,
    pub active_connection_id_limit: u64,
    /// 0: it takes no datagrams (RFC 9221 section 3).
    pub max_datagram_frame_size: u64,
}

/// What an endpoint has; numbers are of the moment.
#[repr(C)]
pub struct jetstream_endpoint_info {
    /// `sizeof(jetstream_endpoint_info)` of the caller's header.
    pub size: u32,
    pub reserved: u32,
    pub local_address: jetstream_address,
    /// What the kernel granted, in bytes.
    pub socket_receive_buffer: u64,
    pub socket_send_buffer: u64,
    /// Connections now, handshakes included.
    pub connections: u64,
    /// Handshakes that failed.
    pub handshakes_failed: u64,
    /// Datagrams of attempts that were answered with Retry; an attempt has one or two.
    pub retries: u64,
    /// Datagrams of attempts that were refused, by the limit that was reached: `max_connections`.
    pub refused_connections: u64,
    /// `max_connections_per_source`.
    pub refused_connections_per_source: u64,
    /// `max_handshakes`.
    pub refused_handshakes: u64,
    /// `max_unaccepted`.
    pub refused_unaccepted: u64,
    /// `connection_rate`.
    pub refused_rate: u64,
    /// `connection_rate_per_source`.
    pub refused_rate_per_source: u64,
    /// `max_native_bytes`.
    pub refused_native_bytes: u64,
    /// `jetstream_server_deny`.
    pub refused_address: u64,
    /// Retry tokens that were forged, too old, of another address, or used before.
    pub refused_token: u64,
    /// `jetstream_server_drain`.
    pub refused_draining: u64,
    /// Connections whose handshake is done, since the start.
    pub established: u64,
    /// Stateless resets that were sent.
    pub stateless_resets: u64,
    pub datagrams_sent: u64,
    pub datagrams_received: u64,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    /// Datagrams that belong to no connection, or break the protocol.
    pub datagrams_dropped: u64,
    pub packets_lost: u64,
    /// Bytes that are kept for sending.
    pub send_buffered: u64,
    /// Events that were dropped because nobody took them.
    pub events_dropped: u64,
    /// Records of qlog that were dropped because they came faster than they were written.
    pub qlog_dropped: u64,
    /// Of the failed handshakes those that were refused for each of `JETSTREAM_REFUSED_*`.
    pub handshakes_refused: [u64; 13],
}

// Why this side refused a peer.
/// For a reason that has no number of its own; the text tells it.
pub const JETSTREAM_REFUSED_OTHER: u32 = 0;
/// It showed no certificate.
pub const JETSTREAM_REFUSED_NO_CERTIFICATE: u32 = 1;
/// No trusted issuer vouches for it: another issuer, a certificate missing in between, or constraints that are broken.
pub const JETSTREAM_REFUSED_UNTRUSTED: u32 = 2;
/// A certificate of its chain is expired.
pub const JETSTREAM_REFUSED_EXPIRED: u32 = 3;
/// A certificate of its chain is not valid yet.
pub const JETSTREAM_REFUSED_NOT_YET_VALID: u32 = 4;
/// Its certificate names another server.
pub const JETSTREAM_REFUSED_NAME: u32 = 5;
/// Its certificate is for another purpose: the other role, an authority, or a key that may not sign.
pub const JETSTREAM_REFUSED_PURPOSE: u32 = 6;
/// Its chain is longer than `max_chain_depth`.
pub const JETSTREAM_REFUSED_CHAIN_LENGTH: u32 = 7;
/// A key or a signature in its chain is too weak for the security policy.
pub const JETSTREAM_REFUSED_WEAK: u32 = 8;
/// A certificate of its chain is damaged, or has a critical extension that is unknown.
pub const JETSTREAM_REFUSED_MALFORMED: u32 = 9;
/// It did not prove that it has the certificate's key.
pub const JETSTREAM_REFUSED_NO_PROOF: u32 = 10;
/// The caller's answer to a question was no, or came too late.
pub const JETSTREAM_REFUSED_POLICY: u32 = 11;
/// There is no application protocol in common.
pub const JETSTREAM_REFUSED_ALPN: u32 = 12;
/// How many causes there are.
pub(crate) const JETSTREAM_REFUSED_CAUSES: usize = 13;

/// A handshake that this server refused.
#[repr(C)]
pub struct jetstream_refusal {
    /// `sizeof(jetstream_refusal)` of the caller's header.
    pub size: u32,
    /// Used bytes of `reason`.
    pub reason_len: u32,
    /// Claimed address of the client.
    pub peer: jetstream_address,
    /// In words, UTF-8.
    pub reason: [u8; 200],
    /// `JETSTREAM_REFUSED_*`.
    pub cause: u32,
    pub reserved: u32,
}

/// What the TLS handshake of a connection agreed on. Texts are UTF-8 and ended by NUL.
#[repr(C)]
pub struct jetstream_tls_info {
    /// `sizeof(jetstream_tls_info)` of the caller's header.
    pub size: u32,
    /// QUIC version on the wire (1: RFC 9000).
    pub quic_version: u32,
    pub cipher_suite: [u8; 64],
    pub key_exchange_group: [u8; 64],
    /// 1 when the key exchange holds a post-quantum KEM.
    pub post_quantum: u32,
    /// Used bytes of `alpn`.
    pub alpn_len: u32,
    pub alpn: [u8; 256],
    /// Empty when the session was resumed.
    pub signature_scheme: [u8; 64],
    /// Server name that the client asked for; empty when it asked for none.
    pub server_name: [u8; 256],
    /// 1 when the session was resumed: the server proved itself when the session began, not now.
    pub resumed: u32,
}

/// One received chunk; `data` is read-only and valid until its lease is freed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct jetstream_chunk {
    pub data: *const u8,
    pub len: usize,
}

/// Live objects of the whole library, and bytes that Rust and s2n-tls have allocated.
///
/// aws-lc's own allocations, thread stacks and kernel buffers are not seen.
#[repr(C)]
pub struct jetstream_counters {
    /// `sizeof(jetstream_counters)` of the caller's header.
    pub size: u32,
    pub reserved: u32,
    pub endpoints: u64,
    pub connects: u64,
    pub connections: u64,
    pub streams: u64,
    pub leases: u64,
    pub claims: u64,
    pub allocated_bytes: u64,
    /// Threads of endpoints that have not ended.
    pub endpoint_threads: u64,
    /// Panics that were caught at a boundary.
    pub panics: u64,
    /// Of the allocated bytes, those of live connections that leases pin.
    pub leased_bytes: u64,
    /// The same for claims.
    pub claimed_bytes: u64,
    /// The same for what is kept until peers acknowledge it.
    pub send_buffered_bytes: u64,
}

/// Versions that the library was built from; texts are ended by NUL.
#[repr(C)]
pub struct jetstream_library_info {
    /// `sizeof(jetstream_library_info)` of the caller's header.
    pub size: u32,
    pub abi_version: u32,
    pub version: [u8; 32],
    pub s2n_quic: [u8; 32],
    pub s2n_tls: [u8; 32],
    pub aws_lc: [u8; 32],
    pub target: [u8; 64],
}
