package rs.jetstream.cli.rust;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * A source to import.
 *
 * @param name what problems call it
 * @param bytes its text, in UTF-8
 */
@SuppressWarnings("ArrayRecordComponent") // read once, and never compared
public record RustSource(Path path, String name, byte[] bytes) {
  /** Far more than anybody writes, and little enough for every machine. */
  public static final int MAX_BYTES = 1 << 20;

  /** Reads a file, of which no more than a byte too many is held. */
  public static RustSource read(Path path) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (!Files.isRegularFile(path)) {
      throw new IOException(path + " is no file");
    }
    try (InputStream in = Files.newInputStream(path)) {
      return new RustSource(path, path.toString(), in.readNBytes(MAX_BYTES + 1));
    }
  }
}
