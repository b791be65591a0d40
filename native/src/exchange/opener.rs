//! Streams for requests, in the order in which they were asked for.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
};

use crossbeam_queue::SegQueue;
use s2n_quic::{
    connection::{self, Handle},
    stream::BidirectionalStream,
};
use tokio::sync::oneshot;

use crate::{
    blocked::{self, Opening},
    connection::Budget,
    error::Failure,
    stream::Stream,
};

/// A stream of a request, which ends abruptly unless its answer has come.
pub struct Asked {
    stream: Option<BidirectionalStream>,
    budget: Arc<Budget>,
}

impl Asked {
    pub fn stream(&mut self) -> Result<&mut BidirectionalStream, Failure> {
        self.stream.as_mut().ok_or_else(|| Failure::closed("stream"))
    }

    /// Lets go of a stream that both sides have ended.
    pub fn done(mut self) {
        if let Some(stream) = self.stream.take() {
            blocked::end_read(&self.budget, || stream.connection());
        }
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            let (receive, send) = stream.split();
            let (budget, queue) = (Arc::clone(&self.budget), &self.budget.shared().queue);
            drop(Stream::new(budget, queue, 0, Some(receive), Some(send)));
        }
    }
}

type Opened = Result<Asked, connection::Error>;

/// Opens the streams of one connection's requests.
///
/// One task opens for all who wait, as many streams in one turn as the peer allows: with a turn for each, each request
/// would have a packet of its own. And s2n-quic wakes everyone who waits for a stream when there is one more, which for
/// thousands takes longer than the streams.
pub struct Opener {
    /// The same for the task and for who finds nobody waiting: s2n-quic keeps one waiter per handle, and one that is
    /// left behind is woken in vain.
    handle: Mutex<Handle>,
    waiting: SegQueue<oneshot::Sender<Opened>>,
    /// The task is there.
    opening: AtomicBool,
}

impl Opener {
    pub fn new(handle: Handle) -> Arc<Self> {
        Arc::new(Self { handle: Mutex::new(handle), waiting: SegQueue::new(), opening: AtomicBool::new(false) })
    }

    /// A stream, when nobody waits for one and the peer allows it; else `wait` is due.
    pub fn open_at_once(&self, budget: &Arc<Budget>) -> Option<Opened> {
        let mut handle = self.handle.try_lock().ok()?;
        // Asked under the lock: a task that has polled before would lose its waker, one that polls later has the last word.
        if self.opening.load(SeqCst) {
            return None;
        }
        match handle.poll_open_bidirectional_stream(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(opened) => Some(asked(opened, budget)),
            Poll::Pending => None,
        }
    }

    /// A stream when it is this one's turn.
    pub async fn wait(self: &Arc<Self>, budget: &Arc<Budget>) -> Result<Opened, Failure> {
        let (waiter, opened) = oneshot::channel();
        self.waiting.push(waiter);
        if !self.opening.swap(true, SeqCst) {
            budget.shared().spawn(Arc::clone(self).open_for_all(Arc::clone(budget)));
        }
        opened.await.map_err(|_| Failure::panicked("opening a stream panicked"))
    }

    async fn open_for_all(self: Arc<Self>, budget: Arc<Budget>) {
        loop {
            while let Some(waiter) = self.waiting.pop() {
                if !waiter.is_closed() {
                    let opened = poll_fn(|context| self.poll_open(context, &budget)).await;
                    self.give(waiter, asked(opened, &budget));
                }
            }
            self.opening.store(false, SeqCst);
            // Who came in between saw a task that would not look again.
            if self.waiting.is_empty() || self.opening.swap(true, SeqCst) {
                return;
            }
        }
    }

    fn poll_open(
        &self, context: &mut Context, budget: &Arc<Budget>,
    ) -> Poll<Result<BidirectionalStream, connection::Error>> {
        let mut handle = self.handle();
        let opened = handle.poll_open_bidirectional_stream(context);
        blocked::polled(budget, Opening::Requests, opened.is_pending(), &handle);
        opened
    }

    /// To the waiter, or, when its time is over, to the next.
    fn give(&self, mut waiter: oneshot::Sender<Opened>, mut opened: Opened) {
        while let Err(unwanted) = waiter.send(opened) {
            let Some(next) = self.waiting.pop() else { return };
            (waiter, opened) = (next, unwanted);
        }
    }

    fn handle(&self) -> MutexGuard<'_, Handle> {
        self.handle.lock().unwrap_or_else(|poison| poison.into_inner())
    }
}

fn asked(opened: Result<BidirectionalStream, connection::Error>, budget: &Arc<Budget>) -> Opened {
    opened.map(|stream| Asked { stream: Some(stream), budget: Arc::clone(budget) })
}
