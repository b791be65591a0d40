//! Answering the peer's requests where they arrive.

use std::{
    future::{pending, poll_fn},
    sync::{
        Arc,
        atomic::{
            AtomicBool,
            Ordering::{Acquire, Release},
        },
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use crossbeam_queue::SegQueue;
use futures_util::task::AtomicWaker;
use s2n_quic::{connection::BidirectionalStreamAcceptor, stream::BidirectionalStream};

use super::Said;
use crate::{
    abi::JETSTREAM_EXCHANGE_MAX,
    admission::Pace,
    budget::{self, counted},
    connection::Budget,
    error::Failure,
    lease::MAX_CHUNKS,
    stream::Stream,
};

/// Requests that are answered before other tasks of the endpoint have their turn.
const AT_ONCE: u32 = 64;

/// How long the next packet of a request may take: then the stream is one for whoever accepts.
const PATIENCE: Duration = Duration::from_millis(100);

/// A stream of the peer, with what was received of it.
pub struct Incoming {
    pub stream: BidirectionalStream,
    pub received: Vec<Bytes>,
    pub ended: Option<Result<(), Failure>>,
}

impl From<BidirectionalStream> for Incoming {
    fn from(stream: BidirectionalStream) -> Self {
        Self { stream, received: Vec::new(), ended: None }
    }
}

/// Streams that were not answered here: they wait to be accepted, as many as the peer may have open.
#[derive(Default)]
pub struct Declined {
    streams: SegQueue<Incoming>,
    over: AtomicBool,
    waker: AtomicWaker,
}

impl Declined {
    /// `None` when no more will come.
    pub fn poll(&self, context: &Context) -> Poll<Option<Incoming>> {
        self.waker.register(context.waker());
        // Asked first: what was declined before the end is found after it.
        let over = self.over.load(Acquire);
        match self.streams.pop() {
            None if !over => Poll::Pending,
            stream => Poll::Ready(stream),
        }
    }

    fn push(&self, stream: Incoming) {
        self.streams.push(stream);
        self.waker.wake();
    }
}

impl Drop for Declined {
    fn drop(&mut self) {
        // Dropped by s2n-quic alone they would end cleanly, half a message as well. Nobody has their budget any more,
        // and they end with the connection, of which this is a part.
        while let Some(mut incoming) = self.streams.pop() {
            let _ = incoming.stream.reset(s2n_quic::application::Error::UNKNOWN);
        }
    }
}

/// Ends the wait of who accepts, however the task ends.
struct Over(Arc<Declined>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.over.store(true, Release);
        self.0.waker.wake();
    }
}

/// What answering needs of its connection.
pub struct Answering {
    pub token: u64,
    pub budget: Arc<Budget>,
    pub pace: Arc<Pace>,
    pub declined: Arc<Declined>,
}

/// Accepts the peer's bidirectional streams until the connection ends.
pub async fn answer_all(mut acceptor: BidirectionalStreamAcceptor, answering: Arc<Answering>) {
    let _over = Over(Arc::clone(&answering.declined));
    let mut accepted = 0u32;
    while let Ok(Some(stream)) = acceptor.accept_bidirectional_stream().await {
        answering.pace.take();
        let mut incoming = Incoming::from(stream);
        // Not to be woken: who collects or accepts the stream polls it again.
        match incoming.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(()) => answering.answer(incoming),
            Poll::Pending => answering.budget.shared().spawn(Arc::clone(&answering).collect(incoming)),
        }
        accepted = accepted.wrapping_add(1);
        if accepted.is_multiple_of(AT_ONCE) {
            tokio::task::yield_now().await;
        }
        match answering.pace.wait() {
            Some(Duration::ZERO) => {}
            Some(wait) => tokio::time::sleep(wait).await,
            None => pending().await,
        }
    }
}

impl Incoming {
    /// Takes what has arrived; ready when there is no more to wait for.
    fn poll(&mut self, context: &mut Context) -> Poll<()> {
        while self.ended.is_none() && self.len() <= JETSTREAM_EXCHANGE_MAX {
            let mut chunks: [Bytes; MAX_CHUNKS] = Default::default();
            match std::task::ready!(self.stream.poll_receive_vectored(&mut chunks, context)) {
                Ok((count, open)) => {
                    self.received.extend(chunks[..count].iter_mut().map(std::mem::take));
                    self.ended = (!open).then_some(Ok(()));
                }
                Err(error) => self.ended = Some(Err(error.into())),
            }
        }
        Poll::Ready(())
    }

    fn len(&self) -> usize {
        self.received.iter().map(Bytes::len).sum()
    }
}

impl Answering {
    /// Waits for the rest of a request that comes in several packets.
    async fn collect(self: Arc<Self>, mut incoming: Incoming) {
        loop {
            let before = incoming.len();
            let rest = poll_fn(|context| incoming.poll(context));
            if tokio::time::timeout(PATIENCE, rest).await.is_ok() || incoming.len() == before {
                break;
            }
        }
        self.answer(incoming);
    }

    /// Answers a request that is there as a whole; any other stream is for whoever accepts.
    fn answer(&self, incoming: Incoming) {
        let (budget, shared) = (&self.budget, self.budget.shared());
        let Some(exchanges) = shared.exchanges.get() else { return };
        let whole = matches!(incoming.ended, Some(Ok(()))) && incoming.len() <= exchanges.max();
        // An answer that could not be sent at once would have to be kept somewhere.
        let said = if whole && budget::room(budget, Waker::noop()) > 0 {
            exchanges.ask(self.token, &incoming.received)
        } else {
            Said::Declined
        };
        match said {
            Said::Answer(answer) => {
                let mut stream = incoming.stream;
                // Fails only when the stream or the connection is gone, and then there is nobody to tell.
                let _ = stream.send_data(counted(answer, budget)).and_then(|()| stream.finish());
            }
            Said::Declined => self.declined.push(incoming),
            Said::Failed => {
                let (receive, send) = incoming.stream.split();
                // Its end is a reset with the code of streams that were abandoned.
                drop(Stream::new(Arc::clone(budget), &shared.queue, 0, Some(receive), Some(send)));
            }
        }
    }
}
