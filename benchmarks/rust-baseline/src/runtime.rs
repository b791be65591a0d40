//! Where the endpoint and the application run.

use anyhow::{Context, Result};
use clap::ValueEnum;
use serde::Serialize;
use std::future::Future;
use std::thread::JoinHandle;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;

/// The three shapes that are compared.
#[derive(ValueEnum, Serialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// One multi-thread runtime for all: how s2n-quic is used by default.
    Multi,
    /// One current-thread runtime for all: nothing hops between threads.
    Current,
    /// The endpoint on a current-thread runtime and thread of its own, the application on
    /// another: the shape of the Java library.
    Split,
}

pub struct Runtimes {
    application: Runtime,
    endpoint: Option<EndpointThread>,
}

impl Runtimes {
    pub fn start(mode: Mode) -> Result<Self> {
        let application = match mode {
            Mode::Multi => Builder::new_multi_thread().enable_all().build(),
            Mode::Current | Mode::Split => Builder::new_current_thread().enable_all().build(),
        };
        Ok(Self {
            application: application.context("cannot start the tokio runtime")?,
            endpoint: match mode {
                Mode::Split => Some(EndpointThread::start()?),
                Mode::Multi | Mode::Current => None,
            },
        })
    }

    /// The runtime that drives the endpoint.
    pub fn endpoint(&self) -> &Handle {
        self.endpoint
            .as_ref()
            .map_or(self.application.handle(), |thread| &thread.handle)
    }

    /// Runs the application to its end.
    ///
    /// As a task and not in `block_on` itself: on a multi-thread runtime that would be the main
    /// thread, outside the workers, and every wake-up would have to reach across.
    pub fn run<F>(&self, application: F) -> Result<()>
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        self.application
            .block_on(self.application.spawn(application))
            .context("the application ended with a panic")?
    }
}

/// A thread that runs one current-thread runtime until it is dropped.
struct EndpointThread {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl EndpointThread {
    fn start() -> Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .context("cannot start the endpoint's tokio runtime")?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("endpoint".into())
            .spawn(move || {
                // Either way the sender is gone, and so is the need for this thread.
                let _ = runtime.block_on(stopped);
            })
            .context("cannot start the endpoint's thread")?;
        Ok(Self {
            handle,
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for EndpointThread {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic of that thread was printed when it happened.
            let _ = thread.join();
        }
    }
}
