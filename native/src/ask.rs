//! The callbacks of s2n-tls that ask the caller: each notes a question and lets the handshake wait for the answer.
//!
//! s2n-tls calls them from C, where a panic would abort the process: each refuses instead.

use std::{
    fmt,
    net::SocketAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use s2n_quic::provider::tls::s2n_tls::{
    callbacks::{
        CertValidationCallback, CertValidationInfo, ClientHelloCallback, ConnectionFuture, OperationType,
        PrivateKeyCallback, PrivateKeyOperation,
    },
    connection::Connection,
    enums::{HashAlgorithm, SignatureAlgorithm},
    error::Error,
};
use s2n_quic_core::crypto::tls::ConnectionInfo;

use crate::{
    abi::*,
    counters,
    judge::judge,
    questions::{Answer, Asked, Question, Questions},
    refusal::Refused,
};

type Future = Result<Option<Pin<Box<dyn ConnectionFuture>>>, Error>;

fn refused(why: &'static str) -> Error {
    Refused::because(JETSTREAM_REFUSED_OTHER, why).into()
}

/// The program said no, or nothing in its time.
fn unwelcome(why: &'static str) -> Error {
    Refused::because(JETSTREAM_REFUSED_POLICY, why).into()
}

/// Why a handshake failed: the caller has the key, and did not use it.
#[derive(Debug)]
pub struct NotSigned;

impl fmt::Display for NotSigned {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("The program did not sign")
    }
}

impl std::error::Error for NotSigned {}

impl NotSigned {
    /// Whether it is what `error`, of s2n-tls, comes from.
    pub fn caused(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
        error.downcast_ref::<Error>().and_then(Error::application_error).is_some_and(|error| error.is::<NotSigned>())
    }
}

fn guarded<T>(call: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
        counters::panicked(&*panic);
        Err(refused("panicked"))
    })
}

fn peer(connection: &Connection) -> Option<SocketAddr> {
    connection.application_context::<ConnectionInfo>().map(|info| info.remote_address)
}

/// Waits for the answer, and does `then` with it.
struct Wait<T> {
    asked: Asked,
    subject: Option<T>,
    then: fn(T, Answer, &mut Connection) -> Result<(), Error>,
}

impl<T: Unpin + Send + Sync + 'static> ConnectionFuture for Wait<T> {
    fn poll(mut self: Pin<&mut Self>, connection: &mut Connection, context: &mut Context) -> Poll<Result<(), Error>> {
        let answer = match catch_unwind(AssertUnwindSafe(|| self.asked.poll(context))) {
            Ok(poll) => ready!(poll),
            Err(panic) => {
                counters::panicked(&*panic);
                Answer { yes: false, data: Vec::new() }
            }
        };
        let Some(subject) = self.subject.take() else { return Poll::Ready(Err(refused("answered before"))) };
        Poll::Ready((self.then)(subject, answer, connection))
    }
}

pub struct AskHello {
    pub questions: Arc<Questions>,
}

impl ClientHelloCallback for AskHello {
    fn on_client_hello(&self, connection: &mut Connection) -> Future {
        guarded(|| {
            let hello = connection.client_hello()?;
            let server_name = hello.server_name().unwrap_or_default();
            let data = alpn(&hello.raw_message()?).unwrap_or_default().to_vec();
            let peer = peer(connection);
            let question = Question { kind: JETSTREAM_QUESTION_HELLO, peer, server_name, detail: 0, data };
            let asked = self.questions.ask(question);
            Ok(Some(Box::pin(Wait {
                asked,
                subject: Some(()),
                then: |(), answer, _| {
                    if answer.yes { Ok(()) } else { Err(unwelcome("The program refused the client's hello")) }
                },
            }) as _))
        })
    }
}

/// The list of protocols in a client's hello, without its length.
//= https://www.rfc-editor.org/rfc/rfc8446#section-4.1.2
fn alpn(hello: &[u8]) -> Option<&[u8]> {
    // Version and random; session id; cipher suites; compression methods.
    let rest = hello.get(34..)?;
    let rest = skip::<1>(rest)?;
    let rest = skip::<2>(rest)?;
    let rest = skip::<1>(rest)?;
    let (mut extensions, _) = vector::<2>(rest)?;
    while !extensions.is_empty() {
        let kind = extensions.get(..2)?;
        let (content, rest) = vector::<2>(&extensions[2..])?;
        if kind == [0, 16] {
            return Some(vector::<2>(content)?.0);
        }
        extensions = rest;
    }
    None
}

/// What a length of `N` bytes in front says, and what comes after it.
fn vector<const N: usize>(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<N>()?;
    rest.split_at_checked(len.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)))
}

