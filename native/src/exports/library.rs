//! About the library as a whole.

use crate::{
    abi::*,
    counters,
    ffi::{DONE, Out, boundary, sized_out, text},
    layout, wake,
};

/// The version of this ABI; compare it with `JETSTREAM_ABI_VERSION` before anything else.
///
/// Thread safety: any thread.
#[unsafe(no_mangle)]
pub extern "C" fn jetstream_abi_version() -> u32 {
    JETSTREAM_ABI_VERSION
}

/// Tells what the library was built from. `out_info->size` is set by the caller.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_library_describe(
    out_info: *mut jetstream_library_info, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            sized_out(out_info, "out_info")?.set(jetstream_library_info {
                size: size_of::<jetstream_library_info>() as u32,
                abi_version: JETSTREAM_ABI_VERSION,
                version: text(env!("CARGO_PKG_VERSION")),
                s2n_quic: text(env!("JETSTREAM_S2N_QUIC_VERSION")),
                s2n_tls: text(env!("JETSTREAM_S2N_TLS_VERSION")),
                aws_lc: text(env!("JETSTREAM_AWS_LC_VERSION")),
                target: text(env!("JETSTREAM_TARGET")),
            });
            DONE
        })
    }
}

/// Counts live objects and allocated bytes. `out_counters->size` is set by the caller.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_counters_read(
    out_counters: *mut jetstream_counters, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            sized_out(out_counters, "out_counters")?.set(counters::read());
            DONE
        })
    }
}

/// Lists the sizes and offsets of all structs as UTF-8 text, a line `struct size` or `struct.field offset` each.
///
/// The text is the library's and stays. Thread safety: any thread.
///
/// # Safety
///
/// Pointers are NULL or valid for the types they have.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_layouts(
    out_text: *mut *const u8, out_text_len: *mut usize, err: *mut jetstream_error,
) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            let (out_text, out_len) = (Out::new(out_text, "out_text")?, Out::new(out_text_len, "out_text_len")?);
            out_text.set(layout::TEXT.as_ptr());
            out_len.set(layout::TEXT.len());
            DONE
        })
    }
}

/// Stops all waking, for good: for the end of the process, when the caller's wake function may not run any more.
///
/// Thread safety: any thread.
///
/// # Safety
///
/// `err` is NULL or valid for writing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn jetstream_stop_waking(err: *mut jetstream_error) -> jetstream_status {
    // SAFETY: as promised by the caller.
    unsafe {
        boundary(err, || {
            wake::stop();
            DONE
        })
    }
}
