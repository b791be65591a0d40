package rs.jetstream.rpc.processor;

import java.util.StringJoiner;
import javax.lang.model.element.TypeElement;
import rs.jetstream.rpc.processor.ServiceModel.Method;
import rs.jetstream.rpc.processor.ServiceModel.Parameter;
import rs.jetstream.rpc.processor.ServiceModel.Result;
import rs.jetstream.rpc.processor.ServiceModel.Style;
import rs.jetstream.rpc.processor.Wire.Field;

/** Writes descriptor, dispatcher and clients of a service. */
final class ServiceWriter {
  private final ServiceModel service;
  private final Shapes shapes;
  private final WireTypes wires;
  private final Generator generator;
  private final String packageName;
  private final String flat;
  private final String access;

  ServiceWriter(ServiceModel service, Shapes shapes, WireTypes wires, Generator generator) {
    this.service = service;
    this.shapes = shapes;
    this.wires = wires;
    this.generator = generator;
    packageName = SourceFile.packageOf(service.type());
    flat = SourceFile.flatName(service.type());
    access = CodecWriter.access(service.type());
  }

  void write() throws Unsupported {
    descriptor();
    dispatcher();
    client();
    asyncClient();
  }

  private Code begin(String suffix, String doc) {
    SourceFile file = new SourceFile(packageName, flat + suffix, service.type());
    Code code = new Code(file, shapes, wires, null);
    file.add("/** " + doc.replace("@@", "{@link " + file.name(service.type()) + "}") + " */");
    generator.mark(file);
    return code;
  }

  private void end(Code code, String suffix) throws Unsupported {
    code.file.add("}");
    TypeElement type = service.type();
    generator.write(SourceFile.qualified(packageName, flat + suffix), code.file, type);
  }

  private static String rpc(Code code, String simpleName) {
    return code.file.name(Types.RPC + simpleName);
  }

  private static String argumentsType(Method method) {
    return SourceFile.capitalized(method.name()) + "Arguments";
  }

  private void descriptor() throws Unsupported {
    Code code = begin("Service", "The methods of @@; made from it.");
    SourceFile file = code.file;
    for (Method method : service.methods()) {
      file.reserve(argumentsType(method));
      file.reserve(argumentsType(method) + "Codec");
    }
    file.add(access + "final class " + flat + "Service {");
    for (Method method : service.methods()) {
      method(code, method);
    }
    file.add("/** The service. */");
    StringJoiner methods = new StringJoiner(", ");
    service.methods().forEach(method -> methods.add(method.constant()));
    file.add(
        access
            + "static final "
            + (rpc(code, "ServiceDescriptor") + " DESCRIPTOR =\n    new ")
            + (rpc(code, "ServiceDescriptor") + "(\n        ")
            + (code.wireName("ServiceVersion") + ".of(\"" + service.version() + "\"),\n        ")
            + (file.name("java.util.List") + ".of(" + methods + "));\n"));
    file.add("private " + flat + "Service() {}");
    for (Method method : service.methods()) {
      if (!method.arguments().isEmpty()) {
        arguments(code, method);
      }
    }
    end(code, "Service");
  }

  private void method(Code code, Method method) throws Unsupported {
    SourceFile file = code.file;
    Result result = method.result();
    String argument = method.arguments().isEmpty() ? code.wireName("Unit") : argumentsType(method);
    String codec =
        method.arguments().isEmpty()
            ? code.wireName("Codecs") + ".UNIT"
            : argumentsType(method) + "Codec.INSTANCE";
    String type = code.boxed(result.type());
    String optional = file.name("java.util.Optional");
    String end =
        method.isSubscription()
            ? optional + ".of(" + code.codec(method.end().type(), method.end().wire()) + ")"
            : optional + ".empty()";
    file.add("/** Method {@code " + method.name() + "}. */");
    file.add(
        access
            + "static final "
            + (rpc(code, "RpcMethod") + "<" + argument + ", " + type + "> " + method.constant())
            + (" =\n    new "
                + rpc(code, "RpcMethod")
                + "<>(\n        \""
                + method.name()
                + "\",\n        ")
            + (method.id() + ",\n        " + codec + ",\n        ")
            + (code.codec(result.type(), result.wire()) + ",\n        " + end + ",\n        ")
            + (method.idempotent() + ");\n"));
  }

  private void arguments(Code code, Method method) throws Unsupported {
    SourceFile file = code.file;
    String type = argumentsType(method);
    StringJoiner components = new StringJoiner(", ");
    for (Field field : method.arguments()) {
      components.add(file.type(field.type()) + " " + field.name());
    }
    file.add("");
    file.add("/** The arguments of {@code " + method.name() + "}. */");
    if (method.arguments().stream().anyMatch(it -> it.type().toString().endsWith("[]"))) {
      file.add("@SuppressWarnings(\"ArrayRecordComponent\")");
    }
    file.add(access + "record " + type + "(" + components + ") {}\n");
    file.add(
        "private static final class "
            + (type + "Codec implements " + code.wireName("Codec") + "<" + type + "> {"));
    file.add("private static final " + type + "Codec INSTANCE = new " + type + "Codec();\n");
    CodecWriter.record(code, type, type + "Codec", method.arguments(), false, false);
    file.add("}");
  }

