//! TLS settings from PEM files. TLS 1.3 only, as QUIC asks for; ring does the cryptography.

use anyhow::{Context, Result, ensure};
use clap::Args;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig, version::TLS13};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The application protocol that this library speaks when nobody says otherwise.
const DEFAULT_ALPN: &str = "jetstream";

#[derive(Args)]
pub struct Alpn {
    /// Application protocol to offer or accept; may be given several times, first choice first. An empty one is none,
    /// so that one alone leaves the extension out.
    #[arg(long = "alpn", value_name = "NAME", default_value = DEFAULT_ALPN)]
    names: Vec<String>,
}

impl Alpn {
    fn wire(&self) -> Vec<Vec<u8>> {
        self.names
            .iter()
            .filter(|name| !name.is_empty())
            .map(|name| name.clone().into())
            .collect()
    }
}

/// A certificate chain, leaf first, with its private key.
pub struct Identity<'a> {
    pub cert: &'a Path,
    pub key: &'a Path,
}

impl Identity<'_> {
    fn load(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
        let key = PrivateKeyDer::from_pem_file(self.key)
            .with_context(|| format!("cannot read a private key from {}", self.key.display()))?;
        Ok((certificates(self.cert)?, key))
    }
}

/// Asks every client for a certificate of `client_ca`, or no client for any if that is absent.
pub fn server(
    identity: &Identity,
    client_ca: Option<&PathBuf>,
    alpn: &Alpn,
) -> Result<QuicServerConfig> {
    let (chain, key) = identity.load()?;
    let builder =
        ServerConfig::builder_with_provider(provider()).with_protocol_versions(&[&TLS13])?;
    let builder = match client_ca {
        None => builder.with_no_client_auth(),
        Some(path) => {
            let verifier =
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots(path)?), provider())
                    .build()
                    .with_context(|| format!("cannot verify clients with {}", path.display()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let mut config = builder
        .with_single_cert(chain, key)
        .with_context(|| format!("cannot use the certificate {}", identity.cert.display()))?;
    config.alpn_protocols = alpn.wire();
    Ok(config.try_into()?)
}

/// Trusts `ca` only, and shows `identity` to a server that asks for one.
pub fn client(ca: &Path, identity: Option<&Identity>, alpn: &Alpn) -> Result<QuicClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots(ca)?);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let (chain, key) = identity.load()?;
            builder.with_client_auth_cert(chain, key).with_context(|| {
                format!("cannot use the certificate {}", identity.cert.display())
            })?
        }
    };
    config.alpn_protocols = alpn.wire();
    Ok(config.try_into()?)
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots
            .add(certificate)
            .with_context(|| format!("cannot trust a certificate in {}", path.display()))?;
    }
    Ok(roots)
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
