package rs.jetstream.ffi;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import rs.jetstream.ffi.raw.jetstream_address;
import rs.jetstream.ffi.raw.jetstream_event;
import rs.jetstream.ffi.raw.jetstream_h;
import rs.jetstream.ffi.raw.jetstream_question;

/**
 * Checked calls that change an endpoint while it runs, take what it tells, and answer what it asks.
 * Each answers a {@link NativeStatus}.
 */
public final class NativeControl {
  public static final int QUESTION_HELLO = 0;
  public static final int QUESTION_CERTIFICATE = 1;
  public static final int QUESTION_SIGN = 2;

  public static final int EVENT_OPENED = 0;
  public static final int EVENT_CLOSED = 1;
  public static final int EVENT_HANDSHAKE_FAILED = 2;
  public static final int EVENT_REFUSED = 3;
  public static final int EVENT_PATH_CHANGED = 4;
  public static final int EVENT_LOSS_BURST = 5;
  public static final int EVENT_QLOG_FAILED = 6;

  /** Addresses whose first {@code bits} bits are those of {@code address}. */
  public record Addresses(InetAddress address, int bits) {}

  /** What a handshake waits for. */
  public record Question(
      int kind, long id, InetSocketAddress peer, int detail, String serverName, long dataSize) {}

  /** What happened. */
  public record Event(
      int kind,
      long connection,
      InetSocketAddress peer,
      int status,
      int initiator,
      long code,
      long value,
      long elapsedNanos) {}

  private NativeControl() {}

  /** Makes new handshakes with the TLS settings of {@code config}. */
  public static int reload(long endpoint, NativeConfig config, Block block) {
    return jetstream_h.jetstream_endpoint_reload(endpoint, config.segment(), block.error);
  }

  /** Refuses all new connections from now on. */
  public static int drain(long server, Block block) {
    return jetstream_h.jetstream_server_drain(server, block.error);
  }

  /** Answers nothing new from these addresses, and forgets those of the call before. */
  public static int deny(long server, List<Addresses> all, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment blocks = jetstream_address.allocateArray(Math.max(1, all.size()), arena);
      for (int i = 0; i < all.size(); i++) {
        NativeAddress.write(
            new InetSocketAddress(all.get(i).address(), all.get(i).bits()),
            jetstream_address.asSlice(blocks, i));
      }
      return jetstream_h.jetstream_server_deny(server, blocks, all.size(), block.error);
    }
  }

  /** Keeps events of these kinds, a bit each. */
  public static int wantEvents(long endpoint, int kinds, Block block) {
    return jetstream_h.jetstream_endpoint_want_events(endpoint, kinds, block.error);
  }

  /** Takes the oldest event. */
  public static int pollEvent(long endpoint, Event[] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = jetstream_event.allocate(arena);
      jetstream_event.size(event, (int) jetstream_event.sizeof());
      int status = jetstream_h.jetstream_endpoint_poll_event(endpoint, event, block.error);
      if (status == NativeStatus.OK) {
        out[0] =
            new Event(
                jetstream_event.kind(event),
                jetstream_event.connection(event),
                NativeAddress.read(jetstream_event.peer(event)).address(),
                jetstream_event.status(event),
                jetstream_event.initiator(event),
                jetstream_event.code(event),
                jetstream_event.value(event),
                jetstream_event.elapsed_ns(event));
      }
      return status;
    }
  }

  /** Takes the oldest question whose handshake waits. */
  public static int pollQuestion(long endpoint, Question[] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment question = jetstream_question.allocate(arena);
      jetstream_question.size(question, (int) jetstream_question.sizeof());
      int status = jetstream_h.jetstream_endpoint_poll_question(endpoint, question, block.error);
      if (status == NativeStatus.OK) {
        out[0] =
            new Question(
                jetstream_question.kind(question),
                jetstream_question.id(question),
                NativeAddress.read(jetstream_question.peer(question)).address(),
                jetstream_question.detail(question),
                NativeConnection.text(
                    jetstream_question
                        .server_name(question)
                        .asSlice(0, jetstream_question.server_name_len(question))),
                jetstream_question.data_len(question));
      }
      return status;
    }
  }

  /** Reads the data of a question that waits. */
  public static int questionData(long endpoint, Question question, byte[][] out, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment needed = arena.allocate(JAVA_LONG);
      MemorySegment data = arena.allocate(Math.max(1, question.dataSize()));
      int status =
          jetstream_h.jetstream_endpoint_question_data(
              endpoint, question.id(), data, question.dataSize(), needed, block.error);
      if (status == NativeStatus.OK) {
        out[0] = data.asSlice(0, question.dataSize()).toArray(JAVA_BYTE);
      }
      return status;
    }
  }

  /** Answers a question. */
  public static int answer(long endpoint, long question, boolean yes, byte[] data, Block block) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(1, data.length));
      MemorySegment.copy(MemorySegment.ofArray(data), 0, copy, 0, data.length);
      return jetstream_h.jetstream_endpoint_answer(
          endpoint, question, yes ? 1 : 0, copy, data.length, block.error);
    }
  }
}
