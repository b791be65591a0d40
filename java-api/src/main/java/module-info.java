/** QUIC endpoints, connections and streams. */
module rs.jetstream.quic {
  requires java.naming;
  requires jdk.jfr;
  requires rs.jetstream.ffi;
  requires static transitive org.jspecify;

  exports rs.jetstream.quic;
}
