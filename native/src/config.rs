//! The caller's settings, checked, with finite defaults.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use s2n_quic::{application, provider::limits::Limits};

use crate::{
    abi::*,
    admission::{self, Admission},
    error::{Failure, application_code},
    ffi, handles, ids, socket, tickets,
    tls::{self, Tls},
};

/// The wire protocol of JetStream.
const DEFAULT_ALPN: &[u8] = b"\x09jetstream";

// r[impl security.1.29]
/// s2n-tls's `default_pq` of July 2025, pinned by its date: TLS 1.3 in QUIC, ML-KEM hybrids first.
const DEFAULT_POLICY: &[u8] = b"20250721";

const MIB: u64 = 1 << 20;
const KNOWN_FLAGS: u32 = JETSTREAM_CONFIG_SYSTEM_TRUST
    | JETSTREAM_CONFIG_NO_GSO
    | JETSTREAM_CONFIG_NO_GRO
    | JETSTREAM_CONFIG_ASK_CERTIFICATE
    | JETSTREAM_CONFIG_ASK_HELLO
    | JETSTREAM_CONFIG_ASK_SIGNATURE
    | JETSTREAM_CONFIG_REQUEST_OCSP
    | JETSTREAM_CONFIG_REUSE_PORT;

/// Streams of one kind at once: what QUIC's variable-length integers can count (RFC 9000 section 4.6).
const MOST_STREAMS: u64 = 1 << 60;

fn borrowed(bytes: &'static [u8]) -> jetstream_bytes {
    jetstream_bytes { data: bytes.as_ptr(), len: bytes.len() }
}

const NOTHING: jetstream_bytes = jetstream_bytes { data: std::ptr::null(), len: 0 };

// r[impl security.1.27]
pub fn defaults() -> jetstream_endpoint_config {
    jetstream_endpoint_config {
        size: size_of::<jetstream_endpoint_config>() as u32,
        flags: 0,
        wake: None,
        token: 0,
        bind: jetstream_address { ip: [0; 16], scope_id: 0, port: 0, family: 6, reserved: 0 },
        alpn: borrowed(DEFAULT_ALPN),
        identity_chain_pem: NOTHING,
        identity_key_pem: NOTHING,
        trust_pem: NOTHING,
        security_policy: borrowed(DEFAULT_POLICY),
        client_auth: JETSTREAM_CLIENT_AUTH_REQUIRED,
        max_chain_depth: 7,
        // A peer that sends without being read costs this much per connection and no more.
        connection_window: 3 * MIB,
        // Larger than the connection's: s2n-quic's sender tells in a reset how much of the connection's window it has
        // taken for the stream, and where that is more than the stream's window the peer must close the connection.
        stream_window: 4 * MIB,
        send_buffer: MIB as u32,
        max_claim: MIB as u32,
        max_leased: 16 * MIB,
        max_claimed: 16 * MIB,
        max_remote_bidirectional: 1000,
        max_remote_unidirectional: 1000,
        max_local_bidirectional: 100_000,
        max_local_unidirectional: 100_000,
        max_connections: 100_000,
        // A half-open handshake was measured to hold 54 KiB; a Retry holds nothing.
        max_handshakes: 1024,
        abandoned_stream_code: 0,
        idle_timeout_ms: 30_000,
        handshake_timeout_ms: 10_000,
        keep_alive_ms: 1000,
        socket_receive_buffer: (4 * MIB) as u32,
        socket_send_buffer: (4 * MIB) as u32,
        receive_ring: (8 * MIB) as u32,
        initial_mtu: 1228,
        max_mtu: 1500,
        endpoint_index: 0,
        endpoint_count: 1,
        server_id: 0,
        retry_above: 256,
        // One client endpoint with 10,000 connections is a test that people make.
        max_connections_per_source: 20_000,
        max_unaccepted: 4096,
        connection_rate: 20_000,
        connection_rate_per_source: 5000,
        max_native_bytes: 4096 * MIB,
        stream_rate: 500_000,
        max_send_buffered: 16 * MIB,
        max_endpoint_send_buffered: 1024 * MIB,
        reset_key: NOTHING,
        identities: std::ptr::null(),
        identities_len: 0,
        exporters: std::ptr::null(),
        exporters_len: 0,
        identity_ocsp: NOTHING,
        key_log_path: NOTHING,
        limits_of: 0,
        question_timeout_ms: 5000,
        congestion_control: JETSTREAM_CONGESTION_CUBIC,
        datagram_buffer: 0,
        max_ack_delay_ms: 25,
        qlog_directory: NOTHING,
        ticket_keys: std::ptr::null(),
        ticket_keys_len: 0,
        max_tickets: 0,
        inherited_socket: 0,
    }
}

