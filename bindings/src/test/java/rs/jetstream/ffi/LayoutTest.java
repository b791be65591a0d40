package rs.jetstream.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import rs.jetstream.ffi.raw.jetstream_h;

/** The raw bindings lay structs out as the library that is loaded does. */
final class LayoutTest {
  @Test
  void eachStructAndFieldLiesWhereTheLibraryPutsIt() throws Exception {
    Map<String, Long> library = new TreeMap<>();
    NativeLibrary.layouts()
        .lines()
        .forEach(line -> {
          String[] nameAndNumber = line.split(" ", -1);
          assertThat(nameAndNumber).as(line).hasSize(2);
          assertThat(library.put(nameAndNumber[0], Long.valueOf(nameAndNumber[1])))
              .as(line)
              .isNull();
        });
    Map<String, Long> bindings = new TreeMap<>();
    for (Class<?> struct : rawStructs()) {
      GroupLayout layout = (GroupLayout) struct.getMethod("layout").invoke(null);
      bindings.put(struct.getSimpleName(), layout.byteSize());
      for (MemoryLayout member : layout.memberLayouts()) {
        Optional<String> field = member.name();
        if (field.isPresent()) {
          long offset = (long) struct.getMethod(field.get() + "$offset").invoke(null);
          bindings.put(struct.getSimpleName() + "." + field.get(), offset);
        }
      }
    }
    assertThat(bindings).hasSizeGreaterThan(50).containsExactlyEntriesOf(library);
  }

  private static Class<?>[] rawStructs() throws IOException, URISyntaxException {
    Path folder = Path.of(jetstream_h.class.getResource("jetstream_h.class").toURI()).getParent();
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString().replace(".class", ""))
          .filter(name -> !name.contains("$"))
          .map(LayoutTest::raw)
          .filter(type -> Stream.of(type.getMethods()).anyMatch(m -> m.getName().equals("layout")))
          .toArray(Class<?>[]::new);
    }
  }

  private static Class<?> raw(String name) {
    try {
      return Class.forName(jetstream_h.class.getPackageName() + "." + name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }
}
