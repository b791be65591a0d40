package rs.jetstream.quic;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Writer;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.interfaces.ECPrivateKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import rs.jetstream.ffi.NativeLibrary;

/** Where the bytes of secrets are in a process that has loaded them, and no longer are. */
@Timeout(120)
final class KeyMemoryTest {
  /** A form in which a secret can lie in memory. */
  private record Form(String name, String latin1) {
    byte[] bytes() {
      return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  private static Form form(String name, byte[] bytes) {
    return new Form(name, new String(bytes, StandardCharsets.ISO_8859_1));
  }

  /** What s2n-tls encrypts tickets with: HKDF (RFC 5869) with SHA-256, no salt and no info. */
  private static byte[] ofTickets(byte[] secret) throws GeneralSecurityException {
    return hmac(hmac(new byte[32], secret), new byte[] {1});
  }

  private static byte[] hmac(byte[] key, byte[] data) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(data);
  }

  @TempDir Path folder;

  private Process holder;
  private Writer tell;
  private BufferedReader told;
  private List<Form> copies;

  /** In which secrets are used. */
  private List<Form> working;

  @BeforeEach
  void start() throws Exception {
    TestPki.Party party = TestPki.server(TestPki.CA, "localhost", TestPki.tomorrow());
    Files.write(folder.resolve("server.crt"), party.certificatePem());
    Path key = Files.write(folder.resolve("server.key"), party.keyPem());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    byte[] scalar = scalar(((ECPrivateKey) party.keys().getPrivate()).getS());
    byte[] reversed = new byte[32];
    for (int i = 0; i < 32; i++) {
      reversed[i] = scalar[31 - i];
    }
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    Path tickets = Files.write(folder.resolve("tickets.key"), secret);
    Files.setPosixFilePermissions(tickets, PosixFilePermissions.fromString("rw-------"));
    // Deep inside, where the scalar is and nothing that any key has.
    String base64 = Base64.getEncoder().encodeToString(party.keys().getPrivate().getEncoded());
    copies =
        List.of(
            new Form("PEM", base64.substring(48, 64)),
            form("DER", scalar),
            form("ticket key", secret));
    working = List.of(form("words of AWS-LC", reversed), form("AES key", ofTickets(secret)));
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx64m",
            "-cp",
            ClassPath.of(QuicServer.class, NativeLibrary.class, KeyHolder.class, NullMarked.class),
            KeyHolder.class.getName(),
            folder.toString());
    holder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    tell = holder.outputWriter(StandardCharsets.US_ASCII);
    told = holder.inputReader(StandardCharsets.UTF_8);
  }

  @AfterEach
  void stop() throws Exception {
    tell.close();
    assertThat(holder.waitFor()).isZero();
    told.close();
  }

  // r[verify security.1.16]
  @Test
  void heapDumpAndMessagesHoldNothingOfSecretsThatWereLoaded() throws Exception {
    ask("load");
    assertThat(dumped()).as("before: the search works").contains("PEM", "ticket key");
    ask("open");
    ask("wipe");
    assertThat(dumped()).isEmpty();
    String said = ask("say");
    assertThat(said).contains("CN=localhost", folder.resolve("server.key").toString());
    for (Form form : copies) {
      assertThat(said).doesNotContain(form.latin1);
    }
  }

  // r[verify security.1.16]
  @Test
  @EnabledOnOs(OS.LINUX)
  void wholeMemoryOfTheProcessHoldsSecretsOnlyWhereTheyAreUsed() throws Exception {
    ask("load");
    assertThat(inMemory()).as("before: the search works").contains("PEM", "ticket key");
    ask("open");
    String[] used = working.stream().map(Form::name).toArray(String[]::new);
    assertThat(inMemory()).as("in use: the search works").contains(used);
    ask("wipe");
    assertThat(inMemory()).containsExactlyInAnyOrder(used);
    ask("close");
    assertThat(inMemory()).isEmpty();
  }

  private String ask(String what) throws IOException {
    tell.write(what + "\n");
    tell.flush();
    StringBuilder answer = new StringBuilder();
    for (String line = told.readLine(); !"done".equals(line); line = told.readLine()) {
      assertThat(line).as("answer to " + what).isNotNull();
      answer.append(line);
    }
    return answer.toString();
  }

  private Set<String> dumped() throws IOException, InterruptedException {
    Path dump = folder.resolve("dump.hprof");
    // All of the heap, also what nobody can reach.
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                String.valueOf(holder.pid()),
                "GC.heap_dump",
                "-all",
                dump.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(jcmd.waitFor()).isZero();
    byte[] bytes = Files.readAllBytes(dump);
    Files.delete(dump);
    assertThat(bytes.length).isGreaterThan(1 << 20);
    Set<String> found = new TreeSet<>();
    search(bytes, bytes.length, copies, found);
    return found;
  }

  private Set<String> inMemory() throws IOException {
    List<Form> forms = new ArrayList<>(copies);
    forms.addAll(working);
    Set<String> found = new TreeSet<>();
    String process = "/proc/" + holder.pid();
    byte[] buffer = new byte[1 << 20];
    int overlap = 64;
    long seen = 0;
    try (RandomAccessFile memory = new RandomAccessFile(process + "/mem", "r")) {
      for (String line : Files.readAllLines(Path.of(process, "maps"))) {
        String[] parts = line.split("\\s+", -1);
        if (!parts[1].startsWith("rw") || line.endsWith("[vvar]")) {
          continue;
        }
        String[] range = parts[0].split("-", -1);
        long end = Long.parseUnsignedLong(range[1], 16);
        for (long at = Long.parseUnsignedLong(range[0], 16); at < end; ) {
          memory.seek(at);
          int wanted = (int) Math.min(buffer.length, end - at);
          int got = memory.read(buffer, 0, wanted);
          if (got <= 0) {
            break;
          }
          seen += got;
          search(buffer, got, forms, found);
          at += got < end - at ? Math.max(1, got - overlap) : got;
        }
      }
    }
    assertThat(seen).isGreaterThan(16 << 20);
    return found;
  }

  private static void search(byte[] bytes, int length, List<Form> forms, Set<String> found) {
    for (Form form : forms) {
      byte[] wanted = form.bytes();
      byte first = wanted[0];
      int last = length - wanted.length;
      for (int i = 0; i <= last; i++) {
        if (bytes[i] == first
            && Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
          found.add(form.name);
          break;
        }
      }
    }
  }

  private static byte[] scalar(BigInteger s) {
    byte[] bytes = s.toByteArray();
    byte[] scalar = new byte[32];
    int length = Math.min(32, bytes.length);
    System.arraycopy(bytes, bytes.length - length, scalar, 32 - length, length);
    return scalar;
  }
}
