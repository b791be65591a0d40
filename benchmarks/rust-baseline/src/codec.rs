//! What JetStream's published codec takes for a record of ten fields: the record and the values of
//! the Java library's `CodecBenchmark`.

// The derived decoder has the shape that it has.
#![allow(clippy::let_unit_value)]

use anyhow::{Result, ensure};
use clap::Args;
use jetstream_macros::JetStreamWireFormat;
use jetstream_wireformat::WireFormat;
use serde::Serialize;
use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

/// Operations between two looks at the clock.
const BATCH: u32 = 1_000;

#[derive(Args)]
pub struct Options {
    /// Seconds of each of the measured times.
    #[arg(long, value_name = "SECONDS", default_value_t = 2)]
    seconds: u64,
    /// How often each is measured; the first, which warms up, comes on top.
    #[arg(long, value_name = "N", default_value_t = 5)]
    repeats: usize,
}

#[derive(Debug, Clone, PartialEq, JetStreamWireFormat)]
struct Order {
    id: u64,
    customer: u32,
    amount: i64,
    currency: String,
    article: String,
    priority: u8,
    paid: bool,
    at: SystemTime,
    note: Option<String>,
    positions: Vec<u32>,
}

impl Order {
    fn example() -> Self {
        Self {
            id: 0x0123_4567_89ab_cdef,
            customer: 4_000_000_000,
            amount: -1_999,
            currency: "EUR".to_owned(),
            article: "screws, stainless, 4 x 40 mm".to_owned(),
            priority: 3,
            paid: true,
            at: SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_123),
            note: Some("leave at the door".to_owned()),
            positions: vec![1, 2, 3, 4],
        }
    }
}

#[derive(Serialize)]
struct Report {
    /// All bytes of the record, in hexadecimal: Java writes the same.
    encoded: String,
    /// Nanoseconds of one operation, of each repeat.
    encode: Vec<f64>,
    decode: Vec<f64>,
}

/// Encodes into a buffer that is used again, and decodes from one, as the Java benchmark does.
pub fn run(options: &Options) -> Result<()> {
    let order = Order::example();
    let mut bytes = Vec::new();
    order.encode(&mut bytes)?;
    ensure!(
        Order::decode(&mut &bytes[..])? == order,
        "another order came back"
    );

    let mut buffer = Vec::with_capacity(4096);
    let encode = measure(options, || {
        buffer.clear();
        black_box(&order).encode(&mut buffer)?;
        black_box(&buffer);
        Ok(())
    })?;
    let decode = measure(options, || {
        let mut reader = black_box(&bytes[..]);
        black_box(Order::decode(&mut reader)?);
        Ok(())
    })?;
    let encoded = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let report = Report {
        encoded,
        encode,
        decode,
    };
    println!("{}", serde_json::to_string(&report)?);
    Ok(())
}

fn measure(options: &Options, mut operation: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    let time = Duration::from_secs(options.seconds);
    let mut figures = Vec::with_capacity(options.repeats);
    for repeat in 0..=options.repeats {
        let start = Instant::now();
        let mut operations = 0_u64;
        while start.elapsed() < time {
            for _ in 0..BATCH {
                operation()?;
            }
            operations += u64::from(BATCH);
        }
        let figure = start.elapsed().as_nanos() as f64 / operations as f64;
        if repeat > 0 {
            figures.push((figure * 10.0).round() / 10.0);
        }
    }
    Ok(figures)
}
