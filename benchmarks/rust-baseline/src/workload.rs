//! The workloads, from the client's side, each checked for what came back.

use crate::connector::Connector;
use crate::protocol::{CALL, CHUNKS, DOWNLOAD, UPLOAD};
use anyhow::{Context, Result, anyhow, bail, ensure};
use bytes::Bytes;
use hdrhistogram::Histogram;
use s2n_quic::connection::Handle;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Longest latency told apart from longer ones, in nanoseconds: a minute.
const LONGEST_NS: u64 = 60_000_000_000;
/// Digits kept of a latency: an error of at most 0.1 %.
const DIGITS: u8 = 3;
/// A recorder of that range takes some 200 KiB.
const MOST_IN_FLIGHT: u64 = 10_000;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Workload {
    Down { bytes: u64 },
    Up { bytes: u64 },
    Calls { calls: u64, in_flight: u64 },
    Connections { connections: u64, at_once: u64 },
}

impl FromStr for Workload {
    type Err = anyhow::Error;

    /// Reads `down BYTES`, `up BYTES`, `calls N IN-FLIGHT` or `connections N AT-ONCE`.
    fn from_str(line: &str) -> Result<Self> {
        let words: Vec<_> = line.split_whitespace().collect();
        let workload = match *words.as_slice() {
            ["down", bytes] => Self::Down {
                bytes: number(bytes)?,
            },
            ["up", bytes] => Self::Up {
                bytes: number(bytes)?,
            },
            ["calls", calls, in_flight] => Self::Calls {
                calls: number(calls)?,
                in_flight: number(in_flight)?,
            },
            ["connections", connections, at_once] => Self::Connections {
                connections: number(connections)?,
                at_once: number(at_once)?,
            },
            _ => bail!(
                "{line:?} is none of: down BYTES, up BYTES, calls N IN-FLIGHT, connections N AT-ONCE"
            ),
        };
        workload.check()?;
        Ok(workload)
    }
}

fn number(word: &str) -> Result<u64> {
    word.parse()
        .with_context(|| format!("{word:?} is not a number"))
}

impl Workload {
    /// Refuses what would make no call, or take all memory for its callers.
    pub fn check(&self) -> Result<()> {
        let (Self::Calls {
            calls: count,
            in_flight: at_once,
        }
        | Self::Connections {
            connections: count,
            at_once,
        }) = self
        else {
            return Ok(());
        };
        ensure!(
            *count > 0 && (1..=MOST_IN_FLIGHT).contains(at_once),
            "at least one is needed, and 1 to {MOST_IN_FLIGHT} at once"
        );
        Ok(())
    }
}

/// Asks for `bytes` and reads them, without looking at what they are.
pub async fn down(connection: &mut Handle, bytes: u64) -> Result<()> {
    let mut stream = connection.open_bidirectional_stream().await?;
    let mut request = vec![DOWNLOAD];
    request.extend_from_slice(&bytes.to_be_bytes());
    stream.send(request.into()).await?;
    stream.finish()?;

    let mut received = 0;
    let mut chunks = [const { Bytes::new() }; CHUNKS];
    loop {
        let (count, is_open) = stream.receive_vectored(&mut chunks).await?;
        for chunk in chunks.iter_mut().take(count) {
            received += std::mem::take(chunk).len() as u64;
        }
        if !is_open {
            break;
        }
    }
    ensure!(received == bytes, "got {received} of {bytes} bytes");
    Ok(())
}

/// Sends `bytes` in pieces of `chunk`, none of them copied, and waits for their count.
pub async fn up(connection: &mut Handle, bytes: u64, chunk: &Bytes) -> Result<()> {
    let mut stream = connection.open_bidirectional_stream().await?;
    stream.send(Bytes::from_static(&[UPLOAD])).await?;
    let mut left = bytes;
    while left > 0 {
        let piece = chunk.slice(..left.min(chunk.len() as u64) as usize);
        left -= piece.len() as u64;
        stream.send(piece).await?;
    }
    stream.finish()?;

    let mut answer = Vec::with_capacity(8);
    while let Some(part) = stream.receive().await? {
        answer.extend_from_slice(&part);
    }
    let count = <[u8; 8]>::try_from(answer)
        .map_err(|answer| anyhow!("the count has {} bytes in place of 8", answer.len()))?;
    let received = u64::from_be_bytes(count);
    ensure!(received == bytes, "the server got {received} of {bytes}");
    Ok(())
}

