//! What a process has used, as the kernel tells it (`proc(5)`).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use journey::Timestamp;

/// Ticks of the kernel's accounting in a second; `USER_HZ` is 100 on every Linux this runs on.
const TICKS: f64 = 100.0;

/// The time that the machine has.
#[expect(clippy::disallowed_methods, reason = "what is measured here runs on real time")]
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let milliseconds = since.map(|since| since.as_millis()).unwrap_or_default();
    Timestamp(i64::try_from(milliseconds).unwrap_or(i64::MAX))
}

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

/// CPU seconds of a process and its children, those that have ended too.
pub(crate) fn family_cpu_seconds(id: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    let mut seconds = ticks(&stat, 14)? + ticks(&stat, 15)? + ticks(&stat, 16)? + ticks(&stat, 17)?;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(child) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // Whoever ends meanwhile is among those that have ended at the next look.
        let Ok(stat) = fs::read_to_string(format!("/proc/{child}/stat")) else { continue };
        if parent(&stat) == Some(id) {
            seconds += ticks(&stat, 14)? + ticks(&stat, 15)?;
        }
    }
    Ok(seconds)
}

/// The parent of a process.
pub(crate) fn parent_of(id: u32) -> Result<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    parent(&stat).context("a process has a parent")
}

fn parent(stat: &str) -> Option<u32> {
    let (_, after) = stat.rsplit_once(')')?;
    after.split_whitespace().nth(1)?.parse().ok()
}

/// CPU seconds of one thread of this process.
pub(crate) fn thread_cpu_seconds(thread: &str) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/self/task/{thread}/stat"))?;
    Ok(ticks(&stat, 14)? + ticks(&stat, 15)?)
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
