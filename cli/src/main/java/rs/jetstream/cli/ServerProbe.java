package rs.jetstream.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Asks a server with single packets what it does outside of a good handshake. */
final class ServerProbe {
  /** What a server did with a client that offers TLS 1.2 alone. */
  enum OldTls {
    REFUSED,
    ACCEPTED,
    NO_ANSWER
  }

  /**
   * The answer to such a client.
   *
   * @param retried whether the server first asked it to prove its address
   */
  record FirstPacket(OldTls oldTls, boolean retried) {}

  private static final int ID = 16;
  private static final int INITIAL = 0;
  private static final int RETRY = 3;
  private static final int RETRY_TAG = 16;
  private static final int CRYPTO = 0x06;
  private static final int CONNECTION_CLOSE = 0x1c;

  private final InetSocketAddress address;
  private final Duration patience;
  private final SecureRandom random = new SecureRandom();

  ServerProbe(InetSocketAddress address, Duration patience) {
    this.address = address;
    this.patience = patience;
  }

  /** The QUIC versions that the server names, asked for one that does not exist. */
  // = https://www.rfc-editor.org/rfc/rfc9000#section-6
  List<String> versions() throws IOException {
    byte[] packet = bytes(1200);
    ByteBuffer.wrap(packet).put((byte) 0xc0).putInt(0x1a2a3a4a).put((byte) ID);
    packet[6 + ID] = ID;
    // Beyond the ids it looks like an Initial packet: some servers read that far.
    int rest = 7 + 2 * ID;
    int length = packet.length - rest - 3;
    ByteBuffer.wrap(packet).position(rest).put((byte) 0).putShort((short) (0x4000 | length));
    List<String> versions = new ArrayList<>();
    try (DatagramSocket socket = open()) {
      byte[] answer = exchange(socket, packet);
      ByteBuffer in = ByteBuffer.wrap(answer);
      if (in.remaining() < 7 || (in.get() & 0x80) == 0 || in.getInt() != 0) {
        return versions;
      }
      in.position(in.position() + 1 + (in.get(in.position()) & 0xff));
      in.position(in.position() + 1 + (in.get(in.position()) & 0xff));
      while (in.remaining() >= 4) {
        int version = in.getInt();
        boolean reserved = (version & 0x0f0f0f0f) == 0x0a0a0a0a;
        if (!reserved && version != 0) {
          versions.add(version == 1 ? "1" : "0x%08x".formatted(version));
        }
      }
    } catch (BufferUnderflowException | IndexOutOfBoundsException | IllegalArgumentException e) {
      return versions;
    }
    return versions;
  }

  /**
   * Whether it answers a packet of no connection with a stateless reset. Servers that know their
   * own connection ids by a mark in them are silent here, and reset all the same.
   */
  // = https://www.rfc-editor.org/rfc/rfc9000#section-10.3
  boolean resets() throws IOException {
    byte[] packet = bytes(100);
    packet[0] = (byte) (0x40 | (packet[0] & 0x3f));
    try (DatagramSocket socket = open()) {
      byte[] answer = exchange(socket, packet);
      return answer.length >= 21 && answer.length < packet.length && (answer[0] & 0xc0) == 0x40;
    }
  }

  /** Begins a handshake that offers TLS 1.2 alone, which QUIC forbids (RFC 9001 section 4.2). */
  FirstPacket offerOldTls(String serverName, String alpn)
      throws IOException, GeneralSecurityException {
    byte[] destination = bytes(ID);
    byte[] source = bytes(ID);
    byte[] frames = crypto(oldHello(serverName, alpn, source));
    boolean retried = false;
    try (DatagramSocket socket = open()) {
      byte[] first =
          InitialPackets.ofClient(destination).seal(destination, source, new byte[0], 0, frames);
      byte[] answer = exchange(socket, first);
      if (type(answer) == RETRY) {
        retried = true;
        ByteBuffer in = ByteBuffer.wrap(answer).position(5);
        byte[] token;
        try {
          in.position(in.position() + 1 + (in.get(in.position()) & 0xff));
          destination = take(in, in.get() & 0xff);
          token = take(in, in.remaining() - RETRY_TAG);
        } catch (BufferUnderflowException
            | IndexOutOfBoundsException
            | IllegalArgumentException e) {
          return new FirstPacket(OldTls.NO_ANSWER, false);
        }
        answer =
            exchange(
                socket,
                InitialPackets.ofClient(destination).seal(destination, source, token, 1, frames));
      }
      // An acknowledgement may come before the answer itself.
      OldTls found = OldTls.NO_ANSWER;
      for (int i = 0; i < 3 && found == OldTls.NO_ANSWER && answer.length > 0; i++) {
        found = judge(answer, InitialPackets.ofServer(destination));
        answer = found == OldTls.NO_ANSWER ? receive(socket) : answer;
      }
      return new FirstPacket(found, retried);
    }
  }

