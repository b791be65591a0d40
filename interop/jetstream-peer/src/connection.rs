//! A client's connection over either transport.

use crate::s2n;
use anyhow::Result;
use jetstream_quic::QuicTransport;
use jetstream_rpc::Protocol;
use jetstream_rpc::client::ClientTransport;
use quinn::{Endpoint, VarInt};
use std::time::Duration;

/// How long the end waits for the server to hear of it.
const GOODBYE: Duration = Duration::from_secs(1);

/// With the endpoint that it lives on.
pub enum Connection {
    Quinn(Endpoint, quinn::Connection),
    S2n(s2n_quic::Client, s2n_quic::connection::Handle),
}

impl Connection {
    pub async fn lane<P: Protocol + Unpin + 'static>(&self) -> Result<Box<dyn ClientTransport<P>>> {
        Ok(match self {
            Self::Quinn(_, connection) => {
                Box::new(QuicTransport::<P>::from(connection.open_bi().await?))
            }
            Self::S2n(_, handle) => {
                let stream = handle.clone().open_bidirectional_stream().await?;
                Box::new(s2n::Transport::<P>::from(stream))
            }
        })
    }

    pub async fn close(self) {
        match self {
            Self::Quinn(endpoint, connection) => {
                connection.close(VarInt::from_u32(0), b"");
                // A server that does not answer within the time gets no goodbye.
                let _ = tokio::time::timeout(GOODBYE, endpoint.wait_idle()).await;
            }
            Self::S2n(mut client, handle) => {
                handle.close(0u32.into());
                let _ = tokio::time::timeout(GOODBYE, client.wait_idle()).await;
            }
        }
    }
}
