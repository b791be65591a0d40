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
            max_mtu, reserved
        }
        jetstream_endpoint_info {
            size, reserved, local_address, socket_receive_buffer, socket_send_buffer, connections, handshakes_failed,
            refused_by_limit, retries
        }
        jetstream_refusal { size, reason_len, peer, reason }
        jetstream_tls_info {
            size, quic_version, cipher_suite, key_exchange_group, post_quantum, alpn_len, alpn, signature_scheme,
            server_name
        }
        jetstream_chunk { data, len }
        jetstream_counters {
            size, reserved, endpoints, connects, connections, streams, leases, claims, allocated_bytes,
            endpoint_threads, panics
        }
        jetstream_library_info { size, abi_version, version, s2n_quic, s2n_tls, aws_lc, target }
    );
    out
}
