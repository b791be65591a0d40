//! The UDP socket of an endpoint, made here so that its buffers are large and known.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};

use s2n_quic::provider::io::tokio::{Builder, Provider};
use socket2::{Domain, Protocol, Socket, Type};
use tokio::runtime::Runtime;

use crate::{
    abi::{JETSTREAM_CONFIG_REUSE_PORT, jetstream_address},
    config::Settings,
    error::Failure,
    inherited::{self, Hold},
};

pub struct Bound {
    pub socket: UdpSocket,
    pub address: SocketAddr,
    pub receive_buffer: u64,
    pub send_buffer: u64,
    pub hold: Hold,
}

/// Binds the socket that the settings say, or takes the one that they have inherited.
pub fn open(settings: &Settings) -> Result<Bound, Failure> {
    let inherited = settings.inherited;
    let (socket, address) = match inherited {
        Some(descriptor) => take(settings, descriptor)?,
        None => bind(settings)?,
    };
    let failed = |error: std::io::Error| Failure::io("read the size of the socket's buffers", &error);
    Ok(Bound {
        receive_buffer: socket.recv_buffer_size().map_err(failed)? as u64,
        send_buffer: socket.send_buffer_size().map_err(failed)? as u64,
        hold: Hold::new(&socket, inherited)?,
        socket: socket.into(),
        address,
    })
}

fn bind(settings: &Settings) -> Result<(Socket, SocketAddr), Failure> {
    let address = settings.bind;
    let doing = format!("bind {address}");
    let failed = |error: std::io::Error| Failure::io(&doing, &error);
    let socket =
        Socket::new(Domain::for_address(address), Type::DGRAM.nonblocking(), Some(Protocol::UDP)).map_err(failed)?;
    if let SocketAddr::V6(v6) = address {
        // The wildcard takes both families; a given IPv6 address takes its own.
        socket.set_only_v6(!v6.ip().is_unspecified()).map_err(failed)?;
    }
    ask_buffers(&socket, settings);
    if settings.raw.flags & JETSTREAM_CONFIG_REUSE_PORT != 0 {
        #[cfg(unix)]
        socket.set_reuse_port(true).map_err(failed)?;
        #[cfg(not(unix))]
        return Err(Failure::argument("this system has no SO_REUSEPORT: endpoints cannot share a port"));
    }
    socket.bind(&address.into()).map_err(failed)?;
    if settings.raw.endpoint_count > 1 {
        steer(&socket, settings.raw.endpoint_count)?;
    }
    let address = socket.local_addr().map_err(failed)?.as_socket().unwrap_or(address);
    Ok((socket, address))
}

/// Makes the inherited socket one like those that are bound here, whatever was done with it before.
fn take(settings: &Settings, descriptor: i32) -> Result<(Socket, SocketAddr), Failure> {
    let (socket, address) = inherited::duplicate(descriptor)?;
    let doing = format!("set up the socket of descriptor {descriptor}");
    let failed = |error: std::io::Error| Failure::io(&doing, &error);
    if settings.raw.endpoint_count > 1 {
        if !socket.reuse_port().map_err(failed)? {
            let what = "was bound without SO_REUSEPORT, which endpoints of one port need (in systemd: ReusePort)";
            return Err(inherited::refused(descriptor, what));
        }
        steer(&socket, settings.raw.endpoint_count)?;
    }
    socket.set_nonblocking(true).map_err(failed)?;
    ask_buffers(&socket, settings);
    // s2n-quic turns receive offload on, but never off: with it, what whoever had the socket before left on would come
    // in packets larger than there is room for.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if !settings.gro {
        set(&socket, libc::SOL_UDP, libc::UDP_GRO, &0).map_err(failed)?;
    }
    Ok((socket, address))
}

