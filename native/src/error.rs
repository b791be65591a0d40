//! One mapping from the errors of s2n-quic, s2n-tls and the system to the statuses of the ABI.

use s2n_quic::{application, connection, stream};
use s2n_quic_core::endpoint::Location;

use crate::{
    abi::*,
    refusal::{self, Refused},
};

/// A call that failed: what `jetstream_error` says of it.
#[derive(Clone, Debug)]
pub struct Failure {
    pub status: i32,
    pub initiator: i32,
    pub code: u64,
    pub message: String,
}

impl Failure {
    pub fn new(status: i32, message: impl Into<String>) -> Self {
        Self { status, initiator: JETSTREAM_INITIATOR_NONE, code: 0, message: message.into() }
    }

    pub fn argument(message: impl Into<String>) -> Self {
        Self::new(JETSTREAM_STATUS_INVALID_ARGUMENT, message)
    }

    pub fn version(message: impl Into<String>) -> Self {
        Self::new(JETSTREAM_STATUS_VERSION, message)
    }

    pub fn closed(what: &str) -> Self {
        Self::new(JETSTREAM_STATUS_CLOSED, format!("the {what} is closed"))
    }

    pub fn busy(direction: &str) -> Self {
        Self::new(JETSTREAM_STATUS_BUSY, format!("another thread is {direction} on this stream"))
    }

    pub fn panicked(message: impl Into<String>) -> Self {
        Self::new(JETSTREAM_STATUS_PANICKED, message)
    }

    pub fn wrong_kind(message: impl Into<String>) -> Self {
        Self::new(JETSTREAM_STATUS_WRONG_KIND, message)
    }

    pub fn limit(message: impl Into<String>) -> Self {
        Self::new(JETSTREAM_STATUS_LIMIT, message)
    }

    pub fn io(doing: &str, error: &std::io::Error) -> Self {
        let status = match error.kind() {
            std::io::ErrorKind::AddrInUse => JETSTREAM_STATUS_ADDRESS_IN_USE,
            std::io::ErrorKind::AddrNotAvailable => JETSTREAM_STATUS_ADDRESS_NOT_AVAILABLE,
            std::io::ErrorKind::PermissionDenied => JETSTREAM_STATUS_PERMISSION_DENIED,
            _ => JETSTREAM_STATUS_IO,
        };
        let code = error.raw_os_error().map_or(0, |errno| u64::from(errno.unsigned_abs()));
        Self { code, ..Self::new(status, format!("{doing}: {error}")) }
    }

    /// A failure of s2n-tls while a configuration is built.
    pub fn tls(status: i32, error: &s2n_quic::provider::tls::s2n_tls::error::Error) -> Self {
        Self::new(status, format!("{} ({})", error.message(), error.name()))
    }

    pub fn not_signed() -> Self {
        Self {
            initiator: JETSTREAM_INITIATOR_LOCAL,
            ..Self::new(JETSTREAM_STATUS_CONNECTION_NOT_SIGNED, "this side's private key did not sign the handshake")
        }
    }

    pub fn to_abi(&self) -> jetstream_error {
        let mut message = [0; 488];
        let end = self.message.floor_char_boundary(message.len());
        message[..end].copy_from_slice(&self.message.as_bytes()[..end]);
        jetstream_error {
            status: self.status,
            initiator: self.initiator,
            code: self.code,
            message_len: end as u32,
            reserved: 0,
            message,
        }
    }
}

fn initiator(location: Location) -> i32 {
    match location {
        Location::Local => JETSTREAM_INITIATOR_LOCAL,
        Location::Remote => JETSTREAM_INITIATOR_REMOTE,
    }
}

/// RFC 9001 section 4.8: a TLS alert is the transport error 0x100 + alert.
//= https://www.rfc-editor.org/rfc/rfc9001#section-4.8
fn is_tls_alert(code: u64) -> bool {
    (0x100..=0x1ff).contains(&code)
}

