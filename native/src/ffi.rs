//! From C to Rust and back: the only casts of the crate, and the boundary that no panic crosses.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
    task::Poll,
};

use crate::{
    abi::{JETSTREAM_STATUS_OK, JETSTREAM_STATUS_PENDING, jetstream_bytes, jetstream_error, jetstream_status},
    counters,
    error::Failure,
};

/// What the body of an export answers: done, not yet, or a failure.
pub type Answer = Result<Poll<()>, Failure>;

/// Done.
pub const DONE: Answer = Ok(Poll::Ready(()));

/// Not yet; the waker is armed.
pub const PENDING: Answer = Ok(Poll::Pending);

/// Runs the body of an export. No panic leaves it, and a failure's detail is in `err` when it returns.
///
/// # Safety
///
/// `err` is NULL or valid for writing one `jetstream_error`.
pub unsafe fn boundary(err: *mut jetstream_error, body: impl FnOnce() -> Answer) -> jetstream_status {
    // What a panic leaves half-done sits behind mutexes, which are poisoned by it and refuse from then on.
    let answer = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| Err(counters::panicked(&*panic)));
    match answer {
        Ok(Poll::Ready(())) => JETSTREAM_STATUS_OK,
        Ok(Poll::Pending) => JETSTREAM_STATUS_PENDING,
        Err(failure) => {
            if let Some(err) = NonNull::new(err) {
                // SAFETY: not NULL, so the caller promises that it is valid for writing.
                unsafe { err.write(failure.to_abi()) };
            }
            failure.status
        }
    }
}

/// The answer of an export whose poll said `answer`; `done` writes the outputs.
pub fn answer<T>(answer: Poll<Result<T, Failure>>, done: impl FnOnce(T)) -> Answer {
    match answer {
        Poll::Pending => PENDING,
        Poll::Ready(Ok(value)) => {
            done(value);
            DONE
        }
        Poll::Ready(Err(failure)) => Err(failure),
    }
}

/// A place that the caller gave for an output, checked before anything is done.
pub struct Out<T>(NonNull<T>);

impl<T> Out<T> {
    /// # Safety
    ///
    /// `place` is NULL or valid for writing until the export returns.
    pub unsafe fn new(place: *mut T, name: &'static str) -> Result<Self, Failure> {
        NonNull::new(place).map(Self).ok_or_else(|| Failure::argument(format!("{name} is NULL")))
    }

    pub fn set(self, value: T) {
        // SAFETY: `new` was promised a place that is valid for writing, and found it not NULL.
        unsafe { self.0.write(value) }
    }
}

/// A versioned output struct that begins with its `size` as the caller sets it.
///
/// # Safety
///
/// `place` is NULL or points to a struct whose first field is its size, valid for reading and writing.
pub unsafe fn sized_out<T>(place: *mut T, name: &'static str) -> Result<Out<T>, Failure> {
    // SAFETY: the caller's promise is the same.
    let out = unsafe { Out::new(place, name) }?;
    // SAFETY: the caller promises a struct that begins with a `u32` size.
    let size = unsafe { out.0.cast::<u32>().read() };
    check_size::<T>(size, name)?;
    Ok(out)
}

/// A versioned input struct that begins with its `size`.
///
/// # Safety
///
/// As for `sized_out`, for reading, and unchanged until the export returns.
pub unsafe fn sized_in<'a, T>(place: *const T, name: &'static str) -> Result<&'a T, Failure> {
    let place = NonNull::new(place.cast_mut()).ok_or_else(|| Failure::argument(format!("{name} is NULL")))?;
    // SAFETY: the caller promises a struct that begins with a `u32` size.
    let size = unsafe { place.cast::<u32>().read() };
    check_size::<T>(size, name)?;
    // SAFETY: the size says that it is our struct, of plain integers and pointers, and the caller keeps it.
    Ok(unsafe { place.as_ref() })
}

fn check_size<T>(size: u32, name: &'static str) -> Result<(), Failure> {
    if size as usize == size_of::<T>() {
        return Ok(());
    }
    Err(Failure::version(format!("{name}.size is {size}, this library's is {}", size_of::<T>())))
}

/// The caller's bytes.
///
/// # Safety
///
/// `data` is valid for reading `len` bytes, unchanged until the export returns, or `len` is 0.
pub unsafe fn bytes<'a>(data: *const u8, len: usize, name: &'static str) -> Result<&'a [u8], Failure> {
    if len == 0 {
        return Ok(&[]);
    }
    check_range(data, len, name)?;
    // SAFETY: not NULL and of a legal length, and the caller promises the rest.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// The bytes of a `jetstream_bytes` inside a struct that is borrowed itself.
///
/// # Safety
///
/// As for `bytes`.
pub unsafe fn field<'a>(bytes: jetstream_bytes, name: &'static str) -> Result<&'a [u8], Failure> {
    // SAFETY: the caller's promise is the same.
    unsafe { self::bytes(bytes.data, bytes.len, name) }
}

/// A list inside a struct that is borrowed itself.
///
/// # Safety
///
/// `first` is valid for reading `len` values of plain integers and pointers, unchanged until the export returns, or
/// `len` is 0.
pub unsafe fn list<'a, T: Copy>(
    first: *const T, len: usize, most: usize, name: &'static str,
) -> Result<&'a [T], Failure> {
    if len == 0 {
        return Ok(&[]);
    }
    if len > most {
        return Err(Failure::argument(format!("{name} has {len} entries, at most {most} are taken")));
    }
    check_range(first.cast(), len, name)?;
    if !first.is_aligned() {
        return Err(Failure::argument(format!("{name} is not aligned")));
    }
    // SAFETY: not NULL, aligned and short, and the caller promises the rest.
    Ok(unsafe { std::slice::from_raw_parts(first, len) })
}

/// Memory of the caller that an export fills.
pub struct Buffer {
    data: *mut u8,
    len: usize,
    filled: usize,
}

impl Buffer {
    /// # Safety
    ///
    /// `data` is valid for writing `len` bytes until the export returns, or `len` is 0.
    pub unsafe fn new(data: *mut u8, len: usize, name: &'static str) -> Result<Self, Failure> {
        if len != 0 {
            check_range(data, len, name)?;
        }
        Ok(Self { data, len, filled: 0 })
    }

    pub fn room(&self) -> usize {
        self.len - self.filled
    }

    pub fn filled(&self) -> usize {
        self.filled
    }

    /// Appends as much of `source` as there is room for, and says how much that was.
    pub fn put(&mut self, source: &[u8]) -> usize {
        let count = source.len().min(self.room());
        if count != 0 {
            // SAFETY: `filled + count <= len`, for which `new` was promised writable memory; `source` is memory of
            // this library, which the caller cannot have passed for writing.
            unsafe { std::ptr::copy_nonoverlapping(source.as_ptr(), self.data.add(self.filled), count) };
        }
        self.filled += count;
        count
    }
}

fn check_range(data: *const u8, len: usize, name: &'static str) -> Result<(), Failure> {
    if data.is_null() {
        return Err(Failure::argument(format!("{name} is NULL with a length of {len}")));
    }
    if isize::try_from(len).is_err() {
        return Err(Failure::argument(format!("{name} has a length of {len}, more than memory can hold")));
    }
    Ok(())
}

/// Fits a text into a field of fixed size, ended by NUL; what does not fit is cut at a character.
pub fn text<const N: usize>(value: &str) -> [u8; N] {
    let mut field = [0; N];
    let end = value.floor_char_boundary(N - 1);
    field[..end].copy_from_slice(&value.as_bytes()[..end]);
    field
}
