package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class ModulesTest {
  @Test
  void testsRunInsideTheModuleAndReachTheBindings() {
    Module module = ModulesTest.class.getModule();
    Module bindings = module.getLayer().findModule("rs.jetstream.ffi").orElseThrow();
    assertThat(module.getName()).isEqualTo("rs.jetstream.quic");
    assertThat(bindings.isExported("rs.jetstream.ffi", module)).isTrue();
    assertThat(bindings.isNativeAccessEnabled()).isTrue();
    assertThat(System.getProperty("jetstream.native.path")).isNull();
  }

  @Test
  @Tag("test-hooks")
  void libraryWithTestHooksIsNamed() {
    assertThat(Files.exists(Path.of(System.getProperty("jetstream.native.path")))).isTrue();
  }
}
