/**
 * The annotation processor.
 *
 * <p>It knows the annotations and the runtime by name only, and depends on nothing.
 */
@NullMarked
package rs.jetstream.rpc.processor;

import org.jspecify.annotations.NullMarked;
