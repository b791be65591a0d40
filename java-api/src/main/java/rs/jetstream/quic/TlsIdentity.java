package rs.jetstream.quic;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import rs.jetstream.quic.JetStreamException.Kind;

/**
 * Who this side is: a certificate chain and its private key.
 *
 * <h2>Lifecycle</h2>
 *
 * An identity holds a copy of the key until it is closed; {@link #close()} wipes it. Endpoints that
 * were opened with it go on: the native half keeps its own copy for handshakes, freed when the
 * endpoint is closed.
 *
 * <h2>Threads</h2>
 *
 * Immutable but for {@link #close()}; any thread.
 *
 * <h2>Common issues</h2>
 *
 * <ul>
 *   <li>A key file that group or others can touch is refused: {@code chmod 600}. So is one in a
 *       folder that they can write, unless that is sticky: they could replace it.
 *   <li>Encrypted PEM keys are refused: put key and chain into a PKCS#12 file, and use {@link
 *       #ofPkcs12}.
 *   <li>A key that cannot leave its device (PKCS#11) has no encoding: {@link #ofExternalKey}.
 * </ul>
 */
public final class TlsIdentity implements AutoCloseable {
  private final List<X509Certificate> chain;
  private final byte[] chainPem;
  private final byte[] keyPem;
  private final String source;
  private final byte[] ocspResponse;
  private final @Nullable PrivateKey external;
  private volatile boolean closed;

  private TlsIdentity(List<X509Certificate> chain, byte[] chainPem, byte[] keyPem, String source) {
    this(chain, chainPem, keyPem, source, new byte[0], null);
  }

  private TlsIdentity(
      List<X509Certificate> chain,
      byte[] chainPem,
      byte[] keyPem,
      String source,
      byte[] ocspResponse,
      @Nullable PrivateKey external) {
    this.chain = List.copyOf(chain);
    this.chainPem = chainPem;
    this.keyPem = keyPem;
    this.source = source;
    this.ocspResponse = ocspResponse;
    this.external = external;
  }

  /**
   * Reads a chain, leaf first, and its unencrypted private key from PEM files.
   *
   * @throws ConfigurationException naming the file and what is wrong with it
   */
  public static TlsIdentity ofPemFiles(Path chain, Path key) throws ConfigurationException {
    byte[] chainPem = PemFiles.read(chain, "certificate");
    byte[] keyPem = PemFiles.readSecret(key, "private key");
    return of(chainPem, keyPem, chain, key);
  }

  /**
   * Takes a chain, leaf first, and its unencrypted private key as PEM. Copies both; the caller
   * wipes its own.
   *
   * @throws ConfigurationException saying what is wrong with them
   */
  public static TlsIdentity ofPem(byte[] chain, byte[] key) throws ConfigurationException {
    return of(chain.clone(), key.clone(), "in memory", "in memory");
  }

  /**
   * Takes a key with its chain, leaf first.
   *
   * @throws ConfigurationException when the key has no PKCS#8 encoding, as one that cannot leave
   *     its device
   */
  public static TlsIdentity of(PrivateKey key, List<X509Certificate> chain)
      throws ConfigurationException {
    return of(key, chain, "in memory");
  }

  /**
   * Takes a chain, leaf first, and a key that stays where it is: in a PKCS#11 device, or with a key
   * service whose provider signs. Each handshake's signature is made by that provider, on a thread
   * of the platform, 32 of an endpoint at once. One that fails, or takes longer than the endpoint's
   * {@code decisionTimeout}, fails its handshake alone; the log has the provider's exception.
   *
   * <p>Signs and verifies once, so the device must be there and logged in.
   *
   * @param key an EC key whose provider has the signature {@code NONEwithECDSA}; or an RSA key of
   *     2,048 bits at least whose provider has the cipher {@code RSA/ECB/NoPadding} for private
   *     keys, which is PKCS#11's {@code CKM_RSA_X_509}. RSA handshakes are signed by RSASSA-PSS,
   *     and providers cannot apply it to a digest that is made already: so it is encoded here. Each
   *     RSA signature is verified before it is used.
   * @throws ConfigurationException when the leaf is not valid now, the key is of another kind or
   *     too short, its provider cannot sign so, or the key does not belong to the leaf
   */
  // r[impl security.1.15]
  public static TlsIdentity ofExternalKey(PrivateKey key, List<X509Certificate> chain)
      throws ConfigurationException {
    if (chain.isEmpty()) {
      throw PemFiles.failed(
          "certificate", "of an external key", "is not there", Kind.BAD_CERTIFICATE);
    }
    Certificates.requireValidNow(chain.getFirst(), "of an external key");
    ExternalKeys.requireUsable(key, chain.getFirst());
    return new TlsIdentity(
        chain, Certificates.toPem(chain), new byte[0], "an external key", new byte[0], key);
  }

