package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.cyclonedx.Version;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Hash;
import org.cyclonedx.model.License;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The bill of materials lists all that is shipped, by digest; what it does not list fails here. */
@Tag("packaged")
@Timeout(120)
final class SbomTest {
  private static final Repository REPOSITORY = Repository.ofBuild();
  private static final Path FILE = REPOSITORY.file(Sbom.FILE);
  private static final Bom BOM = Sbom.read(FILE);
  private static final Pattern JAR =
      Pattern.compile("(?m)^ +([\\w.-]+:[\\w.-]+):(?:jar|pom)(?::[\\w-]+)?:([\\w.-]+):(\\w+)");

  @TempDir Path folder;

  // r[verify security.1.20]
  @Test
  void itHoldsToTheFormatAndIsReproducible() throws IOException {
    assertThat(new JsonParser().validate(FILE.toFile(), Version.VERSION_16)).isEmpty();
    assertThat(Files.readString(FILE)).isEqualTo(Sbom.json(Sbom.of(REPOSITORY)) + "\n");
    assertThat(Files.readString(FILE)).doesNotContain("serialNumber", "timestamp");
  }

  // r[verify security.1.20]
  @Test
  void itListsEveryJarThatTheCommandRunsWith() throws IOException {
    try (Stream<Path> jars = Files.list(REPOSITORY.file("cli/target/lib"))) {
      List<Path> all = jars.toList();
      assertThat(all).hasSizeGreaterThan(3);
      assertThat(unlisted(all)).isEmpty();
    }
  }

  // r[verify security.1.20]
  @Test
  void aPlantedJarIsFound() throws IOException {
    Path planted = Files.write(folder.resolve("picocli-4.7.7.jar"), new byte[] {1, 2, 3});
    assertThat(unlisted(List.of(planted))).containsExactly("picocli-4.7.7.jar");
  }

  // r[verify security.1.20]
  @Test
  void itListsEveryNativeLibraryInsideAJar() throws IOException {
    int seen = 0;
    List<Path> jars = new ArrayList<>();
    try (Stream<Path> files = Files.list(REPOSITORY.file("cli/target/lib"))) {
      jars.addAll(files.toList());
    }
    for (Path jar : jars) {
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        for (ZipEntry entry : zip.stream().filter(SbomTest::isNative).toList()) {
          byte[] bytes = zip.getInputStream(entry).readAllBytes();
          assertThat(digests()).as("%s in %s", entry, jar).contains(Sbom.sha256(bytes));
          seen++;
        }
      }
    }
    assertThat(seen).isPositive();
  }

  // r[verify security.1.20]
  @Test
  void itListsEveryCrateThatCargoBuilds() {
    // Another way to ask than the one that the list was made by.
    String tree =
        REPOSITORY.run(
            List.of(
                "cargo",
                "tree",
                "--locked",
                "--edges=normal,build",
                "--prefix=none",
                "--format={p}",
                "--manifest-path=" + REPOSITORY.file("native/Cargo.toml")));
    Set<String> built = new HashSet<>();
    for (MatchResult line :
        Pattern.compile("(?m)^([\\w-]+) v([^ \\n]+)").matcher(tree).results().toList()) {
      built.add("pkg:cargo/" + line.group(1) + "@" + line.group(2).replace("+", "%2B"));
    }
    assertThat(built).hasSizeGreaterThan(50);
    List<String> listed = BOM.getComponents().stream().map(Component::getPurl).toList();
    assertThat(listed).containsAll(built);
  }

  // r[verify security.1.20]
  @Test
  void everyJarHasALicenceThatLetsUsShipIt() {
    int seen = 0;
    for (Component it : BOM.getComponents()) {
      if (it.getPurl() == null || !it.getPurl().startsWith("pkg:maven/")) {
        continue;
      }
      String licence =
          it.getLicenses().getExpression() != null
              ? it.getLicenses().getExpression().getValue()
              : String.join(
                  " AND ", it.getLicenses().getLicenses().stream().map(License::getId).toList());
      assertThat(Licences.allows(licence)).as("%s: %s", it.getPurl(), licence).isTrue();
      seen++;
    }
    assertThat(seen).isGreaterThan(5);
  }

  // r[verify security.1.21]
  @Test
  void noJarHasAKnownVulnerabilityNotEvenOneOfTheTests() throws IOException {
    Map<String, String> found = new TreeMap<>();
    Advisories advisories = Advisories.kept();
    for (Path list : lists()) {
      for (MatchResult jar : JAR.matcher(Files.readString(list)).results().toList()) {
        found.put(jar.group(1) + " " + jar.group(2), jar.group(3));
        assertThat(advisories.ofJar(jar.group(1), jar.group(2))).as("%s", list).isEmpty();
      }
    }
    assertThat(found.keySet()).anyMatch(it -> it.startsWith("org.bouncycastle:bcpkix-jdk18on "));
    System.out.println(
        found.size()
            + " jars: against advisories of "
            + advisories.date()
            + ", "
            + advisories.age()
            + " days old");
  }

  private static List<Path> lists() throws IOException {
    try (Stream<Path> folders = Files.list(REPOSITORY.file(""))) {
      List<Path> lists =
          folders.map(it -> it.resolve("target/dependencies.txt")).filter(Files::exists).toList();
      assertThat(lists).hasSizeGreaterThan(4);
      return lists;
    }
  }

  private static boolean isNative(ZipEntry entry) {
    return entry.getName().matches(".*\\.(so|dll|dylib|jnilib|a)");
  }

  private static List<String> unlisted(List<Path> jars) throws IOException {
    List<String> unlisted = new ArrayList<>();
    for (Path jar : jars) {
      if (!digests().contains(Sbom.sha256(Files.readAllBytes(jar)))) {
        unlisted.add(jar.getFileName().toString());
      }
    }
    return unlisted;
  }

  private static Set<String> digests() {
    Set<String> digests = new HashSet<>();
    for (Component component : BOM.getComponents()) {
      if (component.getHashes() != null) {
        for (Hash hash : component.getHashes()) {
          digests.add(hash.getValue());
        }
      }
    }
    return digests;
  }
}
