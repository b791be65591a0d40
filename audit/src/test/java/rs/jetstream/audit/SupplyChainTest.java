package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.semver4j.Semver;

/** What we take from others: pinned, known, licensed, and without a known vulnerability. */
@Timeout(120)
final class SupplyChainTest {
  private static final Repository REPOSITORY = Repository.ofBuild();
  private static final Advisories ADVISORIES = Advisories.kept();
  private static final Pattern DIRECT =
      Pattern.compile("(?m)^([a-z0-9_-]+) = (?:\\{[^}]*?version = )?\"([^\"]+)\"");

  static List<String> locks() {
    return REPOSITORY.files().stream().filter(it -> it.endsWith("Cargo.lock")).toList();
  }

  // r[verify security.1.9]
  // r[verify security.1.20]
  @Test
  void everyWorkspaceHasALockFileThatIsCommitted() {
    List<String> tracked = REPOSITORY.git("ls-files").lines().toList();
    assertThat(locks()).contains("native/Cargo.lock").hasSizeGreaterThanOrEqualTo(3);
    assertThat(tracked).containsAll(locks());
    assertThat(REPOSITORY.files().stream().filter(it -> it.endsWith("Cargo.toml")))
        .isNotEmpty()
        .allSatisfy(manifest -> {
          Path folder = Path.of(manifest).getParent();
          assertThat(Stream.of(folder, folder.getParent()).map(it -> it + "/Cargo.lock"))
              .as(manifest)
              .anyMatch(locks()::contains);
        });
  }

  // r[verify security.1.9]
  @ParameterizedTest
  @MethodSource("locks")
  void theLockFileIsWhatTheManifestSays(String lock) {
    String manifest = lock.replace("Cargo.lock", "Cargo.toml");
    // Cargo ends with an error where the lock file would change.
    assertThat(
            REPOSITORY.run(
                List.of(
                    "cargo",
                    "metadata",
                    "--locked",
                    "--no-deps",
                    "--format-version=1",
                    "--manifest-path=" + REPOSITORY.file(manifest))))
        .contains("\"packages\"");
    assertThat(CargoLock.parse(REPOSITORY.text(lock)))
        .allSatisfy(crate -> {
          if (!crate.isOurs()) {
            assertThat(crate.source())
                .isEqualTo("registry+https://github.com/rust-lang/crates.io-index");
            assertThat(crate.checksum()).hasSize(64);
          }
        });
  }

  // r[verify security.1.9]
  @Test
  void everyDirectDependencyOfTheNativeHalfIsPinnedToOneVersion() {
    String manifest = REPOSITORY.text("native/Cargo.toml");
    String dependencies = manifest.substring(manifest.indexOf("\n[dependencies]"));
    List<MatchResult> direct =
        DIRECT
            .matcher(dependencies.substring(0, dependencies.indexOf("[profile")))
            .results()
            .toList();
    assertThat(direct).hasSizeGreaterThan(8);
    assertThat(direct).extracting(it -> it.group(1)).contains("s2n-quic", "bytes", "rcgen");
    assertThat(direct)
        .allSatisfy(it -> assertThat(it.group(2)).as(it.group(1)).matches("=\\d+\\.\\d+\\.\\d+"));
  }

  // r[verify security.1.9]
  @Test
  void cargoIsNeverRunWithoutItsLockFile() {
    Pattern run =
        Pattern.compile(
            "cargo (build|test|run|clippy|tree|install|bench)\\b|>(build|test|run|clippy) -");
    for (String file : REPOSITORY.files()) {
      if (file.matches("(.*/)?(pom\\.xml|[\\w.-]+\\.sh|run|generate|release|jetstream)")) {
        List<String> runs =
            REPOSITORY
                .text(file)
                .lines()
                .filter(line -> !line.strip().startsWith("#") && run.matcher(line).find())
                .toList();
        assertThat(runs).as(file).allMatch(line -> line.contains("--locked") || line.contains("`"));
      }
    }
  }

  // r[verify security.1.9]
  // r[verify security.1.20]
  @Test
  void everyJarAndPluginHasOneVersion() {
    for (String pom : REPOSITORY.files().stream().filter(it -> it.endsWith("pom.xml")).toList()) {
      List<String> versions =
          Pattern.compile("<[a-z.-]*version>([^<]*)</")
              .matcher(REPOSITORY.text(pom))
              .results()
              .map(it -> it.group(1))
              .toList();
      assertThat(versions)
          .as(pom)
          .isNotEmpty()
          .noneMatch(it -> it.matches("LATEST|RELEASE"))
          // Ranges are those of Maven, the JDK and the toolchain, which are found, not fetched.
          .allMatch(it ->
              !it.matches("[\\[(].*")
                  || List.of("[3.8,)", "[17,)", "[${java.release},)").contains(it));
    }
  }

  // r[verify security.1.7]
  @Test
  void theLibraryHasOneImplementationOfTls() {
    List<String> names =
        NativeHalf.crates(REPOSITORY).stream().map(NativeHalf.Crate::name).toList();
    assertThat(names).contains("s2n-quic", "s2n-tls", "s2n-tls-sys", "aws-lc-sys", "aws-lc-rs");
    assertThat(names)
        .noneMatch(it ->
            it.matches(
                "rustls|rustls-(?!pki-types).*|.*openssl.*|ring|.*boring.*|native-tls|mbedtls.*"));
    // Nor does one come in with the tests of the native half.
    assertThat(CargoLock.parse(REPOSITORY.text("native/Cargo.lock")))
        .extracting(CargoLock.Crate::name)
        .doesNotContain("rustls", "openssl", "openssl-sys", "boring", "boring-sys", "native-tls");
  }