impl From<connection::Error> for Failure {
    fn from(error: connection::Error) -> Self {
        use connection::Error as E;
        let (status, who, code) = match error {
            E::Closed { initiator: who, .. } => (JETSTREAM_STATUS_CONNECTION_CLOSED, initiator(who), 0),
            E::Transport { code, initiator: who, reason, .. } => {
                let code = u64::from(code.as_varint());
                if is_tls_alert(code) {
                    return Self::handshake(initiator(who), code, reason);
                }
                (JETSTREAM_STATUS_CONNECTION_TRANSPORT, initiator(who), code)
            }
            E::Application { error, initiator: who, .. } => {
                (JETSTREAM_STATUS_CONNECTION_APPLICATION, initiator(who), u64::from(error))
            }
            E::StatelessReset { .. } => (JETSTREAM_STATUS_CONNECTION_STATELESS_RESET, JETSTREAM_INITIATOR_REMOTE, 0),
            E::IdleTimerExpired { .. } => (JETSTREAM_STATUS_CONNECTION_IDLE_TIMEOUT, JETSTREAM_INITIATOR_LOCAL, 0),
            E::NoValidPath { .. } => (JETSTREAM_STATUS_CONNECTION_NO_VALID_PATH, JETSTREAM_INITIATOR_LOCAL, 0),
            E::StreamIdExhausted { .. } => {
                (JETSTREAM_STATUS_CONNECTION_STREAM_IDS_EXHAUSTED, JETSTREAM_INITIATOR_LOCAL, 0)
            }
            E::MaxHandshakeDurationExceeded { .. } => {
                (JETSTREAM_STATUS_CONNECTION_HANDSHAKE_TIMEOUT, JETSTREAM_INITIATOR_LOCAL, 0)
            }
            E::ImmediateClose { .. } => (JETSTREAM_STATUS_CONNECTION_IMMEDIATE_CLOSE, JETSTREAM_INITIATOR_LOCAL, 0),
            E::EndpointClosing { .. } => (JETSTREAM_STATUS_CONNECTION_ENDPOINT_CLOSING, JETSTREAM_INITIATOR_LOCAL, 0),
            E::InvalidConfiguration { .. } => {
                (JETSTREAM_STATUS_CONNECTION_INVALID_CONFIGURATION, JETSTREAM_INITIATOR_LOCAL, 0)
            }
            E::Unspecified { .. } => (JETSTREAM_STATUS_CONNECTION_UNSPECIFIED, JETSTREAM_INITIATOR_NONE, 0),
            other => return Self::new(JETSTREAM_STATUS_INTERNAL, other.to_string()),
        };
        Self { initiator: who, code, ..Self::new(status, describe(status, who, code)) }
    }
}

/// One short clause each: the caller puts what was tried in front.
fn describe(status: i32, who: i32, code: u64) -> String {
    let by = if who == JETSTREAM_INITIATOR_REMOTE { "the peer" } else { "this side" };
    match status {
        JETSTREAM_STATUS_CONNECTION_CLOSED => format!("connection closed by {by}"),
        // RFC 9000 section 20.1: what a server answers that takes no more connections.
        JETSTREAM_STATUS_CONNECTION_TRANSPORT if code == 2 => format!("connection refused by {by}"),
        JETSTREAM_STATUS_CONNECTION_TRANSPORT => {
            format!("connection closed by {by} with transport error {code:#x}")
        }
        JETSTREAM_STATUS_CONNECTION_APPLICATION => {
            format!("connection closed by {by} with application error {code}")
        }
        JETSTREAM_STATUS_CONNECTION_STATELESS_RESET => "the peer does not know this connection any more".into(),
        JETSTREAM_STATUS_CONNECTION_IDLE_TIMEOUT => "nothing was heard from the peer for the idle timeout".into(),
        JETSTREAM_STATUS_CONNECTION_NO_VALID_PATH => "no path to the peer is left".into(),
        JETSTREAM_STATUS_CONNECTION_STREAM_IDS_EXHAUSTED => "all stream ids of the connection are used up".into(),
        JETSTREAM_STATUS_CONNECTION_HANDSHAKE_TIMEOUT => "the peer did not complete the handshake in time".into(),
        JETSTREAM_STATUS_CONNECTION_IMMEDIATE_CLOSE => "connection closed at once by this side".into(),
        JETSTREAM_STATUS_CONNECTION_ENDPOINT_CLOSING => "the endpoint is closed".into(),
        JETSTREAM_STATUS_CONNECTION_INVALID_CONFIGURATION => "s2n-quic refused the configuration".into(),
        _ => "the connection ended for an unknown reason".into(),
    }
}

