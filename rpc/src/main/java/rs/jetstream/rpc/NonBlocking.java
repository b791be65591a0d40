package rs.jetstream.rpc;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import rs.jetstream.quic.Experimental;

/**
 * Marks a method whose implementations return in microseconds and never block: they run where the
 * call arrives, on the endpoint's own thread, and no thread is started or woken for them.
 *
 * <p>Nothing else of the endpoint goes on meanwhile, nor of any of its connections. So nothing may
 * wait there: no lock that is held for long, no file, no other service. What this library offers
 * that would wait throws an IllegalStateException. The same holds for codecs of the program's own
 * that the method's arguments and result have, and for its authorization.
 *
 * <p>It is a permission, and no promise of the server. On a server with interceptors, for a call
 * that is large or comes in pieces, while many calls or answers wait, and in process, the method
 * runs on a virtual thread that reads the lane, one call at a time. After a call that took more
 * than 10 ms, which is logged, that is so for a second. A call has the same limits, deadline and
 * events everywhere, but the handler is not interrupted.
 *
 * <p>For methods that return their result: those that return a stage do not block in any case, and
 * subscriptions cannot be marked.
 */
@Documented
@Experimental
@Retention(RetentionPolicy.CLASS)
@Target(ElementType.METHOD)
public @interface NonBlocking {}
