//! Many callers at once, and how long their operations took.

use crate::workload::Budget;
use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use std::future::Future;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Longest latency told apart from longer ones, in nanoseconds: a minute.
const LONGEST_NS: u64 = 60_000_000_000;
/// Digits kept of a latency: an error of at most 0.1 %.
const DIGITS: u8 = 3;

/// Latencies in nanoseconds.
pub type Recorder = Histogram<u64>;

/// One recorder for each caller, to be made before the time starts: they are large.
pub fn recorders(callers: u64) -> Result<Vec<Recorder>> {
    (0..callers)
        .map(|_| Ok(Histogram::new_with_bounds(1, LONGEST_NS, DIGITS)?))
        .collect()
}

/// Runs one caller for each of `recorders`: what `make` makes for its number runs again and again, as long as there is
/// `budget`. The callers' own state is what `make` returns, and what `operation` is given back each time.
pub async fn run<S, F>(
    budget: Arc<Budget>,
    recorders: Vec<Recorder>,
    mut make: impl FnMut(usize) -> S,
    operation: impl Fn(S) -> F + Clone + Send + 'static,
) -> Result<Vec<Recorder>>
where
    S: Send + 'static,
    F: Future<Output = Result<S>> + Send + 'static,
{
    let mut callers = JoinSet::new();
    for (number, mut recorder) in recorders.into_iter().enumerate() {
        let (budget, operation, mut state) = (budget.clone(), operation.clone(), make(number));
        callers.spawn(async move {
            while let Some(start) = budget.next() {
                state = operation(state).await?;
                recorder.saturating_record(start.elapsed().as_nanos() as u64);
            }
            anyhow::Ok(recorder)
        });
    }
    all(callers).await
}

/// Waits for all tasks, and fails with the first that does.
pub async fn all<T: 'static>(mut tasks: JoinSet<Result<T>>) -> Result<Vec<T>> {
    let mut results = Vec::with_capacity(tasks.len());
    while let Some(result) = tasks.join_next().await {
        results.push(result.context("a caller panicked")??);
    }
    Ok(results)
}
