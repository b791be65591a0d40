package rs.jetstream.benchmarks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import rs.jetstream.rpc.JetStreamService;
import rs.jetstream.wire.Data;

/** What unary calls are measured by. */
@JetStreamService(version = "rs.jetstream.proto/echo/1.0.0")
public interface Echo {
  /** Gives back what it gets. */
  @Data
  MemorySegment echo(@Data MemorySegment data) throws IOException;
}
