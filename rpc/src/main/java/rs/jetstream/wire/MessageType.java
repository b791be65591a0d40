package rs.jetstream.wire;

/** The message types that are the same for every service, and where those of methods begin. */
public final class MessageType {
  /** An error, in the place of a response. */
  public static final int ERROR = 5;

  /** The end of a subscription. Draft. */
  public static final int SUBSCRIPTION_END = 8;

  /** The request to end a subscription. Draft. */
  public static final int SUBSCRIPTION_CANCEL = 9;

  /** The answer to {@link #SUBSCRIPTION_CANCEL}. Draft. */
  public static final int SUBSCRIPTION_CANCELLED = 10;

  /** The client's version: the first frame of a stream. */
  public static final int VERSION_REQUEST = 100;

  /** The server's version. */
  public static final int VERSION_RESPONSE = 101;

  /** The request of the first method. */
  public static final int FIRST_REQUEST = 102;

  /** The most methods of a service: the ids of one more are over 255. */
  public static final int MAX_METHODS = 77;

  private MessageType() {}

  /** The type of the request of method {@code index}, from 0. */
  // r[impl jetstream.rpc.ids]
  public static int request(int index) {
    if (index < 0 || index >= MAX_METHODS) {
      throw new IllegalArgumentException(
          "index is " + index + ", must be from 0 to " + (MAX_METHODS - 1));
    }
    return FIRST_REQUEST + 2 * index;
  }

  /** The type of the response of method {@code index}, from 0. */
  public static int response(int index) {
    return request(index) + 1;
  }
}
