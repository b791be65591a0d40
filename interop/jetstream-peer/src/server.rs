//! The server.

use crate::Transport;
use anyhow::{Context as _, Result};
use async_trait::async_trait;
use clap::Args;
use jetstream_peer::handler::PeerHandler;
use jetstream_peer::service::peer_protocol;
use jetstream_peer::{router, s2n, tls};
use jetstream_quic::{QuicHandler, QuicRouter, QuicRouterHandler};
use jetstream_rpc::Handler;
use jetstream_rpc::context::Context;
use quinn::{Connection, Endpoint, VarInt};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// How long the end waits for the clients to hear of it.
const GOODBYE: Duration = Duration::from_secs(1);

type PeerService = peer_protocol::PeerService<PeerHandler>;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    tls: tls::Options,
    /// What carries the frames.
    #[arg(long, value_enum, default_value = "quinn")]
    transport: Transport,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Record spans, so that errors carry them.
    #[arg(long)]
    traces: bool,
    /// Hand each stream to the one service `Peer` itself, which answers another name by "unknown"; quinn alone.
    #[arg(long)]
    routerless: bool,
}

/// Serves until standard input closes.
pub async fn run(options: Options) -> Result<()> {
    if options.traces {
        crate::record_spans()?;
    }
    match options.transport {
        Transport::Quinn => quinn(&options).await,
        Transport::S2n => s2n(&options).await,
    }
}

async fn quinn(options: &Options) -> Result<()> {
    let mut handlers = QuicRouter::new();
    if options.routerless {
        handlers.register(Arc::new(Routerless(PeerService {
            inner: PeerHandler::default(),
        })));
    } else {
        handlers.register(Arc::new(QuicRouterHandler::new(Arc::new(router()))));
    }
    let config = quinn::ServerConfig::with_crypto(Arc::new(options.tls.quinn_server()?));
    let endpoint = Endpoint::server(config, options.listen)
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    announce(endpoint.local_addr()?)?;
    let mut stopped = stdin_closed();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            incoming = endpoint.accept() => match incoming {
                Some(incoming) => {
                    let handlers = handlers.clone();
                    tokio::spawn(async move { handlers.handle_incoming(incoming).await });
                }
                None => break,
            },
        }
    }
    endpoint.close(VarInt::from_u32(0), b"");
    // Whoever does not answer within the time gets no goodbye.
    let _ = tokio::time::timeout(GOODBYE, endpoint.wait_idle()).await;
    Ok(())
}

async fn s2n(options: &Options) -> Result<()> {
    let router = Arc::new(router());
    let mut server = s2n::server(&options.tls, options.listen)?;
    announce(server.local_addr()?)?;
    let mut stopped = stdin_closed();
    loop {
        tokio::select! {
            _ = &mut stopped => return Ok(()),
            connection = server.accept() => match connection {
                Some(connection) => { tokio::spawn(s2n::serve(connection, Arc::clone(&router))); }
                None => return Ok(()),
            },
        }
    }
}

/// The service answers the first Tversion itself, as in the transports that have one service.
struct Routerless(PeerService);

#[async_trait]
impl QuicHandler for Routerless {
    fn alpns(&self) -> Vec<String> {
        vec![tls::ALPN.to_owned()]
    }

    async fn accept(&self, context: Context, connection: Connection) {
        while let Ok((send, receive)) = connection.accept_bi().await {
            if let Err(error) = self
                .0
                .handle(context.clone(), Box::new(receive), Box::new(send))
                .await
            {
                eprintln!("lane failed: {error}");
            }
        }
    }
}

fn announce(address: SocketAddr) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening {address}")?;
    writeln!(stdout, "version {}", peer_protocol::PROTOCOL_VERSION)?;
    stdout.flush()?;
    Ok(())
}

/// Completes when standard input ends, so that the server never outlives who started it.
fn stdin_closed() -> oneshot::Receiver<()> {
    let (closed, receiver) = oneshot::channel();
    // A thread of its own: a read of tokio's stdin would keep the runtime from ending.
    std::thread::spawn(move || {
        let mut ignored = [0; 1024];
        let mut stdin = std::io::stdin().lock();
        while matches!(stdin.read(&mut ignored), Ok(len) if len > 0) {}
        let _ = closed.send(());
    });
    receiver
}