/// The settings in Rust's terms; texts and PEM stay the caller's.
pub struct Settings<'a> {
    pub wake: jetstream_wake_fn,
    pub token: u64,
    pub bind: SocketAddr,
    pub tls: Tls<'a>,
    pub limits: Limits,
    pub abandoned_stream_code: application::Error,
    pub gso: bool,
    pub gro: bool,
    pub admission: admission::Limits,
    pub admission_of: Option<Arc<Admission>>,
    pub reset_key: &'a [u8],
    pub exporters: Vec<Exporter>,
    pub qlog_directory: &'a [u8],
    /// Descriptor of a socket that is bound already.
    pub inherited: Option<i32>,
    pub raw: jetstream_endpoint_config,
}

/// What to derive from the TLS session of each connection.
#[derive(Clone)]
pub struct Exporter {
    pub label: Vec<u8>,
    pub context: Vec<u8>,
    pub length: usize,
}

/// As many exporters and identities.
const MOST_OF_A_LIST: usize = 1024;

impl<'a> Settings<'a> {
    /// # Safety
    ///
    /// The memory behind each `jetstream_bytes` of `raw` is valid for reading and unchanged for `'a`.
    pub unsafe fn new(raw: &'a jetstream_endpoint_config) -> Result<Self, Failure> {
        if raw.flags & !KNOWN_FLAGS != 0 {
            return Err(Failure::version(format!("config.flags has unknown bits {:#x}", raw.flags & !KNOWN_FLAGS)));
        }
        if !raw.token.is_multiple_of(8) {
            return Err(Failure::argument(format!("config.token is {}, must be a multiple of 8", raw.token)));
        }
        // SAFETY: promised by the caller for all of them.
        let (alpn, chain, key, trust, policy) = unsafe {
            (
                ffi::field(raw.alpn, "config.alpn")?,
                ffi::field(raw.identity_chain_pem, "config.identity_chain_pem")?,
                ffi::field(raw.identity_key_pem, "config.identity_key_pem")?,
                ffi::field(raw.trust_pem, "config.trust_pem")?,
                ffi::field(raw.security_policy, "config.security_policy")?,
            )
        };
        // SAFETY: as above.
        let (reset_key, ocsp, key_log, qlog_directory, more, exporters, keys) = unsafe {
            (
                ffi::field(raw.reset_key, "config.reset_key")?,
                ffi::field(raw.identity_ocsp, "config.identity_ocsp")?,
                ffi::field(raw.key_log_path, "config.key_log_path")?,
                ffi::field(raw.qlog_directory, "config.qlog_directory")?,
                ffi::list(raw.identities, raw.identities_len, MOST_OF_A_LIST, "config.identities")?,
                ffi::list(raw.exporters, raw.exporters_len, MOST_OF_A_LIST, "config.exporters")?,
                ffi::list(raw.ticket_keys, raw.ticket_keys_len, MOST_OF_A_LIST, "config.ticket_keys")?,
            )
        };
        if !reset_key.is_empty() && reset_key.len() < ids::LEAST_KEY {
            return Err(Failure::argument(format!(
                "config.reset_key has {} bytes, must have at least {}, or none",
                reset_key.len(),
                ids::LEAST_KEY
            )));
        }
        let mut identities = Vec::with_capacity(more.len());
        for it in more {
            // SAFETY: as above.
            identities.push(unsafe {
                tls::Identity {
                    chain: ffi::field(it.chain_pem, "config.identities.chain_pem")?,
                    key: ffi::field(it.key_pem, "config.identities.key_pem")?,
                    ocsp: ffi::field(it.ocsp, "config.identities.ocsp")?,
                }
            });
        }
        let mut ticket_keys = Vec::with_capacity(keys.len());
        for it in keys {
            // SAFETY: as above.
            ticket_keys.push(unsafe { ffi::field(*it, "config.ticket_keys")? });
        }
        let mut exported = Vec::with_capacity(exporters.len());
        for it in exporters {
            // SAFETY: as above.
            exported.push(unsafe {
                Exporter {
                    label: ffi::field(it.label, "config.exporters.label")?.to_vec(),
                    context: ffi::field(it.context, "config.exporters.context")?.to_vec(),
                    length: in_range("exporters.length", it.length, 1, 255)? as usize,
                }
            });
        }
        let flag = |bit| raw.flags & bit != 0;
        Ok(Self {
            wake: raw.wake,
            token: raw.token,
            bind: socket::from_abi(&raw.bind, "config.bind")?,
            tls: Tls {
                alpn: tls::protocols(alpn)?,
                identity: tls::Identity { chain, key, ocsp },
                identities,
                ask_certificate: flag(JETSTREAM_CONFIG_ASK_CERTIFICATE),
                ask_hello: flag(JETSTREAM_CONFIG_ASK_HELLO),
                ask_signature: flag(JETSTREAM_CONFIG_ASK_SIGNATURE),
                request_ocsp: flag(JETSTREAM_CONFIG_REQUEST_OCSP),
                ticket_keys,
                max_tickets: in_range("max_tickets", raw.max_tickets, 0, tickets::MOST)? as usize,
                key_log,
                trust,
                system_trust: flag(JETSTREAM_CONFIG_SYSTEM_TRUST),
                policy: std::str::from_utf8(policy)
                    .map_err(|_| Failure::argument("config.security_policy is not UTF-8"))?,
                client_auth: raw.client_auth,
                max_chain_depth: in_range("max_chain_depth", raw.max_chain_depth, 1, 100)? as u16,
                // Without the headers of IPv4 and UDP.
                max_datagram: usize::from(raw.max_mtu).saturating_sub(28),
            },
            limits: limits(raw)?,
            abandoned_stream_code: application_code(raw.abandoned_stream_code)?,
            gso: !flag(JETSTREAM_CONFIG_NO_GSO),
            gro: !flag(JETSTREAM_CONFIG_NO_GRO),
            admission: admission::Limits {
                connections: raw.max_connections,
                connections_per_source: raw.max_connections_per_source,
                handshakes: raw.max_handshakes,
                retry_above: raw.retry_above,
                unaccepted: raw.max_unaccepted,
                rate: raw.connection_rate,
                rate_per_source: raw.connection_rate_per_source,
                native_bytes: raw.max_native_bytes,
            },
            admission_of: match raw.limits_of {
                0 => None,
                server => Some(Arc::clone(handles::ENDPOINTS.get(server)?.admission())),
            },
            reset_key,
            exporters: exported,
            qlog_directory,
            inherited: (raw.inherited_socket != 0).then_some(raw.inherited_socket),
            raw: check_sizes(raw)?,
        })
    }
}

