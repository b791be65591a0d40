package rs.jetstream.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import rs.jetstream.quic.QuicSettings;
import rs.jetstream.quic.TlsIdentity;
import rs.jetstream.quic.TlsTrust;

/** {@code --name value} pairs, named as those of rust-baseline. */
public final class Options {
  /** Of s2n-tls: X25519 first, AES-128-GCM first, nothing post-quantum. */
  private static final String CLASSIC_POLICY = "20240603";

  private final Map<String, String> values = new HashMap<>();

  /** Reads the pairs after the first word. */
  public Options(String[] words) {
    for (int i = 1; i < words.length; i += 2) {
      if (!words[i].startsWith("--") || i + 1 == words.length) {
        throw new IllegalArgumentException(words[i] + " is no option with a value");
      }
      values.put(words[i].substring(2), words[i + 1]);
    }
  }

  /** The value, which must be there. */
  public String text(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("--" + name + " is missing");
    }
    return value;
  }

  /** The value, or another one where nothing is said. */
  public String text(String name, String otherwise) {
    return values.getOrDefault(name, otherwise);
  }

  private long number(String name, long otherwise) {
    String value = values.get(name);
    return value == null ? otherwise : Long.parseLong(value);
  }

  /** The transport's name. */
  String transport() {
    return text("transport", "jetstream");
  }

  /** Whether the server asks for client certificates. */
  boolean asksForClientCertificates() {
    return text("mutual", "yes").equals("yes");
  }

  /** Size to ask the kernel for, for each of a socket's two buffers. */
  int socketBuffer() {
    return (int) number("socket-buffer", 4 << 20);
  }

  /** Flow-control window of a connection and of each stream. */
  long window() {
    return number("data-window", 3_750_000);
  }

  /** Bidirectional streams at once. */
  long streams() {
    return number("streams", 100);
  }

  /** The largest IP packet. */
  int mtu() {
    return (int) number("mtu", 1500);
  }

  TlsIdentity identity() throws IOException {
    return TlsIdentity.ofPemFiles(Path.of(text("cert")), Path.of(text("key")));
  }

  TlsTrust trust(String name) throws IOException {
    return TlsTrust.ofPemFile(Path.of(text(name)));
  }

  /** What is not given is s2n-quic's default, as it is for rust-baseline. */
  QuicSettings settings() {
    return QuicSettings.builder()
        .connectionWindow(window())
        .streamWindow(window())
        .sendBuffer((int) number("max-send-buffer", 512 << 10))
        .maxRemoteBidirectionalStreams(streams())
        .maxLocalBidirectionalStreams(streams())
        .socketReceiveBuffer(socketBuffer())
        .socketSendBuffer(socketBuffer())
        .maxMtu(mtu())
        .securityPolicy(policy())
        .build();
  }

  private String policy() {
    return groups() == Groups.CLASSIC
        ? CLASSIC_POLICY
        : text("policy", QuicSettings.defaults().securityPolicy());
  }

  /** The key exchange; what each library offers by itself when nothing is said. */
  Groups groups() {
    return Groups.valueOf(text("groups", "default").toUpperCase(Locale.ROOT));
  }

  /** Whether bulk data is copied into memory of the receiver; else leased. */
  boolean receivesByCopy() {
    return text("receive", "lease").equals("copy");
  }

  /** Whether bulk data is written into claims; else sent from a native segment. */
  boolean sendsByClaim() {
    return text("send", "copy").equals("claim");
  }

  /** How small calls are made, or answered: on threads, or on the endpoint's own. */
  Calls calls() {
    return Calls.valueOf(text("calls", "stream").toUpperCase(Locale.ROOT));
  }

  int chunk() {
    return (int) number("chunk", 256 << 10);
  }
}
