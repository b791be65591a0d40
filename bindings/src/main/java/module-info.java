/** The native library behind checked calls. For the modules of this project only. */
@SuppressWarnings("module") // rs.jetstream.quic is compiled after this module
module rs.jetstream.ffi {
  requires static transitive org.jspecify;

  exports rs.jetstream.ffi to
      rs.jetstream.quic;
  exports rs.jetstream.ffi.raw to
      rs.jetstream.quic;
}
