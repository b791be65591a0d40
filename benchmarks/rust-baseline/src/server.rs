//! The server.

use crate::client::Unsupported;
use crate::protocol::{CHUNKS, DOWNLOAD, DOWNLOAD_LEN, ECHO, MALFORMED, UPLOAD};
use crate::runtime::{Mode, Runtimes};
use crate::transport::{Accepted, Listener, Receiving, Sending, Transport, quinn, s2n};
use crate::{endpoint, tls};
use anyhow::{Result, anyhow, ensure};
use bytes::Bytes;
use clap::Args;
use jetstream_peer::router;
use jetstream_peer::s2n as jetstream_s2n;
use jetstream_quic::{QuicRouter, QuicRouterHandler};
use std::io::{BufRead, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
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
    let mode = options.endpoint.runtime;
    let runtimes = Runtimes::start(mode)?;
    let runtime = runtimes.endpoint().clone();
    let chunk = Bytes::from(vec![0xA5; options.endpoint.chunk as usize]);
    runtimes.run(async move {
        let o = &options;
        let s2n = || s2n::server(o.listen, &o.client_ca, &o.tls, &o.endpoint, &runtime);
        let quinn = || {
            ensure!(
                mode != Mode::Split,
                Unsupported("quinn runs where it is called")
            );
            quinn::server(o.listen, &o.client_ca, &o.tls, &o.endpoint)
        };
        match o.endpoint.transport {
            Transport::S2n => serve(s2n()?, |it| serve_connection(it, chunk.clone())).await,
            Transport::Quinn => serve(quinn()?, |it| serve_connection(it, chunk.clone())).await,
            Transport::JetstreamS2n => {
                let router = Arc::new(router());
                serve(s2n()?, |it| jetstream_s2n::serve(it, router.clone())).await
            }
            Transport::JetstreamQuinn => {
                let mut handlers = QuicRouter::new();
                handlers.register(Arc::new(QuicRouterHandler::new(Arc::new(router()))));
                serve(quinn()?, |it| {
                    let handlers = handlers.clone();
                    async move {
                        if let quinn::Accepting::Incoming(incoming) = it {
                            handlers.handle_incoming(*incoming).await;
                        }
                    }
                })
                .await
            }
        }
    })
}

fn announce(address: SocketAddr) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "listening {address}")?;
    stdout.flush()?;
    Ok(())
}

/// Completes when standard input ends, so that the server never outlives who started it. Answers what is asked there.
fn stdin_closed() -> oneshot::Receiver<()> {
    let (closed, receiver) = oneshot::channel();
    // A thread of its own: a read of tokio's stdin would keep the runtime from ending.
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            match line.trim() {
                // There is no heap that collects.
                "memory" => println!(r#"{{"ok":true,"heap_bytes":0}}"#),
                _ => println!(r#"{{"ok":false,"error":"not: memory"}}"#),
            }
        }
        let _ = closed.send(());
    });
    receiver
}

async fn serve<L: Listener, F>(
    mut listener: L,
    connection: impl Fn(L::Accepted) -> F + Send,
) -> Result<()>
where
    F: Future<Output = ()> + Send + 'static,
{
    announce(listener.address()?)?;
    let mut stopped = stdin_closed();
    loop {
        tokio::select! {
            _ = &mut stopped => return Ok(()),
            accepted = listener.accept() => match accepted {
                Some(accepted) => { tokio::spawn(connection(accepted)); }
                None => return Err(anyhow!("the endpoint ended by itself")),
            },
        }
    }
}

async fn serve_connection(mut connection: impl Accepted, chunk: Bytes) {
    while let Some((send, receive)) = connection.accept().await {
        let chunk = chunk.clone();
        tokio::spawn(async move {
            // The end of a stream or connection is the client's business: it sees it, and says it.
            let _ = answer(send, receive, chunk).await;
        });
    }
}

async fn answer(mut send: impl Sending, mut receive: impl Receiving, chunk: Bytes) -> Result<()> {
    let first = receive.receive().await?.unwrap_or_default();
    match first.first() {
        Some(&ECHO) => echo(send, receive, first).await,
        Some(&DOWNLOAD) => download(send, receive, first, chunk).await,
        Some(&UPLOAD) => upload(send, receive, first).await,
        _ => refuse(&mut send, &mut receive),
    }
}

async fn echo(mut send: impl Sending, mut receive: impl Receiving, first: Bytes) -> Result<()> {
    send.send(first).await?;
    let mut chunks = [const { Bytes::new() }; CHUNKS];
    loop {
        let (count, is_open) = receive.receive_many(&mut chunks).await?;
        if let Some(filled) = chunks.get_mut(..count)
            && count > 0
        {
            send.send_many(filled).await?;
        }
        if !is_open {
            return send.finish();
        }
    }
}

async fn download(
    mut send: impl Sending,
    mut receive: impl Receiving,
    first: Bytes,
    chunk: Bytes,
) -> Result<()> {
    let mut request = first.to_vec();
    while let Some(bytes) = receive.receive().await? {
        request.extend_from_slice(&bytes);
        if request.len() > DOWNLOAD_LEN {
            return refuse(&mut send, &mut receive);
        }
    }
    let Ok([_, size @ ..]) = <[u8; DOWNLOAD_LEN]>::try_from(request) else {
        return refuse(&mut send, &mut receive);
    };
    let mut left = u64::from_be_bytes(size);
    while left > 0 {
        let piece = chunk.slice(..left.min(chunk.len() as u64) as usize);
        left -= piece.len() as u64;
        send.send(piece).await?;
    }
    send.finish()
}

async fn upload(mut send: impl Sending, mut receive: impl Receiving, first: Bytes) -> Result<()> {
    let mut received = first.len() as u64 - 1; // without the `U`
    drop(first);
    let mut chunks = [const { Bytes::new() }; CHUNKS];
    loop {
        let (count, is_open) = receive.receive_many(&mut chunks).await?;
        for chunk in chunks.iter_mut().take(count) {
            received += std::mem::take(chunk).len() as u64;
        }
        if !is_open {
            break;
        }
    }
    send.send(Bytes::copy_from_slice(&received.to_be_bytes()))
        .await?;
    send.finish()
}

fn refuse(send: &mut impl Sending, receive: &mut impl Receiving) -> Result<()> {
    receive.stop(MALFORMED)?;
    send.reset(MALFORMED)
}
