//! One stream: its two halves, each behind its own mutex, polled from any thread.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use s2n_quic::{
    application,
    stream::{ReceiveStream, SendStream},
};

use crate::{
    abi::*,
    blocked,
    budget::{self, counted},
    connection::Budget,
    error::{Failure, application_code},
    ffi::Buffer,
    half::Half,
    lease::{Lease, MAX_CHUNKS},
    wake::{Operation, WakeQueue},
};

/// The most that one send call copies: larger buffers are sent by several calls.
const MAX_COPY: usize = 1 << 20;

pub struct Stream {
    budget: Arc<Budget>,
    receive: Option<Half<ReceiveHalf>>,
    send: Option<Half<SendHalf>>,
}

struct ReceiveHalf {
    stream: ReceiveStream,
    operation: Operation,
    /// Received, not yet given to the caller: what did not fit into its memory.
    leftover: VecDeque<Bytes>,
    /// How the direction ended, once it did. What is left over is given out first.
    ended: Option<Result<(), Failure>>,
}

struct SendHalf {
    stream: SendStream,
    operation: Operation,
    ended: Option<End>,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Finished,
    Reset,
}

impl Stream {
    pub fn new(
        budget: Arc<Budget>, queue: &Arc<WakeQueue>, token: u64, receive: Option<ReceiveStream>,
        send: Option<SendStream>,
    ) -> Arc<Self> {
        Self::begun(budget, queue, token, receive, send, Vec::new(), None)
    }

    /// A stream of which something was received before: `leftover`, and how its end was.
    pub fn begun(
        budget: Arc<Budget>, queue: &Arc<WakeQueue>, token: u64, receive: Option<ReceiveStream>,
        send: Option<SendStream>, leftover: Vec<Bytes>, ended: Option<Result<(), Failure>>,
    ) -> Arc<Self> {
        let receive = receive.map(|stream| ReceiveHalf {
            stream,
            operation: Operation::new(queue, token, JETSTREAM_WAKE_STREAM_RECEIVE),
            leftover: leftover.into(),
            ended,
        });
        let send = send.map(|stream| SendHalf {
            stream,
            operation: Operation::new(queue, token, JETSTREAM_WAKE_STREAM_SEND),
            ended: None,
        });
        budget.stream_began();
        Arc::new(Self { budget, receive: receive.map(Half::new), send: send.map(Half::new) })
    }

    pub fn budget(&self) -> &Arc<Budget> {
        &self.budget
    }

    /// Copies as much of `data` as there is room for and says how much that was.
    pub fn poll_send(&self, data: &[u8], finish: bool) -> Poll<Result<usize, Failure>> {
        self.sending(|half| half.poll_send(data, finish, &self.budget))
    }

    /// Sends bytes without a copy, all or nothing; on `Pending` they stay in `chunk`.
    pub fn poll_send_chunk(&self, chunk: &mut Option<Bytes>, finish: bool) -> Poll<Result<(), Failure>> {
        self.sending(|half| half.poll_send_chunk(chunk, finish, &self.budget))
    }

    /// Ready when the peer has acknowledged all that was sent, and the end if it was sent.
    pub fn poll_flush(&self) -> Poll<Result<(), Failure>> {
        self.sending(|half| match half.ended {
            Some(End::Reset) => Poll::Ready(Err(ended_before())),
            Some(End::Finished) => {
                half.operation.poll(|context| half.stream.poll_close(context)).map_err(Failure::from)
            }
            None => half.operation.poll(|context| half.stream.poll_flush(context)).map_err(Failure::from),
        })
    }

    pub fn finish(&self) -> Result<(), Failure> {
        self.send_half()?.control(SendHalf::finish)?
    }

    pub fn reset(&self, code: u64) -> Result<(), Failure> {
        let code = application_code(code)?;
        self.send_half()?.control(|half| {
            half.ended = Some(End::Reset);
            half.abort(code)
        })?
    }

    pub fn stop_sending(&self, code: u64) -> Result<(), Failure> {
        let code = application_code(code)?;
        self.receive_half()?.control(|half| {
            half.leftover.clear();
            if half.ended.is_none() {
                half.stop(code)?;
            }
            half.ended = Some(Err(Failure {
                initiator: JETSTREAM_INITIATOR_LOCAL,
                ..Failure::new(JETSTREAM_STATUS_STREAM_STOPPED, "receiving was stopped before")
            }));
            Ok(())
        })?
    }

