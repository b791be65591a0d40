//! s2n-quic with s2n-tls.

use super::{Accepted, Connection, Connector, Listener, Receiving, Sending};
use crate::{endpoint, tls};
use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use s2n_quic::client::Connect;
use s2n_quic::connection::Handle;
use s2n_quic::provider::event::events::{HandshakeStatus, HandshakeStatusUpdated};
use s2n_quic::provider::event::{ConnectionInfo, ConnectionMeta, Subscriber};
use s2n_quic::stream::{ReceiveStream, SendStream};
use s2n_quic::{Client, Server, application};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Handle as Runtime;
use tokio::sync::Semaphore;

pub fn server(
    listen: SocketAddr,
    client_ca: &Path,
    tls: &tls::Options,
    endpoint: &endpoint::Options,
    runtime: &Runtime,
) -> Result<Server> {
    Server::builder()
        .with_tls(tls.s2n_server(client_ca)?)?
        .with_io(endpoint.s2n_io(listen, runtime)?)?
        .with_limits(endpoint.s2n_limits()?)?
        .start()
        .map_err(|error| anyhow!("cannot start the server: {error}"))
}

pub struct S2nConnector {
    pub client: Client,
    server: SocketAddr,
    server_name: String,
}

impl S2nConnector {
    pub fn new(
        server: SocketAddr,
        server_name: &str,
        ca: &Path,
        tls: &tls::Options,
        endpoint: &endpoint::Options,
        runtime: &Runtime,
    ) -> Result<Self> {
        let address = endpoint::any_address(server);
        let client = Client::builder()
            .with_tls(tls.s2n_client(ca)?)?
            .with_io(endpoint.s2n_io(address, runtime)?)?
            .with_limits(endpoint.s2n_limits()?)?
            .with_event(Confirmations)?
            .start()
            .map_err(|error| anyhow!("cannot start the client: {error}"))?;
        Ok(Self {
            client,
            server,
            server_name: server_name.to_owned(),
        })
    }
}

impl Connector for S2nConnector {
    type Connection = Handle;

    /// Ready when the handshake is confirmed (RFC 9001 section 4.1.2), as with the Java library: before, only this side
    /// is done.
    async fn connect(&self) -> Result<Handle> {
        let connect = Connect::new(self.server).with_server_name(self.server_name.as_str());
        let mut connection = self
            .client
            .connect(connect)
            .await
            .with_context(|| format!("cannot connect to {}", self.server))?;
        connection.keep_alive(true)?;
        let confirmed =
            connection.query_event_context(|confirmed: &Confirmed| confirmed.0.clone())?;
        // Closed, that is confirmed.
        let _ = confirmed.acquire().await;
        Ok(connection.split().0)
    }

    async fn wait_idle(&self) {
        // An endpoint that failed has nobody to tell.
        let _ = self.client.clone().wait_idle().await;
    }
}

/// Closed when the handshake is confirmed.
struct Confirmed(Arc<Semaphore>);

/// Notes which connections are confirmed.
struct Confirmations;

impl Subscriber for Confirmations {
    type ConnectionContext = Confirmed;

    fn create_connection_context(&mut self, _: &ConnectionMeta, _: &ConnectionInfo) -> Confirmed {
        Confirmed(Arc::new(Semaphore::new(0)))
    }

    fn on_handshake_status_updated(
        &mut self,
        context: &mut Confirmed,
        _: &ConnectionMeta,
        event: &HandshakeStatusUpdated,
    ) {
        if matches!(event.status, HandshakeStatus::Confirmed { .. }) {
            context.0.close();
        }
    }
}

impl Connection for Handle {
    type Send = SendStream;
    type Receive = ReceiveStream;

    async fn open(&mut self) -> Result<(SendStream, ReceiveStream)> {
        let (receive, send) = self.open_bidirectional_stream().await?.split();
        Ok((send, receive))
    }

    fn close(&self) {
        Handle::close(self, 0_u8.into());
    }
}

impl Listener for Server {
    type Accepted = s2n_quic::Connection;

    fn address(&self) -> Result<SocketAddr> {
        Ok(self.local_addr()?)
    }

    async fn accept(&mut self) -> Option<s2n_quic::Connection> {
        Server::accept(self).await
    }
}

impl Accepted for s2n_quic::Connection {
    type Send = SendStream;
    type Receive = ReceiveStream;

    async fn accept(&mut self) -> Option<(SendStream, ReceiveStream)> {
        // The end of a connection is the client's business: it sees it, and says it.
        let stream = self.accept_bidirectional_stream().await.ok()??;
        let (receive, send) = stream.split();
        Some((send, receive))
    }
}

impl Sending for SendStream {
    async fn send(&mut self, bytes: Bytes) -> Result<()> {
        Ok(SendStream::send(self, bytes).await?)
    }

    async fn send_many(&mut self, chunks: &mut [Bytes]) -> Result<()> {
        Ok(self.send_vectored(chunks).await?)
    }

    fn finish(&mut self) -> Result<()> {
        Ok(SendStream::finish(self)?)
    }

    fn reset(&mut self, code: u32) -> Result<()> {
        Ok(SendStream::reset(self, application::Error::from(code))?)
    }
}

impl Receiving for ReceiveStream {
    async fn receive(&mut self) -> Result<Option<Bytes>> {
        Ok(ReceiveStream::receive(self).await?)
    }

    async fn receive_many(&mut self, chunks: &mut [Bytes]) -> Result<(usize, bool)> {
        Ok(self.receive_vectored(chunks).await?)
    }

    fn stop(&mut self, code: u32) -> Result<()> {
        Ok(self.stop_sending(application::Error::from(code))?)
    }
}
