//! What the machine itself can do, measured in the same run: without it no figure says anything.

use std::fs::File;
use std::io::Write;

use anyhow::Result;
use tokio::time::Instant;

use crate::figure::{Figure, Report, percentile};

/// Durable writes in a round.
const WRITES: usize = 200;

/// Measures how long a durable write takes.
pub(crate) fn measure(report: &mut Report, rounds: u32) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut file = File::create(folder.path().join("durable"))?;
    let mut medians = Vec::new();
    for _ in 0..rounds {
        let mut took = Vec::with_capacity(WRITES);
        for _ in 0..WRITES {
            let begin = Instant::now();
            file.write_all(&[0; 4096])?;
            file.sync_data()?;
            took.push(begin.elapsed().as_secs_f64() * 1000.0);
        }
        took.sort_by(f64::total_cmp);
        medians.push(percentile(&took, 0.5));
    }
    report.add(Figure::new(
        "machine",
        "a durable write of 4 KiB (fdatasync), median",
        "ms",
        medians,
    ));
    Ok(())
}
