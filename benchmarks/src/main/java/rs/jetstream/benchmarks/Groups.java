package rs.jetstream.benchmarks;

/** Key exchange that both sides are told to use. */
enum Groups {
  /** What a library offers by itself. */
  DEFAULT,
  /** X25519 alone. */
  CLASSIC,
  /** X25519 with ML-KEM-768, or X25519 with who has it not. */
  HYBRID;

  /** As BoringSSL names them; none for {@link #DEFAULT}. */
  String[] names() {
    return switch (this) {
      case DEFAULT -> new String[0];
      case CLASSIC -> new String[] {"X25519"};
      case HYBRID -> new String[] {"X25519MLKEM768", "X25519"};
    };
  }

  /** As the JDK names them; none for {@link #DEFAULT}. */
  String[] jdkNames() throws Unsupported {
    if (this == HYBRID) {
      throw new Unsupported("the JDK 25 has no ML-KEM in TLS");
    }
    return this == CLASSIC ? new String[] {"x25519"} : new String[0];
  }
}
