/**
 * JetStream's wire format: values, frames, the version handshake and errors, as bytes.
 *
 * <p>Values carry no names and no types: both ends must know them. Everything of more than one byte
 * is little-endian, nothing is aligned. {@link rs.jetstream.wire.Codecs} has a codec for every type
 * of the format; those of records, sealed interfaces and enums are generated at compile time.
 *
 * <p>Reading is total: any bytes give a value or a {@link rs.jetstream.wire.WireFormatException},
 * and take no more memory than a constant times what was received. Nothing here knows about
 * streams.
 */
@NullMarked
package rs.jetstream.wire;

import org.jspecify.annotations.NullMarked;
