package rs.jetstream.rpc.processor;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.ElementKind;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.util.Elements;
import javax.tools.Diagnostic;
import rs.jetstream.rpc.processor.ServiceModel.Method;
import rs.jetstream.rpc.processor.Wire.Field;

/**
 * Writes, for each interface with {@code @JetStreamService}, what describes, runs and calls it, and
 * a codec for each record, sealed interface and enum that it uses or that has {@code @WireType}.
 */
public final class JetStreamProcessor extends AbstractProcessor {
  private static final String SERVICE = Types.RPC + "JetStreamService";
  private static final String TYPE = Types.WIRE + "WireType";

  /** Qualified names: what stands behind them may change between rounds. */
  private final Set<String> sources = new HashSet<>();

  private final Set<String> waiting = new LinkedHashSet<>();
  private final Set<String> written = new HashSet<>();
  private final Set<String> failed = new HashSet<>();

  /** Made by the compiler. */
  public JetStreamProcessor() {}

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return SourceVersion.latest();
  }

  @Override
  public Set<String> getSupportedAnnotationTypes() {
    return Set.of(SERVICE, TYPE);
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    Elements elements = processingEnv.getElementUtils();
    for (Element root : round.getRootElements()) {
      if (root instanceof TypeElement type) {
        sources.add(type.getQualifiedName().toString());
      }
    }
    for (TypeElement annotation : annotations) {
      String name = annotation.getQualifiedName().toString();
      if (name.equals(SERVICE) || name.equals(TYPE)) {
        for (Element element : round.getElementsAnnotatedWith(annotation)) {
          waiting.add(((TypeElement) element).getQualifiedName().toString());
        }
      }
    }
    if (round.processingOver()) {
      return false; // the compiler says what is missing
    }
    WireTypes wires = new WireTypes(elements, processingEnv.getTypeUtils());
    Shapes shapes = new Shapes(elements, processingEnv.getTypeUtils(), wires, sources);
    Set<String> now = new LinkedHashSet<>(waiting);
    waiting.clear();
    for (String name : now) {
      TypeElement type = elements.getTypeElement(name);
      try {
        if (type != null) {
          process(type, wires, shapes);
        }
      } catch (NotYet e) {
        waiting.add(name);
      } catch (Unsupported e) {
        report(e, type);
      }
    }
    return false;
  }

  private void report(Unsupported e, TypeElement type) {
    Element at = e.element();
    // Where the element was compiled before there is no line: the message says it all the same.
    boolean here = sources.contains(outermost(at).toString());
    String where = here ? "" : type.getQualifiedName() + " uses " + at + ": ";
    if (failed.add(at + " " + e.getMessage())) {
      processingEnv
          .getMessager()
          .printMessage(Diagnostic.Kind.ERROR, where + e.getMessage(), here ? at : type);
    }
  }

  private static Element outermost(Element element) {
    Element it = element;
    while (it.getEnclosingElement() != null
        && it.getEnclosingElement().getKind() != ElementKind.PACKAGE) {
      it = it.getEnclosingElement();
    }
    return it;
  }

  private void process(TypeElement type, WireTypes wires, Shapes shapes) throws Unsupported {
    Elements elements = processingEnv.getElementUtils();
    Generator generator = new Generator(processingEnv.getFiler(), elements, sources);
    Set<TypeElement> used = new LinkedHashSet<>();
    List<ServiceModel> services = new ArrayList<>();
    if (WireTypes.has(type, SERVICE)) {
      ServiceModel service =
          new ServiceReader(elements, processingEnv.getTypeUtils(), wires, shapes).read(type);
      services.add(service);
      for (Method method : service.methods()) {
        for (Field field : method.arguments()) {
          collect(field, used);
        }
        Shapes.collect(method.result().wire(), used);
        Shapes.collect(method.end().wire(), used);
      }
    }
    if (WireTypes.has(type, TYPE)) {
      boolean carried =
          type.getKind() == ElementKind.RECORD
              || type.getKind() == ElementKind.ENUM
              || (type.getKind() == ElementKind.INTERFACE
                  && type.getModifiers().contains(Modifier.SEALED));
      if (!carried || !type.getTypeParameters().isEmpty()) {
        throw new Unsupported(
            type, "@WireType goes with records, enums and sealed interfaces, without parameters");
      }
      used.add(type);
    }
    // Nothing is written before all of it is known to be carried.
    List<TypeElement> all = new ArrayList<>(used);
    for (int i = 0; i < all.size(); i++) {
      TypeElement it = all.get(i);
      if (shapes.of(it) instanceof Wire.Shape.OfRecord shape) {
        for (Field field : shape.fields()) {
          Wire wire = field.wire();
          if (wire != null) {
            shapes.checkKeys(wire, field.element());
          }
        }
      }
      for (TypeElement held : shapes.held(it)) {
        if (used.add(held)) {
          all.add(held);
        }
      }
    }
    for (TypeElement it : all) {
      if (written.add(it.getQualifiedName().toString())) {
        TypeElement usedBy = WireTypes.has(it, TYPE) ? it : type;
        new CodecWriter(shapes, wires, generator).write(it, usedBy);
      }
    }
    for (ServiceModel service : services) {
      new ServiceWriter(service, shapes, wires, generator).write();
    }
  }

  private static void collect(Field field, Set<TypeElement> into) {
    Wire wire = field.wire();
    if (wire != null) {
      Shapes.collect(wire, into);
    }
  }
}
