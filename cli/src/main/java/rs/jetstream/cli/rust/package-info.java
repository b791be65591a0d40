/** Turns services and types that Rust declares into Java that speaks with them. */
@NullMarked
package rs.jetstream.cli.rust;

import org.jspecify.annotations.NullMarked;
