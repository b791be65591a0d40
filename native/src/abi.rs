//! The C types and constants of `include/jetstream.h`.
//!
//! Layouts are part of the ABI: fields are only ever appended to the structs that begin with `size`,
//! and a status number is never used again for another meaning.
#![allow(non_camel_case_types)]

pub use crate::records::*;

/// Version of the ABI that this library speaks; it changes when a caller must be recompiled.
pub const JETSTREAM_ABI_VERSION: u32 = 1;

/// What a call answers: 0 done, 1 not yet, negative a failure.
pub type jetstream_status = i32;

/// Done; outputs are written.
pub const JETSTREAM_STATUS_OK: i32 = 0;
/// Not yet: the operation's waker is armed and its token will be handed to the wake function.
pub const JETSTREAM_STATUS_PENDING: i32 = 1;

// -1 to -99: the call itself.
/// An argument is out of its range, or NULL where memory is needed; the message names it.
pub const JETSTREAM_STATUS_INVALID_ARGUMENT: i32 = -1;
/// The handle was freed, or never existed.
pub const JETSTREAM_STATUS_CLOSED: i32 = -2;
/// Another thread is in a data call on the same direction.
pub const JETSTREAM_STATUS_BUSY: i32 = -3;
/// Code of the library panicked; the object is unusable, the process is well.
pub const JETSTREAM_STATUS_PANICKED: i32 = -4;
/// A failure that this version has no number for; the message describes it.
pub const JETSTREAM_STATUS_INTERNAL: i32 = -5;
/// A limit of the configuration is reached; the message names it.
pub const JETSTREAM_STATUS_LIMIT: i32 = -6;
/// The object has no such direction or role, as in receiving from a send-only stream.
pub const JETSTREAM_STATUS_WRONG_KIND: i32 = -7;
/// A struct's `size` or `flags` is of another version of the header.
pub const JETSTREAM_STATUS_VERSION: i32 = -8;

/// An exchange had no answer in its time.
pub const JETSTREAM_STATUS_EXCHANGE_TIMEOUT: i32 = -9;

// -100 to -199: configuration of TLS, found before anything is bound.
/// The certificate chain is not PEM that s2n-tls accepts.
pub const JETSTREAM_STATUS_TLS_CERTIFICATE: i32 = -100;
/// The private key is not PEM that s2n-tls accepts.
pub const JETSTREAM_STATUS_TLS_PRIVATE_KEY: i32 = -101;
/// Private key and certificate do not belong together.
pub const JETSTREAM_STATUS_TLS_KEY_MISMATCH: i32 = -102;
/// The trusted certificates are not PEM that s2n-tls accepts.
pub const JETSTREAM_STATUS_TLS_TRUST: i32 = -103;
/// The security policy is unknown to s2n-tls.
pub const JETSTREAM_STATUS_TLS_POLICY: i32 = -104;
/// s2n-tls refused the configuration for another reason.
pub const JETSTREAM_STATUS_TLS_CONFIG: i32 = -105;

// -200 to -299: the operating system; `code` is errno.
/// The address is in use by another socket.
pub const JETSTREAM_STATUS_ADDRESS_IN_USE: i32 = -200;
/// The address is not one of this machine's.
pub const JETSTREAM_STATUS_ADDRESS_NOT_AVAILABLE: i32 = -201;
/// The operating system denied the socket.
pub const JETSTREAM_STATUS_PERMISSION_DENIED: i32 = -202;
/// Any other failure of the operating system.
pub const JETSTREAM_STATUS_IO: i32 = -203;
/// The inherited descriptor is not a socket that an endpoint can be opened on; the message says why.
pub const JETSTREAM_STATUS_BAD_SOCKET: i32 = -204;

