//! The configuration of s2n-tls, from PEM bytes that are only borrowed.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use s2n_quic::provider::tls::s2n_tls::{
    callbacks::VerifyHostNameCallback,
    cert_chain::Builder as ChainBuilder,
    config::{Builder, Config},
    connection::Connection,
    enums::{ClientAuthType, Mode},
    error::Error,
    security::Policy,
};

use crate::{
    abi::*,
    ask::{AskHello, AskSignature, JudgeCertificate},
    counters,
    error::Failure,
    keylog,
    questions::Questions,
    refusal::NextTurn,
    tickets::{self, Connecting, Tickets},
};

/// What both roles need; all bytes are the caller's.
pub struct Tls<'a> {
    pub alpn: Vec<&'a [u8]>,
    pub identity: Identity<'a>,
    /// More of them, chosen by the name that a client asks for.
    pub identities: Vec<Identity<'a>>,
    pub ask_certificate: bool,
    pub ask_hello: bool,
    pub ask_signature: bool,
    pub request_ocsp: bool,
    /// Of a server, for tickets; the first encrypts.
    pub ticket_keys: Vec<&'a [u8]>,
    /// Of servers, that a client keeps.
    pub max_tickets: usize,
    pub key_log: &'a [u8],
    pub trust: &'a [u8],
    pub system_trust: bool,
    pub policy: &'a str,
    pub client_auth: u32,
    pub max_chain_depth: u16,
    /// Payload of the largest UDP datagram that is expected.
    pub max_datagram: usize,
}

/// A certificate chain and its key, in PEM, and an OCSP response in DER or nothing.
#[derive(Clone, Copy)]
pub struct Identity<'a> {
    pub chain: &'a [u8],
    pub key: &'a [u8],
    pub ocsp: &'a [u8],
}

