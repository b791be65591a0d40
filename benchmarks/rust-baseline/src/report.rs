//! One line of JSON for each run of a workload.

use crate::callers::Recorder;
use crate::client::Unsupported;
use crate::endpoint;
use crate::runtime::Mode;
use crate::transport::Transport;
use crate::workload::Workload;
use anyhow::{Error, Result};
use cpu_time::ProcessTime;
use serde::Serialize;
use std::io::Write;
use std::time::{Duration, Instant};

const MIB: f64 = 1_048_576.0;

/// Wall-clock and CPU time of this whole process, from here on.
pub struct Stopwatch {
    cpu: ProcessTime,
    wall: Instant,
}

impl Stopwatch {
    pub fn start() -> Result<Self> {
        Ok(Self {
            cpu: ProcessTime::try_now()?,
            wall: Instant::now(),
        })
    }

    pub fn stop(self) -> Result<Time> {
        let wall = self.wall.elapsed();
        Ok(Time {
            wall,
            cpu: self.cpu.try_elapsed()?,
        })
    }
}

pub struct Time {
    wall: Duration,
    cpu: Duration,
}

#[derive(Serialize)]
pub struct Report {
    ok: bool,
    #[serde(rename = "impl")]
    implementation: Transport,
    runtime: Mode,
    #[serde(flatten)]
    workload: Workload,
    #[serde(flatten)]
    rate: Rate,
    #[serde(flatten)]
    latencies: Option<Latencies>,
    seconds: f64,
    cpu_seconds: f64,
}

#[derive(Serialize, Default)]
struct Rate {
    #[serde(skip_serializing_if = "Option::is_none")]
    mib_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calls_per_s: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connections_per_s: Option<f64>,
    /// Where their number is a result.
    #[serde(skip_serializing_if = "Option::is_none")]
    calls: Option<u64>,
}

#[derive(Serialize)]
struct Latencies {
    p50_us: f64,
    p99_us: f64,
    p999_us: f64,
    max_us: f64,
}

impl Report {
    /// Takes the latencies of each caller.
    pub fn new(
        endpoint: &endpoint::Options,
        workload: Workload,
        callers: &[Recorder],
        time: &Time,
    ) -> Result<Self> {
        let all = merged(callers)?;
        let seconds = time.wall.as_secs_f64();
        let mut rate = Rate::default();
        match workload {
            Workload::Down { bytes, .. } | Workload::Up { bytes, .. } => {
                rate.mib_per_s = Some(rounded(bytes as f64 / MIB / seconds, 100.0));
            }
            Workload::Connections { connections, .. } => {
                rate.connections_per_s = Some(rounded(connections as f64 / seconds, 10.0));
            }
            Workload::Idle { .. } => {}
            _ => {
                let calls = all.as_ref().map_or(0, Recorder::len);
                let bytes = calls * workload.size().unwrap_or_default();
                rate.calls_per_s = Some(rounded(calls as f64 / seconds, 10.0));
                rate.mib_per_s = Some(rounded(bytes as f64 / MIB / seconds, 100.0));
                rate.calls = matches!(workload, Workload::Steady { .. }).then_some(calls);
            }
        }
        Ok(Self {
            ok: true,
            implementation: endpoint.transport,
            runtime: endpoint.runtime,
            workload,
            rate,
            latencies: all.map(|all| Latencies {
                p50_us: microseconds(all.value_at_quantile(0.50)),
                p99_us: microseconds(all.value_at_quantile(0.99)),
                p999_us: microseconds(all.value_at_quantile(0.999)),
                max_us: microseconds(all.max()),
            }),
            seconds,
            cpu_seconds: time.cpu.as_secs_f64(),
        })
    }

    pub fn print(&self) -> Result<()> {
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{}", serde_json::to_string(self)?)?;
        stdout.flush()?;
        Ok(())
    }
}

#[derive(Serialize)]
struct Failure<'a> {
    ok: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    unsupported: bool,
    error: &'a str,
}

/// Says on standard output why there is no figure.
pub fn print_failure(error: &Error) {
    let failure = Failure {
        ok: false,
        unsupported: error.is::<Unsupported>(),
        error: &sentence(error),
    };
    // A string cannot fail to become JSON.
    println!("{}", serde_json::to_string(&failure).unwrap_or_default());
}

/// The whole reason, in one line.
pub fn sentence(error: &Error) -> String {
    format!("{error:#}").replace(['\n', '\r'], " ")
}

fn merged(callers: &[Recorder]) -> Result<Option<Recorder>> {
    let Some((first, others)) = callers.split_first() else {
        return Ok(None);
    };
    let mut all = first.clone();
    for other in others {
        all.add(other)?;
    }
    Ok(Some(all))
}

fn microseconds(nanoseconds: u64) -> f64 {
    rounded(nanoseconds as f64 / 1000.0, 10.0)
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