// -300 to -399: the connection has ended; `code` and `initiator` say more.
/// Closed without an error.
pub const JETSTREAM_STATUS_CONNECTION_CLOSED: i32 = -300;
/// Closed by a transport error of RFC 9000 section 20.1; `code` is the error code.
pub const JETSTREAM_STATUS_CONNECTION_TRANSPORT: i32 = -301;
/// Closed by the application; `code` is its error code.
pub const JETSTREAM_STATUS_CONNECTION_APPLICATION: i32 = -302;
/// The peer lost its state and said so by a stateless reset.
pub const JETSTREAM_STATUS_CONNECTION_STATELESS_RESET: i32 = -303;
/// Nothing was heard from the peer for the idle timeout.
pub const JETSTREAM_STATUS_CONNECTION_IDLE_TIMEOUT: i32 = -304;
/// No path to the peer is left.
pub const JETSTREAM_STATUS_CONNECTION_NO_VALID_PATH: i32 = -305;
/// All stream ids of the connection are used up.
pub const JETSTREAM_STATUS_CONNECTION_STREAM_IDS_EXHAUSTED: i32 = -306;
/// The handshake took longer than its timeout.
pub const JETSTREAM_STATUS_CONNECTION_HANDSHAKE_TIMEOUT: i32 = -307;
/// Closed at once without telling the peer.
pub const JETSTREAM_STATUS_CONNECTION_IMMEDIATE_CLOSE: i32 = -308;
/// The endpoint is closing, or is gone.
pub const JETSTREAM_STATUS_CONNECTION_ENDPOINT_CLOSING: i32 = -309;
/// s2n-quic refused the configuration of the connection.
pub const JETSTREAM_STATUS_CONNECTION_INVALID_CONFIGURATION: i32 = -310;
/// Ended for a reason that s2n-quic does not tell.
pub const JETSTREAM_STATUS_CONNECTION_UNSPECIFIED: i32 = -311;
/// The TLS handshake failed: `initiator` local, this side refused the peer (the message has s2n-tls's reason);
/// remote, the peer refused this side and its alert is `code` - 0x100 (RFC 9001 section 4.8). 0x178: there is no
/// application protocol (ALPN) in common; for other reasons peers on s2n-quic say 0x128.
pub const JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED: i32 = -312;
/// The TLS handshake failed on this side: the caller, who has the private key, did not sign, or not in time.
pub const JETSTREAM_STATUS_CONNECTION_NOT_SIGNED: i32 = -313;

// -400 to -499: the stream has ended.
/// The peer reset the stream, or asked to stop sending; `code` is its error code.
pub const JETSTREAM_STATUS_STREAM_RESET: i32 = -400;
/// This side finished or reset the sending direction before.
pub const JETSTREAM_STATUS_STREAM_SEND_AFTER_FINISH: i32 = -401;
/// More than 2^62-1 bytes were sent on one stream.
pub const JETSTREAM_STATUS_STREAM_MAX_DATA: i32 = -402;
/// The connection does not know the stream any more.
pub const JETSTREAM_STATUS_STREAM_INVALID: i32 = -403;
/// This side stopped the receiving direction before.
pub const JETSTREAM_STATUS_STREAM_STOPPED: i32 = -404;

/// Nobody in particular ended it.
pub const JETSTREAM_INITIATOR_NONE: i32 = 0;
/// This side ended it.
pub const JETSTREAM_INITIATOR_LOCAL: i32 = 1;
/// The peer ended it.
pub const JETSTREAM_INITIATOR_REMOTE: i32 = 2;

/// A stream that both sides send on.
pub const JETSTREAM_STREAM_BIDIRECTIONAL: u32 = 0;
/// A stream that only its opener sends on.
pub const JETSTREAM_STREAM_UNIDIRECTIONAL: u32 = 1;

/// Finish the sending direction when all bytes of the call were taken.
pub const JETSTREAM_SEND_FINISH: u32 = 1;

/// The server asks for no client certificate.
pub const JETSTREAM_CLIENT_AUTH_NONE: u32 = 0;
/// The server asks, and lets clients without a certificate in; a bad certificate is refused.
pub const JETSTREAM_CLIENT_AUTH_OPTIONAL: u32 = 1;
/// The server lets only clients with a certificate of its trusted issuers in.
pub const JETSTREAM_CLIENT_AUTH_REQUIRED: u32 = 2;

/// Trust the operating system's certificate authorities besides `trust_pem`.
pub const JETSTREAM_CONFIG_SYSTEM_TRUST: u32 = 1;
/// Do not use generic segmentation offload for sending.
pub const JETSTREAM_CONFIG_NO_GSO: u32 = 2;
/// Do not use generic receive offload.
pub const JETSTREAM_CONFIG_NO_GRO: u32 = 4;
/// CUBIC (RFC 9438) decides how much is under way.
pub const JETSTREAM_CONGESTION_CUBIC: u32 = 0;
/// BBR version 2 does.
pub const JETSTREAM_CONGESTION_BBR: u32 = 1;

