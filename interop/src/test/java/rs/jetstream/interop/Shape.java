package rs.jetstream.interop;

import java.util.List;
import rs.jetstream.wire.U32;

/** An enum with fields, which holds itself. */
public sealed interface Shape {
  /** Nothing. */
  record Point() implements Shape {}

  /** One field. */
  record Circle(@U32 long radius) implements Shape {}

  /** Two fields. */
  record Rectangle(@U32 long width, @U32 long height) implements Shape {}

  /** Others. */
  record Group(String name, List<Shape> shapes) implements Shape {}
}
