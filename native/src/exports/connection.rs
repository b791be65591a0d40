//! Connections.

use super::endpoint::check_token;
use crate::{
    abi::*,
    connection::Kind,
    error::Failure,
    ffi::{Buffer, DONE, Out, answer, boundary, bytes, sized_out, text},
    handles::{CONNECTIONS, STREAMS},
    socket,
};

/// Opens a stream of `kind`, gives it `token`, a multiple of 8, and sends what there is room for of `data`.
///
/// `flags` of `JETSTREAM_SEND_FINISH` finishes the stream when all of `data` was taken. `PENDING`, when the peer's
/// limit of open streams is reached, arms `OPEN_*` of the connection and has taken nothing. Borrows `data` until
/// return. Returns ownership of `out_stream`: `jetstream_stream_free`.
/// Thread safety: one thread at a time per kind, else `BUSY`.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_poll_open(
    connection: u64, kind: u32, token: u64, data: *const u8, data_len: usize, flags: u32, out_stream: *mut u64,
    out_stream_id: *mut u64, out_accepted: *mut usize, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_stream, "out_stream")?;
            let out_id = Out::new(out_stream_id, "out_stream_id")?;
            let out_accepted = Out::new(out_accepted, "out_accepted")?;
            check_token(token)?;
            let finish = finish_flag(flags)?;
            let data = bytes(data, data_len, "data")?;
            let connection = CONNECTIONS.get(connection)?;
            answer(connection.poll_open(Kind::new(kind)?, token), |opened| {
                // A stream that cannot send is a stream all the same: the next call on it says why.
                let accepted = match opened.stream.poll_send(data, finish) {
                    std::task::Poll::Ready(Ok(accepted)) => accepted,
                    _ => 0,
                };
                out_id.set(opened.id);
                out_accepted.set(accepted);
                out.set(STREAMS.insert(opened.stream));
            })
        })
    }
}

/// Takes the next stream of `kind` that the peer opened, and gives it `token`, a multiple of 8.
///
/// `PENDING` arms `ACCEPT_*` of the connection. Returns ownership of `out_stream`: `jetstream_stream_free`.
/// Thread safety: one thread at a time per kind, else `BUSY`.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_poll_accept(
    connection: u64, kind: u32, token: u64, out_stream: *mut u64, out_stream_id: *mut u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_stream, "out_stream")?;
            let out_id = Out::new(out_stream_id, "out_stream_id")?;
            check_token(token)?;
            let connection = CONNECTIONS.get(connection)?;
            answer(connection.poll_accept(Kind::new(kind)?, token), |opened| {
                out_id.set(opened.id);
                out.set(STREAMS.insert(opened.stream));
            })
        })
    }
}

/// Closes the connection with `code`, below 2^62, and tells the peer. Streams end at once. Again does nothing.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_close(
    connection: u64, code: u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            CONNECTIONS.get(connection)?.close(code)?;
            DONE
        })
    }
}

/// Never OK: `PENDING`, arming `CLOSED` of the connection, while it lives; then the failure that tells why it ended.
///
/// Thread safety: one thread at a time.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_poll_closed(
    connection: u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe { boundary(err, || answer(CONNECTIONS.get(connection)?.poll_closed(), drop)) }
}

/// Gives the connection's number back, and closes the connection with code 0 if it was not closed. Its streams
/// keep their numbers until they are freed. Twice does nothing. Thread safety: any thread.
#[unsafe(no_mangle)]
pub extern "C" fn jetstream_connection_free(connection: u64) -> jetstream_status {
    // SAFETY: NULL is allowed.
    unsafe {
        boundary(std::ptr::null_mut(), || {
            if let Some(connection) = CONNECTIONS.remove(connection) {
                connection.close_unused();
            }
            DONE
        })
    }
}

/// The addresses of both ends as they are now: a peer's can change (RFC 9000 section 9).
///
/// Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_addresses(
    connection: u64, out_local: *mut jetstream_address, out_peer: *mut jetstream_address, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let (out_local, out_peer) = (Out::new(out_local, "out_local")?, Out::new(out_peer, "out_peer")?);
            let (local, peer) = CONNECTIONS.get(connection)?.addresses()?;
            out_local.set(socket::to_abi(local));
            out_peer.set(socket::to_abi(peer));
            DONE
        })
    }
}

/// Switches keep-alive packets on or off; the period is the configuration's. Off at first.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_keep_alive(
    connection: u64, enabled: u32, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            CONNECTIONS.get(connection)?.keep_alive(enabled != 0)?;
            DONE
        })
    }
}

/// What the TLS handshake agreed on. `out_info->size` is set by the caller. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_tls(
    connection: u64, out_info: *mut jetstream_tls_info, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = sized_out(out_info, "out_info")?;
            let connection = CONNECTIONS.get(connection)?;
            let facts = connection.facts();
            let tls = facts.tls();
            let (group, post_quantum) = facts.group().map_or(("", false), |(name, kem)| (name.as_str(), *kem));
            let mut alpn = [0; 256];
            let alpn_len = facts.alpn().len().min(alpn.len());
            alpn[..alpn_len].copy_from_slice(&facts.alpn()[..alpn_len]);
            out.set(jetstream_tls_info {
                size: size_of::<jetstream_tls_info>() as u32,
                // The only version that s2n-quic speaks (RFC 9000 section 15).
                quic_version: 1,
                cipher_suite: text(tls.map_or("", |tls| &tls.cipher_suite)),
                key_exchange_group: text(group),
                post_quantum: u32::from(post_quantum),
                alpn_len: alpn_len as u32,
                alpn,
                signature_scheme: text(tls.map_or("", |tls| tls.signature_scheme)),
                server_name: text(facts.server_name()),
                resumed: u32::from(tls.is_some_and(|tls| tls.resumed)),
            });
            DONE
        })
    }
}

