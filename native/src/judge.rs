//! What s2n-tls lets a peer's certificate be, and we do not.
//!
//! s2n-tls and AWS-LC have verified the chain before: signatures, time, purpose, constraints and, in a client, the
//! server's name. These rules come on top of theirs, and can only refuse more:
//!
//! - A server's name stands in its alternative names (RFC 9525 section 6.3). s2n-tls takes the common name where there
//!   is none of them, a URI for a host name, and the pattern `*.0.0.1` for an address.
//! - A peer is no certificate authority, and its key may sign (RFC 8446 section 4.4.2.2).
//! - An RSA key has 2048 bits at least, in the whole chain.

use std::net::IpAddr;

use crate::{
    abi::*,
    der::{BIT_STRING, BOOLEAN, Der, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE},
    refusal::Refused,
};

const RSA_BITS: usize = 2048;

// Object identifiers in DER: 1.2.840.113549.1.1.1 and .10, 2.5.29.15, .17 and .19.
const RSA: [&[u8]; 2] = [&[42, 134, 72, 134, 247, 13, 1, 1, 1], &[42, 134, 72, 134, 247, 13, 1, 1, 10]];
const KEY_USAGE: &[u8] = &[85, 29, 15];
const ALTERNATIVE_NAMES: &[u8] = &[85, 29, 17];
const BASIC_CONSTRAINTS: &[u8] = &[85, 29, 19];

// RFC 5280 section 4.2.1.6: context-specific tags of GeneralName.
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// Judges a verified chain, leaf first; `server_name` is what a client wants the leaf to be named.
pub fn judge(chain: &[Vec<u8>], server_name: Option<&str>) -> Result<(), Refused> {
    let unreadable = Refused::because(JETSTREAM_REFUSED_MALFORMED, "Certificate cannot be read");
    for (place, der) in chain.iter().enumerate() {
        let fields = Fields::of(der).ok_or(unreadable)?;
        if fields.rsa_bits.is_some_and(|bits| bits < RSA_BITS) {
            return refuse(JETSTREAM_REFUSED_WEAK, "Certificate has an RSA key of less than 2048 bits");
        }
        if place > 0 {
            continue;
        }
        if fields.authority {
            return refuse(JETSTREAM_REFUSED_PURPOSE, "Certificate is that of a certificate authority (CA:TRUE)");
        }
        if !fields.may_sign {
            return refuse(JETSTREAM_REFUSED_PURPOSE, "Certificate's key usage lacks digitalSignature");
        }
        if let Some(wanted) = server_name
            && !names(fields.names, wanted).ok_or(unreadable)?
        {
            return refuse(JETSTREAM_REFUSED_NAME, "Certificate does not name the server in its alternative names");
        }
    }
    if chain.is_empty() { Err(unreadable) } else { Ok(()) }
}

fn refuse(cause: u32, why: &'static str) -> Result<(), Refused> {
    Err(Refused::because(cause, why))
}

/// What the rules look at.
struct Fields<'a> {
    authority: bool,
    may_sign: bool,
    rsa_bits: Option<usize>,
    /// The content of the alternative names' sequence.
    names: &'a [u8],
}

impl<'a> Fields<'a> {
    //= https://www.rfc-editor.org/rfc/rfc5280#section-4.1
    fn of(certificate: &'a [u8]) -> Option<Self> {
        let mut signed = Der(Der(certificate).expect(SEQUENCE)?);
        let mut fields = Der(signed.expect(SEQUENCE)?);
        fields.optional(0xa0)?; // version
        fields.expect(INTEGER)?; // serial number
        for _ in 0..4 {
            fields.expect(SEQUENCE)?; // signature, issuer, validity, subject
        }
        let mut out =
            Self { authority: false, may_sign: true, rsa_bits: rsa_bits(fields.expect(SEQUENCE)?)?, names: &[] };
        fields.optional(0x81)?; // unique identifiers
        fields.optional(0x82)?;
        let Some(extensions) = fields.optional(0xa3)? else { return Some(out) };
        let mut extensions = Der(Der(extensions).expect(SEQUENCE)?);
        while !extensions.is_empty() {
            out.extension(extensions.expect(SEQUENCE)?)?;
        }
        Some(out)
    }

    fn extension(&mut self, extension: &'a [u8]) -> Option<()> {
        let mut parts = Der(extension);
        let id = parts.expect(OBJECT_IDENTIFIER)?;
        parts.optional(BOOLEAN)?; // critical
        let mut value = Der(parts.expect(OCTET_STRING)?);
        match id {
            BASIC_CONSTRAINTS => {
                let authority = Der(value.expect(SEQUENCE)?).optional(BOOLEAN)?;
                self.authority = authority.is_some_and(|it| it != [0]);
            }
            // After the count of unused bits; digitalSignature is bit 0, the highest.
            KEY_USAGE => self.may_sign = value.expect(BIT_STRING)?.get(1).is_some_and(|bits| bits & 0x80 != 0),
            ALTERNATIVE_NAMES => self.names = value.expect(SEQUENCE)?,
            _ => {}
        }
        Some(())
    }
}

/// How long the modulus of an RSA key is; another key has none.
fn rsa_bits(key: &[u8]) -> Option<Option<usize>> {
    let mut parts = Der(key);
    let algorithm = Der(parts.expect(SEQUENCE)?).expect(OBJECT_IDENTIFIER)?;
    if !RSA.contains(&algorithm) {
        return Some(None);
    }
    let bits = parts.expect(BIT_STRING)?.get(1..)?;
    let modulus = Der(Der(bits).expect(SEQUENCE)?).expect(INTEGER)?;
    let start = modulus.iter().position(|byte| *byte != 0)?;
    Some(Some((modulus.len() - start) * 8 - modulus.get(start)?.leading_zeros() as usize))
}

/// Whether the alternative names hold `wanted`: an address as an address, else a host name.
//= https://www.rfc-editor.org/rfc/rfc9525#section-6.3
fn names(alternatives: &[u8], wanted: &str) -> Option<bool> {
    let address = wanted.parse::<IpAddr>().ok().map(|ip| match ip {
        IpAddr::V4(ip) => ip.octets().to_vec(),
        IpAddr::V6(ip) => ip.octets().to_vec(),
    });
    let mut alternatives = Der(alternatives);
    while !alternatives.is_empty() {
        let (kind, name) = alternatives.next()?;
        let found = match (kind, &address) {
            (IP_ADDRESS, Some(address)) => name == address,
            (DNS_NAME, None) => matches(name, wanted.as_bytes()),
            _ => false,
        };
        if found {
            return Some(true);
        }
    }
    Some(false)
}

/// Letter case does not matter; `*` is one whole label, the first.
fn matches(pattern: &[u8], wanted: &[u8]) -> bool {
    let Some(suffix) = pattern.strip_prefix(b"*") else { return pattern.eq_ignore_ascii_case(wanted) };
    let dot = wanted.iter().position(|byte| *byte == b'.');
    dot.is_some_and(|dot| dot > 0 && suffix.len() > 1 && suffix.eq_ignore_ascii_case(&wanted[dot..]))
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod judge_tests;
