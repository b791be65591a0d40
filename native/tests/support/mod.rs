//! What the tests share: certificates made at run time, safe wrappers of the exports, and waiting for a wake.
//!
//! Nothing sleeps: a test waits for the token of an operation, with a deadline that only a bug reaches.
//! Longer than 400 lines because each export has its one safe wrapper here, and no test writes `unsafe` for it again.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod pki;
pub mod relay;

use std::{
    collections::HashMap,
    sync::{
        Condvar, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

#[allow(unused_imports, reason = "each test binary uses its own part")]
pub use jetstream_native::{
    abi::*,
    exports::{connection::*, control::*, endpoint::*, library::*, memory::*, parameters::*, stream::*},
};

/// Far more than anything here takes, even on a machine that is busy with other builds.
pub const DEADLINE: Duration = Duration::from_secs(10);

static WOKEN: LazyLock<Mutex<HashMap<u64, u64>>> = LazyLock::new(Mutex::default);
static CHANGED: Condvar = Condvar::new();
static NEXT_TOKEN: AtomicU64 = AtomicU64::new(8);
pub static UPCALLS: AtomicU64 = AtomicU64::new(0);

pub unsafe extern "C" fn wake(tokens: *const u64, count: usize) {
    UPCALLS.fetch_add(1, Ordering::SeqCst);
    let mut woken = WOKEN.lock().expect("no test panics while it holds this");
    for index in 0..count {
        // SAFETY: the library lends `count` tokens.
        *woken.entry(unsafe { tokens.add(index).read() }).or_default() += 1;
    }
    CHANGED.notify_all();
}

pub fn next_token() -> u64 {
    NEXT_TOKEN.fetch_add(8, Ordering::Relaxed)
}

/// Waits until `token` was woken, and forgets that it was.
pub fn wait_for(token: u64) {
    assert!(woken_within(token, DEADLINE), "nobody woke token {token:#x} within {DEADLINE:?}");
}

pub fn woken_within(token: u64, limit: Duration) -> bool {
    let end = Instant::now() + limit;
    let mut woken = WOKEN.lock().expect("no test panics while it holds this");
    while woken.remove(&token).is_none() {
        let Some(left) = end.checked_duration_since(Instant::now()) else { return false };
        woken = CHANGED.wait_timeout(woken, left).expect("no test panics while it holds this").0;
    }
    true
}

/// What `jetstream_error` says.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    pub status: i32,
    pub initiator: i32,
    pub code: u64,
    pub message: String,
}

pub fn no_error() -> jetstream_error {
    jetstream_error { status: 0, initiator: 0, code: 0, message_len: 0, reserved: 0, message: [0; 488] }
}

pub fn fault(error: &jetstream_error) -> Fault {
    let message = &error.message[..error.message_len as usize];
    let message = std::str::from_utf8(message).expect("a message is UTF-8").to_owned();
    Fault { status: error.status, initiator: error.initiator, code: error.code, message }
}

/// One call: `None` while it is pending.
pub fn once(call: impl FnOnce(*mut jetstream_error) -> i32) -> Result<Option<()>, Fault> {
    let mut error = no_error();
    match call(&mut error) {
        JETSTREAM_STATUS_OK => Ok(Some(())),
        JETSTREAM_STATUS_PENDING => Ok(None),
        status => {
            assert_eq!(error.status, status, "the detail is of the same call");
            assert_ne!(error.message_len, 0, "a failure has a message");
            Err(fault(&error))
        }
    }
}

/// A call that is never pending.
pub fn done(call: impl FnOnce(*mut jetstream_error) -> i32) -> Result<(), Fault> {
    once(call).map(|answer| answer.expect("this call is never pending"))
}

/// Polls, and waits for `token` as long as the answer is pending.
pub fn until(token: u64, mut call: impl FnMut(*mut jetstream_error) -> i32) -> Result<(), Fault> {
    loop {
        if once(&mut call)?.is_some() {
            return Ok(());
        }
        wait_for(token);
    }
}

/// A configuration and the memory that it points to.
pub struct Config {
    pub raw: jetstream_endpoint_config,
    kept: Vec<Box<[u8]>>,
}

impl Config {
    /// The library's defaults on a loopback port of the system's choice.
    pub fn new() -> Self {
        let mut raw = std::mem::MaybeUninit::uninit();
        let size = size_of::<jetstream_endpoint_config>() as u32;
        // SAFETY: `raw` has room for the struct.
        done(|err| unsafe { jetstream_endpoint_config_init(size, raw.as_mut_ptr(), err) }).expect("defaults");
        // SAFETY: written by the call above, which was OK.
        let mut raw = unsafe { raw.assume_init() };
        raw.wake = Some(wake);
        raw.token = next_token();
        raw.bind = loopback(0);
        Self { raw, kept: Vec::new() }
    }

    /// A server of mutual TLS.
    pub fn server() -> Self {
        let pki = pki::get();
        Self::new().identity(&pki.server).trust(&pki.ca)
    }

    /// A client with a certificate that the server trusts.
    pub fn client() -> Self {
        let pki = pki::get();
        Self::new().identity(&pki.client).trust(&pki.ca)
    }

    pub fn keep(&mut self, bytes: impl AsRef<[u8]>) -> jetstream_bytes {
        self.kept.push(bytes.as_ref().into());
        let kept = self.kept.last().expect("pushed above");
        jetstream_bytes { data: kept.as_ptr(), len: kept.len() }
    }

    pub fn identity(self, identity: &pki::Identity) -> Self {
        self.pem(&identity.chain, &identity.key)
    }

    pub fn pem(mut self, chain: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Self {
        self.raw.identity_chain_pem = self.keep(chain);
        self.raw.identity_key_pem = self.keep(key);
        self
    }

    pub fn no_identity(self) -> Self {
        self.pem("", "")
    }

    pub fn trust(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.raw.trust_pem = self.keep(pem);
        self
    }

    /// One protocol.
    pub fn alpn(mut self, name: &str) -> Self {
        let list = [&[name.len() as u8], name.as_bytes()].concat();
        self.raw.alpn = self.keep(list);
        self
    }

    pub fn set(mut self, change: impl FnOnce(&mut jetstream_endpoint_config)) -> Self {
        change(&mut self.raw);
        self
    }

    pub fn open_server(&self) -> Result<Endpoint, Fault> {
        self.open(jetstream_server_open)
    }

    pub fn open_client(&self) -> Result<Endpoint, Fault> {
        self.open(jetstream_client_open)
    }

    fn open(
        &self, open: unsafe extern "C" fn(*const jetstream_endpoint_config, *mut u64, *mut jetstream_error) -> i32,
    ) -> Result<Endpoint, Fault> {
        let mut handle = 0;
        // SAFETY: all is valid, and what the configuration points to is kept in `self`.
        done(|err| unsafe { open(&self.raw, &mut handle, err) })?;
        Ok(Endpoint { handle, token: self.raw.token })
    }
}

pub fn loopback(port: u16) -> jetstream_address {
    let mut ip = [0; 16];
    ip[..4].copy_from_slice(&[127, 0, 0, 1]);
    jetstream_address { ip, scope_id: 0, port, family: 4, reserved: 0 }
}

/// Closed and freed when it is dropped, and waited for: no test leaves a thread to the next.
pub struct Endpoint {
    pub handle: u64,
    pub token: u64,
}

impl Endpoint {
    pub fn info(&self) -> jetstream_endpoint_info {
        let mut info = std::mem::MaybeUninit::<jetstream_endpoint_info>::zeroed();
        // SAFETY: `info` has room for the struct, and zeros are a legal value of it.
        done(|err| unsafe {
            (*info.as_mut_ptr()).size = size_of::<jetstream_endpoint_info>() as u32;
            jetstream_endpoint_describe(self.handle, info.as_mut_ptr(), err)
        })
        .expect("a live endpoint");
        // SAFETY: as above.
        unsafe { info.assume_init() }
    }

    pub fn port(&self) -> u16 {
        self.info().local_address.port
    }

    pub fn accept(&self) -> Result<Connection, Fault> {
        let (token, mut handle) = (next_token(), 0);
        // SAFETY: the output is valid.
        until(self.token | JETSTREAM_WAKE_ENDPOINT_ACCEPT, |err| unsafe {
            jetstream_server_poll_accept(self.handle, token, &mut handle, err)
        })?;
        Ok(Connection { handle, token })
    }

    pub fn begin_connect(&self, port: u16, name: &str) -> Result<(u64, u64), Fault> {
        let (token, mut connect) = (next_token(), 0);
        let peer = loopback(port);
        // SAFETY: inputs and output are valid.
        done(|err| unsafe {
            jetstream_client_connect(self.handle, &peer, name.as_ptr(), name.len(), token, &mut connect, err)
        })?;
        Ok((connect, token))
    }

    pub fn connect(&self, port: u16, name: &str) -> Result<Connection, Fault> {
        let (connect, token) = self.begin_connect(port, name)?;
        let mut handle = 0;
        // SAFETY: the output is valid.
        until(token | JETSTREAM_WAKE_CONNECTION_CONNECT, |err| unsafe {
            jetstream_connect_poll(connect, &mut handle, err)
        })?;
        Ok(Connection { handle, token })
    }

    pub fn refusal(&self) -> Option<String> {
        let mut refusal = std::mem::MaybeUninit::<jetstream_refusal>::zeroed();
        // SAFETY: `refusal` has room for the struct, and zeros are a legal value of it.
        once(|err| unsafe {
            (*refusal.as_mut_ptr()).size = size_of::<jetstream_refusal>() as u32;
            jetstream_server_take_refusal(self.handle, refusal.as_mut_ptr(), err)
        })
        .expect("a live server")?;
        // SAFETY: as above.
        let refusal = unsafe { refusal.assume_init() };
        Some(String::from_utf8(refusal.reason[..refusal.reason_len as usize].to_vec()).expect("UTF-8"))
    }

    pub fn close(&self, code: u64, drain_ms: u32) -> Result<(), Fault> {
        // SAFETY: the error block is valid.
        done(|err| unsafe { jetstream_endpoint_close(self.handle, code, drain_ms, err) })
    }

    pub fn wait_closed(&self) -> Result<(), Fault> {
        // SAFETY: the error block is valid.
        until(self.token | JETSTREAM_WAKE_ENDPOINT_CLOSED, |err| unsafe {
            jetstream_endpoint_poll_closed(self.handle, err)
        })
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        if self.close(0, 2_000).is_ok() && !std::thread::panicking() {
            self.wait_closed().expect("ends by itself");
        }
        jetstream_endpoint_free(self.handle);
    }
}

/// Freed when it is dropped, which closes it with code 0.
pub struct Connection {
    pub handle: u64,
    pub token: u64,
}

impl Connection {
    /// Opens a stream with the first bytes; a second value tells how many were taken.
    pub fn open(&self, kind: u32, data: &[u8], flags: u32) -> Result<(Stream, usize), Fault> {
        let (token, mut handle, mut id, mut accepted) = (next_token(), 0, u64::MAX, 0);
        let operation = [JETSTREAM_WAKE_CONNECTION_OPEN_BIDIRECTIONAL, JETSTREAM_WAKE_CONNECTION_OPEN_UNIDIRECTIONAL];
        // SAFETY: inputs and outputs are valid.
        until(self.token | operation[kind as usize], |err| unsafe {
            let (data, len) = (data.as_ptr(), data.len());
            jetstream_connection_poll_open(
                self.handle,
                kind,
                token,
                data,
                len,
                flags,
                &mut handle,
                &mut id,
                &mut accepted,
                err,
            )
        })?;
        Ok((Stream { handle, token, id }, accepted))
    }

    pub fn open_bidirectional(&self) -> Stream {
        self.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"", 0).expect("a live connection").0
    }

    pub fn accept(&self, kind: u32) -> Result<Stream, Fault> {
        let (token, mut handle, mut id) = (next_token(), 0, u64::MAX);
        let operation =
            [JETSTREAM_WAKE_CONNECTION_ACCEPT_BIDIRECTIONAL, JETSTREAM_WAKE_CONNECTION_ACCEPT_UNIDIRECTIONAL];
        // SAFETY: the outputs are valid.
        until(self.token | operation[kind as usize], |err| unsafe {
            jetstream_connection_poll_accept(self.handle, kind, token, &mut handle, &mut id, err)
        })?;
        Ok(Stream { handle, token, id })
    }

    pub fn close(&self, code: u64) -> Result<(), Fault> {
        // SAFETY: the error block is valid.
        done(|err| unsafe { jetstream_connection_close(self.handle, code, err) })
    }

    /// Waits for the end and tells its reason.
    pub fn ended(&self) -> Fault {
        // SAFETY: the error block is valid.
        until(self.token | JETSTREAM_WAKE_CONNECTION_CLOSED, |err| unsafe {
            jetstream_connection_poll_closed(self.handle, err)
        })
        .expect_err("never OK")
    }

    pub fn tls(&self) -> jetstream_tls_info {
        let mut info = std::mem::MaybeUninit::<jetstream_tls_info>::zeroed();
        // SAFETY: `info` has room for the struct, and zeros are a legal value of it.
        done(|err| unsafe {
            (*info.as_mut_ptr()).size = size_of::<jetstream_tls_info>() as u32;
            jetstream_connection_tls(self.handle, info.as_mut_ptr(), err)
        })
        .expect("a live connection");
        // SAFETY: as above.
        unsafe { info.assume_init() }
    }

    pub fn addresses(&self) -> Result<(jetstream_address, jetstream_address), Fault> {
        let (mut local, mut peer) = (loopback(0), loopback(0));
        // SAFETY: the outputs are valid.
        done(|err| unsafe { jetstream_connection_addresses(self.handle, &mut local, &mut peer, err) })?;
        Ok((local, peer))
    }

    pub fn peer_chain(&self) -> Vec<u8> {
        let mut needed = 0;
        // SAFETY: no memory is given, so none is written.
        done(|err| unsafe { jetstream_connection_peer_chain(self.handle, std::ptr::null_mut(), 0, &mut needed, err) })
            .expect("a live connection");
        let mut chain = vec![0; needed];
        // SAFETY: the buffer has the length given.
        done(|err| unsafe {
            jetstream_connection_peer_chain(self.handle, chain.as_mut_ptr(), chain.len(), &mut needed, err)
        })
        .expect("a live connection");
        chain
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        jetstream_connection_free(self.handle);
    }
}

/// Freed when it is dropped, which resets what was not finished.
pub struct Stream {
    pub handle: u64,
    pub token: u64,
    pub id: u64,
}

impl Stream {
    /// One call, with how much was taken; `None` while there is no room.
    pub fn try_send(&self, data: &[u8], flags: u32) -> Result<Option<usize>, Fault> {
        let mut accepted = 0;
        // SAFETY: inputs and output are valid.
        let answer = once(|err| unsafe {
            jetstream_stream_poll_send(self.handle, data.as_ptr(), data.len(), flags, &mut accepted, err)
        })?;
        Ok(answer.map(|()| accepted))
    }

    pub fn send(&self, mut data: &[u8], flags: u32) -> Result<(), Fault> {
        loop {
            match self.try_send(data, flags)? {
                Some(accepted) if accepted == data.len() => return Ok(()),
                Some(accepted) => data = &data[accepted..],
                None => wait_for(self.token | JETSTREAM_WAKE_STREAM_SEND),
            }
        }
    }

    pub fn claim(&self, len: usize) -> Result<Claim, Fault> {
        let (mut data, mut handle) = (std::ptr::null_mut(), 0);
        // SAFETY: the outputs are valid.
        done(|err| unsafe { jetstream_stream_claim(self.handle, len, &mut data, &mut handle, err) })?;
        Ok(Claim { handle, data, len })
    }

    pub fn commit(&self, claim: &Claim, len: usize, flags: u32) -> Result<(), Fault> {
        // SAFETY: the claim is not written during the call.
        until(self.token | JETSTREAM_WAKE_STREAM_SEND, |err| unsafe {
            jetstream_stream_poll_commit(self.handle, claim.handle, len, flags, err)
        })
    }

    pub fn flush(&self) -> Result<(), Fault> {
        // SAFETY: the error block is valid.
        until(self.token | JETSTREAM_WAKE_STREAM_SEND, |err| unsafe { jetstream_stream_poll_flush(self.handle, err) })
    }

    pub fn finish(&self) -> Result<(), Fault> {
        // SAFETY: the error block is valid.
        done(|err| unsafe { jetstream_stream_finish(self.handle, err) })
    }

    pub fn reset(&self, code: u64) -> Result<(), Fault> {
        // SAFETY: the error block is valid.
        done(|err| unsafe { jetstream_stream_reset(self.handle, code, err) })
    }

    pub fn stop_sending(&self, code: u64) -> Result<(), Fault> {
        // SAFETY: the error block is valid.
        done(|err| unsafe { jetstream_stream_stop_sending(self.handle, code, err) })
    }

    /// Copies what has arrived; the second value is true at the clean end.
    pub fn receive(&self, buffer: &mut [u8]) -> Result<(usize, bool), Fault> {
        let (mut received, mut end) = (0, 0);
        // SAFETY: the buffer has the length given, and the outputs are valid.
        until(self.token | JETSTREAM_WAKE_STREAM_RECEIVE, |err| unsafe {
            let (data, len) = (buffer.as_mut_ptr(), buffer.len());
            jetstream_stream_poll_receive_copy(self.handle, data, len, &mut received, &mut end, err)
        })?;
        Ok((received, end == 1))
    }

    pub fn receive_to_end(&self) -> Result<Vec<u8>, Fault> {
        let (mut all, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
        loop {
            let (received, end) = self.receive(&mut buffer)?;
            all.extend_from_slice(&buffer[..received]);
            if end {
                return Ok(all);
            }
        }
    }

    /// Leases what has arrived; the second value is true at the clean end.
    pub fn lease(&self) -> Result<(Lease, bool), Fault> {
        let mut chunks = [jetstream_chunk { data: std::ptr::null(), len: 0 }; 32];
        let (mut count, mut end, mut handle) = (0, 0, 0);
        // SAFETY: the outputs are valid, the chunks for the length given.
        until(self.token | JETSTREAM_WAKE_STREAM_RECEIVE, |err| unsafe {
            let (first, len) = (chunks.as_mut_ptr(), chunks.len());
            jetstream_stream_poll_receive(self.handle, first, len, &mut count, &mut end, &mut handle, err)
        })?;
        Ok((Lease { handle, chunks: chunks[..count].to_vec() }, end == 1))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        jetstream_stream_free(self.handle);
    }
}

pub struct Lease {
    pub handle: u64,
    chunks: Vec<jetstream_chunk>,
}

impl Lease {
    pub fn chunks(&self) -> impl Iterator<Item = &[u8]> {
        // SAFETY: chunks are valid until the lease is freed, which `self` does when it is dropped.
        self.chunks.iter().map(|chunk| unsafe { std::slice::from_raw_parts(chunk.data, chunk.len) })
    }

    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len).sum()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        jetstream_lease_free(self.handle);
    }
}

