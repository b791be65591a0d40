//! Passes datagrams between one client and one server, and can do harm.

use std::{
    net::{SocketAddr, UdpSocket},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::Duration,
};

pub struct Relay {
    pub port: u16,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    server: AtomicU16,
    stop: AtomicBool,
    mute: AtomicBool,
    to_server: AtomicU64,
    from_server: AtomicU64,
    recorded: Mutex<Vec<Vec<u8>>>,
}

impl Relay {
    pub fn new(server: u16) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        socket.set_read_timeout(Some(Duration::from_millis(20))).expect("legal");
        let port = socket.local_addr().expect("bound").port();
        let state = Arc::new(State { server: server.into(), ..State::default() });
        let passes = Arc::clone(&state);
        let thread = std::thread::spawn(move || passes.pass(&socket));
        Self { port, state, thread: Some(thread) }
    }

    /// From now on another server gets what the client sends.
    pub fn switch_to(&self, server: u16) {
        self.state.server.store(server, Relaxed);
    }

    /// From now on the client hears nothing.
    pub fn mute(&self) {
        self.state.mute.store(true, Relaxed);
    }

    /// Bytes that came from the client and from the server.
    pub fn bytes(&self) -> (u64, u64) {
        (self.state.to_server.load(Relaxed), self.state.from_server.load(Relaxed))
    }

    /// What the client has sent.
    pub fn recorded(&self) -> Vec<Vec<u8>> {
        self.state.recorded.lock().expect("no panic").clone()
    }
}

impl State {
    fn pass(&self, socket: &UdpSocket) {
        let mut client: Option<SocketAddr> = None;
        let mut datagram = [0; 65_536];
        while !self.stop.load(Relaxed) {
            let Ok((len, from)) = socket.recv_from(&mut datagram) else { continue };
            let server = SocketAddr::from(([127, 0, 0, 1], self.server.load(Relaxed)));
            let target = if from.port() == server.port() {
                self.from_server.fetch_add(len as u64, Relaxed);
                client.filter(|_| !self.mute.load(Relaxed))
            } else {
                client = Some(from);
                self.to_server.fetch_add(len as u64, Relaxed);
                self.recorded.lock().expect("no panic").push(datagram[..len].to_vec());
                Some(server)
            };
            if let Some(target) = target {
                let _ = socket.send_to(&datagram[..len], target);
            }
        }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.state.stop.store(true, Relaxed);
        if self.thread.take().expect("once").join().is_err() {
            assert!(std::thread::panicking(), "the relay panicked");
        }
    }
}
