//! quinn with rustls.

use super::{Accepted, Connection, Connector, Listener, Receiving, Sending};
use crate::protocol::CALL;
use crate::{endpoint, tls, workload};
use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use quinn::{
    ClientConfig, Endpoint, EndpointConfig, Incoming, RecvStream, SendStream, TokioRuntime,
};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

/// Runs on the runtime on which it is called, as quinn does.
pub fn server(
    listen: SocketAddr,
    client_ca: &Path,
    tls: &tls::Options,
    endpoint: &endpoint::Options,
) -> Result<Endpoint> {
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(tls.quinn_server(client_ca)?));
    config.transport_config(Arc::new(endpoint.quinn_transport()?));
    start(listen, Some(config), endpoint)
}

fn start(
    address: SocketAddr,
    server: Option<quinn::ServerConfig>,
    endpoint: &endpoint::Options,
) -> Result<Endpoint> {
    let mut config = EndpointConfig::default();
    config.max_udp_payload_size(endpoint.udp_payload()?)?;
    let socket = endpoint.socket(address)?;
    Ok(Endpoint::new(
        config,
        server,
        socket,
        Arc::new(TokioRuntime),
    )?)
}

pub struct QuinnConnector {
    pub endpoint: Endpoint,
    server: SocketAddr,
    server_name: String,
}

impl QuinnConnector {
    /// As [`server`].
    pub fn new(
        server: SocketAddr,
        server_name: &str,
        ca: &Path,
        tls: &tls::Options,
        endpoint: &endpoint::Options,
    ) -> Result<Self> {
        let mut config = ClientConfig::new(Arc::new(tls.quinn_client(ca)?));
        let mut transport = endpoint.quinn_transport()?;
        transport.keep_alive_interval(Some(endpoint::KEEP_ALIVE));
        config.transport_config(Arc::new(transport));
        let mut client = start(endpoint::any_address(server), None, endpoint)?;
        client.set_default_client_config(config);
        Ok(Self {
            endpoint: client,
            server,
            server_name: server_name.to_owned(),
        })
    }

    /// Ready when this side is.
    pub async fn handshake(&self) -> Result<quinn::Connection> {
        self.endpoint
            .connect(self.server, &self.server_name)?
            .await
            .with_context(|| format!("cannot connect to {}", self.server))
    }
}

impl Connector for QuinnConnector {
    type Connection = quinn::Connection;

    /// quinn does not tell when a handshake is confirmed: a call that is answered does.
    async fn connect(&self) -> Result<quinn::Connection> {
        let mut connection = self.handshake().await?;
        workload::call(&mut connection, &Bytes::from_static(CALL)).await?;
        Ok(connection)
    }

    async fn wait_idle(&self) {
        self.endpoint.wait_idle().await;
    }
}

impl Connection for quinn::Connection {
    type Send = SendStream;
    type Receive = RecvStream;

    async fn open(&mut self) -> Result<(SendStream, RecvStream)> {
        Ok(self.open_bi().await?)
    }

    fn close(&self) {
        quinn::Connection::close(self, 0_u8.into(), b"");
    }
}

impl Listener for Endpoint {
    type Accepted = Accepting;

    fn address(&self) -> Result<SocketAddr> {
        Ok(self.local_addr()?)
    }

    async fn accept(&mut self) -> Option<Accepting> {
        let incoming = Endpoint::accept(self).await?;
        Some(Accepting::Incoming(Box::new(incoming)))
    }
}

/// A connection whose handshake goes on where its streams are accepted.
pub enum Accepting {
    Incoming(Box<Incoming>),
    Connected(quinn::Connection),
    Ended,
}

impl Accepted for Accepting {
    type Send = SendStream;
    type Receive = RecvStream;

    async fn accept(&mut self) -> Option<(SendStream, RecvStream)> {
        // The end of a connection is the client's business: it sees it, and says it.
        let connection = match std::mem::replace(self, Self::Ended) {
            Self::Incoming(incoming) => (*incoming).await.ok()?,
            Self::Connected(connection) => connection,
            Self::Ended => return None,
        };
        let streams = connection.accept_bi().await.ok()?;
        *self = Self::Connected(connection);
        Some(streams)
    }
}

impl Sending for SendStream {
    async fn send(&mut self, bytes: Bytes) -> Result<()> {
        Ok(self.write_chunk(bytes).await?)
    }

    async fn send_many(&mut self, chunks: &mut [Bytes]) -> Result<()> {
        Ok(self.write_all_chunks(chunks).await?)
    }

    fn finish(&mut self) -> Result<()> {
        Ok(SendStream::finish(self)?)
    }

    fn reset(&mut self, code: u32) -> Result<()> {
        Ok(SendStream::reset(self, code.into())?)
    }
}

impl Receiving for RecvStream {
    async fn receive(&mut self) -> Result<Option<Bytes>> {
        let chunk = self.read_chunk(usize::MAX, true).await?;
        Ok(chunk.map(|chunk| chunk.bytes))
    }

    async fn receive_many(&mut self, chunks: &mut [Bytes]) -> Result<(usize, bool)> {
        Ok(match self.read_chunks(chunks).await? {
            Some(count) => (count, true),
            None => (0, false),
        })
    }

    fn stop(&mut self, code: u32) -> Result<()> {
        RecvStream::stop(self, code.into()).map_err(|error| anyhow!("cannot stop: {error}"))
    }
}
