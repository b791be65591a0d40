package rs.jetstream.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files of text that are to be in a folder: each whole, and those that are there already left
 * alone.
 */
final class NewFiles {
  private final Path folder;
  private final Map<Path, byte[]> missing = new LinkedHashMap<>();
  private final List<Path> differing = new ArrayList<>();

  NewFiles(Path folder, Map<String, String> texts) throws IOException {
    this.folder = folder;
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Path file = folder.resolve(text.getKey());
      byte[] bytes = text.getValue().getBytes(StandardCharsets.UTF_8);
      boolean isThere = Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      if (isThere && Files.isRegularFile(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
        continue;
      }
      if (isThere) {
        differing.add(file);
      }
      missing.put(file, bytes);
    }
  }

  /** Those that are there and say something else. */
  List<Path> differing() {
    return List.copyOf(differing);
  }

  /**
   * Writes what is missing or differs, and tells what that was. All is on disk before any has its
   * name.
   */
  List<Path> write() throws IOException {
    Files.createDirectories(folder);
    Map<Path, Path> written = new LinkedHashMap<>();
    try {
      for (Map.Entry<Path, byte[]> file : missing.entrySet()) {
        Path temporary = Files.createTempFile(folder, ".import", ".tmp");
        written.put(file.getKey(), temporary);
        Files.write(temporary, file.getValue());
      }
      for (Map.Entry<Path, Path> file : written.entrySet()) {
        if (differing.contains(file.getKey())) {
          Files.move(file.getValue(), file.getKey(), StandardCopyOption.REPLACE_EXISTING);
        } else {
          Files.move(file.getValue(), file.getKey());
        }
      }
    } finally {
      for (Path temporary : written.values()) {
        Files.deleteIfExists(temporary);
      }
    }
    return List.copyOf(written.keySet());
  }
}
