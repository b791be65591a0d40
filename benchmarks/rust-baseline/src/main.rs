//! The benchmarks' workloads from Rust alone, on s2n-quic and on quinn, client and server; and
//! JetStream's own Rust ends on both.
//!
//! What the Java library is measured against: same versions, same settings, same work. What is
//! said on a stream is in [`protocol`]; how to run it is in the README.

#![forbid(unsafe_code)]

mod callers;
mod client;
mod codec;
mod endpoint;
mod protocol;
mod report;
mod rpc;
mod runtime;
mod server;
mod streams;
mod tls;
mod transport;
mod workload;

use anyhow::Result;
use clap::{Parser, Subcommand};
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
    /// Print what the published codec takes for a record of ten fields.
    Codec(codec::Options),
}

fn main() -> ExitCode {
    let role = Cli::parse().role;
    let is_client = matches!(role, Role::Client(_));
    match run(role) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if is_client {
                report::print_failure(&error);
            }
            eprintln!("{}", report::sentence(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(role: Role) -> Result<()> {
    match role {
        Role::Server(options) => server::run(options),
        Role::Client(options) => client::run(options),
        Role::Codec(options) => codec::run(&options),
    }
}
