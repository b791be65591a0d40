package rs.jetstream.rpc;

import rs.jetstream.quic.Experimental;

/**
 * Calls services of a client, over lanes that the server opens on the client's connection.
 *
 * {@snippet :
 * public void watch(String topic) throws IOException {
 *   Screen screen = RpcContext.current().callbacks().service(Screen.class);
 *   screen.show("you watch " + topic);
 * }
 * }
 *
 * <p>A client serves what it was given as {@link JetStreamClient.Builder#callbacks}; calls of
 * anything else fail with VERSION_REFUSED, and those of a client that serves nothing, as the ends
 * in Rust, with DEADLINE. Each lane has its own handshake. Limits and times are those of the
 * server.
 *
 * <p>Can be kept after the call; its calls fail when the connection ends. Any thread.
 */
@Experimental
public final class Callbacks {
  private final JetStreamClient client;

  Callbacks(ServerSettings settings, LaneOpener opener) {
    client = new JetStreamClient(settings.calling(), opener);
  }

  /** As {@link JetStreamClient#service(Class)}. */
  public <T> T service(Class<T> contract) {
    return client.service(contract);
  }

  /** As {@link JetStreamClient#service(Class, CallOptions)}. */
  public <T> T service(Class<T> contract, CallOptions options) {
    return client.service(contract, options);
  }

  /** As {@link JetStreamClient#caller(ServiceDescriptor)}. */
  public Caller caller(ServiceDescriptor service) {
    return client.caller(service);
  }

  /** As {@link JetStreamClient#caller(ServiceDescriptor, CallOptions)}. */
  public Caller caller(ServiceDescriptor service, CallOptions options) {
    return client.caller(service, options);
  }

  /** Fails the calls under way. Idempotent. */
  void close() {
    client.close();
  }
}
