package rs.jetstream.audit;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What can go wrong between Java and native code is in a table, each with its test. */
@Timeout(120)
final class HazardsTest {
  private static final Repository REPOSITORY = Repository.ofBuild();
  private static final String TABLE = "docs/security/hazards.md";
  private static final Pattern USE = Pattern.compile("\\[`(\\w+)`\\]\\[(\\w+)\\]");
  private static final Pattern LINK = Pattern.compile("(?m)^\\[(\\w+)\\]: (\\S+)$");

  /** A call that promises to be short blocks every safepoint when it is not. */
  private static final ArchRule NO_CRITICAL_CALL =
      noClasses().should().callMethod(Linker.Option.class, "critical", boolean.class);

  private static final ArchRule FOREIGN_CALLS_ARE_OF_THE_BINDINGS =
      noClasses()
          .that()
          .resideOutsideOfPackage("rs.jetstream.ffi..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(Linker.class, SymbolLookup.class)
          .orShould()
          .accessTargetWhere(
              describe(
                  "makes memory of an address",
                  (JavaAccess<?> access) ->
                      access.getTargetOwner().isEquivalentTo(MemorySegment.class)
                          && access.getTarget().getName().equals("reinterpret")));

  @Test
  void eachHazardLinksTestsThatAreThere() {
    String text = REPOSITORY.text(TABLE);
    Set<String> linked = new HashSet<>();
    Matcher link = LINK.matcher(text);
    while (link.find()) {
      linked.add(link.group(1));
      Path file = REPOSITORY.file(TABLE).resolveSibling(link.group(2)).normalize();
      assertThat(file).isRegularFile();
    }
    List<String> rows =
        text.lines()
            .filter(line -> line.startsWith("| ") && !line.startsWith("| ---"))
            .filter(line -> !line.startsWith("| hazard "))
            .toList();
    assertThat(rows).hasSizeGreaterThanOrEqualTo(23);
    Set<String> used = new HashSet<>();
    for (String row : rows) {
      Matcher use = USE.matcher(row);
      assertThat(use.find()).as("a test in %s", row).isTrue();
      do {
        used.add(use.group(2));
        assertThat(testOf(text, use.group(2)))
            .as("%s of %s", use.group(1), row)
            .containsPattern("(void|fn) " + use.group(1) + "\\(");
      } while (use.find());
    }
    assertThat(used).isEqualTo(linked);
  }

  private static String testOf(String text, String number) {
    Matcher link = Pattern.compile("(?m)^\\[" + number + "\\]: (\\S+)$").matcher(text);
    assertThat(link.find()).as("link %s", number).isTrue();
    Path root = REPOSITORY.file(".").toAbsolutePath().normalize();
    Path file = REPOSITORY.file(TABLE).toAbsolutePath().resolveSibling(link.group(1)).normalize();
    return REPOSITORY.text(root.relativize(file).toString());
  }

  @Test
  void noCallIsCritical() {
    NO_CRITICAL_CALL.check(ours());
  }

  @Test
  void onlyTheBindingsCallForeignFunctions() {
    FOREIGN_CALLS_ARE_OF_THE_BINDINGS.check(ours());
  }

  @Test
  void aClassThatDoesAllThatIsFound() {
    JavaClasses planted = new ClassFileImporter().importClasses(Planted.class);
    for (ArchRule rule : List.of(NO_CRITICAL_CALL, FOREIGN_CALLS_ARE_OF_THE_BINDINGS)) {
      assertThatThrownBy(() -> rule.check(planted)).isInstanceOf(AssertionError.class);
    }
  }

  private static JavaClasses ours() {
    List<Path> folders =
        Stream.of("bindings", "java-api", "rpc", "micrometer", "cli")
            .map(it -> REPOSITORY.file(it + "/target/classes"))
            .filter(Files::isDirectory)
            .toList();
    JavaClasses classes = new ClassFileImporter().importPaths(folders);
    assertThat(classes).hasSizeGreaterThan(100);
    return classes;
  }

  /** Does all that is forbidden. */
  @SuppressWarnings({"unused", "restricted"})
  private static final class Planted {
    Object all() {
      MemorySegment address = Arena.global().allocate(8).reinterpret(Long.MAX_VALUE);
      return List.of(Linker.Option.critical(true), SymbolLookup.loaderLookup(), address);
    }
  }
}
