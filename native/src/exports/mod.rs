//! The exported functions, one file per kind of object.

pub mod connection;
pub mod control;
pub mod endpoint;
pub mod exchange;
pub mod library;
pub mod memory;
pub mod parameters;
pub mod stream;