  private static OldTls judge(byte[] answer, InitialPackets keys) {
    if (type(answer) != INITIAL) {
      return OldTls.NO_ANSWER;
    }
    try {
      ByteBuffer frames = ByteBuffer.wrap(keys.open(ByteBuffer.wrap(answer)));
      while (frames.hasRemaining()) {
        int frame = (int) InitialPackets.varint(frames);
        switch (frame) {
          case 0, 1 -> {}
          case 2 -> {
            long ranges = 0;
            for (int i = 0; i < 4; i++) {
              ranges = i == 2 ? InitialPackets.varint(frames) : ranges;
              if (i != 2) {
                long ignored = InitialPackets.varint(frames);
              }
            }
            for (long i = 0; i < 2 * ranges; i++) {
              long ignored = InitialPackets.varint(frames);
            }
          }
          case CRYPTO -> {
            return OldTls.ACCEPTED; // a ServerHello
          }
          case CONNECTION_CLOSE -> {
            return OldTls.REFUSED;
          }
          default -> {
            return OldTls.NO_ANSWER;
          }
        }
      }
    } catch (GeneralSecurityException
        | BufferUnderflowException
        | IndexOutOfBoundsException
        | IllegalArgumentException
        | NegativeArraySizeException e) {
      return OldTls.NO_ANSWER;
    }
    return OldTls.NO_ANSWER;
  }

  private static byte[] take(ByteBuffer in, int count) {
    if (count < 0 || count > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[count];
    in.get(bytes);
    return bytes;
  }

  private static int type(byte[] packet) {
    boolean isLong = packet.length > 7 && (packet[0] & 0xc0) == 0xc0;
    return isLong && ByteBuffer.wrap(packet).getInt(1) == InitialPackets.VERSION_1
        ? (packet[0] >> 4) & 3
        : -1;
  }

  private static byte[] crypto(byte[] message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(CRYPTO);
    InitialPackets.writeVarint(out, 0);
    InitialPackets.writeVarint(out, message.length);
    out.writeBytes(message);
    return out.toByteArray();
  }

  /** A ClientHello of TLS 1.2: without supported_versions. */
  private byte[] oldHello(String serverName, String alpn, byte[] source) {
    ByteArrayOutputStream extensions = new ByteArrayOutputStream();
    byte[] name = serverName.getBytes(StandardCharsets.US_ASCII);
    extension(extensions, 0, sized(2, concat(new byte[] {0}, sized(2, name))));
    extension(extensions, 10, new byte[] {0, 4, 0, 29, 0, 23}); // x25519, secp256r1
    extension(extensions, 11, new byte[] {1, 0});
    extension(extensions, 13, new byte[] {0, 4, 4, 3, 8, 4}); // ECDSA on P-256, RSA-PSS
    extension(extensions, 16, sized(2, sized(1, alpn.getBytes(StandardCharsets.UTF_8))));
    // Transport parameters: initial_source_connection_id alone.
    extension(extensions, 0x39, concat(new byte[] {0x0f, (byte) source.length}, source));
    byte[] body =
        concat(
            new byte[] {3, 3},
            bytes(32),
            new byte[] {0, 0, 4, (byte) 0xc0, 0x2b, (byte) 0xc0, 0x2f, 1, 0},
            sized(2, extensions.toByteArray()));
    return concat(new byte[] {1}, sized(3, body));
  }

  private static void extension(ByteArrayOutputStream out, int type, byte[] body) {
    out.write(type >>> 8);
    out.write(type);
    out.writeBytes(sized(2, body));
  }

  private static byte[] sized(int lengthBytes, byte[] body) {
    byte[] length = new byte[lengthBytes];
    for (int i = 0; i < lengthBytes; i++) {
      length[i] = (byte) (body.length >>> (8 * (lengthBytes - 1 - i)));
    }
    return concat(length, body);
  }

  private static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    random.nextBytes(bytes);
    return bytes;
  }

  private DatagramSocket open() throws IOException {
    DatagramSocket socket = new DatagramSocket();
    socket.connect(address);
    socket.setSoTimeout((int) patience.toMillis());
    return socket;
  }

  private static byte[] exchange(DatagramSocket socket, byte[] packet) throws IOException {
    socket.send(new DatagramPacket(packet, packet.length));
    return receive(socket);
  }

  /** Empty when nothing comes in time. */
  private static byte[] receive(DatagramSocket socket) throws IOException {
    DatagramPacket answer = new DatagramPacket(new byte[65_535], 65_535);
    try {
      socket.receive(answer);
    } catch (SocketTimeoutException | java.net.PortUnreachableException e) {
      return new byte[0];
    }
    return Arrays.copyOf(answer.getData(), answer.getLength());
  }
}
