package rs.jetstream.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** A git repository in a folder of a test, to plant flaws in. */
final class ScratchRepository {
  final Path root;
  final Repository repository;

  ScratchRepository(Path folder) {
    root = folder;
    repository = new Repository(folder);
    repository.git("init", "--quiet", "--initial-branch=main");
  }

  /** With a copy of all files of the real one, committed. */
  static ScratchRepository copyOf(Repository real, Path folder) throws IOException {
    ScratchRepository scratch = new ScratchRepository(folder);
    for (String file : real.files()) {
      Path target = folder.resolve(file);
      Files.createDirectories(target.getParent());
      Files.copy(real.file(file), target, StandardCopyOption.COPY_ATTRIBUTES);
    }
    scratch.commit("All of it");
    return scratch;
  }

  void write(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  void commit(String subject) {
    git("add", "--all");
    git("commit", "--quiet", "--no-verify", "--message", subject);
  }

  /** As somebody, whatever the configuration of the machine. */
  void git(String... arguments) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "-c",
                "user.name=Test",
                "-c",
                "user.email=test@localhost",
                "-c",
                "commit.gpgsign=false"));
    all.addAll(List.of(arguments));
    repository.git(all.toArray(String[]::new));
  }
}