/// The peer's certificate chain as it was validated, leaf first, up to the trusted issuer, each certificate in DER,
/// one after the other; nothing where it showed none. Writes `out_needed_len` always, and the bytes only when all of
/// them fit into `buffer_len`.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_peer_chain(
    connection: u64, out_buffer: *mut u8, buffer_len: usize, out_needed_len: *mut usize, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out_needed = Out::new(out_needed_len, "out_needed_len")?;
            let buffer = Buffer::new(out_buffer, buffer_len, "out_buffer")?;
            let connection = CONNECTIONS.get(connection)?;
            let chain = connection.facts().tls().map_or(&[][..], |tls| &tls.peer_chain);
            out_needed.set(copy_whole(chain.iter().map(Vec::as_slice), buffer));
            DONE
        })
    }
}

/// Reads the numbers of the connection. `out_stats->size` is set by the caller. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_stats_read(
    connection: u64, out_stats: *mut jetstream_connection_stats, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = sized_out(out_stats, "out_stats")?;
            out.set(CONNECTIONS.get(connection)?.stats());
            DONE
        })
    }
}

/// Sends a PING; `out_packet` is for `jetstream_connection_poll_ping`. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_ping(
    connection: u64, out_packet: *mut u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_packet, "out_packet")?;
            out.set(CONNECTIONS.get(connection)?.ping()?);
            DONE
        })
    }
}

/// Ready when the peer has acknowledged something that was sent after the ping began; `PENDING` arms `PING`.
///
/// Thread safety: one thread at a time.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_poll_ping(
    connection: u64, packet: u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe { boundary(err, || answer(CONNECTIONS.get(connection)?.poll_ping(packet), drop)) }
}

/// Queues a datagram (RFC 9221), which may get lost; writes 0 to `out_taken` when there is no room for it.
///
/// Borrows `data` until return. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_send_datagram(
    connection: u64, data: *const u8, data_len: usize, out_taken: *mut u32, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_taken, "out_taken")?;
            let data = bytes(data, data_len, "data")?;
            out.set(u32::from(CONNECTIONS.get(connection)?.send_datagram(data)?));
            DONE
        })
    }
}

/// Takes the next datagram, and tells its length; what is more than `buffer_len` is cut off.
///
/// `PENDING` arms `DATAGRAM` of the connection. Thread safety: one thread at a time.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_poll_receive_datagram(
    connection: u64, out_buffer: *mut u8, buffer_len: usize, out_len: *mut usize, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_len, "out_len")?;
            let mut buffer = Buffer::new(out_buffer, buffer_len, "out_buffer")?;
            let polled = CONNECTIONS.get(connection)?.poll_receive_datagram(&mut buffer);
            answer(polled, |len| out.set(len))
        })
    }
}

/// Reads the numbers of the connection's datagrams. `out_stats->size` is set by the caller. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_datagram_stats_read(
    connection: u64, out_stats: *mut jetstream_datagram_stats, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = sized_out(out_stats, "out_stats")?;
            out.set(CONNECTIONS.get(connection)?.datagram_stats()?);
            DONE
        })
    }
}

/// The key that exporter `index` of the configuration derived; nothing where the handshake gave none. Writes
/// `out_needed_len` always, and the bytes only when all of them fit into `buffer_len`.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_exported(
    connection: u64, index: usize, out_buffer: *mut u8, buffer_len: usize, out_needed_len: *mut usize,
    err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out_needed = Out::new(out_needed_len, "out_needed_len")?;
            let buffer = Buffer::new(out_buffer, buffer_len, "out_buffer")?;
            let connection = CONNECTIONS.get(connection)?;
            let exported = connection.facts().tls().map_or(&[][..], |tls| &tls.exported);
            let exported = exported.get(index).ok_or_else(|| {
                Failure::argument(format!("index is {index}, {} exporters are configured", exported.len()))
            })?;
            out_needed.set(copy_whole(std::iter::once(exported.as_slice()), buffer));
            DONE
        })
    }
}

fn copy_whole<'a>(parts: impl Iterator<Item = &'a [u8]> + Clone, mut buffer: Buffer) -> usize {
    let needed = parts.clone().map(<[u8]>::len).sum();
    if needed <= buffer.room() {
        for part in parts {
            buffer.put(part);
        }
    }
    needed
}

pub(super) fn finish_flag(flags: u32) -> Result<bool, Failure> {
    match flags {
        0 => Ok(false),
        JETSTREAM_SEND_FINISH => Ok(true),
        other => Err(Failure::argument(format!("flags has unknown bits {:#x}", other & !JETSTREAM_SEND_FINISH))),
    }
}
