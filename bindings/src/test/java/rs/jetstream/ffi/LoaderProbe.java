package rs.jetstream.ffi;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** What {@link LoaderTest} runs in JVMs of their own. Prints one fact a line. */
final class LoaderProbe {
  private LoaderProbe() {}

  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      report(NativeLibrary.class);
      return;
    }
    String[] roots = System.getProperty("java.class.path").split(File.pathSeparator, -1);
    URL[] urls = new URL[roots.length];
    for (int i = 0; i < urls.length; i++) {
      urls[i] = Path.of(roots[i]).toUri().toURL();
    }
    for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
      @SuppressWarnings("resource") // for the life of the process, as an application server's
      URLClassLoader loader = new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
      report(loader.loadClass(NativeLibrary.class.getName()));
    }
  }

  private static void report(Class<?> library) throws ReflectiveOperationException {
    System.out.println("available: " + library.getMethod("isAvailable").invoke(null));
    System.out.println("cause: " + library.getMethod("unavailabilityCause").invoke(null));
    try {
      Object versions = library.getMethod("versions").invoke(null);
      System.out.println("path: " + versions.getClass().getMethod("path").invoke(versions));
    } catch (java.lang.reflect.InvocationTargetException e) {
      System.out.println("thrown: " + e.getCause());
    }
  }
}
