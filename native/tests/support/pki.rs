//! Certificates for tests, made anew in each process.

use std::{net::IpAddr, sync::LazyLock};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    SanType,
};

pub struct Identity {
    pub chain: String,
    pub key: String,
    pub der: Vec<u8>,
    pub key_der: Vec<u8>,
}

pub struct Pki {
    pub ca: String,
    pub server: Identity,
    pub client: Identity,
    /// Of an issuer that nobody here trusts.
    pub stranger: Identity,
    pub stranger_ca: String,
    /// A server whose certificate is a stranger's.
    pub stranger_server: Identity,
    /// A client of the trusted issuer whose certificate has expired.
    pub expired: Identity,
}

static PKI: LazyLock<Pki> = LazyLock::new(make);

pub fn get() -> &'static Pki {
    &PKI
}

fn make() -> Pki {
    let (ca, issuer) = authority("TEST ONLY CA");
    let (stranger_ca, stranger_issuer) = authority("TEST ONLY stranger CA");
    Pki {
        server: leaf(&issuer, "TEST ONLY server", ExtendedKeyUsagePurpose::ServerAuth, |_| ()),
        client: leaf(&issuer, "TEST ONLY client", ExtendedKeyUsagePurpose::ClientAuth, nameless),
        stranger: leaf(&stranger_issuer, "TEST ONLY stranger", ExtendedKeyUsagePurpose::ClientAuth, nameless),
        stranger_server: leaf(
            &stranger_issuer,
            "TEST ONLY stranger server",
            ExtendedKeyUsagePurpose::ServerAuth,
            |_| (),
        ),
        expired: leaf(&issuer, "TEST ONLY expired", ExtendedKeyUsagePurpose::ClientAuth, |params| {
            params.not_before = rcgen::date_time_ymd(2020, 1, 1);
            params.not_after = rcgen::date_time_ymd(2021, 1, 1);
        }),
        ca,
        stranger_ca,
    }
}

fn nameless(params: &mut CertificateParams) {
    params.subject_alt_names = vec![SanType::DnsName("client.test".try_into().expect("legal"))];
}

fn authority(name: &str) -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate().expect("key");
    let certificate = params.self_signed(&key).expect("certificate");
    (certificate.pem(), Issuer::new(params, key))
}

fn leaf(
    issuer: &Issuer<KeyPair>, name: &str, usage: ExtendedKeyUsagePurpose, change: impl FnOnce(&mut CertificateParams),
) -> Identity {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.subject_alt_names = vec![
        SanType::DnsName("localhost".try_into().expect("legal")),
        SanType::IpAddress(IpAddr::from([127, 0, 0, 1])),
        SanType::IpAddress(IpAddr::from(std::net::Ipv6Addr::LOCALHOST.octets())),
    ];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![usage];
    change(&mut params);
    let key = KeyPair::generate().expect("key");
    let certificate = params.signed_by(&key, issuer).expect("certificate");
    Identity {
        chain: certificate.pem(),
        key: key.serialize_pem(),
        der: certificate.der().to_vec(),
        key_der: key.serialize_der(),
    }
}
