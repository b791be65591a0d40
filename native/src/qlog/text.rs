//! The events of one file, in their order.

use s2n_quic::provider::event::events::Frame;

use super::{
    frame, json,
    record::{Header, Metrics, What},
};

/// What a file's events need of those before.
#[derive(Default)]
pub struct Text {
    /// The time of the last record.
    latest: u64,
    version_known: bool,
    mtu: Option<u16>,
    congestion: Option<&'static str>,
    metrics: Option<Metrics>,
    /// s2n-quic tells of a packet's frames before it tells of the packet that it sends...
    sending: Option<(Header, String)>,
    /// ... and after that of the one that it received: what comes meanwhile is kept behind it.
    received: Option<Received>,
}

struct Received {
    at: u64,
    header: Header,
    len: u32,
    frames: String,
    behind: String,
}

impl Text {
    pub fn write(&mut self, out: &mut String, at: u64, what: What) {
        self.latest = at;
        match what {
            What::FrameSent(header, frame) => self.frame_sent(out, at, header, &frame),
            What::FrameReceived(header, frame) => self.frame_received(out, at, header, &frame),
            What::Sent { header, len, trigger, probe } => {
                self.version(out, at, &header);
                let frames = self.sending.take_if(|(of, _)| *of == header).map(|(_, frames)| frames);
                self.event(out, at, "quic:packet_sent", |data| {
                    json::header(data, &header);
                    if let Some(frames) = frames {
                        data.list("frames", |list| list.push_str(&frames));
                    }
                    json::raw(data, len);
                    if probe {
                        data.flag("is_mtu_probe_packet", true);
                    }
                    if let Some(trigger) = trigger {
                        data.text("trigger", trigger);
                    }
                });
            }
            What::Received { header, len } => {
                self.flush(out);
                self.version(out, at, &header);
                let (frames, behind) = (String::new(), String::new());
                self.received = Some(Received { at, header, len, frames, behind });
            }
            What::State(new) => self.event(out, at, "quic:connection_state_updated", |data| data.text("new", new)),
            What::Alpn(chosen) => self.event(out, at, "quic:alpn_information", |data| json::alpn(data, &chosen)),
            What::Cipher(name) => {
                self.event(out, at, "quic:parameters_set", |data| data.text("tls_cipher", &name));
            }
            What::Parameters(it) => self.event(out, at, "quic:parameters_set", |data| json::parameters(data, &it)),
            What::Dropped { header, trigger } => self.event(out, at, "quic:packet_dropped", |data| {
                if let Some(header) = header {
                    json::header(data, &header);
                }
                data.text("trigger", trigger);
            }),
            What::Buffered { header, len } => self.event(out, at, "quic:packet_buffered", |data| {
                json::header(data, &header);
                json::raw(data, len);
                data.text("trigger", "keys_unavailable");
            }),
            What::Lost { header, probe } => self.event(out, at, "quic:packet_lost", |data| {
                json::header(data, &header);
                if probe {
                    data.flag("is_mtu_probe_packet", true);
                }
            }),
            What::Metrics(now) => {
                let before = self.metrics.replace(now);
                if before != Some(now) {
                    self.event(out, at, "quic:recovery_metrics_updated", |data| {
                        json::metrics(data, before.as_ref(), &now);
                    });
                }
            }
            What::Congestion { new, trigger } => {
                let old = self.congestion.replace(new);
                self.event(out, at, "quic:congestion_state_updated", |data| {
                    if let Some(old) = old {
                        data.text("old", old);
                    }
                    data.text("new", new);
                    if let Some(trigger) = trigger {
                        data.text("trigger", trigger);
                    }
                });
            }
            What::KeyUpdated { kind, generation } => {
                // One key for each direction.
                for side in ["client", "server"] {
                    self.event(out, at, "quic:key_updated", |data| {
                        data.text("key_type", &format!("{side}_{kind}_secret"));
                        if kind == "1rtt" {
                            data.number("key_phase", generation);
                        }
                        if generation == 0 {
                            data.text("trigger", "tls");
                        }
                    });
                }
            }
            What::KeyDiscarded { kind } => {
                for side in ["client", "server"] {
                    self.event(out, at, "quic:key_discarded", |data| {
                        data.text("key_type", &format!("{side}_{kind}_secret"));
                        data.text("trigger", "tls");
                    });
                }
            }
            What::Mtu { mtu, done } => {
                let old = self.mtu.replace(mtu);
                self.event(out, at, "quic:mtu_updated", |data| {
                    if let Some(old) = old {
                        data.number("old", old);
                    }
                    data.number("new", mtu);
                    data.flag("done", done);
                });
            }
            What::Tuple(it) => self.event(out, at, "quic:tuple_assigned", |data| json::tuple(data, &it)),
            What::Migration { new, tuple } => self.event(out, at, "quic:migration_state_updated", |data| {
                data.text("new", new);
                json::tuple(data, &tuple);
            }),
            What::ConnectionId(it) => {
                self.event(out, at, "quic:connection_id_updated", |data| json::new_id(data, &it));
            }
            What::Ecn(new) => self.event(out, at, "quic:ecn_state_updated", |data| data.text("new", new)),
            What::Closed(error) => {
                self.event(out, at, "quic:connection_closed", |data| json::closed(data, &error));
                self.event(out, at, "quic:connection_state_updated", |data| data.text("new", "closed"));
            }
            // The first of a file, which begins it.
            What::Started(_) => {}
        }
    }

