//! The services that both ends of the tests speak.

use crate::types::{Everything, Failure, Names};
use jetstream::prelude::*;

#[service(uses(crate::types::*))]
pub trait Peer {
    async fn nothing(&mut self) -> Result<()>;
    async fn everything(&mut self, value: Everything) -> Result<Everything>;
    async fn add(&mut self, a: u64, b: u64) -> Result<u64>;
    async fn text(&mut self, text: String) -> Result<String>;
    async fn blob(&mut self, data: Data) -> Result<Data>;
    /// Answers when somebody has released `key`.
    async fn hold(&mut self, key: u32) -> Result<u32>;
    async fn release(&mut self, key: u32) -> Result<()>;
    async fn fail(&mut self, failure: Failure) -> Result<u32>;
    async fn who_am_i(&mut self, ctx: Context) -> Result<Names>;
    /// Never answers.
    async fn silence(&mut self) -> Result<()>;
}

/// Another service of the same connection.
#[service]
pub trait Second {
    async fn name(&mut self) -> Result<String>;
}

/// Handlers that fail in the ways that programs do.
#[service]
pub trait Faults {
    async fn nothing(&mut self) -> Result<()>;
    async fn throwing(&mut self) -> Result<()>;
    async fn overflows(&mut self) -> Result<()>;
    async fn exhausts(&mut self) -> Result<()>;
    async fn stays(&mut self) -> Result<()>;
}

/// A service that no server has.
#[service]
pub trait Nowhere {
    async fn nothing(&mut self) -> Result<()>;
}
