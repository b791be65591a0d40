//! Sizes and offsets as this library was compiled, for the caller to compare with its own.

use std::{fmt::Write, mem::offset_of, sync::LazyLock};

use crate::abi::*;

/// One line each: `struct size` and `struct.field offset`.
pub static TEXT: LazyLock<String> = LazyLock::new(text);

macro_rules! layouts {
    ($out:ident, $($name:ident { $($field:ident),* })*) => {$(
        let _ = writeln!($out, "{} {}", stringify!($name), size_of::<$name>());
        $(let _ = writeln!($out, "{}.{} {}", stringify!($name), stringify!($field), offset_of!($name, $field));)*
    )*};
}

fn text() -> String {
    let mut out = String::new();
    layouts!(out,
        jetstream_error { status, initiator, code, message_len, reserved, message }
        jetstream_bytes { data, len }
        jetstream_address { ip, scope_id, port, family, reserved }
        jetstream_endpoint_config {
            size, flags, wake, token, bind, alpn, identity_chain_pem, identity_key_pem, trust_pem, security_policy,
            client_auth, max_chain_depth, connection_window, stream_window, send_buffer, max_claim, max_leased,
            max_claimed, max_remote_bidirectional, max_remote_unidirectional, max_local_bidirectional,
            max_local_unidirectional, max_connections, max_handshakes, abandoned_stream_code, idle_timeout_ms,
            handshake_timeout_ms, keep_alive_ms, socket_receive_buffer, socket_send_buffer, receive_ring, initial_mtu,
            max_mtu, endpoint_index, endpoint_count, server_id, retry_above, max_connections_per_source,
            max_unaccepted, connection_rate, connection_rate_per_source, max_native_bytes, stream_rate,
            max_send_buffered, max_endpoint_send_buffered, reset_key, identities, identities_len, exporters,
            exporters_len, identity_ocsp, key_log_path, limits_of, question_timeout_ms, congestion_control,
            datagram_buffer, max_ack_delay_ms, qlog_directory, ticket_keys, ticket_keys_len, max_tickets,
            inherited_socket
        }
        jetstream_datagram_stats {
            size, reserved, largest, sent, received, dropped_sending, dropped_receiving
        }
        jetstream_identity { chain_pem, key_pem, ocsp }
        jetstream_exporter { label, context, length, reserved }
        jetstream_question { size, kind, id, peer, detail, server_name_len, server_name, data_len }
        jetstream_event { size, kind, connection, peer, status, initiator, code, value, elapsed_ns }
        jetstream_transport_parameters {
            size, disable_active_migration, max_idle_timeout_ms, max_udp_payload_size,
            initial_max_stream_data_bidi_local, initial_max_stream_data_bidi_remote, initial_max_stream_data_uni,
            initial_max_streams_bidi, initial_max_streams_uni, max_ack_delay_ms, active_connection_id_limit,
            max_datagram_frame_size
        }
        jetstream_connection_stats {
            size, ecn, connection, datagrams_sent, datagrams_received, bytes_sent, bytes_received, packets_sent,
            packets_received, packets_lost, bytes_lost, stream_bytes_sent, stream_bytes_received, latest_rtt_ns,
            smoothed_rtt_ns, min_rtt_ns, rtt_variance_ns, congestion_window, bytes_in_flight, congestion_events, mtu,
            path_changes, handshake_ns, send_buffered, probes_sent, streams, streams_ever
        }
        jetstream_endpoint_info {
            size, reserved, local_address, socket_receive_buffer, socket_send_buffer, connections, handshakes_failed,
            retries, refused_connections, refused_connections_per_source, refused_handshakes, refused_unaccepted,
            refused_rate, refused_rate_per_source, refused_native_bytes, refused_address, refused_token,
            refused_draining, established, stateless_resets, datagrams_sent, datagrams_received, bytes_sent,
            bytes_received, datagrams_dropped, packets_lost, send_buffered, events_dropped,
            qlog_dropped, handshakes_refused
        }
        jetstream_refusal { size, reason_len, peer, reason, cause, reserved }
        jetstream_tls_info {
            size, quic_version, cipher_suite, key_exchange_group, post_quantum, alpn_len, alpn, signature_scheme,
            server_name, resumed
        }
        jetstream_chunk { data, len }
        jetstream_counters {
            size, reserved, endpoints, connects, connections, streams, leases, claims, allocated_bytes,
            endpoint_threads, panics, leased_bytes, claimed_bytes, send_buffered_bytes
        }
        jetstream_library_info { size, abi_version, version, s2n_quic, s2n_tls, aws_lc, target }
    );
    out
}
