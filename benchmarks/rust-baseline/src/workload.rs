//! The workloads: how a line names them, and what each does on a stream, checked for what came back.

use crate::protocol::{CALL, CHUNKS, DOWNLOAD, LONG, UPLOAD};
use crate::transport::{Connection, Receiving, Sending};
use anyhow::{Context, Result, anyhow, bail, ensure};
use bytes::Bytes;
use serde::Serialize;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Callers at once: a recorder of latencies takes some 200 KiB.
const MOST_AT_ONCE: u64 = 10_000;
/// Bytes of the largest call.
const LARGEST: u64 = 16 << 20;

/// A line of standard input. Every number but that of [`Self::Idle`] is at least one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(tag = "workload", rename_all = "lowercase")]
pub enum Workload {
    Down {
        bytes: u64,
        streams: u64,
    },
    Up {
        bytes: u64,
        streams: u64,
    },
    Calls {
        calls: u64,
        in_flight: u64,
        size: u64,
    },
    PingPong {
        calls: u64,
        size: u64,
    },
    Rpc {
        calls: u64,
        in_flight: u64,
        size: u64,
    },
    Connections {
        connections: u64,
        in_flight: u64,
    },
    Idle {
        connections: u64,
    },
    Spread {
        calls: u64,
        in_flight: u64,
    },
    Steady {
        #[serde(skip)]
        time: u64,
        in_flight: u64,
    },
}

impl FromStr for Workload {
    type Err = anyhow::Error;

    fn from_str(line: &str) -> Result<Self> {
        let (name, numbers) = {
            let mut words = line.split_whitespace();
            let name = words.next().unwrap_or_default();
            (name, words.map(number).collect::<Result<Vec<_>>>()?)
        };
        let small = CALL.len() as u64;
        let workload = match (name, numbers.as_slice()) {
            ("down", &[bytes]) => Self::Down { bytes, streams: 1 },
            ("down", &[bytes, streams]) => Self::Down { bytes, streams },
            ("up", &[bytes]) => Self::Up { bytes, streams: 1 },
            ("up", &[bytes, streams]) => Self::Up { bytes, streams },
            ("calls", &[calls, in_flight]) => Self::Calls {
                calls,
                in_flight,
                size: small,
            },
            ("calls", &[calls, in_flight, size]) => Self::Calls {
                calls,
                in_flight,
                size,
            },
            ("pingpong", &[calls, size]) => Self::PingPong { calls, size },
            ("rpc", &[calls, in_flight, size]) => Self::Rpc {
                calls,
                in_flight,
                size,
            },
            ("connections", &[connections, in_flight]) => Self::Connections {
                connections,
                in_flight,
            },
            ("idle", &[connections]) => return Ok(Self::Idle { connections }),
            ("spread", &[calls, in_flight]) => Self::Spread { calls, in_flight },
            ("steady", &[time, in_flight]) => Self::Steady { time, in_flight },
            _ => bail!(
                "{line:?} is none of: down BYTES [STREAMS], up BYTES [STREAMS], calls N IN-FLIGHT [SIZE], \
                 pingpong N SIZE, rpc N IN-FLIGHT SIZE, connections N AT-ONCE, idle N, spread N IN-FLIGHT, \
                 steady SECONDS IN-FLIGHT"
            ),
        };
        ensure!(!numbers.contains(&0), "{line:?} has a zero");
        ensure!(
            workload.in_flight() <= MOST_AT_ONCE,
            "at most {MOST_AT_ONCE} at once"
        );
        if let Some(size) = workload.size() {
            ensure!(
                (small..=LARGEST).contains(&size),
                "a call has from {small} to {LARGEST} bytes, not {size}"
            );
        }
        Ok(workload)
    }
}

fn number(word: &str) -> Result<u64> {
    word.parse()
        .with_context(|| format!("{word:?} is not a number"))
}

impl Workload {
    /// Callers at once, each of which has a recorder; none where nothing is timed one by one.
    pub fn in_flight(&self) -> u64 {
        match *self {
            Self::Down { .. } | Self::Up { .. } | Self::Idle { .. } => 0,
            Self::PingPong { .. } => 1,
            Self::Calls { in_flight, .. }
            | Self::Rpc { in_flight, .. }
            | Self::Connections { in_flight, .. }
            | Self::Spread { in_flight, .. }
            | Self::Steady { in_flight, .. } => in_flight,
        }
    }

    /// Bytes each way of one call.
    pub fn size(&self) -> Option<u64> {
        match *self {
            Self::Calls { size, .. } | Self::PingPong { size, .. } | Self::Rpc { size, .. } => {
                Some(size)
            }
            Self::Spread { .. } | Self::Steady { .. } => Some(CALL.len() as u64),
            _ => None,
        }
    }

    /// How many operations there are to be, from now on.
    pub fn budget(&self) -> Budget {
        match *self {
            Self::Steady { time, .. } => Budget::during(Duration::from_secs(time)),
            Self::Calls { calls, .. }
            | Self::PingPong { calls, .. }
            | Self::Rpc { calls, .. }
            | Self::Spread { calls, .. } => Budget::of(calls),
            Self::Connections { connections, .. } => Budget::of(connections),
            Self::Down { .. } | Self::Up { .. } | Self::Idle { .. } => Budget::of(0),
        }
    }
}

/// Operations that are left to be begun, by number or by time.
pub struct Budget {
    begun: AtomicU64,
    most: u64,
    until: Option<Instant>,
}

