//! Servers and clients.

use std::time::Duration;

use crate::{
    abi::*,
    config::{self, Settings},
    connection::Connection,
    endpoint::Endpoint,
    error::Failure,
    ffi::{Answer, DONE, Out, answer, boundary, bytes, sized_in, sized_out},
    handles::{CONNECTS, ENDPOINTS},
    inherited, socket,
};

/// Fills in the defaults. The texts that it points to are the library's and stay.
///
/// `size` is the caller's `sizeof(jetstream_endpoint_config)`. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_config_init(
    size: u32, out_config: *mut jetstream_endpoint_config, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_config, "out_config")?;
            let ours = size_of::<jetstream_endpoint_config>();
            if size as usize != ours {
                return Err(Failure::version(format!("size is {size}, this library's is {ours}")));
            }
            out.set(config::defaults());
            DONE
        })
    }
}

/// Binds a server and starts its thread. The certificate and key are checked before anything is bound.
///
/// Borrows `config` and all it points to until return. Returns ownership of `out_endpoint`:
/// `jetstream_endpoint_close`, then `jetstream_endpoint_free`. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have, those in `config` included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_server_open(
    config: *const jetstream_endpoint_config, out_endpoint: *mut u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe { boundary(err, || open(config, out_endpoint, Endpoint::server)) }
}

/// Binds a client's socket and starts its thread; one client serves any number of connections.
///
/// Borrows `config` and all it points to until return. Returns ownership of `out_endpoint`:
/// `jetstream_endpoint_close`, then `jetstream_endpoint_free`. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have, those in `config` included.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_client_open(
    config: *const jetstream_endpoint_config, out_endpoint: *mut u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe { boundary(err, || open(config, out_endpoint, Endpoint::client)) }
}

/// # Safety
///
/// As for the exports.
unsafe fn open(
    config: *const jetstream_endpoint_config, out_endpoint: *mut u64,
    start: impl FnOnce(&Settings) -> Result<std::sync::Arc<Endpoint>, Failure>,
) -> Answer {
    // SAFETY: as promised by the caller.
    let (out, settings) = unsafe {
        let out = Out::new(out_endpoint, "out_endpoint")?;
        (out, Settings::new(sized_in(config, "config")?)?)
    };
    out.set(ENDPOINTS.insert(start(&settings)?));
    DONE
}

/// Tells the address of the socket behind an inherited descriptor, when an endpoint can be opened on it, else
/// `BAD_SOCKET`. The descriptor stays the caller's, and nothing is changed on it.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_socket_inspect(
    descriptor: i32, out_address: *mut jetstream_address, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_address, "out_address")?;
            out.set(socket::to_abi(inherited::duplicate(descriptor)?.1));
            DONE
        })
    }
}

/// Tells address, socket buffers and counts. `out_info->size` is set by the caller.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_describe(
    endpoint: u64, out_info: *mut jetstream_endpoint_info, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = sized_out(out_info, "out_info")?;
            out.set(ENDPOINTS.get(endpoint)?.info());
            DONE
        })
    }
}

/// Takes the oldest handshake that was refused and not taken yet; `PENDING` when there is none (nothing wakes then).
///
/// The last 256 are kept. `out_refusal->size` is set by the caller. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_server_take_refusal(
    endpoint: u64, out_refusal: *mut jetstream_refusal, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = sized_out(out_refusal, "out_refusal")?;
            let Some(refusal) = ENDPOINTS.get(endpoint)?.take_refusal() else { return crate::ffi::PENDING };
            let mut reason = [0; 200];
            let len = refusal.why.why.floor_char_boundary(reason.len());
            reason[..len].copy_from_slice(&refusal.why.why.as_bytes()[..len]);
            let unknown = std::net::SocketAddr::from(([0, 0, 0, 0], 0));
            out.set(jetstream_refusal {
                size: size_of::<jetstream_refusal>() as u32,
                reason_len: len as u32,
                peer: socket::to_abi(refusal.peer.unwrap_or(unknown)),
                reason,
                cause: refusal.why.cause,
                reserved: 0,
            });
            DONE
        })
    }
}

/// Takes the next connection whose handshake is done, and gives it `token`, a multiple of 8.
///
/// `PENDING` arms the server's `ACCEPT`. Returns ownership of `out_connection`: `jetstream_connection_free`.
/// Thread safety: one thread at a time, else `BUSY`.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_server_poll_accept(
    endpoint: u64, token: u64, out_connection: *mut u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_connection, "out_connection")?;
            check_token(token)?;
            let polled = ENDPOINTS.get(endpoint)?.poll_accept(token);
            answer(polled.map(|polled| polled.and_then(Connection::publish)), |handle| out.set(handle))
        })
    }
}

