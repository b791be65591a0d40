package rs.jetstream.benchmarks;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** PEM files as what the JDK and Netty take; Netty reads them. */
final class Tls {
  private Tls() {}

  /** A server that asks for client certificates where the options say so. */
  static SslContextBuilder server(Options options, SslProvider provider) {
    SslContextBuilder builder =
        SslContextBuilder.forServer(file(options, "cert"), file(options, "key"))
            .sslProvider(provider)
            .protocols("TLSv1.3");
    offer(builder, options, provider);
    if (options.asksForClientCertificates()) {
      builder.trustManager(file(options, "client-ca")).clientAuth(ClientAuth.REQUIRE);
    }
    return builder;
  }

  /** A client that shows its certificate, and trusts the one CA. */
  static SslContextBuilder client(Options options, SslProvider provider) {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .keyManager(file(options, "cert"), file(options, "key"))
            .trustManager(file(options, "ca"))
            .sslProvider(provider)
            .protocols("TLSv1.3");
    offer(builder, options, provider);
    return builder;
  }

  /** BoringSSL chooses AES-128-GCM by itself; the JDK's engine is told its groups one by one. */
  private static void offer(SslContextBuilder builder, Options options, SslProvider provider) {
    if (provider == SslProvider.JDK) {
      builder.ciphers(List.of("TLS_AES_128_GCM_SHA256"));
    } else if (options.groups() != Groups.DEFAULT) {
      builder.option(OpenSslContextOption.GROUPS, options.groups().names());
    }
  }

  static SSLContext serverContext(Options options) throws Exception {
    return ((JdkSslContext) server(options, SslProvider.JDK).build()).context();
  }

  static SSLContext clientContext(Options options) throws Exception {
    return ((JdkSslContext) client(options, SslProvider.JDK).build()).context();
  }

  /** Trusts the one CA. */
  static X509TrustManager trustManager(Options options) throws Exception {
    KeyStore trust = KeyStore.getInstance(KeyStore.getDefaultType());
    trust.load(null, null);
    try (InputStream ca = new FileInputStream(file(options, "ca"))) {
      trust.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(ca));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(trust);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  static File file(Options options, String name) {
    return new File(options.text(name));
  }
}
