package rs.jetstream.rpc;

import java.io.IOException;

/** Makes lanes to one server. */
interface LaneOpener extends AutoCloseable {
  /**
   * A lane without a handshake, waiting for a connection where there is none.
   *
   * @param index lanes of the same index share a connection
   */
  LaneTransport open(int index) throws IOException;

  @Override
  void close();
}