  // r[verify security.1.20]
  @ParameterizedTest
  @MethodSource("locks")
  void awsLcIsNewEnough(String lock) {
    for (CargoLock.Crate crate : CargoLock.parse(REPOSITORY.text(lock))) {
      if (crate.name().equals("aws-lc-sys")) {
        // Older ones let a certificate bypass the name constraints of its issuer.
        assertThat(new Semver(crate.version()).isGreaterThanOrEqualTo("0.39.0")).isTrue();
      }
    }
  }

  // r[verify security.1.21]
  // r[verify security.1.22]
  @ParameterizedTest
  @MethodSource("locks")
  void noCrateHasAKnownVulnerability(String lock) {
    System.out.println(
        lock
            + ": against "
            + ADVISORIES.size()
            + " advisories of "
            + ADVISORIES.date()
            + ", "
            + ADVISORIES.age()
            + " days old");
    assertThat(
            CargoLock.parse(REPOSITORY.text(lock)).stream()
                .flatMap(it -> ADVISORIES.ofCrate(it.name(), it.version()).stream()))
        .isEmpty();
  }

  // r[verify security.1.22]
  @Test
  void anOldQuinnIsFound() {
    String lock =
        REPOSITORY
            .text("interop/quinn-peer/Cargo.lock")
            .replaceFirst("(name = \"quinn-proto\"\nversion = \")[^\"]+", "$10.11.6");
    assertThat(
            CargoLock.parse(lock).stream()
                .flatMap(it -> ADVISORIES.ofCrate(it.name(), it.version()).stream()))
        .hasSize(3)
        .anyMatch(it -> it.startsWith("quinn-proto 0.11.6 has RUSTSEC-2024-0373 "));
  }

  // r[verify security.1.21]
  @ParameterizedTest
  @CsvSource({
    "aws-lc-sys, 0.38.0, 2",
    "aws-lc-sys, 0.39.0, 0",
    "aws-lc-sys, 0.20.0, 3",
    "slab, 0.4.9, 0",
    "slab, 0.4.10, 1",
    "slab, 0.4.11, 0",
    "tokio, 1.38.1, 1",
    "tokio, 1.38.2, 0",
    "tokio, 1.20.3, 2",
    "nobody-uses-this, 1.0.0, 0",
  })
  void rangesAreReadAsTheyAreMeant(String crate, String version, int count) {
    assertThat(ADVISORIES.ofCrate(crate, version)).hasSize(count);
  }

  @ParameterizedTest
  @CsvSource({
    "com.fasterxml.jackson.core:jackson-core, 2.20.1, 2",
    "com.fasterxml.jackson.core:jackson-core, 2.22.1, 0",
    "org.bouncycastle:bcprov-jdk18on, 1.84, 3",
    "org.bouncycastle:bcprov-jdk18on, 1.85, 0",
  })
  void rangesOfJarsAreReadAsTheyAreMeant(String jar, String version, int count) {
    assertThat(ADVISORIES.ofJar(jar, version)).hasSize(count);
  }

  @Test
  void aListWithARangeThatSaysNothingIsRefused() {
    for (String range : List.of("", "soon", "1.0", "<x")) {
      String entry = "[{\"id\":\"CVE-2026-1\",\"package\":\"a\",\"affected\":\"" + range + "\"}]";
      assertThatThrownBy(
              () -> Advisories.parse("{\"date\":\"2026-01-01\",\"crates\":" + entry + "}"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> Advisories.parse("{\"date\":\"2026-01-01\",\"jars\":" + entry + "}"))
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> Advisories.parse("{}")).isInstanceOf(RuntimeException.class);
  }

  // r[verify security.1.20]
  @Test
  void everyCrateHasALicenceThatLetsUsShipIt() {
    assertThat(NativeHalf.crates(REPOSITORY))
        .hasSizeGreaterThan(50)
        .allSatisfy(it -> assertThat(Licences.allows(it.licence())).as("%s", it).isTrue());
  }

  @ParameterizedTest
  @CsvSource({
    "MIT, true",
    "MIT OR GPL-3.0-only, true",
    "MIT AND GPL-3.0-only, false",
    "GPL-3.0-only, false",
    "MIT/Apache-2.0, true",
    "ISC AND (GPL-2.0-only OR ISC), true",
    "ISC AND (GPL-2.0-only OR MPL-2.0), false",
    "Apache-2.0 WITH LLVM-exception, true",
    "(MIT, false",
    "MIT MIT, false",
    "'', false",
  })
  void licencesAreJudgedAsSpdxMeansThem(String expression, boolean allowed) {
    assertThat(Licences.allows(expression)).isEqualTo(allowed);
  }

  // r[verify security.1.32]
  @Test
  void theNativeHalfDeniesWhatTheAnssiAdvisesAgainst() {
    assertThat(REPOSITORY.text("native/src/lib.rs"))
        .contains(
            "#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks,"
                + " improper_ctypes_definitions)]");
    assertThat(REPOSITORY.text("native/Cargo.toml")).contains("panic = \"unwind\"");
  }

  // r[verify security.1.20]
  @Test
  void everyCrateIsReviewed() throws Exception {
    String listed = DependencyList.of(REPOSITORY);
    if (Repository.applies()) {
      Files.writeString(REPOSITORY.file(DependencyList.FILE), listed);
    }
    assertThat(REPOSITORY.text(DependencyList.FILE))
        .as("%s: look at what is new, then run mvn verify -Daudit=apply", DependencyList.FILE)
        .isEqualTo(listed);
  }
}
