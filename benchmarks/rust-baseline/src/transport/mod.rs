//! What a transport must have for the workloads to run on it.

pub mod quinn;
pub mod s2n;

use anyhow::Result;
use bytes::Bytes;
use clap::ValueEnum;
use serde::Serialize;
use std::future::Future;
use std::net::SocketAddr;

/// What is measured: a transport, or JetStream's Rust ends on one.
#[derive(ValueEnum, Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    S2n,
    Quinn,
    JetstreamS2n,
    JetstreamQuinn,
}

/// A client's endpoint.
pub trait Connector: Send + Sync + 'static {
    type Connection: Connection;

    /// Connects as a careful client does: until the server has taken the client's certificate.
    fn connect(&self) -> impl Future<Output = Result<Self::Connection>> + Send;

    /// Completes when the server has heard of the end of all connections.
    fn wait_idle(&self) -> impl Future<Output = ()> + Send;
}

/// A client's connection, which is kept alive. Each caller has a clone of its own.
pub trait Connection: Clone + Send + Sync + 'static {
    type Send: Sending;
    type Receive: Receiving;

    fn open(&mut self) -> impl Future<Output = Result<(Self::Send, Self::Receive)>> + Send;

    fn close(&self);
}

/// A server's endpoint.
pub trait Listener: Send + 'static {
    type Accepted: Accepted;

    fn address(&self) -> Result<SocketAddr>;

    /// The next connection, or nothing when the endpoint has ended.
    fn accept(&mut self) -> impl Future<Output = Option<Self::Accepted>> + Send;
}

/// A server's connection.
pub trait Accepted: Send + 'static {
    type Send: Sending;
    type Receive: Receiving;

    /// The next stream, or nothing when the connection has ended.
    fn accept(&mut self) -> impl Future<Output = Option<(Self::Send, Self::Receive)>> + Send;
}

/// The sending half of a stream.
pub trait Sending: Send + 'static {
    fn send(&mut self, bytes: Bytes) -> impl Future<Output = Result<()>> + Send;

    /// Sends all `chunks`, and leaves them empty.
    fn send_many(&mut self, chunks: &mut [Bytes]) -> impl Future<Output = Result<()>> + Send;

    fn finish(&mut self) -> Result<()>;

    fn reset(&mut self, code: u32) -> Result<()>;
}

/// The receiving half of a stream.
pub trait Receiving: Send + 'static {
    /// The next bytes, or nothing at the end.
    fn receive(&mut self) -> impl Future<Output = Result<Option<Bytes>>> + Send;

    /// Fills `chunks` with what is there; with how many were filled, and whether more may come.
    fn receive_many(
        &mut self,
        chunks: &mut [Bytes],
    ) -> impl Future<Output = Result<(usize, bool)>> + Send;

    fn stop(&mut self, code: u32) -> Result<()>;
}
