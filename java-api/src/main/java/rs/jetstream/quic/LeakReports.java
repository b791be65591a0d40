package rs.jetstream.quic;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reports of what was left open, with the place where it was opened: for debugging, by the system
 * property {@code jetstream.leaks.report}. Off it costs a look at a flag.
 */
final class LeakReports {
  private static final System.Logger LOGGER = System.getLogger("rs.jetstream.quic");

  /** Who is told; null while nothing is reported. */
  private static volatile @Nullable BiConsumer<String, Opened> sink =
      Boolean.getBoolean("jetstream.leaks.report") ? LeakReports::log : null;

  private LeakReports() {}

  /** Where something was opened; its stack trace is the place. */
  static final class Opened extends Exception {
    @java.io.Serial private static final long serialVersionUID = 1;

    private Opened(String what) {
      super(what + " was opened here");
    }
  }

  private static void log(String message, Opened opened) {
    LOGGER.log(System.Logger.Level.WARNING, message, opened);
  }

  /** For tests. */
  static void sink(@Nullable BiConsumer<String, Opened> to) {
    sink = to;
  }

  /** This place, or null while nothing is reported. */
  static @Nullable Opened here(String what) {
    return sink != null ? new Opened(what) : null;
  }

  /** {@code what} was closed by {@code by}, and not by whoever opened it. */
  static void leftOpen(String what, String by, @Nullable Opened opened) {
    BiConsumer<String, Opened> to = sink;
    if (opened != null && to != null) {
      to.accept(what + " was left open until " + by, opened);
    }
  }
}