/// Makes `calls` calls, each on a stream of its own, by as many callers at the same time as there
/// are `recorders`, and gives these back with the latencies in nanoseconds.
pub async fn calls(
    connection: &Handle,
    calls: u64,
    recorders: Vec<Histogram<u64>>,
) -> Result<Vec<Histogram<u64>>> {
    let started = Arc::new(AtomicU64::new(0));
    let callers: Vec<_> = recorders
        .into_iter()
        .map(|recorder| tokio::spawn(caller(connection.clone(), calls, started.clone(), recorder)))
        .collect();
    let mut latencies = Vec::with_capacity(callers.len());
    for caller in callers {
        latencies.push(caller.await.context("a caller panicked")??);
    }
    Ok(latencies)
}

async fn caller(
    mut connection: Handle,
    calls: u64,
    started: Arc<AtomicU64>,
    mut latencies: Histogram<u64>,
) -> Result<Histogram<u64>> {
    while started.fetch_add(1, Ordering::Relaxed) < calls {
        let start = Instant::now();
        call(&mut connection).await?;
        latencies.saturating_record(start.elapsed().as_nanos() as u64);
    }
    Ok(latencies)
}

async fn call(connection: &mut Handle) -> Result<()> {
    let mut stream = connection.open_bidirectional_stream().await?;
    stream.send(Bytes::from_static(CALL)).await?;
    stream.finish()?;
    let mut expected = CALL.as_slice();
    while let Some(part) = stream.receive().await? {
        expected = expected
            .strip_prefix(&part[..])
            .context("the answer differs from the call")?;
    }
    ensure!(expected.is_empty(), "the answer is shorter than the call");
    Ok(())
}

/// Connects and closes, as often and as many at the same time as for `calls`.
pub async fn connections(
    connector: &Arc<Connector>,
    connections: u64,
    recorders: Vec<Histogram<u64>>,
) -> Result<Vec<Histogram<u64>>> {
    let started = Arc::new(AtomicU64::new(0));
    let callers: Vec<_> = recorders
        .into_iter()
        .map(|mut recorder| {
            let (connector, started) = (connector.clone(), started.clone());
            tokio::spawn(async move {
                while started.fetch_add(1, Ordering::Relaxed) < connections {
                    let start = Instant::now();
                    let connection = connector.connect().await?;
                    recorder.saturating_record(start.elapsed().as_nanos() as u64);
                    connection.close(0_u8.into());
                }
                anyhow::Ok(recorder)
            })
        })
        .collect();
    let mut latencies = Vec::with_capacity(callers.len());
    for caller in callers {
        latencies.push(caller.await.context("a caller panicked")??);
    }
    Ok(latencies)
}

/// One recorder for each caller, to be made before the time starts: they are large.
pub fn recorders(in_flight: u64) -> Result<Vec<Histogram<u64>>> {
    (0..in_flight)
        .map(|_| Ok(Histogram::new_with_bounds(1, LONGEST_NS, DIGITS)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Workload;

    #[test]
    fn lines_are_read() {
        let parse = |line: &str| line.parse::<Workload>().ok();
        assert_eq!(parse("down 7"), Some(Workload::Down { bytes: 7 }));
        assert_eq!(parse(" up  0\n"), Some(Workload::Up { bytes: 0 }));
        let calls = Workload::Calls {
            calls: 10,
            in_flight: 2,
        };
        assert_eq!(parse("calls 10 2"), Some(calls));
    }

    #[test]
    fn other_lines_are_refused() {
        for line in [
            "",
            "down",
            "down -1",
            "up 1 2",
            "calls 1",
            "calls 0 1",
            "calls 1 0",
            "calls 1 10001",
            "connections 1",
            "connections 0 1",
            "left 1",
        ] {
            assert!(line.parse::<Workload>().is_err(), "{line}");
        }
    }
}
