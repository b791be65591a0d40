package rs.jetstream.wire;

import java.util.Comparator;

/**
 * A codec of a type with an order: what keys of maps and members of sets need, as both are written
 * in ascending order.
 *
 * <p>The order is that of the format, not of the class: text by its UTF-8 bytes, unsigned numbers
 * unsigned, records field by field, variants by their index.
 *
 * @param <T> the type of the values
 */
public interface KeyCodec<T> extends Codec<T>, Comparator<T> {}