    /// Fills the caller's memory; true when the peer's clean end was reached.
    pub fn poll_receive_copy(&self, buffer: &mut Buffer) -> Poll<Result<bool, Failure>> {
        self.receiving(|half| half.poll_copy(buffer))
    }

    /// Takes up to `max` chunks without a copy; true when the peer's clean end was reached.
    pub fn poll_receive_lease(&self, max: usize) -> Poll<Result<(Option<Lease>, bool), Failure>> {
        if let Err(failure) = self.budget.check_leased() {
            return Poll::Ready(Err(failure));
        }
        self.receiving(|half| half.poll_lease(max, &self.budget))
    }

    /// Ends what is not ended, abruptly: half a message must never look whole. Idempotent.
    pub fn abandon(&self) {
        let code = self.budget.abandoned_stream_code();
        if let Some(send) = &self.send
            && let Some(mut half) = send.take()
            && half.ended.is_none()
        {
            // A stream that is gone already needs no reset.
            let _ = half.abort(code);
        }
        if let Some(receive) = &self.receive
            && let Some(mut half) = receive.take()
            && half.ended.is_none()
        {
            let _ = half.stop(code);
        }
    }

    #[cfg(feature = "test-hooks")]
    pub fn panic_while_sending(&self) -> Poll<Result<(), Failure>> {
        self.sending(|_| panic!("test: panic inside an export"))
    }

    fn send_half(&self) -> Result<&Half<SendHalf>, Failure> {
        self.send.as_ref().ok_or_else(|| Failure::wrong_kind("the stream is receive-only"))
    }

    fn receive_half(&self) -> Result<&Half<ReceiveHalf>, Failure> {
        self.receive.as_ref().ok_or_else(|| Failure::wrong_kind("the stream is send-only"))
    }

    fn sending<T>(&self, poll: impl FnOnce(&mut SendHalf) -> Poll<Result<T, Failure>>) -> Poll<Result<T, Failure>> {
        self.budget.or_dead(self.send_half()?.data("sending", poll)?)
    }

    fn receiving<T>(
        &self, poll: impl FnOnce(&mut ReceiveHalf) -> Poll<Result<T, Failure>>,
    ) -> Poll<Result<T, Failure>> {
        let answer = self.receive_half()?.data("receiving", |half| {
            let ended_before = half.ended.is_some();
            let answer = poll(half);
            if half.ended.is_some() && !ended_before {
                blocked::end_read(&self.budget, || half.stream.connection());
            }
            answer
        })?;
        self.budget.or_dead(answer)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // s2n-quic would send a clean end.
        self.abandon();
        self.budget.stream_ended();
    }
}

impl SendHalf {
    fn poll_send(&mut self, data: &[u8], finish: bool, budget: &Arc<Budget>) -> Poll<Result<usize, Failure>> {
        if self.ended.is_some() {
            return Poll::Ready(Err(ended_before()));
        }
        let mut taken = 0;
        if !data.is_empty() {
            // s2n-quic takes a chunk of any size when one byte is free: asking first is what bounds memory.
            let room = std::task::ready!(self.poll_room(budget))?;
            taken = data.len().min(room).min(MAX_COPY);
            self.stream.send_data(counted(data[..taken].to_vec(), budget))?;
        }
        if finish && taken == data.len() {
            self.finish()?;
        }
        Poll::Ready(Ok(taken))
    }

    fn poll_send_chunk(
        &mut self, chunk: &mut Option<Bytes>, finish: bool, budget: &Arc<Budget>,
    ) -> Poll<Result<(), Failure>> {
        if self.ended.is_some() {
            return Poll::Ready(Err(ended_before()));
        }
        std::task::ready!(self.poll_room(budget))?;
        if let Some(chunk) = chunk.take() {
            self.stream.send_data(counted(chunk, budget))?;
        }
        if finish {
            self.finish()?;
        }
        Poll::Ready(Ok(()))
    }

    /// Room that the stream, the connection and the endpoint all have.
    fn poll_room(&mut self, budget: &Budget) -> Poll<Result<usize, Failure>> {
        self.operation.poll(|context| {
            let room = std::task::ready!(self.stream.poll_send_ready(context))?;
            match room.min(budget::room(budget, context.waker())) {
                0 => Poll::Pending,
                room => Poll::Ready(Ok(room)),
            }
        })
    }

