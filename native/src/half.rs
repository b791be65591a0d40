//! One direction of a stream behind its mutex.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::error::Failure;

/// A half of a stream: data calls exclude each other, and calls of either kind wait for the other kind.
pub struct Half<T> {
    half: Mutex<Option<T>>,
    /// Whether a data call has it, or waits for a control call to let it go.
    data: AtomicBool,
}

/// What a data call has.
pub struct Data<'a, T> {
    half: MutexGuard<'a, Option<T>>,
    _place: Place<'a>,
}

struct Place<'a>(&'a AtomicBool);

impl<T> Half<T> {
    pub fn new(half: T) -> Self {
        Self { half: Mutex::new(Some(half)), data: AtomicBool::new(false) }
    }

    /// For data calls: two at once on one direction are the caller's mistake, told at once. A control call under way
    /// is waited for, for it never blocks: it may have woken who calls.
    pub fn data(&self, direction: &str) -> Result<Data<'_, T>, Failure> {
        if self.data.swap(true, Ordering::Acquire) {
            return Err(Failure::busy(direction));
        }
        let place = Place(&self.data);
        Ok(Data { half: self.control()?, _place: place })
    }

    /// For control calls: they wait for the data call under way, which never blocks.
    pub fn control(&self) -> Result<MutexGuard<'_, Option<T>>, Failure> {
        self.half.lock().map_err(|_| Failure::panicked("an earlier call on this stream panicked"))
    }

    /// For the end, whatever has happened.
    pub fn take(&self) -> Option<T> {
        self.half.lock().unwrap_or_else(|poison| poison.into_inner()).take()
    }
}

impl<T> Deref for Data<'_, T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.half
    }
}

impl<T> DerefMut for Data<'_, T> {
    fn deref_mut(&mut self) -> &mut Option<T> {
        &mut self.half
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
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
        let first = half.data("sending").expect("nobody has it");
        assert_eq!(half.data("sending").err().expect("somebody has it").status, JETSTREAM_STATUS_BUSY);
        drop(first);
        assert_eq!(*half.data("sending").expect("nobody has it any more"), Some(1));
    }

    /// As often as it takes to meet the one while the other has it.
    #[test]
    fn a_data_call_waits_for_the_control_call_that_woke_it() {
        for _ in 0..200 {
            let half = Half::new(1);
            let (woken, wakes) = mpsc::channel();
            std::thread::scope(|scope| {
                let mut control = half.control().expect("nobody has it");
                let waiter = scope.spawn(|| {
                    woken.send(()).expect("heard");
                    half.data("sending").map(|half| *half).map_err(|failure| failure.status)
                });
                wakes.recv().expect("it began");
                std::thread::yield_now();
                *control = None;
                drop(control);
                assert_eq!(waiter.join().expect("no panic"), Ok(None));
            });
        }
    }
}
