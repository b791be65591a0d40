//! Connecting as a careful client does: until the handshake is confirmed.

use anyhow::{Context, Result};
use s2n_quic::client::Connect;
use s2n_quic::provider::event::events::{HandshakeStatus, HandshakeStatusUpdated};
use s2n_quic::provider::event::{ConnectionInfo, ConnectionMeta, Subscriber};
use s2n_quic::{Client, Connection};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::Semaphore;

pub struct Connector {
    pub client: Client,
    pub server: SocketAddr,
    pub server_name: String,
}

impl Connector {
    /// Ready when the server has taken the client's certificate (RFC 9001 section 4.1.2), as with the Java library:
    /// before, only this side is done.
    pub async fn connect(&self) -> Result<Connection> {
        let connect = Connect::new(self.server).with_server_name(self.server_name.as_str());
        let connection = self
            .client
            .connect(connect)
            .await
            .with_context(|| format!("cannot connect to {}", self.server))?;
        let confirmed =
            connection.query_event_context(|confirmed: &Confirmed| confirmed.0.clone())?;
        // Closed, that is confirmed.
        let _ = confirmed.acquire().await;
        Ok(connection)
    }
}

/// Closed when the handshake is confirmed.
pub struct Confirmed(Arc<Semaphore>);

/// Notes which connections are confirmed.
pub struct Confirmations;

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
