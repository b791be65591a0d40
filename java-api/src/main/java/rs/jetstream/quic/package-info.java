/** QUIC endpoints, connections, streams, TLS, limits and framing. */
@NullMarked
package rs.jetstream.quic;

import org.jspecify.annotations.NullMarked;
