//! Blocks of addresses that are not let in.

use std::net::IpAddr;

use crate::{abi::jetstream_address, error::Failure, socket};

/// Sorted, disjoint ranges of addresses, IPv4 as mapped IPv6: a look-up is a binary search.
#[derive(Default)]
pub struct Denied(Vec<(u128, u128)>);

/// So many blocks at most.
const MOST: usize = 1 << 20;

impl Denied {
    /// From blocks, each an address and the number of leading bits that count.
    pub fn new(blocks: impl ExactSizeIterator<Item = (IpAddr, u32)>) -> Result<Self, Failure> {
        if blocks.len() > MOST {
            return Err(Failure::argument(format!("{} blocks of addresses, at most {MOST} are kept", blocks.len())));
        }
        let mut ranges = Vec::with_capacity(blocks.len());
        for (address, bits) in blocks {
            let (address, bits) = match address {
                IpAddr::V4(v4) if bits <= 32 => (v4.to_ipv6_mapped(), bits + 96),
                IpAddr::V6(v6) if bits <= 128 => (v6, bits),
                _ => return Err(Failure::argument(format!("{address}/{bits} has more bits than the address"))),
            };
            let rest = u128::MAX.checked_shr(bits).unwrap_or(0);
            let first = u128::from(address) & !rest;
            ranges.push((first, first | rest));
        }
        ranges.sort_unstable();
        let mut merged: Vec<(u128, u128)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1 => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Ok(Self(merged))
    }

    pub fn contains(&self, address: IpAddr) -> bool {
        let address = u128::from(match address {
            IpAddr::V4(v4) => v4.to_ipv6_mapped(),
            IpAddr::V6(v6) => v6,
        });
        let after = self.0.partition_point(|(first, _)| *first <= address);
        after > 0 && self.0[after - 1].1 >= address
    }
}

/// A block as the ABI has it: the address, and its length in bits in the place of the port.
pub fn block(address: &jetstream_address) -> Result<(IpAddr, u32), Failure> {
    Ok((socket::from_abi(address, "block")?.ip(), u32::from(address.port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(blocks: &[(&str, u32)]) -> Denied {
        let blocks: Vec<(IpAddr, u32)> =
            blocks.iter().map(|(address, bits)| (address.parse().expect("legal"), *bits)).collect();
        Denied::new(blocks.into_iter()).expect("legal")
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("legal")
    }

    #[test]
    fn a_block_holds_its_first_and_last_address_and_no_other() {
        let denied = denied(&[("10.1.0.0", 16), ("2001:db8::", 32), ("192.0.2.7", 32)]);
        for inside in ["10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "2001:db8::", "2001:db8:ffff::1", "192.0.2.7"] {
            assert!(denied.contains(ip(inside)), "{inside}");
        }
        for outside in ["10.0.255.255", "10.2.0.0", "2001:db7:ffff::", "2001:db9::", "192.0.2.6", "192.0.2.8", "::"] {
            assert!(!denied.contains(ip(outside)), "{outside}");
        }
    }

    #[test]
    fn blocks_that_overlap_become_one() {
        let denied = denied(&[("10.0.0.0", 8), ("10.1.0.0", 16), ("0.0.0.0", 0)]);
        assert_eq!(denied.0.len(), 1);
        assert!(denied.contains(ip("198.51.100.1")));
        assert!(!denied.contains(ip("2001:db8::1")));
    }

    #[test]
    fn more_bits_than_there_are_is_refused() {
        assert!(Denied::new([(ip("10.0.0.0"), 33)].into_iter()).is_err());
        assert!(Denied::new([(ip("::"), 129)].into_iter()).is_err());
    }
}
