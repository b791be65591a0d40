//! JetStream's own Rust ends, the published crates, over quinn and over s2n-quic: what the tests and
//! the benchmarks of the library talk to.

#![forbid(unsafe_code)]

pub mod connection;
pub mod faults;
pub mod handler;
pub mod s2n;
pub mod service;
pub mod tls;
pub mod types;

use faults::FaultsHandler;
use handler::{PeerHandler, SecondHandler};
use jetstream_rpc::Router;
use service::{faults_protocol, peer_protocol, second_protocol};

/// Hands each lane to the service that it asks for.
pub fn router() -> Router {
    let peer = peer_protocol::PeerService {
        inner: PeerHandler::default(),
    };
    let second = second_protocol::SecondService {
        inner: SecondHandler,
    };
    let faults = faults_protocol::FaultsService {
        inner: FaultsHandler,
    };
    Router::new()
        .with_handler(peer_protocol::PROTOCOL_NAME, peer)
        .with_handler(second_protocol::PROTOCOL_NAME, second)
        .with_handler(faults_protocol::PROTOCOL_NAME, faults)
}