impl Tls<'_> {
    /// What a server's handshakes are made with; it was tried once.
    pub fn server(&self, questions: &Arc<Questions>) -> Result<Config, Failure> {
        if self.identity.chain.is_empty() {
            return Err(Failure::argument("identity_chain_pem is empty: a server needs a certificate"));
        }
        if self.max_tickets != 0 || self.request_ocsp {
            return Err(Failure::argument("max_tickets and JETSTREAM_CONFIG_REQUEST_OCSP are for clients"));
        }
        let mut builder = self.common(questions, false)?;
        let auth = match self.client_auth {
            JETSTREAM_CLIENT_AUTH_NONE => ClientAuthType::None,
            JETSTREAM_CLIENT_AUTH_OPTIONAL => ClientAuthType::Optional,
            JETSTREAM_CLIENT_AUTH_REQUIRED => ClientAuthType::Required,
            other => {
                return Err(Failure::argument(format!("client_auth is {other}, must be JETSTREAM_CLIENT_AUTH_*")));
            }
        };
        if auth != ClientAuthType::None && self.trust.is_empty() && !self.system_trust {
            return Err(Failure::argument("trust_pem is empty: client certificates need an issuer to be judged by"));
        }
        config(builder.set_client_auth_type(auth))?;
        if !self.ticket_keys.is_empty() {
            if auth != ClientAuthType::None {
                return Err(Failure::argument(
                    "ticket_keys are given, but client_auth asks for certificates: a resumed session shows none",
                ));
            }
            tickets::serve(&mut builder, &self.ticket_keys)?;
        }
        // s2n-tls refuses every client certificate that does not name the server, unless it is told otherwise. Any
        // client that the trusted issuers vouch for is welcome; the chain itself is verified all the same.
        config(builder.set_verify_host_callback(AnyClientName))?;
        let turn = NextTurn { largest_datagram: self.max_datagram };
        config(if self.ask_hello {
            builder.set_client_hello_callback(AskHello { questions: Arc::clone(questions) })
        } else {
            builder.set_client_hello_callback(turn)
        })?;
        tried(Mode::Server, config(builder.build())?)
    }

    pub fn client(&self, questions: &Arc<Questions>, connecting: &Connecting) -> Result<Config, Failure> {
        let mut builder = self.client_builder(questions)?;
        if self.max_tickets > 0 {
            config(Tickets::keep(&mut builder, self.max_tickets, connecting))?;
        }
        tried(Mode::Client, config(builder.build())?)
    }

    pub fn client_builder(&self, questions: &Arc<Questions>) -> Result<Builder, Failure> {
        if !self.ticket_keys.is_empty() {
            return Err(Failure::argument("ticket_keys are for servers: a client has max_tickets"));
        }
        if self.max_tickets > 0 && self.ask_certificate {
            return Err(Failure::argument(
                "max_tickets is set with JETSTREAM_CONFIG_ASK_CERTIFICATE: a resumed session shows no certificate",
            ));
        }
        if self.ask_hello || !self.identities.is_empty() {
            return Err(Failure::argument("a client has one identity, and sees no client's hello"));
        }
        if self.trust.is_empty() && !self.system_trust {
            return Err(Failure::argument("trust_pem is empty: a client needs an issuer to judge the server by"));
        }
        let mut builder = self.common(questions, true)?;
        if !self.identity.chain.is_empty() {
            // Optional: show the certificate to a server that asks.
            config(builder.set_client_auth_type(ClientAuthType::Optional))?;
        }
        if self.request_ocsp {
            config(builder.enable_ocsp())?;
        }
        Ok(builder)
    }

    fn common(&self, questions: &Arc<Questions>, by_name: bool) -> Result<Builder, Failure> {
        let mut builder = Builder::new();
        config(builder.enable_quic())?;
        config(builder.with_system_certs(self.system_trust))?;
        let policy = tls(JETSTREAM_STATUS_TLS_POLICY, Policy::from_version(self.policy))?;
        tls(JETSTREAM_STATUS_TLS_POLICY, builder.set_security_policy(&policy))?;
        config(builder.set_application_protocol_preference(&self.alpn))?;
        config(builder.set_max_cert_chain_depth(self.max_chain_depth))?;
        if !self.trust.is_empty() {
            check_pem(JETSTREAM_STATUS_TLS_TRUST, "trust_pem", self.trust, CERTIFICATE)?;
            of("trust_pem", tls(JETSTREAM_STATUS_TLS_TRUST, builder.trust_pem(self.trust)))?;
        }
        if !self.identity.chain.is_empty() {
            self.load(&mut builder, &self.identity, "identity")?;
        } else if !self.identity.key.is_empty() {
            return Err(Failure::argument("identity_key_pem is given without identity_chain_pem"));
        }
        for identity in &self.identities {
            self.load(&mut builder, identity, "identities")?;
        }
        if self.ask_signature {
            config(builder.set_private_key_callback(AskSignature { questions: Arc::clone(questions) }))?;
        }
        let asked = self.ask_certificate.then(|| Arc::clone(questions));
        config(builder.set_cert_validation_callback(JudgeCertificate { by_name, questions: asked }))?;
        if !self.key_log.is_empty() {
            keylog::attach(&mut builder, self.key_log)?;
        }
        Ok(builder)
    }

    // r[impl security.1.16]
    // The chain's builder, not the configuration's: that one copies the key into a string that it does not wipe.
    fn load(&self, builder: &mut Builder, identity: &Identity, field: &str) -> Result<(), Failure> {
        let (chain, key) = (format!("{field}_chain_pem"), format!("{field}_key_pem"));
        if identity.key.is_empty() != self.ask_signature {
            let what = if self.ask_signature { "with" } else { "without" };
            let why = if self.ask_signature { ", though the caller signs" } else { "" };
            return Err(Failure::argument(format!("{chain} is given {what} {key}{why}")));
        }
        check_pem(JETSTREAM_STATUS_TLS_CERTIFICATE, &chain, identity.chain, CERTIFICATE)?;
        let mut made = config(ChainBuilder::new())?;
        if self.ask_signature {
            let loaded = made.load_public_pem(identity.chain);
            of(&chain, tls(JETSTREAM_STATUS_TLS_CERTIFICATE, loaded))?;
        } else {
            check_pem(JETSTREAM_STATUS_TLS_PRIVATE_KEY, &key, identity.key, PRIVATE_KEY)?;
            // s2n-tls gives one error for either; the chain alone shows whose it is.
            let mut alone = Builder::new();
            of(&chain, tls(JETSTREAM_STATUS_TLS_CERTIFICATE, alone.load_public_pem(identity.chain)))?;
            made.load_pem(identity.chain, identity.key).map_err(|error| key_failure(&key, &error))?;
        }
        if !identity.ocsp.is_empty() {
            of("ocsp", config(made.set_ocsp_data(identity.ocsp)))?;
        }
        let made = made.build().map_err(|error| key_failure(&key, &error))?;
        builder.load_chain(made).map(|_| ()).map_err(|error| key_failure(&key, &error))
    }
}

fn key_failure(field: &str, error: &Error) -> Failure {
    match error.name() {
        "S2N_ERR_KEY_MISMATCH" => Failure::tls(JETSTREAM_STATUS_TLS_KEY_MISMATCH, error),
        "S2N_ERR_SECURITY_POLICY_INCOMPATIBLE_CERT" => Failure::tls(JETSTREAM_STATUS_TLS_CERTIFICATE, error),
        _ => in_field(field, Failure::tls(JETSTREAM_STATUS_TLS_PRIVATE_KEY, error)),
    }
}

