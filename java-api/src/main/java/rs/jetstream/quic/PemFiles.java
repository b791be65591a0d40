package rs.jetstream.quic;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import rs.jetstream.quic.JetStreamException.Kind;

/** Reads files of certificates and keys, and says what is wrong with one that cannot be used. */
final class PemFiles {
  /** More than any chain of certificates needs: a wrong path must not fill the memory. */
  private static final long MAX_SIZE = 1 << 20;

  private static final Set<PosixFilePermission> OTHERS =
      PosixFilePermissions.fromString("---rwxrwx");

  private PemFiles() {}

  static byte[] read(Path file, String what) throws ConfigurationException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        String kind = attributes.isDirectory() ? "a directory" : "not a regular file";
        throw failed(what, file, "is " + kind, Kind.FILE);
      }
      if (attributes.size() > MAX_SIZE) {
        throw failed(
            what, file, "has " + attributes.size() + " bytes, more than " + MAX_SIZE, Kind.FILE);
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw failed(what, file, "does not exist", Kind.FILE);
    } catch (AccessDeniedException e) {
      throw failed(what, file, "cannot be read: permission denied", Kind.PERMISSION_DENIED);
    } catch (ConfigurationException e) {
      throw e;
    } catch (IOException e) {
      throw failed(what, file, "cannot be read: " + e.getMessage(), Kind.FILE);
    }
  }

  /** Refuses a key that group or others can touch. The mode is that of the file a link leads to. */
  static void requireOwnerOnly(Path file) throws ConfigurationException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    Set<PosixFilePermission> mode;
    try {
      mode = view.readAttributes().permissions();
    } catch (NoSuchFileException e) {
      throw failed("private key", file, "does not exist", Kind.FILE);
    } catch (IOException e) {
      throw failed("private key", file, "cannot be read: " + e.getMessage(), Kind.FILE);
    }
    if (mode.stream().anyMatch(OTHERS::contains)) {
      throw failed(
          "private key",
          file,
          "has mode "
              + PosixFilePermissions.toString(mode)
              + ", others can touch it: run chmod 600",
          Kind.KEY_FILE_PERMISSIONS);
    }
  }

  static ConfigurationException failed(String what, Object where, String why, Kind kind) {
    return new ConfigurationException(what + " " + where + " " + why, kind);
  }

  /** PEM is ASCII; bytes that are not become characters that no label has. */
  static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    // A byte order mark in UTF-8.
    return text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text;
  }
}
