/**
 * What benchmarks/trials runs: a server, its clients and an attacker, each a process of its own.
 */
@org.jspecify.annotations.NullMarked
package rs.jetstream.benchmarks.trials;
