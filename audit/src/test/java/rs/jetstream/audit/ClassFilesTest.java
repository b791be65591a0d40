package rs.jetstream.audit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What no class of ours does, looked up in the class files of all modules. */
@Timeout(120)
final class ClassFilesTest {
  private static final JavaClasses OURS = ours();

  private static final ArchRule NO_SERIALIZATION =
      noClasses()
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              ObjectInputStream.class,
              java.io.ObjectOutputStream.class,
              java.io.ObjectInputFilter.class,
              java.io.Externalizable.class)
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.beans.XMLDecoder");

  /**
   * But for two that run when a program builds its server or client, with a class that the program
   * gives: what the annotation processor wrote for it is found by its name.
   */
  private static final ArchRule NO_REFLECTION =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("rs.jetstream.rpc.Generated")
          .and()
          .doNotHaveFullyQualifiedName("rs.jetstream.rpc.Authorization")
          .should()
          .accessTargetWhere(
              target(
                  "makes or calls what a text names",
                  access -> {
                    String owner = access.getTargetOwner().getFullName();
                    String name = access.getTarget().getName();
                    return switch (owner) {
                      case "java.lang.Class" ->
                          List.of(
                                  "forName",
                                  "newInstance",
                                  "getMethod",
                                  "getMethods",
                                  "getDeclaredMethod",
                                  "getDeclaredField",
                                  "getField",
                                  "getConstructor",
                                  "getDeclaredConstructor")
                              .contains(name);
                      case "java.lang.ClassLoader" ->
                          name.equals("loadClass") || name.equals("defineClass");
                      case "java.lang.reflect.Method" -> name.equals("invoke");
                      case "java.lang.reflect.Constructor" -> name.equals("newInstance");
                      case "java.lang.reflect.Proxy" -> name.equals("newProxyInstance");
                      default -> false;
                    };
                  }));

  @Test
  void allModulesAreSeen() {
    assertThat(OURS.stream().map(JavaClass::getPackageName).distinct())
        .contains("rs.jetstream.quic", "rs.jetstream.ffi", "rs.jetstream.rpc", "rs.jetstream.cli");
    assertThat(OURS).hasSizeGreaterThan(100);
  }

  // r[verify security.1.24]
  @Test
  void nothingIsReadByJavaSerialization() {
    NO_SERIALIZATION.check(OURS);
  }

  // r[verify security.1.24]
  @Test
  void nothingIsMadeOrCalledByAName() {
    NO_REFLECTION.check(OURS);
  }

  // r[verify security.1.24]
  @Test
  void aClassThatDoesEitherIsFound() {
    JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);
    assertThatThrownBy(() -> NO_SERIALIZATION.check(planted)).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> NO_REFLECTION.check(planted)).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> noWayAround().check(planted)).isInstanceOf(AssertionError.class);
  }

  // r[verify security.1.12]
  // r[verify security.1.27]
  @Test
  void noPublicNameSwitchesVerificationOff() {
    noWayAround().check(OURS);
  }

  // r[verify security.1.12]
  // r[verify security.1.27]
  @Test
  void whatIsDangerousSaysSoAndIsListed() {
    List<String> dangerous =
        OURS.stream()
            .flatMap(it -> it.getMethods().stream())
            .filter(it -> it.getModifiers().contains(JavaModifier.PUBLIC))
            .filter(it -> it.getName().startsWith("dangerously"))
            .map(it -> it.getOwner().getSimpleName() + "." + it.getName())
            .sorted()
            .toList();
    // Each is a decision; a new one needs its line in SECURITY.md.
    assertThat(dangerous)
        .containsExactly(
            "Builder.dangerouslyAllowTestCertificate",
            "Builder.dangerouslyLogKeys",
            "Builder.dangerouslyLogKeys",
            "Builder.dangerouslySendBackTraces");
    assertThat(
            OURS.stream()
                .filter(it -> it.getPackageName().startsWith("rs.jetstream.quic"))
                .flatMap(it -> it.getMethods().stream())
                .filter(it -> it.getModifiers().contains(JavaModifier.PUBLIC))
                .filter(it -> !it.getOwner().isRecord())
                .map(it -> it.getName())
                .filter(it -> it.toLowerCase(Locale.ROOT).contains("keylog")))
        .isEmpty();
    String policy = Repository.ofBuild().text("SECURITY.md");
    assertThat(dangerous)
        .allSatisfy(it -> assertThat(policy).contains(it.substring(it.indexOf('.') + 1)));
  }

  // r[verify security.1.27]
  @Test
  void everySystemPropertyIsInTheReadme() {
    String readme = Repository.ofBuild().text("README.md");
    List<String> properties =
        Repository.ofBuild().files().stream()
            .filter(it -> it.matches("(bindings|java-api|rpc|cli)/src/main/java/.*\\.java"))
            .flatMap(it -> Repository.ofBuild().text(it).lines())
            .flatMap(it ->
                java.util.regex.Pattern.compile("\"(jetstream\\.[a-z.]+)\"")
                    .matcher(it)
                    .results()
                    .map(found -> found.group(1)))
            .distinct()
            .toList();
    assertThat(properties)
        .isNotEmpty()
        .allSatisfy(it -> assertThat(readme).contains("`" + it + "`"));
    assertThat(properties).noneMatch(it -> it.matches(".*(verif|trust|insecure|policy|keylog).*"));
  }

  // r[verify security.1.29]
  @Test
  void theTransportReadsNoEnvironment() {
    noClasses()
        .that()
        .resideInAnyPackage("rs.jetstream.quic..")
        .and()
        .doNotHaveFullyQualifiedName(
            "rs.jetstream.quic.SystemdSockets") // reads it when it is asked to
        .should()
        .callMethod(System.class, "getenv", String.class)
        .orShould()
        .callMethod(System.class, "getenv")
        .check(OURS);
  }

  private static ArchRule noWayAround() {
    return classes()
        .that()
        .resideOutsideOfPackage("rs.jetstream.ffi.raw")
        .should(
            new ArchCondition<>("name nothing that trusts without looking") {
              @Override
              public void check(JavaClass it, ConditionEvents events) {
                Stream.concat(
                        it.getMembers().stream().map(JavaMember::getName),
                        Stream.of(it.getSimpleName()))
                    .filter(ClassFilesTest::saysItTrustsBlindly)
                    .forEach(name ->
                        events.add(
                            SimpleConditionEvent.violated(it, it.getName() + " has " + name)));
              }
            });
  }

  private static boolean saysItTrustsBlindly(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return Stream.of(
            "insecure",
            "trustall",
            "trustany",
            "noverif",
            "skipverif",
            "disableverif",
            "allowall",
            "ignorecert",
            "acceptall")
        .anyMatch(lower::contains);
  }

  private static DescribedPredicate<JavaAccess<?>> target(
      String what, java.util.function.Predicate<JavaAccess<?>> is) {
    return DescribedPredicate.describe(what, is);
  }

  private static JavaClasses ours() {
    List<Path> folders =
        Stream.of("bindings", "java-api", "rpc", "rpc-processor", "micrometer", "cli")
            .map(it -> Repository.ofBuild().file(it + "/target/classes"))
            .filter(Files::isDirectory)
            .toList();
    return new ClassFileImporter().importPaths(folders);
  }

  /** Does all that is forbidden. */
  @SuppressWarnings("unused")
  private static final class Planted {
    private boolean trustAll;

    Object read(byte[] bytes) throws IOException, ReflectiveOperationException {
      try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
        return Class.forName((String) in.readObject());
      }
    }
  }
}