impl Failure {
    /// Why a connection ended; s2n-quic has no words for what we refused ourselves.
    pub fn of_end(error: connection::Error, refused: Option<&Refused>) -> Self {
        let failure = Self::from(error);
        match refused {
            Some(refused)
                if failure.status == JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED
                    && failure.initiator == JETSTREAM_INITIATOR_LOCAL =>
            {
                Self { message: format!("this side refused the peer: {refused}"), ..failure }
            }
            _ => failure,
        }
    }

    /// The TLS handshake failed. `reason` is s2n-tls's, and known only where the failure was found.
    fn handshake(initiator: i32, code: u64, reason: &str) -> Self {
        let here = initiator == JETSTREAM_INITIATOR_LOCAL;
        let code = if here && refusal::is_alpn(code, reason) { refusal::alpn_code() } else { code };
        let alert = code - 0x100;
        let message = match initiator {
            JETSTREAM_INITIATOR_REMOTE => {
                format!("the peer refused the handshake: {} (TLS alert {alert})", alert_text(alert))
            }
            _ if reason.is_empty() => {
                format!("this side refused the handshake: {} (TLS alert {alert})", alert_text(alert))
            }
            _ => format!("this side refused the peer: {reason}"),
        };
        Self { initiator, code, ..Self::new(JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED, message) }
    }
}

/// What an alert means for the one who is refused (RFC 8446 section 6.2). Peers on s2n-quic say 40 for nearly all.
fn alert_text(alert: u64) -> &'static str {
    match alert {
        42..=44 | 46 => "bad certificate",
        45 => "certificate expired",
        48 => "certificate of an unknown issuer",
        70 => "no TLS version in common",
        112 => "unknown server name",
        116 => "a certificate is required",
        120 => "no application protocol (ALPN) in common",
        _ => "certificate, ALPN or policy",
    }
}

impl From<stream::Error> for Failure {
    fn from(error: stream::Error) -> Self {
        use stream::Error as E;
        match error {
            E::StreamReset { error, .. } => {
                let code = u64::from(error);
                Self {
                    initiator: JETSTREAM_INITIATOR_REMOTE,
                    code,
                    ..Self::new(JETSTREAM_STATUS_STREAM_RESET, format!("reset by peer (code {code})"))
                }
            }
            E::ConnectionError { error, .. } => error.into(),
            E::SendAfterFinish { .. } => Self {
                initiator: JETSTREAM_INITIATOR_LOCAL,
                ..Self::new(JETSTREAM_STATUS_STREAM_SEND_AFTER_FINISH, "the sending direction was ended before")
            },
            E::MaxStreamDataSizeExceeded { .. } => {
                Self::new(JETSTREAM_STATUS_STREAM_MAX_DATA, "more than 2^62-1 bytes on one stream")
            }
            E::InvalidStream { .. } => {
                Self::new(JETSTREAM_STATUS_STREAM_INVALID, "the connection does not know the stream any more")
            }
            E::NonReadable { .. } => Self::wrong_kind("the stream cannot be received from"),
            E::NonWritable { .. } => Self::wrong_kind("the stream cannot be sent on"),
            other => Self::new(JETSTREAM_STATUS_INTERNAL, other.to_string()),
        }
    }
}

/// An error code of an application: below 2^62 (RFC 9000 section 16).
pub fn application_code(code: u64) -> Result<application::Error, Failure> {
    application::Error::new(code).map_err(|_| Failure::argument(format!("code is {code}, must be below 2^62")))
}
