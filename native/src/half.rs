//! One direction of a stream behind its mutex.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use crate::error::Failure;

/// A half of a stream: data calls exclude each other, and calls of either kind wait for the other kind.
pub struct Half<T> {
    half: Mutex<Option<T>>,
    /// Whether a data call has it, or waits for a control call to let it go.
    data: AtomicBool,
}

/// Lets the next data call in, however this one ends.
struct Place<'a>(&'a AtomicBool);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl<T> Half<T> {
    pub fn new(half: T) -> Self {
        Self { half: Mutex::new(Some(half)), data: AtomicBool::new(false) }
    }

    /// For data calls: two at once on one direction are the caller's mistake, told at once. A control call under way
    /// is waited for, for it never blocks: it may have woken who calls.
    pub fn data<R>(&self, direction: &str, call: impl FnOnce(&mut T) -> R) -> Result<R, Failure> {
        if self.data.swap(true, Ordering::Acquire) {
            return Err(Failure::busy(direction));
        }
        let _place = Place(&self.data);
        self.control(call)
    }

    /// For control calls: they wait for the data call under way, which never blocks.
    pub fn control<R>(&self, call: impl FnOnce(&mut T) -> R) -> Result<R, Failure> {
        let mut guard = self.half.lock().map_err(|_| Failure::panicked("an earlier call on this stream panicked"))?;
        guard.as_mut().map(call).ok_or_else(|| Failure::closed("stream"))
    }

    /// For the end, whatever has happened.
    pub fn take(&self) -> Option<T> {
        self.half.lock().unwrap_or_else(|poison| poison.into_inner()).take()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::abi::JETSTREAM_STATUS_BUSY;

    #[test]
    fn two_data_calls_at_once_are_refused() {
        let half = Half::new(1);
        let second = half.data("sending", |_| half.data("sending", |_| ())).expect("nobody has it");
        assert_eq!(second.expect_err("somebody has it").status, JETSTREAM_STATUS_BUSY);
        assert_eq!(half.data("sending", |half| *half).expect("nobody has it any more"), 1);
    }

    /// As often as it takes to meet the one while the other has it.
    #[test]
    fn a_data_call_waits_for_the_control_call_that_woke_it() {
        for _ in 0..200 {
            let half = Half::new(1);
            let (woken, wakes) = mpsc::channel();
            std::thread::scope(|scope| {
                let waiter = half
                    .control(|value| {
                        let waiter = scope.spawn(|| {
                            woken.send(()).expect("heard");
                            half.data("sending", |half| *half).map_err(|failure| failure.status)
                        });
                        wakes.recv().expect("it began");
                        std::thread::yield_now();
                        *value = 2;
                        waiter
                    })
                    .expect("nobody has it");
                assert_eq!(waiter.join().expect("no panic"), Ok(2));
            });
        }
    }
}
