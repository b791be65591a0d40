//! Sockets and limits, the same for client, server, every transport and every runtime mode.

use crate::runtime::Mode;
use crate::transport::Transport;
use anyhow::{Context, Result, anyhow};
use clap::Args;
use quinn::{MtuDiscoveryConfig, TransportConfig, VarInt};
use s2n_quic::provider::io::tokio::{Builder, Provider};
use s2n_quic::provider::limits::Limits;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::time::Duration;
use tokio::runtime::Handle;

/// s2n-quic's default.
pub const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// What a packet has before the payload of UDP over IPv4.
const HEADERS: u16 = 28;

#[derive(Args)]
pub struct Options {
    /// What is measured.
    #[arg(long, value_enum, default_value = "s2n")]
    pub transport: Transport,
    /// Where endpoint and application run.
    #[arg(long, value_enum, default_value = "multi")]
    pub runtime: Mode,
    /// Largest IP packet to probe for; the transports' default is 1500.
    #[arg(long, value_name = "BYTES")]
    mtu: Option<u16>,
    /// Size to ask the kernel for, for each of the socket's two buffers; 0 keeps its default.
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 20)]
    socket_buffer: usize,
    /// Flow-control window of the connection and of each stream; the transport's default when absent.
    #[arg(long, value_name = "BYTES")]
    data_window: Option<u64>,
    /// Bytes that a stream of s2n-quic buffers until they are acknowledged; quinn has a limit for a whole connection,
    /// which stays at its default of 10 MB.
    #[arg(long, value_name = "BYTES")]
    max_send_buffer: Option<u32>,
    /// Bidirectional streams open at once, each way; the transport's default when absent.
    #[arg(long, value_name = "N")]
    streams: Option<u64>,
    /// Size of the pieces in which bulk data is handed to the transport.
    #[arg(long, value_name = "BYTES", default_value = "65536",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub chunk: u32,
}

impl Options {
    pub fn s2n_io(&self, address: SocketAddr, runtime: &Handle) -> Result<Provider> {
        let mut io = Builder::default()
            .with_handle(runtime.clone())
            .with_rx_socket(self.socket(address)?)?;
        if let Some(mtu) = self.mtu {
            io = io
                .with_max_mtu(mtu)
                .with_context(|| format!("cannot use an MTU of {mtu}"))?;
        }
        Ok(io.build()?)
    }

    /// One socket for both ways, as s2n-quic makes it, but with the buffers that were asked for.
    pub fn socket(&self, address: SocketAddr) -> Result<UdpSocket> {
        let socket = Socket::new(
            Domain::for_address(address),
            Type::DGRAM,
            Some(Protocol::UDP),
        )
        .context("cannot make a UDP socket")?;
        if self.socket_buffer > 0 {
            socket.set_recv_buffer_size(self.socket_buffer)?;
            socket.set_send_buffer_size(self.socket_buffer)?;
        }
        socket
            .bind(&address.into())
            .with_context(|| format!("cannot bind {address}"))?;
        // The kernel cuts the size at a limit without a word, and Linux reports twice the size.
        eprintln!(
            "socket buffers: asked for {}, got {} to receive and {} to send",
            self.socket_buffer,
            socket.recv_buffer_size()?,
            socket.send_buffer_size()?
        );
        Ok(socket.into())
    }

    pub fn s2n_limits(&self) -> Result<Limits> {
        let out_of_range = |error| anyhow!("a limit is out of range: {error}");
        let mut limits = Limits::new();
        if let Some(window) = self.data_window {
            limits = limits
                .with_data_window(window)
                .and_then(|limits| limits.with_bidirectional_local_data_window(window))
                .and_then(|limits| limits.with_bidirectional_remote_data_window(window))
                .and_then(|limits| limits.with_unidirectional_data_window(window))
                .map_err(out_of_range)?;
        }
        if let Some(bytes) = self.max_send_buffer {
            limits = limits
                .with_max_send_buffer_size(bytes)
                .map_err(out_of_range)?;
        }
        if let Some(streams) = self.streams {
            limits = limits
                .with_max_open_local_bidirectional_streams(streams)
                .and_then(|limits| limits.with_max_open_remote_bidirectional_streams(streams))
                .map_err(out_of_range)?;
        }
        Ok(limits)
    }

    /// What the datagrams may carry.
    pub fn udp_payload(&self) -> Result<u16> {
        let mtu = self.mtu.unwrap_or(1500);
        mtu.checked_sub(HEADERS)
            .with_context(|| format!("cannot use an MTU of {mtu}"))
    }

    pub fn quinn_transport(&self) -> Result<TransportConfig> {
        let mut transport = TransportConfig::default();
        let mut discovery = MtuDiscoveryConfig::default();
        discovery.upper_bound(self.udp_payload()?);
        transport.mtu_discovery_config(Some(discovery));
        if let Some(window) = self.data_window {
            let window = VarInt::from_u64(window).context("the window is out of range")?;
            transport
                .receive_window(window)
                .stream_receive_window(window);
        }
        if let Some(streams) = self.streams {
            let streams = VarInt::from_u64(streams).context("too many streams")?;
            transport.max_concurrent_bidi_streams(streams);
        }
        Ok(transport)
    }
}

/// Where a client of `peer` binds.
pub fn any_address(peer: SocketAddr) -> SocketAddr {
    match peer {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    }
}