fn skip<const N: usize>(bytes: &[u8]) -> Option<&[u8]> {
    vector::<N>(bytes).map(|(_, rest)| rest)
}

/// Judges a certificate that s2n-tls has verified, and asks the caller where that wants to be asked.
pub struct JudgeCertificate {
    /// Whether the certificate must name the peer, as a server's must.
    pub by_name: bool,
    pub questions: Option<Arc<Questions>>,
}

impl CertValidationCallback for JudgeCertificate {
    fn validate_cert(&self, connection: &mut Connection, info: CertValidationInfo) -> Future {
        guarded(|| {
            let mut chain = Vec::new();
            for certificate in connection.peer_cert_chain()?.iter() {
                chain.push(certificate?.der()?.to_vec());
            }
            let server_name = connection.server_name().unwrap_or("");
            judge(&chain, self.by_name.then_some(server_name))?;
            let Some(questions) = &self.questions else {
                // SAFETY: `connection` is the one whose certificate this is, and lives.
                unsafe { info.accept(connection)? };
                return Ok(None);
            };
            let (data, server_name) = (chain.concat(), server_name.as_bytes().to_vec());
            let peer = peer(connection);
            let question = Question { kind: JETSTREAM_QUESTION_CERTIFICATE, peer, server_name, detail: 0, data };
            let asked = questions.ask(question);
            Ok(Some(Box::pin(Wait {
                asked,
                subject: Some(info),
                then: |info, answer, connection| {
                    if !answer.yes {
                        return Err(unwelcome("The program refused the certificate"));
                    }
                    // SAFETY: `connection` is the one that asked: s2n-tls polls a future with its own connection only.
                    unsafe { info.accept(connection) }
                },
            }) as _))
        })
    }
}

pub struct AskSignature {
    pub questions: Arc<Questions>,
}

impl PrivateKeyCallback for AskSignature {
    fn handle_operation(&self, connection: &mut Connection, operation: PrivateKeyOperation) -> Future {
        guarded(|| {
            let OperationType::Sign(algorithm, hash) = operation.kind()? else {
                return Err(refused("only signatures are made outside"));
            };
            let detail = scheme(algorithm, hash).ok_or_else(|| refused("unknown signature scheme"))?;
            let mut data = vec![0; operation.input_size()?];
            operation.input(&mut data)?;
            let server_name = connection.server_name().unwrap_or("").as_bytes().to_vec();
            let peer = peer(connection);
            let question = Question { kind: JETSTREAM_QUESTION_SIGN, peer, server_name, detail, data };
            let asked = self.questions.ask(question);
            Ok(Some(Box::pin(Wait {
                asked,
                subject: Some(operation),
                then: |operation, answer, connection| {
                    if answer.yes {
                        operation.set_output(connection, &answer.data)
                    } else {
                        Err(Error::application(Box::new(NotSigned)))
                    }
                },
            }) as _))
        })
    }
}

/// The number of a signature scheme.
//= https://www.rfc-editor.org/rfc/rfc8446#section-4.2.3
fn scheme(algorithm: &SignatureAlgorithm, hash: &HashAlgorithm) -> Option<u32> {
    use HashAlgorithm as H;
    use SignatureAlgorithm as S;
    Some(match (algorithm, hash) {
        (S::ECDSA, H::SHA256) => 0x0403,
        (S::ECDSA, H::SHA384) => 0x0503,
        (S::ECDSA, H::SHA512) => 0x0603,
        (S::RSA_PSS_RSAE, H::SHA256) => 0x0804,
        (S::RSA_PSS_RSAE, H::SHA384) => 0x0805,
        (S::RSA_PSS_RSAE, H::SHA512) => 0x0806,
        (S::RSA_PSS_PSS, H::SHA256) => 0x0809,
        (S::RSA_PSS_PSS, H::SHA384) => 0x080a,
        (S::RSA_PSS_PSS, H::SHA512) => 0x080b,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_found_in_a_hello_and_garbage_is_none() {
        let mut hello = vec![3; 34];
        hello.extend([0, 0, 2, 0x13, 1, 1, 0]);
        let list = b"\x02h3\x09jetstream";
        let alpn_len = list.len() as u8 + 2;
        let extensions = [&[0, 43, 0, 1, 7, 0, 16, 0, alpn_len, 0, list.len() as u8][..], list].concat();
        hello.extend([0, extensions.len() as u8]);
        hello.extend(extensions);
        assert_eq!(alpn(&hello), Some(&list[..]));
        for len in 0..hello.len() {
            assert_eq!(alpn(&hello[..len]), None, "cut to {len}");
        }
    }
}
