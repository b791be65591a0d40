package rs.jetstream.quic;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.AuthProvider;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import rs.jetstream.quic.TestPki.Party;

/**
 * A process of its own that uses keys in a PKCS#11 token, and does what it is told, line by line:
 * the token's library is told by the environment where its tokens are.
 */
public final class TokenHolder implements AutoCloseable {
  static final char[] PIN = "1234".toCharArray();

  private final Provider provider;
  private final Heard heard = new Heard();
  private QuicServer server;
  private QuicClient client;

  /** All keys that are made can be used in the token alone, and for signatures alone. */
  private TokenHolder(Path library) {
    String configuration =
        """
        --name = Token
        library = %s
        slotListIndex = 0
        attributes(generate, CKO_PRIVATE_KEY, *) = {
          CKA_SENSITIVE = true
          CKA_EXTRACTABLE = false
          CKA_SIGN = true
          CKA_DECRYPT = false
        }
        """
            .formatted(library);
    provider = Security.getProvider("SunPKCS11").configure(configuration);
    Security.addProvider(provider);
  }

  public static void main(String[] args) throws Exception {
    try (BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        TokenHolder holder = new TokenHolder(Path.of(args[0]))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", -1);
        System.out.println(
            switch (words[0]) {
              case "make" -> holder.make(words[1], Integer.parseInt(words[2]));
              case "show" -> holder.show(words[1]);
              case "open" -> holder.open(words[1]);
              case "connect" ->
                  holder.connect(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
              case "fail" -> holder.fail();
              case "logout" -> holder.logout();
              case "reload" -> holder.reload(words[1]);
              default -> throw new IllegalArgumentException(line);
            });
      }
    }
  }

  private KeyStore keys() throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS11", provider);
    keys.load(null, PIN);
    return keys;
  }

  /** Makes keys for a server and a client, which stay in the token with their certificates. */
  private String make(String algorithm, int bits) throws Exception {
    KeyStore keys = keys();
    Map<String, Function<KeyPair, Party>> roles =
        Map.of("server", TestPki::server, "client", TestPki::client);
    for (Map.Entry<String, Function<KeyPair, Party>> role : roles.entrySet()) {
      KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm, provider);
      generator.initialize(bits);
      Party party = role.getValue().apply(generator.generateKeyPair());
      Certificate[] chain = {party.certificate()};
      keys.setKeyEntry(role.getKey() + algorithm, party.keys().getPrivate(), null, chain);
    }
    return String.join(" ", Collections.list(keys.aliases()).stream().sorted().toList());
  }

  private String show(String alias) throws Exception {
    PrivateKey key = (PrivateKey) keys().getKey(alias, null);
    return (key.getEncoded() == null) + " " + (key.getFormat() == null) + " " + key;
  }

  private TlsIdentity identity(String alias) throws Exception {
    KeyStore keys = keys();
    X509Certificate leaf = (X509Certificate) keys.getCertificate(alias);
    return TlsIdentity.ofExternalKey((PrivateKey) keys.getKey(alias, null), List.of(leaf));
  }

  private String open(String algorithm) throws Exception {
    closeEndpoints();
    TlsIdentity serverIdentity = identity("server" + algorithm);
    TlsIdentity clientIdentity = identity("client" + algorithm);
    server = Loopback.server(b -> b.identity(serverIdentity));
    client = Loopback.client(b -> b.identity(clientIdentity));
    return "open";
  }

  /** Says how many connections there were by the clients that were seen and by their schemes. */
  private String connect(int connections, int threads) throws Exception {
    Map<String, Integer> seen = new TreeMap<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<QuicConnection>> connecting = new ArrayList<>();
      for (int i = 0; i < connections; i++) {
        connecting.add(executor.submit(() -> Loopback.connect(client, server)));
      }
      List<QuicConnection> open = new ArrayList<>();
      for (Future<QuicConnection> one : connecting) {
        QuicConnection connection = one.get();
        seen.merge(connection.tls().signatureScheme(), 1, Integer::sum);
        QuicConnection accepted = server.accept(Loopback.SOON);
        X509Certificate peer = accepted.peerCertificates().getFirst();
        seen.merge(peer.getSubjectX500Principal().getName(), 1, Integer::sum);
        open.add(connection);
        open.add(accepted);
      }
      open.forEach(QuicConnection::close);
    }
    return seen.toString();
  }

  /** What comes of connecting, and what is the cause of it. */
  private String fail() throws Exception {
    try (QuicConnection connection = Loopback.connect(client, server)) {
      return "connected: " + connection;
    } catch (ConnectionException e) {
      StringBuilder said = new StringBuilder(e.kind() + " " + e.getMessage());
      for (Throwable cause = heard.next(); cause != null; cause = cause.getCause()) {
        said.append("; ").append(cause);
      }
      return said.toString();
    }
  }

  private String logout() throws Exception {
    ((AuthProvider) provider).logout();
    return "logged out";
  }

  private String reload(String algorithm) throws Exception {
    server.reload(TlsReload.of().identity(identity("server" + algorithm)));
    client.reload(TlsReload.of().identity(identity("client" + algorithm)));
    return "reloaded";
  }

  private void closeEndpoints() {
    if (client != null) {
      client.close();
      server.close();
    }
  }

  @Override
  public void close() {
    closeEndpoints();
    heard.close();
  }
}