/// Ask the caller about each verified certificate of a peer: `JETSTREAM_QUESTION_CERTIFICATE`.
pub const JETSTREAM_CONFIG_ASK_CERTIFICATE: u32 = 8;
/// Ask the caller about each client's hello: `JETSTREAM_QUESTION_HELLO`. Servers only.
pub const JETSTREAM_CONFIG_ASK_HELLO: u32 = 16;
/// The private key of the identity is the caller's alone: `JETSTREAM_QUESTION_SIGN`; `identity_key_pem` is empty.
pub const JETSTREAM_CONFIG_ASK_SIGNATURE: u32 = 32;
/// Ask servers to staple an OCSP response, and refuse those whose response is not good. Clients only.
pub const JETSTREAM_CONFIG_REQUEST_OCSP: u32 = 128;
/// Share the port with other endpoints of this process (SO_REUSEPORT); see `endpoint_index`.
pub const JETSTREAM_CONFIG_REUSE_PORT: u32 = 64;

/// Whether a client may come in: its server name and application protocols are known, nothing else.
pub const JETSTREAM_QUESTION_HELLO: u32 = 0;
/// Whether a peer may come in whose certificate chain is verified.
pub const JETSTREAM_QUESTION_CERTIFICATE: u32 = 1;
/// A signature, of which `detail` tells the scheme (RFC 8446 section 4.2.3), over data that is hashed already.
pub const JETSTREAM_QUESTION_SIGN: u32 = 2;

/// A connection's handshake is done.
pub const JETSTREAM_EVENT_OPENED: u32 = 0;
/// A connection has ended; `status`, `code` and `initiator` say why.
pub const JETSTREAM_EVENT_CLOSED: u32 = 1;
/// A handshake did not come to its end; `status`, `code` and `initiator` say why, and where this side refused the peer
/// `value` is of `JETSTREAM_REFUSED_*`.
pub const JETSTREAM_EVENT_HANDSHAKE_FAILED: u32 = 2;
/// An attempt was refused; `value` is the place of the limit among the `refused_*` of `jetstream_endpoint_info`.
pub const JETSTREAM_EVENT_REFUSED: u32 = 3;
/// The peer's address has changed to `peer`.
pub const JETSTREAM_EVENT_PATH_CHANGED: u32 = 4;
/// `value` packets were lost within one round trip, 8 or more.
pub const JETSTREAM_EVENT_LOSS_BURST: u32 = 5;
/// qlog could not be written, from now on or for some connections; `code` is errno. Told once for an endpoint.
pub const JETSTREAM_EVENT_QLOG_FAILED: u32 = 6;

// Which operation of the object with token T woke: the wake function gets T | operation. T is a multiple of 8.
/// Endpoint: a connection can be accepted.
pub const JETSTREAM_WAKE_ENDPOINT_ACCEPT: u64 = 0;
/// Endpoint: closed, all freed; or dead by a panic.
pub const JETSTREAM_WAKE_ENDPOINT_CLOSED: u64 = 1;
/// Endpoint: there is a question to take.
pub const JETSTREAM_WAKE_ENDPOINT_QUESTION: u64 = 2;
/// Endpoint: there is an event to take.
pub const JETSTREAM_WAKE_ENDPOINT_EVENT: u64 = 3;
/// Connection: a bidirectional stream can be accepted.
pub const JETSTREAM_WAKE_CONNECTION_ACCEPT_BIDIRECTIONAL: u64 = 0;
/// Connection: a unidirectional stream can be accepted.
pub const JETSTREAM_WAKE_CONNECTION_ACCEPT_UNIDIRECTIONAL: u64 = 1;
/// Connection: a bidirectional stream can be opened.
pub const JETSTREAM_WAKE_CONNECTION_OPEN_BIDIRECTIONAL: u64 = 2;
/// Connection: a unidirectional stream can be opened.
pub const JETSTREAM_WAKE_CONNECTION_OPEN_UNIDIRECTIONAL: u64 = 3;
/// Connection: the attempt to connect has an answer.
pub const JETSTREAM_WAKE_CONNECTION_CONNECT: u64 = 4;
/// Connection: it has ended.
pub const JETSTREAM_WAKE_CONNECTION_CLOSED: u64 = 5;
/// Connection: the ping has its answer.
pub const JETSTREAM_WAKE_CONNECTION_PING: u64 = 6;
/// Connection: there is a datagram.
pub const JETSTREAM_WAKE_CONNECTION_DATAGRAM: u64 = 7;
/// Stream: there is something to receive.
pub const JETSTREAM_WAKE_STREAM_RECEIVE: u64 = 0;
/// Stream: there is room to send, or the flush has an answer.
pub const JETSTREAM_WAKE_STREAM_SEND: u64 = 1;

/// Tells the caller which operations to poll again: `count` tokens, borrowed until it returns.
///
/// Called on the endpoint's own thread, outside all locks, at most once per turn of its loop. It must return
/// quickly, must not call back into the library, and must not unwind. `count` 0 is the greeting at the start of
/// the thread.
pub type jetstream_wake_fn = Option<unsafe extern "C" fn(tokens: *const u64, count: usize)>;

