package rs.jetstream.rpc;

import java.time.Duration;
import java.util.List;

/** What all lanes of a client have in common. */
record ClientSettings(
    List<Interceptor> interceptors,
    RpcEvents events,
    int maxFrame,
    int maxCallsPerLane,
    int lanesPerService,
    int maxWaitingCalls,
    int maxAttempts,
    long maxQueued,
    Duration openTimeout,
    Duration sendTimeout) {}
