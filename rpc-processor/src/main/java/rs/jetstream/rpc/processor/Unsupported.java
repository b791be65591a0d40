package rs.jetstream.rpc.processor;

import java.io.Serial;
import javax.lang.model.element.Element;

/** Something that the wire cannot carry, and where it stands. */
final class Unsupported extends Exception {
  @Serial private static final long serialVersionUID = 1;

  private final transient Element element;

  Unsupported(Element element, String message) {
    super(message);
    this.element = element;
  }

  Element element() {
    return element;
  }
}
