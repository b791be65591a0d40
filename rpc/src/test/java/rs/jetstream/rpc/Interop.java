package rs.jetstream.rpc;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import rs.jetstream.quic.PeerIdentity;
import rs.jetstream.wire.Codec;
import rs.jetstream.wire.Codecs;
import rs.jetstream.wire.ErrorMessage;
import rs.jetstream.wire.ServiceVersion;
import rs.jetstream.wire.Unit;
import rs.jetstream.wire.WireFormatException;
import rs.jetstream.wire.WireReader;
import rs.jetstream.wire.WireWriter;

/**
 * The service of the vectors, by hand: no test here needs the annotation processor. Methods with a
 * {@code Handler} in their place are what a test makes of them.
 */
final class Interop {
  static final String VERSION = "rs.jetstream.proto/interop/1.2.3+d541b537";

  /** Two arguments. */
  record Two<A, B>(A first, B second) {}

  static final RpcMethod<Unit, Unit> PING = method("ping", 0, Codecs.UNIT, Codecs.UNIT);
  static final RpcMethod<String, String> ECHO = method("echo", 1, Codecs.STRING, Codecs.STRING);
  static final RpcMethod<Two<Long, Long>, Long> ADD =
      method("add", 2, two(Codecs.I64, Codecs.I64), Codecs.I64);
  static final RpcMethod<Two<Integer, Integer>, Integer> DIVIDE =
      method("divide", 3, two(Codecs.I32, Codecs.I32), Codecs.I32);
  static final RpcMethod<MemorySegment, MemorySegment> BLOB =
      method("blob", 4, Codecs.DATA, Codecs.DATA);
  static final RpcMethod<Two<Long, Long>, Long> DELAY =
      method("delay", 5, two(Codecs.U32, Codecs.U32), Codecs.U32);
  static final RpcMethod<Unit, String> WHO_AM_I = method("whoami", 6, Codecs.UNIT, Codecs.STRING);
  static final RpcMethod<ErrorMessage, Unit> FAIL = method("fail", 9, failure(), Codecs.UNIT);

  /** One that may be called again. */
  static final RpcMethod<Unit, Unit> AGAIN =
      new RpcMethod<>("again", 122, Codecs.UNIT, Codecs.UNIT, Optional.empty(), true);

  static final ServiceDescriptor SERVICE = service(VERSION);

  private Interop() {}

  /** The service by another version text. */
  static ServiceDescriptor service(String version) {
    try {
      return new ServiceDescriptor(
          ServiceVersion.parse(version),
          List.of(PING, ECHO, ADD, DIVIDE, BLOB, DELAY, WHO_AM_I, FAIL, AGAIN));
    } catch (WireFormatException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static <A, R> RpcMethod<A, R> method(
      String name, int index, Codec<A> arguments, Codec<R> result) {
    return new RpcMethod<>(name, 102 + 2 * index, arguments, result, Optional.empty(), false);
  }

  private static <A, B> Codec<Two<A, B>> two(Codec<A> first, Codec<B> second) {
    return new Codec<>() {
      @Override
      public void write(WireWriter out, Two<A, B> value) throws WireFormatException {
        first.write(out, value.first);
        second.write(out, value.second);
      }

      @Override
      public Two<A, B> read(WireReader in) throws WireFormatException {
        return new Two<>(first.read(in), second.read(in));
      }
    };
  }

  private static Codec<ErrorMessage> failure() {
    Codec<Optional<String>> optional = Codecs.optional(Codecs.STRING);
    return new Codec<>() {
      @Override
      public void write(WireWriter out, ErrorMessage value) throws WireFormatException {
        out.writeString(value.message());
        optional.write(out, Optional.ofNullable(value.code()));
        optional.write(out, Optional.ofNullable(value.help()));
        optional.write(out, Optional.ofNullable(value.url()));
      }

      @Override
      public ErrorMessage read(WireReader in) throws WireFormatException {
        return new ErrorMessage(
            in.readString(),
            optional.read(in).orElse(null),
            optional.read(in).orElse(null),
            optional.read(in).orElse(null),
            List.of());
      }
    };
  }

  /** What a test may replace. */
  static final class Handlers {
    Handler.Blocking<Unit, Unit> ping = (context, nothing) -> Unit.INSTANCE;
    Handler.Blocking<String, String> echo = (context, text) -> text;
    Handler.Async<Two<Long, Long>, Long> delay = Interop::delay;
    Handler.Blocking<Unit, String> whoAmI =
        (context, nothing) -> context.peer().map(PeerIdentity::displayName).orElse("nobody");
    Handler.Blocking<Unit, Unit> again = (context, nothing) -> Unit.INSTANCE;

    /** Whether what may block is said not to. */
    private final boolean nonBlocking;

    Handlers() {
      this(false);
    }

    Handlers(boolean nonBlocking) {
      this.nonBlocking = nonBlocking;
    }

    Dispatcher dispatcher() {
      return dispatcher(SERVICE);
    }

    Dispatcher dispatcher(ServiceDescriptor service) {
      Dispatcher.Builder builder = Dispatcher.builder(service);
      on(builder, PING, (context, nothing) -> ping.handle(context, nothing));
      on(builder, ECHO, (context, text) -> echo.handle(context, text));
      on(builder, ADD, (context, it) -> Math.addExact(it.first(), it.second()));
      on(builder, DIVIDE, (context, it) -> divide(it.first(), it.second()));
      on(builder, BLOB, (context, data) -> data);
      on(builder, WHO_AM_I, (context, nothing) -> whoAmI.handle(context, nothing));
      on(
          builder,
          FAIL,
          (context, error) -> {
            throw new RpcException(error);
          });
      on(builder, AGAIN, (context, nothing) -> again.handle(context, nothing));
      return builder.async(DELAY, (context, it) -> delay.handle(context, it)).build();
    }

    private <A, R> void on(
        Dispatcher.Builder builder, RpcMethod<A, R> method, Handler.Blocking<A, R> handler) {
      if (nonBlocking) {
        builder.nonBlocking(method, handler::handle);
      } else {
        builder.blocking(method, handler);
      }
    }
  }

  private static CompletableFuture<Long> delay(RpcContext context, Two<Long, Long> it) {
    return CompletableFuture.supplyAsync(
        it::second, CompletableFuture.delayedExecutor(it.first(), TimeUnit.MILLISECONDS));
  }

  private static int divide(int dividend, int divisor) throws RpcException {
    if (divisor == 0) {
      throw new RpcException("division by zero")
          .errorCode("interop::divide")
          .help("pass a non-zero divisor")
          .url("https://example.test/errors/divide");
    }
    return dividend / divisor;
  }
}
