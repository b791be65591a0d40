//! Sending a request and awaiting its answer.

use std::{future::poll_fn, sync::Arc, time::Duration};

use bytes::Bytes;
use s2n_quic::{connection::Handle, stream::BidirectionalStream};
use tokio::sync::Mutex;

use super::Exchanges;
use crate::{
    abi::JETSTREAM_STATUS_EXCHANGE_TIMEOUT, connection::Budget, error::Failure, facts::Facts, lease::MAX_CHUNKS,
    stream::Stream, wake::WakeQueue,
};

/// What a request needs of its connection.
pub struct Request {
    /// One for all requests of the connection, in their order: s2n-quic wakes everyone who waits for a stream when there
    /// is one more, which for thousands takes longer than the streams.
    pub opener: Arc<Mutex<Handle>>,
    pub facts: Arc<Facts>,
    pub budget: Arc<Budget>,
    pub token: u64,
    /// Counted already: a request that waits for its stream holds its bytes.
    pub data: Bytes,
    pub timeout: Duration,
}

/// Wakes the request's token when its task ends without an answer: with its endpoint, or by a panic.
struct Unanswered {
    token: Option<u64>,
    queue: Arc<WakeQueue>,
    budget: Arc<Budget>,
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        self.budget.request_ended();
        if let Some(token) = self.token {
            self.queue.push(token);
        }
    }
}

/// A stream that ends abruptly when the wait for its answer does.
struct Waiting<'a> {
    stream: Option<BidirectionalStream>,
    budget: &'a Arc<Budget>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if let Some(stream) = self.stream.take() {
            let (receive, send) = stream.split();
            let (budget, queue) = (Arc::clone(self.budget), &self.budget.shared().queue);
            drop(Stream::new(budget, queue, 0, Some(receive), Some(send)));
        }
    }
}

/// Runs as a task of the endpoint's runtime, and calls the caller once.
pub async fn send(request: Request) {
    let Request { opener, facts, budget, token, data, timeout } = request;
    let shared = Arc::clone(budget.shared());
    let (queue, counted) = (Arc::clone(&shared.queue), Arc::clone(&budget));
    let mut unanswered = Unanswered { token: Some(token), queue, budget: counted };
    let Some(exchanges) = shared.exchanges.get() else { return };
    let exchange = async {
        let stream = opener.lock().await.open_bidirectional_stream().await;
        let stream = stream.map_err(|error| facts.ended().unwrap_or_else(|| error.into()))?;
        let mut waiting = Waiting { stream: Some(stream), budget: &budget };
        let answer = exchange(&mut waiting, data, exchanges).await?;
        // Ended on both sides: nothing is to be abandoned.
        drop(waiting.stream.take());
        Ok(answer)
    };
    let answer = match tokio::time::timeout(timeout, exchange).await {
        Ok(answer) => answer,
        Err(_) => Err(Failure::new(JETSTREAM_STATUS_EXCHANGE_TIMEOUT, format!("no answer in {timeout:?}"))),
    };
    unanswered.token = None;
    // What is handed over may be a reason to send the next one.
    drop(unanswered);
    match answer {
        Ok(answer) => drop(exchanges.tell(token, &answer)),
        Err(failure) => exchanges.tell_failure(token, &failure),
    }
}

async fn exchange(waiting: &mut Waiting<'_>, data: Bytes, exchanges: &Exchanges) -> Result<Vec<Bytes>, Failure> {
    let Some(stream) = &mut waiting.stream else { return Ok(Vec::new()) };
    stream.send_data(data)?;
    stream.finish()?;
    let mut answer = Vec::new();
    let mut len = 0;
    loop {
        let mut chunks: [Bytes; MAX_CHUNKS] = Default::default();
        let (count, open) = poll_fn(|context| stream.poll_receive_vectored(&mut chunks, context)).await?;
        len += chunks[..count].iter().map(Bytes::len).sum::<usize>();
        if len > exchanges.max() {
            return Err(Failure::limit(format!("the answer is longer than {} bytes", exchanges.max())));
        }
        answer.extend(chunks[..count].iter_mut().map(std::mem::take));
        if !open {
            return Ok(answer);
        }
    }
}
