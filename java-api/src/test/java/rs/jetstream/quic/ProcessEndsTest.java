package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process that ends, or gets a signal, while the native half calls into it from its threads. */
@Timeout(600)
final class ProcessEndsTest {
  /** A JVM takes about a second; more of them are for a run by hand. */
  private static final int EXITS = Integer.getInteger("jetstream.test.exits", 8);

  @TempDir Path folder;

  @BeforeEach
  void writePki() throws Exception {
    ChildJvm.writePki(folder);
  }

  @Test
  void exitUnderLoadIsCleanEachTime() throws Exception {
    for (int i = 0; i < EXITS; i++) {
      // By System.exit, or by the end of the last thread that is no daemon.
      String how = i % 2 == 0 ? "exit" : "return";
      try (ChildJvm child = new ChildJvm(folder, BusyProcess.class, "-XX:+UseSerialGC")) {
        child.until("busy");
        child.tell(how);
        assertThat(child.end()).as("exit %d by %s:%n%s", i, how, child.said()).isZero();
        assertThat(child.said()).endsWith("leaving");
        assertThat(child.crashFiles()).isEmpty();
      }
    }
    System.out.println("exits under load: " + EXITS);
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void signalsDoUnderLoadWhatTheyDoWithoutTheLibrary() throws Exception {
    // With this option the JVM itself says whose handler is not its own any more.
    try (ChildJvm child = new ChildJvm(folder, BusyProcess.class, "-Xcheck:jni")) {
      String before = child.until("signals before ");
      String now = child.until("signals now ");
      assertThat(now.substring("signals now ".length()))
          .isEqualTo(before.substring("signals before ".length()));
      child.until("busy");
      kill("-QUIT", child);
      child.until("Full thread dump");
      child.until("\"jetstream-endpoint-");
      child.tell("work");
      child.until("worked");
      kill("-TERM", child);
      // 128 and the number of the signal, as of any Java program.
      assertThat(child.end()).as(child.said()).isEqualTo(128 + 15);
      assertThat(child.said()).contains("leaving").doesNotContain("handler modified");
      assertThat(child.crashFiles()).isEmpty();
    }
  }

  @Test
  void fullHeapCostsCallsAndNotTheProcess() throws Exception {
    try (ChildJvm child = new ChildJvm(folder, LittleMemory.class, "-Xmx64m", "-XX:+UseSerialGC")) {
      child.until("survived");
      assertThat(child.end()).as(child.said()).isZero();
      assertThat(child.crashFiles()).isEmpty();
    }
  }

  private static void kill(String signal, ChildJvm child) throws Exception {
    Process kill = new ProcessBuilder("kill", signal, String.valueOf(child.pid())).start();
    assertThat(kill.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(kill.exitValue()).isZero();
  }
}
