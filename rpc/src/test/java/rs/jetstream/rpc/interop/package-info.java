/** The service that the vectors were made with, as an interface. */
@NullMarked
package rs.jetstream.rpc.interop;

import org.jspecify.annotations.NullMarked;
