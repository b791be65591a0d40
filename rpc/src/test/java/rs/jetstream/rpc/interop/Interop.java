package rs.jetstream.rpc.interop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import rs.jetstream.rpc.Idempotent;
import rs.jetstream.rpc.JetStreamService;
import rs.jetstream.rpc.NonBlocking;
import rs.jetstream.rpc.RpcContext;
import rs.jetstream.wire.Data;
import rs.jetstream.wire.U16;
import rs.jetstream.wire.U32;

/** The service of the vectors. */
@JetStreamService(version = "rs.jetstream.proto/interop/1.2.3+d541b537")
public interface Interop {
  /** Nothing in, nothing out. */
  @Idempotent
  void ping() throws IOException;

  /** A text. */
  @NonBlocking
  String echo(String text) throws IOException;

  /** Two numbers. */
  @NonBlocking
  long add(long a, long b) throws IOException;

  /** A call that may fail. */
  int divide(int a, int b) throws IOException;

  /** Bytes. */
  @Data
  ByteBuffer blob(@Data ByteBuffer bytes) throws IOException;

  /** Later. */
  CompletionStage<@U32 Long> delay(@U32 long millis, @U32 long token);

  /** With a context, which is not sent. */
  String whoami(RpcContext context) throws IOException;

  /** All there is. */
  Everything everything(Everything value) throws IOException;

  /** Values with variants. */
  List<Shape> shapes(Shape shape, @U16 int copies) throws IOException;

  /** An error. */
  void fail(String message, @Nullable String code, Optional<String> help, Optional<String> url)
      throws IOException;
}
