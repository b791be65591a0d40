package rs.jetstream.cli.rust;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import rs.jetstream.cli.rust.Item.Field;
import rs.jetstream.cli.rust.JavaModel.Body;
import rs.jetstream.cli.rust.JavaModel.Component;
import rs.jetstream.cli.rust.JavaModel.JavaRecord;

/** Makes the files of Java of what is declared, and finds all that Java cannot have. */
final class Mapper {
  private static final int MAX_METHODS = 77;
  private static final int MAX_VARIANTS = 256;

  /** Of a constructor, where long and double take two; one is the object's. */
  private static final int MAX_SLOTS = 254;

  private final Declarations declarations;
  private final Versions versions;
  private final Problems problems;
  private final List<String> notes = new ArrayList<>();
  private final List<TypeMapper.Key> keys = new ArrayList<>();

  Mapper(Declarations declarations, Versions versions, Problems problems) {
    this.declarations = declarations;
    this.versions = versions;
    this.problems = problems;
  }

  List<JavaModel> map() {
    List<JavaModel> models = new ArrayList<>();
    for (Item item : declarations.written()) {
      models.add(map(item));
    }
    if (problems.isEmpty()) { // or else they would tell of what is missing
      checkGraph(models);
    }
    return models;
  }

  private void checkGraph(List<JavaModel> models) {
    WireGraph graph = new WireGraph(models);
    for (TypeMapper.Key key : keys) {
      if (!graph.hasOrder(key.type())) {
        problems.add(
            key.at(),
            "no key of a map and no member of a set: it has no order, as it holds a float, a map, a"
                + " set or itself; take Vec");
      }
    }
    for (JavaModel model : models) {
      if (!graph.ends(model.name())) {
        problems.add(
            model.from(),
            model.from().text() + " holds itself, so no value of it ends: take Option or Vec");
      }
    }
  }

  /** What was left out, and why that is right. */
  List<String> notes() {
    return notes;
  }

  private JavaModel map(Item item) {
    String name = declarations.javaName(item);
    return switch (item) {
      case Item.Struct struct -> {
        TypeMapper types = new TypeMapper(declarations, name, List.of());
        List<Component> components = components(struct.fields(), types);
        checkSlots(struct.name(), components);
        yield model(name, struct.name(), struct.docs(), new JavaModel.OfRecord(components), types);
      }
      case Item.Variants variants -> variants(variants, name);
      case Item.Service service -> service(service, name);
      case Item.Alias _, Item.Other _ -> throw new AssertionError(item);
    };
  }

  private JavaModel model(String name, Token from, List<String> docs, Body body, TypeMapper types) {
    keys.addAll(types.keys());
    return new JavaModel(name, from, docs, body, types.tuples());
  }

