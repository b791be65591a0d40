//! The C ABI of JetStream for Java over s2n-quic and s2n-tls; `include/jetstream.h` is made from it.
//!
//! Every operation is a short call that does its work at once or answers `PENDING` and wakes the caller later.
//! Nothing blocks, no panic leaves, and no pointer to an object of Rust is handed out.
// r[impl security.1.32]
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks, improper_ctypes_definitions)]

pub mod abi;
mod addresses;
mod admission;
mod ask;
mod blocked;
mod budget;
mod claim;
mod config;
mod connect;
mod connection;
mod counters;
mod datagram;
mod der;
mod endpoint;
mod error;
mod event_loop;
mod events;
mod exchange;
pub mod exports;
mod facts;
mod ffi;
mod gate;
mod half;
mod handles;
#[cfg(feature = "test-hooks")]
pub mod hooks;
mod ids;
mod inherited;
mod judge;
mod keylog;
mod layout;
mod lease;
mod observer;
mod parameters;
mod qlog;
mod questions;
mod records;
mod refusal;
mod retry;
mod shared;
mod socket;
mod stats;
mod stream;
mod tickets;
mod tls;
mod validity;
mod wake;
