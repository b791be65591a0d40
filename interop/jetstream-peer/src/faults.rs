//! Handlers that fail: what becomes of their calls, and of the others?

use crate::service::Faults;
use jetstream::prelude::Result;
use std::hint::black_box;

#[derive(Clone, Debug, Default)]
pub struct FaultsHandler;

impl Faults for FaultsHandler {
    async fn nothing(&mut self) -> Result<()> {
        Ok(())
    }

    async fn throwing(&mut self) -> Result<()> {
        panic!("as a test asks");
    }

    async fn overflows(&mut self) -> Result<()> {
        black_box(descend(black_box(0)));
        Ok(())
    }

    async fn exhausts(&mut self) -> Result<()> {
        black_box(Vec::<u8>::with_capacity(black_box(isize::MAX as usize)));
        Ok(())
    }

    async fn stays(&mut self) -> Result<()> {
        std::future::pending().await
    }
}

/// No tail call: the sum needs the frame.
fn descend(depth: u64) -> u64 {
    match depth {
        u64::MAX => 0,
        _ => black_box(descend(black_box(depth + 1))) + 1,
    }
}
