/** Benchmarks of the library: a peer for runs against Rust, and JMH classes. */
@org.jspecify.annotations.NullMarked
package rs.jetstream.benchmarks;