fn limits(raw: &jetstream_endpoint_config) -> Result<Limits, Failure> {
    let window = u64::from(u32::MAX);
    let stream_window = in_range("stream_window", raw.stream_window, 1, window)?;
    let millis = |name, value| in_range(name, value, 1, 86_400_000).map(|ms| Duration::from_millis(u64::from(ms)));
    let streams = |name, value| in_range(name, value, 0, MOST_STREAMS);
    let build = || {
        Ok::<_, LimitError>(
            Limits::new()
                .with_data_window(in_range("connection_window", raw.connection_window, 1, window)?)?
                .with_bidirectional_local_data_window(stream_window)?
                .with_bidirectional_remote_data_window(stream_window)?
                .with_unidirectional_data_window(stream_window)?
                .with_max_open_local_bidirectional_streams(streams(
                    "max_local_bidirectional",
                    raw.max_local_bidirectional,
                )?)?
                .with_max_open_local_unidirectional_streams(streams(
                    "max_local_unidirectional",
                    raw.max_local_unidirectional,
                )?)?
                .with_max_open_remote_bidirectional_streams(streams(
                    "max_remote_bidirectional",
                    raw.max_remote_bidirectional,
                )?)?
                .with_max_open_remote_unidirectional_streams(streams(
                    "max_remote_unidirectional",
                    raw.max_remote_unidirectional,
                )?)?
                .with_max_send_buffer_size(in_range("send_buffer", raw.send_buffer, 1, u32::MAX)?)?
                .with_max_idle_timeout(millis("idle_timeout_ms", raw.idle_timeout_ms)?)?
                .with_max_ack_delay(millis(
                    "max_ack_delay_ms",
                    in_range("max_ack_delay_ms", raw.max_ack_delay_ms, 1, (1 << 14) - 1)?,
                )?)?
                .with_max_handshake_duration(millis("handshake_timeout_ms", raw.handshake_timeout_ms)?)?
                .with_max_keep_alive_period(millis("keep_alive_ms", raw.keep_alive_ms)?)?,
        )
    };
    build().map_err(|error| error.0)
}

/// s2n-quic's own word on a limit that passed our range.
struct LimitError(Failure);

