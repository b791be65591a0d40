package rs.jetstream.quic;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * The secret that a server keeps over restarts, so that it can tell clients of before that it does
 * not know them any more (stateless reset, RFC 9000 section 10.3).
 *
 * <p>Without it clients of a server that was killed wait for their idle timeout. It has nothing to
 * do with the private key of the certificate. Whoever has it can end connections of the server, so
 * its file is as secret as a private key's. Servers that run at the same time, and can be reached
 * at the same address, must not share it unless they have different {@link
 * QuicServer.Builder#serverId}s.
 *
 * <p>Immutable; any thread.
 */
public final class ResetKey {
  private static final int SIZE = 32;
  private static final int MAX_SIZE = 1024;

  private final byte[] bytes;

  private ResetKey(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Takes a secret of at least 32 random bytes, and at most 1,024; copies it.
   *
   * @throws IllegalArgumentException when it has another length
   */
  public static ResetKey of(byte[] secret) {
    if (secret.length < SIZE || secret.length > MAX_SIZE) {
      throw new IllegalArgumentException(
          "a reset key has " + secret.length + " bytes, must have 32 to 1024");
    }
    return new ResetKey(secret.clone());
  }

  /**
   * Reads the secret from a file that only its owner can touch; makes the file, with a new secret,
   * when there is none.
   *
   * @throws ConfigurationException naming the file and what is wrong with it
   */
  public static ResetKey ofFile(Path file) throws ConfigurationException {
    if (Files.notExists(file)) {
      create(file);
    }
    byte[] bytes = PemFiles.readSecret(file, "reset key");
    if (bytes.length < SIZE || bytes.length > MAX_SIZE) {
      throw PemFiles.failed(
          "reset key", file, "has " + bytes.length + " bytes, must have 32 to 1024", Kind.FILE);
    }
    return new ResetKey(bytes);
  }

  private static void create(Path file) throws ConfigurationException {
    byte[] secret = new byte[SIZE];
    new SecureRandom().nextBytes(secret);
    FileAttribute<?>[] ownerOnly =
        file.getFileSystem().supportedFileAttributeViews().contains("posix")
            ? new FileAttribute<?>[] {
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
            }
            : new FileAttribute<?>[0];
    // Written beside and moved, so that no half of it is ever read. By a name that nobody else has:
    // processes in containers, and threads, can have the same number.
    Path fresh = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
    try {
      try (FileChannel out =
          FileChannel.open(
              fresh, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), ownerOnly)) {
        ByteBuffer rest = ByteBuffer.wrap(secret);
        while (rest.hasRemaining()) {
          int ignored = out.write(rest);
        }
        out.force(true);
      }
      Files.createLink(file, fresh);
    } catch (FileAlreadyExistsException e) {
      // Another process was quicker: its secret counts.
    } catch (NoSuchFileException e) {
      throw PemFiles.failed("reset key", file, "cannot be made: no such folder", Kind.FILE);
    } catch (IOException | UnsupportedOperationException e) {
      throw PemFiles.failed("reset key", file, "cannot be made: " + e.getMessage(), Kind.FILE);
    } finally {
      Arrays.fill(secret, (byte) 0);
      try {
        Files.deleteIfExists(fresh);
      } catch (IOException e) {
        // It is empty or a copy, owner-only, and in nobody's way.
      }
    }
  }

  byte[] bytes() {
    return bytes;
  }

  /** Nothing secret. */
  @Override
  public String toString() {
    return "ResetKey[" + bytes.length + " bytes]";
  }
}
