//! TLS settings: mutual TLS 1.3 by s2n-tls, from PEM files.

use anyhow::{Context, Result};
use clap::Args;
use s2n_quic::provider::tls::s2n_tls::{Client, Server};
use s2n_tls::callbacks::VerifyHostNameCallback;
use s2n_tls::config::Builder;
use s2n_tls::enums::ClientAuthType;
use s2n_tls::security::Policy;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Options {
    /// PEM file with the own certificate chain, leaf first.
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    /// PEM file with the private key of that certificate.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Security policy of s2n-tls, by name.
    #[arg(long, value_name = "NAME", default_value = "default_tls13")]
    policy: String,
    /// Application protocol.
    #[arg(long, value_name = "NAME", default_value = "jetstream")]
    alpn: String,
}

impl Options {
    /// Asks every client for a certificate of `client_ca`.
    pub fn server(&self, client_ca: &Path) -> Result<Server> {
        let mut builder = Server::builder();
        self.configure(builder.config_mut(), client_ca)?
            .set_verify_host_callback(AnyOfThisCa)?;
        Ok(builder.build()?)
    }

    /// Trusts `ca` only, and shows the own certificate.
    pub fn client(&self, ca: &Path) -> Result<Client> {
        let mut builder = Client::builder();
        self.configure(builder.config_mut(), ca)?;
        Ok(builder.build()?)
    }

    /// What both ends share: each must show a certificate, and trusts `ca` and nothing else.
    fn configure<'a>(&self, config: &'a mut Builder, ca: &Path) -> Result<&'a mut Builder> {
        let policy = Policy::from_version(&self.policy)
            .with_context(|| format!("no security policy can be named {:?}", self.policy))?;
        config
            .set_security_policy(&policy)
            .with_context(|| format!("unknown security policy {:?}", self.policy))?
            .set_application_protocol_preference([&self.alpn])
            .with_context(|| format!("cannot use the ALPN {:?}", self.alpn))?
            .wipe_trust_store()?
            .trust_pem(&read(ca)?)
            .with_context(|| format!("cannot trust {}", ca.display()))?
            .load_pem(&read(&self.cert)?, &read(&self.key)?)
            .with_context(|| self.unusable())?
            .set_client_auth_type(ClientAuthType::Required)?;
        Ok(config)
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
