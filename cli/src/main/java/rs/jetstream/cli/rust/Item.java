package rs.jetstream.cli.rust;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a source declares, as far as messages can be made of it. */
sealed interface Item {
  /** Its name. */
  Token name();

  /** A struct with {@code #[derive(JetStreamWireFormat)]}. */
  record Struct(Token name, List<String> docs, List<Field> fields) implements Item {}

  /** An enum with {@code #[derive(JetStreamWireFormat)]}. */
  record Variants(Token name, List<String> docs, List<Variant> variants) implements Item {}

  /** A trait with {@code #[service]}. */
  record Service(Token name, List<String> docs, List<Method> methods) implements Item {}

  /**
   * Another name of a type.
   *
   * @param refusal why it is none of a message, which matters only where the name is used
   */
  record Alias(Token name, @Nullable RustType type, @Nullable Refusal refusal) implements Item {}

  /**
   * A type that no message can have.
   *
   * @param why empty when it was told already
   */
  record Other(Token name, String why) implements Item {}

  /** One variant of an enum. */
  record Variant(Token name, List<String> docs, List<Field> fields) {}

  /**
   * One field.
   *
   * @param name null for that of a tuple
   * @param type null for a skipped one whose type is none of a message
   */
  record Field(
      @Nullable Token name,
      Token at,
      List<String> docs,
      @Nullable RustType type,
      boolean isSkipped) {}

  /**
   * One method.
   *
   * @param result what it gives, or the items of a subscription
   * @param end what a subscription ends with, or null
   */
  record Method(
      Token name,
      List<String> docs,
      List<Field> parameters,
      RustType result,
      @Nullable RustType end) {}
}
