//! Until when a certificate is valid, read only after s2n-tls has verified it.

use std::time::{Duration, SystemTime};

use crate::der::{Der, INTEGER, SEQUENCE};

const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of the validity of a certificate in DER; none where that is not found.
//= https://www.rfc-editor.org/rfc/rfc5280#section-4.1
pub fn end(certificate: &[u8]) -> Option<SystemTime> {
    let mut signed = Der(Der(certificate).expect(SEQUENCE)?);
    let mut fields = Der(signed.expect(SEQUENCE)?);
    fields.optional(0xa0)?; // version
    fields.expect(INTEGER)?; // serial number
    for _ in 0..2 {
        fields.expect(SEQUENCE)?; // signature, issuer
    }
    let mut validity = Der(fields.expect(SEQUENCE)?);
    validity.next()?;
    let (kind, text) = validity.next()?;
    time(kind, text)
}

//= https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5
fn time(kind: u8, text: &[u8]) -> Option<SystemTime> {
    let digits = text.strip_suffix(b"Z").filter(|it| it.iter().all(u8::is_ascii_digit))?;
    let number = |digits: &[u8]| digits.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
    let (year, rest) = match kind {
        UTC_TIME => {
            let (year, rest) = digits.split_at_checked(2)?;
            let year = number(year);
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => digits.split_at_checked(4).map(|(year, rest)| (number(year), rest))?,
        _ => return None,
    };
    let [month, day, hour, minute, second] = rest.chunks(2).map(number).collect::<Vec<_>>().try_into().ok()?;
    if rest.len() != 10 || !(1..=12).contains(&month) || year < 1970 {
        return None;
    }
    // Years that begin in March have their leap day at the end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day;
    const EPOCH: u64 = 1969 * 365 + 1969 / 4 - 1969 / 100 + 1969 / 400 + (10 * 153 + 2) / 5 + 1;
    let seconds = ((days.checked_sub(EPOCH)? * 24 + hour) * 60 + minute) * 60 + second;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(kind: u8, text: &str) -> Option<u64> {
        time(kind, text.as_bytes()).map(|time| time.duration_since(SystemTime::UNIX_EPOCH).expect("since").as_secs())
    }

    #[test]
    fn times_are_read_in_both_spellings() {
        assert_eq!(at(UTC_TIME, "700101000000Z"), Some(0));
        assert_eq!(at(UTC_TIME, "000229123456Z"), Some(951_827_696));
        assert_eq!(at(UTC_TIME, "491231235959Z"), Some(2_524_607_999));
        assert_eq!(at(GENERALIZED_TIME, "20500101000000Z"), Some(2_524_608_000));
        assert_eq!(at(GENERALIZED_TIME, "99991231235959Z"), Some(253_402_300_799));
        for (kind, text) in [
            (UTC_TIME, "500101000000Z"),
            (UTC_TIME, "251301000000Z"),
            (UTC_TIME, "2501010000Z"),
            (UTC_TIME, "250101000000"),
            (GENERALIZED_TIME, "25010100000Z"),
            (0x16, "250101000000Z"),
        ] {
            assert_eq!(at(kind, text), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_a_certificate_is_found_and_a_cut_one_has_none() {
        let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).expect("legal");
        params.not_after = rcgen::date_time_ymd(2061, 7, 3);
        let key = rcgen::KeyPair::generate().expect("made");
        let made = params.self_signed(&key).expect("made");
        let der = made.der();
        let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(2_887_574_400);
        assert_eq!(end(der), Some(expected));
        for len in 0..100 {
            assert_eq!(end(&der[..len]), None, "cut to {len}");
        }
    }
}
