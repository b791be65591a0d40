//! The echo server.

use crate::protocol::Request;
use crate::tls::{self, Alpn, Identity};
use anyhow::{Context, Result};
use clap::Args;
use quinn::{Connection, Endpoint, Incoming, ReadError, RecvStream, SendStream, VarInt};
use quinn::{ServerConfig, TransportConfig, WriteError};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Most bytes taken from a stream at once.
const READ_MAX: usize = 64 * 1024;
/// How long the end waits for the clients to hear of it.
const GOODBYE: Duration = Duration::from_secs(1);

#[derive(Args)]
pub struct Options {
    /// PEM file with the server's certificate chain, leaf first.
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    /// PEM file with the private key of that certificate.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// PEM file with the CAs of clients; when given, every client must show a certificate.
    #[arg(long, value_name = "FILE")]
    client_ca: Option<PathBuf>,
    #[command(flatten)]
    alpn: Alpn,
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Never give up a silent client, and let each open a million streams with windows of a GiB.
    #[arg(long)]
    limitless: bool,
}

/// Serves until standard input closes.
pub async fn run(options: Options) -> Result<()> {
    let identity = Identity {
        cert: &options.cert,
        key: &options.key,
    };
    let tls = tls::server(&identity, options.client_ca.as_ref(), &options.alpn)?;
    let mut config = ServerConfig::with_crypto(Arc::new(tls));
    if options.limitless {
        config.transport_config(Arc::new(limitless()));
    }
    let endpoint = Endpoint::server(config, options.listen)
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    announce(endpoint.local_addr()?)?;

    let mut stopped = stdin_closed();
    loop {
        tokio::select! {
            _ = &mut stopped => break,
            incoming = endpoint.accept() => match incoming {
                Some(incoming) => { tokio::spawn(serve(incoming)); }
                None => break,
            },
        }
    }
    endpoint.close(VarInt::from_u32(0), b"server stopped");
    // Whoever does not answer within the time gets no goodbye.
    let _ = tokio::time::timeout(GOODBYE, endpoint.wait_idle()).await;
    Ok(())
}

fn limitless() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport
        .max_idle_timeout(None)
        .max_concurrent_bidi_streams(VarInt::from_u32(1_000_000))
        .stream_receive_window(VarInt::from_u32(1 << 30));
    transport
}

fn announce(address: SocketAddr) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening {address}")?;
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

async fn serve(incoming: Incoming) {
    let peer = incoming.remote_address();
    match incoming.await {
        Ok(connection) => {
            tokio::join!(bidirectional(&connection), unidirectional(&connection));
        }
        Err(error) => eprintln!("connection from {peer} failed: {error}"),
    }
}

async fn bidirectional(connection: &Connection) {
    while let Ok((send, receive)) = connection.accept_bi().await {
        tokio::spawn(answer(connection.clone(), send, receive));
    }
}

async fn unidirectional(connection: &Connection) {
    while let Ok(receive) = connection.accept_uni().await {
        let connection = connection.clone();
        tokio::spawn(async move {
            if let Ok(send) = connection.open_uni().await {
                answer(connection, send, receive).await;
            }
        });
    }
}

/// Why an echo ended before its stream did.
enum Ended {
    ByReset(VarInt),
    ByStop(VarInt),
    /// The connection is gone, or the stream is unusable: nobody is left to tell.
    Silently,
}

impl From<ReadError> for Ended {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Reset(code) => Self::ByReset(code),
            _ => Self::Silently,
        }
    }
}

impl From<WriteError> for Ended {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stopped(code) => Self::ByStop(code),
            _ => Self::Silently,
        }
    }
}

/// Answers one stream, and passes an abrupt end of one direction on to the other.
async fn answer(connection: Connection, mut send: SendStream, mut receive: RecvStream) {
    // Each call below fails only on a direction that has ended already, which is what it wants.
    match echo(&connection, &mut send, &mut receive).await {
        Ok(()) | Err(Ended::Silently) => {}
        Err(Ended::ByReset(code)) => {
            let _ = send.reset(code);
        }
        Err(Ended::ByStop(code)) => {
            let _ = receive.stop(code);
        }
    }
}

async fn echo(
    connection: &Connection,
    send: &mut SendStream,
    receive: &mut RecvStream,
) -> Result<(), Ended> {
    let mut start = Vec::new();
    let mut request = Request::Undecided;
    while request == Request::Undecided {
        match receive.read_chunk(READ_MAX, true).await? {
            Some(chunk) => {
                start.extend_from_slice(&chunk.bytes);
                request = Request::parse(&start);
            }
            None => request = Request::Echo,
        }
    }
    match request {
        Request::Undecided | Request::Echo => {
            send.write_all(&start).await?;
            while let Some(chunk) = receive.read_chunk(READ_MAX, true).await? {
                send.write_chunk(chunk.bytes).await?;
            }
            let _ = send.finish();
        }
        Request::Reset(code) => {
            let _ = send.reset(VarInt::from_u32(code));
            while receive.read_chunk(READ_MAX, true).await?.is_some() {}
        }
        Request::Stop(code) => {
            let _ = receive.stop(VarInt::from_u32(code));
            let _ = send.finish();
        }
        Request::Close(code) => connection.close(VarInt::from_u32(code), b"closed by command"),
    }
    Ok(())
}
