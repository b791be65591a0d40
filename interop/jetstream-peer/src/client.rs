//! The client: makes every kind of call and checks the answers.

use crate::Transport;
use crate::random::Random;
use anyhow::{Context as _, Result, anyhow, ensure};
use clap::{Args, ValueEnum};
use jetstream_peer::connection::Connection;
use jetstream_peer::service::nowhere_protocol::NowhereChannel;
use jetstream_peer::service::peer_protocol::{
    PROTOCOL_VERSION, PeerChannel, Rmessage, Thold, Tmessage,
};
use jetstream_peer::service::second_protocol::SecondChannel;
use jetstream_peer::service::{Peer, Second};
use jetstream_peer::types::{Failure, Names};
use jetstream_peer::{s2n, tls};
use jetstream_rpc::context::Context;
use jetstream_rpc::{Error, Mux, Tversion};
use jetstream_wireformat::{Data, WireFormat};
use quinn::{ClientConfig, Endpoint};
use serde::Serialize;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Calls at once on a lane; as few as make the tags go round.
const TAGS: u16 = 16;
/// As the Rust examples say.
const MSIZE: u32 = u32::MAX;

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Service {
    Peer,
    /// One that no server has.
    Nowhere,
}

/// The server, and how to reach it.
#[derive(Args)]
pub struct Target {
    #[command(flatten)]
    tls: tls::Options,
    /// What carries the frames.
    #[arg(long, value_enum, default_value = "quinn")]
    transport: Transport,
    /// Address of the server.
    #[arg(long, value_name = "ADDRESS")]
    connect: SocketAddr,
    /// Name that the server's certificate must carry.
    #[arg(long, value_name = "NAME", default_value = "localhost")]
    server_name: String,
    /// Time allowed for everything together.
    #[arg(long, value_name = "N", default_value_t = 60)]
    timeout_seconds: u64,
}

#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    /// Service to ask for.
    #[arg(long, value_enum, default_value = "peer")]
    service: Service,
    /// Random values to send on each lane and to compare with what comes back.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    values: u32,
    /// Lanes at once.
    #[arg(long, value_name = "N", default_value_t = 4)]
    lanes: u32,
    /// Bytes of the largest data that is sent.
    #[arg(long, value_name = "N", default_value_t = 1 << 20)]
    blob: usize,
    /// Seed of the random values.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

#[derive(Serialize)]
struct Outcome {
    ok: bool,
    /// Version text that the server answered by, and its limit of a frame.
    version: String,
    msize: u32,
    values: u32,
    lanes: u32,
    order: Vec<u32>,
    /// The error frame's payload in hexadecimal, as this end writes it again.
    error: String,
    error_text: String,
    names: Names,
    second: String,
}

/// Makes all calls and prints the outcome.
pub async fn run(options: Options) -> Result<()> {
    let outcome = options.target.within(check(&options)).await?;
    println!("{}", serde_json::to_string(&outcome)?);
    Ok(())
}

impl Target {
    /// What comes out in the time that is allowed.
    pub async fn within<T>(&self, doing: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::time::timeout(Duration::from_secs(self.timeout_seconds), doing)
            .await
            .map_err(|_| anyhow!("not done after {} seconds", self.timeout_seconds))?
    }

    pub async fn open(&self) -> Result<Connection> {
        self.connection()
            .await
            .with_context(|| format!("cannot connect to {}", self.connect))
    }

    async fn connection(&self) -> Result<Connection> {
        match self.transport {
            Transport::Quinn => {
                let endpoint = Endpoint::client((Ipv4Addr::UNSPECIFIED, 0).into())?;
                let config = ClientConfig::new(Arc::new(self.tls.quinn_client()?));
                let connection = endpoint
                    .connect_with(config, self.connect, &self.server_name)?
                    .await?;
                Ok(Connection::Quinn(endpoint, connection))
            }
            Transport::S2n => {
                let (client, handle) =
                    s2n::connect(&self.tls, self.connect, &self.server_name).await?;
                Ok(Connection::S2n(client, handle))
            }
        }
    }
}

pub fn failed(error: Error) -> anyhow::Error {
    anyhow!("{}", error.message())
}

async fn check(options: &Options) -> Result<Outcome> {
    let connection = options.target.open().await?;
    if options.service == Service::Nowhere {
        NowhereChannel::new(TAGS, connection.lane().await?)
            .negotiate_version(MSIZE)
            .await
            .map_err(failed)?;
        return Err(anyhow!("a service that is not there was accepted"));
    }
    let channel = PeerChannel::new(TAGS, connection.lane().await?);
    let version = channel.negotiate_version(MSIZE).await.map_err(failed)?;

    let mut lanes = JoinSet::new();
    for lane in 0..options.lanes {
        let channel = PeerChannel::new(TAGS, connection.lane().await?);
        let seed = options.seed.wrapping_add(u64::from(lane));
        lanes.spawn(values(channel, seed, options.values));
    }
    while let Some(lane) = lanes.join_next().await {
        lane??;
    }

    let (error, error_text) = failure(&connection).await?;
    let outcome = Outcome {
        ok: true,
        version: version.version,
        msize: version.msize,
        values: options.values,
        lanes: options.lanes,
        order: out_of_order(&connection).await?,
        error,
        error_text,
        names: names(&connection).await?,
        second: second(&connection).await?,
    };
    simple(&connection, options.blob).await?;
    connection.close().await;
    Ok(outcome)
}

