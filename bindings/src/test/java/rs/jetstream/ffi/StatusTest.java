package rs.jetstream.ffi;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import rs.jetstream.ffi.raw.jetstream_h;

/** The constants that Java switches on are those of the header. */
final class StatusTest {
  private static final String PREFIX = "JETSTREAM_STATUS_";

  @Test
  void constantsAreThoseOfTheHeaderAndNoneIsMissing() throws ReflectiveOperationException {
    Map<String, Integer> header = new TreeMap<>();
    for (Method method : jetstream_h.class.getMethods()) {
      if (method.getName().startsWith(PREFIX) && method.getParameterCount() == 0) {
        header.put(method.getName().substring(PREFIX.length()), (int) method.invoke(null));
      }
    }
    Map<String, Integer> java = new TreeMap<>();
    for (Field field : NativeStatus.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers())) {
        java.put(field.getName(), field.getInt(null));
      }
    }
    assertThat(java).hasSizeGreaterThan(30).containsExactlyEntriesOf(header);
    assertThat(java.values()).doesNotHaveDuplicates();
  }
}
