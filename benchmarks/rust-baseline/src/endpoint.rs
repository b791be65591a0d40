//! Sockets and limits, the same for client, server and every runtime mode.

use crate::runtime::Mode;
use anyhow::{Context, Result, anyhow};
use clap::Args;
use s2n_quic::provider::io::tokio::{Builder, Provider};
use s2n_quic::provider::limits::Limits;
use socket2::{Domain, Protocol, Socket, Type};
use std::net::{SocketAddr, UdpSocket};
use tokio::runtime::Handle;

#[derive(Args)]
pub struct Options {
    /// Where endpoint and application run.
    #[arg(long, value_enum, default_value = "multi")]
    pub runtime: Mode,
    /// Largest IP packet to probe for; s2n-quic's default is 1500.
    #[arg(long, value_name = "BYTES")]
    mtu: Option<u16>,
    /// Size to ask the kernel for, for each of the socket's two buffers; 0 keeps its default.
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 20)]
    socket_buffer: usize,
    /// Flow-control window of the connection and of each stream; s2n-quic's default when absent.
    #[arg(long, value_name = "BYTES")]
    data_window: Option<u64>,
    /// Bytes that a stream buffers until they are acknowledged; s2n-quic's default when absent.
    #[arg(long, value_name = "BYTES")]
    max_send_buffer: Option<u32>,
    /// Bidirectional streams open at once, each way; s2n-quic's default when absent.
    #[arg(long, value_name = "N")]
    streams: Option<u64>,
    /// Size of the pieces in which bulk data is handed to s2n-quic.
    #[arg(long, value_name = "BYTES", default_value = "65536",
          value_parser = clap::value_parser!(u32).range(1..))]
    pub chunk: u32,
}

impl Options {
    pub fn io(&self, address: SocketAddr, runtime: &Handle) -> Result<Provider> {
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
    fn socket(&self, address: SocketAddr) -> Result<UdpSocket> {
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

    pub fn limits(&self) -> Result<Limits> {
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
}