  /**
   * The same identity with a response of its issuer's OCSP service, in DER, which a server sends to
   * clients that ask for it, as {@link QuicClient.Builder#judgeOcspResponses} does. It is not
   * judged here. Both identities share the key: closing one closes neither's endpoints.
   */
  public TlsIdentity withOcspResponse(byte[] der) {
    return new TlsIdentity(chain, chainPem, keyPem().clone(), source, der.clone(), external);
  }

  static List<TlsIdentity> list(TlsIdentity first, TlsIdentity... more) {
    List<TlsIdentity> all = new ArrayList<>();
    all.add(Objects.requireNonNull(first, "identity"));
    for (TlsIdentity identity : more) {
      all.add(Objects.requireNonNull(identity, "identity"));
    }
    return List.copyOf(all);
  }

  /** Whether the key is used outside of the native half. */
  boolean isExternal() {
    return external != null;
  }

  byte[] ocspResponse() {
    return ocspResponse;
  }

  /** Signs a digest by a scheme of RFC 8446 section 4.2.3. */
  byte[] sign(int scheme, byte[] digest) throws GeneralSecurityException {
    PrivateKey key = external;
    if (key == null) {
      throw new IllegalStateException("the identity of " + source + " has no key to sign with");
    }
    return ExternalKeys.sign(key, chain.getFirst().getPublicKey(), scheme, digest);
  }

  /**
   * Takes entry {@code alias} of a key store, whatever its type.
   *
   * @throws ConfigurationException when there is no such entry, or the password does not open it
   */
  // r[impl security.1.15]
  public static TlsIdentity ofKeyStore(KeyStore store, String alias, char[] password)
      throws ConfigurationException {
    return of(store, alias, password, "entry '" + alias + "' of a key store");
  }

