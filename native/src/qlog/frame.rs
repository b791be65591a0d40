//! Frames (RFC 9000 section 19, RFC 9221) as JSON.

use s2n_quic::provider::event::events::{Frame, StreamType};

use super::json::{Object, raw};

/// Where s2n-quic does not tell what qlog requires of a frame, the frame is written by its number in RFC 9000
/// section 19, as one that is unknown.
pub fn write(out: &mut String, frame: &Frame) {
    Object::write(out, |it| {
        let mut kind = |name: &str| it.text("frame_type", name);
        match frame {
            Frame::Padding { len, .. } => {
                kind("padding");
                raw(it, *len);
            }
            Frame::Ping { .. } => kind("ping"),
            Frame::Ack { ecn_counts, .. } => {
                kind("ack");
                if let Some(counts) = ecn_counts {
                    it.number("ect1", counts.ect_1_count);
                    it.number("ect0", counts.ect_0_count);
                    it.number("ce", counts.ce_count);
                }
            }
            Frame::ResetStream { id, error_code, final_size, .. } => {
                kind("reset_stream");
                it.number("stream_id", *id);
                it.text("error", "unknown");
                it.number("error_code", *error_code);
                it.number("final_size", *final_size);
            }
            Frame::StopSending { id, error_code, .. } => {
                kind("stop_sending");
                it.number("stream_id", *id);
                it.text("error", "unknown");
                it.number("error_code", *error_code);
            }
            Frame::Crypto { offset, len, .. } => {
                kind("crypto");
                it.number("offset", *offset);
                it.object("raw", |raw| raw.number("payload_length", *len));
            }
            Frame::NewToken { .. } => {
                kind("new_token");
                it.object("token", |_| {});
            }
            Frame::Stream { id, offset, len, is_fin, .. } => {
                kind("stream");
                it.number("stream_id", *id);
                it.number("offset", *offset);
                it.flag("fin", *is_fin);
                it.object("raw", |raw| raw.number("payload_length", *len));
            }
            Frame::MaxData { value, .. } => {
                kind("max_data");
                it.number("maximum", *value);
            }
            Frame::MaxStreamData { id, value, .. } => {
                kind("max_stream_data");
                it.number("stream_id", *id);
                it.number("maximum", *value);
            }
            Frame::MaxStreams { stream_type, value, .. } => {
                kind("max_streams");
                it.text("stream_type", streams(stream_type));
                it.number("maximum", *value);
            }
            Frame::DataBlocked { data_limit, .. } => {
                kind("data_blocked");
                it.number("limit", *data_limit);
            }
            Frame::StreamDataBlocked { stream_id, stream_data_limit, .. } => {
                kind("stream_data_blocked");
                it.number("stream_id", *stream_id);
                it.number("limit", *stream_data_limit);
            }
            Frame::StreamsBlocked { stream_type, stream_limit, .. } => {
                kind("streams_blocked");
                it.text("stream_type", streams(stream_type));
                it.number("limit", *stream_limit);
            }
            Frame::PathChallenge { .. } => kind("path_challenge"),
            Frame::PathResponse { .. } => kind("path_response"),
            Frame::ConnectionClose { .. } => kind("connection_close"),
            Frame::HandshakeDone { .. } => kind("handshake_done"),
            Frame::Datagram { len, .. } => {
                kind("datagram");
                it.object("raw", |raw| raw.number("payload_length", *len));
            }
            Frame::NewConnectionId { .. } => unknown(it, 0x18),
            Frame::RetireConnectionId { .. } => unknown(it, 0x19),
            _ => unknown(it, 0),
        }
    });
}

fn unknown(frame: &mut Object, number: u64) {
    frame.text("frame_type", "unknown");
    frame.number("frame_type_bytes", number);
}

fn streams(kind: &StreamType) -> &'static str {
    match kind {
        StreamType::Unidirectional { .. } => "unidirectional",
        _ => "bidirectional",
    }
}
