/** JetStream's wire format, and services over it. */
module rs.jetstream.rpc {
  requires transitive rs.jetstream.quic;
  requires jdk.jfr;
  requires static transitive org.jspecify;

  exports rs.jetstream.rpc;
  exports rs.jetstream.wire;
}
