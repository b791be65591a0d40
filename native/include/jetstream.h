// SPDX-License-Identifier: Apache-2.0
// Made by native/header from native/src: do not edit.

#ifndef JETSTREAM_H
#define JETSTREAM_H

#include <stddef.h>
#include <stdint.h>

// Version of the ABI that this library speaks; it changes when a caller must be recompiled.
#define JETSTREAM_ABI_VERSION 1

// Done; outputs are written.
#define JETSTREAM_STATUS_OK 0

// Not yet: the operation's waker is armed and its token will be handed to the wake function.
#define JETSTREAM_STATUS_PENDING 1

// An argument is out of its range, or NULL where memory is needed; the message names it.
#define JETSTREAM_STATUS_INVALID_ARGUMENT -1

// The handle was freed, or never existed.
#define JETSTREAM_STATUS_CLOSED -2

// Another thread is in a data call on the same direction.
#define JETSTREAM_STATUS_BUSY -3

// Code of the library panicked; the object is unusable, the process is well.
#define JETSTREAM_STATUS_PANICKED -4

// A failure that this version has no number for; the message describes it.
#define JETSTREAM_STATUS_INTERNAL -5

// A limit of the configuration is reached; the message names it.
#define JETSTREAM_STATUS_LIMIT -6

// The object has no such direction or role, as in receiving from a send-only stream.
#define JETSTREAM_STATUS_WRONG_KIND -7

// A struct's `size` or `flags` is of another version of the header.
#define JETSTREAM_STATUS_VERSION -8

// An exchange had no answer in its time.
#define JETSTREAM_STATUS_EXCHANGE_TIMEOUT -9

// The certificate chain is not PEM that s2n-tls accepts.
#define JETSTREAM_STATUS_TLS_CERTIFICATE -100

// The private key is not PEM that s2n-tls accepts.
#define JETSTREAM_STATUS_TLS_PRIVATE_KEY -101

// Private key and certificate do not belong together.
#define JETSTREAM_STATUS_TLS_KEY_MISMATCH -102

// The trusted certificates are not PEM that s2n-tls accepts.
#define JETSTREAM_STATUS_TLS_TRUST -103

// The security policy is unknown to s2n-tls.
#define JETSTREAM_STATUS_TLS_POLICY -104

// s2n-tls refused the configuration for another reason.
#define JETSTREAM_STATUS_TLS_CONFIG -105

// The address is in use by another socket.
#define JETSTREAM_STATUS_ADDRESS_IN_USE -200

// The address is not one of this machine's.
#define JETSTREAM_STATUS_ADDRESS_NOT_AVAILABLE -201

// The operating system denied the socket.
#define JETSTREAM_STATUS_PERMISSION_DENIED -202

// Any other failure of the operating system.
#define JETSTREAM_STATUS_IO -203

// The inherited descriptor is not a socket that an endpoint can be opened on; the message says why.
#define JETSTREAM_STATUS_BAD_SOCKET -204

// Closed without an error.
#define JETSTREAM_STATUS_CONNECTION_CLOSED -300

// Closed by a transport error of RFC 9000 section 20.1; `code` is the error code.
#define JETSTREAM_STATUS_CONNECTION_TRANSPORT -301

// Closed by the application; `code` is its error code.
#define JETSTREAM_STATUS_CONNECTION_APPLICATION -302

// The peer lost its state and said so by a stateless reset.
#define JETSTREAM_STATUS_CONNECTION_STATELESS_RESET -303

// Nothing was heard from the peer for the idle timeout.
#define JETSTREAM_STATUS_CONNECTION_IDLE_TIMEOUT -304

// No path to the peer is left.
#define JETSTREAM_STATUS_CONNECTION_NO_VALID_PATH -305

// All stream ids of the connection are used up.
#define JETSTREAM_STATUS_CONNECTION_STREAM_IDS_EXHAUSTED -306

// The handshake took longer than its timeout.
#define JETSTREAM_STATUS_CONNECTION_HANDSHAKE_TIMEOUT -307

// Closed at once without telling the peer.
#define JETSTREAM_STATUS_CONNECTION_IMMEDIATE_CLOSE -308

// The endpoint is closing, or is gone.
#define JETSTREAM_STATUS_CONNECTION_ENDPOINT_CLOSING -309

// s2n-quic refused the configuration of the connection.
#define JETSTREAM_STATUS_CONNECTION_INVALID_CONFIGURATION -310

// Ended for a reason that s2n-quic does not tell.
#define JETSTREAM_STATUS_CONNECTION_UNSPECIFIED -311

// The TLS handshake failed: `initiator` local, this side refused the peer (the message has s2n-tls's reason);
// remote, the peer refused this side and its alert is `code` - 0x100 (RFC 9001 section 4.8). 0x178: there is no
// application protocol (ALPN) in common; for other reasons peers on s2n-quic say 0x128.
#define JETSTREAM_STATUS_CONNECTION_HANDSHAKE_REFUSED -312

// The TLS handshake failed on this side: the caller, who has the private key, did not sign, or not in time.
#define JETSTREAM_STATUS_CONNECTION_NOT_SIGNED -313

// The peer reset the stream, or asked to stop sending; `code` is its error code.
#define JETSTREAM_STATUS_STREAM_RESET -400

// This side finished or reset the sending direction before.
#define JETSTREAM_STATUS_STREAM_SEND_AFTER_FINISH -401

// More than 2^62-1 bytes were sent on one stream.
#define JETSTREAM_STATUS_STREAM_MAX_DATA -402

// The connection does not know the stream any more.
#define JETSTREAM_STATUS_STREAM_INVALID -403

// This side stopped the receiving direction before.
#define JETSTREAM_STATUS_STREAM_STOPPED -404

// Nobody in particular ended it.
#define JETSTREAM_INITIATOR_NONE 0

// This side ended it.
#define JETSTREAM_INITIATOR_LOCAL 1

// The peer ended it.
#define JETSTREAM_INITIATOR_REMOTE 2

// A stream that both sides send on.
#define JETSTREAM_STREAM_BIDIRECTIONAL 0

// A stream that only its opener sends on.
#define JETSTREAM_STREAM_UNIDIRECTIONAL 1

// Finish the sending direction when all bytes of the call were taken.
#define JETSTREAM_SEND_FINISH 1

// The server asks for no client certificate.
#define JETSTREAM_CLIENT_AUTH_NONE 0

// The server asks, and lets clients without a certificate in; a bad certificate is refused.
#define JETSTREAM_CLIENT_AUTH_OPTIONAL 1

