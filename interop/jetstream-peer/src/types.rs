//! Every type that the wire format has, in the values that the services take and give.

// The derived decoder binds a field of type `()`.
#![allow(clippy::let_unit_value)]

use hashbrown::{HashMap, HashSet};
use jetstream_macros::JetStreamWireFormat;
use jetstream_wireformat::{Data, WireFormat};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::time::SystemTime;
use url::Url;

#[derive(Debug, Clone, JetStreamWireFormat)]
pub struct Scalars {
    pub unsigned8: u8,
    pub unsigned16: u16,
    pub unsigned32: u32,
    pub unsigned64: u64,
    pub unsigned128: u128,
    pub signed16: i16,
    pub signed32: i32,
    pub signed64: i64,
    pub signed128: i128,
    pub single: f32,
    pub double: f64,
    pub flag: bool,
    pub nothing: (),
}

/// Floats are compared by their bits.
impl PartialEq for Scalars {
    fn eq(&self, other: &Self) -> bool {
        self.bytes() == other.bytes()
    }
}

impl Scalars {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // A Vec takes everything.
        let _ = self.encode(&mut bytes);
        bytes
    }
}

#[derive(Debug, Clone, PartialEq, JetStreamWireFormat)]
pub struct Texts {
    pub text: String,
    pub link: Url,
    pub time: SystemTime,
    pub data: Data,
    pub bytes: Vec<u8>,
}

/// A heap equals one with the same members.
#[derive(Debug, Clone, JetStreamWireFormat)]
pub struct Heap(pub BinaryHeap<u16>);

impl PartialEq for Heap {
    fn eq(&self, other: &Self) -> bool {
        self.0.clone().into_sorted_vec() == other.0.clone().into_sorted_vec()
    }
}

#[derive(Debug, Clone, PartialEq, JetStreamWireFormat)]
pub struct Collections {
    pub list: Vec<u32>,
    pub queue: VecDeque<u64>,
    pub texts: Vec<String>,
    pub maybe: Option<String>,
    pub boxed: Option<Box<Texts>>,
    pub by_text: BTreeMap<String, u32>,
    pub by_signed: BTreeMap<i32, String>,
    pub by_unsigned: BTreeMap<u64, bool>,
    pub members: BTreeSet<String>,
    pub hash_map: HashMap<u32, String>,
    pub hash_set: HashSet<u16>,
    pub heap: Heap,
    pub pair: (u16, String),
    pub lists: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, JetStreamWireFormat)]
pub struct Addresses {
    pub ipv4: Ipv4Addr,
    pub ipv6: Ipv6Addr,
    pub ip: IpAddr,
    pub socket_v4: SocketAddrV4,
    pub socket_v6: SocketAddrV6,
    pub socket: SocketAddr,
}

#[derive(Debug, Clone, PartialEq, JetStreamWireFormat)]
pub enum Shape {
    Point,
    Circle(u32),
    Rectangle { width: u32, height: u32 },
    Group(String, Vec<Shape>),
}

#[derive(Debug, Clone, Copy, PartialEq, JetStreamWireFormat)]
pub enum Color {
    Red,
    Green,
    Blue,
}

#[derive(Debug, Clone, PartialEq, JetStreamWireFormat)]
pub struct Everything {
    pub scalars: Scalars,
    pub texts: Texts,
    pub collections: Collections,
    pub addresses: Addresses,
    pub shape: Shape,
    pub color: Color,
}

/// How a call is to fail.
#[derive(Debug, Clone, PartialEq, JetStreamWireFormat)]
pub struct Failure {
    pub message: String,
    pub code: Option<String>,
    pub help: Option<String>,
    pub url: Option<String>,
}

/// What the server has seen of a client's certificate.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, JetStreamWireFormat)]
pub struct Names {
    pub address: String,
    pub fingerprint: String,
    pub common_name: Option<String>,
    pub dns_names: Vec<String>,
    pub ip_addresses: Vec<String>,
    pub emails: Vec<String>,
    pub uris: Vec<String>,
}
