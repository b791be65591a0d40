package rs.jetstream.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import rs.jetstream.cli.rust.RustImport;
import rs.jetstream.cli.rust.RustImportException;
import rs.jetstream.cli.rust.RustSource;

/** {@code jetstream import}: Java for the services and types of a Rust source. */
@Command(
    name = "import",
    sortOptions = false,
    description =
        "Writes Java that speaks with a Rust end: an interface for every trait with #[service], a"
            + " record, enum or sealed interface for every type with"
            + " #[derive(JetStreamWireFormat)]. Methods and variants keep their order, which is"
            + " what the wire knows them by. All else in the sources is skipped; what Java cannot"
            + " have is told with its line, and then nothing is written.",
    footer = {
      "%nExample: jetstream import ../echo/src/service.rs ../echo/src/types.rs --package"
          + " com.example.echo",
      "%nExit code 0: written, or there already. 1: not read, not mapped or not written. 2: wrong"
          + " arguments."
    })
final class ImportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      arity = "1..*",
      paramLabel = "FILE.rs",
      description = "Sources. A type that one of them uses is declared in one of them.")
  private List<Path> sources = new ArrayList<>();

  @Option(
      names = "--package",
      required = true,
      paramLabel = "NAME",
      description = "Package of what is written.")
  private String packageName = "";

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "src/main/java",
      description = "Where packages are; made if need be. Default: ${DEFAULT-VALUE}.")
  private Path out = Path.of("src/main/java");

  @Option(
      names = "--version",
      paramLabel = "TEXT",
      description =
          "Version of the services, such as 1.2.3, or the whole text of one of them, such as"
              + " rs.jetstream.proto/echo/1.2.3+d541b537; may be given again. Default: that of the"
              + " Cargo.toml above the source.")
  private List<String> versions = new ArrayList<>();

  @Option(names = "--force", description = "Overwrite files that are there and differ.")
  private boolean force;

  @Option(names = "--verbose", description = "Show stack traces of failures.")
  @SuppressWarnings("unused") // read by FailureHandler
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help message and exit.")
  @SuppressWarnings("unused") // read by picocli
  private boolean help;

  @Override
  public Integer call() throws IOException {
    if (!RustImport.isPackage(packageName)) {
      throw new ParameterException(
          spec.commandLine(), "--package is '" + packageName + "', must be the name of a package");
    }
    for (String version : versions) {
      if (!RustImport.isVersion(version)) {
        throw new ParameterException(
            spec.commandLine(),
            "--version is '" + version + "', must be 1.2.3 or rs.jetstream.proto/<name>/1.2.3");
      }
    }
    PrintWriter err = spec.commandLine().getErr();
    List<RustSource> read = new ArrayList<>();
    for (Path source : sources) {
      read.add(RustSource.read(source));
    }
    RustImport imported;
    try {
      imported = RustImport.of(read, packageName, versions);
    } catch (RustImportException e) {
      e.problems().forEach(err::println);
      err.println("Nothing was written.");
      err.flush();
      return spec.exitCodeOnExecutionException();
    }
    NewFiles files = new NewFiles(out.resolve(packageName.replace('.', '/')), imported.files());
    List<Path> differing = files.differing();
    if (!differing.isEmpty() && !force) {
      differing.forEach(it -> err.println(it + ": is there, and differs"));
      err.println("Nothing was written; --force overwrites.");
      err.flush();
      return spec.exitCodeOnExecutionException();
    }
    List<Path> written = files.write();
    PrintWriter says = spec.commandLine().getOut();
    imported.notes().forEach(says::println);
    written.forEach(it -> says.println("wrote " + it));
    int same = imported.files().size() - written.size();
    if (same > 0) {
      says.println(same + (same == 1 ? " file was" : " files were") + " there already");
    }
    says.flush();
    return 0;
  }
}