// The server lets only clients with a certificate of its trusted issuers in.
#define JETSTREAM_CLIENT_AUTH_REQUIRED 2

// Trust the operating system's certificate authorities besides `trust_pem`.
#define JETSTREAM_CONFIG_SYSTEM_TRUST 1

// Do not use generic segmentation offload for sending.
#define JETSTREAM_CONFIG_NO_GSO 2

// Do not use generic receive offload.
#define JETSTREAM_CONFIG_NO_GRO 4

// CUBIC (RFC 9438) decides how much is under way.
#define JETSTREAM_CONGESTION_CUBIC 0

// BBR version 2 does.
#define JETSTREAM_CONGESTION_BBR 1

// Ask the caller about each verified certificate of a peer: `JETSTREAM_QUESTION_CERTIFICATE`.
#define JETSTREAM_CONFIG_ASK_CERTIFICATE 8

// Ask the caller about each client's hello: `JETSTREAM_QUESTION_HELLO`. Servers only.
#define JETSTREAM_CONFIG_ASK_HELLO 16

// The private key of the identity is the caller's alone: `JETSTREAM_QUESTION_SIGN`; `identity_key_pem` is empty.
#define JETSTREAM_CONFIG_ASK_SIGNATURE 32

// Ask servers to staple an OCSP response, and refuse those whose response is not good. Clients only.
#define JETSTREAM_CONFIG_REQUEST_OCSP 128

// Share the port with other endpoints of this process (SO_REUSEPORT); see `endpoint_index`.
#define JETSTREAM_CONFIG_REUSE_PORT 64

// Whether a client may come in: its server name and application protocols are known, nothing else.
#define JETSTREAM_QUESTION_HELLO 0

// Whether a peer may come in whose certificate chain is verified.
#define JETSTREAM_QUESTION_CERTIFICATE 1

// A signature, of which `detail` tells the scheme (RFC 8446 section 4.2.3), over data that is hashed already.
#define JETSTREAM_QUESTION_SIGN 2

// A connection's handshake is done.
#define JETSTREAM_EVENT_OPENED 0

// A connection has ended; `status`, `code` and `initiator` say why.
#define JETSTREAM_EVENT_CLOSED 1

// A handshake did not come to its end; `status`, `code` and `initiator` say why, and where this side refused the peer
// `value` is of `JETSTREAM_REFUSED_*`.
#define JETSTREAM_EVENT_HANDSHAKE_FAILED 2

// An attempt was refused; `value` is the place of the limit among the `refused_*` of `jetstream_endpoint_info`.
#define JETSTREAM_EVENT_REFUSED 3

// The peer's address has changed to `peer`.
#define JETSTREAM_EVENT_PATH_CHANGED 4

// `value` packets were lost within one round trip, 8 or more.
#define JETSTREAM_EVENT_LOSS_BURST 5

// qlog could not be written, from now on or for some connections; `code` is errno. Told once for an endpoint.
#define JETSTREAM_EVENT_QLOG_FAILED 6

// Endpoint: a connection can be accepted.
#define JETSTREAM_WAKE_ENDPOINT_ACCEPT 0

// Endpoint: closed, all freed; or dead by a panic.
#define JETSTREAM_WAKE_ENDPOINT_CLOSED 1

// Endpoint: there is a question to take.
#define JETSTREAM_WAKE_ENDPOINT_QUESTION 2

// Endpoint: there is an event to take.
#define JETSTREAM_WAKE_ENDPOINT_EVENT 3

// Connection: a bidirectional stream can be accepted.
#define JETSTREAM_WAKE_CONNECTION_ACCEPT_BIDIRECTIONAL 0

// Connection: a unidirectional stream can be accepted.
#define JETSTREAM_WAKE_CONNECTION_ACCEPT_UNIDIRECTIONAL 1

// Connection: a bidirectional stream can be opened.
#define JETSTREAM_WAKE_CONNECTION_OPEN_BIDIRECTIONAL 2

// Connection: a unidirectional stream can be opened.
#define JETSTREAM_WAKE_CONNECTION_OPEN_UNIDIRECTIONAL 3

// Connection: the attempt to connect has an answer.
#define JETSTREAM_WAKE_CONNECTION_CONNECT 4

// Connection: it has ended.
#define JETSTREAM_WAKE_CONNECTION_CLOSED 5

// Connection: the ping has its answer.
#define JETSTREAM_WAKE_CONNECTION_PING 6

// Connection: there is a datagram.
#define JETSTREAM_WAKE_CONNECTION_DATAGRAM 7

// Stream: there is something to receive.
#define JETSTREAM_WAKE_STREAM_RECEIVE 0

// Stream: there is room to send, or the flush has an answer.
#define JETSTREAM_WAKE_STREAM_SEND 1

// The longest request or answer of an exchange.
#define JETSTREAM_EXCHANGE_MAX 65536

// What `jetstream_exchange_fn` says to a request that is to be accepted as a stream.
#define JETSTREAM_EXCHANGE_DECLINED -1

// What it says when it failed: the stream is reset.
#define JETSTREAM_EXCHANGE_FAILED -2

// For a reason that has no number of its own; the text tells it.
#define JETSTREAM_REFUSED_OTHER 0

// It showed no certificate.
#define JETSTREAM_REFUSED_NO_CERTIFICATE 1

// No trusted issuer vouches for it: another issuer, a certificate missing in between, or constraints that are broken.
#define JETSTREAM_REFUSED_UNTRUSTED 2

// A certificate of its chain is expired.
#define JETSTREAM_REFUSED_EXPIRED 3

// A certificate of its chain is not valid yet.
#define JETSTREAM_REFUSED_NOT_YET_VALID 4

// Its certificate names another server.
#define JETSTREAM_REFUSED_NAME 5

// Its certificate is for another purpose: the other role, an authority, or a key that may not sign.
#define JETSTREAM_REFUSED_PURPOSE 6

// Its chain is longer than `max_chain_depth`.
#define JETSTREAM_REFUSED_CHAIN_LENGTH 7

// A key or a signature in its chain is too weak for the security policy.
#define JETSTREAM_REFUSED_WEAK 8

// A certificate of its chain is damaged, or has a critical extension that is unknown.
#define JETSTREAM_REFUSED_MALFORMED 9

// It did not prove that it has the certificate's key.
#define JETSTREAM_REFUSED_NO_PROOF 10

// The caller's answer to a question was no, or came too late.
#define JETSTREAM_REFUSED_POLICY 11

// There is no application protocol in common.
#define JETSTREAM_REFUSED_ALPN 12

// What a call answers: 0 done, 1 not yet, negative a failure.
typedef int32_t jetstream_status;

