/** Services over JetStream: what generated code is made of, the client and the server. */
@NullMarked
package rs.jetstream.rpc;

import org.jspecify.annotations.NullMarked;