impl Budget {
    pub fn of(most: u64) -> Self {
        Self {
            begun: AtomicU64::new(0),
            most,
            until: None,
        }
    }

    fn during(time: Duration) -> Self {
        Self {
            begun: AtomicU64::new(0),
            most: u64::MAX,
            until: Some(Instant::now() + time),
        }
    }

    /// When the next operation begins, which is now, or nothing when all were begun.
    pub fn next(&self) -> Option<Instant> {
        if self.begun.fetch_add(1, Ordering::Relaxed) >= self.most {
            return None;
        }
        let now = Instant::now();
        self.until.is_none_or(|end| now < end).then_some(now)
    }
}

/// The bytes of a call; a longer one is more of the same.
pub fn request(size: u64) -> Bytes {
    if size == CALL.len() as u64 {
        return Bytes::from_static(CALL);
    }
    CALL.iter().copied().cycle().take(size as usize).collect()
}

/// Asks for `bytes` and reads them, without looking at what they are.
pub async fn down(mut connection: impl Connection, bytes: u64) -> Result<()> {
    let (mut send, mut receive) = connection.open().await?;
    let mut request = vec![DOWNLOAD];
    request.extend_from_slice(&bytes.to_be_bytes());
    send.send(request.into()).await?;
    send.finish()?;

    let mut received = 0;
    let mut chunks = [const { Bytes::new() }; CHUNKS];
    loop {
        let (count, is_open) = receive.receive_many(&mut chunks).await?;
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
pub async fn up(mut connection: impl Connection, bytes: u64, chunk: Bytes) -> Result<()> {
    let (mut send, mut receive) = connection.open().await?;
    send.send(Bytes::from_static(&[UPLOAD])).await?;
    let mut left = bytes;
    while left > 0 {
        let piece = chunk.slice(..left.min(chunk.len() as u64) as usize);
        left -= piece.len() as u64;
        send.send(piece).await?;
    }
    send.finish()?;

    let mut answer = Vec::with_capacity(8);
    while let Some(part) = receive.receive().await? {
        answer.extend_from_slice(&part);
    }
    let count = <[u8; 8]>::try_from(answer)
        .map_err(|answer| anyhow!("the count has {} bytes in place of 8", answer.len()))?;
    let received = u64::from_be_bytes(count);
    ensure!(received == bytes, "the server got {received} of {bytes}");
    Ok(())
}

/// One call on a stream of its own.
pub async fn call(connection: &mut impl Connection, request: &Bytes) -> Result<()> {
    let (mut send, mut receive) = connection.open().await?;
    if request.len() > LONG {
        let sending = async {
            send.send(request.clone()).await?;
            send.finish()
        };
        tokio::try_join!(sending, answer(&mut receive, request))?;
    } else {
        send.send(request.clone()).await?;
        send.finish()?;
        answer(&mut receive, request).await?;
    }
    let end = receive.receive().await?;
    ensure!(end.is_none(), "the answer is longer than the call");
    Ok(())
}

/// One message there and back, on a stream that stays open.
pub async fn round_trip(
    send: &mut impl Sending,
    receive: &mut impl Receiving,
    request: &Bytes,
) -> Result<()> {
    if request.len() > LONG {
        tokio::try_join!(send.send(request.clone()), answer(receive, request))?;
        return Ok(());
    }
    send.send(request.clone()).await?;
    answer(receive, request).await
}

/// Receives the answer, which is as long as the call and the same.
async fn answer(receive: &mut impl Receiving, request: &Bytes) -> Result<()> {
    let mut expected = &request[..];
    let mut chunks = [const { Bytes::new() }; CHUNKS];
    while !expected.is_empty() {
        let (count, is_open) = receive.receive_many(&mut chunks).await?;
        for chunk in chunks.iter_mut().take(count) {
            expected = expected
                .strip_prefix(&std::mem::take(chunk)[..])
                .context("the answer differs from the call")?;
        }
        ensure!(
            is_open || expected.is_empty(),
            "the answer is shorter than the call"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Workload;

    #[test]
    fn lines_are_read() {
        let parse = |line: &str| line.parse::<Workload>().ok();
        let (bytes, streams) = (7, 1);
        assert_eq!(parse("down 7"), Some(Workload::Down { bytes, streams }));
        let (bytes, streams) = (9, 8);
        assert_eq!(parse(" up  9 8\n"), Some(Workload::Up { bytes, streams }));
        let (calls, in_flight, size) = (10, 2, 32);
        let small = Workload::Calls {
            calls,
            in_flight,
            size,
        };
        assert_eq!(parse("calls 10 2"), Some(small));
        let size = 64;
        let larger = Workload::Calls {
            calls,
            in_flight,
            size,
        };
        assert_eq!(parse("calls 10 2 64"), Some(larger));
        assert_eq!(
            parse("pingpong 10 64"),
            Some(Workload::PingPong { calls, size })
        );
        assert_eq!(parse("idle 0"), Some(Workload::Idle { connections: 0 }));
    }

    #[test]
    fn other_lines_are_refused() {
        for line in [
            "",
            "down",
            "down -1",
            "up 0",
            "up 1 2 3",
            "calls 1",
            "calls 0 1",
            "calls 1 0",
            "calls 1 10001",
            "calls 1 1 31",
            "calls 1 1 16777217",
            "rpc 1 1",
            "connections 1",
            "connections 0 1",
            "idle",
            "left 1",
        ] {
            assert!(line.parse::<Workload>().is_err(), "{line}");
        }
    }
}