// Versions that the library was built from; texts are ended by NUL.
typedef struct jetstream_library_info {
    // `sizeof(jetstream_library_info)` of the caller's header.
    uint32_t size;
    uint32_t abi_version;
    uint8_t version[32];
    uint8_t s2n_quic[32];
    uint8_t s2n_tls[32];
    uint8_t aws_lc[32];
    uint8_t target[64];
} jetstream_library_info;

// Why a call failed; filled by the same call, only on failure. The message is UTF-8, not terminated by NUL.
typedef struct jetstream_error {
    // The status that the call answered.
    jetstream_status status;
    // One of `JETSTREAM_INITIATOR_*`.
    int32_t initiator;
    // Error code of the application, of the transport, or errno, as the status says; else 0.
    uint64_t code;
    // Used bytes of `message`.
    uint32_t message_len;
    uint32_t reserved;
    uint8_t message[488];
} jetstream_error;

// Live objects of the whole library, and bytes that Rust and s2n-tls have allocated.
//
// aws-lc's own allocations, thread stacks and kernel buffers are not seen.
typedef struct jetstream_counters {
    // `sizeof(jetstream_counters)` of the caller's header.
    uint32_t size;
    uint32_t reserved;
    uint64_t endpoints;
    uint64_t connects;
    uint64_t connections;
    uint64_t streams;
    uint64_t leases;
    uint64_t claims;
    uint64_t allocated_bytes;
    // Threads of endpoints that have not ended.
    uint64_t endpoint_threads;
    // Panics that were caught at a boundary.
    uint64_t panics;
    // Of the allocated bytes, those of live connections that leases pin.
    uint64_t leased_bytes;
    // The same for claims.
    uint64_t claimed_bytes;
    // The same for what is kept until peers acknowledge it.
    uint64_t send_buffered_bytes;
} jetstream_counters;

// Tells the caller which operations to poll again: `count` tokens, borrowed until it returns.
//
// Called on the endpoint's own thread, outside all locks, at most once per turn of its loop. It must return
// quickly, must not call back into the library, and must not unwind. `count` 0 is the greeting at the start of
// the thread.
typedef void (*jetstream_wake_fn)(const uint64_t *tokens, size_t count);

// An IP address and UDP port.
typedef struct jetstream_address {
    // Network byte order; an IPv4 address is in the first four bytes.
    uint8_t ip[16];
    // Zone of a link-local IPv6 address, else 0.
    uint32_t scope_id;
    // Host byte order.
    uint16_t port;
    // 4 or 6.
    uint8_t family;
    uint8_t reserved;
} jetstream_address;

// Bytes that the callee borrows until it returns; `data` may be NULL when `len` is 0.
typedef struct jetstream_bytes {
    const uint8_t *data;
    size_t len;
} jetstream_bytes;

// A certificate chain with its key.
typedef struct jetstream_identity {
    struct jetstream_bytes chain_pem;
    struct jetstream_bytes key_pem;
    // OCSP response in DER, or empty.
    struct jetstream_bytes ocsp;
} jetstream_identity;

// What to derive from the TLS session of each connection.
typedef struct jetstream_exporter {
    struct jetstream_bytes label;
    struct jetstream_bytes context;
    // Bytes to derive; 1 to 255.
    uint32_t length;
    uint32_t reserved;
} jetstream_exporter;

