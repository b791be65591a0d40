//! qlog: what happens on connections, one file each, for those who look for the cause of a slow or broken one.
//!
//! Off unless the program names a directory. Events come under the connection's lock: there they become records of
//! fixed size in a bounded ring, and a thread of its own writes them. Whatever becomes of the files, connections do not
//! notice: a full ring drops records and counts them, a full disk ends the file.

mod frame;
mod json;
mod parameters;
mod record;
mod text;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, Weak,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
        mpsc::Receiver,
    },
    thread::Thread,
    time::{Duration, SystemTime},
};

use crossbeam_queue::ArrayQueue;
use s2n_quic::provider::event::events::ConnectionStarted;

pub use self::record::{What, state};
use self::{
    parameters::Parameters,
    record::{Cid, Record, Started},
    writer::Writer,
};
use crate::{abi::jetstream_endpoint_config, error::Failure, observer::to_std, shared::Shared, stats::nanos};

/// Records that wait for the writer, 4 MiB of them; at 100,000 packets per second it has a tenth of a second.
const MOST_RECORDS: usize = 32_768;

/// How long a closed endpoint waits for the last records, whatever the disk does.
const PATIENCE: Duration = Duration::from_secs(1);

/// The log of one endpoint; its end is the writer's end.
pub struct Qlog {
    queue: Arc<Queue>,
    written: Mutex<Option<Receiver<()>>>,
}

/// What the endpoint's events and the writer share.
struct Queue {
    ring: ArrayQueue<Record>,
    directory: PathBuf,
    local: Parameters,
    dropped: AtomicU64,
    /// The writer waits without a deadline.
    asleep: AtomicBool,
    stop: AtomicBool,
    writer: OnceLock<Thread>,
}

/// Of one connection, seen by both sides.
#[derive(Default)]
pub struct Trace {
    dropped: AtomicU64,
    ended: AtomicBool,
}

/// Takes the records of one connection.
pub struct Tracer {
    queue: Arc<Queue>,
    trace: Arc<Trace>,
    number: u64,
    began: Duration,
}

impl Qlog {
    pub fn new(directory: &Path, settings: &jetstream_endpoint_config) -> Self {
        let queue = Queue {
            ring: ArrayQueue::new(MOST_RECORDS),
            directory: directory.to_owned(),
            local: Parameters::local(settings),
            dropped: AtomicU64::new(0),
            asleep: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            writer: OnceLock::new(),
        };
        Self { queue: Arc::new(queue), written: Mutex::default() }
    }

    /// Starts the writer; `shared` hears when it cannot write.
    pub fn start(&self, shared: Weak<Shared>) -> Result<(), Failure> {
        let (thread, written) = Writer::spawn(&self.queue, shared)?;
        let _ = self.queue.writer.set(thread);
        *self.written.lock().unwrap_or_else(|poison| poison.into_inner()) = Some(written);
        Ok(())
    }

    pub fn trace(&self, number: u64, began: Duration) -> Tracer {
        Tracer { queue: Arc::clone(&self.queue), trace: Arc::default(), number, began }
    }

    /// Records that found no room, since the start.
    pub fn dropped(&self) -> u64 {
        self.queue.dropped.load(Relaxed)
    }

    /// All is written when this returns, if the disk let it.
    pub fn finish(&self) {
        self.queue.stop();
        let written = self.written.lock().unwrap_or_else(|poison| poison.into_inner()).take();
        if let Some(written) = written {
            // Answers by an error: the writer ends without a word.
            let _ = written.recv_timeout(PATIENCE);
        }
    }
}

impl Drop for Qlog {
    fn drop(&mut self) {
        self.queue.stop();
    }
}

impl Queue {
    fn stop(&self) {
        self.stop.store(true, SeqCst);
        if let Some(writer) = self.writer.get() {
            writer.unpark();
        }
    }

    /// One system call per burst of records, and none while the writer is at work.
    fn wake(&self) {
        if self.asleep.load(SeqCst)
            && self.asleep.swap(false, SeqCst)
            && let Some(writer) = self.writer.get()
        {
            writer.unpark();
        }
    }
}

impl Tracer {
    pub fn started(&self, now: Duration, server: bool, event: &ConnectionStarted) {
        self.note(
            now,
            What::Started(Box::new(Started {
                trace: Arc::clone(&self.trace),
                server,
                wall: SystemTime::now(),
                local: to_std(&event.path.local_addr),
                remote: to_std(&event.path.remote_addr),
                local_cid: Cid::of(&event.path.local_cid),
                remote_cid: Cid::of(&event.path.remote_cid),
            })),
        );
    }

    pub fn note(&self, now: Duration, what: impl Into<What>) {
        let at = nanos(now.saturating_sub(self.began));
        if self.queue.ring.push(Record { connection: self.number, at, what: what.into() }).is_err() {
            self.trace.dropped.fetch_add(1, Relaxed);
            self.queue.dropped.fetch_add(1, Relaxed);
        }
        self.queue.wake();
    }

    /// No record follows.
    pub fn end(&self) {
        if !self.trace.ended.swap(true, SeqCst) {
            self.queue.wake();
        }
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        self.end();
    }
}

impl Trace {
    fn ended(&self) -> bool {
        self.ended.load(SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;

    fn begin(tracer: &Tracer) {
        tracer.note(
            Duration::ZERO,
            What::Started(Box::new(Started {
                trace: Arc::clone(&tracer.trace),
                server: false,
                wall: SystemTime::UNIX_EPOCH,
                local: None,
                remote: None,
                local_cid: Cid::default(),
                remote_cid: Cid::default(),
            })),
        );
    }

    #[test]
    fn records_that_found_no_room_are_counted_and_told_in_the_file_that_lacks_them() {
        let directory = std::env::temp_dir().join(format!("jetstream-qlog-{}", std::process::id()));
        std::fs::create_dir(&directory).expect("a new directory");
        let qlog = Qlog::new(&directory, &config::defaults());
        let (whole, cut) = (qlog.trace(1, Duration::ZERO), qlog.trace(2, Duration::ZERO));
        begin(&whole);
        begin(&cut);
        for _ in 0..MOST_RECORDS + 8 {
            cut.note(Duration::from_millis(3), What::Ecn("capable"));
        }
        assert_eq!(qlog.dropped(), 10);
        drop((whole, cut));
        // Only now: nobody has written meanwhile.
        qlog.start(Weak::new()).expect("a thread");
        qlog.finish();
        let mut told = Vec::new();
        for file in std::fs::read_dir(&directory).expect("the directory") {
            let text = std::fs::read_to_string(file.expect("an entry").path()).expect("UTF-8");
            let warning = text.split('\u{1e}').find(|record| record.contains("loglevel:warning"));
            told.push(
                warning
                    .is_some_and(|it| it.starts_with(r#"{"time":3.000,"name":"loglevel:warning","data":{"code":10,"#)),
            );
            assert_eq!(text.contains("loglevel:warning"), warning.is_some());
        }
        std::fs::remove_dir_all(&directory).expect("ours");
        told.sort_unstable();
        assert_eq!(told, [false, true], "in the file that lacks them, and in no other");
    }
}
