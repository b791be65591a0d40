package rs.jetstream.rpc.interop;

import java.util.List;
import java.util.Optional;
import rs.jetstream.wire.U32;

/** An enum with fields. */
public sealed interface Shape {
  /** Nothing. */
  record Empty() implements Shape {}

  /** One field. */
  record Circle(double radius) implements Shape {}

  /** Two fields. */
  record Rect(@U32 long w, @U32 long h) implements Shape {}

  /** A list. */
  record Path(List<Point> points) implements Shape {}

  /** An option. */
  record Label(String text, Optional<Point> at) implements Shape {}
}
