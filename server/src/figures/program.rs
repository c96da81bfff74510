//! What the program itself uses, as Linux tells it in `/proc` (proc(5)), under the names of Prometheus' own clients.

use std::{fmt::Write, fs};

/// Ticks in a second of the times in `/proc`; Linux has no other on what we run on.
const TICKS: f64 = 100.0;

/// What the files of `/proc` say; a figure that they do not say is left out.
struct Said {
    /// `/proc/self/stat`.
    stat: String,
    /// `/proc/self/status`.
    status: String,
    /// `/proc/self/limits`.
    limits: String,
    /// `/proc/stat`.
    system: String,
    open_files: Option<usize>,
}

/// The figures in the Prometheus text format; nothing where there is no `/proc`.
pub(crate) fn render() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let said = Said {
        stat: read("/proc/self/stat"),
        status: read("/proc/self/status"),
        limits: read("/proc/self/limits"),
        system: read("/proc/stat"),
        // Less the one that is open to count them.
        open_files: fs::read_dir("/proc/self/fd").ok().map(|open| open.count().saturating_sub(1)),
    };
    said.render()
}

impl Said {
    fn render(&self) -> String {
        let mut text = String::new();
        let mut show = |name: &str, kind: &str, help: &str, value: Option<f64>| {
            if let Some(value) = value {
                // Writing into a string does not fail.
                let _ =
                    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
            }
        };
        show("process_cpu_seconds_total", "counter", "CPU time used, in seconds.", self.cpu());
        show("process_resident_memory_bytes", "gauge", "Memory in use.", self.memory());
        show(
            "process_start_time_seconds",
            "gauge",
            "When the program started, in seconds since 1970.",
            self.started(),
        );
        let open = self.open_files.and_then(|open| u32::try_from(open).ok()).map(f64::from);
        show("process_open_fds", "gauge", "Files and connections open.", open);
        show("process_max_fds", "gauge", "How many may be open.", self.most_files());
        text
    }

    fn cpu(&self) -> Option<f64> {
        Some((self.field(14)? + self.field(15)?) / TICKS)
    }

    fn started(&self) -> Option<f64> {
        Some(member(&self.system, "btime ")? + self.field(22)? / TICKS)
    }

    fn memory(&self) -> Option<f64> {
        Some(member(&self.status, "VmRSS:")? * 1024.0)
    }

    fn most_files(&self) -> Option<f64> {
        member(&self.limits, "Max open files ")
    }

    /// A field of `/proc/self/stat` as proc(5) counts them; the second is the program's name, which may hold anything.
    fn field(&self, number: usize) -> Option<f64> {
        let (_, fields) = self.stat.rsplit_once(')')?;
        fields.split_whitespace().nth(number.checked_sub(3)?)?.parse().ok()
    }
}

/// The number behind a name that begins a line.
fn member(text: &str, name: &str) -> Option<f64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_shown_in_seconds_and_bytes() {
        let said = Said {
            stat: "7 (way) mark) S 1 7 7 0 -1 4194560 9 0 0 0 250 150 0 0 20 0 9 0 4200 99 88 7".to_owned(),
            status: "Name:\twaymark\nVmPeak:\t  900 kB\nVmRSS:\t    64 kB\n".to_owned(),
            limits: "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096                 files\n".to_owned(),
            system: "cpu 1 2 3\nbtime 1700000000\n".to_owned(),
            open_files: Some(12),
        };
        let shown = said.render();
        for line in [
            "# TYPE process_cpu_seconds_total counter",
            "process_cpu_seconds_total 4",
            "process_resident_memory_bytes 65536",
            "process_start_time_seconds 1700000042",
            "process_open_fds 12",
            "process_max_fds 1024",
        ] {
            assert!(shown.lines().any(|one| one == line), "{line}\n{shown}");
        }
        let silent = Said { stat: String::new(), open_files: None, ..said };
        assert!(!silent.render().contains("cpu") && !silent.render().contains("open_fds"));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_system_says_all_of_it() {
        let shown = render();
        let values = shown.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let values: Vec<f64> =
            values.map(|line| line.split(' ').nth(1).unwrap().parse().unwrap()).collect();
        assert_eq!(values.len(), 5, "{shown}");
        assert!(values[1] > 1_000_000.0 && values[2] > 1_600_000_000.0, "{shown}");
    }
}
