//! Tokens of Retry packets: they prove an address, once and soon, and get round no limit.
//!
//! s2n-quic lets a client with a valid token in without asking its limiter, so the token asks the admission itself: a
//! good token where a limit is reached is as good as none.

use std::{
    collections::HashSet,
    net::{IpAddr, SocketAddr},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use aws_lc_rs::{constant_time, hmac, rand};
use s2n_quic::provider::address_token::{Context, Format, Provider};
use s2n_quic_core::connection::{InitialId, LocalId};
use zeroize::Zeroizing;

use crate::{
    admission::{Cause, Verdict},
    counters, observer,
    shared::Shared,
};

//= https://www.rfc-editor.org/rfc/rfc9000#section-8.1.4
//# Servers SHOULD ensure that
//# tokens sent in Retry packets are only accepted for a short time.
const LIFETIME: Duration = Duration::from_secs(5);

/// Used tokens that are remembered per lifetime; beyond them no token is accepted, as a replay could not be seen.
const MOST_USED: usize = 1 << 14;

const ID_LEN: usize = 20;
const NONCE_LEN: usize = 16;
const TAG_LEN: usize = 32;
/// Length of the id, the id, the time of issue in milliseconds, a nonce, and the tag over all and the address.
const LEN: usize = 1 + ID_LEN + 8 + NONCE_LEN + TAG_LEN;
const SIGNED_LEN: usize = LEN - TAG_LEN;

pub struct Tokens {
    shared: Arc<Shared>,
    key: hmac::Key,
    began: Instant,
    /// Tags that were used in this lifetime and in the one before.
    used: [HashSet<[u8; TAG_LEN]>; 2],
    turned: Duration,
}

impl Tokens {
    /// With a key of its own: a token is good for the socket that issued it, for a few seconds.
    pub fn new(shared: &Arc<Shared>) -> Result<Self, aws_lc_rs::error::Unspecified> {
        let mut key = Zeroizing::new([0; 32]);
        rand::fill(&mut *key)?;
        Ok(Self {
            shared: Arc::clone(shared),
            key: hmac::Key::new(hmac::HMAC_SHA256, &*key),
            began: Instant::now(),
            used: Default::default(),
            turned: Duration::ZERO,
        })
    }

    fn tag(&self, signed: &[u8], peer_id: &[u8], address: SocketAddr) -> Option<hmac::Tag> {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(signed);
        context.update(&[u8::try_from(peer_id.len()).ok()?]);
        context.update(peer_id);
        //= https://www.rfc-editor.org/rfc/rfc9000#section-8.1.4
        //# Tokens
        //# sent in Retry packets SHOULD include information that allows the
        //# server to verify that the source IP address and port in client
        //# packets remain constant.
        match address.ip() {
            IpAddr::V4(v4) => context.update(&v4.octets()),
            IpAddr::V6(v6) => context.update(&v6.octets()),
        }
        context.update(&address.port().to_be_bytes());
        Some(context.sign())
    }

    fn issue(&self, original: &[u8], peer_id: &[u8], address: SocketAddr, out: &mut [u8], now: Duration) -> Option<()> {
        if original.len() > ID_LEN || out.len() != LEN {
            return None;
        }
        let (signed, tag) = out.split_at_mut(SIGNED_LEN);
        signed.fill(0);
        signed[0] = original.len() as u8;
        signed[1..=original.len()].copy_from_slice(original);
        signed[1 + ID_LEN..][..8].copy_from_slice(&u64::try_from(now.as_millis()).ok()?.to_be_bytes());
        rand::fill(&mut signed[1 + ID_LEN + 8..]).ok()?;
        tag.copy_from_slice(self.tag(signed, peer_id, address)?.as_ref());
        Some(())
    }

    /// The id that the client chose first, when the token is ours, fresh, of this address, and not used before.
    fn check(&mut self, token: &[u8], peer_id: &[u8], address: SocketAddr, now: Duration) -> Option<InitialId> {
        if token.len() != LEN {
            return None;
        }
        let (signed, tag) = token.split_at(SIGNED_LEN);
        let expected = self.tag(signed, peer_id, address)?;
        constant_time::verify_slices_are_equal(tag, expected.as_ref()).ok()?;
        let issued = Duration::from_millis(u64::from_be_bytes(signed[1 + ID_LEN..][..8].try_into().ok()?));
        if now.checked_sub(issued)? > LIFETIME {
            return None;
        }
        self.use_once(tag.try_into().ok()?, now)?;
        InitialId::try_from_bytes(signed.get(1..=usize::from(signed[0]))?)
    }

    //= https://www.rfc-editor.org/rfc/rfc9000#section-8.1.4
    //# To protect against such attacks, servers MUST ensure that
    //# replay of tokens is prevented or limited.
    fn use_once(&mut self, tag: [u8; TAG_LEN], now: Duration) -> Option<()> {
        if now.saturating_sub(self.turned) > LIFETIME {
            self.turned = now;
            self.used.swap(0, 1);
            // A fresh set: a burst must not keep its memory.
            self.used[0] = HashSet::new();
        }
        let [current, before] = &mut self.used;
        if before.contains(&tag) || current.len() >= MOST_USED {
            return None;
        }
        current.insert(tag).then_some(())
    }

    fn validate(&mut self, context: &Context<'_>, token: &[u8]) -> Option<InitialId> {
        let now = self.began.elapsed();
        let address = observer::to_std(&context.remote_address)?;
        let Some(id) = self.check(token, context.peer_connection_id, address, now) else {
            self.shared.admission.refuse(Cause::Token);
            self.shared.tell_refused(address, Cause::Token);
            return None;
        };
        if self.shared.is_closing() {
            return None;
        }
        self.shared.pending.clear();
        match self.shared.admission.judge(address, true) {
            Verdict::Admit(ticket) => {
                self.shared.pending.put(ticket);
                Some(id)
            }
            Verdict::Refuse(cause) => {
                self.shared.tell_refused(address, cause);
                None
            }
            Verdict::Retry => None,
        }
    }
}

impl Provider for Tokens {
    type Format = Self;
    type Error = std::convert::Infallible;

    fn start(self) -> Result<Self, Self::Error> {
        Ok(self)
    }
}

impl Format for Tokens {
    const TOKEN_LEN: usize = LEN;

    fn generate_new_token(&mut self, _: &mut Context<'_>, _: &LocalId, _: &mut [u8]) -> Option<()> {
        // s2n-quic has no use for tokens of NEW_TOKEN frames.
        None
    }

    fn generate_retry_token(&mut self, context: &mut Context<'_>, original: &InitialId, out: &mut [u8]) -> Option<()> {
        let now = self.began.elapsed();
        // A panic here would take the endpoint along.
        catch_unwind(AssertUnwindSafe(|| {
            let address = observer::to_std(&context.remote_address)?;
            self.issue(original.as_bytes(), context.peer_connection_id, address, out, now)
        }))
        .unwrap_or_else(|panic| {
            counters::panicked(&*panic);
            None
        })
    }

    fn validate_token(&mut self, context: &mut Context<'_>, token: &[u8]) -> Option<InitialId> {
        catch_unwind(AssertUnwindSafe(|| self.validate(context, token))).unwrap_or_else(|panic| {
            counters::panicked(&*panic);
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    const PEER: &[u8] = b"peer";
    const ORIGINAL: &[u8] = b"original";
    const NOW: Duration = Duration::from_secs(100);

    fn tokens() -> Tokens {
        let raw = config::defaults();
        // SAFETY: the defaults borrow static memory.
        let settings = unsafe { config::Settings::new(&raw) }.expect("legal");
        Tokens::new(&Shared::new(&settings).expect("settings without a directory")).expect("randomness")
    }

    fn at(ip: [u8; 4], port: u16) -> SocketAddr {
        SocketAddr::from((ip, port))
    }

    fn issued(tokens: &Tokens) -> [u8; LEN] {
        let mut token = [0; LEN];
        tokens.issue(ORIGINAL, PEER, at([192, 0, 2, 1], 9), &mut token, NOW).expect("issued");
        token
    }

    #[test]
    fn a_token_is_good_once() {
        let mut tokens = tokens();
        let token = issued(&tokens);
        let here = at([192, 0, 2, 1], 9);
        assert_eq!(tokens.check(&token, PEER, here, NOW).expect("good").as_bytes(), ORIGINAL);
        assert!(tokens.check(&token, PEER, here, NOW).is_none(), "a second time");
        assert!(tokens.check(&token, PEER, here, NOW + LIFETIME).is_none(), "a second time, later");
    }

    #[test]
    fn a_token_is_good_for_its_address_its_peer_and_its_time() {
        let mut tokens = tokens();
        let token = issued(&tokens);
        assert!(tokens.check(&token, PEER, at([192, 0, 2, 1], 10), NOW).is_none(), "another port");
        assert!(tokens.check(&token, PEER, at([192, 0, 2, 2], 9), NOW).is_none(), "another address");
        let here = at([192, 0, 2, 1], 9);
        assert!(tokens.check(&token, b"other", here, NOW).is_none(), "another peer");
        assert!(tokens.check(&token, PEER, here, NOW + LIFETIME + Duration::from_millis(1)).is_none(), "too late");
        assert!(self::tokens().check(&token, PEER, here, NOW).is_none(), "another server");
        assert!(tokens.check(&token, PEER, here, NOW).is_some(), "none of these has used it up");
    }

    #[test]
    fn a_token_with_any_bit_changed_or_cut_is_refused() {
        let mut tokens = tokens();
        let token = issued(&tokens);
        let here = at([192, 0, 2, 1], 9);
        for bit in 0..LEN * 8 {
            let mut forged = token;
            forged[bit / 8] ^= 1 << (bit % 8);
            assert!(tokens.check(&forged, PEER, here, NOW).is_none(), "bit {bit}");
        }
        for len in 0..LEN {
            assert!(tokens.check(&token[..len], PEER, here, NOW).is_none(), "length {len}");
        }
    }

    #[test]
    fn used_tokens_are_not_remembered_without_bound() {
        let mut tokens = tokens();
        for number in 0..MOST_USED as u64 {
            let mut tag = [0; TAG_LEN];
            tag[..8].copy_from_slice(&number.to_be_bytes());
            tokens.use_once(tag, NOW).expect("room");
        }
        assert!(tokens.use_once([9; TAG_LEN], NOW).is_none(), "refused, as it could not be remembered");
        assert!(tokens.use_once([9; TAG_LEN], NOW + LIFETIME + Duration::from_secs(1)).is_some());
    }
}
