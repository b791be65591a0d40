//! Records as JSON, in the names of draft-ietf-quic-qlog-main-schema and draft-ietf-quic-qlog-quic-events.

use std::{
    fmt::Write,
    net::SocketAddr,
    time::{Duration, SystemTime},
};

use s2n_quic::connection;
use s2n_quic_core::endpoint::Location;

use super::{
    parameters::Parameters,
    record::{Cid, Header, Metrics, NewId, Started, Tuple},
};

/// A JSON object that is being written.
pub struct Object<'a> {
    out: &'a mut String,
    empty: bool,
}

impl<'a> Object<'a> {
    /// Writes `{...}` to `out`.
    pub fn write(out: &'a mut String, fields: impl FnOnce(&mut Object)) {
        out.push('{');
        let mut object = Object { out, empty: true };
        fields(&mut object);
        object.out.push('}');
    }

    fn name(&mut self, name: &str) -> &mut String {
        if !std::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        let _ = write!(self.out, "\"{name}\":");
        self.out
    }

    pub fn number(&mut self, name: &str, value: impl Into<u64>) {
        let value = value.into();
        let _ = write!(self.name(name), "{value}");
    }

    /// A duration in milliseconds, from microseconds.
    pub fn millis(&mut self, name: &str, micros: u64) {
        let _ = write!(self.name(name), "{}.{:03}", micros / 1000, micros % 1000);
    }

    pub fn flag(&mut self, name: &str, value: bool) {
        let _ = write!(self.name(name), "{value}");
    }

    pub fn text(&mut self, name: &str, value: &str) {
        quote(self.name(name), value);
    }

    pub fn hex(&mut self, name: &str, bytes: &[u8]) {
        hex(self.name(name), bytes);
    }

    pub fn object(&mut self, name: &str, fields: impl FnOnce(&mut Object)) {
        Object::write(self.name(name), fields);
    }

    pub fn list(&mut self, name: &str, write: impl FnOnce(&mut String)) {
        let out = self.name(name);
        out.push('[');
        write(out);
        out.push(']');
    }
}

