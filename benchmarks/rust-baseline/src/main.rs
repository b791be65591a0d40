//! The benchmarks' workloads on s2n-quic from Rust alone, client and server.
//!
//! What the Java library is measured against: same versions, same settings, same work. What is
//! said on a stream is in [`protocol`]; how to run it is in the README.

#![forbid(unsafe_code)]

mod client;
mod connector;
mod endpoint;
mod protocol;
mod report;
mod runtime;
mod server;
mod tls;
mod workload;

use anyhow::Result;
use clap::{Parser, Subcommand};
use serde::Serialize;
use std::process::ExitCode;

#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand)]
enum Role {
    /// Serve the workloads until standard input closes.
    Server(server::Options),
    /// Run workloads and print one line of JSON for each.
    Client(client::Options),
}

#[derive(Serialize)]
struct Failure<'a> {
    ok: bool,
    error: &'a str,
}

fn main() -> ExitCode {
    let role = Cli::parse().role;
    let is_client = matches!(role, Role::Client(_));
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
    match role {
        Role::Server(options) => server::run(options),
        Role::Client(options) => client::run(options),
    }
}