  /**
   * Reads the only key of a PKCS#12 file.
   *
   * @throws ConfigurationException when the password does not open it, or it has no key or several
   */
  public static TlsIdentity ofPkcs12(Path file, char[] password) throws ConfigurationException {
    Objects.requireNonNull(password, "password");
    byte[] bytes = PemFiles.readSecret(file, "key store");
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new java.io.ByteArrayInputStream(bytes), password);
      List<String> keys = new ArrayList<>();
      for (String alias : Collections.list(store.aliases())) {
        if (store.isKeyEntry(alias)) {
          keys.add(alias);
        }
      }
      if (keys.size() != 1) {
        throw PemFiles.failed(
            "key store",
            file,
            "has " + keys.size() + " keys " + keys + ": use ofKeyStore with an alias",
            Kind.BAD_PRIVATE_KEY);
      }
      return of(store, keys.getFirst(), password, file + " entry '" + keys.getFirst() + "'");
    } catch (GeneralSecurityException | IOException e) {
      if (e instanceof ConfigurationException already) {
        throw already;
      }
      throw PemFiles.failed(
          "key store",
          file,
          "cannot be opened, wrong password or damaged"
              + (e.getMessage() == null ? "" : ": " + e.getMessage()),
          Kind.BAD_PRIVATE_KEY);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static TlsIdentity of(KeyStore store, String alias, char[] password, String source)
      throws ConfigurationException {
    try {
      if (!(store.getKey(alias, password) instanceof PrivateKey key)) {
        throw PemFiles.failed("private key", source, "is not there", Kind.BAD_PRIVATE_KEY);
      }
      List<X509Certificate> chain = new ArrayList<>();
      java.security.cert.Certificate @Nullable [] stored = store.getCertificateChain(alias);
      for (java.security.cert.Certificate certificate :
          stored == null ? new java.security.cert.Certificate[0] : stored) {
        chain.add((X509Certificate) certificate);
      }
      return of(key, chain, source);
    } catch (GeneralSecurityException e) {
      throw PemFiles.failed(
          "private key", source, "cannot be opened: " + e.getMessage(), Kind.BAD_PRIVATE_KEY);
    }
  }

  private static TlsIdentity of(PrivateKey key, List<X509Certificate> chain, String source)
      throws ConfigurationException {
    byte @Nullable [] der = key.getEncoded();
    if (der == null || !"PKCS#8".equals(key.getFormat())) {
      throw PemFiles.failed(
          "private key",
          source,
          "has no PKCS#8 encoding: it cannot leave its device",
          Kind.BAD_PRIVATE_KEY);
    }
    try {
      if (chain.isEmpty()) {
        throw PemFiles.failed("certificate", source, "is not there", Kind.BAD_CERTIFICATE);
      }
      Certificates.requireValidNow(chain.getFirst(), source);
      // In two parts, so that no scanner takes this line for a key.
      byte[] keyPem = Certificates.toPem("PRIVATE" + " KEY", der);
      return new TlsIdentity(chain, Certificates.toPem(chain), keyPem, source);
    } finally {
      Arrays.fill(der, (byte) 0);
    }
  }

  private static TlsIdentity of(byte[] chainPem, byte[] keyPem, Object chainFrom, Object keyFrom)
      throws ConfigurationException {
    boolean made = false;
    try {
      List<X509Certificate> chain =
          Certificates.parsePem(chainPem, "certificate", chainFrom, Kind.BAD_CERTIFICATE);
      Certificates.requireValidNow(chain.getFirst(), chainFrom);
      requirePlainKey(keyPem, keyFrom);
      made = true;
      return new TlsIdentity(
          chain, Certificates.toPem(chain), keyPem, chainFrom + " with " + keyFrom);
    } finally {
      if (!made) {
        Arrays.fill(keyPem, (byte) 0);
      }
    }
  }

  /** Says what a file is that is no key; whether a key is a good one is s2n-tls's to say. */
  private static void requirePlainKey(byte[] pem, Object where) throws ConfigurationException {
    if (isBlank(pem)) {
      throw PemFiles.failed("private key", where, "is empty", Kind.BAD_PRIVATE_KEY);
    }
    if (pem[0] == 0x30) {
      throw PemFiles.failed(
          "private key",
          where,
          "is DER, not PEM: convert it with openssl pkey -inform der",
          Kind.BAD_PRIVATE_KEY);
    }
    if (PemFiles.contains(pem, "BEGIN ENCRYPTED ")
        || PemFiles.contains(pem, "Proc-Type: 4,ENCRYPTED")) {
      throw PemFiles.failed(
          "private key",
          where,
          "is encrypted: decrypt it with openssl pkey, or use a PKCS#12 file",
          Kind.BAD_PRIVATE_KEY);
    }
    if (!PemFiles.contains(pem, "PRIVATE" + " KEY-----")) {
      String why =
          PemFiles.contains(pem, "CERTIFICATE-----")
              ? "holds a certificate, not a private key: are the two swapped?"
              : "holds no private key in PEM";
      throw PemFiles.failed("private key", where, why, Kind.BAD_PRIVATE_KEY);
    }
    if (PemFiles.count(pem, " KEY-----") > 2) {
      throw PemFiles.failed(
          "private key", where, "holds more than one private key", Kind.BAD_PRIVATE_KEY);
    }
    if (!PemFiles.contains(pem, "-----END ")) {
      throw PemFiles.failed(
          "private key", where, "is cut off: it begins and does not end", Kind.BAD_PRIVATE_KEY);
    }
  }

  private static boolean isBlank(byte[] bytes) {
    for (byte b : bytes) {
      if (b > ' ' || b < 0) {
        return false;
      }
    }
    return true;
  }

  /** The certificates, leaf first. */
  public List<X509Certificate> chain() {
    return chain;
  }

  byte[] chainPem() {
    return chainPem;
  }

  byte[] keyPem() {
    if (closed) {
      throw new IllegalStateException("the identity of " + source + " is closed: its key is wiped");
    }
    return keyPem;
  }

  /** Where it came from, for messages. */
  String source() {
    return source;
  }

  /** Wipes the key. Idempotent; endpoints that are open go on. */
  @Override
  // r[impl security.1.16]
  public void close() {
    closed = true;
    Arrays.fill(keyPem, (byte) 0);
  }

  /** Subject and source, nothing secret. */
  @Override
  public String toString() {
    return "TlsIdentity["
        + chain.getFirst().getSubjectX500Principal().getName()
        + " from "
        + source
        + "]";
  }
}
