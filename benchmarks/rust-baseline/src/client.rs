//! The client.

use crate::connector::{Confirmations, Connector};
use crate::report::{Report, Stopwatch};
use crate::runtime::{Mode, Runtimes};
use crate::workload::{self, Workload};
use crate::{endpoint, tls};
use anyhow::{Context, Result, anyhow};
use bytes::Bytes;
use clap::{Args, ValueEnum};
use s2n_quic::connection::Handle;
use s2n_quic::{Client, application};
use std::io::BufRead;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long the end waits for the server to hear of it.
const GOODBYE: Duration = Duration::from_secs(1);

#[derive(ValueEnum, Clone, Copy)]
enum Kind {
    Down,
    Up,
    Calls,
}

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
    #[command(flatten)]
    tls: tls::Options,
    #[command(flatten)]
    endpoint: endpoint::Options,
    /// What to run.
    #[arg(long, value_enum, required_unless_present = "interactive")]
    workload: Option<Kind>,
    /// Bytes of a bulk workload.
    #[arg(long, value_name = "N", default_value_t = 256 << 20)]
    bytes: u64,
    /// Calls of the workload `calls`.
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    calls: u64,
    /// Callers at work at the same time.
    #[arg(long, value_name = "K", default_value_t = 1)]
    in_flight: u64,
    /// Calls made before anything is measured.
    #[arg(long, value_name = "N", default_value_t = 0)]
    warmup_calls: u64,
    /// Times that the workload runs.
    #[arg(long, value_name = "R", default_value_t = 1)]
    repeats: u64,
    /// Run what standard input says, line by line, on one connection: `down BYTES`, `up BYTES`,
    /// `calls N IN-FLIGHT`, `connections N AT-ONCE`.
    #[arg(long, conflicts_with_all = ["workload", "repeats"])]
    interactive: bool,
}

impl Options {
    fn workload(&self) -> Option<Workload> {
        let bytes = self.bytes;
        self.workload.map(|kind| match kind {
            Kind::Down => Workload::Down { bytes },
            Kind::Up => Workload::Up { bytes },
            Kind::Calls => Workload::Calls {
                calls: self.calls,
                in_flight: self.in_flight,
            },
        })
    }
}

pub fn run(options: Options) -> Result<()> {
    if let Some(workload) = options.workload() {
        workload.check()?;
    }
    let runtimes = Runtimes::start(options.endpoint.runtime)?;
    let address = any_address(options.connect);
    let client = Client::builder()
        .with_tls(options.tls.client(&options.ca)?)?
        .with_io(options.endpoint.io(address, runtimes.endpoint())?)?
        .with_limits(options.endpoint.limits()?)?
        .with_event(Confirmations)?
        .start()
        .map_err(|error| anyhow!("cannot start the client: {error}"))?;
    runtimes.run(measure(client, options))
}

fn any_address(peer: SocketAddr) -> SocketAddr {
    match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}

async fn measure(mut client: Client, options: Options) -> Result<()> {
    let connector = Arc::new(Connector {
        client: client.clone(),
        server: options.connect,
        server_name: options.server_name.clone(),
    });
    let mut connection = connector.connect().await?;
    // The driver of the benchmark may leave this side idle for longer than a connection lives.
    connection.keep_alive(true)?;

    let mut bench = Bench {
        connector,
        connection: connection.handle(),
        runtime: options.endpoint.runtime,
        chunk: Bytes::from(vec![0xA5; options.endpoint.chunk as usize]),
    };
    if options.warmup_calls > 0 {
        let recorders = workload::recorders(1)?;
        workload::calls(&bench.connection, options.warmup_calls, recorders)
            .await
            .context("the warm-up failed")?;
    }
    if let Some(workload) = options.workload() {
        for _ in 0..options.repeats {
            bench.run(workload).await?.print()?;
        }
    } else {
        let mut lines = stdin_lines();
        while let Some(line) = lines.recv().await {
            bench.run(line?.parse()?).await?.print()?;
        }
    }

    connection.close(application::Error::from(0_u8));
    // A server that does not answer within the time gets no goodbye.
    let _ = tokio::time::timeout(GOODBYE, client.wait_idle()).await;
    Ok(())
}

struct Bench {
    connector: Arc<Connector>,
    connection: Handle,
    runtime: Mode,
    chunk: Bytes,
}

impl Bench {
    async fn run(&mut self, workload: Workload) -> Result<Report> {
        match workload {
            Workload::Down { bytes } => {
                let stopwatch = Stopwatch::start()?;
                workload::down(&mut self.connection, bytes)
                    .await
                    .with_context(|| format!("the download of {bytes} bytes failed"))?;
                let time = stopwatch.stop()?;
                Ok(Report::bulk(self.runtime, "down", bytes, &time))
            }
            Workload::Up { bytes } => {
                let stopwatch = Stopwatch::start()?;
                workload::up(&mut self.connection, bytes, &self.chunk)
                    .await
                    .with_context(|| format!("the upload of {bytes} bytes failed"))?;
                let time = stopwatch.stop()?;
                Ok(Report::bulk(self.runtime, "up", bytes, &time))
            }
            Workload::Calls { calls, in_flight } => {
                let recorders = workload::recorders(in_flight)?;
                let stopwatch = Stopwatch::start()?;
                let latencies = workload::calls(&self.connection, calls, recorders)
                    .await
                    .context("a call failed")?;
                let time = stopwatch.stop()?;
                Report::calls(self.runtime, &latencies, &time)
            }
            Workload::Connections {
                connections,
                at_once,
            } => {
                let recorders = workload::recorders(at_once)?;
                let stopwatch = Stopwatch::start()?;
                let latencies = workload::connections(&self.connector, connections, recorders)
                    .await
                    .context("a connection failed")?;
                let time = stopwatch.stop()?;
                Report::connections(self.runtime, &latencies, &time)
            }
        }
    }
}

/// The lines of standard input, read by a thread of their own: a read of tokio's stdin would
/// keep the runtime from ending.
fn stdin_lines() -> mpsc::UnboundedReceiver<std::io::Result<String>> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}
