//! What a handshake asks the caller, and waits for without holding a thread.
//!
//! s2n-tls calls from C, on the endpoint's thread, under the connection's lock. So the callback only notes a question
//! and hands a future to s2n-tls; the caller takes the question on a thread of its own, and its answer wakes the
//! handshake. Without an answer in time it is no.

use std::{
    collections::HashMap,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use crossbeam_queue::ArrayQueue;

use crate::{
    abi::*,
    error::Failure,
    socket,
    wake::{OpWaker, Operation, WakeQueue},
};

/// Questions that wait to be taken: handshakes under way are bounded by the admission, and what is above is no.
const MOST: usize = 4096;

pub struct Questions {
    next: AtomicU64,
    timeout: Duration,
    untaken: ArrayQueue<u64>,
    open: Mutex<HashMap<u64, Open>>,
    operation: Operation,
    waker: Arc<OpWaker>,
}

struct Open {
    question: Arc<Question>,
    answer: Option<Answer>,
    waker: Option<Waker>,
}

pub struct Question {
    pub kind: u32,
    pub peer: Option<SocketAddr>,
    pub server_name: Vec<u8>,
    pub detail: u32,
    pub data: Vec<u8>,
}

pub struct Answer {
    pub yes: bool,
    pub data: Vec<u8>,
}

impl Questions {
    pub fn new(queue: &Arc<WakeQueue>, token: u64, timeout: Duration) -> Arc<Self> {
        let operation = Operation::new(queue, token, JETSTREAM_WAKE_ENDPOINT_QUESTION);
        let waker = operation.waker();
        Arc::new(Self {
            next: AtomicU64::new(1),
            timeout,
            untaken: ArrayQueue::new(MOST),
            open: Mutex::default(),
            operation,
            waker,
        })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Open>> {
        self.open.lock().unwrap_or_else(|poison| poison.into_inner())
    }

    /// Puts a question; the answer is no at once when too many wait.
    pub fn ask(self: &Arc<Self>, question: Question) -> Asked {
        let id = self.next.fetch_add(1, Relaxed);
        let open = Open { question: Arc::new(question), answer: None, waker: None };
        self.open().insert(id, open);
        let full = self.untaken.push(id).is_err();
        self.waker.fire();
        let timeout = if full { Duration::ZERO } else { self.timeout };
        Asked { questions: Arc::clone(self), id, timeout: Box::pin(tokio::time::sleep(timeout)) }
    }

    /// The next question whose handshake still waits.
    pub fn poll(&self) -> Poll<Result<jetstream_question, Failure>> {
        self.operation.poll(|_| {
            while let Some(id) = self.untaken.pop() {
                if let Some(open) = self.open().get(&id) {
                    return Poll::Ready(Ok(open.question.to_abi(id)));
                }
            }
            Poll::Pending
        })
    }

    pub fn get(&self, id: u64) -> Result<Arc<Question>, Failure> {
        self.open().get(&id).map(|open| Arc::clone(&open.question)).ok_or_else(|| Failure::closed("question"))
    }

    /// The first answer counts; one that comes too late is told so.
    pub fn answer(&self, id: u64, answer: Answer) -> Result<(), Failure> {
        let waker = {
            let mut all = self.open();
            let open = all.get_mut(&id).filter(|open| open.answer.is_none());
            let open = open.ok_or_else(|| Failure::closed("question"))?;
            open.answer = Some(answer);
            open.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }
}

impl Question {
    fn to_abi(&self, id: u64) -> jetstream_question {
        let mut server_name = [0; 256];
        let len = self.server_name.len().min(server_name.len());
        server_name[..len].copy_from_slice(&self.server_name[..len]);
        jetstream_question {
            size: size_of::<jetstream_question>() as u32,
            kind: self.kind,
            id,
            peer: socket::to_abi(self.peer.unwrap_or_else(|| ([0, 0, 0, 0], 0).into())),
            detail: self.detail,
            server_name_len: len as u32,
            server_name,
            data_len: self.data.len() as u64,
        }
    }
}

/// A question that a handshake waits for; dropped with the handshake.
pub struct Asked {
    questions: Arc<Questions>,
    id: u64,
    timeout: Pin<Box<tokio::time::Sleep>>,
}

impl Asked {
    /// The answer, or no when its time is over.
    pub fn poll(&mut self, context: &mut Context) -> Poll<Answer> {
        {
            let mut all = self.questions.open();
            let Some(open) = all.get_mut(&self.id) else { return Poll::Ready(Answer { yes: false, data: Vec::new() }) };
            if let Some(answer) = open.answer.take() {
                return Poll::Ready(answer);
            }
            open.waker = Some(context.waker().clone());
        }
        match self.timeout.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Answer { yes: false, data: Vec::new() }),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.questions.open().remove(&self.id);
    }
}
