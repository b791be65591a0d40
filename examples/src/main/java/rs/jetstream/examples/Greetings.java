package rs.jetstream.examples;

import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.rpc.RpcContext;
import rs.jetstream.rpc.RpcException;

/** The service: ten lines. */
public final class Greetings implements Greeter {
  @Override
  public String greet(String name) throws RpcException {
    if (name.isBlank()) {
      throw new RpcException("nobody to greet").errorCode("greeter::blank").help("pass a name");
    }
    String caller = RpcContext.current().peer().map(PeerIdentity::displayName).orElse("somebody");
    return "Hello, " + name + ", from " + caller + "!";
  }
}
