//! Who may begin a handshake.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use s2n_quic::provider::endpoint_limits::{ConnectionAttempt, Limiter, Outcome};

use crate::{counters, shared::Shared};

/// Refuses above `max_connections`, and asks for a Retry above `max_handshakes`: s2n-quic itself does neither.
pub struct Gate {
    pub shared: Arc<Shared>,
    pub max_connections: u64,
    pub max_handshakes: u64,
}

impl Gate {
    fn judge(&self, attempt: &ConnectionAttempt) -> Outcome {
        if self.shared.is_closing() {
            return Outcome::close();
        }
        if attempt.connection_count as u64 >= self.max_connections {
            self.shared.refused_by_limit();
            return Outcome::close();
        }
        if attempt.inflight_handshakes as u64 >= self.max_handshakes {
            self.shared.retried();
            return Outcome::retry();
        }
        Outcome::allow()
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
