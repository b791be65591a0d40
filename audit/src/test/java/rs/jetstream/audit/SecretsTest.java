package rs.jetstream.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No private key is in any commit; one that is planted is found. */
@Timeout(120)
final class SecretsTest {
  private static final Repository REPOSITORY = Repository.ofBuild();

  @TempDir Path folder;

  // r[verify security.1.8]
  // r[verify security.1.14]
  @Test
  void noCommitHasASecret() {
    assertThat(Integer.parseInt(REPOSITORY.git("rev-list", "--all", "--count").strip()))
        .isPositive();
    assertThat(Secrets.inHistory(REPOSITORY)).isEmpty();
    assertThat(Secrets.inFiles(REPOSITORY)).isEmpty();
  }

  // r[verify security.1.14]
  @ParameterizedTest
  @ValueSource(strings = {"EC", "RSA", "Ed25519"})
  void plantedKeyIsFoundAlsoAfterItWasRemoved(String algorithm) throws Exception {
    ScratchRepository scratch = new ScratchRepository(folder);
    scratch.write("harmless.txt", "nothing");
    scratch.write("folder with a space/key.txt", pem(key(algorithm)));
    scratch.commit("Add a key");
    assertThat(Secrets.inFiles(scratch.repository)).isNotEmpty();
    scratch.git("rm", "--quiet", "folder with a space/key.txt");
    scratch.commit("Remove the key");
    assertThat(Secrets.inFiles(scratch.repository)).isEmpty();
    List<Secrets.Finding> findings = Secrets.inHistory(scratch.repository);
    assertThat(findings).isNotEmpty();
    assertThat(findings.getFirst().what()).contains("private key");
    assertThat(findings.getFirst().where()).startsWith("folder with a space/key.txt (git object");
    assertThat(findings.toString()).doesNotContain(pem(key(algorithm)).lines().toList().get(1));
  }

  @Test
  void keyOnABranchThatWasNeverMergedIsFound() throws Exception {
    ScratchRepository scratch = new ScratchRepository(folder);
    scratch.write("a.txt", "a");
    scratch.commit("Begin");
    scratch.git("checkout", "--quiet", "-b", "aside");
    scratch.write("b.txt", pem(key("EC")));
    scratch.commit("Add a key");
    scratch.git("checkout", "--quiet", "main");
    assertThat(Secrets.inHistory(scratch.repository)).isNotEmpty();
  }

  @Test
  void keysInOtherFormsAreFound() throws Exception {
    for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
      byte[] der = key(algorithm).getPrivate().getEncoded();
      assertThat(Secrets.in(der)).as(algorithm).contains("private key in DER");
      String base64 = "key = \"" + Base64.getEncoder().encodeToString(der) + "\";";
      assertThat(Secrets.in(base64.getBytes(StandardCharsets.US_ASCII))).as(algorithm).isNotEmpty();
    }
    for (String type : List.of("PKCS12", "JKS")) {
      KeyStore store = KeyStore.getInstance(type);
      store.load(null, null);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      store.store(out, "password".toCharArray());
      assertThat(Secrets.in(out.toByteArray())).as(type).hasSize(1);
    }
    String token = "gh" + "p_" + "0123456789abcdefghijABCDEFGHIJ012345";
    assertThat(Secrets.in(token.getBytes(StandardCharsets.US_ASCII)))
        .containsExactly("GitHub token");
  }

  @Test
  void publicThingsAreNotFound() throws Exception {
    byte[] der = key("EC").getPublic().getEncoded();
    assertThat(Secrets.in(der)).isEmpty();
    String pem = "-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder().encodeToString(der);
    assertThat(Secrets.in(pem.getBytes(StandardCharsets.US_ASCII))).isEmpty();
  }

  // r[verify security.1.14]
  @Test
  void theHookRefusesACommitWithAKey() throws Exception {
    ScratchRepository scratch = new ScratchRepository(folder);
    scratch.write("harmless.txt", "nothing");
    assertThat(hook()).isZero();
    scratch.write("key with a space.txt", pem(key("EC")));
    scratch.git("add", "--all");
    assertThat(hook()).isEqualTo(1);
    scratch.git("rm", "--quiet", "--cached", "key with a space.txt");
    assertThat(hook()).isZero();
  }

  @Test
  void gitIgnoresKeysAndStores() throws IOException {
    ScratchRepository scratch = new ScratchRepository(folder);
    Files.copy(REPOSITORY.file(".gitignore"), folder.resolve(".gitignore"));
    for (String name : List.of("a.key", "b.pem", "c.p12", "d.jks", "certs/generated/server.crt")) {
      scratch.write(name, "x");
    }
    assertThat(scratch.repository.files()).containsExactly(".gitignore");
  }

  private int hook() throws IOException, InterruptedException {
    return new ProcessBuilder("bash", REPOSITORY.file("scripts/hooks/pre-commit").toString())
        .directory(folder.toFile())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
  }

  private static KeyPair key(String algorithm) throws Exception {
    return KeyPairGenerator.getInstance(algorithm).generateKeyPair();
  }

  private static String pem(KeyPair keys) {
    String base64 =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(keys.getPrivate().getEncoded());
    // In two parts, so that this file is no finding itself.
    return "-----BEGIN PRIVATE" + " KEY-----\n" + base64 + "\n-----END PRIVATE" + " KEY-----\n";
  }
}
