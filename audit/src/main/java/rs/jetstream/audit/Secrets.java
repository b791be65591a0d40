package rs.jetstream.audit;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds private keys and tokens in files, and in every commit of a repository. */
// r[impl security.1.14]
public final class Secrets {
  /**
   * A place where a secret was found; never the secret.
   *
   * @param what kind of secret
   * @param where path, and object in git's store if it is one of history
   */
  public record Finding(String what, String where) {}

  private record Rule(String what, Pattern pattern) {}

  // Each in parts, so that these lines are no findings themselves.
  private static final List<Rule> TEXT =
      List.of(
          rule("private key in PEM", "-----BEGIN [A-Z ]*PRIVATE" + " KEY"),
          rule("private key in PuTTY's form", "PuTTY-User-" + "Key-File-"),
          rule("TLS session secret", "CLIENT_(HANDSHAKE_)?TRAFFIC_SECRET(_0)? [0-9a-f]{64}"),
          rule("AWS access key", "\\bAKIA[0-9A-Z]{16}\\b"),
          rule("GitHub token", "\\bgh[pousr]_[0-9A-Za-z]{36}"),
          rule("GitHub token", "\\bgithub_pat_[0-9A-Za-z_]{60}"),
          rule("token of a package registry", "\\b(npm_|pypi-|cio)[0-9A-Za-z]{32}"));

  /** What DER looks like in base64: its first byte is 0x30. */
  private static final Pattern BASE64 = Pattern.compile("(?<![A-Za-z0-9+/])M[A-Za-z0-9+/]{43,}");

  private Secrets() {}

  private static Rule rule(String what, String regex) {
    return new Rule(what, Pattern.compile(regex));
  }

  /** What is found in {@code bytes}; the kinds of secrets. */
  public static List<String> in(byte[] bytes) {
    List<String> found = new ArrayList<>();
    String binary = binary(bytes);
    if (!binary.isEmpty()) {
      found.add(binary);
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    Matcher base64 = BASE64.matcher(text);
    while (base64.find()) {
      // Whole groups of four; the begin tells what it is.
      String begin = base64.group().substring(0, 44);
      if (binary(Base64.getDecoder().decode(begin)).startsWith("private key")) {
        found.add("private key in base64");
        break;
      }
    }
    for (Rule rule : TEXT) {
      if (rule.pattern.matcher(text).find() && !found.contains(rule.what)) {
        found.add(rule.what);
      }
    }
    return found;
  }

  /** Key files that are not text, by how they begin. */
  private static String binary(byte[] bytes) {
    if (bytes.length < 32) {
      return "";
    }
    if (at(bytes, 0, 0xfe, 0xed, 0xfe, 0xed)) {
      return "Java key store";
    }
    if (!at(bytes, 0, 0x30)) {
      return "";
    }
    // Past the tag and the length of the outer SEQUENCE.
    int first = bytes[1] & 0xff;
    int body = first < 0x80 ? 2 : 2 + (first & 0x7f);
    if (body > 6 || first == 0x80) {
      return "";
    }
    if (at(bytes, body, 0x02, 0x01, 0x03, 0x30)) {
      return "PKCS#12 key store";
    }
    boolean pkcs8 =
        at(bytes, body, 0x02, 0x01, 0x00, 0x30) || at(bytes, body, 0x02, 0x01, 0x01, 0x30);
    boolean ec = at(bytes, body, 0x02, 0x01, 0x01, 0x04);
    boolean rsa = at(bytes, body, 0x02, 0x01, 0x00, 0x02, 0x82);
    return pkcs8 || ec || rsa ? "private key in DER" : "";
  }

  private static boolean at(byte[] bytes, int from, int... expected) {
    for (int i = 0; i < expected.length; i++) {
      if (from + i >= bytes.length || (bytes[from + i] & 0xff) != expected[i]) {
        return false;
      }
    }
    return true;
  }

  /** Scans each version of each file that any commit of any branch or tag has. */
  public static List<Finding> inHistory(Repository repository) {
    Map<String, String> paths = new LinkedHashMap<>();
    for (String line : repository.git("rev-list", "--all", "--objects").lines().toList()) {
      int space = line.indexOf(' ');
      if (space > 0 && space + 1 < line.length()) { // a file or a folder
        paths.put(line.substring(0, space), line.substring(space + 1));
      }
    }
    List<Finding> findings = new ArrayList<>();
    forEachBlob(
        repository,
        List.copyOf(paths.keySet()),
        (object, bytes) -> {
          for (String what : in(bytes)) {
            findings.add(new Finding(what, paths.get(object) + " (git object " + object + ")"));
          }
        });
    return findings;
  }

  /** Scans the files that git tracks, or would. */
  public static List<Finding> inFiles(Repository repository) {
    List<Finding> findings = new ArrayList<>();
    for (String file : repository.files()) {
      try {
        for (String what : in(Files.readAllBytes(repository.file(file)))) {
          findings.add(new Finding(what, file));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(file + " cannot be read", e);
      }
    }
    return findings;
  }

  private interface Visitor {
    void visit(String object, byte[] bytes);
  }

  private static void forEachBlob(Repository repository, List<String> objects, Visitor visitor) {
    try {
      Process process =
          new ProcessBuilder("git", "-C", repository.file("").toString(), "cat-file", "--batch")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (OutputStream ask = process.getOutputStream();
          DataInputStream answers =
              new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
        for (String object : objects) {
          ask.write((object + "\n").getBytes(StandardCharsets.US_ASCII));
          ask.flush();
          String[] header = line(answers).split(" ");
          if (header.length != 3) {
            throw new IOException(
                "git cat-file says of " + object + ": " + String.join(" ", header));
          }
          byte[] bytes = new byte[Integer.parseInt(header[2])];
          answers.readFully(bytes);
          answers.readByte(); // the line feed behind it
          if (header[1].equals("blob")) {
            visitor.visit(object, bytes);
          }
        }
      } finally {
        process.destroy();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the history cannot be read", e);
    }
  }

  private static String line(DataInputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (byte b = in.readByte(); b != '\n'; b = in.readByte()) {
      line.append((char) b);
    }
    return line.toString();
  }
}