    /// Resets, and looks once whether the peer has stopped the stream meanwhile: that resets it as well, and s2n-quic
    /// forgets the stream only when that was seen, which `reset` does not do. The peer's credit would be lost.
    fn abort(&mut self, code: application::Error) -> Result<(), Failure> {
        self.stream.reset(code)?;
        let _ = self.stream.poll_send_ready(&mut Context::from_waker(Waker::noop()));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Failure> {
        match self.ended {
            Some(End::Finished) => Ok(()),
            Some(End::Reset) => Err(ended_before()),
            None => {
                self.stream.finish()?;
                self.ended = Some(End::Finished);
                Ok(())
            }
        }
    }
}

impl ReceiveHalf {
    /// Asks the peer to stop, and looks once whether it has reset meanwhile: s2n-quic forgets a stream only when its
    /// reset was seen, and `stop_sending` does not see one that has come unread. The peer's credit would be lost.
    fn stop(&mut self, code: application::Error) -> Result<(), Failure> {
        self.stream.stop_sending(code)?;
        let _ = self.stream.poll_receive(&mut Context::from_waker(Waker::noop()));
        Ok(())
    }

    /// Takes what has arrived, up to `chunks.len()`. `Ready(0)` only at an end.
    fn poll_chunks(&mut self, chunks: &mut [Bytes]) -> Poll<usize> {
        if self.ended.is_some() {
            return Poll::Ready(0);
        }
        match self.operation.poll(|context| self.stream.poll_receive_vectored(chunks, context)) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Ok((count, open))) => {
                if !open {
                    self.ended = Some(Ok(()));
                }
                Poll::Ready(count)
            }
            Poll::Ready(Err(error)) => {
                self.ended = Some(Err(error.into()));
                Poll::Ready(0)
            }
        }
    }

    /// True at the clean end, an error at the abrupt one, both only when nothing is left over.
    fn end(&self) -> Result<bool, Failure> {
        if !self.leftover.is_empty() {
            return Ok(false);
        }
        match &self.ended {
            None => Ok(false),
            Some(Ok(())) => Ok(true),
            Some(Err(failure)) => Err(failure.clone()),
        }
    }

    fn poll_copy(&mut self, buffer: &mut Buffer) -> Poll<Result<bool, Failure>> {
        self.copy_leftover(buffer);
        let mut chunks: [Bytes; MAX_CHUNKS] = Default::default();
        while buffer.room() > 0 && self.ended.is_none() {
            // A chunk holds at least most of a packet, so this many fill the buffer, or nearly.
            let wanted = buffer.room().div_ceil(1024).min(MAX_CHUNKS);
            let Poll::Ready(count) = self.poll_chunks(&mut chunks[..wanted]) else { break };
            self.leftover.extend(chunks[..count].iter_mut().map(std::mem::take));
            self.copy_leftover(buffer);
            if count < wanted {
                break;
            }
        }
        match self.end() {
            Ok(end) if end || buffer.filled() > 0 || buffer.room() == 0 => Poll::Ready(Ok(end)),
            Ok(_) => Poll::Pending,
            // What came before the abrupt end is given out first; the next call tells of the end.
            Err(_) if buffer.filled() > 0 => Poll::Ready(Ok(false)),
            Err(failure) => Poll::Ready(Err(failure)),
        }
    }

    fn copy_leftover(&mut self, buffer: &mut Buffer) {
        while let Some(chunk) = self.leftover.front_mut() {
            let count = buffer.put(chunk);
            if count < chunk.len() {
                bytes::Buf::advance(chunk, count);
                return;
            }
            self.leftover.pop_front();
        }
    }

    fn poll_lease(&mut self, max: usize, budget: &Arc<Budget>) -> Poll<Result<(Option<Lease>, bool), Failure>> {
        let mut chunks: [Bytes; MAX_CHUNKS] = Default::default();
        let max = max.clamp(1, MAX_CHUNKS);
        let mut count = 0;
        while count < max
            && let Some(chunk) = self.leftover.pop_front()
        {
            chunks[count] = chunk;
            count += 1;
        }
        if count == 0 {
            match self.poll_chunks(&mut chunks[..max]) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(received) => count = received,
            }
        }
        let lease = (count > 0).then(|| Lease::new(chunks[..count].iter_mut().map(std::mem::take).collect(), budget));
        match self.end() {
            Ok(end) => Poll::Ready(Ok((lease, end))),
            Err(_) if lease.is_some() => Poll::Ready(Ok((lease, false))),
            Err(failure) => Poll::Ready(Err(failure)),
        }
    }
}

fn ended_before() -> Failure {
    Failure {
        initiator: JETSTREAM_INITIATOR_LOCAL,
        ..Failure::new(JETSTREAM_STATUS_STREAM_SEND_AFTER_FINISH, "the sending direction was ended before")
    }
}
