//! The client: sends, and checks that the same comes back.

use crate::pattern::Pattern;
use crate::tls::{self, Alpn, Identity};
use anyhow::{Context, Result, anyhow, ensure};
use clap::Args;
use quinn::crypto::rustls::HandshakeData;
use quinn::{ClientConfig, Connection, Endpoint, RecvStream, SendStream, VarInt};
use serde::Serialize;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Size of one call, in both directions.
const CALL_LEN: u64 = 32;
/// Most bytes handed to or taken from a stream at once.
const PIECE: u64 = 64 * 1024;
/// How long the end waits for the server to hear of it.
const GOODBYE: Duration = Duration::from_secs(1);

#[derive(Args)]
pub struct Options {
    /// Address of the server.
    #[arg(long, value_name = "ADDRESS")]
    connect: SocketAddr,
    /// Name that the server's certificate must carry.
    #[arg(long, value_name = "NAME", default_value = "localhost")]
    server_name: String,
    /// PEM file with the CAs that this client trusts.
    #[arg(long, value_name = "FILE")]
    ca: PathBuf,
    /// PEM file with the client's certificate chain, leaf first.
    #[arg(long, value_name = "FILE", requires = "key")]
    cert: Option<PathBuf>,
    /// PEM file with the private key of that certificate.
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    #[command(flatten)]
    alpn: Alpn,
    /// Bytes to send on one stream.
    #[arg(long, value_name = "N", default_value_t = 1 << 20)]
    bytes: u64,
    /// Calls of 32 bytes to make afterwards, each on a new stream, one at a time.
    #[arg(long, value_name = "N", default_value_t = 100)]
    calls: u64,
    /// Send on unidirectional streams, and expect each answer on one that the server opens.
    #[arg(long)]
    uni: bool,
    /// Seed of the bytes that are sent.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Time allowed for everything together.
    #[arg(long, value_name = "N", default_value_t = 60)]
    timeout_seconds: u64,
}

#[derive(Serialize)]
struct Outcome {
    bytes: u64,
    calls: u64,
    uni: bool,
    alpn: String,
    ok: bool,
}

/// Runs all exchanges and prints the outcome.
pub async fn run(options: Options) -> Result<()> {
    let limit = Duration::from_secs(options.timeout_seconds);
    let outcome = tokio::time::timeout(limit, check(&options))
        .await
        .map_err(|_| {
            anyhow!(
                "not done with {} after {} seconds",
                options.connect,
                options.timeout_seconds
            )
        })??;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

async fn check(options: &Options) -> Result<Outcome> {
    let identity = match (&options.cert, &options.key) {
        (Some(cert), Some(key)) => Some(Identity { cert, key }),
        _ => None,
    };
    let tls = tls::client(&options.ca, identity.as_ref(), &options.alpn)?;
    let endpoint = Endpoint::client(any_address(options.connect))?;
    let connection = endpoint
        .connect_with(
            ClientConfig::new(Arc::new(tls)),
            options.connect,
            &options.server_name,
        )
        .with_context(|| format!("cannot connect to {}", options.connect))?
        .await
        .with_context(|| format!("cannot connect to {}", options.connect))?;

    exchange(&connection, options.uni, options.seed, options.bytes)
        .await
        .with_context(|| format!("the echo of {} bytes failed", options.bytes))?;
    for call in 0..options.calls {
        let seed = options.seed.wrapping_add(1).wrapping_add(call);
        exchange(&connection, options.uni, seed, CALL_LEN)
            .await
            .with_context(|| format!("call {call} failed"))?;
    }

    let outcome = Outcome {
        bytes: options.bytes,
        calls: options.calls,
        uni: options.uni,
        alpn: negotiated(&connection),
        ok: true,
    };
    connection.close(VarInt::from_u32(0), b"done");
    // A server that does not answer within the time gets no goodbye.
    let _ = tokio::time::timeout(GOODBYE, endpoint.wait_idle()).await;
    Ok(outcome)
}

fn any_address(peer: SocketAddr) -> SocketAddr {
    match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}

fn negotiated(connection: &Connection) -> String {
    connection
        .handshake_data()
        .and_then(|data| data.downcast::<HandshakeData>().ok())
        .and_then(|data| data.protocol)
        .map(|name| String::from_utf8_lossy(&name).into_owned())
        .unwrap_or_default()
}

/// Sends `len` bytes and reads the answer at the same time, so that neither waits for the other.
async fn exchange(connection: &Connection, uni: bool, seed: u64, len: u64) -> Result<()> {
    if uni {
        let send = connection.open_uni().await?;
        let answer = async { verify(connection.accept_uni().await?, seed, len).await };
        tokio::try_join!(transmit(send, seed, len), answer)?;
    } else {
        let (send, receive) = connection.open_bi().await?;
        tokio::try_join!(transmit(send, seed, len), verify(receive, seed, len))?;
    }
    Ok(())
}

async fn transmit(mut send: SendStream, seed: u64, len: u64) -> Result<()> {
    let mut pattern = Pattern::new(seed);
    let mut piece = vec![0; len.min(PIECE) as usize];
    let mut left = len;
    while left > 0 {
        let part = &mut piece[..left.min(PIECE) as usize];
        pattern.fill(part);
        send.write_all(part).await?;
        left -= part.len() as u64;
    }
    send.finish()?;
    Ok(())
}

async fn verify(mut receive: RecvStream, seed: u64, len: u64) -> Result<()> {
    let mut pattern = Pattern::new(seed);
    let mut received = 0;
    while let Some(chunk) = receive.read_chunk(PIECE as usize, true).await? {
        ensure!(
            pattern.matches(&chunk.bytes),
            "the answer differs from what was sent, after byte {received}"
        );
        received += chunk.bytes.len() as u64;
        ensure!(
            received <= len,
            "the answer is longer than the {len} bytes sent"
        );
    }
    ensure!(
        received == len,
        "the answer ended after {received} of {len} bytes"
    );
    Ok(())
}
