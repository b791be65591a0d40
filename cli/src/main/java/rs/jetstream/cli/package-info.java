/** The {@code jetstream} command and its subcommands. */
@NullMarked
package rs.jetstream.cli;

import org.jspecify.annotations.NullMarked;