// All settings of an endpoint. `jetstream_endpoint_config_init` fills in the defaults; none is unlimited.
typedef struct jetstream_endpoint_config {
    // `sizeof(jetstream_endpoint_config)` of the caller's header.
    uint32_t size;
    // `JETSTREAM_CONFIG_*`; unknown bits are refused.
    uint32_t flags;
    // Called when operations may go on; must stay valid for the life of the process.
    jetstream_wake_fn wake;
    // Token of the endpoint, a multiple of 8.
    uint64_t token;
    // Address to bind; port 0 lets the system choose.
    struct jetstream_address bind;
    // Protocols by preference, each a length byte and its name (RFC 7301 section 3.1).
    struct jetstream_bytes alpn;
    // Own certificate chain in PEM, leaf first; a server needs it, a client has it for mutual TLS.
    struct jetstream_bytes identity_chain_pem;
    // Private key of the leaf, unencrypted PEM. Not kept by the library after the call.
    struct jetstream_bytes identity_key_pem;
    // Certificates of trusted issuers in PEM.
    struct jetstream_bytes trust_pem;
    // Name of a security policy of s2n-tls.
    struct jetstream_bytes security_policy;
    // One of `JETSTREAM_CLIENT_AUTH_*`; servers only.
    uint32_t client_auth;
    // Longest accepted certificate chain, leaf and root counted.
    uint32_t max_chain_depth;
    // Bytes that a peer may send on a connection before they are received here; at most 2^32-1.
    uint64_t connection_window;
    // The same for one stream; at least 4/3 of the connection's, or resets by s2n-quic peers can end the connection.
    uint64_t stream_window;
    // Bytes per stream that are kept for sending until the peer has acknowledged them.
    uint32_t send_buffer;
    // Highest number of bytes in one claim.
    uint32_t max_claim;
    // Bytes of leases that a connection may have out at once, counted by what they pin.
    uint64_t max_leased;
    // Bytes of claims that a connection may have out at once.
    uint64_t max_claimed;
    // Bidirectional streams that the peer may have open at once.
    uint64_t max_remote_bidirectional;
    // Unidirectional streams that the peer may have open at once.
    uint64_t max_remote_unidirectional;
    // Bidirectional streams that this side may have open at once.
    uint64_t max_local_bidirectional;
    // Unidirectional streams that this side may have open at once.
    uint64_t max_local_unidirectional;
    // Connections that a server has at once; above it attempts are refused.
    uint64_t max_connections;
    // Handshakes that a server has under way at once; above it attempts are refused.
    uint64_t max_handshakes;
    // Error code of the reset that a stream gets when it is freed unfinished; below 2^62.
    uint64_t abandoned_stream_code;
    uint32_t idle_timeout_ms;
    uint32_t handshake_timeout_ms;
    // Period of keep-alive packets where keep-alive is on.
    uint32_t keep_alive_ms;
    // Size to ask of the kernel for the socket's receive buffer; 0 leaves the system's default.
    uint32_t socket_receive_buffer;
    // Size to ask of the kernel for the socket's send buffer; 0 leaves the system's default.
    uint32_t socket_send_buffer;
    // Ring of received packets inside the endpoint, in bytes; mapped once per endpoint.
    uint32_t receive_ring;
    // MTU of the first packets; at least 1228 and at most `max_mtu`.
    uint16_t initial_mtu;
    // Largest MTU that is probed for; up to 9000.
    uint16_t max_mtu;
    // Place of this endpoint among those that share its port.
    uint8_t endpoint_index;
    // How many share it; with more than one, packets are steered by the index in their connection id.
    uint8_t endpoint_count;
    // Server id in connection ids, for balancers.
    uint16_t server_id;
    // Handshakes under way above which a server answers with Retry (RFC 9000 section 8.1.2).
    uint64_t retry_above;
    // Connections that a server has at once with one IPv4 address, or one /64 of IPv6 addresses.
    uint64_t max_connections_per_source;
    // Handshakes under way and connections that nobody took yet, together.
    uint64_t max_unaccepted;
    // New connections per second, and as many at once.
    uint64_t connection_rate;
    // The same for one IPv4 address, or one /64 of IPv6 addresses.
    uint64_t connection_rate_per_source;
    // Bytes that `jetstream_counters.allocated_bytes` may have reached for a new connection to be let in.
    uint64_t max_native_bytes;
    // Streams of the peer that a connection accepts per second, and as many at once.
    uint64_t stream_rate;
    // Bytes per connection that are kept for sending until the peer has acknowledged them.
    uint64_t max_send_buffered;
    // The same for the endpoint.
    uint64_t max_endpoint_send_buffered;
    // Secret of at least 32 bytes that connection ids and stateless resets are derived from (RFC 9000 section 10.3);
    // kept by a server over restarts. Empty: a secret that ends with the endpoint.
    struct jetstream_bytes reset_key;
    // Identities besides the first, chosen by the name that a client asks for.
    const struct jetstream_identity *identities;
    size_t identities_len;
    // Keys that each connection derives from its TLS session (RFC 8446 section 7.5).
    const struct jetstream_exporter *exporters;
    size_t exporters_len;
    // OCSP response in DER that a server staples to the first identity.
    struct jetstream_bytes identity_ocsp;
    // File that TLS secrets are appended to, for decoding captures; empty: none.
    struct jetstream_bytes key_log_path;
    // A server whose limits on connections, handshakes and rates this one shares, counting together; 0: its own.
    uint64_t limits_of;
    // How long an answer to a question may take; without it in time it is no.
    uint32_t question_timeout_ms;
    // One of `JETSTREAM_CONGESTION_*`.
    uint32_t congestion_control;
    // Bytes of datagrams (RFC 9221) that a connection keeps each way; 0: it has none.
    uint32_t datagram_buffer;
    // How long an acknowledgement may be held back (RFC 9000 section 13.2.1); 1 to 16383.
    uint32_t max_ack_delay_ms;
    // Directory that gets a file of qlog for each connection; empty: none.
    struct jetstream_bytes qlog_directory;
    // Secrets of 32 to 1024 bytes, at most 16, for tickets that clients resume sessions with (RFC 8446 section 4.6.1):
    // the first encrypts, all decrypt; none: no tickets. Servers that ask for no certificate only.
    const struct jetstream_bytes *ticket_keys;
    size_t ticket_keys_len;
    // Tickets of servers that a client keeps, to use each once; at most 1024. 0: none.
    uint32_t max_tickets;
    // Descriptor, 3 or more, of a UDP socket that is bound already, in place of `bind`; 0: none. From success on it is
    // the endpoint's, which closes it at its end; on failure it stays open and the caller's.
    int32_t inherited_socket;
} jetstream_endpoint_config;

// What an endpoint has; numbers are of the moment.
typedef struct jetstream_endpoint_info {
    // `sizeof(jetstream_endpoint_info)` of the caller's header.
    uint32_t size;
    uint32_t reserved;
    struct jetstream_address local_address;
    // What the kernel granted, in bytes.
    uint64_t socket_receive_buffer;
    uint64_t socket_send_buffer;
    // Connections now, handshakes included.
    uint64_t connections;
    // Handshakes that failed.
    uint64_t handshakes_failed;
    // Datagrams of attempts that were answered with Retry; an attempt has one or two.
    uint64_t retries;
    // Datagrams of attempts that were refused, by the limit that was reached: `max_connections`.
    uint64_t refused_connections;
    // `max_connections_per_source`.
    uint64_t refused_connections_per_source;
    // `max_handshakes`.
    uint64_t refused_handshakes;
    // `max_unaccepted`.
    uint64_t refused_unaccepted;
    // `connection_rate`.
    uint64_t refused_rate;
    // `connection_rate_per_source`.
    uint64_t refused_rate_per_source;
    // `max_native_bytes`.
    uint64_t refused_native_bytes;
    // `jetstream_server_deny`.
    uint64_t refused_address;
    // Retry tokens that were forged, too old, of another address, or used before.
    uint64_t refused_token;
    // `jetstream_server_drain`.
    uint64_t refused_draining;
    // Connections whose handshake is done, since the start.
    uint64_t established;
    // Stateless resets that were sent.
    uint64_t stateless_resets;
    uint64_t datagrams_sent;
    uint64_t datagrams_received;
    uint64_t bytes_sent;
    uint64_t bytes_received;
    // Datagrams that belong to no connection, or break the protocol.
    uint64_t datagrams_dropped;
    uint64_t packets_lost;
    // Bytes that are kept for sending.
    uint64_t send_buffered;
    // Events that were dropped because nobody took them.
    uint64_t events_dropped;
    // Records of qlog that were dropped because they came faster than they were written.
    uint64_t qlog_dropped;
    // Of the failed handshakes those that were refused for each of `JETSTREAM_REFUSED_*`.
    uint64_t handshakes_refused[13];
} jetstream_endpoint_info;

// A handshake that this server refused.
typedef struct jetstream_refusal {
    // `sizeof(jetstream_refusal)` of the caller's header.
    uint32_t size;
    // Used bytes of `reason`.
    uint32_t reason_len;
    // Claimed address of the client.
    struct jetstream_address peer;
    // In words, UTF-8.
    uint8_t reason[200];
    // `JETSTREAM_REFUSED_*`.
    uint32_t cause;
    uint32_t reserved;
} jetstream_refusal;

// Something that happened on an endpoint.
typedef struct jetstream_event {
    // `sizeof(jetstream_event)` of the caller's header.
    uint32_t size;
    // One of `JETSTREAM_EVENT_*`.
    uint32_t kind;
    // Number of the connection within its endpoint; 0 where there is none.
    uint64_t connection;
    struct jetstream_address peer;
    jetstream_status status;
    int32_t initiator;
    uint64_t code;
    uint64_t value;
    // Nanoseconds from the connection's first packet to the event.
    uint64_t elapsed_ns;
} jetstream_event;

