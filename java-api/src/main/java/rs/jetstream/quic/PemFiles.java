package rs.jetstream.quic;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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

  private static final Set<PosixFilePermission> WRITERS =
      PosixFilePermissions.fromString("----w--w-");

  /** S_ISVTX of POSIX. */
  private static final int STICKY = 01000;

  private PemFiles() {}

  static byte[] read(Path file, String what) throws ConfigurationException {
    return read(file, what, Files::readAllBytes);
  }

  /** Reads a private key; the caller wipes what is returned, nothing else holds a copy. */
  static byte[] readSecret(Path file, String what) throws ConfigurationException {
    requireOwnerOnly(file, what);
    return read(file, what, PemFiles::readThroughWiped);
  }

  private interface Reading {
    byte[] read(Path file) throws IOException;
  }

  private static byte[] read(Path file, String what, Reading reading)
      throws ConfigurationException {
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
      return reading.read(file);
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

  /**
   * Reads a file of no more than {@link #MAX_SIZE}. The JDK reads into arrays through a buffer of
   * its own, which it keeps and does not wipe; this one is ours.
   */
  static byte[] readThroughWiped(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file);
        Arena arena = Arena.ofConfined()) {
      // One more: a file that grows meanwhile is cut off there, and told.
      MemorySegment segment = arena.allocate(Math.min(channel.size(), MAX_SIZE) + 1);
      ByteBuffer buffer = segment.asByteBuffer();
      try {
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
        if (!buffer.hasRemaining()) {
          throw new IOException("it grows while it is read");
        }
        byte[] bytes = new byte[buffer.position()];
        MemorySegment.copy(segment, JAVA_BYTE, 0, bytes, 0, bytes.length);
        return bytes;
      } finally {
        segment.fill((byte) 0);
      }
    }
  }

  /**
   * Refuses a key that group or others can touch, or replace. The modes are those of the file that
   * links lead to, and of its folder.
   */
  // r[impl security.1.16]
  private static void requireOwnerOnly(Path file, String what) throws ConfigurationException {
    if (Files.getFileAttributeView(file, PosixFileAttributeView.class) == null) {
      return;
    }
    try {
      Path real = file.toRealPath();
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(real);
      if (mode.stream().anyMatch(OTHERS::contains)) {
        throw failed(
            what,
            file,
            "has mode "
                + PosixFilePermissions.toString(mode)
                + ", others can touch it: run chmod 600",
            Kind.KEY_FILE_PERMISSIONS);
      }
      Path linked = file.toAbsolutePath().getParent();
      for (Path folder : new Path[] {real.getParent(), linked}) {
        if (folder != null) {
          requireFolderOfOwner(file, folder, what);
        }
      }
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

  private static void requireFolderOfOwner(Path file, Path folder, String what) throws IOException {
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder);
    if (mode.stream().noneMatch(WRITERS::contains)) {
      return;
    }
    // In a sticky folder, as /tmp or where Kubernetes mounts secrets, nobody replaces another's.
    if (Files.getAttribute(folder, "unix:mode") instanceof Integer bits && (bits & STICKY) != 0) {
      return;
    }
    throw failed(
        what,
        file,
        "lies in "
            + folder
            + ", which has mode "
            + PosixFilePermissions.toString(mode)
            + ", others can replace it: run chmod go-w on the folder",
        Kind.KEY_FILE_PERMISSIONS);
  }

  static ConfigurationException failed(String what, Object where, String why, Kind kind) {
    return new ConfigurationException(what + " " + where + " " + why, kind);
  }

  static boolean contains(byte[] bytes, String ascii) {
    return count(bytes, ascii) > 0;
  }

  /** How often it is there; without making a string of a key. */
  static int count(byte[] bytes, String ascii) {
    int count = 0;
    outer:
    for (int i = 0; i + ascii.length() <= bytes.length; i++) {
      for (int j = 0; j < ascii.length(); j++) {
        if (bytes[i + j] != ascii.charAt(j)) {
          continue outer;
        }
      }
      count++;
    }
    return count;
  }

  /** PEM is ASCII; bytes that are not become characters that no label has. */
  static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    // A byte order mark in UTF-8.
    return text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text;
  }
}
