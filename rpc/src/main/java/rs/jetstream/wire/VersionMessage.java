package rs.jetstream.wire;

/**
 * The payload of both handshake messages, {@link MessageType#VERSION_REQUEST} and {@link
 * MessageType#VERSION_RESPONSE}.
 *
 * @param maxFrame the largest frame that the sender takes, an unsigned number of four bytes
 * @param version the version text, or {@link #UNKNOWN}
 */
public record VersionMessage(long maxFrame, String version) {
  /** The version in the answer of a server that has no such service. */
  public static final String UNKNOWN = "unknown";

  /** Reads and writes it. */
  // r[impl jetstream.rpc.version]
  public static final Codec<VersionMessage> CODEC =
      new Codec<>() {
        @Override
        public void write(WireWriter out, VersionMessage value) throws WireFormatException {
          out.writeU32(value.maxFrame);
          out.writeString(value.version);
        }

        @Override
        public VersionMessage read(WireReader in) throws WireFormatException {
          return new VersionMessage(in.readU32(), in.readString());
        }
      };

  /** The refusal. */
  public static VersionMessage unknown() {
    return new VersionMessage(0, UNKNOWN);
  }

  /** Whether it is the refusal. */
  public boolean isUnknown() {
    return version.equals(UNKNOWN);
  }
}