// Something that the caller decides during a handshake. The data is got by `jetstream_endpoint_question_data`.
typedef struct jetstream_question {
    // `sizeof(jetstream_question)` of the caller's header.
    uint32_t size;
    // One of `JETSTREAM_QUESTION_*`.
    uint32_t kind;
    // For the answer.
    uint64_t id;
    // Address of the peer.
    struct jetstream_address peer;
    // Scheme of a signature (RFC 8446 section 4.2.3).
    uint32_t detail;
    // Used bytes of `server_name`.
    uint32_t server_name_len;
    // Server name that the client asked for.
    uint8_t server_name[256];
    // Bytes of data: protocols, each a length byte and its name; certificates in DER, leaf first; or a digest.
    uint64_t data_len;
} jetstream_question;

// What the TLS handshake of a connection agreed on. Texts are UTF-8 and ended by NUL.
typedef struct jetstream_tls_info {
    // `sizeof(jetstream_tls_info)` of the caller's header.
    uint32_t size;
    // QUIC version on the wire (1: RFC 9000).
    uint32_t quic_version;
    uint8_t cipher_suite[64];
    uint8_t key_exchange_group[64];
    // 1 when the key exchange holds a post-quantum KEM.
    uint32_t post_quantum;
    // Used bytes of `alpn`.
    uint32_t alpn_len;
    uint8_t alpn[256];
    // Empty when the session was resumed.
    uint8_t signature_scheme[64];
    // Server name that the client asked for; empty when it asked for none.
    uint8_t server_name[256];
    // 1 when the session was resumed: the server proved itself when the session began, not now.
    uint32_t resumed;
} jetstream_tls_info;

// Numbers of a connection, of the moment.
typedef struct jetstream_connection_stats {
    // `sizeof(jetstream_connection_stats)` of the caller's header.
    uint32_t size;
    // State of explicit congestion notification: 0 testing or unknown, 1 failed, 2 capable.
    uint32_t ecn;
    // Number of the connection within its endpoint, as in events.
    uint64_t connection;
    uint64_t datagrams_sent;
    uint64_t datagrams_received;
    // Payload of UDP.
    uint64_t bytes_sent;
    uint64_t bytes_received;
    uint64_t packets_sent;
    uint64_t packets_received;
    uint64_t packets_lost;
    uint64_t bytes_lost;
    // Data of streams that the peer has acknowledged.
    uint64_t stream_bytes_sent;
    // Data of streams that has arrived in order.
    uint64_t stream_bytes_received;
    uint64_t latest_rtt_ns;
    uint64_t smoothed_rtt_ns;
    uint64_t min_rtt_ns;
    uint64_t rtt_variance_ns;
    uint64_t congestion_window;
    uint64_t bytes_in_flight;
    // Times that the congestion window was reduced.
    uint64_t congestion_events;
    // Largest UDP payload that is sent.
    uint64_t mtu;
    // Times that the peer's address changed.
    uint64_t path_changes;
    // From the first packet to the end of the handshake; 0 before.
    uint64_t handshake_ns;
    // Bytes that are kept for sending.
    uint64_t send_buffered;
    // Packets that were sent because acknowledgements stayed away (RFC 9002 section 6.2).
    uint64_t probes_sent;
    // Streams that the caller holds.
    uint64_t streams;
    // The same since the start.
    uint64_t streams_ever;
} jetstream_connection_stats;

// Datagrams of a connection.
typedef struct jetstream_datagram_stats {
    // `sizeof(jetstream_datagram_stats)` of the caller's header.
    uint32_t size;
    uint32_t reserved;
    // Bytes of the largest that the peer takes; 0: it takes none. What a packet carries on the path may be less.
    uint64_t largest;
    uint64_t sent;
    uint64_t received;
    // Refused for lack of room, or too large for the path.
    uint64_t dropped_sending;
    // Came, and made room for newer ones before they were taken.
    uint64_t dropped_receiving;
} jetstream_datagram_stats;

// What the peer announced in its handshake (RFC 9000 section 18.2).
typedef struct jetstream_transport_parameters {
    // `sizeof(jetstream_transport_parameters)` of the caller's header.
    uint32_t size;
    // 1 where the peer forbids that this side moves to another address, else 0.
    uint32_t disable_active_migration;
    // 0: no timeout.
    uint64_t max_idle_timeout_ms;
    uint64_t max_udp_payload_size;
    // For streams that the peer opens.
    uint64_t initial_max_stream_data_bidi_local;
    // For streams that this side opens.
    uint64_t initial_max_stream_data_bidi_remote;
    uint64_t initial_max_stream_data_uni;
    uint64_t initial_max_streams_bidi;
    uint64_t initial_max_streams_uni;
    uint64_t max_ack_delay_ms;
    uint64_t active_connection_id_limit;
    // 0: it takes no datagrams (RFC 9221 section 3).
    uint64_t max_datagram_frame_size;
} jetstream_transport_parameters;

// Hands over a message of `len` bytes, which are in the endpoint's input memory until it returns.
//
// With the token of a connection: a request of its peer. The answer is put into the output memory, and its length
// returned, or one of `JETSTREAM_EXCHANGE_*`. With the token of a request: its answer, or a `jetstream_error` when
// `status` is not OK; what is returned has no meaning.
//
// Called on the endpoint's own thread, without a lock held: nothing of the endpoint goes on until it returns. It may
// call the library; it must not wait for anything, and must not unwind.
typedef ptrdiff_t (*jetstream_exchange_fn)(uint64_t token, jetstream_status status, size_t len);

// One received chunk; `data` is read-only and valid until its lease is freed.
typedef struct jetstream_chunk {
    const uint8_t *data;
    size_t len;
} jetstream_chunk;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The version of this ABI; compare it with `JETSTREAM_ABI_VERSION` before anything else.
//
// Thread safety: any thread.
uint32_t jetstream_abi_version(void);

// Tells what the library was built from. `out_info->size` is set by the caller.
//
// Thread safety: any thread.
jetstream_status jetstream_library_describe(struct jetstream_library_info *out_info, struct jetstream_error *err);

// Counts live objects and allocated bytes. `out_counters->size` is set by the caller.
//
// Thread safety: any thread.
jetstream_status jetstream_counters_read(struct jetstream_counters *out_counters, struct jetstream_error *err);

// Lists the sizes and offsets of all structs as UTF-8 text, a line `struct size` or `struct.field offset` each.
//
// The text is the library's and stays. Thread safety: any thread.
jetstream_status jetstream_layouts(const uint8_t **out_text, size_t *out_text_len, struct jetstream_error *err);

