package rs.jetstream.cli;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The first packets of a QUIC connection, whose keys follow from a connection id that anybody can
 * read: enough to ask a server what it does before a handshake.
 */
// = https://www.rfc-editor.org/rfc/rfc9001#section-5.2
final class InitialPackets {
  static final int VERSION_1 = 1;

  private static final byte[] SALT =
      HexFormat.of().parseHex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a");
  private static final int TAG = 16;
  private static final int NUMBER = 4;
  private static final int SMALLEST_DATAGRAM = 1200;

  private final byte[] key;
  private final byte[] iv;
  private final byte[] headerKey;

  private InitialPackets(byte[] key, byte[] iv, byte[] headerKey) {
    this.key = key;
    this.iv = iv;
    this.headerKey = headerKey;
  }

  /** Those of the client that chose {@code destination} as the id of its first packet. */
  static InitialPackets ofClient(byte[] destination) throws GeneralSecurityException {
    return of(destination, "client in");
  }

  /** Those of the server that answers it. */
  static InitialPackets ofServer(byte[] destination) throws GeneralSecurityException {
    return of(destination, "server in");
  }

  private static InitialPackets of(byte[] destination, String side)
      throws GeneralSecurityException {
    byte[] secret = expand(hmac(SALT, destination), side, 32);
    return new InitialPackets(
        expand(secret, "quic key", 16),
        expand(secret, "quic iv", 12),
        expand(secret, "quic hp", 16));
  }

  private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(data);
  }

  /** HKDF-Expand-Label of RFC 8446 section 7.1 for lengths up to 32, so for one block. */
  private static byte[] expand(byte[] secret, String label, int length)
      throws GeneralSecurityException {
    byte[] name = ("tls13 " + label).getBytes(StandardCharsets.US_ASCII);
    ByteBuffer info = ByteBuffer.allocate(2 + 1 + name.length + 1 + 1);
    info.putShort((short) length).put((byte) name.length).put(name).put((byte) 0).put((byte) 1);
    return Arrays.copyOf(hmac(secret, info.array()), length);
  }

  /** A datagram with one Initial packet that holds {@code frames}, padded as the RFC asks. */
  byte[] seal(byte[] destination, byte[] source, byte[] token, int number, byte[] frames)
      throws GeneralSecurityException {
    int overhead = 1 + 4 + 1 + destination.length + 1 + source.length + 4 + token.length + 2;
    int room = SMALLEST_DATAGRAM - overhead - NUMBER - TAG;
    byte[] payload = Arrays.copyOf(frames, Math.max(frames.length, room)); // 0 is PADDING
    ByteBuffer header = ByteBuffer.allocate(overhead + NUMBER);
    header.put((byte) (0xc0 | (NUMBER - 1))).putInt(VERSION_1);
    header.put((byte) destination.length).put(destination);
    header.put((byte) source.length).put(source);
    header.putInt(0x80000000 | token.length).put(token);
    header.putShort((short) (0x4000 | (NUMBER + payload.length + TAG))).putInt(number);
    Cipher cipher = cipher(Cipher.ENCRYPT_MODE, number);
    cipher.updateAAD(header.array());
    byte[] sealed = cipher.doFinal(payload);
    byte[] packet = Arrays.copyOf(header.array(), overhead + NUMBER + sealed.length);
    System.arraycopy(sealed, 0, packet, overhead + NUMBER, sealed.length);
    protect(packet, overhead, NUMBER);
    return packet;
  }

  /** The frames of the Initial packet that begins at the buffer's position, and moves behind it. */
  byte[] open(ByteBuffer datagram) throws GeneralSecurityException {
    int start = datagram.position();
    datagram.position(start + 5);
    skip(datagram, datagram.get() & 0xff);
    skip(datagram, datagram.get() & 0xff);
    skip(datagram, (int) varint(datagram));
    int length = (int) varint(datagram);
    int at = datagram.position() - start;
    byte[] packet = new byte[at + length];
    datagram.position(start).get(packet);
    byte[] mask = mask(packet, at);
    packet[0] ^= (byte) (mask[0] & 0x0f);
    int numberLength = (packet[0] & 3) + 1;
    int number = 0;
    for (int i = 0; i < numberLength; i++) {
      packet[at + i] ^= mask[1 + i];
      number = (number << 8) | (packet[at + i] & 0xff);
    }
    Cipher cipher = cipher(Cipher.DECRYPT_MODE, number);
    cipher.updateAAD(packet, 0, at + numberLength);
    return cipher.doFinal(packet, at + numberLength, length - numberLength);
  }

  private Cipher cipher(int mode, int number) throws GeneralSecurityException {
    byte[] nonce = iv.clone();
    for (int i = 0; i < 4; i++) {
      nonce[nonce.length - 1 - i] ^= (byte) (number >>> (8 * i));
    }
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG, nonce));
    return cipher;
  }

  private void protect(byte[] packet, int at, int numberLength) throws GeneralSecurityException {
    byte[] mask = mask(packet, at);
    packet[0] ^= (byte) (mask[0] & 0x0f);
    for (int i = 0; i < numberLength; i++) {
      packet[at + i] ^= mask[1 + i];
    }
  }

  private byte[] mask(byte[] packet, int at) throws GeneralSecurityException {
    // One block, as RFC 9001 section 5.4.3 has it.
    Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
    cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(headerKey, "AES"));
    return cipher.doFinal(packet, at + 4, 16);
  }

  private static void skip(ByteBuffer buffer, int count) {
    buffer.position(buffer.position() + count);
  }

  // = https://www.rfc-editor.org/rfc/rfc9000#section-16
  static long varint(ByteBuffer buffer) {
    int first = buffer.get() & 0xff;
    long value = first & 0x3f;
    for (int more = (1 << (first >>> 6)) - 1; more > 0; more--) {
      value = (value << 8) | (buffer.get() & 0xff);
    }
    return value;
  }

  static void writeVarint(ByteArrayOutputStream out, int value) {
    out.write(0x80 | (value >>> 24));
    out.write(value >>> 16);
    out.write(value >>> 8);
    out.write(value);
  }
}
