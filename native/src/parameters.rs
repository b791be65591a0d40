//! What a peer announces in its handshake: its transport parameters.

use std::time::Duration;

use s2n_quic::provider::event::events::TransportParametersReceived;

use crate::abi::jetstream_transport_parameters;

/// In terms of the C ABI.
pub fn of(event: &TransportParametersReceived) -> jetstream_transport_parameters {
    let it = &event.transport_parameters;
    let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    jetstream_transport_parameters {
        size: size_of::<jetstream_transport_parameters>() as u32,
        disable_active_migration: u32::from(!it.migration_support),
        max_idle_timeout_ms: millis(it.max_idle_timeout),
        max_udp_payload_size: it.max_udp_payload_size,
        initial_max_stream_data_bidi_local: it.initial_max_stream_data_bidi_local,
        initial_max_stream_data_bidi_remote: it.initial_max_stream_data_bidi_remote,
        initial_max_stream_data_uni: it.initial_max_stream_data_uni,
        initial_max_streams_bidi: it.initial_max_streams_bidi,
        initial_max_streams_uni: it.initial_max_streams_uni,
        max_ack_delay_ms: millis(it.max_ack_delay),
        active_connection_id_limit: it.active_connection_id_limit,
        max_datagram_frame_size: it.max_datagram_frame_size,
    }
}
