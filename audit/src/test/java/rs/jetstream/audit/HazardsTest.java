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
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What can go wrong between Java and native code is in a table, each with its test. */
@Timeout(120)
final class HazardsTest {
  private static final Repository REPOSITORY = Repository.ofBuild();

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
    TestTable table = new TestTable(REPOSITORY, "docs/security/hazards.md");
    assertThat(table.rows()).hasSizeGreaterThanOrEqualTo(23);
    table.assertEachRowIsShownByTests();
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
