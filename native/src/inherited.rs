//! A UDP socket that another process bound: systemd, or the one that this process replaces.
//!
//! An endpoint reads a duplicate of the caller's descriptor, so that until the endpoint runs a failure can give back all
//! that was made and leave the descriptor as it was. From then on the descriptor is the endpoint's as well: its number
//! stays taken, and is closed last.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
    sync::{Mutex, MutexGuard, PoisonError},
};

use socket2::Socket;

use crate::{abi::JETSTREAM_STATUS_BAD_SOCKET, error::Failure};

/// Those below are standard input, output and error.
const FIRST: RawFd = 3;

/// The sockets that endpoints of this process read.
static READ: Mutex<BTreeSet<Identity>> = Mutex::new(BTreeSet::new());

/// What tells a socket from others, whichever of its descriptors is asked; where the system has no such thing, the
/// descriptor.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Identity {
    #[cfg(target_os = "linux")]
    Cookie(u64),
    Descriptor(RawFd),
}

impl Identity {
    fn of(socket: &Socket, descriptor: RawFd) -> Self {
        #[cfg(target_os = "linux")]
        if let Ok(cookie) = socket.cookie() {
            return Self::Cookie(cookie);
        }
        let _ = socket;
        Self::Descriptor(descriptor)
    }
}

fn read() -> MutexGuard<'static, BTreeSet<Identity>> {
    // Whole whenever the lock is free, also after a panic.
    READ.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An endpoint's word that it alone reads its socket, and the descriptor that it inherited.
pub struct Hold {
    identity: Identity,
    inherited: Option<RawFd>,
    owned: Option<Socket>,
}

impl Hold {
    /// For a socket that was made here, or for the duplicate of `inherited`.
    pub fn new(socket: &Socket, inherited: Option<RawFd>) -> Result<Self, Failure> {
        let descriptor = inherited.unwrap_or_else(|| socket.as_raw_fd());
        let identity = Identity::of(socket, descriptor);
        if !read().insert(identity) {
            return Err(in_use(descriptor));
        }
        Ok(Self { identity, inherited, owned: None })
    }

    /// From now on the inherited descriptor is closed with the endpoint, and no child of this process inherits it.
    pub fn own(&mut self) {
        if let Some(descriptor) = self.inherited {
            // SAFETY: `duplicate` found it open, and the caller gave it away with the call that starts the endpoint.
            // Nothing else in this library owns it: `READ` has its socket once.
            let socket = unsafe { Socket::from_raw_fd(descriptor) };
            // Cannot fail on an open descriptor; and if it did, a child would only keep the port.
            let _ = socket.set_cloexec(true);
            self.owned = Some(socket);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        // In this order: who is told that the socket is free must not find a descriptor that is about to be closed.
        drop(self.owned.take());
        read().remove(&self.identity);
    }
}

/// A duplicate of the caller's descriptor, when an endpoint can be opened on it, and the address that it is bound to.
pub fn duplicate(descriptor: RawFd) -> Result<(Socket, SocketAddr), Failure> {
    if descriptor < FIRST {
        return Err(Failure::argument(format!("the descriptor of a socket is {descriptor}, must be {FIRST} or more")));
    }
    let socket = open_duplicate(descriptor)?;
    let address = check(&socket).map_err(|what| refused(descriptor, &what))?;
    if read().contains(&Identity::of(&socket, descriptor)) {
        return Err(in_use(descriptor));
    }
    Ok((socket, address))
}

/// What is wrong with the socket, in words that go on from its descriptor.
fn check(socket: &Socket) -> Result<SocketAddr, String> {
    match socket.r#type() {
        Ok(socket2::Type::DGRAM) => {}
        Ok(other) => {
            return Err(format!("is a socket of type {other:?}, must be of datagrams (in systemd: ListenDatagram)"));
        }
        Err(_) => return Err("is not a socket".into()),
    }
    let Some(address) = socket.local_addr().ok().and_then(|address| address.as_socket()) else {
        return Err("is a socket of another family than IPv4 and IPv6".into());
    };
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    match socket.protocol() {
        Ok(None | Some(socket2::Protocol::UDP)) => {}
        Ok(Some(other)) => return Err(format!("is a socket of protocol {}, must be UDP", i32::from(other))),
        Err(error) => return Err(format!("does not tell its protocol: {error}")),
    }
    if address.port() == 0 {
        return Err("is not bound to a port".into());
    }
    if let Ok(peer) = socket.peer_addr() {
        let peer = peer.as_socket().map_or_else(String::new, |peer| format!(" to {peer}"));
        return Err(format!("is connected{peer}, must be free to hear from all"));
    }
    Ok(address)
}

fn open_duplicate(descriptor: RawFd) -> Result<Socket, Failure> {
    // SAFETY: takes any number, and answers EBADF for one that is not open.
    let copy = unsafe { libc::fcntl(descriptor, libc::F_DUPFD_CLOEXEC, FIRST) };
    if copy >= 0 {
        // SAFETY: made by the call above, so open and nobody's.
        return Ok(unsafe { OwnedFd::from_raw_fd(copy) }.into());
    }
    match std::io::Error::last_os_error() {
        error if error.raw_os_error() == Some(libc::EBADF) => Err(refused(descriptor, "is not open")),
        error => Err(Failure::io(&format!("duplicate descriptor {descriptor}"), &error)),
    }
}

pub fn refused(descriptor: RawFd, what: &str) -> Failure {
    Failure::new(JETSTREAM_STATUS_BAD_SOCKET, format!("descriptor {descriptor} {what}"))
}

fn in_use(descriptor: RawFd) -> Failure {
    refused(descriptor, "is a socket that an endpoint of this process reads already")
}
