/**
 * The native half as Java sees it: loading, checked calls, and the wake-up.
 *
 * <p>Package {@code raw} is what jextract wrote for {@code native/include/jetstream.h}. The classes
 * here add what jextract does not: a loader, memory for outputs, errors as data, and the one
 * upcall. They hold no policy: handles are numbers and every call answers a status.
 */
@NullMarked
package rs.jetstream.ffi;

import org.jspecify.annotations.NullMarked;