// Stops all waking, for good: for the end of the process, when the caller's wake function may not run any more.
//
// Thread safety: any thread.
jetstream_status jetstream_stop_waking(struct jetstream_error *err);

// Fills in the defaults. The texts that it points to are the library's and stay.
//
// `size` is the caller's `sizeof(jetstream_endpoint_config)`. Thread safety: any thread.
jetstream_status jetstream_endpoint_config_init(uint32_t size,
                                                struct jetstream_endpoint_config *out_config,
                                                struct jetstream_error *err);

// Binds a server and starts its thread. The certificate and key are checked before anything is bound.
//
// Borrows `config` and all it points to until return. Returns ownership of `out_endpoint`:
// `jetstream_endpoint_close`, then `jetstream_endpoint_free`. Thread safety: any thread.
jetstream_status jetstream_server_open(const struct jetstream_endpoint_config *config,
                                       uint64_t *out_endpoint,
                                       struct jetstream_error *err);

// Binds a client's socket and starts its thread; one client serves any number of connections.
//
// Borrows `config` and all it points to until return. Returns ownership of `out_endpoint`:
// `jetstream_endpoint_close`, then `jetstream_endpoint_free`. Thread safety: any thread.
jetstream_status jetstream_client_open(const struct jetstream_endpoint_config *config,
                                       uint64_t *out_endpoint,
                                       struct jetstream_error *err);

// Tells the address of the socket behind an inherited descriptor, when an endpoint can be opened on it, else
// `BAD_SOCKET`. The descriptor stays the caller's, and nothing is changed on it.
//
// Thread safety: any thread.
jetstream_status jetstream_socket_inspect(int32_t descriptor,
                                          struct jetstream_address *out_address,
                                          struct jetstream_error *err);

// Tells address, socket buffers and counts. `out_info->size` is set by the caller.
//
// Thread safety: any thread.
jetstream_status jetstream_endpoint_describe(uint64_t endpoint,
                                             struct jetstream_endpoint_info *out_info,
                                             struct jetstream_error *err);

// Takes the oldest handshake that was refused and not taken yet; `PENDING` when there is none (nothing wakes then).
//
// The last 256 are kept. `out_refusal->size` is set by the caller. Thread safety: any thread.
jetstream_status jetstream_server_take_refusal(uint64_t endpoint,
                                               struct jetstream_refusal *out_refusal,
                                               struct jetstream_error *err);

// Takes the next connection whose handshake is done, and gives it `token`, a multiple of 8.
//
// `PENDING` arms the server's `ACCEPT`. Returns ownership of `out_connection`: `jetstream_connection_free`.
// Thread safety: one thread at a time, else `BUSY`.
jetstream_status jetstream_server_poll_accept(uint64_t endpoint,
                                              uint64_t token,
                                              uint64_t *out_connection,
                                              struct jetstream_error *err);

// Begins to connect to `peer`, whose certificate must name `server_name` (a DNS name or an IP address in text).
//
// The connection will have `token`, a multiple of 8. Borrows `peer` and `server_name` until return. Returns
// ownership of `out_connect`: `jetstream_connect_poll` ends it, or `jetstream_connect_free`.
// Thread safety: any thread.
jetstream_status jetstream_client_connect(uint64_t endpoint,
                                          const struct jetstream_address *peer,
                                          const uint8_t *server_name,
                                          size_t server_name_len,
                                          uint64_t token,
                                          uint64_t *out_connect,
                                          struct jetstream_error *err);

// Ready when the peer has confirmed the handshake, which in mutual TLS means: has accepted this side's certificate.
//
// `PENDING` arms `CONNECT` of the token given. Any other answer consumes `connect`; OK returns ownership of
// `out_connection`: `jetstream_connection_free`. Thread safety: one thread at a time, else `BUSY`.
jetstream_status jetstream_connect_poll(uint64_t connect, uint64_t *out_connection, struct jetstream_error *err);

// Gives up an attempt to connect. Twice, or after its answer, does nothing. Thread safety: any thread.
jetstream_status jetstream_connect_free(uint64_t connect);

// Refuses new work and closes all connections of the endpoint with `code`, below 2^62; after `drain_ms`
// milliseconds at most the endpoint ends, whatever its peers do. Again does nothing. Thread safety: any thread.
jetstream_status jetstream_endpoint_close(uint64_t endpoint,
                                          uint64_t code,
                                          uint32_t drain_ms,
                                          struct jetstream_error *err);

// Ready when the endpoint's thread has given back socket and memory: its port can be bound again.
//
// `PENDING` arms the endpoint's `CLOSED`, which a panic of the endpoint fires as well.
// Thread safety: one thread at a time.
jetstream_status jetstream_endpoint_poll_closed(uint64_t endpoint, struct jetstream_error *err);

// Gives the endpoint's number back, and ends the endpoint if it was not closed. Twice does nothing.
//
// Thread safety: any thread.
jetstream_status jetstream_endpoint_free(uint64_t endpoint);

// Makes new handshakes with identity, trust, policy and protocols of `config`; connections that are there keep theirs,
// and everything else in `config` is only checked. On failure nothing changes.
//
// Borrows `config` and all it points to until return. Thread safety: any thread.
jetstream_status jetstream_endpoint_reload(uint64_t endpoint,
                                           const struct jetstream_endpoint_config *config,
                                           struct jetstream_error *err);

// Refuses all new connections from now on; those that are there go on. Again does nothing. Thread safety: any thread.
jetstream_status jetstream_server_drain(uint64_t endpoint, struct jetstream_error *err);

// Answers no first packet from `blocks` of addresses from now on, and forgets the blocks of the call before. In each
// the place of the port holds the number of leading bits that count.
//
// Borrows `blocks` until return. Thread safety: any thread.
jetstream_status jetstream_server_deny(uint64_t endpoint,
                                       const struct jetstream_address *blocks,
                                       size_t blocks_len,
                                       struct jetstream_error *err);

// Keeps events of `kinds`, a bit 1 << `JETSTREAM_EVENT_*` each, from now on; 0, at first, keeps none and costs nothing.
//
// Thread safety: any thread.
jetstream_status jetstream_endpoint_want_events(uint64_t endpoint, uint32_t kinds, struct jetstream_error *err);

// Takes the oldest event; `PENDING` arms the endpoint's `EVENT`. Of events that nobody takes 4096 are kept.
//
// `out_event->size` is set by the caller. Thread safety: one thread at a time.
jetstream_status jetstream_endpoint_poll_event(uint64_t endpoint,
                                               struct jetstream_event *out_event,
                                               struct jetstream_error *err);

