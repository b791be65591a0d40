//! Random values of every type, from a seed that a failed run can be repeated with.

use jetstream_peer::types::{
    Addresses, Collections, Color, Everything, Heap, Scalars, Shape, Texts,
};
use jetstream_wireformat::Data;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::{Duration, SystemTime};
use url::Url;

/// SplitMix64, <https://doi.org/10.1145/2714064.2660195>.
pub struct Random(u64);

/// Milliseconds from 1970 to the year 9999.
const LAST_MILLI: u64 = 253_402_300_799_999;
const CHARACTERS: [char; 12] = [
    'a',
    'Z',
    '0',
    ' ',
    '\0',
    '\n',
    'é',
    'ß',
    '→',
    '\u{FFFF}',
    '\u{10000}',
    '😀',
];

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Small values, extremes and everything between them.
    fn number(&mut self) -> u64 {
        match self.word() % 4 {
            0 => self.word() % 3,
            1 => u64::MAX - self.word() % 3,
            2 => 1 << (self.word() % 64),
            _ => self.word(),
        }
    }

    fn wide(&mut self) -> u128 {
        u128::from(self.number()) << 64 | u128::from(self.number())
    }

    fn below(&mut self, bound: u64) -> usize {
        (self.word() % bound) as usize
    }

    fn flag(&mut self) -> bool {
        self.word() & 1 == 1
    }

    fn some<T>(&mut self, make: impl Fn(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| make(self))
    }

    fn many<C: FromIterator<T>, T>(&mut self, make: impl Fn(&mut Self) -> T) -> C {
        let count = self.below(6);
        (0..count).map(|_| make(self)).collect()
    }

    fn text(&mut self) -> String {
        self.many(|random| CHARACTERS[random.below(CHARACTERS.len() as u64)])
    }

    fn bytes(&mut self) -> Vec<u8> {
        let count = self.below(300);
        (0..count).map(|_| self.word() as u8).collect()
    }

    fn link(&mut self) -> Url {
        let text = format!(
            "https://host{}.example/path/{}?q={}",
            self.below(10),
            self.below(1000),
            self.below(10)
        );
        Url::parse(&text).unwrap_or_else(|error| unreachable!("{text}: {error}"))
    }

    fn ipv4(&mut self) -> Ipv4Addr {
        (self.number() as u32).into()
    }

    fn ipv6(&mut self) -> Ipv6Addr {
        // Not an address of IPv4 in disguise, which Java takes for one.
        (self.wide() | 1 << 127).into()
    }

    fn port(&mut self) -> u16 {
        self.number() as u16
    }

    fn scalars(&mut self) -> Scalars {
        Scalars {
            unsigned8: self.number() as u8,
            unsigned16: self.number() as u16,
            unsigned32: self.number() as u32,
            unsigned64: self.number(),
            unsigned128: self.wide(),
            signed16: self.number() as i16,
            signed32: self.number() as i32,
            signed64: self.number() as i64,
            signed128: self.wide() as i128,
            single: f32::from_bits(self.number() as u32),
            double: f64::from_bits(self.number()),
            flag: self.flag(),
            nothing: (),
        }
    }

    fn texts(&mut self) -> Texts {
        Texts {
            text: self.text(),
            link: self.link(),
            time: SystemTime::UNIX_EPOCH + Duration::from_millis(self.word() % LAST_MILLI),
            data: Data(self.bytes()),
            bytes: self.bytes(),
        }
    }

    fn collections(&mut self) -> Collections {
        Collections {
            list: self.many(|random| random.number() as u32),
            queue: self.many(Self::number),
            texts: self.many(Self::text),
            maybe: self.some(Self::text),
            boxed: self.some(|random| Box::new(random.texts())),
            by_text: self.many(|random| (random.text(), random.number() as u32)),
            by_signed: self.many(|random| (random.number() as i32, random.text())),
            by_unsigned: self.many(|random| (random.number(), random.flag())),
            members: self.many(Self::text),
            hash_map: self.many(|random| (random.number() as u32, random.text())),
            hash_set: self.many(|random| random.number() as u16),
            heap: Heap(self.many(|random| random.number() as u16)),
            pair: (self.number() as u16, self.text()),
            lists: self.many(Self::bytes),
        }
    }

    fn addresses(&mut self) -> Addresses {
        Addresses {
            ipv4: self.ipv4(),
            ipv6: self.ipv6(),
            ip: if self.flag() {
                IpAddr::V4(self.ipv4())
            } else {
                IpAddr::V6(self.ipv6())
            },
            socket_v4: SocketAddrV4::new(self.ipv4(), self.port()),
            socket_v6: SocketAddrV6::new(self.ipv6(), self.port(), 0, 0),
            socket: if self.flag() {
                SocketAddr::from((self.ipv4(), self.port()))
            } else {
                SocketAddr::from((self.ipv6(), self.port()))
            },
        }
    }

    fn shape(&mut self, depth: u64) -> Shape {
        match self.word() % if depth == 0 { 3 } else { 4 } {
            0 => Shape::Point,
            1 => Shape::Circle(self.number() as u32),
            2 => Shape::Rectangle {
                width: self.number() as u32,
                height: self.number() as u32,
            },
            _ => Shape::Group(self.text(), self.many(|random| random.shape(depth - 1))),
        }
    }

    pub fn everything(&mut self) -> Everything {
        Everything {
            scalars: self.scalars(),
            texts: self.texts(),
            collections: self.collections(),
            addresses: self.addresses(),
            shape: self.shape(3),
            color: match self.word() % 3 {
                0 => Color::Red,
                1 => Color::Green,
                _ => Color::Blue,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Random;
    use jetstream_peer::types::Everything;
    use jetstream_wireformat::WireFormat;

    #[test]
    fn a_seed_gives_the_same_values() {
        assert_eq!(Random::new(3).everything(), Random::new(3).everything());
        assert_ne!(Random::new(3).everything(), Random::new(4).everything());
    }

    #[test]
    fn values_survive_their_encoding() {
        let mut random = Random::new(1);
        for _ in 0..1000 {
            let value = random.everything();
            let mut bytes = Vec::new();
            value.encode(&mut bytes).unwrap();
            assert_eq!(bytes.len() as u32, value.byte_size());
            assert_eq!(Everything::decode(&mut bytes.as_slice()).unwrap(), value);
        }
    }
}