pub struct Claim {
    pub handle: u64,
    data: *mut u8,
    len: usize,
}

impl Claim {
    pub fn write(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.len);
        // SAFETY: a claim has room for `len` bytes until it is committed or freed, which takes `self`.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.data, bytes.len()) };
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        jetstream_claim_free(self.handle);
    }
}

pub fn counters() -> jetstream_counters {
    let mut counters = std::mem::MaybeUninit::<jetstream_counters>::zeroed();
    // SAFETY: `counters` has room for the struct, and zeros are a legal value of it.
    done(|err| unsafe {
        (*counters.as_mut_ptr()).size = size_of::<jetstream_counters>() as u32;
        jetstream_counters_read(counters.as_mut_ptr(), err)
    })
    .expect("always");
    // SAFETY: as above.
    unsafe { counters.assume_init() }
}

/// Server, client, and a connection seen from both ends. Fields are dropped in this order.
pub struct Pair {
    pub here: Connection,
    pub there: Connection,
    pub client: Endpoint,
    pub server: Endpoint,
}

impl Pair {
    pub fn new() -> Self {
        Self::with(&Config::server(), &Config::client())
    }

    pub fn with(server: &Config, client: &Config) -> Self {
        let server = server.open_server().expect("server");
        let client = client.open_client().expect("client");
        let here = client.connect(server.port(), "localhost").expect("connect");
        let there = server.accept().expect("accept");
        Self { here, there, client, server }
    }

    /// A stream as opened here and accepted there; its opener has sent one byte, which is received.
    pub fn stream(&self) -> (Stream, Stream) {
        let (ours, taken) = self.here.open(JETSTREAM_STREAM_BIDIRECTIONAL, b"!", 0).expect("open");
        assert_eq!(taken, 1);
        let theirs = self.there.accept(JETSTREAM_STREAM_BIDIRECTIONAL).expect("accept");
        assert_eq!(theirs.receive(&mut [0; 1]).expect("the first byte"), (1, false));
        (ours, theirs)
    }
}

/// Bytes that differ at each place, so that a lost or doubled piece shows.
pub fn pattern(len: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    (0..len.div_ceil(8)).flat_map(|_| next().to_le_bytes()).take(len).collect()
}
