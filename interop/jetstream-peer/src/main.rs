//! JetStream's own Rust ends, the published crates, as a process: the peer that this library must
//! understand and be understood by.
//!
//! The tests of the library start it and talk to it in both roles; how to run it is in the README.

#![forbid(unsafe_code)]

mod client;
mod random;
mod server;
mod storm;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use serde::Serialize;
use std::process::ExitCode;
use tracing_error::ErrorLayer;
use tracing_subscriber::layer::SubscriberExt;

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Serve until standard input closes.
    Server(server::Options),
    /// Check another server and print the outcome as one line of JSON.
    Client(client::Options),
    /// Make many calls on one lane of another server and print how they ended as one line of JSON.
    Storm(storm::Options),
}

/// What carries the frames.
#[derive(Clone, Copy, ValueEnum)]
enum Transport {
    /// As published: quinn and rustls.
    Quinn,
    /// s2n-quic and s2n-tls.
    S2n,
}

#[derive(Serialize)]
struct Failure<'a> {
    ok: bool,
    error: &'a str,
}

fn main() -> ExitCode {
    let role = Cli::parse().role;
    let is_client = !matches!(role, Role::Server(_));
    match run(role) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let sentence = format!("{error:#}").replace(['\n', '\r'], " ");
            if is_client {
                let failure = Failure {
                    ok: false,
                    error: &sentence,
                };
                // Two strings cannot fail to become JSON; the sentence goes to stderr either way.
                println!("{}", serde_json::to_string(&failure).unwrap_or_default());
            }
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(role: Role) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the tokio runtime")?;
    match role {
        Role::Server(options) => runtime.block_on(server::run(options)),
        Role::Client(options) => runtime.block_on(client::run(options)),
        Role::Storm(options) => runtime.block_on(storm::run(options)),
    }
}

/// Spans are recorded from here on, and printed nowhere.
fn record_spans() -> Result<()> {
    let subscriber = tracing_subscriber::registry().with(ErrorLayer::default());
    tracing::subscriber::set_global_default(subscriber).context("spans are recorded already")
}