/// The longest request or answer of an exchange.
pub const JETSTREAM_EXCHANGE_MAX: usize = 65536;
/// What `jetstream_exchange_fn` says to a request that is to be accepted as a stream.
pub const JETSTREAM_EXCHANGE_DECLINED: isize = -1;
/// What it says when it failed: the stream is reset.
pub const JETSTREAM_EXCHANGE_FAILED: isize = -2;

/// Hands over a message of `len` bytes, which are in the endpoint's input memory until it returns.
///
/// With the token of a connection: a request of its peer. The answer is put into the output memory, and its length
/// returned, or one of `JETSTREAM_EXCHANGE_*`. With the token of a request: its answer, or a `jetstream_error` when
/// `status` is not OK; what is returned has no meaning.
///
/// Called on the endpoint's own thread, without a lock held: nothing of the endpoint goes on until it returns. It may
/// call the library; it must not wait for anything, and must not unwind.
pub type jetstream_exchange_fn =
    Option<unsafe extern "C" fn(token: u64, status: jetstream_status, len: usize) -> isize>;

/// Why a call failed; filled by the same call, only on failure. The message is UTF-8, not terminated by NUL.
#[repr(C)]
pub struct jetstream_error {
    /// The status that the call answered.
    pub status: jetstream_status,
    /// One of `JETSTREAM_INITIATOR_*`.
    pub initiator: i32,
    /// Error code of the application, of the transport, or errno, as the status says; else 0.
    pub code: u64,
    /// Used bytes of `message`.
    pub message_len: u32,
    pub reserved: u32,
    pub message: [u8; 488],
}

/// Bytes that the callee borrows until it returns; `data` may be NULL when `len` is 0.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct jetstream_bytes {
    pub data: *const u8,
    pub len: usize,
}

/// An IP address and UDP port.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct jetstream_address {
    /// Network byte order; an IPv4 address is in the first four bytes.
    pub ip: [u8; 16],
    /// Zone of a link-local IPv6 address, else 0.
    pub scope_id: u32,
    /// Host byte order.
    pub port: u16,
    /// 4 or 6.
    pub family: u8,
    pub reserved: u8,
}