  private JavaModel variants(Item.Variants item, String name) {
    List<Item.Variant> variants = item.variants();
    if (variants.isEmpty()) {
      problems.add(item.name(), "an enum on the wire has at least one variant");
    } else if (variants.size() > MAX_VARIANTS) {
      problems.add(
          variants.get(MAX_VARIANTS).name(),
          "an enum on the wire has at most " + MAX_VARIANTS + " variants");
    }
    boolean isPlain = variants.stream().allMatch(it -> it.fields().isEmpty());
    List<String> names = new ArrayList<>();
    Set<String> unique = new HashSet<>();
    for (Item.Variant variant : variants) {
      String javaName = variant.name().text();
      try {
        javaName = isPlain ? Names.constant(variant.name()) : Names.type(variant.name());
        if (javaName.equals(name)) {
          javaName += "_"; // a type inside cannot have the name of the one around
        }
        checkUnique(unique, variant.name(), javaName);
      } catch (Refusal e) {
        problems.add(e);
      }
      names.add(javaName);
    }
    TypeMapper types = new TypeMapper(declarations, name, isPlain ? List.of() : names);
    if (isPlain) {
      List<JavaModel.Constant> constants = new ArrayList<>();
      for (int i = 0; i < names.size(); i++) {
        constants.add(new JavaModel.Constant(names.get(i), variants.get(i).docs()));
      }
      return model(name, item.name(), item.docs(), new JavaModel.OfConstants(constants), types);
    }
    List<JavaRecord> records = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      Item.Variant variant = variants.get(i);
      List<Component> components = components(variant.fields(), types);
      checkSlots(variant.name(), components);
      records.add(new JavaRecord(names.get(i), variant.docs(), components));
    }
    return model(name, item.name(), item.docs(), new JavaModel.OfVariants(records), types);
  }

  private JavaModel service(Item.Service item, String name) {
    List<Item.Method> declared = item.methods();
    if (declared.size() > MAX_METHODS) {
      problems.add(
          declared.get(MAX_METHODS).name(), "a service has at most " + MAX_METHODS + " methods");
    }
    TypeMapper types = new TypeMapper(declarations, name, List.of());
    List<JavaModel.Method> methods = new ArrayList<>();
    Set<String> unique = new HashSet<>();
    for (Item.Method method : declared) {
      try {
        String methodName = Names.member(method.name());
        checkUnique(unique, method.name(), methodName);
        methods.add(method(method, methodName, types));
      } catch (Refusal e) {
        problems.add(e);
      }
    }
    String version = "";
    try {
      version = versions.of(item.name());
    } catch (Refusal e) {
      problems.add(e);
    }
    return model(name, item.name(), item.docs(), new JavaModel.OfService(version, methods), types);
  }

  private JavaModel.Method method(Item.Method method, String name, TypeMapper types)
      throws Refusal {
    List<Component> parameters = new ArrayList<>();
    Set<String> unique = new HashSet<>();
    boolean hasContext = false;
    for (Field field : method.parameters()) {
      Token at = field.at();
      String parameter = Names.member(at);
      checkUnique(unique, at, parameter);
      boolean isContext =
          field.type() instanceof RustType.Named named && named.name().equals("Context");
      if (isContext && hasContext) {
        throw new Refusal(at, "a method has one Context");
      }
      hasContext |= isContext;
      JavaType type =
          isContext || field.type() == null
              ? KnownTypes.CONTEXT
              : types.map(field.type(), Names.type(at));
      parameters.add(new Component(parameter, type, field.docs(), false));
    }
    checkSlots(method.name(), parameters);
    String hint = Names.type(method.name());
    RustType.Tuple nothing =
        method.result() instanceof RustType.Tuple it && it.members().isEmpty() ? it : null;
    if (method.end() != null) {
      return new JavaModel.Method(
          name,
          method.docs(),
          parameters,
          types.map(method.result(), hint + "Item"),
          types.map(method.end(), hint + "End"));
    }
    JavaType result = nothing != null ? null : types.map(method.result(), hint + "Result");
    return new JavaModel.Method(name, method.docs(), parameters, result, null);
  }

  private List<Component> components(List<Field> fields, TypeMapper types) {
    List<Component> components = new ArrayList<>();
    Set<String> unique = new HashSet<>();
    for (int i = 0; i < fields.size(); i++) {
      Field field = fields.get(i);
      try {
        String name =
            field.name() == null ? TypeMapper.member(i, fields.size()) : Names.member(field.name());
        checkUnique(unique, field.at(), name);
        JavaType type =
            field.isSkipped() ? skipped(field, name, types) : mapped(field, name, types);
        if (type != null) {
          components.add(new Component(name, type, field.docs(), field.isSkipped()));
        }
      } catch (Refusal e) {
        problems.add(e);
      }
    }
    return components;
  }

  private static @Nullable JavaType mapped(Field field, String name, TypeMapper types)
      throws Refusal {
    String hint = field.name() == null ? Names.capitalized(name) : Names.type(field.name());
    return field.type() == null ? null : types.map(field.type(), hint);
  }

  private @Nullable JavaType skipped(Field field, String name, TypeMapper types) {
    int before = types.tuples().size();
    try {
      JavaType type = mapped(field, name, types);
      if (type != null) {
        return type;
      }
    } catch (Refusal e) {
      types.forgetTuples(before);
    }
    notes.add(field.at().place() + ": skipped, and of a type that Java does not have: left out");
    return null;
  }

  private void checkSlots(Token at, List<Component> components) {
    int slots = 0;
    for (Component component : components) {
      String primitive = component.type().primitive();
      slots += primitive.equals("long") || primitive.equals("double") ? 2 : 1;
    }
    if (slots > MAX_SLOTS) {
      problems.add(at, "more values than Java has room for in one record: put some into a struct");
    }
  }

  private static void checkUnique(Set<String> names, Token at, String name) throws Refusal {
    if (!names.add(name)) {
      throw new Refusal(
          at, "another one is called " + name + " in Java: import a copy with another name");
    }
  }
}
