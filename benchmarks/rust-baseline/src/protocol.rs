//! What is said on a stream. All streams are bidirectional and opened by the client.
//!
//! | first byte | then, until the client's end | answer, then the server's end |
//! | --- | --- | --- |
//! | `E` | any bytes | all bytes of the stream, the `E` too, as they come |
//! | `D` | a size, 8 bytes, big endian | that many bytes |
//! | `U` | any bytes | their count without the `U`, 8 bytes, big endian |
//!
//! A call is `E` and at least 31 bytes. Anything else is answered by a reset with code [`MALFORMED`].

pub const ECHO: u8 = b'E';
pub const DOWNLOAD: u8 = b'D';
pub const UPLOAD: u8 = b'U';

/// The 32 bytes of the smallest call, in both directions.
pub const CALL: &[u8; 32] = b"E0123456789abcdefghijklmnopqrstu";

/// `D` and its size.
pub const DOWNLOAD_LEN: usize = 9;

/// Code of the reset that answers what is none of the three.
pub const MALFORMED: u32 = 1;

/// Chunks taken from a stream by one call: so many that one call empties what a turn of the
/// endpoint brought, as the Java library does it.
pub const CHUNKS: usize = 32;

/// A longer call is received while it is sent, for else both sides may wait for each other.
pub const LONG: usize = 64 << 10;
