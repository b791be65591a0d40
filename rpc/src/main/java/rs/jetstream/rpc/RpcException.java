package rs.jetstream.rpc;

import java.io.IOException;
import java.io.Serial;
import rs.jetstream.wire.ErrorMessage;

/** An error that the peer answered a call with. */
public class RpcException extends IOException {
  @Serial private static final long serialVersionUID = 1;

  private final transient ErrorMessage error;

  /** An error as it came, or as it is to be sent. */
  public RpcException(ErrorMessage error) {
    super(error.message());
    this.error = error;
  }

  /** The error with its code, help and trace. */
  public ErrorMessage error() {
    return error;
  }
}
