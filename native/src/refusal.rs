//! How a peer learns that its handshake was refused.
//!
//! s2n-quic has two gaps here. A server that refuses within the client's first datagram says nothing at all, and the
//! client waits for its handshake timeout: `NextTurn` closes that gap. And all reasons look alike on the wire, because
//! s2n-quic hides every TLS alert behind handshake_failure: `Formatter` lets the harmless one out.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use s2n_quic::provider::{
    connection_close_formatter::{self as close, ConnectionClose, Production},
    tls::s2n_tls::{
        callbacks::{ClientHelloCallback, ConnectionFuture},
        connection::Connection,
        error::Error,
    },
};
use s2n_quic_core::{application, connection, crypto::tls, endpoint::Location, transport};

use crate::abi::*;

/// Why this side refused a peer.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// `JETSTREAM_REFUSED_*`.
    pub cause: u32,
    pub why: &'static str,
}

impl Refused {
    pub const fn because(cause: u32, why: &'static str) -> Self {
        Self { cause, why }
    }

    /// What ended a handshake: our own reason, or s2n-tls's.
    pub fn of(error: &Error) -> Self {
        let own = error.application_error().and_then(|it| it.downcast_ref::<Self>());
        own.copied().unwrap_or_else(|| Self::because(cause(error.name()), error.message()))
    }
}

/// So that a callback of s2n-tls can fail with it.
impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::application(Box::new(refused))
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(self.why)
    }
}

impl std::error::Error for Refused {}

fn cause(name: &str) -> u32 {
    match name {
        "S2N_ERR_MISSING_CLIENT_CERT" | "S2N_ERR_NO_CERT_FOUND" => JETSTREAM_REFUSED_NO_CERTIFICATE,
        "S2N_ERR_CERT_UNTRUSTED" => JETSTREAM_REFUSED_UNTRUSTED,
        "S2N_ERR_CERT_EXPIRED" => JETSTREAM_REFUSED_EXPIRED,
        "S2N_ERR_CERT_NOT_YET_VALID" => JETSTREAM_REFUSED_NOT_YET_VALID,
        "S2N_ERR_CERT_INVALID_HOSTNAME" => JETSTREAM_REFUSED_NAME,
        "S2N_ERR_CERT_INTENT_INVALID" => JETSTREAM_REFUSED_PURPOSE,
        "S2N_ERR_CERT_MAX_CHAIN_DEPTH_EXCEEDED" => JETSTREAM_REFUSED_CHAIN_LENGTH,
        "S2N_ERR_SECURITY_POLICY_INCOMPATIBLE_CERT" => JETSTREAM_REFUSED_WEAK,
        "S2N_ERR_CERT_INVALID"
        | "S2N_ERR_CERT_TYPE_UNSUPPORTED"
        | "S2N_ERR_CERT_UNHANDLED_CRITICAL_EXTENSION"
        | "S2N_ERR_DECODE_CERTIFICATE" => JETSTREAM_REFUSED_MALFORMED,
        "S2N_ERR_VERIFY_SIGNATURE" => JETSTREAM_REFUSED_NO_PROOF,
        _ => JETSTREAM_REFUSED_OTHER,
    }
}

/// Puts the judgement of a client's hello off to the next turn of the endpoint's loop.
///
/// s2n-quic sends a connection's close only once the connection is in its table, and it gets there after its first
/// datagram was handled (s2n-quic-transport 0.91, `handle_first_packet` in endpoint/initial.rs).
pub struct NextTurn {
    /// A longer hello was not all in the first datagram, so it need not wait: the turn was measured to cost 40 us,
    /// and post-quantum hellos, which are the default, are longer than what an Ethernet frame carries (1,500 bytes against 1,472).
    pub largest_datagram: usize,
}

impl ClientHelloCallback for NextTurn {
    // s2n-tls calls this from C: there is nothing in it that could panic.
    fn on_client_hello(&self, connection: &mut Connection) -> Result<Option<Pin<Box<dyn ConnectionFuture>>>, Error> {
        let len = connection.client_hello()?.raw_message()?.len();
        if len > self.largest_datagram {
            return Ok(None);
        }
        Ok(Some(Box::pin(Yield { yielded: false })))
    }
}

struct Yield {
    yielded: bool,
}

impl ConnectionFuture for Yield {
    fn poll(mut self: Pin<&mut Self>, _: &mut Connection, context: &mut Context) -> Poll<Result<(), Error>> {
        if self.yielded {
            return Poll::Ready(Ok(()));
        }
        self.yielded = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Whether no application protocol was agreed on.
///
/// s2n-quic-tls 0.91 says missing_extension for that, without a reason (`get_application_protocol` in callback.rs);
/// what s2n-tls itself finds missing has a reason.
pub fn is_alpn(code: u64, reason: &str) -> bool {
    code == code_of(tls::Error::NO_APPLICATION_PROTOCOL)
        || (code == code_of(tls::Error::MISSING_EXTENSION) && reason.is_empty())
}

/// The transport error of the alert no_application_protocol.
pub fn alpn_code() -> u64 {
    code_of(tls::Error::NO_APPLICATION_PROTOCOL)
}

fn code_of(alert: tls::Error) -> u64 {
    transport::Error::from(alert).code.as_varint().into()
}

/// Why this side refused the handshake of a connection that ended with `error`, if that is what happened; `told` is
/// what TLS told before.
pub fn reason(error: &connection::Error, told: Option<Refused>) -> Option<Refused> {
    let other = |why| Refused::because(JETSTREAM_REFUSED_OTHER, why);
    match error {
        connection::Error::Transport { code, reason, initiator: Location::Local, .. } => {
            let number = u64::from(code.as_varint());
            match number {
                _ if is_alpn(number, reason) => {
                    Some(Refused::because(JETSTREAM_REFUSED_ALPN, "No application protocol in common"))
                }
                0x100..=0x1ff if told.is_some() => told,
                0x100..=0x1ff if reason.is_empty() => Some(other("Handshake failed")),
                0x100..=0x1ff => Some(other(reason)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// s2n-quic's own formatter, but for one alert: what protocols a server speaks is no secret, its judgement of
/// certificates may be.
pub struct Formatter;

impl close::Formatter for Formatter {
    fn format_transport_error(&self, context: &close::Context, error: transport::Error) -> ConnectionClose<'_> {
        if is_alpn(error.code.as_varint().into(), error.reason) {
            return transport::Error::from(tls::Error::NO_APPLICATION_PROTOCOL).into();
        }
        Production.format_transport_error(context, error)
    }

    fn format_application_error(&self, context: &close::Context, error: application::Error) -> ConnectionClose<'_> {
        Production.format_application_error(context, error)
    }

    fn format_early_transport_error(&self, context: &close::Context, error: transport::Error) -> ConnectionClose<'_> {
        self.format_transport_error(context, error)
    }

    fn format_early_application_error(
        &self, context: &close::Context, error: application::Error,
    ) -> ConnectionClose<'_> {
        Production.format_early_application_error(context, error)
    }
}