/// All settings of an endpoint. `jetstream_endpoint_config_init` fills in the defaults; none is unlimited.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct jetstream_endpoint_config {
    /// `sizeof(jetstream_endpoint_config)` of the caller's header.
    pub size: u32,
    /// `JETSTREAM_CONFIG_*`; unknown bits are refused.
    pub flags: u32,
    /// Called when operations may go on; must stay valid for the life of the process.
    pub wake: jetstream_wake_fn,
    /// Token of the endpoint, a multiple of 8.
    pub token: u64,
    /// Address to bind; port 0 lets the system choose.
    pub bind: jetstream_address,
    /// Protocols by preference, each a length byte and its name (RFC 7301 section 3.1).
    pub alpn: jetstream_bytes,
    /// Own certificate chain in PEM, leaf first; a server needs it, a client has it for mutual TLS.
    pub identity_chain_pem: jetstream_bytes,
    /// Private key of the leaf, unencrypted PEM. Not kept by the library after the call.
    pub identity_key_pem: jetstream_bytes,
    /// Certificates of trusted issuers in PEM.
    pub trust_pem: jetstream_bytes,
    /// Name of a security policy of s2n-tls.
    pub security_policy: jetstream_bytes,
    /// One of `JETSTREAM_CLIENT_AUTH_*`; servers only.
    pub client_auth: u32,
    /// Longest accepted certificate chain, leaf and root counted.
    pub max_chain_depth: u32,
    /// Bytes that a peer may send on a connection before they are received here; at most 2^32-1.
    pub connection_window: u64,
    /// The same for one stream; at least 4/3 of the connection's, or resets by s2n-quic peers can end the connection.
    pub stream_window: u64,
    /// Bytes per stream that are kept for sending until the peer has acknowledged them.
    pub send_buffer: u32,
    /// Highest number of bytes in one claim.
    pub max_claim: u32,
    /// Bytes of leases that a connection may have out at once, counted by what they pin.
    pub max_leased: u64,
    /// Bytes of claims that a connection may have out at once.
    pub max_claimed: u64,
    /// Bidirectional streams that the peer may have open at once.
    pub max_remote_bidirectional: u64,
    /// Unidirectional streams that the peer may have open at once.
    pub max_remote_unidirectional: u64,
    /// Bidirectional streams that this side may have open at once.
    pub max_local_bidirectional: u64,
    /// Unidirectional streams that this side may have open at once.
    pub max_local_unidirectional: u64,
    /// Connections that a server has at once; above it attempts are refused.
    pub max_connections: u64,
    /// Handshakes that a server has under way at once; above it attempts are refused.
    pub max_handshakes: u64,
    /// Error code of the reset that a stream gets when it is freed unfinished; below 2^62.
    pub abandoned_stream_code: u64,
    pub idle_timeout_ms: u32,
    pub handshake_timeout_ms: u32,
    /// Period of keep-alive packets where keep-alive is on.
    pub keep_alive_ms: u32,
    /// Size to ask of the kernel for the socket's receive buffer; 0 leaves the system's default.
    pub socket_receive_buffer: u32,
    /// Size to ask of the kernel for the socket's send buffer; 0 leaves the system's default.
    pub socket_send_buffer: u32,
    /// Ring of received packets inside the endpoint, in bytes; mapped once per endpoint.
    pub receive_ring: u32,
    /// MTU of the first packets; at least 1228 and at most `max_mtu`.
    pub initial_mtu: u16,
    /// Largest MTU that is probed for; up to 9000.
    pub max_mtu: u16,
    /// Place of this endpoint among those that share its port.
    pub endpoint_index: u8,
    /// How many share it; with more than one, packets are steered by the index in their connection id.
    pub endpoint_count: u8,
    /// Server id in connection ids, for balancers.
    pub server_id: u16,
    /// Handshakes under way above which a server answers with Retry (RFC 9000 section 8.1.2).
    pub retry_above: u64,
    /// Connections that a server has at once with one IPv4 address, or one /64 of IPv6 addresses.
    pub max_connections_per_source: u64,
    /// Handshakes under way and connections that nobody took yet, together.
    pub max_unaccepted: u64,
    /// New connections per second, and as many at once.
    pub connection_rate: u64,
    /// The same for one IPv4 address, or one /64 of IPv6 addresses.
    pub connection_rate_per_source: u64,
    /// Bytes that `jetstream_counters.allocated_bytes` may have reached for a new connection to be let in.
    pub max_native_bytes: u64,
    /// Streams of the peer that a connection accepts per second, and as many at once.
    pub stream_rate: u64,
    /// Bytes per connection that are kept for sending until the peer has acknowledged them.
    pub max_send_buffered: u64,
    /// The same for the endpoint.
    pub max_endpoint_send_buffered: u64,
    /// Secret of at least 32 bytes that connection ids and stateless resets are derived from (RFC 9000 section 10.3);
    /// kept by a server over restarts. Empty: a secret that ends with the endpoint.
    pub reset_key: jetstream_bytes,
    /// Identities besides the first, chosen by the name that a client asks for.
    pub identities: *const jetstream_identity,
    pub identities_len: usize,
    /// Keys that each connection derives from its TLS session (RFC 8446 section 7.5).
    pub exporters: *const jetstream_exporter,
    pub exporters_len: usize,
    /// OCSP response in DER that a server staples to the first identity.
    pub identity_ocsp: jetstream_bytes,
    /// File that TLS secrets are appended to, for decoding captures; empty: none.
    pub key_log_path: jetstream_bytes,
    /// A server whose limits on connections, handshakes and rates this one shares, counting together; 0: its own.
    pub limits_of: u64,
    /// How long an answer to a question may take; without it in time it is no.
    pub question_timeout_ms: u32,
    /// One of `JETSTREAM_CONGESTION_*`.
    pub congestion_control: u32,
    /// Bytes of datagrams (RFC 9221) that a connection keeps each way; 0: it has none.
    pub datagram_buffer: u32,
    /// How long an acknowledgement may be held back (RFC 9000 section 13.2.1); 1 to 16383.
    pub max_ack_delay_ms: u32,
    /// Directory that gets a file of qlog for each connection; empty: none.
    pub qlog_directory: jetstream_bytes,
    /// Secrets of 32 to 1024 bytes, at most 16, for tickets that clients resume sessions with (RFC 8446 section 4.6.1):
    /// the first encrypts, all decrypt; none: no tickets. Servers that ask for no certificate only.
    pub ticket_keys: *const jetstream_bytes,
    pub ticket_keys_len: usize,
    /// Tickets of servers that a client keeps, to use each once; at most 1024. 0: none.
    pub max_tickets: u32,
    /// Descriptor, 3 or more, of a UDP socket that is bound already, in place of `bind`; 0: none. From success on it is
    /// the endpoint's, which closes it at its end; on failure it stays open and the caller's.
    pub inherited_socket: i32,
}
