package rs.jetstream.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import rs.jetstream.rpc.InProcessServer;
import rs.jetstream.rpc.JetStreamClient;
import rs.jetstream.rpc.JetStreamServer;
import rs.jetstream.rpc.RpcException;

/** As the guide tests its service. */
final class GreeterTest {
  @Test
  void greetsByName() throws Exception {
    try (InProcessServer server =
            JetStreamServer.builder().service(new Greetings()).openInProcess();
        JetStreamClient client = JetStreamClient.builder().inProcess(server).open()) {
      Greeter greeter = client.service(Greeter.class);
      assertThat(greeter.greet("Ada")).isEqualTo("Hello, Ada, from somebody!");

      RpcException refused = catchThrowableOfType(RpcException.class, () -> greeter.greet(" "));
      assertThat(refused.errorCode()).contains("greeter::blank");
    }
  }
}