// Takes the oldest question whose handshake waits; `PENDING` arms the endpoint's `QUESTION`.
//
// `out_question->size` is set by the caller. Thread safety: one thread at a time.
jetstream_status jetstream_endpoint_poll_question(uint64_t endpoint,
                                                  struct jetstream_question *out_question,
                                                  struct jetstream_error *err);

// Copies the data of a question that waits, `data_len` bytes; `CLOSED` when its handshake waits no more.
//
// Thread safety: any thread.
jetstream_status jetstream_endpoint_question_data(uint64_t endpoint,
                                                  uint64_t question,
                                                  uint8_t *out_buffer,
                                                  size_t buffer_len,
                                                  size_t *out_needed_len,
                                                  struct jetstream_error *err);

// Answers a question: with `yes` 0 the handshake fails. To `JETSTREAM_QUESTION_SIGN` `data` is the signature. `CLOSED`
// when it was answered before, or its handshake waits no more.
//
// Borrows `data` until return. Thread safety: any thread.
jetstream_status jetstream_endpoint_answer(uint64_t endpoint,
                                           uint64_t question,
                                           uint32_t yes,
                                           const uint8_t *data,
                                           size_t data_len,
                                           struct jetstream_error *err);

// Opens a stream of `kind`, gives it `token`, a multiple of 8, and sends what there is room for of `data`.
//
// `flags` of `JETSTREAM_SEND_FINISH` finishes the stream when all of `data` was taken. `PENDING`, when the peer's
// limit of open streams is reached, arms `OPEN_*` of the connection and has taken nothing. Borrows `data` until
// return. Returns ownership of `out_stream`: `jetstream_stream_free`.
// Thread safety: one thread at a time per kind, else `BUSY`.
jetstream_status jetstream_connection_poll_open(uint64_t connection,
                                                uint32_t kind,
                                                uint64_t token,
                                                const uint8_t *data,
                                                size_t data_len,
                                                uint32_t flags,
                                                uint64_t *out_stream,
                                                uint64_t *out_stream_id,
                                                size_t *out_accepted,
                                                struct jetstream_error *err);

// Takes the next stream of `kind` that the peer opened, and gives it `token`, a multiple of 8.
//
// `PENDING` arms `ACCEPT_*` of the connection. Returns ownership of `out_stream`: `jetstream_stream_free`.
// Thread safety: one thread at a time per kind, else `BUSY`.
jetstream_status jetstream_connection_poll_accept(uint64_t connection,
                                                  uint32_t kind,
                                                  uint64_t token,
                                                  uint64_t *out_stream,
                                                  uint64_t *out_stream_id,
                                                  struct jetstream_error *err);

// Closes the connection with `code`, below 2^62, and tells the peer. Streams end at once. Again does nothing.
//
// Thread safety: any thread.
jetstream_status jetstream_connection_close(uint64_t connection, uint64_t code, struct jetstream_error *err);

// Never OK: `PENDING`, arming `CLOSED` of the connection, while it lives; then the failure that tells why it ended.
//
// Thread safety: one thread at a time.
jetstream_status jetstream_connection_poll_closed(uint64_t connection, struct jetstream_error *err);

// Gives the connection's number back, and closes the connection with code 0 if it was not closed. Its streams
// keep their numbers until they are freed. Twice does nothing. Thread safety: any thread.
jetstream_status jetstream_connection_free(uint64_t connection);

// The addresses of both ends as they are now: a peer's can change (RFC 9000 section 9).
//
// Thread safety: any thread.
jetstream_status jetstream_connection_addresses(uint64_t connection,
                                                struct jetstream_address *out_local,
                                                struct jetstream_address *out_peer,
                                                struct jetstream_error *err);

// Switches keep-alive packets on or off; the period is the configuration's. Off at first.
//
// Thread safety: any thread.
jetstream_status jetstream_connection_keep_alive(uint64_t connection, uint32_t enabled, struct jetstream_error *err);

// What the TLS handshake agreed on. `out_info->size` is set by the caller. Thread safety: any thread.
jetstream_status jetstream_connection_tls(uint64_t connection,
                                          struct jetstream_tls_info *out_info,
                                          struct jetstream_error *err);

// The peer's certificate chain as it was validated, leaf first, up to the trusted issuer, each certificate in DER,
// one after the other; nothing where it showed none. Writes `out_needed_len` always, and the bytes only when all of
// them fit into `buffer_len`.
//
// Thread safety: any thread.
jetstream_status jetstream_connection_peer_chain(uint64_t connection,
                                                 uint8_t *out_buffer,
                                                 size_t buffer_len,
                                                 size_t *out_needed_len,
                                                 struct jetstream_error *err);

// Reads the numbers of the connection. `out_stats->size` is set by the caller. Thread safety: any thread.
jetstream_status jetstream_connection_stats_read(uint64_t connection,
                                                 struct jetstream_connection_stats *out_stats,
                                                 struct jetstream_error *err);

// Sends a PING; `out_packet` is for `jetstream_connection_poll_ping`. Thread safety: any thread.
jetstream_status jetstream_connection_ping(uint64_t connection, uint64_t *out_packet, struct jetstream_error *err);

// Ready when the peer has acknowledged something that was sent after the ping began; `PENDING` arms `PING`.
//
// Thread safety: one thread at a time.
jetstream_status jetstream_connection_poll_ping(uint64_t connection, uint64_t packet, struct jetstream_error *err);

// Queues a datagram (RFC 9221), which may get lost; writes 0 to `out_taken` when there is no room for it.
//
// Borrows `data` until return. Thread safety: any thread.
jetstream_status jetstream_connection_send_datagram(uint64_t connection,
                                                    const uint8_t *data,
                                                    size_t data_len,
                                                    uint32_t *out_taken,
                                                    struct jetstream_error *err);

// Takes the next datagram, and tells its length; what is more than `buffer_len` is cut off.
//
// `PENDING` arms `DATAGRAM` of the connection. Thread safety: one thread at a time.
jetstream_status jetstream_connection_poll_receive_datagram(uint64_t connection,
                                                            uint8_t *out_buffer,
                                                            size_t buffer_len,
                                                            size_t *out_len,
                                                            struct jetstream_error *err);

// Reads the numbers of the connection's datagrams. `out_stats->size` is set by the caller. Thread safety: any thread.
jetstream_status jetstream_connection_datagram_stats_read(uint64_t connection,
                                                          struct jetstream_datagram_stats *out_stats,
                                                          struct jetstream_error *err);

