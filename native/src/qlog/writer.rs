//! The thread that writes: records of the ring into a file per connection.

use std::{
    collections::HashMap,
    fs::{File, OpenOptions},
    io::Write,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Weak,
        atomic::{
            AtomicU64,
            Ordering::{Relaxed, SeqCst},
        },
        mpsc::{self, Receiver},
    },
    thread::{self, Thread},
    time::{Duration, SystemTime},
};

use super::{
    MOST_RECORDS, Queue, Trace, json,
    record::{Record, Started, What},
    text::Text,
};
use crate::{
    abi::{JETSTREAM_EVENT_QLOG_FAILED, JETSTREAM_INITIATOR_LOCAL, JETSTREAM_STATUS_IO},
    counters,
    error::Failure,
    events::Event,
    shared::Shared,
};

/// How long records gather before they are written.
const TURN: Duration = Duration::from_millis(20);

/// Connections of one endpoint that are written at once, each an open file; those beyond are not written.
const MOST_FILES: usize = 512;

/// Text that gathers before it is written.
const MOST_TEXT: usize = 64 << 10;

static NEXT_FILE: AtomicU64 = AtomicU64::new(1);

pub struct Writer {
    queue: Arc<Queue>,
    /// Not held: the endpoint's end is the writer's.
    shared: Weak<Shared>,
    files: HashMap<u64, Log>,
    told: bool,
}

/// The file of one connection.
struct Log {
    file: File,
    trace: Arc<Trace>,
    ends: bool,
    out: String,
    text: Text,
}

impl Writer {
    /// The thread, and a receiver that ends with it.
    pub fn spawn(queue: &Arc<Queue>, shared: Weak<Shared>) -> Result<(Thread, Receiver<()>), Failure> {
        let writer = Self { queue: Arc::clone(queue), shared, files: HashMap::new(), told: false };
        let (ends, ended) = mpsc::channel::<()>();
        let thread = thread::Builder::new().name("jetstream-qlog".into()).spawn(move || {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| writer.run())) {
                counters::panicked(&*panic);
            }
            drop(ends);
        });
        let thread = thread.map_err(|error| Failure::io("start the thread that writes qlog", &error))?;
        Ok((thread.thread().clone(), ended))
    }

    fn run(mut self) {
        loop {
            let stopping = self.queue.stop.load(SeqCst);
            let worked = self.turn();
            if stopping && !worked {
                return;
            }
            if worked {
                if !stopping {
                    thread::park_timeout(TURN);
                }
                continue;
            }
            self.queue.asleep.store(true, SeqCst);
            let ended = self.files.values().any(|log| log.trace.ended());
            if self.queue.ring.is_empty() && !ended && !self.queue.stop.load(SeqCst) {
                thread::park();
            }
            self.queue.asleep.store(false, SeqCst);
        }
    }

    /// Writes what there is, and tells whether there was something.
    fn turn(&mut self) -> bool {
        // Looked at before the records: of a connection that has ended, all are in the ring.
        self.files.values_mut().for_each(|log| log.ends = log.trace.ended());
        let mut records = 0;
        while records < MOST_RECORDS
            && let Some(record) = self.queue.ring.pop()
        {
            self.take(record);
            records += 1;
        }
        let (complete, before) = (records < MOST_RECORDS, self.files.len());
        let mut failed = None;
        self.files.retain(|_, log| {
            let ends = complete && log.ends;
            log.tell_dropped();
            if ends {
                log.text.flush(&mut log.out);
            }
            match log.flush() {
                Ok(()) => !ends,
                Err(error) => {
                    failed = Some(error);
                    false
                }
            }
        });
        if let Some(error) = failed {
            self.failed(&error);
        }
        records > 0 || self.files.len() < before
    }

    fn take(&mut self, record: Record) {
        let Record { connection, at, what } = record;
        if let What::Started(started) = what {
            if self.files.len() >= MOST_FILES {
                return self.failed(&std::io::Error::from_raw_os_error(libc::EMFILE));
            }
            match create(&self.queue, &started) {
                Ok(file) => {
                    let mut log = Log {
                        file,
                        trace: Arc::clone(&started.trace),
                        ends: false,
                        out: String::new(),
                        text: Text::default(),
                    };
                    log.begin(at, &started, &self.queue);
                    self.files.insert(connection, log);
                }
                Err(error) => self.failed(&error),
            }
            return;
        }
        // Of a connection whose file failed, or never was, nothing more is written.
        let Some(log) = self.files.get_mut(&connection) else { return };
        log.text.write(&mut log.out, at, what);
        if log.out.len() > MOST_TEXT
            && let Err(error) = log.flush()
        {
            self.files.remove(&connection);
            self.failed(&error);
        }
    }

    /// Told once: a full disk fails every file.
    fn failed(&mut self, error: &std::io::Error) {
        if std::mem::replace(&mut self.told, true) {
            return;
        }
        if let Some(shared) = self.shared.upgrade() {
            shared.events.tell(JETSTREAM_EVENT_QLOG_FAILED, || {
                let code = error.raw_os_error().map_or(0, |code| u64::from(code.unsigned_abs()));
                let failure = Some((JETSTREAM_STATUS_IO, JETSTREAM_INITIATOR_LOCAL, code));
                Event { failure, ..Event::of(JETSTREAM_EVENT_QLOG_FAILED) }
            });
        }
    }
}

/// A new file that its owner alone reads, and never one that is there. Its name is nothing that a peer chose.
fn create(queue: &Queue, it: &Started) -> std::io::Result<File> {
    let millis = it.wall.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let role = if it.server { "server" } else { "client" };
    let name = format!("{millis}-{}-{}-{role}.sqlog", std::process::id(), NEXT_FILE.fetch_add(1, Relaxed));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(queue.directory.join(name))
}

impl Log {
    fn begin(&mut self, at: u64, it: &Started, queue: &Queue) {
        json::head(&mut self.out, it);
        json::event(&mut self.out, at, "quic:connection_started", |data| json::started(data, it));
        json::event(&mut self.out, at, "quic:connection_state_updated", |data| data.text("new", "attempted"));
        json::event(&mut self.out, at, "quic:parameters_set", |data| json::parameters(data, &queue.local));
    }

    fn tell_dropped(&mut self) {
        let dropped = self.trace.dropped.swap(0, Relaxed);
        if dropped > 0 {
            self.text.dropped(&mut self.out, dropped);
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let out = std::mem::take(&mut self.out);
        self.file.write_all(out.as_bytes())
    }
}
