package rs.jetstream.rpc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.ErrorMessage.Level;
import rs.jetstream.wire.ErrorMessage.Span;

/** What a peer is told when a call fails here. */
final class Errors {
  static final ErrorMessage INTERNAL = of("internal error", "jetstream::rpc::internal");
  static final ErrorMessage DEADLINE =
      of("the handler did not answer in time", "jetstream::rpc::deadline");
  static final ErrorMessage CLOSING = of("the server is closing", "jetstream::rpc::closing");
  static final ErrorMessage RESULT =
      of("the result cannot be encoded, or is too large", "jetstream::rpc::result");

  static final String BAD_MESSAGE = "jetstream::rpc::bad_message";

  private static final int MAX_SPANS = 64;
  private static final int MAX_LINE = 0xffff;

  private Errors() {}

  static ErrorMessage of(String message, String code) {
    return new ErrorMessage(message, code, null, null, List.of());
  }

  /** Whether a handler threw it to say something to the caller. */
  static boolean isForCaller(Throwable thrown) {
    return thrown instanceof RpcException it && it.kind() == Kind.APPLICATION_ERROR;
  }

  /**
   * The answer to a call whose handler threw {@code thrown}.
   *
   * @param backTrace whether the caller may see where, and what of unexpected exceptions
   */
  static ErrorMessage of(Throwable thrown, boolean backTrace) {
    ErrorMessage said = INTERNAL;
    if (thrown instanceof RpcException it && isForCaller(it)) {
      said = it.error().orElse(INTERNAL);
    } else if (backTrace) {
      said = of(thrown.toString(), "jetstream::rpc::internal");
    }
    List<Span> trace =
        !backTrace ? List.of() : said.trace().isEmpty() ? spans(thrown) : said.trace();
    return new ErrorMessage(said.message(), said.code(), said.help(), said.url(), trace);
  }

  private static List<Span> spans(Throwable thrown) {
    List<Span> spans = new ArrayList<>();
    for (StackTraceElement at : thrown.getStackTrace()) {
      if (spans.size() == MAX_SPANS) {
        break;
      }
      spans.add(
          new Span(
              at.getMethodName(),
              at.getMethodName(),
              at.getClassName(),
              orEmpty(at.getModuleName()),
              orEmpty(at.getFileName()),
              Math.clamp(at.getLineNumber(), 0, MAX_LINE),
              List.of(),
              Level.ERROR));
    }
    return spans;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
