package rs.jetstream.rpc;

import java.time.Duration;
import java.util.List;

/** What all lanes of a server have in common. */
record ServerSettings(
    Services services,
    List<Interceptor> interceptors,
    RpcEvents events,
    int maxFrame,
    int maxCallsPerLane,
    long maxQueued,
    Duration callTimeout,
    Duration handshakeTimeout,
    Duration frameTimeout,
    Duration sendTimeout,
    boolean sendsBackTraces,
    boolean requiresSameDigest) {}
