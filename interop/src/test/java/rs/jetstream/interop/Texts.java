package rs.jetstream.interop;

import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Instant;
import rs.jetstream.wire.Data;
import rs.jetstream.wire.VecU8;

/** Texts and bytes. */
public record Texts(
    String text, URI link, Instant time, @Data ByteBuffer data, @VecU8 ByteBuffer bytes) {}
