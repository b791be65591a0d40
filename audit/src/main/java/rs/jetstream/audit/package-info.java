/**
 * Small programs that hold the repository against its security policy; used by tests and scripts.
 */
@NullMarked
package rs.jetstream.audit;

import org.jspecify.annotations.NullMarked;
