//! The client: runs what it is told, and prints what it took.

use crate::callers::{self, Recorder};
use crate::report::{Report, Stopwatch};
use crate::rpc::Rpc;
use crate::runtime::{Mode, Runtimes};
use crate::streams::Streams;
use crate::transport::Transport;
use crate::transport::quinn::QuinnConnector;
use crate::transport::s2n::S2nConnector;
use crate::workload::Workload;
use crate::{endpoint, tls};
use anyhow::{Result, ensure};
use clap::Args;
use std::fmt::{self, Display, Formatter};
use std::future::Future;
use std::io::BufRead;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use tokio::sync::mpsc;

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
    #[command(flatten)]
    tls: tls::Options,
    #[command(flatten)]
    endpoint: endpoint::Options,
    /// A line to run, as of standard input.
    #[arg(
        long,
        value_name = "LINE",
        required_unless_present = "interactive",
        conflicts_with = "interactive"
    )]
    workload: Option<String>,
    /// Times that the line runs.
    #[arg(long, value_name = "R", default_value_t = 1)]
    repeats: usize,
    /// Run what standard input says, line by line.
    #[arg(long)]
    interactive: bool,
}

/// What runs the workloads of one transport.
pub trait Bench: Send {
    /// Runs one, with a recorder for each caller, and gives these back.
    fn run(
        &mut self,
        workload: &Workload,
        recorders: Vec<Recorder>,
    ) -> impl Future<Output = Result<Vec<Recorder>>> + Send;

    fn close(self) -> impl Future<Output = ()> + Send;
}

/// A transport does not have what a workload asks for.
#[derive(Debug)]
pub struct Unsupported(pub &'static str);

impl Display for Unsupported {
    fn fmt(&self, formatter: &mut Formatter) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl std::error::Error for Unsupported {}

pub fn run(options: Options) -> Result<()> {
    let mode = options.endpoint.runtime;
    let runtimes = Runtimes::start(mode)?;
    let runtime = runtimes.endpoint().clone();
    runtimes.run(async move {
        let o = &options;
        let s2n = || {
            S2nConnector::new(
                o.connect,
                &o.server_name,
                &o.ca,
                &o.tls,
                &o.endpoint,
                &runtime,
            )
        };
        let quinn = || {
            ensure!(
                mode != Mode::Split,
                Unsupported("quinn runs where it is called")
            );
            QuinnConnector::new(o.connect, &o.server_name, &o.ca, &o.tls, &o.endpoint)
        };
        let chunk = o.endpoint.chunk;
        match o.endpoint.transport {
            Transport::S2n => o.drive(Streams::connect(s2n()?, chunk).await?).await,
            Transport::Quinn => o.drive(Streams::connect(quinn()?, chunk).await?).await,
            Transport::JetstreamS2n => o.drive(Rpc::over_s2n(s2n()?).await?).await,
            Transport::JetstreamQuinn => o.drive(Rpc::over_quinn(quinn()?).await?).await,
        }
    })
}

impl Options {
    async fn drive(&self, mut bench: impl Bench) -> Result<()> {
        if let Some(line) = &self.workload {
            for _ in 0..self.repeats {
                self.answer(&mut bench, line).await?.print()?;
            }
        } else {
            let mut lines = stdin_lines();
            while let Some(line) = lines.recv().await {
                match self.answer(&mut bench, &line?).await {
                    Ok(report) => report.print()?,
                    Err(error) => crate::report::print_failure(&error),
                }
            }
        }
        // A server that does not answer within the time gets no goodbye.
        let _ = tokio::time::timeout(GOODBYE, bench.close()).await;
        Ok(())
    }

    async fn answer(&self, bench: &mut impl Bench, line: &str) -> Result<Report> {
        let workload: Workload = line.parse()?;
        let recorders = callers::recorders(workload.in_flight())?;
        let stopwatch = Stopwatch::start()?;
        let recorders = bench.run(&workload, recorders).await?;
        let time = stopwatch.stop()?;
        Report::new(&self.endpoint, workload, &recorders, &time)
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
