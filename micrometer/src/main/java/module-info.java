/** Endpoints, connections and calls as Micrometer's meters. */
module rs.jetstream.micrometer {
  requires transitive micrometer.core;
  requires transitive rs.jetstream.quic;
  requires static transitive rs.jetstream.rpc;
  requires static transitive org.jspecify;

  exports rs.jetstream.micrometer;
}
