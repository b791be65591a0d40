//! The echo protocol with three commands.
//!
//! - A bidirectional stream gets its bytes back, as they come, then a clean end.
//! - A unidirectional stream is answered on a unidirectional stream that the server opens.
//! - A stream that starts with one of these, `nn` being two decimal digits, is not echoed:
//!   - `RESET:nn`: the server resets its sending side with code `nn` and reads on to the end.
//!   - `STOP:nn`: the server asks the client to stop sending, with code `nn`, and ends its own
//!     side cleanly without a byte. A client that has sent its end already sees only the latter.
//!   - `CLOSE:nn`: the server closes the connection with application code `nn` and the reason
//!     `closed by command`.
//! - A stream that the client resets is answered by a reset with the same code, and one whose
//!   echo the client stops is stopped with the same code.
//!
//! Bytes that can still become a command are held back until they are one, or cannot be, or the
//! stream ends: at most seven.

/// What the first bytes of a stream ask for.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub enum Request {
    /// Too early to tell.
    Undecided,
    Echo,
    Reset(u32),
    Stop(u32),
    Close(u32),
}

type Command = (&'static [u8], fn(u32) -> Request);

const COMMANDS: [Command; 3] = [
    (b"RESET:", Request::Reset),
    (b"STOP:", Request::Stop),
    (b"CLOSE:", Request::Close),
];

impl Request {
    /// Reads the request out of all bytes that a stream has brought so far.
    pub fn parse(start: &[u8]) -> Self {
        for (name, request) in COMMANDS {
            if let Some(rest) = start.strip_prefix(name) {
                return match rest {
                    [tens, ones, ..] if tens.is_ascii_digit() && ones.is_ascii_digit() => {
                        request(u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
                    }
                    [] => Self::Undecided,
                    [tens] if tens.is_ascii_digit() => Self::Undecided,
                    _ => Self::Echo,
                };
            }
            if name.starts_with(start) {
                return Self::Undecided;
            }
        }
        Self::Echo
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn commands_are_read_with_their_code() {
        assert_eq!(Request::parse(b"RESET:07"), Request::Reset(7));
        assert_eq!(Request::parse(b"STOP:42 and more"), Request::Stop(42));
        assert_eq!(Request::parse(b"CLOSE:99"), Request::Close(99));
    }

    #[test]
    fn every_shorter_start_of_a_command_is_undecided() {
        for command in [b"RESET:07".as_slice(), b"STOP:42", b"CLOSE:99"] {
            for len in 0..command.len() {
                assert_eq!(Request::parse(&command[..len]), Request::Undecided);
            }
        }
    }

    #[test]
    fn anything_else_is_echoed() {
        for bytes in [
            b"hello".as_slice(),
            b"RESET;07",
            b"RESET:x7",
            b"RESET:0x",
            b"STOP:-1",
            b"SR",
        ] {
            assert_eq!(Request::parse(bytes), Request::Echo);
        }
    }
}
