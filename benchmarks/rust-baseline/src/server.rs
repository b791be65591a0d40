//! The server.

use crate::protocol::{CHUNKS, DOWNLOAD, DOWNLOAD_LEN, ECHO, MALFORMED, UPLOAD};
use crate::runtime::Runtimes;
use crate::{endpoint, tls};
use anyhow::{Result, anyhow};
use bytes::Bytes;
use clap::Args;
use s2n_quic::stream::BidirectionalStream;
use s2n_quic::{Connection, Server, application, stream};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::sync::oneshot;

#[derive(Args)]
pub struct Options {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// PEM file with the CAs of clients.
    #[arg(long, value_name = "FILE")]
    client_ca: PathBuf,
    #[command(flatten)]
    tls: tls::Options,
    #[command(flatten)]
    endpoint: endpoint::Options,
}

/// Serves until standard input closes.
pub fn run(options: Options) -> Result<()> {
    let runtimes = Runtimes::start(options.endpoint.runtime)?;
    let server = Server::builder()
        .with_tls(options.tls.server(&options.client_ca)?)?
        .with_io(options.endpoint.io(options.listen, runtimes.endpoint())?)?
        .with_limits(options.endpoint.limits()?)?
        .start()
        .map_err(|error| anyhow!("cannot start the server: {error}"))?;
    announce(server.local_addr()?)?;
    let chunk = Bytes::from(vec![0xA5; options.endpoint.chunk as usize]);
    runtimes.run(serve(server, chunk))
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

async fn serve(mut server: Server, chunk: Bytes) -> Result<()> {
    let mut stopped = stdin_closed();
    loop {
        tokio::select! {
            _ = &mut stopped => return Ok(()),
            connection = server.accept() => match connection {
                Some(connection) => { tokio::spawn(serve_connection(connection, chunk.clone())); }
                None => return Err(anyhow!("the endpoint ended by itself")),
            },
        }
    }
}

async fn serve_connection(mut connection: Connection, chunk: Bytes) {
    while let Ok(Some(stream)) = connection.accept_bidirectional_stream().await {
        let chunk = chunk.clone();
        tokio::spawn(async move {
            // The end of a stream or connection is the client's business: it sees it, and says it.
            let _ = answer(stream, chunk).await;
        });
    }
}

async fn answer(mut stream: BidirectionalStream, chunk: Bytes) -> stream::Result<()> {
    let first = match stream.receive().await? {
        Some(bytes) => bytes,
        None => Bytes::new(),
    };
    match first.first() {
        Some(&ECHO) => echo(stream, first).await,
        Some(&DOWNLOAD) => download(stream, first, chunk).await,
        Some(&UPLOAD) => upload(stream, first).await,
        _ => refuse(stream),
    }
}

async fn echo(mut stream: BidirectionalStream, first: Bytes) -> stream::Result<()> {
    stream.send(first).await?;
    while let Some(bytes) = stream.receive().await? {
        stream.send(bytes).await?;
    }
    stream.finish()
}

async fn download(
    mut stream: BidirectionalStream,
    first: Bytes,
    chunk: Bytes,
) -> stream::Result<()> {
    let mut request = first.to_vec();
    while let Some(bytes) = stream.receive().await? {
        request.extend_from_slice(&bytes);
        if request.len() > DOWNLOAD_LEN {
            return refuse(stream);
        }
    }
    let Ok([_, size @ ..]) = <[u8; DOWNLOAD_LEN]>::try_from(request) else {
        return refuse(stream);
    };
    let mut left = u64::from_be_bytes(size);
    while left > 0 {
        let piece = chunk.slice(..left.min(chunk.len() as u64) as usize);
        left -= piece.len() as u64;
        stream.send(piece).await?;
    }
    stream.finish()
}

async fn upload(mut stream: BidirectionalStream, first: Bytes) -> stream::Result<()> {
    let mut received = first.len() as u64 - 1; // without the `U`
    drop(first);
    let mut chunks = [const { Bytes::new() }; CHUNKS];
    loop {
        let (count, is_open) = stream.receive_vectored(&mut chunks).await?;
        for chunk in chunks.iter_mut().take(count) {
            received += std::mem::take(chunk).len() as u64;
        }
        if !is_open {
            break;
        }
    }
    stream
        .send(Bytes::copy_from_slice(&received.to_be_bytes()))
        .await?;
    stream.finish()
}

fn refuse(mut stream: BidirectionalStream) -> stream::Result<()> {
    let code = application::Error::from(MALFORMED);
    stream.stop_sending(code)?;
    stream.reset(code)
}
