//! Endpoints on sockets that were bound by somebody else.

mod support;

use std::{
    mem::ManuallyDrop,
    net::{TcpListener, UdpSocket},
    os::{
        fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, RawFd},
        unix::net::UnixDatagram,
    },
    path::PathBuf,
};

use socket2::{Domain, Protocol, Socket, Type};
use support::*;

fn bound() -> Socket {
    UdpSocket::bind("127.0.0.1:0").expect("a free port").into()
}

fn port(socket: &Socket) -> u16 {
    socket.local_addr().expect("bound").as_socket().expect("IP").port()
}

/// What the descriptor is at the moment: in Linux a name that no other socket ever has.
fn meaning(descriptor: RawFd) -> Option<PathBuf> {
    std::fs::read_link(format!("/proc/self/fd/{descriptor}")).ok()
}

fn inspect(descriptor: RawFd) -> Result<jetstream_address, Fault> {
    let mut address = loopback(0);
    // SAFETY: the output is valid.
    done(|err| unsafe { jetstream_socket_inspect(descriptor, &mut address, err) })?;
    Ok(address)
}

fn server_on(descriptor: RawFd) -> Config {
    Config::server().set(|raw| raw.inherited_socket = descriptor)
}

/// Refused by each call alike, by its number and with what is wrong, and left as it was.
fn refused(descriptor: RawFd, status: i32, what: &str) {
    let before = meaning(descriptor);
    for fault in [
        inspect(descriptor).err().unwrap_or_else(|| panic!("{what}: not refused")),
        server_on(descriptor).open_server().err().unwrap_or_else(|| panic!("{what}: a server was opened")),
        Config::client()
            .set(|raw| raw.inherited_socket = descriptor)
            .open_client()
            .err()
            .unwrap_or_else(|| panic!("{what}: a client was opened")),
    ] {
        assert_eq!(fault.status, status, "{fault:?}");
        assert!(fault.message.contains(&format!("{descriptor}")) && fault.message.contains(what), "{fault:?}");
    }
    assert_eq!(meaning(descriptor), before, "{what}");
}

fn bad(socket: &impl AsRawFd, what: &str) {
    refused(socket.as_raw_fd(), JETSTREAM_STATUS_BAD_SOCKET, what);
}

#[test]
fn what_no_endpoint_can_read_is_refused_and_stays_open() {
    for descriptor in [1, 2, -1, i32::MIN] {
        refused(descriptor, JETSTREAM_STATUS_INVALID_ARGUMENT, "must be 3 or more");
    }
    assert_eq!(inspect(0).err().expect("standard input").status, JETSTREAM_STATUS_INVALID_ARGUMENT);
    refused(i32::MAX, JETSTREAM_STATUS_BAD_SOCKET, "is not open");
    bad(&std::fs::File::open("/dev/null").expect("there is one"), "is not a socket");
    bad(&TcpListener::bind("127.0.0.1:0").expect("a free port"), "ListenDatagram");
    bad(&UnixDatagram::unbound().expect("a socket"), "another family");
    bad(&Socket::new(Domain::IPV6, Type::DGRAM, None).expect("a socket"), "is not bound");
    let (connected, peer) = (bound(), bound());
    connected.connect(&peer.local_addr().expect("bound")).expect("UDP connects at once");
    bad(&connected, &format!("is connected to 127.0.0.1:{}", port(&peer)));
}

#[test]
fn datagrams_of_another_protocol_are_refused() {
    match Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDPLITE)) {
        Ok(lite) => {
            lite.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().expect("legal").into()).expect("a free port");
            bad(&lite, "is a socket of protocol 136");
        }
        Err(error) => eprintln!("not tested: this kernel has no UDP-Lite: {error}"),
    }
}

#[test]
fn an_endpoint_serves_on_an_inherited_socket_and_closes_it() {
    let socket = bound();
    socket.set_cloexec(false).expect("open");
    socket.set_nonblocking(false).expect("open");
    let (port, descriptor) = (port(&socket), socket.into_raw_fd());
    let before = meaning(descriptor);
    assert_eq!(inspect(descriptor).expect("fits").port, port);
    let server = server_on(descriptor).open_server().expect("server");
    assert_eq!(server.port(), port);
    let client_socket = bound();
    let client = Config::client().set(|raw| raw.inherited_socket = client_socket.as_raw_fd()).open_client();
    let client = client.expect("client");
    assert_eq!(client.port(), self::port(&client_socket));
    let _the_clients = client_socket.into_raw_fd();
    let here = client.connect(port, "localhost").expect("connect");
    let there = server.accept().expect("accept");
    let ours = here.open_bidirectional();
    ours.send(b"over an inherited socket", JETSTREAM_SEND_FINISH).expect("room");
    let theirs = there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("a stream");
    assert_eq!(theirs.receive_to_end().expect("whole"), b"over an inherited socket");
    assert_eq!(meaning(descriptor), before, "the number stays taken as long as the endpoint is there");
    // The handshake is over, so the endpoint's thread has begun.
    assert!(close_on_exec(descriptor));
    drop((ours, theirs, here, there, client));
    server.close(0, 2_000).expect("live");
    server.wait_closed().expect("ends");
    assert_ne!(meaning(descriptor), before, "closed with the endpoint");
    UdpSocket::bind(("127.0.0.1", port)).expect("nobody has the port any more");
}

fn close_on_exec(descriptor: RawFd) -> bool {
    // SAFETY: only reads, and takes any number.
    unsafe { libc::fcntl(descriptor, libc::F_GETFD) & libc::FD_CLOEXEC != 0 }
}

