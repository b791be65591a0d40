package rs.jetstream.rpc.interop;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.annotation.processing.AbstractProcessor;
import javax.annotation.processing.Filer;
import javax.annotation.processing.ProcessingEnvironment;
import javax.annotation.processing.RoundEnvironment;
import javax.lang.model.SourceVersion;
import javax.lang.model.element.Element;
import javax.lang.model.element.TypeElement;
import rs.jetstream.rpc.processor.JetStreamProcessor;

/** The processor, and what it tells the compiler of the origins of its files. */
final class RecordingProcessor extends AbstractProcessor {
  /** Names of the originating elements, by the name of the type that was made. */
  final Map<String, List<String>> origins = new TreeMap<>();

  private final JetStreamProcessor processor = new JetStreamProcessor();

  @Override
  public synchronized void init(ProcessingEnvironment environment) {
    super.init(environment);
    Filer filer =
        delegate(
            Filer.class,
            environment.getFiler(),
            (name, arguments) -> {
              if (name.equals("createSourceFile")) {
                origins.put(
                    String.valueOf(arguments[0]),
                    Arrays.stream((Element[]) arguments[1]).map(Element::toString).toList());
              }
              return null;
            });
    processor.init(
        delegate(
            ProcessingEnvironment.class,
            environment,
            (name, arguments) -> name.equals("getFiler") ? filer : null));
  }

  private interface Instead {
    /** What is returned instead, or null. */
    Object of(String method, Object[] arguments);
  }

  private static <T> T delegate(Class<T> type, T to, Instead instead) {
    Object proxy =
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> {
              Object other = instead.of(method.getName(), arguments);
              try {
                return other != null ? other : method.invoke(to, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
    return type.cast(proxy);
  }

  @Override
  public SourceVersion getSupportedSourceVersion() {
    return processor.getSupportedSourceVersion();
  }

  @Override
  public Set<String> getSupportedAnnotationTypes() {
    return processor.getSupportedAnnotationTypes();
  }

  @Override
  public boolean process(Set<? extends TypeElement> annotations, RoundEnvironment round) {
    boolean ignored = processor.process(annotations, round);
    return false;
  }
}
