//! An attempt to connect: from the first packet until the peer has confirmed the handshake.
//!
//! In TLS 1.3 a client is done before the server has judged its certificate. So an attempt succeeds only when the
//! handshake is confirmed (RFC 9001 section 4.1.2), and a refusal is never seen as an empty stream.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, TryLockError},
    task::Poll,
};

use s2n_quic::client::{Connect as Target, ConnectionAttempt};

use crate::{
    abi::{JETSTREAM_STATUS_BUSY, JETSTREAM_WAKE_CONNECTION_CONNECT},
    connection::Connection,
    error::Failure,
    facts::Facts,
    handles::CONNECTS,
    shared::Shared,
    wake::Operation,
};

pub struct Connect {
    shared: Arc<Shared>,
    facts: Arc<Facts>,
    token: u64,
    operation: Operation,
    state: Mutex<State>,
}

enum State {
    Attempt(ConnectionAttempt),
    /// The client's side of the handshake is done.
    Unconfirmed(s2n_quic::Connection),
    /// The answer was given.
    Done,
}

impl Connect {
    pub fn new(shared: &Arc<Shared>, client: &s2n_quic::Client, target: Target, token: u64) -> Arc<Self> {
        let operation = Operation::new(&shared.queue, token, JETSTREAM_WAKE_CONNECTION_CONNECT);
        let facts = Facts::connecting(operation.waker());
        let mut attempt = client.connect(target);
        attempt.set_application_context(Box::new(Arc::clone(&facts)));
        Arc::new(Self {
            shared: Arc::clone(shared),
            facts,
            token,
            operation,
            state: Mutex::new(State::Attempt(attempt)),
        })
    }

    /// Ready once: with the confirmed connection, or with why there is none.
    pub fn poll(&self) -> Poll<Result<Arc<Connection>, Failure>> {
        let mut state = self.lock()?;
        let answer = self.operation.poll(|context| {
            if let State::Attempt(attempt) = &mut *state {
                match Pin::new(attempt).poll(context) {
                    Poll::Ready(Ok(connection)) => *state = State::Unconfirmed(connection),
                    Poll::Ready(Err(error)) => {
                        *state = State::Done;
                        return Poll::Ready(Err(self.facts.ended().unwrap_or_else(|| error.into())));
                    }
                    Poll::Pending => {}
                }
            }
            if let Some(why) = self.facts.ended() {
                *state = State::Done;
                return Poll::Ready(Err(why));
            }
            if !self.facts.confirmed() {
                return Poll::Pending;
            }
            match std::mem::replace(&mut *state, State::Done) {
                State::Unconfirmed(connection) => Poll::Ready(Ok(connection)),
                State::Done => Poll::Ready(Err(Failure::closed("connect"))),
                // Confirmed, but the attempt's own answer is still on its way and will wake.
                attempt => {
                    *state = attempt;
                    Poll::Pending
                }
            }
        });
        let connected = |connection| Connection::new(&self.shared, Arc::clone(&self.facts), connection, self.token);
        self.shared.or_dead(answer).map_ok(connected)
    }

    /// Gives the attempt its number, unless the endpoint was closed since it began.
    pub fn publish(self: Arc<Self>) -> Result<u64, Failure> {
        let shared = Arc::clone(&self.shared);
        let handle = CONNECTS.insert(self);
        // Asked after the insertion: a close from now on finds the attempt in the table.
        let Some(why) = shared.refuses() else { return Ok(handle) };
        drop(CONNECTS.remove(handle));
        Err(why)
    }

    pub fn belongs_to(&self, shared: &Arc<Shared>) -> bool {
        Arc::ptr_eq(&self.shared, shared)
    }

    fn lock(&self) -> Result<MutexGuard<'_, State>, Failure> {
        self.state.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => {
                Failure::new(JETSTREAM_STATUS_BUSY, "another thread is polling this attempt to connect")
            }
            TryLockError::Poisoned(_) => Failure::panicked("an earlier poll of this attempt to connect panicked"),
        })
    }
}
