//! PEM files for either TLS. Both ends show a certificate, always.

use anyhow::{Context, Result, ensure};
use clap::Args;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, version::TLS13};
use s2n_quic::provider::tls::s2n_tls;
use s2n_quic::provider::tls::s2n_tls::callbacks::VerifyHostNameCallback;
use s2n_quic::provider::tls::s2n_tls::config::Builder;
use s2n_quic::provider::tls::s2n_tls::enums::ClientAuthType;
use s2n_quic::provider::tls::s2n_tls::security::Policy;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub const ALPN: &str = "jetstream";
/// TLS 1.3 alone, and the key exchange and ciphers that the library has by default.
const POLICY: &str = "default_tls13";

#[derive(Args)]
pub struct Options {
    /// PEM file with the certificate chain, leaf first.
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    /// PEM file with the private key of that certificate.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// PEM file with the CAs that the other end must be of.
    #[arg(long, value_name = "FILE")]
    ca: PathBuf,
}

impl Options {
    pub fn quinn_server(&self) -> Result<QuicServerConfig> {
        let (chain, key) = self.identity()?;
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(self.roots()?), provider())
                .build()?;
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])?
            .with_client_cert_verifier(verifier)
            .with_single_cert(chain, key)?;
        config.alpn_protocols = vec![ALPN.into()];
        Ok(config.try_into()?)
    }

    pub fn quinn_client(&self) -> Result<QuicClientConfig> {
        let (chain, key) = self.identity()?;
        let mut config = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(self.roots()?)
            .with_client_auth_cert(chain, key)?;
        config.alpn_protocols = vec![ALPN.into()];
        Ok(config.try_into()?)
    }

    pub fn s2n_server(&self) -> Result<s2n_tls::Server> {
        let mut builder = s2n_tls::Server::builder();
        self.configure(builder.config_mut())?
            // Without it every client certificate would have to name the server.
            .set_verify_host_callback(AnyName)?;
        Ok(builder.build()?)
    }

    pub fn s2n_client(&self) -> Result<s2n_tls::Client> {
        let mut builder = s2n_tls::Client::builder();
        self.configure(builder.config_mut())?;
        Ok(builder.build()?)
    }

    fn configure<'a>(&self, config: &'a mut Builder) -> Result<&'a mut Builder> {
        Ok(config
            .set_security_policy(&Policy::from_version(POLICY)?)?
            .set_application_protocol_preference([ALPN])?
            .wipe_trust_store()?
            .trust_pem(&read(&self.ca)?)?
            .load_pem(&read(&self.cert)?, &read(&self.key)?)?
            .set_client_auth_type(ClientAuthType::Required)?)
    }

    fn identity(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .with_context(|| format!("cannot read a private key from {}", self.key.display()))?;
        Ok((certificates(&self.cert)?, key))
    }

    fn roots(&self) -> Result<RootCertStore> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(&self.ca)? {
            roots.add(certificate)?;
        }
        Ok(roots)
    }
}

/// Any client of the CA, whatever name its certificate has.
struct AnyName;

impl VerifyHostNameCallback for AnyName {
    fn verify_host_name(&self, _: &str) -> bool {
        true
    }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let failure = || format!("cannot read certificates from {}", path.display());
    let certificates = CertificateDer::pem_file_iter(path)
        .with_context(failure)?
        .collect::<Result<Vec<_>, _>>()
        .with_context(failure)?;
    ensure!(
        !certificates.is_empty(),
        "no certificate in {}",
        path.display()
    );
    Ok(certificates)
}
