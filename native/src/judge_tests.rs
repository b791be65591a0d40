//! The rules that come on top of s2n-tls's, on certificates made here.

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, IsCa, KeyPair, KeyUsagePurpose, PKCS_RSA_SHA256,
    SanType,
};

use super::*;

fn made(change: impl FnOnce(&mut CertificateParams)) -> Vec<u8> {
    let mut params = CertificateParams::new(["localhost".to_owned()]).expect("legal");
    change(&mut params);
    let key = KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("made").der().to_vec()
}

fn cause(chain: &[Vec<u8>], name: Option<&str>) -> Option<u32> {
    judge(chain, name).err().map(|refused| refused.cause)
}

#[test]
fn a_certificate_for_its_name_is_accepted_and_for_another_refused() {
    let chain = [made(|_| {})];
    assert_eq!(cause(&chain, Some("LOCALHOST")), None);
    assert_eq!(cause(&chain, None), None);
    for other in ["example", "", "127.0.0.1", "a.localhost", "localhos"] {
        assert_eq!(cause(&chain, Some(other)), Some(JETSTREAM_REFUSED_NAME), "{other}");
    }
}

#[test]
fn a_common_name_and_a_uri_name_no_server() {
    let chain = [made(|params| {
        params.subject_alt_names = vec![SanType::URI("localhost".try_into().expect("ASCII"))];
        params.distinguished_name.push(DnType::CommonName, "localhost");
    })];
    assert_eq!(cause(&chain, Some("localhost")), Some(JETSTREAM_REFUSED_NAME));
}

#[test]
fn an_authority_is_no_peer_but_may_stand_above_it() {
    let authority = made(|params| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    assert_eq!(cause(std::slice::from_ref(&authority), None), Some(JETSTREAM_REFUSED_PURPOSE));
    assert_eq!(cause(&[made(|_| {}), authority], None), None);
}

#[test]
fn a_key_that_may_not_sign_is_refused() {
    let encipher = [made(|params| params.key_usages = vec![KeyUsagePurpose::KeyEncipherment])];
    assert_eq!(cause(&encipher, None), Some(JETSTREAM_REFUSED_PURPOSE));
    let both = [made(|params| {
        params.key_usages = vec![KeyUsagePurpose::KeyEncipherment, KeyUsagePurpose::DigitalSignature];
    })];
    assert_eq!(cause(&both, None), None);
}

#[test]
fn the_modulus_of_an_rsa_key_is_measured() {
    let key = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key");
    let made = CertificateParams::new(Vec::new()).expect("legal").self_signed(&key).expect("made");
    let fields = Fields::of(made.der()).expect("readable");
    assert_eq!(fields.rsa_bits, Some(2048));
    assert_eq!(cause(&[made.der().to_vec()], None), None);
}

#[test]
fn addresses_match_addresses_alone() {
    let ip = |text: &str| SanType::IpAddress(text.parse().expect("an address"));
    let dns = |text: &str| SanType::DnsName(text.try_into().expect("ASCII"));
    let v4 = [made(|params| params.subject_alt_names = vec![ip("192.0.2.1"), ip("2001:db8::1")])];
    for same in ["192.0.2.1", "2001:db8::1", "2001:DB8:0:0::1"] {
        assert_eq!(cause(&v4, Some(same)), None, "{same}");
    }
    assert_eq!(cause(&v4, Some("192.0.2.2")), Some(JETSTREAM_REFUSED_NAME));
    let names = [made(|params| params.subject_alt_names = vec![dns("192.0.2.1"), dns("*.0.2.1")])];
    assert_eq!(cause(&names, Some("192.0.2.1")), Some(JETSTREAM_REFUSED_NAME));
}

#[test]
fn a_wildcard_is_one_whole_label() {
    assert!(matches(b"*.Example", b"a.eXample"));
    for (pattern, wanted) in [
        ("*.example", "a.b.example"),
        ("*.example", "example"),
        ("*.example", ".example"),
        ("a*.example", "ab.example"),
        ("*a.example", "ba.example"),
        ("a.*.example", "a.b.example"),
        ("*", "localhost"),
        ("*.", "a."),
        ("example.", "example"),
    ] {
        assert!(!matches(pattern.as_bytes(), wanted.as_bytes()), "{pattern} {wanted}");
    }
}

#[test]
fn what_cannot_be_read_is_refused_wherever_it_ends() {
    let whole = made(|params| {
        let id = [1, 2, 3];
        params.custom_extensions.push(CustomExtension::from_oid_content(&id, vec![5, 0]));
    });
    assert_eq!(cause(&[], None), Some(JETSTREAM_REFUSED_MALFORMED));
    for len in 0..whole.len() {
        assert_eq!(cause(&[whole[..len].to_vec()], None), Some(JETSTREAM_REFUSED_MALFORMED), "cut to {len}");
    }
}
