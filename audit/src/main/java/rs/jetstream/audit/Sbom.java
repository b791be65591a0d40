package rs.jetstream.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.cyclonedx.Version;
import org.cyclonedx.exception.GeneratorException;
import org.cyclonedx.exception.ParseException;
import org.cyclonedx.generators.BomGeneratorFactory;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Dependency;
import org.cyclonedx.model.Hash;
import org.cyclonedx.model.LicenseChoice;
import org.cyclonedx.model.Metadata;
import org.cyclonedx.model.license.Expression;
import org.cyclonedx.parsers.JsonParser;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bill of materials of both halves, {@code target/sbom/jetstream.cdx.json}: the jars as
 * the CycloneDX plugin of Maven found them in each module, and the crates as cargo resolves them.
 *
 * <p>The same sources give the same bytes: it holds no time and no random number.
 */
// r[impl security.1.20]
public final class Sbom {
  /** Where it is written, below the root. */
  public static final String FILE = "target/sbom/jetstream.cdx.json";

  private static final String PLATFORMS = "native/target/lib/META-INF/native";

  private Sbom() {}

  /** Writes it for the work tree that the only argument names. */
  public static void main(String[] args) throws IOException {
    Repository repository = new Repository(Path.of(args[0]));
    Bom bom = of(repository);
    Path file = repository.file(FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, json(bom) + "\n");
    System.out.println(FILE + " lists " + bom.getComponents().size() + " components");
  }

  /** Its text. */
  public static String json(Bom bom) {
    try {
      return BomGeneratorFactory.createJson(Version.VERSION_16, bom).toJsonString();
    } catch (GeneratorException e) {
      throw new IllegalStateException("the bill of materials cannot be written", e);
    }
  }

  /** Reads one. */
  public static Bom read(Path file) {
    try {
      return new JsonParser().parse(file.toFile());
    } catch (ParseException e) {
      throw new IllegalArgumentException(file + " is no bill of materials", e);
    }
  }

  static Bom of(Repository repository) throws IOException {
    Map<String, Component> components = new LinkedHashMap<>();
    Map<String, Dependency> dependencies = new LinkedHashMap<>();
    for (Path file : ofModules(repository)) {
      Bom bom = read(file);
      Component module = bom.getMetadata().getComponent();
      if (module.getPurl().endsWith("type=pom")) {
        continue; // no jar
      }
      components.putIfAbsent(module.getBomRef(), module);
      for (Component component : orEmpty(bom.getComponents())) {
        correct(component);
        components.put(component.getBomRef(), component); // one of ours has a hash only here
      }
      for (Dependency dependency : orEmpty(bom.getDependencies())) {
        dependencies.merge(
            dependency.getRef(),
            dependency,
            (one, other) -> count(one) >= count(other) ? one : other);
      }
    }
    crates(repository, components, dependencies);
    libraries(repository, components);
    Bom bom = new Bom();
    Metadata metadata = new Metadata();
    Component product = new Component();
    product.setType(Component.Type.FRAMEWORK);
    product.setGroup("rs.jetstream");
    product.setName("jetstream");
    product.setBomRef("jetstream");
    metadata.setComponent(product);
    metadata.setTimestamp(null);
    bom.setMetadata(metadata);
    bom.setComponents(new ArrayList<>(components.values()));
    bom.setDependencies(new ArrayList<>(dependencies.values()));
    return bom;
  }

  /** The CycloneDX library leaves out lists that are empty. */
  private static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  /** JLine's pom only says "BSD", which is taken for the four clauses; its licence has three. */
  private static void correct(Component component) {
    if ("org.jline".equals(component.getGroup())) {
      LicenseChoice licence = new LicenseChoice();
      licence.setExpression(new Expression("BSD-3-Clause"));
      component.setLicenses(licence);
    }
  }

  private static int count(Dependency dependency) {
    return orEmpty(dependency.getDependencies()).size();
  }

  private static List<Path> ofModules(Repository repository) throws IOException {
    try (Stream<Path> folders = Files.list(repository.file(""))) {
      List<Path> files =
          folders.map(it -> it.resolve("target/bom.json")).filter(Files::exists).sorted().toList();
      if (files.isEmpty()) {
        throw new IllegalStateException("no module has a target/bom.json: run mvn package");
      }
      return files;
    }
  }

  private static void crates(
      Repository repository,
      Map<String, Component> components,
      Map<String, Dependency> dependencies) {
    Map<String, String> checksums = new HashMap<>();
    for (CargoLock.Crate crate : CargoLock.parse(repository.text("native/Cargo.lock"))) {
      checksums.put(crate.name() + " " + crate.version(), crate.checksum());
    }
    for (NativeHalf.Crate crate : NativeHalf.crates(repository)) {
      Component it = new Component();
      it.setType(Component.Type.LIBRARY);
      it.setName(crate.name());
      it.setVersion(crate.version());
      it.setPurl(purl(crate.name() + " " + crate.version()));
      it.setBomRef(it.getPurl());
      LicenseChoice licence = new LicenseChoice();
      licence.setExpression(new Expression(crate.licence().replace("/", " OR ")));
      it.setLicenses(licence);
      String checksum = checksums.getOrDefault(crate.id(), "");
      if (!checksum.isEmpty()) {
        it.addHash(new Hash(Hash.Algorithm.SHA_256, checksum));
      }
      components.put(it.getBomRef(), it);
      Dependency needs = new Dependency(it.getBomRef());
      crate.needs().forEach(need -> needs.addDependency(new Dependency(purl(need))));
      dependencies.put(it.getBomRef(), needs);
    }
  }

  private static String purl(String id) {
    return "pkg:cargo/" + id.replace(' ', '@').replace("+", "%2B");
  }

  private static void libraries(Repository repository, Map<String, Component> components)
      throws IOException {
    try (Stream<Path> files = Files.walk(repository.file(PLATFORMS))) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        if (file.toString().endsWith(".sha256")) {
          continue;
        }
        Component it = new Component();
        it.setType(Component.Type.FILE);
        Path platforms = repository.file(PLATFORMS);
        it.setName("META-INF/native/" + platforms.relativize(file).toString().replace('\\', '/'));
        it.setBomRef(it.getName());
        it.addHash(new Hash(Hash.Algorithm.SHA_256, sha256(Files.readAllBytes(file))));
        components.put(it.getBomRef(), it);
      }
    }
  }

  /** In lower case hexadecimal. */
  public static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
