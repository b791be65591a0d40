//! The UDP socket of an endpoint, made here so that its buffers are large and known.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};

use socket2::{Domain, Protocol, Socket, Type};

use crate::{abi::jetstream_address, error::Failure};

pub struct Bound {
    pub socket: UdpSocket,
    pub address: SocketAddr,
    pub receive_buffer: u64,
    pub send_buffer: u64,
}

pub fn bind(address: SocketAddr, receive_buffer: u32, send_buffer: u32) -> Result<Bound, Failure> {
    let doing = format!("bind {address}");
    let failed = |error: std::io::Error| Failure::io(&doing, &error);
    let socket =
        Socket::new(Domain::for_address(address), Type::DGRAM.nonblocking(), Some(Protocol::UDP)).map_err(failed)?;
    if let SocketAddr::V6(v6) = address {
        // The wildcard takes both families; a given IPv6 address takes its own.
        socket.set_only_v6(!v6.ip().is_unspecified()).map_err(failed)?;
    }
    // The kernel gives less than asked above its limit, which is no failure: what it gave is read back.
    if receive_buffer > 0 {
        let _ = socket.set_recv_buffer_size(receive_buffer as usize);
    }
    if send_buffer > 0 {
        let _ = socket.set_send_buffer_size(send_buffer as usize);
    }
    socket.bind(&address.into()).map_err(failed)?;
    let address = socket.local_addr().map_err(failed)?.as_socket().unwrap_or(address);
    Ok(Bound {
        receive_buffer: socket.recv_buffer_size().map_err(failed)? as u64,
        send_buffer: socket.send_buffer_size().map_err(failed)? as u64,
        socket: socket.into(),
        address,
    })
}

pub fn from_abi(address: &jetstream_address, name: &str) -> Result<SocketAddr, Failure> {
    let ip = match address.family {
        4 => {
            let [a, b, c, d, ..] = address.ip;
            IpAddr::V4(Ipv4Addr::new(a, b, c, d))
        }
        6 => return Ok(SocketAddrV6::new(Ipv6Addr::from(address.ip), address.port, 0, address.scope_id).into()),
        other => return Err(Failure::argument(format!("{name}.family is {other}, must be 4 or 6"))),
    };
    Ok(SocketAddr::new(ip, address.port))
}

/// An IPv4 peer of a dual-stack socket is told as what it is.
pub fn to_abi(address: SocketAddr) -> jetstream_address {
    let mut ip = [0; 16];
    let scope_id = match address {
        SocketAddr::V4(_) => 0,
        SocketAddr::V6(v6) => v6.scope_id(),
    };
    let family = match address.ip().to_canonical() {
        IpAddr::V4(v4) => {
            ip[..4].copy_from_slice(&v4.octets());
            4
        }
        IpAddr::V6(v6) => {
            ip = v6.octets();
            6
        }
    };
    jetstream_address { ip, scope_id, port: address.port(), family, reserved: 0 }
}

/// The peer's address as a socket bound to `local` must write it.
pub fn reach(local: SocketAddr, peer: SocketAddr) -> Result<SocketAddr, Failure> {
    match (local, peer) {
        (SocketAddr::V6(_), SocketAddr::V4(v4)) => Ok(SocketAddr::new(IpAddr::V6(v4.ip().to_ipv6_mapped()), v4.port())),
        (SocketAddr::V4(_), SocketAddr::V6(v6)) => Err(Failure::argument(format!(
            "peer {v6} is an IPv6 address, the endpoint is bound to IPv4 address {local}"
        ))),
        _ => Ok(peer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_the_way_there_and_back() {
        for text in ["127.0.0.1:443", "[::1]:65535", "0.0.0.0:0", "[2001:db8::1]:1"] {
            let address: SocketAddr = text.parse().expect("legal");
            assert_eq!(from_abi(&to_abi(address), "bind").expect("legal"), address);
        }
    }

    #[test]
    fn a_mapped_address_is_told_as_ipv4() {
        let mapped: SocketAddr = "[::ffff:192.0.2.7]:9".parse().expect("legal");
        let abi = to_abi(mapped);
        assert_eq!((abi.family, &abi.ip[..4]), (4, &[192, 0, 2, 7][..]));
    }
}
