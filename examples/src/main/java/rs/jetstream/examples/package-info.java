/** The services of the guides. */
@NullMarked
package rs.jetstream.examples;

import org.jspecify.annotations.NullMarked;
