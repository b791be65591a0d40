//! TLS settings: TLS 1.3 by s2n-tls or by rustls, from PEM files.

use anyhow::{Context, Result};
use clap::{ArgAction, Args, ValueEnum};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::crypto::CryptoProvider;
use rustls::crypto::aws_lc_rs::{cipher_suite, default_provider, kx_group};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, version::TLS13};
use s2n_quic::provider::tls::s2n_tls::{Client, Server};
use s2n_tls::callbacks::VerifyHostNameCallback;
use s2n_tls::config::Builder;
use s2n_tls::enums::ClientAuthType;
use s2n_tls::security::Policy;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A policy of s2n-tls with X25519 first, AES-128-GCM first, and nothing post-quantum.
const CLASSIC_POLICY: &str = "20240603";

/// Key exchange.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq)]
enum Groups {
    /// As `--policy` says; quinn as `hybrid`.
    Default,
    /// X25519 alone, or first; `--policy` is another one then.
    Classic,
    /// X25519 with ML-KEM-768 first: s2n-tls as `--policy` says.
    Hybrid,
}

#[derive(Args)]
pub struct Options {
    /// PEM file with the own certificate chain, leaf first.
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    /// PEM file with the private key of that certificate.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Security policy of s2n-tls, by name.
    #[arg(long, value_name = "NAME", default_value = "default_pq")]
    policy: String,
    /// Key exchange that both ends are told to use.
    #[arg(long, value_enum, default_value = "default")]
    groups: Groups,
    /// Whether the server asks for client certificates.
    #[arg(long, value_name = "yes|no", default_value = "yes", action = ArgAction::Set,
          value_parser = clap::builder::PossibleValuesParser::new(["yes", "no"]))]
    mutual: String,
    /// Application protocol.
    #[arg(long, value_name = "NAME", default_value = "jetstream")]
    alpn: String,
}

impl Options {
    fn is_mutual(&self) -> bool {
        self.mutual == "yes"
    }

    /// Asks every client for a certificate of `client_ca`, where it is to.
    pub fn s2n_server(&self, client_ca: &Path) -> Result<Server> {
        let mut builder = Server::builder();
        self.configure(builder.config_mut(), client_ca)?
            .set_verify_host_callback(AnyOfThisCa)?;
        Ok(builder.build()?)
    }

    /// Trusts `ca` only, and shows the own certificate.
    pub fn s2n_client(&self, ca: &Path) -> Result<Client> {
        let mut builder = Client::builder();
        self.configure(builder.config_mut(), ca)?;
        Ok(builder.build()?)
    }

    /// What both ends share: the own certificate, and trust in `ca` and nothing else.
    fn configure<'a>(&self, config: &'a mut Builder, ca: &Path) -> Result<&'a mut Builder> {
        let name = match self.groups {
            Groups::Classic => CLASSIC_POLICY,
            Groups::Default | Groups::Hybrid => &self.policy,
        };
        let policy = Policy::from_version(name)
            .with_context(|| format!("no security policy can be named {name:?}"))?;
        config
            .set_security_policy(&policy)
            .with_context(|| format!("unknown security policy {name:?}"))?
            .set_application_protocol_preference([&self.alpn])
            .with_context(|| format!("cannot use the ALPN {:?}", self.alpn))?
            .wipe_trust_store()?
            .trust_pem(&read(ca)?)
            .with_context(|| format!("cannot trust {}", ca.display()))?
            .load_pem(&read(&self.cert)?, &read(&self.key)?)
            .with_context(|| self.unusable())?
            .set_client_auth_type(if self.is_mutual() {
                ClientAuthType::Required
            } else {
                ClientAuthType::None
            })?;
        Ok(config)
    }

    pub fn quinn_server(&self, client_ca: &Path) -> Result<QuicServerConfig> {
        let builder = rustls::ServerConfig::builder_with_provider(self.provider())
            .with_protocol_versions(&[&TLS13])?;
        let builder = if self.is_mutual() {
            let roots = Arc::new(roots(client_ca)?);
            builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(roots, self.provider()).build()?,
            )
        } else {
            builder.with_no_client_auth()
        };
        let (chain, key) = self.identity()?;
        let mut config = builder
            .with_single_cert(chain, key)
            .with_context(|| self.unusable())?;
        config.alpn_protocols = vec![self.alpn.clone().into()];
        Ok(config.try_into()?)
    }

    pub fn quinn_client(&self, ca: &Path) -> Result<QuicClientConfig> {
        let (chain, key) = self.identity()?;
        let mut config = rustls::ClientConfig::builder_with_provider(self.provider())
            .with_protocol_versions(&[&TLS13])?
            .with_root_certificates(roots(ca)?)
            .with_client_auth_cert(chain, key)
            .with_context(|| self.unusable())?;
        config.alpn_protocols = vec![self.alpn.clone().into()];
        Ok(config.try_into()?)
    }

    /// aws-lc-rs with the cipher and the key exchange that the other peers use.
    fn provider(&self) -> Arc<CryptoProvider> {
        let mut provider = default_provider();
        provider.cipher_suites = vec![cipher_suite::TLS13_AES_128_GCM_SHA256];
        provider.kx_groups = match self.groups {
            Groups::Classic => vec![kx_group::X25519],
            Groups::Default | Groups::Hybrid => vec![kx_group::X25519MLKEM768, kx_group::X25519],
        };
        Arc::new(provider)
    }

    fn identity(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
        let key = PrivateKeyDer::from_pem_file(&self.key)
            .with_context(|| format!("cannot read a private key from {}", self.key.display()))?;
        Ok((certificates(&self.cert)?, key))
    }

    fn unusable(&self) -> String {
        format!(
            "cannot use the certificate {} with the key {}",
            self.cert.display(),
            self.key.display()
        )
    }
}

/// Accepts whatever names the certificate of a client carries: its CA is what counts.
///
/// Without it s2n-tls compares those names with the server's and refuses every client.
struct AnyOfThisCa;

impl VerifyHostNameCallback for AnyOfThisCa {
    fn verify_host_name(&self, _host_name: &str) -> bool {
        true
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

fn roots(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate)?;
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .with_context(|| format!("cannot read certificates from {}", path.display()))
}
