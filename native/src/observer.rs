//! The endpoint's subscriber of s2n-quic's events.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
};

use s2n_quic::provider::event::{
    ConnectionInfo, ConnectionMeta, Subscriber,
    events::{
        AckRangeReceived, ActivePathUpdated, ApplicationProtocolInformation, BbrStateChanged, Congestion,
        ConnectionClosed, ConnectionIdUpdated, ConnectionStarted, DatagramReceived, DatagramSent, DuplicatePacket,
        EcnStateChanged, EndpointDatagramDropped, EndpointDatagramSent, EndpointMeta, EndpointType, FrameReceived,
        FrameSent, HandshakeStatus, HandshakeStatusUpdated, KeyExchangeGroup, KeySpaceDiscarded, KeyUpdate, MtuUpdated,
        PacketBuffered, PacketDropped, PacketHeader, PacketLost, PacketReceived, PacketSent, PathChallengeUpdated,
        PathCreated, RecoveryMetrics, RxStreamProgress, ServerNameInformation, SlowStartExited, SocketAddress,
        TlsExporterReady, TlsHandshakeFailed, TransmissionMode, TransportParametersReceived, TxStreamProgress,
    },
};
use zeroize::Zeroizing;

use crate::{
    abi::*,
    ask::NotSigned,
    counters,
    error::Failure,
    events::Event,
    facts::{Facts, Tls},
    parameters,
    qlog::{self, Tracer, What},
    refusal::{self, Refused},
    shared::Shared,
    stats::{BURST, nanos},
};

/// Dropped with the endpoint's task, whatever ended it.
pub struct Observer {
    shared: Arc<Shared>,
}

/// A connection's facts, which end with it: s2n-quic gives some up before they have begun, and tells nobody.
pub struct Context {
    facts: Arc<Facts>,
    shared: Arc<Shared>,
    /// Where the program wants qlog; else an event costs a look at it.
    tracer: Option<Tracer>,
}

impl Context {
    pub fn facts(&self) -> Arc<Facts> {
        Arc::clone(&self.facts)
    }

    /// `what` is only made when it is wanted.
    fn trace(&self, meta: &ConnectionMeta, what: impl FnOnce() -> What) {
        if let Some(tracer) = &self.tracer {
            tracer.note(meta.timestamp.duration_since_start(), what());
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        self.facts.over(&self.shared);
    }
}

impl Observer {
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// A panic here would take the endpoint with all its connections along: it ends this connection alone, which its
    /// owner is told. Closing it is the owner's: no call on s2n-quic may be made from here.
    fn guarded(&self, facts: &Facts, event: impl FnOnce()) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(event)) {
            facts.end(counters::panicked(&*panic));
        }
    }

    fn tell(&self, kind: u32, facts: &Facts, meta: &ConnectionMeta, more: impl FnOnce(&mut Event)) {
        self.shared.events.tell(kind, || {
            let mut event = Event::of(kind);
            event.connection = meta.id;
            event.peer = facts.peer.get().copied();
            event.elapsed_ns = nanos(facts.elapsed(meta.timestamp.duration_since_start()));
            more(&mut event);
            event
        });
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.shared.endpoint_task_ended();
    }
}

impl Subscriber for Observer {
    type ConnectionContext = Context;

    fn create_connection_context(&mut self, meta: &ConnectionMeta, info: &ConnectionInfo) -> Context {
        #[cfg(feature = "test-hooks")]
        crate::hooks::maybe_panic(crate::hooks::Domain::Endpoint);
        self.shared.connection_began();
        // A client's attempt carries its facts along; a server's connection begins here, with what its gate let in.
        let facts = match info.application.and_then(|facts| facts.downcast_ref::<Arc<Facts>>()) {
            Some(facts) => {
                self.shared.connecting.put(facts);
                Arc::clone(facts)
            }
            None => Facts::accepting(self.shared.pending.take()),
        };
        let began = meta.timestamp.duration_since_start();
        facts.begin(meta.id, began);
        let tracer = self.shared.qlog.as_ref().map(|qlog| qlog.trace(meta.id, began));
        Context { facts, shared: Arc::clone(&self.shared), tracer }
    }

