//! Many calls over few tags, from many tasks on one lane: does each get its own answer?

use crate::client::{Target, mux};
use anyhow::Result;
use clap::Args;
use jetstream_peer::service::peer_protocol::{PeerChannel, Rmessage, Tadd, Tmessage};
use jetstream_rpc::Mux;
use jetstream_rpc::context::Context;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::task::JoinSet;

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    /// Calls in all.
    #[arg(long, value_name = "N", default_value_t = 70_000)]
    calls: u64,
    /// Tasks that make them, each one after the other.
    #[arg(long, value_name = "N", default_value_t = 64)]
    tasks: u32,
    /// Calls that are unanswered when nothing has come for so long count as never answered.
    #[arg(long, value_name = "N", default_value_t = 3)]
    patience_seconds: u64,
}

#[derive(Serialize)]
struct Outcome {
    ok: bool,
    calls: u64,
    right: u64,
    /// Answered, by what is another call's answer.
    wrong: u64,
    /// Ended with an error.
    failed: u64,
    /// Neither, or not made because no tag came free.
    unanswered: u64,
}

#[derive(Default)]
struct Counts {
    made: AtomicU64,
    right: AtomicU64,
    wrong: AtomicU64,
    failed: AtomicU64,
}

impl Counts {
    fn ended(&self) -> u64 {
        self.right.load(Relaxed) + self.wrong.load(Relaxed) + self.failed.load(Relaxed)
    }
}

/// Makes the calls and prints how they ended.
pub async fn run(options: Options) -> Result<()> {
    let outcome = options.target.within(storm(&options)).await?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

async fn storm(options: &Options) -> Result<Outcome> {
    let connection = options.target.open().await?;
    let lane = Arc::new(mux(&connection).await?);
    let counts = Arc::new(Counts::default());
    let mut tasks = JoinSet::new();
    for _ in 0..options.tasks {
        tasks.spawn(calls(Arc::clone(&lane), Arc::clone(&counts), options.calls));
    }
    let patience = Duration::from_secs(options.patience_seconds);
    let mut seen = 0;
    while !tasks.is_empty() {
        if tokio::time::timeout(patience, tasks.join_next())
            .await
            .is_err()
        {
            let ended = counts.ended();
            if ended == seen {
                break;
            }
            seen = ended;
        }
    }
    let ended = counts.ended();
    Ok(Outcome {
        ok: counts.right.load(Relaxed) == options.calls,
        calls: options.calls,
        right: counts.right.load(Relaxed),
        wrong: counts.wrong.load(Relaxed),
        failed: counts.failed.load(Relaxed),
        unanswered: options.calls - ended,
    })
}

async fn calls(lane: Arc<Mux<PeerChannel>>, counts: Arc<Counts>, limit: u64) {
    loop {
        let a = counts.made.fetch_add(1, Relaxed);
        if a >= limit {
            return;
        }
        let b = a << 20;
        let add = Tmessage::Add(Tadd { a, b });
        let counter = match lane.rpc(Context::default(), add).await.await {
            Ok(frame) => match frame.msg {
                Rmessage::Add(sum) if sum.0 == a + b => &counts.right,
                _ => &counts.wrong,
            },
            Err(_) => &counts.failed,
        };
        counter.fetch_add(1, Relaxed);
    }
}