// The key that exporter `index` of the configuration derived; nothing where the handshake gave none. Writes
// `out_needed_len` always, and the bytes only when all of them fit into `buffer_len`.
//
// Thread safety: any thread.
jetstream_status jetstream_connection_exported(uint64_t connection,
                                               size_t index,
                                               uint8_t *out_buffer,
                                               size_t buffer_len,
                                               size_t *out_needed_len,
                                               struct jetstream_error *err);

// What the peer announced in its handshake. `out_parameters->size` is set by the caller. Thread safety: any thread.
jetstream_status jetstream_connection_peer_parameters(uint64_t connection,
                                                      struct jetstream_transport_parameters *out_parameters,
                                                      struct jetstream_error *err);

// Copies as much of `data` as there is room for and says in `out_accepted` how much that was.
//
// `flags` of `JETSTREAM_SEND_FINISH` finishes the direction when all was taken. `PENDING`, with nothing taken, arms
// `SEND`. Borrows `data` until return. Thread safety: one thread at a time per direction, else `BUSY`.
jetstream_status jetstream_stream_poll_send(uint64_t stream,
                                            const uint8_t *data,
                                            size_t data_len,
                                            uint32_t flags,
                                            size_t *out_accepted,
                                            struct jetstream_error *err);

// Ends the sending direction cleanly: the peer receives all that was sent, then the end. Again does nothing.
//
// Thread safety: any thread.
jetstream_status jetstream_stream_finish(uint64_t stream, struct jetstream_error *err);

// Ready when the peer has acknowledged all that was sent, and the end if the direction was finished.
//
// `PENDING` arms `SEND`. Thread safety: one thread at a time per direction, else `BUSY`.
jetstream_status jetstream_stream_poll_flush(uint64_t stream, struct jetstream_error *err);

// Ends the sending direction abruptly and drops what is not sent: the peer's receiving fails with `code`, below 2^62.
//
// The waiter of this direction on this side is not woken: the caller wakes it. Thread safety: any thread.
jetstream_status jetstream_stream_reset(uint64_t stream, uint64_t code, struct jetstream_error *err);

// Ends the receiving direction: drops what has arrived and asks the peer to reset with `code`, below 2^62.
//
// The waiter of this direction on this side is not woken: the caller wakes it. Thread safety: any thread.
jetstream_status jetstream_stream_stop_sending(uint64_t stream, uint64_t code, struct jetstream_error *err);

// Copies what has arrived into `out_data`. `out_end` is 1 when the peer's clean end was reached with it, else 0.
//
// OK has received something, or is the end, or was asked for no bytes. `PENDING` arms `RECEIVE`.
// Thread safety: one thread at a time per direction, else `BUSY`.
jetstream_status jetstream_stream_poll_receive_copy(uint64_t stream,
                                                    uint8_t *out_data,
                                                    size_t data_len,
                                                    size_t *out_received,
                                                    uint32_t *out_end,
                                                    struct jetstream_error *err);

// Gives the stream's number back. A sending direction that was not finished is reset, a receiving direction that
// has not ended is stopped, both with the configuration's `abandoned_stream_code`: half a message never looks whole.
// Twice does nothing. Thread safety: any thread.
jetstream_status jetstream_stream_free(uint64_t stream);

// Tells an endpoint where the messages of exchanges are handed over: through `input` and `output`, of `len` bytes
// each, at most `JETSTREAM_EXCHANGE_MAX`.
//
// Once per endpoint; again is an error. Keeps the memory until the endpoint is closed. Thread safety: any thread.
jetstream_status jetstream_endpoint_exchanges(uint64_t endpoint,
                                              jetstream_exchange_fn call,
                                              uint8_t *input,
                                              uint8_t *output,
                                              size_t len,
                                              struct jetstream_error *err);

// Hands the peer's requests over with the connection's token from now on: bidirectional streams whose peer sends all
// at once, and not more than fits. Others are accepted as before, as are those that are declined.
//
// Once per connection; again is an error. Thread safety: one thread at a time, and none that accepts, else `BUSY`.
jetstream_status jetstream_connection_answer(uint64_t connection, struct jetstream_error *err);

// Sends `data` as all of a new bidirectional stream; the answer is handed over with `token`, a multiple of 8, once.
//
// When the endpoint ends before, `token` is woken instead. Borrows `data` until return. Thread safety: any thread.
jetstream_status jetstream_connection_request(uint64_t connection,
                                              uint64_t token,
                                              const uint8_t *data,
                                              size_t data_len,
                                              uint32_t timeout_ms,
                                              struct jetstream_error *err);

// Takes up to `chunks_len` received chunks, at most 32, where s2n-quic put them.
//
// `out_end` is 1 when the peer's clean end was reached with them, else 0. `out_lease` is 0 when there are no chunks,
// which is only at the end. `PENDING` arms `RECEIVE`. Returns ownership of `out_lease`: `jetstream_lease_free`;
// until then the chunks may be read, on any thread. Thread safety: one thread at a time per direction, else `BUSY`.
jetstream_status jetstream_stream_poll_receive(uint64_t stream,
                                               struct jetstream_chunk *out_chunks,
                                               size_t chunks_len,
                                               size_t *out_count,
                                               uint32_t *out_end,
                                               uint64_t *out_lease,
                                               struct jetstream_error *err);

// Gives the chunks of a lease back. Twice does nothing. Thread safety: any thread.
jetstream_status jetstream_lease_free(uint64_t lease);

// Lends `len` bytes of zeroed memory for writing, to be sent on `stream` without a copy.
//
// Returns ownership of `out_claim`: `jetstream_stream_poll_commit` or `jetstream_claim_free`; until then `out_data`
// may be written. Thread safety: any thread.
jetstream_status jetstream_stream_claim(uint64_t stream,
                                        size_t len,
                                        uint8_t **out_data,
                                        uint64_t *out_claim,
                                        struct jetstream_error *err);

// Sends the first `len` bytes of a claim of the same connection; `flags` as in `jetstream_stream_poll_send`.
//
// OK consumes `claim`: its memory must not be touched any more. `PENDING` arms `SEND`. It and every failure leave the
// claim, whose memory stays valid until it is freed.
// Thread safety: one thread at a time per direction, else `BUSY`.
jetstream_status jetstream_stream_poll_commit(uint64_t stream,
                                              uint64_t claim,
                                              size_t len,
                                              uint32_t flags,
                                              struct jetstream_error *err);

// Gives a claim back unsent. Twice, or after its commit, does nothing. Thread safety: any thread.
jetstream_status jetstream_claim_free(uint64_t claim);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* JETSTREAM_H */
