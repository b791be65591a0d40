package rs.jetstream.quic;

import java.time.Duration;

/**
 * How a server's shutdown went.
 *
 * @param finished connections that had no open stream any more, or ended by themselves, in time
 * @param closed connections that still had open streams at the deadline
 * @param streamsCut open streams of those
 * @param refused datagrams of attempts to connect that were refused meanwhile
 * @param took how long it took
 */
public record ShutdownReport(
    int finished, int closed, int streamsCut, long refused, Duration took) {}
