//! Who may begin a handshake without a token.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use s2n_quic::provider::endpoint_limits::{ConnectionAttempt, Limiter, Outcome};

use crate::{
    admission::{Cause, Verdict},
    counters, observer,
    shared::Shared,
};

// r[impl security.1.19]
/// Asks the server's admission, and lays the ticket where the connection finds it.
pub struct Gate {
    pub shared: Arc<Shared>,
}

impl Gate {
    fn judge(&self, attempt: &ConnectionAttempt) -> Outcome {
        if self.shared.is_closing() {
            return Outcome::close();
        }
        let Some(address) = observer::to_std(&attempt.remote_address) else { return Outcome::drop() };
        self.shared.pending.clear();
        match self.shared.admission.judge(address, false) {
            Verdict::Admit(ticket) => {
                self.shared.pending.put(ticket);
                Outcome::allow()
            }
            Verdict::Retry => Outcome::retry(),
            Verdict::Refuse(cause) => {
                self.shared.tell_refused(address, cause);
                // Who is not wanted at all is not answered.
                if cause == Cause::Address { Outcome::drop() } else { Outcome::close() }
            }
        }
    }
}

impl Limiter for Gate {
    fn on_connection_attempt(&mut self, attempt: &ConnectionAttempt) -> Outcome {
        // A panic here would take the endpoint along: it refuses this attempt alone.
        catch_unwind(AssertUnwindSafe(|| self.judge(attempt))).unwrap_or_else(|panic| {
            counters::panicked(&*panic);
            Outcome::drop()
        })
    }
}