#[test]
fn a_failure_leaves_the_descriptor_to_the_caller() {
    let socket = bound();
    socket.set_cloexec(false).expect("open");
    let (descriptor, before) = (socket.as_raw_fd(), meaning(socket.as_raw_fd()));
    let fault = server_on(descriptor).set(|raw| raw.endpoint_count = 2).open_server().err().expect("not to be shared");
    assert_eq!(fault.status, JETSTREAM_STATUS_BAD_SOCKET);
    assert!(fault.message.contains("SO_REUSEPORT"), "{}", fault.message);
    let fault = server_on(descriptor).pem("no", "certificate").open_server().err().expect("no certificate");
    assert_eq!(fault.status, JETSTREAM_STATUS_TLS_CERTIFICATE);
    assert_eq!(meaning(descriptor), before);
    assert!(!close_on_exec(descriptor));
    let server = server_on(socket.into_raw_fd()).open_server().expect("as good as before");
    let client = Config::client().open_client().expect("client");
    client.connect(server.port(), "localhost").expect("served");
}

#[test]
fn a_socket_has_one_reader() {
    let socket = bound();
    let copy = socket.try_clone().expect("a descriptor");
    let server = server_on(socket.into_raw_fd()).open_server().expect("server");
    bad(&copy, "reads already");
    drop(server);
    let _again = server_on(copy.into_raw_fd()).open_server().expect("nobody reads it any more");
}

#[test]
fn the_socket_of_another_endpoint_is_no_inheritance() {
    let server = Config::server().open_server().expect("server");
    let mut found = 0;
    for descriptor in std::fs::read_dir("/proc/self/fd").expect("Linux").flatten() {
        let descriptor: RawFd = descriptor.file_name().to_string_lossy().parse().expect("a number");
        // SAFETY: only asked for its address, and never closed here.
        let socket = ManuallyDrop::new(unsafe { Socket::from_raw_fd(descriptor) });
        let address = socket.local_addr().ok().and_then(|address| address.as_socket());
        if address.is_some_and(|address| address.port() == server.port()) {
            found += 1;
            bad(&*socket, "reads already");
        }
    }
    assert!(found > 0, "none of this process's descriptors is the server's");
}

#[test]
fn a_connection_that_begins_between_two_servers_is_made() {
    // The parent's, which stays open, as systemd's does.
    let parents = bound();
    let (port, copy) = (port(&parents), || parents.try_clone().expect("a descriptor").into_raw_fd());
    let client = Config::client().open_client().expect("client");
    let first = server_on(copy()).open_server().expect("server");
    client.connect(port, "localhost").expect("the first");
    drop(first);
    let (connect, token) = client.begin_connect(port, "localhost").expect("live");
    let second = server_on(copy()).open_server().expect("server");
    let mut handle = 0;
    // SAFETY: the output is valid.
    until(token | JETSTREAM_WAKE_CONNECTION_CONNECT, |err| unsafe {
        jetstream_connect_poll(connect, &mut handle, err)
    })
    .expect("what came meanwhile waited in the socket");
    let _here = Connection { handle, token };
    second.accept().expect("accept");
}

#[test]
fn endpoints_share_an_inherited_port() {
    let shared = |address: std::net::SocketAddr| {
        let socket = Socket::new(Domain::IPV4, Type::DGRAM, None).expect("a socket");
        socket.set_reuse_port(true).expect("unbound");
        socket.bind(&address.into()).expect("free, or shared");
        socket
    };
    let first = shared("127.0.0.1:0".parse().expect("legal"));
    let port = port(&first);
    let second = shared(([127, 0, 0, 1], port).into());
    let servers: Vec<_> = [first, second]
        .into_iter()
        .enumerate()
        .map(|(index, socket)| {
            let config = server_on(socket.into_raw_fd()).set(|raw| {
                raw.endpoint_index = index as u8;
                raw.endpoint_count = 2;
            });
            config.open_server().expect("server")
        })
        .collect();
    let client = Config::client().open_client().expect("client");
    let mut connections = Vec::new();
    // First packets have ids of chance: forty of one kind come once in 10^12 runs.
    while servers.iter().any(|server| server.info().established == 0) {
        assert!(connections.len() < 40, "all connections went to one server");
        connections.push(client.connect(port, "localhost").expect("steered to one, and by it"));
    }
}

#[test]
fn receive_offload_that_was_left_on_is_turned_off() {
    let socket = bound();
    let watch = socket.try_clone().expect("a descriptor");
    set_receive_offload(socket.as_fd());
    assert_eq!(receive_offload(watch.as_fd()), 1);
    let config = server_on(socket.into_raw_fd()).set(|raw| raw.flags |= JETSTREAM_CONFIG_NO_GRO);
    let _server = config.open_server().expect("server");
    assert_eq!(receive_offload(watch.as_fd()), 0);
}

fn set_receive_offload(socket: BorrowedFd) {
    let on: i32 = 1;
    // SAFETY: the kernel reads the size of `on`.
    let answer = unsafe {
        let value = std::ptr::from_ref(&on).cast();
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_GRO, value, size_of::<i32>() as u32)
    };
    assert_eq!(answer, 0, "{}", std::io::Error::last_os_error());
}

fn receive_offload(socket: BorrowedFd) -> i32 {
    let (mut on, mut size) = (-1, size_of::<i32>() as u32);
    // SAFETY: the kernel writes no more than `size`.
    let answer = unsafe {
        let value = std::ptr::from_mut(&mut on).cast();
        libc::getsockopt(socket.as_raw_fd(), libc::SOL_UDP, libc::UDP_GRO, value, &mut size)
    };
    assert_eq!(answer, 0, "{}", std::io::Error::last_os_error());
    on
}
