//! What a process has used, as the kernel tells it (`proc(5)`).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Ticks of the kernel's accounting in a second; `USER_HZ` is 100 on every Linux this runs on.
const TICKS: f64 = 100.0;

/// CPU seconds of a process, in user and kernel mode, all threads; children not counted.
pub(crate) fn cpu_seconds(id: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    Ok(ticks(&stat, 14)? + ticks(&stat, 15)?)
}

/// CPU seconds of this process's children that have ended.
pub(crate) fn children_cpu_seconds() -> Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    Ok(ticks(&stat, 16)? + ticks(&stat, 17)?)
}

/// Resident memory in MiB: now (`VmRSS`) or at its highest (`VmHWM`).
pub(crate) fn resident_mib(id: u32, which: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(which));
    let words = line.with_context(|| format!("/proc/{id}/status has no {which}"))?;
    let kib = words.trim_start_matches(':').trim().trim_end_matches(" kB");
    Ok(kib.parse::<f64>()? / 1024.0)
}

/// Bytes of every file of a folder, of those in it too.
pub(crate) fn bytes_in(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_in(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}

/// A field of `/proc/PID/stat`, counted from one, in seconds.
fn ticks(stat: &str, field: usize) -> Result<f64> {
    // The second field is a name in brackets that may itself have spaces and brackets.
    let (_, after) = stat.rsplit_once(')').context("a process has a name")?;
    let word = after.split_whitespace().nth(field - 3).context("a process has its times")?;
    Ok(word.parse::<f64>()? / TICKS)
}
