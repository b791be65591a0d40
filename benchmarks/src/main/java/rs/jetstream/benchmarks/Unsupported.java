package rs.jetstream.benchmarks;

/** A transport does not have what a workload or setting asks for. */
final class Unsupported extends Exception {
  private static final long serialVersionUID = 1;

  Unsupported(String message) {
    super(message);
  }
}
