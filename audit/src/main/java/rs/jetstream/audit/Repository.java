package rs.jetstream.audit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A git work tree: its files, and what git says of it. */
public final class Repository {
  private final Path root;

  /** Takes the work tree at {@code root}. */
  public Repository(Path root) {
    this.root = root.toAbsolutePath().normalize();
  }

  /** The one that the build runs in. */
  public static Repository ofBuild() {
    String root = System.getProperty("jetstream.audit.root");
    if (root == null) {
      throw new IllegalStateException("-Djetstream.audit.root is not set: name the work tree");
    }
    return new Repository(Path.of(root));
  }

  /** Whether derived files are to be written anew, not compared. */
  public static boolean applies() {
    return "apply".equals(System.getProperty("jetstream.audit"));
  }

  /** The file at {@code path}, which is relative to the root. */
  public Path file(String path) {
    return root.resolve(path);
  }

  /** The text of the file at {@code path}. */
  public String text(String path) {
    try {
      return Files.readString(file(path));
    } catch (IOException e) {
      throw new UncheckedIOException(path + " cannot be read", e);
    }
  }

  /** Paths of the files that git tracks, or would track: all that is not ignored, and is there. */
  public List<String> files() {
    List<String> files = new ArrayList<>();
    String listed = git("ls-files", "-z", "--cached", "--others", "--exclude-standard");
    for (String file : listed.split("\0", 0)) {
      if (!file.isEmpty() && Files.isRegularFile(file(file))) {
        files.add(file);
      }
    }
    return files.stream().distinct().sorted().toList();
  }

  /** What git prints. */
  public String git(String... arguments) {
    List<String> command = new ArrayList<>(List.of("git", "-C", root.toString()));
    command.addAll(List.of(arguments));
    return run(command);
  }

  /** What the command prints on standard output; it must end well. */
  public String run(List<String> command) {
    try {
      // To a file: a pipe that nobody reads would stop it.
      Path errors = Files.createTempFile("jetstream-audit", ".log");
      try {
        Process process =
            new ProcessBuilder(command)
                .directory(root.toFile())
                .redirectError(errors.toFile())
                .start();
        process.getOutputStream().close();
        byte[] output = process.getInputStream().readAllBytes();
        int code = process.waitFor();
        if (code != 0) {
          throw new IllegalStateException(
              String.join(" ", command) + " ended with " + code + ": " + Files.readString(errors));
        }
        return new String(output, StandardCharsets.UTF_8);
      } finally {
        Files.deleteIfExists(errors);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(command.getFirst() + " cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(command.getFirst() + " was interrupted", e);
    }
  }
}
