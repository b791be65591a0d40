package rs.jetstream.wire;

/** Payloads of the messages that end subscriptions. Draft: no published peer knows them. */
public final class Subscriptions {
  /** The single byte of an end that was cut short and has no value. */
  public static final int CUT_SHORT = 0;

  private Subscriptions() {}

  /**
   * The payload of {@link MessageType#SUBSCRIPTION_CANCEL}, under a tag of its own.
   *
   * @param tag the tag of the subscription
   * @param binding 0 for a subscription on the same stream
   */
  public record Cancel(int tag, long binding) {
    /** Reads and writes it. */
    // r[impl jetstream.rpc.subscription.cancel]
    public static final Codec<Cancel> CODEC =
        new Codec<>() {
          @Override
          public void write(WireWriter out, Cancel value) throws WireFormatException {
            out.writeU16(value.tag);
            out.writeU64(value.binding);
          }

          @Override
          public Cancel read(WireReader in) throws WireFormatException {
            return new Cancel(in.readU16(), in.readU64());
          }
        };
  }

  /**
   * The payload of {@link MessageType#SUBSCRIPTION_CANCELLED}.
   *
   * @param tag the tag of the subscription that has ended
   */
  public record Cancelled(int tag) {
    /** Reads and writes it. */
    public static final Codec<Cancelled> CODEC =
        new Codec<>() {
          @Override
          public void write(WireWriter out, Cancelled value) throws WireFormatException {
            out.writeU16(value.tag);
          }

          @Override
          public Cancelled read(WireReader in) throws WireFormatException {
            return new Cancelled(in.readU16());
          }
        };
  }
}
