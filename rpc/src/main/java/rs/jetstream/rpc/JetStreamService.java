package rs.jetstream.rpc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks an interface as a service. {@code jetstream-rpc-processor} makes its client and dispatcher.
 *
 * <p>For {@code interface Echo} it writes, as source, {@code EchoService} with the descriptor and
 * the methods, {@code EchoClient} and {@code EchoAsyncClient} over a {@link Caller}, and {@code
 * EchoDispatcher} with {@code static Dispatcher of(Echo)}. Of a nested interface the names of the
 * outer classes come first: {@code Outer_EchoClient}.
 *
 * <p>A method takes values that the wire format carries, and at most one {@link RpcContext}, which
 * is not sent. It returns
 *
 * <ul>
 *   <li>a value or nothing, and declares {@code throws IOException}: every call may fail;
 *   <li>a {@link java.util.concurrent.CompletionStage} or {@link
 *       java.util.concurrent.CompletableFuture} of a value;
 *   <li>a {@link java.util.concurrent.Flow.Publisher} of items, or a {@link Subscription} to items
 *       with a typed end.
 * </ul>
 *
 * <p>The order of the methods is part of the contract: the first has the ids 102 and 103, the
 * second 104 and 105, unless {@link MethodId} says otherwise. New methods come last.
 *
 * {@snippet :
 * @JetStreamService(version = "rs.jetstream.proto/echo/1.2.3+d541b537")
 * interface Echo {
 *   String echo(String text) throws IOException;
 * }
 * }
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface JetStreamService {
  /** The version text, {@code rs.jetstream.proto/<name>/<major>.<minor>.<patch>+<digest>}. */
  String version();
}
