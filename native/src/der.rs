//! The little of DER that a certificate's own fields need; what it cannot read is none.
//!
//! s2n-tls has parsed the certificate before: this looks at what it has no function for.

/// A sequence of values, read from the front.
#[derive(Clone, Copy)]
pub struct Der<'a>(pub &'a [u8]);

pub const BOOLEAN: u8 = 0x01;
pub const INTEGER: u8 = 0x02;
pub const BIT_STRING: u8 = 0x03;
pub const OCTET_STRING: u8 = 0x04;
pub const OBJECT_IDENTIFIER: u8 = 0x06;
pub const SEQUENCE: u8 = 0x30;

impl<'a> Der<'a> {
    /// The next value: its tag and its content.
    pub fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, rest) = rest.split_first()?;
        let (len, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            // Four bytes of length are more than a handshake can carry.
            0x81..=0x84 => {
                let (len, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (len.iter().fold(0, |len, byte| len << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(len)?;
        self.0 = rest;
        Some((*tag, content))
    }

    /// The content of the next value, which has this tag.
    pub fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// The same for a value that may be left out.
    pub fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.0.first() == Some(&tag) { self.expect(tag).map(Some) } else { Some(None) }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_in_order_and_may_be_long() {
        let long = [&[OCTET_STRING, 0x82, 1, 0][..], &[7; 256]].concat();
        let bytes = [&[BOOLEAN, 1, 0xff][..], &long].concat();
        let mut der = Der(&bytes);
        assert_eq!(der.optional(INTEGER), Some(None));
        assert_eq!(der.expect(BOOLEAN), Some(&[0xff][..]));
        assert_eq!(der.optional(OCTET_STRING), Some(Some(&[7; 256][..])));
        assert!(der.is_empty());
    }

    #[test]
    fn what_is_cut_off_or_without_a_length_is_none() {
        for bytes in [&[][..], &[4], &[4, 2, 0], &[4, 0x80, 0, 0], &[4, 0x82, 1], &[4, 0x85, 0, 0, 0, 0, 0], &[4, 0x84]]
        {
            assert_eq!(Der(bytes).next(), None, "{bytes:x?}");
        }
        assert_eq!(Der(&[4, 0]).expect(BOOLEAN), None);
    }
}
