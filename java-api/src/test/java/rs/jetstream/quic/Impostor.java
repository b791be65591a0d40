package rs.jetstream.quic;

import java.lang.reflect.Constructor;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import rs.jetstream.quic.TestPki.Party;

/** Peers that show what an honest program would not: past the checks of one's own identity. */
final class Impostor {
  /** The least that s2n-tls asks of one's own certificates, over TLS 1.3 all the same. */
  static final QuicSettings LENIENT = QuicSettings.builder().securityPolicy("20190801").build();

  private Impostor() {}

  /** Shows these certificates, valid or not. */
  static TlsIdentity identity(Party leaf, Party... more) {
    return make(chain(leaf, more), leaf.keyPem(), null);
  }

  /** Shows a certificate whose key it does not have: it signs with its own. */
  static TlsIdentity withoutKey(Party leaf, PrivateKey own) {
    return make(chain(leaf), new byte[0], own);
  }

  private static List<X509Certificate> chain(Party leaf, Party... more) {
    List<X509Certificate> chain = new ArrayList<>(List.of(leaf.certificate()));
    List.of(more).forEach(it -> chain.add(it.certificate()));
    return chain;
  }

  private static TlsIdentity make(List<X509Certificate> chain, byte[] keyPem, PrivateKey external) {
    try {
      Constructor<TlsIdentity> constructor =
          TlsIdentity.class.getDeclaredConstructor(
              List.class, byte[].class, byte[].class, String.class, byte[].class, PrivateKey.class);
      constructor.setAccessible(true);
      return constructor.newInstance(
          chain, Certificates.toPem(chain), keyPem, "an impostor", new byte[0], external);
    } catch (ReflectiveOperationException | ConfigurationException e) {
      throw new AssertionError(e);
    }
  }
}