  private void dispatcher() throws Unsupported {
    Code code = begin("Dispatcher", "Runs the methods of an implementation of @@; made from it.");
    SourceFile file = code.file;
    String dispatcher = rpc(code, "Dispatcher");
    file.add(access + "final class " + flat + "Dispatcher {");
    file.add("private " + flat + "Dispatcher() {}\n");
    file.add("/** What runs {@code service}. */");
    file.add(
        access + ("static " + dispatcher + " of(" + file.name(service.type()) + " service) {"));
    file.add("return " + dispatcher + ".builder(" + flat + "Service.DESCRIPTOR)");
    for (Method method : service.methods()) {
      file.add("    ." + handler(code, method));
    }
    file.add("    .build();");
    file.add("}");
    end(code, "Dispatcher");
  }

  private String handler(Code code, Method method) {
    StringJoiner values = new StringJoiner(", ", "service." + method.name() + "(", ")");
    for (Parameter parameter : method.parameters()) {
      values.add(parameter.isContext() ? "context" : "arguments." + parameter.name() + "()");
    }
    String call = values.toString();
    Result result = method.result();
    String unit = code.wireName("Unit") + ".INSTANCE";
    String kind;
    switch (method.style()) {
      case BLOCKING -> {
        kind = method.nonBlocking() ? "nonBlocking" : "blocking";
        if (result.isVoid()) {
          call = "{ " + call + "; return " + unit + "; }";
        } else if (result.isNullable()) {
          call = code.file.name("java.util.Optional") + ".ofNullable(" + call + ")";
        }
      }
      case STAGE, FUTURE -> {
        kind = "async";
        if (result.isVoid()) {
          call += ".thenApply(nothing -> " + unit + ")";
        } else if (result.isNullable()) {
          call += ".thenApply(" + code.file.name("java.util.Optional") + "::ofNullable)";
        }
      }
      case PUBLISHER -> kind = "publishing";
      case SUBSCRIPTION -> kind = "streaming";
      default -> throw new AssertionError(method.style());
    }
    return kind
        + ("(" + flat + "Service." + method.constant())
        + (", (context, arguments) -> " + call + ")");
  }

  private void client() throws Unsupported {
    Code code = begin("Client", "Calls @@ where it is served; made from it.");
    SourceFile file = code.file;
    String itself = flat + "Client";
    file.add(access + "final class " + itself + " implements " + file.name(service.type()) + " {");
    constructor(code, itself);
    for (Method method : service.methods()) {
      StringJoiner parameters = new StringJoiner(", ", "(", ")");
      for (Parameter parameter : method.parameters()) {
        parameters.add(file.type(parameter.type()) + " " + parameter.name());
      }
      boolean fails = method.style() == Style.BLOCKING || method.style() == Style.SUBSCRIPTION;
      file.add("");
      file.add("@Override");
      file.add(
          "public "
              + (file.type(method.element().getReturnType()) + " " + method.name() + parameters)
              + (fails ? " throws " + file.name("java.io.IOException") : "")
              + " {");
      file.add(body(code, method, fails));
      file.add("}");
    }
    end(code, "Client");
  }

  private void asyncClient() throws Unsupported {
    Code code = begin("AsyncClient", "Calls @@ where it is served, without waiting; made from it.");
    SourceFile file = code.file;
    String itself = flat + "AsyncClient";
    file.add(access + "final class " + itself + " {");
    constructor(code, itself);
    for (Method method : service.methods()) {
      StringJoiner parameters = new StringJoiner(", ", "(", ")");
      for (Parameter parameter : method.parameters()) {
        if (!parameter.isContext()) {
          parameters.add(file.type(parameter.type()) + " " + parameter.name());
        }
      }
      String returned =
          method.isSubscription()
              ? file.name("java.util.concurrent.Flow") + ".Publisher"
              : file.name("java.util.concurrent.CompletableFuture");
      file.add("");
      file.add("/** Calls {@code " + method.name() + "}. */");
      file.add(
          access
              + (returned + "<" + value(code, method.result()) + "> " + method.name())
              + (parameters + " {"));
      file.add(body(code, method, false));
      file.add("}");
    }
    end(code, "AsyncClient");
  }

  /** The type of a result as the user sees it. */
  private static String value(Code code, Result result) {
    if (result.isVoid()) {
      return "Void";
    }
    return result.isNullable()
        ? code.file.type(
            ((javax.lang.model.type.DeclaredType) result.type()).getTypeArguments().getFirst())
        : code.boxed(result.type());
  }

  private void constructor(Code code, String itself) {
    String caller = rpc(code, "Caller");
    code.file.add("private final " + caller + " caller;\n");
    code.file.add("/** Calls through {@code caller}. */");
    code.file.add(access + itself + "(" + caller + " caller) {");
    code.file.add("this.caller = caller;");
    code.file.add("}");
  }

  private String body(Code code, Method method, boolean blocking) {
    StringJoiner values =
        new StringJoiner(", ", "new " + flat + "Service." + argumentsType(method) + "(", ")");
    method.arguments().forEach(it -> values.add(it.name()));
    String arguments =
        method.arguments().isEmpty() ? code.wireName("Unit") + ".INSTANCE" : values.toString();
    String call = flat + "Service." + method.constant() + ", " + arguments + ")";
    Result result = method.result();
    if (method.isSubscription()) {
      return "return this.caller." + (blocking ? "subscribe(" : "publish(") + call + ";";
    }
    if (blocking) {
      call = "this.caller.call(" + call;
      return result.isVoid()
          ? call + ";"
          : "return " + call + (result.isNullable() ? ".orElse(null);" : ";");
    }
    call = "this.caller.callAsync(" + call;
    if (result.isVoid()) {
      return "return " + rpc(code, "Stubs") + ".map(" + call + ", unit -> null);";
    }
    if (result.isNullable()) {
      return "return " + rpc(code, "Stubs") + ".map(" + call + ", option -> option.orElse(null));";
    }
    return "return " + call + ";";
  }
}