/// The kernel gives less than asked above its limit, which is no failure: what it gave is read back.
fn ask_buffers(socket: &Socket, settings: &Settings) {
    if settings.raw.socket_receive_buffer > 0 {
        let _ = socket.set_recv_buffer_size(settings.raw.socket_receive_buffer as usize);
    }
    if settings.raw.socket_send_buffer > 0 {
        let _ = socket.set_send_buffer_size(settings.raw.socket_send_buffer as usize);
    }
}

/// s2n-quic's half of the socket.
pub fn provider(settings: &Settings, socket: UdpSocket, runtime: &Runtime) -> std::io::Result<Provider> {
    Builder::default()
        .with_handle(runtime.handle().clone())
        .with_rx_socket(socket)?
        .with_gso(settings.gso)?
        .with_gro(settings.gro)?
        .with_max_mtu(settings.raw.max_mtu)?
        .with_initial_mtu(settings.raw.initial_mtu)?
        .with_internal_recv_buffer_size(settings.raw.receive_ring as usize)?
        .build()
}

/// Sends each packet to the endpoint whose index is in its connection id, by a program in the kernel: by the address,
/// as the kernel would do it, a client whose address changes would come to an endpoint that does not know it, and that
/// has the right to reset it.
///
/// The kernel counts the sockets of a port in the order in which they were bound, which is that of their indexes.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn steer(socket: &Socket, count: u8) -> Result<(), Failure> {
    use socket2::SockFilter;
    // Classic BPF, of linux/bpf_common.h: class, size and mode of each instruction.
    const LOAD_BYTE: u16 = 0x30; // BPF_LD | BPF_B | BPF_ABS
    const JUMP_IF_SET: u16 = 0x45; // BPF_JMP | BPF_JSET | BPF_K
    const REMAINDER: u16 = 0x94; // BPF_ALU | BPF_MOD | BPF_K
    const RETURN_A: u16 = 0x16; // BPF_RET | BPF_A
    // RFC 9000 section 17: the id follows the first byte in a short header, and in a long one the first byte, the
    // version and the length of the id. A client's first packets have an id of its own making, the same in all.
    let in_short = 1 + crate::ids::INDEX_AT as u32;
    let in_long = 1 + 4 + 1 + crate::ids::INDEX_AT as u32;
    let program = [
        SockFilter::new(LOAD_BYTE, 0, 0, 0),
        SockFilter::new(JUMP_IF_SET, 0, 2, 0x80),
        SockFilter::new(LOAD_BYTE, 0, 0, in_long),
        SockFilter::new(0x05, 0, 0, 1), // BPF_JMP | BPF_JA
        SockFilter::new(LOAD_BYTE, 0, 0, in_short),
        SockFilter::new(REMAINDER, 0, 0, u32::from(count)),
        SockFilter::new(RETURN_A, 0, 0, 0),
    ];
    attach(socket, &program).map_err(|error| Failure::io("steer packets to the endpoints of a port", &error))
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn steer(_: &Socket, count: u8) -> Result<(), Failure> {
    Err(Failure::argument(format!("endpoint_count is {count}: only Linux can steer packets to endpoints of one port")))
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn attach(socket: &Socket, program: &[socket2::SockFilter]) -> std::io::Result<()> {
    // socket2's filters are the system's by layout (`repr(transparent)`); the kernel reads `len` of them.
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut().cast() };
    set(socket, libc::SOL_SOCKET, libc::SO_ATTACH_REUSEPORT_CBPF, &program)
}

/// An option that socket2 has not. `value` is of the C type that the option takes.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn set<T>(socket: &Socket, level: i32, option: i32, value: &T) -> std::io::Result<()> {
    use std::os::fd::AsRawFd;
    // SAFETY: the kernel reads no more than the size of `value`; what a filter in it points to is its caller's slice.
    let answer = unsafe {
        let value = std::ptr::from_ref(value).cast();
        libc::setsockopt(socket.as_raw_fd(), level, option, value, size_of::<T>() as u32)
    };
    if answer == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
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
