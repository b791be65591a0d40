package rs.jetstream.rpc.interop;

/** A place. */
public record Point(int x, int y) {}
