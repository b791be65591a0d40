package rs.jetstream.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.rpc.Interop.Two;
import rs.jetstream.wire.Unit;

/** What listeners and flight recorder hear of calls. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
final class ObservingTest {
  private record Heard(String method, Duration duration, Throwable failure) {}

  private static RpcListener into(Collection<Heard> heard) {
    return (service, method, duration, failure) ->
        heard.add(new Heard(service.name() + "." + method.name(), duration, failure));
  }

  @Test
  void listenersHearOfEveryCallOnBothSides() throws Exception {
    LinkedBlockingQueue<Heard> atServer = new LinkedBlockingQueue<>();
    List<Heard> atClient = new CopyOnWriteArrayList<>();
    try (Ends ends =
        new Ends(it -> it.listener(into(atServer)), it -> it.listener(into(atClient)))) {
      ends.caller.call(Interop.PING, Unit.INSTANCE);
      ends.caller.callAsync(Interop.ECHO, "x").get();
      RpcException failed =
          catchThrowableOfType(
              RpcException.class, () -> ends.caller.call(Interop.DIVIDE, new Two<>(1, 0)));
      for (String method : List.of("interop.ping", "interop.echo", "interop.divide")) {
        Heard heard = atServer.take();
        assertThat(heard.method()).isEqualTo(method);
        assertThat(heard.duration()).isPositive();
        assertThat(heard.failure() == null).isEqualTo(!method.endsWith("divide"));
      }
      while (atClient.size() < 3) {
        Thread.onSpinWait(); // an asynchronous call's listener may come after its result
      }
      assertThat(atClient)
          .extracting(Heard::method)
          .containsExactlyInAnyOrder("interop.ping", "interop.echo", "interop.divide");
      assertThat(atClient).extracting(Heard::failure).contains(failed);
    }
  }

  @Test
  void aListenerThatThrowsIsNobodysProblem() throws Exception {
    RpcListener bad =
        (service, method, duration, failure) -> {
          throw new IllegalStateException("no");
        };
    RpcListener worse =
        (service, method, duration, failure) -> {
          throw new AssertionError("no");
        };
    try (Ends ends =
        new Ends(it -> it.listener(bad).listener(worse), it -> it.listener(bad).listener(worse))) {
      assertThat(ends.caller.call(Interop.ECHO, "x")).isEqualTo("x");
      assertThat(ends.caller.callAsync(Interop.ECHO, "y").get()).isEqualTo("y");
    }
  }

  @Test
  void theFlightRecorderHasAnEventPerCall(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("calls.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("rs.jetstream.Call").withoutThreshold();
      recording.start();
      try (Ends ends = new Ends()) {
        ends.caller.call(Interop.ECHO, "x");
        assertThat(catchThrowable(() -> ends.caller.call(Interop.DIVIDE, new Two<>(1, 0))))
            .isInstanceOf(RpcException.class);
      }
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(it -> it.getEventType().getName().equals("rs.jetstream.Call"))
            .toList();
    assertThat(events).hasSize(4);
    assertThat(events)
        .extracting(it -> it.getBoolean("client") + " " + it.getString("method"))
        .containsExactlyInAnyOrder("true echo", "false echo", "true divide", "false divide");
    for (RecordedEvent event : events) {
      assertThat(event.getString("service")).isEqualTo("interop");
      assertThat(event.getDuration()).isPositive();
      if (event.getString("method").equals("divide")) {
        assertThat(event.getString("failure")).isEqualTo(RpcException.class.getName());
      } else {
        assertThat(event.getString("failure")).isNull();
      }
    }
  }
}
