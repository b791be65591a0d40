//! JetStream's framing over s2n-quic: its own crates know no other transport than quinn.

use crate::tls;
use anyhow::{Result, anyhow};
use futures::{Sink, SinkExt, Stream, StreamExt};
use jetstream_rpc::client::ClientCodec;
use jetstream_rpc::context::{Context, Peer, RemoteAddr, TlsPeer};
use jetstream_rpc::{Error, Frame, Protocol, Router};
use s2n_quic::connection::{Connection, Handle};
use s2n_quic::provider::event::events::TlsExporterReady;
use s2n_quic::provider::event::{ConnectionInfo, ConnectionMeta, Subscriber};
use s2n_quic::stream::{BidirectionalStream, ReceiveStream, SendStream};
use s2n_quic::{Client, Server, client::Connect};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task;
use tokio_util::codec::{FramedRead, FramedWrite};

/// A lane of a client.
pub struct Transport<P: Protocol> {
    send: FramedWrite<SendStream, ClientCodec<P>>,
    receive: FramedRead<ReceiveStream, ClientCodec<P>>,
}

impl<P: Protocol> From<BidirectionalStream> for Transport<P> {
    fn from(stream: BidirectionalStream) -> Self {
        let (receive, send) = stream.split();
        Self {
            send: FramedWrite::new(send, ClientCodec::default()),
            receive: FramedRead::new(receive, ClientCodec::default()),
        }
    }
}

impl<P: Protocol> Sink<Frame<P::Request>> for Transport<P>
where
    Self: Unpin,
{
    type Error = Error;

    fn poll_ready(
        self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> task::Poll<Result<(), Error>> {
        self.get_mut().send.poll_ready_unpin(context)
    }

    fn start_send(self: Pin<&mut Self>, frame: Frame<P::Request>) -> Result<(), Error> {
        self.get_mut().send.start_send_unpin(frame)
    }

    fn poll_flush(
        self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> task::Poll<Result<(), Error>> {
        self.get_mut().send.poll_flush_unpin(context)
    }

    fn poll_close(
        self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> task::Poll<Result<(), Error>> {
        self.get_mut().send.poll_close_unpin(context)
    }
}

impl<P: Protocol> Stream for Transport<P>
where
    Self: Unpin,
{
    type Item = Result<Frame<P::Response>, Error>;

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> task::Poll<Option<Self::Item>> {
        self.get_mut().receive.poll_next_unpin(context)
    }
}

/// Keeps the peer's certificates, which are there for the moment of this event alone.
struct Certificates;

impl Subscriber for Certificates {
    type ConnectionContext = Arc<OnceLock<Vec<Vec<u8>>>>;

    fn create_connection_context(
        &mut self,
        _: &ConnectionMeta,
        _: &ConnectionInfo,
    ) -> Self::ConnectionContext {
        Arc::default()
    }

    fn on_tls_exporter_ready(
        &mut self,
        certificates: &mut Self::ConnectionContext,
        _: &ConnectionMeta,
        event: &TlsExporterReady,
    ) {
        let chain = event.session.peer_cert_chain_der().unwrap_or_default();
        // Only once per connection.
        let _ = certificates.set(chain);
    }
}

pub fn server(tls: &tls::Options, listen: SocketAddr) -> Result<Server> {
    Ok(Server::builder()
        .with_tls(tls.s2n_server()?)?
        .with_io(listen)?
        .with_event(Certificates)?
        .start()?)
}

/// Serves every stream of a connection by the crates' own router.
pub async fn serve(mut connection: Connection, router: Arc<Router>) {
    let context = context(&connection);
    while let Ok(Some(stream)) = connection.accept_bidirectional_stream().await {
        let (router, context) = (Arc::clone(&router), context.clone());
        tokio::spawn(async move {
            let (receive, send) = stream.split();
            if let Err(error) = router
                .accept(context, Box::new(receive), Box::new(send))
                .await
            {
                eprintln!("lane refused: {error}");
            }
        });
    }
}

/// As the crates fill it over quinn.
fn context(connection: &Connection) -> Context {
    let chain = connection
        .query_event_context(|certificates: &Arc<OnceLock<Vec<Vec<u8>>>>| Arc::clone(certificates))
        .ok();
    let peer = chain
        .as_deref()
        .and_then(OnceLock::get)
        .and_then(|chain| TlsPeer::from_der_chain(chain).ok());
    let address = connection.remote_addr().ok();
    Context::new(
        address.map(|address| RemoteAddr::IpAddr(address.ip())),
        peer.map(Peer::Tls),
    )
}

/// The client lives as long as its connection is used.
pub async fn connect(
    tls: &tls::Options,
    address: SocketAddr,
    server_name: &str,
) -> Result<(Client, Handle)> {
    let client = Client::builder()
        .with_tls(tls.s2n_client()?)?
        .with_io(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?
        .start()
        .map_err(|error| anyhow!("cannot start: {error}"))?;
    let connection = client
        .connect(Connect::new(address).with_server_name(server_name))
        .await?;
    let (handle, _) = connection.split();
    Ok((client, handle))
}
