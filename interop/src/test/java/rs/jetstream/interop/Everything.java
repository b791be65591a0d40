package rs.jetstream.interop;

/** Every type of the wire format. */
public record Everything(
    Scalars scalars,
    Texts texts,
    Collections collections,
    Addresses addresses,
    Shape shape,
    Color color) {}