    fn on_connection_started(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &ConnectionStarted) {
        if let Some(tracer) = &context.tracer {
            let server = matches!(meta.endpoint_type, EndpointType::Server { .. });
            tracer.started(meta.timestamp.duration_since_start(), server, event);
        }
        let facts = &context.facts;
        self.guarded(facts, || {
            if let Some(peer) = to_std(&event.path.remote_addr) {
                let _ = facts.peer.set(peer);
            }
        });
    }

    fn on_handshake_status_updated(
        &mut self, context: &mut Context, meta: &ConnectionMeta, event: &HandshakeStatusUpdated,
    ) {
        if let Some(state) = qlog::state(&event.status) {
            context.trace(meta, || state);
        }
        let facts = &context.facts;
        self.guarded(facts, || {
            #[cfg(feature = "test-hooks")]
            crate::hooks::maybe_panic(crate::hooks::Domain::Subscriber);
            if !facts.established.swap(true, Ordering::Relaxed) {
                self.shared.established_began();
                if let Some(ticket) = &facts.ticket {
                    ticket.established();
                }
                facts.stats.handshake.set(nanos(facts.elapsed(meta.timestamp.duration_since_start())));
                self.tell(JETSTREAM_EVENT_OPENED, facts, meta, |_| {});
            }
            if matches!(event.status, HandshakeStatus::Confirmed { .. }) {
                facts.confirmed.store(true, Ordering::Release);
                facts.wake();
            }
        });
    }

    fn on_key_exchange_group(&mut self, context: &mut Context, _: &ConnectionMeta, event: &KeyExchangeGroup) {
        self.guarded(&context.facts, || {
            let _ = context.facts.group.set((event.chosen_group_name.to_owned(), event.contains_kem));
        });
    }

    fn on_application_protocol_information(
        &mut self, context: &mut Context, meta: &ConnectionMeta, event: &ApplicationProtocolInformation,
    ) {
        context.trace(meta, || What::Alpn(event.chosen_application_protocol.into()));
        self.guarded(&context.facts, || {
            let _ = context.facts.alpn.set(event.chosen_application_protocol.to_vec());
        });
    }

    fn on_server_name_information(&mut self, context: &mut Context, _: &ConnectionMeta, event: &ServerNameInformation) {
        self.guarded(&context.facts, || {
            let _ = context.facts.server_name.set(event.chosen_server_name.to_owned());
        });
    }

    fn on_tls_exporter_ready(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &TlsExporterReady) {
        context.trace(meta, || What::Cipher(event.session.cipher_suite().as_str().into()));
        self.guarded(&context.facts, || {
            let session = &event.session;
            let exported = self.shared.exporters.iter().map(|exporter| {
                let mut out = Zeroizing::new(vec![0; exporter.length]);
                match session.tls_exporter(&exporter.label, &exporter.context, &mut out) {
                    Ok(()) => out,
                    Err(_) => Zeroizing::default(),
                }
            });
            // A handshake without a certificate is one that goes on with an earlier session: there are no other keys.
            let resumed = session.signature_scheme().is_none();
            let peer_chain = match context.facts.resuming.get().filter(|_| resumed) {
                Some(verified) => verified.chain.clone(),
                // s2n-tls answers an error where the peer showed none.
                None => session.peer_cert_chain_der().unwrap_or_default(),
            };
            let _ = context.facts.tls.set(Tls {
                cipher_suite: format!("{:?}", session.cipher_suite()).trim_end_matches([' ', '{', '}']).to_owned(),
                signature_scheme: session.signature_scheme().unwrap_or(""),
                peer_chain,
                exported: exported.collect(),
                resumed,
            });
        });
    }