async fn peer(connection: &Connection) -> Result<PeerChannel> {
    let channel = PeerChannel::new(TAGS, connection.lane().await?);
    let version = channel.negotiate_version(MSIZE).await.map_err(failed)?;
    ensure!(
        version.version == PROTOCOL_VERSION,
        "the server's version is {}",
        version.version
    );
    Ok(channel)
}

async fn values(mut channel: PeerChannel, seed: u64, count: u32) -> Result<()> {
    channel.negotiate_version(MSIZE).await.map_err(failed)?;
    let mut random = Random::new(seed);
    for index in 0..count {
        let value = random.everything();
        let back = channel.everything(value.clone()).await.map_err(failed)?;
        ensure!(
            back == value,
            "value {index} of seed {seed} came back as another: {back:?} instead of {value:?}"
        );
    }
    Ok(())
}

/// A lane without the stubs: several calls at once.
pub async fn mux(connection: &Connection) -> Result<Mux<PeerChannel>> {
    let mux = Mux::<PeerChannel>::new(TAGS, connection.lane().await?);
    let negotiate = Tmessage::Version(Tversion {
        msize: MSIZE,
        version: PROTOCOL_VERSION.to_owned(),
    });
    mux.rpc(Context::default(), negotiate)
        .await
        .await
        .map_err(failed)?;
    Ok(mux)
}

/// Two calls on one lane that are answered in the opposite order.
async fn out_of_order(connection: &Connection) -> Result<Vec<u32>> {
    let channel = peer(connection).await?;
    let mux = mux(connection).await?;
    let hold = |key| Tmessage::Hold(Thold { key });
    let first = mux.rpc(Context::default(), hold(1)).await;
    let second = mux.rpc(Context::default(), hold(2)).await;
    let mut releasing = channel;
    releasing.release(2).await.map_err(failed)?;
    let second = second.await.map_err(failed)?;
    releasing.release(1).await.map_err(failed)?;
    let first = first.await.map_err(failed)?;
    [second, first]
        .into_iter()
        .map(|frame| match frame.msg {
            Rmessage::Hold(key) => Ok(key.0),
            other => Err(anyhow!("hold was answered by {other:?}")),
        })
        .collect()
}

async fn failure(connection: &Connection) -> Result<(String, String)> {
    let mut channel = peer(connection).await?;
    let asked = Failure {
        message: "refused: ü".to_owned(),
        code: Some("peer::E1".to_owned()),
        help: Some("ask again".to_owned()),
        url: Some("https://example.org/E1".to_owned()),
    };
    let Err(error) = channel.fail(asked.clone()).await else {
        return Err(anyhow!("a call that must fail did not"));
    };
    let told = Failure {
        message: error.message().to_owned(),
        code: error.code().map(str::to_owned),
        help: error.help_text().map(str::to_owned),
        url: error.url().map(str::to_owned),
    };
    ensure!(told == asked, "asked for {asked:?}, got {told:?}");
    let mut bytes = Vec::new();
    error.encode(&mut bytes)?;
    let hexadecimal = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // The lane is as good as before.
    channel.nothing().await.map_err(failed)?;
    Ok((hexadecimal, error.to_string()))
}

async fn names(connection: &Connection) -> Result<Names> {
    let mut channel = peer(connection).await?;
    channel.who_am_i(Context::default()).await.map_err(failed)
}

async fn second(connection: &Connection) -> Result<String> {
    let mut channel = SecondChannel::new(TAGS, connection.lane().await?);
    channel.negotiate_version(MSIZE).await.map_err(failed)?;
    channel.name().await.map_err(failed)
}

async fn simple(connection: &Connection, blob: usize) -> Result<()> {
    let mut channel = peer(connection).await?;
    channel.nothing().await.map_err(failed)?;
    let sum = channel.add(40, 2).await.map_err(failed)?;
    ensure!(sum == 42, "40 + 2 is {sum}");
    for text in [String::new(), "x".repeat(65_535)] {
        let back = channel.text(text.clone()).await.map_err(failed)?;
        ensure!(back == text, "a text of {} bytes is another", text.len());
    }
    let data = Data((0..blob).map(|index| index as u8).collect());
    let back = channel.blob(data.clone()).await.map_err(failed)?;
    ensure!(back == data, "data of {blob} bytes is another");
    Ok(())
}
