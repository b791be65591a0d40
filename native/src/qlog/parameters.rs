//! Transport parameters (RFC 9000 section 18).

use s2n_quic::provider::event::events::TransportParametersReceived;

use super::record::{Cid, What};
use crate::abi::jetstream_endpoint_config;

/// Transport parameters that are numbers, with their names in qlog, and those that are ids.
pub struct Parameters {
    pub local: bool,
    pub numbers: Vec<(&'static str, u64)>,
    pub ids: Vec<(&'static str, Cid)>,
    pub disable_active_migration: Option<bool>,
}

impl Parameters {
    /// What this side's settings say; ids and the reset token are the connection's own.
    pub fn local(settings: &jetstream_endpoint_config) -> Self {
        Self {
            local: true,
            numbers: vec![
                ("max_idle_timeout", u64::from(settings.idle_timeout_ms)),
                ("max_ack_delay", u64::from(settings.max_ack_delay_ms)),
                ("initial_max_data", settings.connection_window),
                ("initial_max_stream_data_bidi_local", settings.stream_window),
                ("initial_max_stream_data_bidi_remote", settings.stream_window),
                ("initial_max_stream_data_uni", settings.stream_window),
                ("initial_max_streams_bidi", settings.max_remote_bidirectional),
                ("initial_max_streams_uni", settings.max_remote_unidirectional),
            ],
            ids: Vec::new(),
            disable_active_migration: None,
        }
    }
}

/// The peer's; its stateless reset token is a secret, and stays out.
impl From<&TransportParametersReceived<'_>> for What {
    fn from(event: &TransportParametersReceived) -> Self {
        let it = &event.transport_parameters;
        let millis = |duration: std::time::Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        let ids = [
            ("original_destination_connection_id", &it.original_destination_connection_id),
            ("initial_source_connection_id", &it.initial_source_connection_id),
            ("retry_source_connection_id", &it.retry_source_connection_id),
        ];
        What::Parameters(Box::new(Parameters {
            local: false,
            numbers: vec![
                ("max_idle_timeout", millis(it.max_idle_timeout)),
                ("max_udp_payload_size", it.max_udp_payload_size),
                ("ack_delay_exponent", u64::from(it.ack_delay_exponent)),
                ("max_ack_delay", millis(it.max_ack_delay)),
                ("active_connection_id_limit", it.active_connection_id_limit),
                ("initial_max_stream_data_bidi_local", it.initial_max_stream_data_bidi_local),
                ("initial_max_stream_data_bidi_remote", it.initial_max_stream_data_bidi_remote),
                ("initial_max_stream_data_uni", it.initial_max_stream_data_uni),
                ("initial_max_streams_bidi", it.initial_max_streams_bidi),
                ("initial_max_streams_uni", it.initial_max_streams_uni),
                ("max_datagram_frame_size", it.max_datagram_frame_size),
            ],
            ids: ids.into_iter().filter_map(|(name, id)| id.as_ref().map(|id| (name, Cid::of(id)))).collect(),
            disable_active_migration: Some(!it.migration_support),
        }))
    }
}
