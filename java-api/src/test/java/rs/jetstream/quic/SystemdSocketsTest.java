package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What systemd writes into the environment; that sockets arrive is shown by a process of its own.
 */
final class SystemdSocketsTest {
  private static final long PID = 4321;

  private static Map<String, String> environment(String count, String names) {
    return Map.of("LISTEN_PID", "4321", "LISTEN_FDS", count, "LISTEN_FDNAMES", names);
  }

  @Test
  void descriptorsAreCountedFromThree() {
    Map<String, String> three = environment("3", "quic:metrics:quic");
    assertThat(SystemdSockets.of(three, PID, null)).containsExactly(3, 4, 5);
    assertThat(SystemdSockets.of(three, PID, "quic")).containsExactly(3, 5);
    assertThat(SystemdSockets.of(three, PID, "metrics")).containsExactly(4);
    assertThat(SystemdSockets.of(three, PID, "other")).isEmpty();
  }

  @Test
  void socketsWithoutNamesAreCalledUnknown() {
    Map<String, String> unnamed = Map.of("LISTEN_PID", "4321", "LISTEN_FDS", "2");
    assertThat(SystemdSockets.of(unnamed, PID, null)).containsExactly(3, 4);
    assertThat(SystemdSockets.of(unnamed, PID, "unknown")).containsExactly(3, 4);
  }

  @Test
  void whatWasPassedToAnotherProcessIsNotTaken() {
    assertThat(SystemdSockets.of(environment("1", "quic"), PID + 1, null)).isEmpty();
    assertThat(SystemdSockets.of(Map.of("LISTEN_FDS", "1"), PID, null)).isEmpty();
    assertThat(SystemdSockets.of(Map.of("LISTEN_PID", "4321"), PID, null)).isEmpty();
    assertThat(SystemdSockets.all()).isEmpty();
    assertThat(SystemdSockets.named("quic")).isEmpty();
  }

  @Test
  void anEnvironmentThatContradictsItselfIsRefusedByName() {
    for (String count : new String[] {"", "-1", "many", "2147483647", "18446744073709551615"}) {
      assertThatIllegalStateException()
          .isThrownBy(() -> SystemdSockets.of(environment(count, "quic"), PID, null))
          .withMessageContaining("LISTEN_FDS");
      Map<String, String> unnamed = Map.of("LISTEN_PID", "4321", "LISTEN_FDS", count);
      assertThatIllegalStateException()
          .isThrownBy(() -> SystemdSockets.of(unnamed, PID, null))
          .withMessageContaining("LISTEN_FDS");
    }
    assertThatIllegalStateException()
        .isThrownBy(() -> SystemdSockets.of(environment("2", "quic"), PID, null))
        .withMessageContaining("LISTEN_FDNAMES has 1");
    assertThatIllegalStateException()
        .isThrownBy(() -> SystemdSockets.of(Map.of("LISTEN_PID", "me"), PID, null))
        .withMessageContaining("LISTEN_PID is 'me'");
  }
}