/// Begins to connect to `peer`, whose certificate must name `server_name` (a DNS name or an IP address in text).
///
/// The connection will have `token`, a multiple of 8. Borrows `peer` and `server_name` until return. Returns
/// ownership of `out_connect`: `jetstream_connect_poll` ends it, or `jetstream_connect_free`.
/// Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_client_connect(
    endpoint: u64, peer: *const jetstream_address, server_name: *const u8, server_name_len: usize, token: u64,
    out_connect: *mut u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_connect, "out_connect")?;
            check_token(token)?;
            let peer = peer.as_ref().ok_or_else(|| Failure::argument("peer is NULL"))?;
            let name = server_name_text(bytes(server_name, server_name_len, "server_name")?)?;
            let peer = socket::from_abi(peer, "peer")?;
            if peer.port() == 0 {
                return Err(Failure::argument("peer.port is 0"));
            }
            out.set(ENDPOINTS.get(endpoint)?.connect(peer, name, token)?.publish()?);
            DONE
        })
    }
}

/// Ready when the peer has confirmed the handshake, which in mutual TLS means: has accepted this side's certificate.
///
/// `PENDING` arms `CONNECT` of the token given. Any other answer consumes `connect`; OK returns ownership of
/// `out_connection`: `jetstream_connection_free`. Thread safety: one thread at a time, else `BUSY`.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connect_poll(
    connect: u64, out_connection: *mut u64, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = Out::new(out_connection, "out_connection")?;
            let polled = CONNECTS.get(connect)?.poll();
            match &polled {
                std::task::Poll::Pending => {}
                std::task::Poll::Ready(Err(failure)) if failure.status == JETSTREAM_STATUS_BUSY => {}
                std::task::Poll::Ready(_) => drop(CONNECTS.remove(connect)),
            }
            answer(polled.map(|polled| polled.and_then(Connection::publish)), |handle| out.set(handle))
        })
    }
}

/// Gives up an attempt to connect. Twice, or after its answer, does nothing. Thread safety: any thread.
#[unsafe(no_mangle)]
pub extern "C" fn jetstream_connect_free(connect: u64) -> jetstream_status {
    // SAFETY: NULL is allowed.
    unsafe {
        boundary(std::ptr::null_mut(), || {
            drop(CONNECTS.remove(connect));
            DONE
        })
    }
}

/// Refuses new work and closes all connections of the endpoint with `code`, below 2^62; after `drain_ms`
/// milliseconds at most the endpoint ends, whatever its peers do. Again does nothing. Thread safety: any thread.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_close(
    endpoint: u64, code: u64, drain_ms: u32, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            ENDPOINTS.get(endpoint)?.close(code, Duration::from_millis(u64::from(drain_ms)))?;
            DONE
        })
    }
}

/// Ready when the endpoint's thread has given back socket and memory: its port can be bound again.
///
/// `PENDING` arms the endpoint's `CLOSED`, which a panic of the endpoint fires as well.
/// Thread safety: one thread at a time.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_endpoint_poll_closed(endpoint: u64, err: *mut jetstream_error) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe { boundary(err, || answer(ENDPOINTS.get(endpoint)?.poll_closed(), drop)) }
}

/// Gives the endpoint's number back, and ends the endpoint if it was not closed. Twice does nothing.
///
/// Thread safety: any thread.
#[unsafe(no_mangle)]
pub extern "C" fn jetstream_endpoint_free(endpoint: u64) -> jetstream_status {
    // SAFETY: NULL is allowed.
    unsafe {
        boundary(std::ptr::null_mut(), || {
            drop(ENDPOINTS.remove(endpoint));
            DONE
        })
    }
}

pub(super) fn check_token(token: u64) -> Result<(), Failure> {
    if token.is_multiple_of(8) {
        return Ok(());
    }
    Err(Failure::argument(format!("token is {token}, must be a multiple of 8")))
}

/// s2n-quic-tls panics on a name that s2n-tls refuses, so it is judged here. The dot at the end of an absolute name is
/// not sent (RFC 6066 section 3), nor is it in certificates.
fn server_name_text(name: &[u8]) -> Result<&str, Failure> {
    let name = name.strip_suffix(b".").unwrap_or(name);
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    // 253 characters are the longest name in DNS (RFC 1035 section 2.3.4, in text).
    match std::str::from_utf8(name) {
        Ok(text) if (1..=253).contains(&name.len()) && name.iter().all(legal) => Ok(text),
        _ => Err(Failure::argument(
            "server_name must have from 1 to 253 characters of a DNS name (IDN in its ASCII form) or an IP address",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_tls_can_carry_are_let_through() {
        for name in ["localhost", "a.example", "127.0.0.1", "::1", "xn--bcher-kva.example"] {
            assert_eq!(server_name_text(name.as_bytes()).expect("legal"), name);
        }
        assert_eq!(server_name_text(b"a.example.").expect("legal"), "a.example");
        for name in ["", ".", "a b", "b\u{fc}cher.example", "nul\0", &"a".repeat(254)] {
            assert_eq!(server_name_text(name.as_bytes()).expect_err(name).status, JETSTREAM_STATUS_INVALID_ARGUMENT);
        }
    }
}
