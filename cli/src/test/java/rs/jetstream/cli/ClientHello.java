package rs.jetstream.cli;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a client of ours says first, taken off the wire. */
final class ClientHello {
  final List<String> suites = new ArrayList<>();
  final Map<Integer, byte[]> extensions = new TreeMap<>();

  private ClientHello(ByteBuffer message) {
    message.getInt(); // type and length
    message.getShort(); // the legacy version
    message.position(message.position() + 32);
    message.position(message.position() + 1 + message.get(message.position()));
    ByteBuffer suiteList = slice(message, message.getShort());
    while (suiteList.hasRemaining()) {
      suites.add(hex(suiteList.getShort()));
    }
    message.position(message.position() + 1 + message.get(message.position()));
    ByteBuffer list = slice(message, message.getShort());
    while (list.hasRemaining()) {
      int type = list.getShort() & 0xffff;
      byte[] body = new byte[list.getShort() & 0xffff];
      list.get(body);
      extensions.put(type, body);
    }
  }

  /** Reads datagrams until the message is whole. */
  static ClientHello receive(DatagramSocket socket) throws Exception {
    byte[] message = new byte[1 << 16];
    boolean[] there = new boolean[1 << 16];
    InitialPackets keys = null;
    while (true) {
      DatagramPacket packet = new DatagramPacket(new byte[65_535], 65_535);
      socket.receive(packet);
      ByteBuffer datagram = ByteBuffer.wrap(packet.getData(), 0, packet.getLength());
      if (keys == null) {
        byte[] destination = new byte[datagram.get(5)];
        datagram.get(6, destination);
        keys = InitialPackets.ofClient(destination);
      }
      ByteBuffer frames = ByteBuffer.wrap(keys.open(datagram));
      while (frames.hasRemaining()) {
        int type = (int) InitialPackets.varint(frames);
        if (type == 6) {
          int offset = (int) InitialPackets.varint(frames);
          int length = (int) InitialPackets.varint(frames);
          frames.get(message, offset, length);
          Arrays.fill(there, offset, offset + length, true);
        }
      }
      int size = 4 + (ByteBuffer.wrap(message).getInt() & 0xffffff);
      boolean whole = true;
      for (int i = 0; i < size; i++) {
        whole &= there[i];
      }
      if (whole && there[0]) {
        return new ClientHello(ByteBuffer.wrap(message, 0, size));
      }
    }
  }

  /** The numbers of a list of 16 bits each, whose length stands in front of it. */
  List<String> numbers(int extension, int lengthBytes) {
    ByteBuffer body = ByteBuffer.wrap(extensions.get(extension)).position(lengthBytes);
    List<String> numbers = new ArrayList<>();
    while (body.hasRemaining()) {
      numbers.add(hex(body.getShort()));
    }
    return numbers;
  }

  /** The groups of the key shares. */
  List<String> keyShares() {
    ByteBuffer body = ByteBuffer.wrap(extensions.get(51)).position(2);
    List<String> groups = new ArrayList<>();
    while (body.hasRemaining()) {
      groups.add(hex(body.getShort()));
      ByteBuffer ignored = slice(body, body.getShort());
    }
    return groups;
  }

  /** Transport parameters by number; those that are numbers, else null. RFC 9000 section 18. */
  Map<Long, Long> transportParameters() {
    ByteBuffer body = ByteBuffer.wrap(extensions.get(0x39));
    Map<Long, Long> parameters = new TreeMap<>();
    while (body.hasRemaining()) {
      long id = InitialPackets.varint(body);
      int length = (int) InitialPackets.varint(body);
      ByteBuffer value = slice(body, (short) length);
      boolean number = length > 0 && length == 1 << ((value.get(0) & 0xff) >>> 6);
      parameters.put(id, number && id != 0x0f ? InitialPackets.varint(value) : null);
    }
    return parameters;
  }

  private static ByteBuffer slice(ByteBuffer buffer, short length) {
    int count = length & 0xffff;
    ByteBuffer slice = buffer.slice(buffer.position(), count);
    buffer.position(buffer.position() + count);
    return slice;
  }

  private static String hex(short number) {
    return "0x%04x".formatted(number & 0xffff);
  }
}
