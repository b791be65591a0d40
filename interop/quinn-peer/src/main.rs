//! A QUIC echo server and client on quinn and rustls: the peer that is not s2n-quic.
//!
//! The tests of the library start it as a process of its own and talk to it in both roles.
//! What is said on a stream is in [`protocol`]; how to run it is in the README.

#![forbid(unsafe_code)]

mod client;
mod pattern;
mod protocol;
mod server;
mod tls;

use anyhow::{Context, Result};
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
    /// Echo every stream until standard input closes.
    Server(server::Options),
    /// Check the echo of another server and print the outcome as one line of JSON.
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
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("cannot start the tokio runtime")?;
    match role {
        Role::Server(options) => runtime.block_on(server::run(options)),
        Role::Client(options) => runtime.block_on(client::run(options)),
    }
}
