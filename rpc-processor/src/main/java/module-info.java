/** Writes codecs, clients and dispatchers while the compiler runs. */
module rs.jetstream.rpc.processor {
  requires java.compiler;
  requires static org.jspecify;

  provides javax.annotation.processing.Processor with
      rs.jetstream.rpc.processor.JetStreamProcessor;
}
