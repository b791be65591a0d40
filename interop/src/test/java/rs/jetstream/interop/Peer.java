package rs.jetstream.interop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import rs.jetstream.rpc.JetStreamService;
import rs.jetstream.rpc.RpcContext;
import rs.jetstream.wire.Data;
import rs.jetstream.wire.U32;
import rs.jetstream.wire.U64;

/** As in interop/jetstream-peer/src/service.rs. */
@JetStreamService(version = "rs.jetstream.proto/peer/1.2.3+c1b32b1b")
public interface Peer {
  /** Nothing. */
  void nothing() throws IOException;

  /** Gives its argument back. */
  Everything everything(Everything value) throws IOException;

  /** Adds. */
  @U64
  long add(@U64 long a, @U64 long b) throws IOException;

  /** Gives its argument back. */
  String text(String text) throws IOException;

  /** Gives its argument back. */
  @Data
  ByteBuffer blob(@Data ByteBuffer data) throws IOException;

  /** Answers when somebody has released {@code key}. */
  CompletionStage<@U32 Long> hold(@U32 long key);

  /** Lets one hold go. */
  void release(@U32 long key) throws IOException;

  /** Fails. */
  @U32
  long fail(Failure failure) throws IOException;

  /** Tells what the server has seen of the caller. */
  Names whoAmI(RpcContext context) throws IOException;

  /** Never answers. */
  void silence() throws IOException;
}
