/** The services of jetstream-peer in Java, and the tests that talk to it in both roles. */
package rs.jetstream.interop;
