//! One line of JSON for each run of a workload.

use crate::runtime::Mode;
use anyhow::{Context, Result};
use cpu_time::ProcessTime;
use hdrhistogram::Histogram;
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
    #[serde(rename = "impl")]
    implementation: &'static str,
    runtime: Mode,
    workload: &'static str,
    #[serde(flatten)]
    figures: Figures,
    seconds: f64,
    cpu_seconds: f64,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Figures {
    Bulk {
        bytes: u64,
        mib_per_s: f64,
    },
    Calls {
        calls: u64,
        in_flight: usize,
        calls_per_s: f64,
        p50_us: f64,
        p99_us: f64,
        max_us: f64,
    },
    Connections {
        connections: u64,
        in_flight: usize,
        connections_per_s: f64,
        p50_us: f64,
        p99_us: f64,
        max_us: f64,
    },
}

impl Report {
    pub fn bulk(runtime: Mode, workload: &'static str, bytes: u64, time: &Time) -> Self {
        let mib_per_s = rounded(bytes as f64 / MIB / time.wall.as_secs_f64(), 100.0);
        Self::new(runtime, workload, Figures::Bulk { bytes, mib_per_s }, time)
    }

    /// Takes the latencies of each caller, in nanoseconds.
    pub fn calls(runtime: Mode, callers: &[Histogram<u64>], time: &Time) -> Result<Self> {
        let all = merged(callers)?;
        let figures = Figures::Calls {
            calls: all.len(),
            in_flight: callers.len(),
            calls_per_s: rounded(all.len() as f64 / time.wall.as_secs_f64(), 10.0),
            p50_us: microseconds(all.value_at_quantile(0.50)),
            p99_us: microseconds(all.value_at_quantile(0.99)),
            max_us: microseconds(all.max()),
        };
        Ok(Self::new(runtime, "calls", figures, time))
    }

    /// As [`Self::calls`].
    pub fn connections(runtime: Mode, callers: &[Histogram<u64>], time: &Time) -> Result<Self> {
        let all = merged(callers)?;
        let figures = Figures::Connections {
            connections: all.len(),
            in_flight: callers.len(),
            connections_per_s: rounded(all.len() as f64 / time.wall.as_secs_f64(), 10.0),
            p50_us: microseconds(all.value_at_quantile(0.50)),
            p99_us: microseconds(all.value_at_quantile(0.99)),
            max_us: microseconds(all.max()),
        };
        Ok(Self::new(runtime, "connections", figures, time))
    }

    fn new(runtime: Mode, workload: &'static str, figures: Figures, time: &Time) -> Self {
        Self {
            implementation: "s2n-quic-rust",
            runtime,
            workload,
            figures,
            seconds: time.wall.as_secs_f64(),
            cpu_seconds: time.cpu.as_secs_f64(),
        }
    }

    pub fn print(&self) -> Result<()> {
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{}", serde_json::to_string(self)?)?;
        stdout.flush()?;
        Ok(())
    }
}

fn merged(callers: &[Histogram<u64>]) -> Result<Histogram<u64>> {
    let (first, others) = callers.split_first().context("there was no caller")?;
    let mut all = first.clone();
    for other in others {
        all.add(other)?;
    }
    Ok(all)
}

fn microseconds(nanoseconds: u64) -> f64 {
    rounded(nanoseconds as f64 / 1000.0, 10.0)
}

fn rounded(value: f64, parts: f64) -> f64 {
    (value * parts).round() / parts
}
