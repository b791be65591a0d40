/** The guide's first service. */
@NullMarked
package rs.jetstream.examples;

import org.jspecify.annotations.NullMarked;
