//! Connection ids of our own, and the tokens of stateless resets that belong to them.
//!
//! A server that lost its state answers packets of connections that it does not know with a stateless reset (RFC 9000
//! section 10.3), and its clients know at once instead of after their idle timeout. That is dangerous where it answers
//! for ids that another endpoint has alive, and costly where it answers garbage. So an id says whose it is, and carries
//! a tag that only the holder of the reset key can make: s2n-quic does not even parse a packet with an id that is not
//! this endpoint's, and there is nothing to answer.
//!
//! An id has 16 bytes. The first three are as QUIC-LB (draft-ietf-quic-load-balancers) lays them out unencrypted, for
//! balancers that route by server id:
//!
//! | byte   | content                                                           |
//! |--------|-------------------------------------------------------------------|
//! | 0      | 3 bits of configuration, 0; 5 bits of length, 15 bytes to come    |
//! | 1, 2   | server id                                                         |
//! | 3      | index of the endpoint among those that share the port             |
//! | 4..12  | random                                                            |
//! | 12..16 | SipHash-2-4 of what comes before it, cut to 32 bits               |

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use aws_lc_rs::{hkdf, hmac, rand};
use s2n_quic::provider::{
    connection_id::{ConnectionInfo, Generator, LocalId, Validator},
    stateless_reset_token::Provider,
};
use s2n_quic_core::stateless_reset;
use siphasher::sip::SipHasher24;
use zeroize::Zeroizing;

use crate::{admission::Pace, counters, shared::Shared};

pub const LEN: usize = 16;
/// Where the endpoint's index is in an id; the reuseport program reads it there.
pub const INDEX_AT: usize = 3;
const RANDOM_AT: usize = 4;
const TAG_AT: usize = 12;
/// Length of the rest in the low five bits, as QUIC-LB has it.
const FIRST_BYTE: u8 = LEN as u8 - 1;
pub const LEAST_KEY: usize = 32;
/// True tokens in answers, and as many at once.
const RESETS_PER_SECOND: u64 = 10_000;

/// What ids and tokens are derived from: the same key gives the same, in another process as well.
pub struct Keys {
    /// A keyed hash that is cheap enough for each packet.
    tag: SipHasher24,
    reset: hmac::Key,
    prefix: [u8; RANDOM_AT],
    /// Random bytes of the last id that was made: one endpoint's ids are made and announced on one thread.
    last: AtomicU64,
}

impl Keys {
    /// From the program's key, or a key that ends with this endpoint.
    pub fn new(key: &[u8], server: u16, index: u8) -> Result<Self, aws_lc_rs::error::Unspecified> {
        let mut random = Zeroizing::new([0; LEAST_KEY]);
        rand::fill(&mut *random)?;
        let secret = if key.is_empty() { &random[..] } else { key };
        let [high, low] = server.to_be_bytes();
        let prefix = [FIRST_BYTE, high, low, index];
        // Endpoints have keys of their own: none can answer for another.
        let derived = hkdf::Salt::new(hkdf::HKDF_SHA256, b"jetstream connection ids 1").extract(secret);
        let tag: Zeroizing<[u8; 16]> = expand(&derived, &[b"tag", &prefix])?;
        let reset: Zeroizing<[u8; 32]> = expand(&derived, &[b"stateless reset", &prefix])?;
        Ok(Self {
            tag: SipHasher24::new_with_key(&tag),
            reset: hmac::Key::new(hmac::HMAC_SHA256, &*reset),
            prefix,
            last: AtomicU64::new(0),
        })
    }

    fn make(&self) -> [u8; LEN] {
        let mut id = [0; LEN];
        id[..RANDOM_AT].copy_from_slice(&self.prefix);
        if rand::fill(&mut id[RANDOM_AT..TAG_AT]).is_err() {
            // Without the system's randomness nothing here is safe; the panic is caught, and refuses.
            panic!("no randomness");
        }
        let tag = self.tag(&id);
        id[TAG_AT..].copy_from_slice(&tag);
        self.last.store(random_part(&id), Relaxed);
        id
    }

    fn was_just_made(&self, id: &[u8]) -> bool {
        id.first_chunk().is_some_and(|id| random_part(id) == self.last.load(Relaxed))
    }

    fn tag(&self, id: &[u8; LEN]) -> [u8; LEN - TAG_AT] {
        (self.tag.hash(&id[..TAG_AT]) as u32).to_le_bytes()
    }

    /// Whether `id` is one that this endpoint made, in this process or in one before with the same key.
    fn is_ours(&self, id: &[u8; LEN]) -> bool {
        id[..RANDOM_AT] == self.prefix && id[TAG_AT..] == self.tag(id)
    }

    fn reset_token(&self, id: &[u8]) -> [u8; 16] {
        let tag = hmac::sign(&self.reset, id);
        *tag.as_ref().first_chunk().unwrap_or(&[0; 16])
    }
}

