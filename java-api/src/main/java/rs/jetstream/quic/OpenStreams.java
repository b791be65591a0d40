package rs.jetstream.quic;

import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The streams of a connection that are open here; they are closed with it. */
final class OpenStreams {
  private final Set<AbstractStream> streams = ConcurrentHashMap.newKeySet();

  /** Where they were opened or accepted; empty but for debugging. */
  private final Map<AbstractStream, LeakReports.Opened> openedAt = new ConcurrentHashMap<>(0);

  void add(AbstractStream stream) {
    streams.add(stream);
    LeakReports.Opened place = LeakReports.here("a stream");
    if (place != null) {
      openedAt.put(stream, place);
    }
  }

  void remove(AbstractStream stream) {
    streams.remove(stream);
    if (!openedAt.isEmpty()) {
      var _ = openedAt.remove(stream);
    }
  }

  Collection<AbstractStream> all() {
    return Collections.unmodifiableCollection(streams);
  }

  /** Closes those that are there, and reports each as left open. */
  void closeAll() {
    openedAt.forEach((stream, place) ->
        LeakReports.leftOpen("stream " + stream.id(), "its connection was closed", place));
    streams.forEach(AbstractStream::close);
  }
}
