//! The workloads on the streams of a transport.

use crate::callers::{self, Recorder};
use crate::client::{Bench, Unsupported};
use crate::protocol::CALL;
use crate::transport::{Connection, Connector, Sending};
use crate::workload::{self, Budget, Workload};
use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Connections opened at once, where they are opened to be idle.
const OPENERS: u64 = 32;

pub struct Streams<C: Connector> {
    connector: Arc<C>,
    connection: C::Connection,
    idle: Vec<C::Connection>,
    chunk: Bytes,
}

impl<C: Connector> Streams<C> {
    pub async fn connect(connector: C, chunk: u32) -> Result<Self> {
        Ok(Self {
            connection: connector.connect().await?,
            connector: Arc::new(connector),
            idle: Vec::new(),
            chunk: Bytes::from(vec![0xA5; chunk as usize]),
        })
    }

    /// Calls, each on the next of the connections that a caller holds.
    async fn calls(
        budget: Budget,
        recorders: Vec<Recorder>,
        hands: Vec<Vec<C::Connection>>,
        size: u64,
    ) -> Result<Vec<Recorder>> {
        let request = workload::request(size);
        let mut hands = hands.into_iter();
        callers::run(
            Arc::new(budget),
            recorders,
            move |_| (hands.next().unwrap_or_default(), 0_usize),
            move |(mut hand, turn)| {
                let request = request.clone();
                async move {
                    let index = turn % hand.len().max(1);
                    let connection = hand.get_mut(index).context("a caller has no connection")?;
                    workload::call(connection, &request).await?;
                    Ok((hand, index + 1))
                }
            },
        )
        .await
    }

    async fn ping_pong(
        &mut self,
        budget: Budget,
        recorders: Vec<Recorder>,
        size: u64,
    ) -> Result<Vec<Recorder>> {
        let request = workload::request(size);
        let (mut send, mut receive) = self.connection.open().await?;
        let mut latencies = recorders;
        while let Some(start) = budget.next() {
            workload::round_trip(&mut send, &mut receive, &request).await?;
            for recorder in &mut latencies {
                recorder.saturating_record(start.elapsed().as_nanos() as u64);
            }
        }
        send.finish()?;
        Ok(latencies)
    }

    async fn connections(&self, budget: Budget, recorders: Vec<Recorder>) -> Result<Vec<Recorder>> {
        let connector = self.connector.clone();
        callers::run(
            Arc::new(budget),
            recorders,
            move |_| connector.clone(),
            |connector| async move {
                connector.connect().await?.close();
                Ok(connector)
            },
        )
        .await
    }

    /// Opens connections until there are `count`, or closes them all.
    async fn idle(&mut self, count: usize) -> Result<()> {
        if count == 0 {
            for connection in self.idle.drain(..) {
                connection.close();
            }
            return Ok(());
        }
        let missing = count.saturating_sub(self.idle.len()) as u64;
        let budget = Arc::new(Budget::of(missing));
        let mut openers = JoinSet::new();
        for _ in 0..OPENERS {
            let (budget, connector) = (budget.clone(), self.connector.clone());
            openers.spawn(async move {
                let mut opened = Vec::new();
                while budget.next().is_some() {
                    opened.push(connector.connect().await?);
                }
                anyhow::Ok(opened)
            });
        }
        let opened = callers::all(openers).await?;
        self.idle.extend(opened.into_iter().flatten());
        Ok(())
    }

    /// For each of `callers` the connections that it takes in turn.
    fn hands(&self, callers: usize) -> Result<Vec<Vec<C::Connection>>> {
        ensure!(!self.idle.is_empty(), "no connection is idle");
        let most = self.idle.len().max(callers);
        let mut hands = vec![Vec::new(); callers];
        for (number, connection) in self.idle.iter().cycle().take(most).enumerate() {
            hands[number % callers].push(connection.clone());
        }
        Ok(hands)
    }
}

/// `bytes` divided as evenly as they can be.
fn shares(bytes: u64, count: u64) -> impl Iterator<Item = u64> {
    (0..count).map(move |index| bytes / count + u64::from(index < bytes % count))
}

impl<C: Connector> Bench for Streams<C> {
    async fn run(
        &mut self,
        workload: &Workload,
        recorders: Vec<Recorder>,
    ) -> Result<Vec<Recorder>> {
        let budget = workload.budget();
        match *workload {
            Workload::Down { bytes, streams } => {
                let mut tasks = JoinSet::new();
                for share in shares(bytes, streams) {
                    tasks.spawn(workload::down(self.connection.clone(), share));
                }
                callers::all(tasks).await?;
            }
            Workload::Up { bytes, streams } => {
                let mut tasks = JoinSet::new();
                for share in shares(bytes, streams) {
                    tasks.spawn(workload::up(
                        self.connection.clone(),
                        share,
                        self.chunk.clone(),
                    ));
                }
                callers::all(tasks).await?;
            }
            Workload::Calls { size, .. } => {
                let hands = vec![vec![self.connection.clone()]; recorders.len()];
                return Self::calls(budget, recorders, hands, size).await;
            }
            Workload::Steady { .. } => {
                let hands = vec![vec![self.connection.clone()]; recorders.len()];
                return Self::calls(budget, recorders, hands, CALL.len() as u64).await;
            }
            Workload::Spread { .. } => {
                let hands = self.hands(recorders.len())?;
                return Self::calls(budget, recorders, hands, CALL.len() as u64).await;
            }
            Workload::PingPong { size, .. } => {
                return self.ping_pong(budget, recorders, size).await;
            }
            Workload::Connections { .. } => return self.connections(budget, recorders).await,
            Workload::Idle { connections } => self.idle(connections as usize).await?,
            Workload::Rpc { .. } => bail!(Unsupported("this transport has no RPC")),
        }
        Ok(recorders)
    }

    async fn close(self) {
        for connection in self.idle.iter().chain([&self.connection]) {
            connection.close();
        }
        self.connector.wait_idle().await;
    }
}
