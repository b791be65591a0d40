//! What peers announce.

use crate::{
    abi::*,
    error::Failure,
    ffi::{DONE, boundary, sized_out},
    handles::CONNECTIONS,
};

/// What the peer announced in its handshake. `out_parameters->size` is set by the caller. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_connection_peer_parameters(
    connection: u64, out_parameters: *mut jetstream_transport_parameters, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let out = sized_out(out_parameters, "out_parameters")?;
            let connection = CONNECTIONS.get(connection)?;
            let known = connection.facts().parameters.get();
            // A connection is there only when its handshake is done, which the parameters are a part of.
            let parameters =
                known.ok_or_else(|| Failure::new(JETSTREAM_STATUS_INTERNAL, "no parameters were received"))?;
            out.set(**parameters);
            DONE
        })
    }
}
