/** Endpoints, connections and calls as Micrometer's meters. */
@org.jspecify.annotations.NullMarked
package rs.jetstream.micrometer;