fn quote(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn hex(out: &mut String, bytes: &[u8]) {
    out.push('"');
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out.push('"');
}

/// One record of JSON-SEQ (RFC 7464): a separator, one JSON text, a line feed.
pub fn record(out: &mut String, fields: impl FnOnce(&mut Object)) {
    out.push('\u{1e}');
    Object::write(out, fields);
    out.push('\n');
}

/// The first record of a file.
pub fn head(out: &mut String, it: &Started) {
    record(out, |file| {
        file.text("file_schema", "urn:ietf:params:qlog:file:sequential");
        file.text("serialization_format", "application/qlog+json-seq");
        file.object("trace", |trace| {
            trace.object("common_fields", |common| {
                // Both ends know the id that the client chose first for itself: it brings their files together.
                let id = if it.server { &it.remote_cid } else { &it.local_cid };
                common.hex("group_id", id.bytes());
                common.text("time_format", "relative_to_epoch");
                common.object("reference_time", |time| {
                    time.text("clock_type", "monotonic");
                    time.text("epoch", "unknown");
                    time.text("wall_clock_time", &rfc3339(it.wall));
                });
            });
            trace.object("vantage_point", |point| {
                point.text("name", concat!("jetstream-native ", env!("CARGO_PKG_VERSION")));
                point.text("type", if it.server { "server" } else { "client" });
            });
            trace.list("event_schemas", |list| {
                // Until there is an RFC, the number of the draft belongs to the name.
                list.push_str("\"urn:ietf:params:qlog:events:quic-13\",\"urn:ietf:params:qlog:events:loglevel\"");
            });
        });
    });
}

/// One event, `at` nanoseconds after the connection began.
pub fn event(out: &mut String, at: u64, name: &str, data: impl FnOnce(&mut Object)) {
    record(out, |event| {
        event.millis("time", at / 1000);
        event.text("name", name);
        event.object("data", data);
    });
}

pub fn started(data: &mut Object, it: &Started) {
    data.object("local", |end| tuple_end(end, it.local, Some(&it.local_cid)));
    data.object("remote", |end| tuple_end(end, it.remote, Some(&it.remote_cid)));
}

pub fn tuple(data: &mut Object, it: &Tuple) {
    data.text("tuple_id", &it.id.to_string());
    data.object("tuple_remote", |end| tuple_end(end, it.remote, None));
    data.object("tuple_local", |end| tuple_end(end, it.local, None));
}

fn tuple_end(end: &mut Object, address: Option<SocketAddr>, id: Option<&Cid>) {
    // A client's socket is bound to no address and port until it has sent.
    match address.filter(|it| it.port() != 0) {
        Some(SocketAddr::V4(it)) => {
            end.text("ip_v4", &it.ip().to_string());
            end.number("port_v4", it.port());
        }
        Some(SocketAddr::V6(it)) => {
            end.text("ip_v6", &it.ip().to_string());
            end.number("port_v6", it.port());
        }
        None => {}
    }
    if let Some(id) = id {
        end.list("connection_ids", |list| hex(list, id.bytes()));
    }
}

pub fn new_id(data: &mut Object, it: &NewId) {
    data.text("initiator", side(it.local));
    data.hex("old", it.old.bytes());
    data.hex("new", it.new.bytes());
}

pub fn parameters(data: &mut Object, it: &Parameters) {
    data.text("initiator", side(it.local));
    it.ids.iter().for_each(|(name, id)| data.hex(name, id.bytes()));
    if let Some(disabled) = it.disable_active_migration {
        data.flag("disable_active_migration", disabled);
    }
    it.numbers.iter().for_each(|(name, value)| data.number(name, *value));
}

pub fn alpn(data: &mut Object, chosen: &[u8]) {
    data.object("chosen_alpn", |it| match std::str::from_utf8(chosen) {
        Ok(text) => it.text("string_value", text),
        Err(_) => it.hex("byte_value", chosen),
    });
}

pub fn header(data: &mut Object, it: &Header) {
    data.object("header", |header| {
        header.text("packet_type", it.kind);
        if let Some(number) = it.number {
            header.number("packet_number", number);
        }
        if let Some(version) = it.version {
            header.hex("version", &version.to_be_bytes());
        }
    });
}

pub fn raw(data: &mut Object, length: impl Into<u64>) {
    data.object("raw", |raw| raw.number("length", length));
}

/// What has changed since `before`.
pub fn metrics(data: &mut Object, before: Option<&Metrics>, now: &Metrics) {
    let mut changed = |field: fn(&Metrics) -> u32, write: fn(&mut Object, u64)| {
        if before.map(field) != Some(field(now)) {
            write(data, u64::from(field(now)));
        }
    };
    changed(|it| it.min_rtt, |data, micros| data.millis("min_rtt", micros));
    changed(|it| it.smoothed_rtt, |data, micros| data.millis("smoothed_rtt", micros));
    changed(|it| it.latest_rtt, |data, micros| data.millis("latest_rtt", micros));
    changed(|it| it.rtt_variance, |data, micros| data.millis("rtt_variance", micros));
    changed(|it| it.pto_count, |data, count| data.number("pto_count", count));
    changed(|it| it.congestion_window, |data, bytes| data.number("congestion_window", bytes));
    changed(|it| it.bytes_in_flight, |data, bytes| data.number("bytes_in_flight", bytes));
}

pub fn closed(data: &mut Object, error: &connection::Error) {
    let initiator = |data: &mut Object, who: &Location| data.text("initiator", side(*who == Location::Local));
    let trigger = match error {
        connection::Error::Closed { initiator: who, .. } => {
            initiator(data, who);
            data.text("connection_error", "no_error");
            "unspecified"
        }
        connection::Error::Transport { code, initiator: who, .. } => {
            initiator(data, who);
            transport_error(data, code.as_u64());
            "error"
        }
        connection::Error::Application { error, initiator: who, .. } => {
            initiator(data, who);
            data.text("application_error", "unknown");
            data.number("error_code", **error);
            "application"
        }
        connection::Error::StatelessReset { .. } => {
            data.text("initiator", side(false));
            "stateless_reset"
        }
        connection::Error::IdleTimerExpired { .. } => "idle_timeout",
        connection::Error::NoValidPath { .. } => {
            data.text("connection_error", "no_viable_path");
            "error"
        }
        connection::Error::MaxHandshakeDurationExceeded { .. }
        | connection::Error::ImmediateClose { .. }
        | connection::Error::EndpointClosing { .. } => {
            data.text("initiator", side(true));
            "aborted"
        }
        _ => "unspecified",
    };
    data.text("trigger", trigger);
}

/// RFC 9000 section 20.1.
fn transport_error(data: &mut Object, code: u64) {
    const NAMES: [&str; 17] = [
        "no_error",
        "internal_error",
        "connection_refused",
        "flow_control_error",
        "stream_limit_error",
        "stream_state_error",
        "final_size_error",
        "frame_encoding_error",
        "transport_parameter_error",
        "connection_id_limit_error",
        "protocol_violation",
        "invalid_token",
        "application_error",
        "crypto_buffer_exceeded",
        "key_update_error",
        "aead_limit_reached",
        "no_viable_path",
    ];
    if (0x100..0x200).contains(&code) {
        data.text("connection_error", &format!("crypto_error_0x{code:x}"));
    } else if let Some(name) = usize::try_from(code).ok().and_then(|code| NAMES.get(code)) {
        data.text("connection_error", name);
    } else {
        data.text("connection_error", "unknown");
        data.number("error_code", code);
    }
}

fn side(local: bool) -> &'static str {
    if local { "local" } else { "remote" }
}

/// UTC, by the proleptic Gregorian calendar.
fn rfc3339(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (mut days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let leap = |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while days >= 365 + u64::from(leap(year)) {
        days -= 365 + u64::from(leap(year));
        year += 1;
    }
    let lengths = [31, 28 + u64::from(leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 1;
    for length in lengths {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let milli = since.subsec_millis();
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z", days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.250Z"),
            (951_782_399, "2000-02-28T23:59:59.250Z"),
            (951_782_400, "2000-02-29T00:00:00.250Z"),
            (1_735_689_599, "2024-12-31T23:59:59.250Z"),
            (4_107_542_400, "2100-03-01T00:00:00.250Z"),
        ] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 250);
            assert_eq!(rfc3339(time), text);
        }
    }

    #[test]
    fn text_of_a_peer_cannot_leave_its_string() {
        let mut out = String::new();
        Object::write(&mut out, |it| it.text("a", "\"},\u{1e}\n\\\u{9f}"));
        assert_eq!(out, r#"{"a":"\"},\u001e\u000a\\\u009f"}"#);
    }
}