fn random_part(id: &[u8; LEN]) -> u64 {
    u64::from_le_bytes(*id[RANDOM_AT..].first_chunk().unwrap_or(&[0; 8]))
}

fn expand<const N: usize>(
    derived: &hkdf::Prk, info: &[&[u8]],
) -> Result<Zeroizing<[u8; N]>, aws_lc_rs::error::Unspecified> {
    struct Len(usize);
    impl hkdf::KeyType for Len {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = Zeroizing::new([0; N]);
    derived.expand(info, Len(N))?.fill(&mut *out)?;
    Ok(out)
}

/// The ids of one endpoint.
pub struct Ids {
    pub keys: Arc<Keys>,
    /// Whether the peer is asked to leave the id of the handshake behind.
    pub rotate: bool,
}

impl Validator for Ids {
    // Nothing in it can panic.
    fn validate(&self, _: &ConnectionInfo, buffer: &[u8]) -> Option<usize> {
        self.keys.is_ours(buffer.first_chunk()?).then_some(LEN)
    }
}

impl Generator for Ids {
    fn generate(&mut self, _: &ConnectionInfo) -> LocalId {
        LocalId::try_from_bytes(&self.keys.make()).expect("16 bytes are a legal length")
    }

    fn rotate_handshake_connection_id(&self) -> bool {
        self.rotate
    }
}

/// The tokens of a server.
///
/// s2n-quic asks for one when it announces an id, just after it asked for the id, and when it answers a packet with an
/// id that it does not know. It cannot be told to stay silent then, so what bounds such answers is that only a packet
/// with an id of ours gets one; and true tokens in them are so many per second, for those who replay such packets.
pub struct Resets {
    pub keys: Arc<Keys>,
    pub shared: Arc<Shared>,
    pace: Pace,
}

impl Resets {
    pub fn new(keys: &Arc<Keys>, shared: &Arc<Shared>) -> Self {
        Self { keys: Arc::clone(keys), shared: Arc::clone(shared), pace: Pace::new(RESETS_PER_SECOND) }
    }

    fn token(&self, id: &[u8]) -> stateless_reset::Token {
        if self.keys.was_just_made(id) {
            return self.keys.reset_token(id).into();
        }
        self.shared.resets.fetch_add(1, Relaxed);
        if self.pace.wait() != Some(Duration::ZERO) {
            return random_token();
        }
        self.pace.take();
        self.keys.reset_token(id).into()
    }
}

fn random_token() -> stateless_reset::Token {
    let mut token = [0; 16];
    // Without randomness it is all zeros, which no peer was ever told.
    let _ = rand::fill(&mut token);
    token.into()
}

impl Provider for Resets {
    type Generator = Self;
    type Error = std::convert::Infallible;

    fn start(self) -> Result<Self, Self::Error> {
        Ok(self)
    }
}

impl stateless_reset::token::Generator for Resets {
    fn generate(&mut self, id: &[u8]) -> stateless_reset::Token {
        catch_unwind(AssertUnwindSafe(|| self.token(id))).unwrap_or_else(|panic| {
            counters::panicked(&*panic);
            random_token()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = &[7; 32];

    fn keys(key: &[u8], server: u16, index: u8) -> Keys {
        Keys::new(key, server, index).expect("randomness")
    }

    #[test]
    fn an_id_is_its_endpoint_s_alone_and_for_good() {
        let ours = keys(KEY, 258, 3);
        let id = ours.make();
        assert_eq!(id[..RANDOM_AT], [15, 1, 2, 3]);
        assert!(ours.is_ours(&id));
        assert!(keys(KEY, 258, 3).is_ours(&id), "after a restart");
        assert!(!keys(KEY, 258, 4).is_ours(&id), "another endpoint");
        assert!(!keys(KEY, 259, 3).is_ours(&id), "another server");
        assert!(!keys(&[8; 32], 258, 3).is_ours(&id), "another key");
        assert!(!keys(b"", 258, 3).is_ours(&id), "no key");
    }

    #[test]
    fn an_id_with_any_bit_changed_is_nobody_s() {
        let keys = keys(KEY, 0, 0);
        let id = keys.make();
        for bit in 0..LEN * 8 {
            let mut forged = id;
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(!keys.is_ours(&forged), "bit {bit}");
        }
    }

    #[test]
    fn tokens_are_the_same_for_the_same_key_and_endpoint_only() {
        let id = [5; LEN];
        let token = keys(KEY, 1, 1).reset_token(&id);
        assert_eq!(token, keys(KEY, 1, 1).reset_token(&id));
        assert_ne!(token, keys(KEY, 1, 2).reset_token(&id));
        assert_ne!(token, keys(KEY, 2, 1).reset_token(&id));
        assert_ne!(token, keys(&[8; 32], 1, 1).reset_token(&id));
        assert_ne!(token, keys(KEY, 1, 1).reset_token(&[6; LEN]));
    }
}