/// s2n-quic-tls panics when a session cannot be made with its configuration, which would end the endpoint: it is made
/// once here, before any handshake has to.
fn tried(mode: Mode, made: Config) -> Result<Config, Failure> {
    config(Connection::new(mode).set_config(made.clone()).map(|_| ()))?;
    Ok(made)
}

const CERTIFICATE: &str = "CERTIFICATE";
const PRIVATE_KEY: &str = "PRIVATE KEY";

/// Says in plain words what is wrong with a file that is not at all what it should be; s2n-tls judges the rest.
fn check_pem(status: i32, field: &str, pem: &[u8], label: &str) -> Result<(), Failure> {
    let has = |text: &str| pem.windows(text.len()).any(|piece| piece == text.as_bytes());
    let wrong = if !has("-----BEGIN ") {
        // DER begins with the tag of a SEQUENCE.
        if pem.first() == Some(&0x30) { "is DER, not PEM" } else { "is not PEM" }
    } else if label == PRIVATE_KEY && has("ENCRYPTED") {
        "is encrypted: decrypt the private key first"
    } else if !has(label) && (has(CERTIFICATE) || has(PRIVATE_KEY)) {
        if label == CERTIFICATE { "is a private key, not a certificate" } else { "is a certificate, not a private key" }
    } else {
        return Ok(());
    };
    Err(Failure::new(status, format!("{field} {wrong}")))
}

fn in_field(field: &str, failure: Failure) -> Failure {
    Failure { message: format!("{field}: {}", failure.message), ..failure }
}

fn of<T>(field: &str, result: Result<T, Failure>) -> Result<T, Failure> {
    result.map_err(|failure| in_field(field, failure))
}

fn config<T>(result: Result<T, Error>) -> Result<T, Failure> {
    tls(JETSTREAM_STATUS_TLS_CONFIG, result)
}

fn tls<T>(status: i32, result: Result<T, Error>) -> Result<T, Failure> {
    result.map_err(|error| Failure::tls(status, &error))
}

/// Any client of a trusted issuer, whatever name its certificate has.
struct AnyClientName;

impl VerifyHostNameCallback for AnyClientName {
    fn verify_host_name(&self, _: &str) -> bool {
        // s2n-tls calls this from C, where a panic would abort the process: it refuses instead.
        catch_unwind(AssertUnwindSafe(|| {
            #[cfg(feature = "test-hooks")]
            crate::hooks::maybe_panic(crate::hooks::Domain::TlsCallback);
            true
        }))
        .unwrap_or_else(|panic| {
            counters::panicked(&*panic);
            false
        })
    }
}

/// Splits a list of protocols as RFC 7301 section 3.1 writes it, without the leading length of the whole.
//= https://www.rfc-editor.org/rfc/rfc7301#section-3.1
pub fn protocols(mut list: &[u8]) -> Result<Vec<&[u8]>, Failure> {
    let mut protocols = Vec::new();
    while let Some((len, rest)) = list.split_first() {
        let len = usize::from(*len);
        if len == 0 || len > rest.len() {
            return Err(Failure::argument(format!("alpn: name {} has no legal length", protocols.len())));
        }
        // The client of s2n-tls ignores an answer of one byte (`s2n_alpn_recv` in s2n_server_alpn.c), and its server
        // a list with nothing else: each handshake that agrees on such a name fails.
        if len == 1 {
            return Err(Failure::argument(format!(
                "alpn: name {} has one byte, which s2n-tls cannot agree on, must have 2 to 255",
                protocols.len()
            )));
        }
        let (name, rest) = rest.split_at(len);
        protocols.push(name);
        list = rest;
    }
    if protocols.is_empty() {
        return Err(Failure::argument("alpn is empty: QUIC needs an application protocol (RFC 9001 section 8.1)"));
    }
    Ok(protocols)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_split_by_their_lengths() {
        assert_eq!(protocols(b"\x02h3\x09jetstream").expect("legal"), [&b"h3"[..], b"jetstream"]);
    }

    #[test]
    fn a_list_that_no_handshake_could_use_is_refused() {
        for list in [&b""[..], b"\x00", b"\x01x", b"\x02h3\x01x", b"\x05h3", b"\x02h3\x09jet"] {
            assert_eq!(protocols(list).expect_err("illegal").status, JETSTREAM_STATUS_INVALID_ARGUMENT);
        }
    }
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod policy_tests;