impl From<Failure> for LimitError {
    fn from(failure: Failure) -> Self {
        Self(failure)
    }
}

impl From<s2n_quic_core::connection::limits::ValidationError> for LimitError {
    fn from(error: s2n_quic_core::connection::limits::ValidationError) -> Self {
        Self(Failure::argument(format!("config: {error}")))
    }
}

fn check_sizes(raw: &jetstream_endpoint_config) -> Result<jetstream_endpoint_config, Failure> {
    in_range("max_claim", raw.max_claim, 1, 1 << 30)?;
    in_range("max_leased", raw.max_leased, 1, 1 << 40)?;
    in_range("max_claimed", raw.max_claimed, 1, 1 << 40)?;
    for (name, value) in [
        ("max_connections", raw.max_connections),
        ("max_connections_per_source", raw.max_connections_per_source),
        ("max_handshakes", raw.max_handshakes),
        ("retry_above", raw.retry_above),
        ("max_unaccepted", raw.max_unaccepted),
    ] {
        in_range(name, value, 0, 1 << 32)?;
    }
    for (name, value) in [
        ("connection_rate", raw.connection_rate),
        ("connection_rate_per_source", raw.connection_rate_per_source),
        ("stream_rate", raw.stream_rate),
    ] {
        // A bucket counts in nanoseconds.
        in_range(name, value, 0, 1_000_000_000)?;
    }
    in_range("max_native_bytes", raw.max_native_bytes, 0, 1 << 60)?;
    in_range("max_send_buffered", raw.max_send_buffered, 1, 1 << 40)?;
    in_range("max_endpoint_send_buffered", raw.max_endpoint_send_buffered, 1, 1 << 50)?;
    in_range("question_timeout_ms", raw.question_timeout_ms, 1, 86_400_000)?;
    in_range("congestion_control", raw.congestion_control, JETSTREAM_CONGESTION_CUBIC, JETSTREAM_CONGESTION_BBR)?;
    in_range("datagram_buffer", raw.datagram_buffer, 0, 1 << 30)?;
    in_range("endpoint_count", raw.endpoint_count, 1, 255)?;
    in_range("endpoint_index", raw.endpoint_index, 0, raw.endpoint_count - 1)?;
    in_range("receive_ring", raw.receive_ring, 1 << 17, 1 << 30)?;
    in_range("socket_receive_buffer", raw.socket_receive_buffer, 0, 1 << 30)?;
    in_range("socket_send_buffer", raw.socket_send_buffer, 0, 1 << 30)?;
    // RFC 9000 section 14: 1200 bytes of payload, and 28 of IPv4 and UDP.
    in_range("max_mtu", raw.max_mtu, 1228, 9000)?;
    in_range("initial_mtu", raw.initial_mtu, 1228, raw.max_mtu)?;
    Ok(*raw)
}

fn in_range<T: PartialOrd + std::fmt::Display>(name: &str, value: T, low: T, high: T) -> Result<T, Failure> {
    if value < low || value > high {
        return Err(Failure::argument(format!("config.{name} is {value}, must be from {low} to {high}")));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_legal() {
        let raw = defaults();
        // SAFETY: the defaults borrow static memory.
        assert!(unsafe { Settings::new(&raw) }.is_ok());
    }

    #[test]
    fn each_value_out_of_range_is_named() {
        type Spoil = fn(&mut jetstream_endpoint_config);
        let cases: [(&str, Spoil); 10] = [
            ("flags", |raw| raw.flags = 1 << 31),
            ("token", |raw| raw.token = 3),
            ("bind.family", |raw| raw.bind.family = 5),
            ("connection_window", |raw| raw.connection_window = 1 << 32),
            ("idle_timeout_ms", |raw| raw.idle_timeout_ms = 0),
            ("max_ack_delay_ms", |raw| raw.max_ack_delay_ms = 0),
            ("max_ack_delay_ms", |raw| raw.max_ack_delay_ms = 1 << 14),
            ("initial_mtu", |raw| raw.initial_mtu = 1501),
            ("max_mtu", |raw| raw.max_mtu = 9001),
            ("max_claim", |raw| raw.max_claim = 0),
        ];
        for (name, spoil) in cases {
            let mut raw = defaults();
            spoil(&mut raw);
            // SAFETY: as above.
            let failure = unsafe { Settings::new(&raw) }.err().unwrap_or_else(|| panic!("{name} was accepted"));
            assert!(failure.message.contains(name), "{name}: {}", failure.message);
        }
    }
}
