//! JetStream's own Rust ends, the published crates, on the same endpoints.

use crate::callers::{self, Recorder};
use crate::client::{Bench, Unsupported};
use crate::transport::Connector;
use crate::transport::quinn::QuinnConnector;
use crate::transport::s2n::S2nConnector;
use crate::workload::{self, Budget, Workload};
use anyhow::{Result, anyhow, bail, ensure};
use jetstream_peer::connection::Connection;
use jetstream_peer::service::peer_protocol::{
    PROTOCOL_VERSION, PeerChannel, Rmessage, Tblob, Tmessage,
};
use jetstream_rpc::context::Context;
use jetstream_rpc::{Mux, Tversion};
use jetstream_wireformat::Data;
use std::sync::Arc;

/// Calls on one lane: the published client repeats tags that are in use after 65,536.
const CALLS_PER_LANE: u64 = 60_000;
/// The published client fails when its tags are used up, and gives them back later than answers.
const TAGS_PER_CALLER: usize = 4;
const FEWEST_TAGS: usize = 16;
/// As the Rust examples say.
const MSIZE: u32 = u32::MAX;

type Lane = Arc<Mux<PeerChannel>>;

/// The workload `rpc` on one connection.
pub struct Rpc(Connection);

impl Rpc {
    pub async fn over_s2n(connector: S2nConnector) -> Result<Self> {
        let handle = connector.connect().await?;
        Ok(Self(Connection::S2n(connector.client, handle)))
    }

    pub async fn over_quinn(connector: QuinnConnector) -> Result<Self> {
        let connection = connector.handshake().await?;
        Ok(Self(Connection::Quinn(connector.endpoint, connection)))
    }

    async fn lane(&self, callers: usize) -> Result<Lane> {
        let tags = (callers * TAGS_PER_CALLER).max(FEWEST_TAGS);
        let tags = u16::try_from(tags).unwrap_or(u16::MAX);
        let lane = Lane::new(Mux::new(tags, self.0.lane().await?));
        let negotiate = Tmessage::Version(Tversion {
            msize: MSIZE,
            version: PROTOCOL_VERSION.to_owned(),
        });
        match call(&lane, negotiate).await? {
            Rmessage::Version(answer) if answer.version == PROTOCOL_VERSION => Ok(lane),
            other => bail!("the server does not take the version: {other:?}"),
        }
    }
}

async fn call(lane: &Lane, message: Tmessage) -> Result<Rmessage> {
    let answer = lane.rpc(Context::default(), message).await.await;
    Ok(answer.map_err(|error| anyhow!("{}", error.message()))?.msg)
}

async fn echo(lane: &Lane, data: Arc<Vec<u8>>) -> Result<()> {
    let request = Tmessage::Blob(Tblob {
        data: Data(data.to_vec()),
    });
    match call(lane, request).await? {
        Rmessage::Blob(answer) => {
            ensure!(answer.0.0 == *data, "the answer differs from the call");
            Ok(())
        }
        _ => bail!("the call was answered by something else"),
    }
}

impl Bench for Rpc {
    async fn run(
        &mut self,
        workload: &Workload,
        mut recorders: Vec<Recorder>,
    ) -> Result<Vec<Recorder>> {
        let &Workload::Rpc { calls, size, .. } = workload else {
            bail!(Unsupported("there is nothing but RPC here"));
        };
        let data = Arc::new(workload::request(size).to_vec());
        let mut left = calls;
        while left > 0 {
            let part = left.min(CALLS_PER_LANE);
            left -= part;
            let lane = self.lane(recorders.len()).await?;
            recorders = callers::run(
                Arc::new(Budget::of(part)),
                recorders,
                |_| (lane.clone(), data.clone()),
                |(lane, data)| async move {
                    echo(&lane, data.clone()).await?;
                    Ok((lane, data))
                },
            )
            .await?;
        }
        Ok(recorders)
    }

    async fn close(self) {
        self.0.close().await;
    }
}
