package rs.jetstream.rpc.interop;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import rs.jetstream.rpc.RpcMethod;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.Codecs;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.Frames;
import rs.jetstream.wire.ServiceVersion;
import rs.jetstream.wire.Subscriptions;
import rs.jetstream.wire.VersionMessage;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/** What Jazzer calls: the first byte chooses a decoder, the rest is what it reads. */
public final class DecoderFuzzer {
  private static final Codec<?> VERSION =
      new Codec<ServiceVersion>() {
        @Override
        public void write(WireWriter out, ServiceVersion value) throws WireFormatException {
          out.writeString(value.text());
        }

        @Override
        public ServiceVersion read(WireReader in) throws WireFormatException {
          return ServiceVersion.parse(in.readString());
        }
      };

  /** All decoders; a seed names its own by its place. */
  static final List<Codec<?>> DECODERS = decoders();

  private DecoderFuzzer() {}

  private static List<Codec<?>> decoders() {
    List<Codec<?>> all =
        new ArrayList<>(
            List.of(
                VersionMessage.CODEC,
                VERSION,
                ErrorMessage.CODEC,
                Subscriptions.Cancel.CODEC,
                Subscriptions.Cancelled.CODEC,
                ShapeCodec.INSTANCE,
                EverythingCodec.INSTANCE,
                Codecs.UNIT,
                Codecs.BOOL,
                Codecs.U8,
                Codecs.U16,
                Codecs.U32,
                Codecs.U64,
                Codecs.U128,
                Codecs.I16,
                Codecs.I32,
                Codecs.I64,
                Codecs.I128,
                Codecs.F32,
                Codecs.F64,
                Codecs.STRING,
                Codecs.P9_STRING,
                Codecs.INSTANT,
                Codecs.URL,
                Codecs.DATA,
                Codecs.BYTES,
                Codecs.IP,
                Codecs.IPV4,
                Codecs.IPV6,
                Codecs.SOCKET,
                Codecs.SOCKET_V4,
                Codecs.SOCKET_V6,
                Codecs.list(Codecs.list(Codecs.UNIT)),
                Codecs.list(Codecs.set(Codecs.STRING)),
                Codecs.map(Codecs.list(Codecs.U8), Codecs.optional(Codecs.optional(Codecs.BOOL))),
                Codecs.sortedMap(Codecs.IP, Codecs.sortedSet(Codecs.URL))));
    for (RpcMethod<?, ?> method : InteropService.DESCRIPTOR.methods()) {
      all.add(method.arguments());
      all.add(method.result());
    }
    return List.copyOf(all);
  }

  /** Called by Jazzer, for whom any other exception is a finding. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    check(DECODERS.get(Byte.toUnsignedInt(input[0]) % DECODERS.size()), bytes);
  }

  private static <T> void check(Codec<T> codec, byte[] bytes) {
    T value;
    try {
      value = codec.read(WireReader.of(bytes));
    } catch (WireFormatException e) {
      if (e.offset() < 0 || e.offset() > bytes.length) {
        throw new AssertionError("an offset outside", e);
      }
      return;
    }
    byte[] first;
    try {
      first = write(codec, value);
    } catch (WireFormatException e) {
      // The characters of a URL that are percent-encoded when read make it longer.
      if (e.kind() != WireFormatException.Kind.TOO_LONG) {
        throw new AssertionError("what was read is not written", e);
      }
      return;
    }
    try {
      // What was written is its own encoding, alone and in a frame.
      WireWriter out = WireWriter.growing(1 << 24);
      Frames.write(out, 102, 1, codec, codec.read(WireReader.of(first)));
      MemorySegment frame = out.written();
      byte[] second = write(codec, Frames.read(frame, codec));
      if (!Arrays.equals(first, second)) {
        throw new AssertionError("written otherwise the second time");
      }
    } catch (WireFormatException e) {
      throw new AssertionError("what was written is not read", e);
    }
  }

  private static <T> byte[] write(Codec<T> codec, T value) throws WireFormatException {
    WireWriter out = WireWriter.growing(1 << 24);
    codec.write(out, value);
    return out.toByteArray();
  }
}
