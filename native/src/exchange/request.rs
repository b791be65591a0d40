//! Sending a request and awaiting its answer.

use std::{future::poll_fn, sync::Arc, time::Duration};

use bytes::Bytes;
use s2n_quic::connection;

use super::{
    Exchanges,
    opener::{Asked, Opener},
};
use crate::{
    abi::JETSTREAM_STATUS_EXCHANGE_TIMEOUT, connection::Budget, error::Failure, facts::Facts, lease::MAX_CHUNKS,
};

/// A request that has no answer yet. Its end by other means, with its endpoint or by a panic, wakes its token.
pub struct Request {
    opener: Arc<Opener>,
    facts: Arc<Facts>,
    budget: Arc<Budget>,
    /// None once the caller has been told.
    token: Option<u64>,
    /// Counted already: a request that waits for its stream holds its bytes.
    data: Bytes,
    /// Once `data` is sent.
    asked: Option<Result<Asked, Failure>>,
}

impl Request {
    /// The caller has counted it.
    pub fn new(opener: Arc<Opener>, facts: Arc<Facts>, budget: Arc<Budget>, token: u64, data: Bytes) -> Self {
        Self { opener, facts, budget, token: Some(token), data, asked: None }
    }

    /// Sends it on the caller's thread, when there is a stream: the endpoint's finds a packet to make, and not a task
    /// that makes it a packet to make.
    pub fn send_at_once(&mut self) {
        if let Some(opened) = self.opener.open_at_once(&self.budget) {
            self.asked = Some(self.send(opened));
        }
    }

    fn send(&mut self, opened: Result<Asked, connection::Error>) -> Result<Asked, Failure> {
        let mut asked = opened.map_err(|error| self.facts.ended().unwrap_or_else(|| error.into()))?;
        let stream = asked.stream()?;
        stream.send_data(std::mem::take(&mut self.data))?;
        stream.finish()?;
        Ok(asked)
    }

    /// Awaits the answer as a task of the endpoint's runtime, and calls the caller once.
    pub async fn answered(mut self, timeout: Duration) {
        let shared = Arc::clone(self.budget.shared());
        let Some(exchanges) = shared.exchanges.get() else { return };
        let answer = match tokio::time::timeout(timeout, self.answer(exchanges)).await {
            Ok(answer) => answer,
            Err(_) => Err(Failure::new(JETSTREAM_STATUS_EXCHANGE_TIMEOUT, format!("no answer in {timeout:?}"))),
        };
        let Some(token) = self.token.take() else { return };
        // What is handed over may be a reason to send the next one.
        drop(self);
        match answer {
            Ok(answer) => drop(exchanges.tell(token, &answer)),
            Err(failure) => exchanges.tell_failure(token, &failure),
        }
    }

    async fn answer(&mut self, exchanges: &Exchanges) -> Result<Vec<Bytes>, Failure> {
        let mut asked = match self.asked.take() {
            Some(asked) => asked?,
            None => {
                let opened = self.opener.wait(&self.budget).await?;
                self.send(opened)?
            }
        };
        let answer = receive(&mut asked, exchanges.max()).await?;
        asked.done();
        Ok(answer)
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.budget.request_ended();
        if let Some(token) = self.token {
            self.budget.shared().queue.push(token);
        }
    }
}

async fn receive(asked: &mut Asked, max: usize) -> Result<Vec<Bytes>, Failure> {
    let stream = asked.stream()?;
    let mut answer = Vec::new();
    let mut len = 0;
    loop {
        let mut chunks: [Bytes; MAX_CHUNKS] = Default::default();
        let (count, open) = poll_fn(|context| stream.poll_receive_vectored(&mut chunks, context)).await?;
        len += chunks[..count].iter().map(Bytes::len).sum::<usize>();
        if len > max {
            return Err(Failure::limit(format!("the answer is longer than {max} bytes")));
        }
        answer.extend(chunks[..count].iter_mut().map(std::mem::take));
        if !open {
            return Ok(answer);
        }
    }
}