    fn on_tls_handshake_failed(&mut self, context: &mut Context, _: &ConnectionMeta, event: &TlsHandshakeFailed) {
        self.guarded(&context.facts, || {
            // What s2n-quic says at the end does not tell this from a peer that was refused.
            if NotSigned::caused(event.error) {
                context.facts.end(Failure::not_signed());
            } else if let Some(error) = event.error.downcast_ref() {
                let _ = context.facts.refused.set(Refused::of(error));
            }
        });
    }

    fn on_connection_closed(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &ConnectionClosed) {
        context.trace(meta, || What::Closed(event.error));
        if let Some(tracer) = &context.tracer {
            tracer.end();
        }
        let facts = &context.facts;
        facts.over(&self.shared);
        self.guarded(facts, || {
            let refused = refusal::reason(&event.error, facts.refused.get().copied());
            if matches!(meta.endpoint_type, EndpointType::Server { .. })
                && let Some(refused) = refused
            {
                self.shared.handshake_refused(facts.peer.get().copied(), refused);
            }
            let failure = facts.ended().unwrap_or_else(|| Failure::of_end(event.error, facts.refused.get()));
            let kind = if facts.established.load(Ordering::Relaxed) {
                JETSTREAM_EVENT_CLOSED
            } else {
                JETSTREAM_EVENT_HANDSHAKE_FAILED
            };
            self.tell(kind, facts, meta, |told| {
                told.failure = Some((failure.status, failure.initiator, failure.code));
                told.value = refused.map_or(0, |refused| refused.cause.into());
            });
            facts.end(failure);
        });
    }

    // Counting cannot panic.

    fn on_packet_sent(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &PacketSent) {
        context.trace(meta, || event.into());
        let stats = &context.facts.stats;
        stats.packets_sent.add(1);
        if let TransmissionMode::LossRecoveryProbing { .. } = event.transmission_mode {
            stats.probes_sent.add(1);
        }
        if let PacketHeader::OneRtt { number, .. } = event.packet_header {
            stats.next_packet.store(number + 1, Ordering::Release);
        }
    }

    fn on_packet_received(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &PacketReceived) {
        context.trace(meta, || event.into());
        context.facts.stats.packets_received.add(1);
    }

    fn on_ack_range_received(&mut self, context: &mut Context, _: &ConnectionMeta, event: &AckRangeReceived) {
        if let PacketHeader::OneRtt { .. } = event.packet_header {
            let acknowledged = event.ack_range.end() + 1;
            let facts = &context.facts;
            if acknowledged > facts.stats.acknowledged.load(Ordering::Relaxed) {
                facts.stats.acknowledged.store(acknowledged, Ordering::SeqCst);
                facts.wake_ping();
            }
        }
    }

    fn on_datagram_sent(&mut self, context: &mut Context, _: &ConnectionMeta, event: &DatagramSent) {
        context.facts.stats.traffic.sent(event.len);
        self.shared.traffic.sent(event.len);
    }

    fn on_datagram_received(&mut self, context: &mut Context, _: &ConnectionMeta, event: &DatagramReceived) {
        context.facts.stats.traffic.received(event.len);
        self.shared.traffic.received(event.len);
    }

    fn on_packet_lost(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &PacketLost) {
        context.trace(meta, || event.into());
        if event.is_mtu_probe {
            return;
        }
        self.shared.traffic.packets_lost.add(1);
        if context.facts.stats.lost(meta.timestamp.duration_since_start(), event.bytes_lost) {
            self.tell(JETSTREAM_EVENT_LOSS_BURST, &context.facts, meta, |told| told.value = BURST);
        }
    }

    fn on_recovery_metrics(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &RecoveryMetrics) {
        context.trace(meta, || event.into());
        context.facts.stats.measured(event);
    }

