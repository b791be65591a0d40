package rs.jetstream.rpc;

import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds what the annotation processor made for an interface. Once per service, not per call;
 * passing the generated objects themselves needs none of it.
 */
final class Generated {
  private Generated() {}

  /** The interfaces that {@code implementation} implements and that are services. */
  static List<Class<?>> contracts(Class<?> implementation) {
    Set<Class<?>> found = new LinkedHashSet<>();
    for (Class<?> type = implementation; type != null; type = type.getSuperclass()) {
      collect(type, found);
    }
    return new ArrayList<>(found);
  }

  private static void collect(Class<?> type, Set<Class<?>> found) {
    for (Class<?> it : type.getInterfaces()) {
      if (it.isAnnotationPresent(JetStreamService.class)) {
        found.add(it);
      }
      collect(it, found);
    }
  }

  static Dispatcher dispatcher(Class<?> contract, Object implementation) {
    String name = name(contract, "Dispatcher");
    String instead = "pass " + name + ".of(implementation) instead";
    return call(
        name,
        instead,
        () -> {
          var of = load(contract, name).getDeclaredMethod("of", contract);
          of.setAccessible(true);
          return (Dispatcher) of.invoke(null, implementation);
        });
  }

  static ServiceDescriptor descriptor(Class<?> contract) {
    String name = name(contract, "Service");
    String instead = "use caller(" + name + ".DESCRIPTOR) instead";
    return call(
        name,
        instead,
        () -> {
          var field = load(contract, name).getDeclaredField("DESCRIPTOR");
          field.setAccessible(true);
          return (ServiceDescriptor) field.get(null);
        });
  }

  static <T> T client(Class<T> contract, Caller caller) {
    String name = name(contract, "Client");
    String instead = "use new " + name + "(caller) instead";
    return call(
        name,
        instead,
        () -> {
          var constructor = load(contract, name).getDeclaredConstructor(Caller.class);
          constructor.setAccessible(true);
          return contract.cast(constructor.newInstance(caller));
        });
  }

  private static String name(Class<?> contract, String suffix) {
    if (!contract.isAnnotationPresent(JetStreamService.class)) {
      throw new IllegalArgumentException(contract.getName() + " is no @JetStreamService");
    }
    String inPackage =
        contract.getPackageName().isEmpty()
            ? contract.getName()
            : contract.getName().substring(contract.getPackageName().length() + 1);
    String prefix = contract.getPackageName().isEmpty() ? "" : contract.getPackageName() + ".";
    return prefix + inPackage.replace('$', '_') + suffix;
  }

  private static Class<?> load(Class<?> contract, String name) throws ClassNotFoundException {
    return Class.forName(name, true, contract.getClassLoader());
  }

  private interface Reflection<T> {
    T run() throws ReflectiveOperationException;
  }

  private static <T> T call(String name, String instead, Reflection<T> reflection) {
    try {
      return reflection.run();
    } catch (ClassNotFoundException e) {
      throw new IllegalArgumentException(
          name + " is missing: has the annotation processor jetstream-rpc-processor run?", e);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(name + " has failed", e.getCause());
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      throw new IllegalArgumentException(name + " cannot be reached: " + instead, e);
    }
  }
}
