//! Bytes that depend on their position and a seed, so that an echo can be checked in pieces of
//! any size without keeping what was sent.

/// Multiplier and shifts of SplitMix64, <https://doi.org/10.1145/2714064.2660195>.
fn mix(seed: u64, word: u64) -> [u8; 8] {
    let mut z = seed.wrapping_add(word.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (z ^ (z >> 31)).to_le_bytes()
}

pub struct Pattern {
    seed: u64,
    position: u64,
}

impl Pattern {
    pub fn new(seed: u64) -> Self {
        Self { seed, position: 0 }
    }

    /// Fills `bytes` with what follows.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let word = mix(self.seed, self.position / 8);
            let skip = (self.position % 8) as usize;
            let len = rest.len().min(8 - skip);
            let (head, tail) = rest.split_at_mut(len);
            head.copy_from_slice(&word[skip..skip + len]);
            self.position += len as u64;
            rest = tail;
        }
    }

    /// Tells whether `bytes` are what follows, and moves on past them.
    pub fn matches(&mut self, bytes: &[u8]) -> bool {
        let mut expected = [0; 4096];
        bytes.chunks(expected.len()).all(|part| {
            let expected = &mut expected[..part.len()];
            self.fill(expected);
            part == expected
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn pieces_of_any_size_give_the_same_bytes() {
        let mut whole = [0; 1000];
        Pattern::new(7).fill(&mut whole);
        let mut pieces = Pattern::new(7);
        for piece in whole.chunks(13) {
            assert!(pieces.matches(piece));
        }
    }

    #[test]
    fn a_changed_byte_and_another_seed_are_seen() {
        let mut bytes = [0; 100];
        Pattern::new(1).fill(&mut bytes);
        assert!(!Pattern::new(2).matches(&bytes));
        bytes[50] ^= 1;
        assert!(!Pattern::new(1).matches(&bytes));
    }
}
