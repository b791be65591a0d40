//! The thread of an endpoint: it runs s2n-quic's tasks and tells the caller what it waits for, until the endpoint ends.

use std::{
    sync::{
        Arc, OnceLock, Weak,
        atomic::{
            AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::Duration,
};

use tokio::runtime::Runtime;

use crate::{
    endpoint::{Endpoint, sweep},
    error::Failure,
    inherited::Hold,
    shared::Shared,
    wake::OpWaker,
};

/// Threads of endpoints that have not ended.
pub static THREADS: AtomicU64 = AtomicU64::new(0);
static NEXT_NAME: AtomicU64 = AtomicU64::new(1);

/// How long a closed endpoint stays for its last packets: s2n-quic hands a close to the socket in the next turn.
const LINGER: Duration = Duration::from_millis(10);

/// What the thread has.
pub struct Loop {
    pub shared: Arc<Shared>,
    pub hold: Hold,
    pub ended: Arc<OnceLock<()>>,
    pub tell_closed: Arc<OpWaker>,
    pub endpoint: Weak<Endpoint>,
}

impl Loop {
    pub fn spawn(self, runtime: Runtime) -> Result<(), Failure> {
        // Fifteen characters is what Linux keeps of a thread's name.
        let name = format!("jetstream-ep-{}", NEXT_NAME.fetch_add(1, Relaxed) % 100);
        THREADS.fetch_add(1, SeqCst);
        std::thread::Builder::new().name(name).spawn(move || self.run(runtime)).map(drop).map_err(|error| {
            THREADS.fetch_sub(1, SeqCst);
            Failure::io("start the endpoint's thread", &error)
        })
    }

    fn run(mut self, runtime: Runtime) {
        // Nothing can fail any more.
        self.hold.own();
        self.shared.queue.greet();
        runtime.block_on(self.serve());
        self.shared.closed();
        // Frees the socket, s2n-quic's tasks and their rings. Outside of `block_on`, so that nothing of it runs.
        drop(runtime);
        drop(self.hold);
        if self.shared.is_closing() {
            sweep(&self.shared);
        }
        if let Some(qlog) = &self.shared.qlog {
            qlog.finish();
        }
        // Else the endpoint died: what the caller holds by number stays until it closes, and says why.
        THREADS.fetch_sub(1, SeqCst);
        let _ = self.ended.set(());
        self.tell_closed.fire();
        self.shared.queue.flush(&mut Vec::new());
    }

    async fn serve(&self) {
        tokio::spawn(Arc::clone(&self.shared.queue).drain());
        let drain = loop {
            self.shared.changed.notified().await;
            if self.shared.dead.get().is_some() {
                return;
            }
            if let Some(closing) = self.shared.closing.get() {
                break closing.drain;
            }
        };
        // A handshake that is under way is not waited for: its peer may never answer.
        let all_ended = async {
            while self.shared.established.load(Relaxed) > 0 && self.shared.dead.get().is_none() {
                self.shared.changed.notified().await;
                // A handshake that was under way at the close is done now.
                if let Some(endpoint) = self.endpoint.upgrade() {
                    endpoint.close_unaccepted();
                }
            }
        };
        let _ = tokio::time::timeout(drain, all_ended).await;
        tokio::time::sleep(LINGER).await;
    }
}
