package rs.jetstream.cli;

import java.io.Console;
import java.nio.charset.StandardCharsets;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on the terminal while something runs; nothing where there is no terminal. */
final class Progress implements AutoCloseable {
  private static final int WIDTH = 79;
  private static final int MIB = 1 << 20;

  private final @Nullable ProgressBar bar;

  private Progress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  /** Begins; counted in MiB where {@code total} has some. */
  static Progress of(String name, long total) {
    if (!isTerminal()) {
      return new Progress(null);
    }
    boolean utf8 = System.err.charset().equals(StandardCharsets.UTF_8);
    ProgressBarBuilder builder =
        new ProgressBarBuilder()
            .setTaskName("  " + name)
            .setInitialMax(total)
            .setStyle(utf8 ? ProgressBarStyle.UNICODE_BLOCK : ProgressBarStyle.ASCII)
            .setConsumer(new Line())
            .setUpdateIntervalMillis(100)
            .clearDisplayOnFinish();
    if (total >= 10 * MIB) {
      builder.setUnit(" MiB", MIB);
    }
    return new Progress(builder.build());
  }

  @SuppressWarnings("SystemConsoleNull") // it still may: -Djdk.console
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
  }

  /** Leaves nothing behind; the library's own one leaves an empty line. */
  private static final class Line extends ConsoleProgressBarConsumer {
    Line() {
      super(System.err, WIDTH);
    }

    @Override
    public void close() {
      System.err.flush();
    }
  }

  void add(long n) {
    if (bar != null) {
      bar.stepBy(n);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
