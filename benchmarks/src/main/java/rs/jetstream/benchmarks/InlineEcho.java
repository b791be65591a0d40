package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import rs.jetstream.rpc.JetStreamService;
import rs.jetstream.rpc.NonBlocking;
import rs.jetstream.wire.Data;

/** {@link Echo}, where the packets are. */
@JetStreamService(version = "rs.jetstream.proto/inline_echo/1.0.0")
public interface InlineEcho {
  /** Gives back what it gets. */
  @NonBlocking
  @Data
  MemorySegment echo(@Data MemorySegment data) throws IOException;
}