    /// In order: behind a received packet whose frames may not all be there.
    fn event(&mut self, out: &mut String, at: u64, name: &str, data: impl FnOnce(&mut json::Object)) {
        let out = match &mut self.received {
            Some(received) => &mut received.behind,
            None => out,
        };
        json::event(out, at, name, data);
    }

    fn frame_sent(&mut self, out: &mut String, at: u64, header: Header, frame: &Frame) {
        match &mut self.sending {
            Some((of, frames)) if *of == header => {
                frames.push(',');
                frame::write(frames, frame);
            }
            _ => {
                if let Some((of, frames)) = self.sending.take() {
                    self.frames(out, at, "quic:frames_created", of, &frames);
                }
                let mut frames = String::new();
                frame::write(&mut frames, frame);
                self.sending = Some((header, frames));
            }
        }
    }

    fn frame_received(&mut self, out: &mut String, at: u64, header: Header, frame: &Frame) {
        if let Some(received) = &mut self.received
            && received.header == header
        {
            if !received.frames.is_empty() {
                received.frames.push(',');
            }
            return frame::write(&mut received.frames, frame);
        }
        let mut frames = String::new();
        frame::write(&mut frames, frame);
        self.frames(out, at, "quic:frames_parsed", header, &frames);
    }

    fn frames(&mut self, out: &mut String, at: u64, name: &str, of: Header, frames: &str) {
        self.event(out, at, name, |data| {
            data.list("frames", |list| list.push_str(frames));
            if let Some(number) = of.number {
                data.list("packet_numbers", |list| list.push_str(&number.to_string()));
            }
        });
    }

    /// The version that the connection speaks, once.
    fn version(&mut self, out: &mut String, at: u64, header: &Header) {
        if let Some(version) = header.version
            && !std::mem::replace(&mut self.version_known, true)
        {
            self.event(out, at, "quic:version_information", |data| {
                data.hex("chosen_version", &version.to_be_bytes());
            });
        }
    }

    /// The received packet whose frames were waited for, and what came behind.
    pub fn flush(&mut self, out: &mut String) {
        if let Some(it) = self.received.take() {
            json::event(out, it.at, "quic:packet_received", |data| {
                json::header(data, &it.header);
                if !it.frames.is_empty() {
                    data.list("frames", |list| list.push_str(&it.frames));
                }
                json::raw(data, it.len);
            });
            out.push_str(&it.behind);
        }
    }

    pub fn dropped(&mut self, out: &mut String, count: u64) {
        self.event(out, self.latest, "loglevel:warning", |data| {
            data.number("code", count);
            data.text("message", "so many events were dropped: they came faster than they were written");
        });
    }
}