    fn on_congestion(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &Congestion) {
        context.trace(meta, || event.into());
        context.facts.stats.congestion_events.add(1);
    }

    fn on_mtu_updated(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &MtuUpdated) {
        context.trace(meta, || event.into());
        context.facts.stats.mtu.set(u64::from(event.mtu));
    }

    fn on_ecn_state_changed(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &EcnStateChanged) {
        context.trace(meta, || event.into());
        context.facts.stats.ecn(&event.state);
    }

    fn on_active_path_updated(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &ActivePathUpdated) {
        context.trace(meta, || event.into());
        context.facts.stats.path_changes.add(1);
        self.tell(JETSTREAM_EVENT_PATH_CHANGED, &context.facts, meta, |told| {
            told.peer = to_std(&event.active.remote_addr);
        });
    }

    fn on_tx_stream_progress(&mut self, context: &mut Context, _: &ConnectionMeta, event: &TxStreamProgress) {
        context.facts.stats.stream_bytes_sent.add(event.bytes as u64);
    }

    fn on_rx_stream_progress(&mut self, context: &mut Context, _: &ConnectionMeta, event: &RxStreamProgress) {
        context.facts.stats.stream_bytes_received.add(event.bytes as u64);
    }

    fn on_transport_parameters_received(
        &mut self, context: &mut Context, meta: &ConnectionMeta, event: &TransportParametersReceived,
    ) {
        context.trace(meta, || event.into());
        self.guarded(&context.facts, || {
            let _ = context.facts.parameters.set(Box::new(parameters::of(event)));
        });
    }

    // What only qlog is told: values are copied, which cannot panic.

    fn on_packet_dropped(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &PacketDropped) {
        context.trace(meta, || event.into());
    }

    fn on_packet_buffered(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &PacketBuffered) {
        context.trace(meta, || event.into());
    }

    fn on_duplicate_packet(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &DuplicatePacket) {
        context.trace(meta, || event.into());
    }

    fn on_slow_start_exited(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &SlowStartExited) {
        context.trace(meta, || event.into());
    }

    fn on_bbr_state_changed(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &BbrStateChanged) {
        context.trace(meta, || event.into());
    }

    fn on_key_update(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &KeyUpdate) {
        context.trace(meta, || event.into());
    }

    fn on_key_space_discarded(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &KeySpaceDiscarded) {
        context.trace(meta, || event.into());
    }

    fn on_path_created(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &PathCreated) {
        context.trace(meta, || event.into());
    }

    fn on_path_challenge_updated(
        &mut self, context: &mut Context, meta: &ConnectionMeta, event: &PathChallengeUpdated,
    ) {
        context.trace(meta, || event.into());
    }

    fn on_connection_id_updated(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &ConnectionIdUpdated) {
        context.trace(meta, || event.into());
    }

    fn on_frame_sent(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &FrameSent) {
        context.trace(meta, || What::FrameSent((&event.packet_header).into(), event.frame.clone()));
    }

    fn on_frame_received(&mut self, context: &mut Context, meta: &ConnectionMeta, event: &FrameReceived) {
        context.trace(meta, || What::FrameReceived((&event.packet_header).into(), event.frame.clone()));
    }

    fn on_endpoint_datagram_sent(&mut self, _: &EndpointMeta, event: &EndpointDatagramSent) {
        self.shared.traffic.sent(event.len);
    }

    fn on_endpoint_datagram_dropped(&mut self, _: &EndpointMeta, event: &EndpointDatagramDropped) {
        self.shared.traffic.received(event.len);
        self.shared.dropped.add(1);
    }
}

pub fn to_std(address: &SocketAddress) -> Option<std::net::SocketAddr> {
    match address {
        SocketAddress::IpV4 { ip, port, .. } => Some((**ip, *port).into()),
        SocketAddress::IpV6 { ip, port, .. } => Some((**ip, *port).into()),
        _ => None,
    }
}
