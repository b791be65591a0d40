/** The {@code jetstream} command. */
module rs.jetstream.cli {
  requires com.fasterxml.jackson.jr.ob;
  requires info.picocli;
  requires me.tongfei.progressbar;
  requires rs.jetstream.quic;
  requires static org.jspecify;

  opens rs.jetstream.cli to
      info.picocli;
}
