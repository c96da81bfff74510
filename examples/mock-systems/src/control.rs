use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// How the systems misbehave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Control {
    /// How long every answer takes.
    pub latency_ms: u64,
    /// The share of calls that fail, from 0 to 1, spread evenly.
    pub error_rate: f64,
    /// What a failing call answers; 503 when not given.
    pub error_status: Option<u16>,
    /// Calls answered in each second; the rest get 429. 0 means no limit.
    pub rate_limit_per_s: u32,
    /// How many of the next calls fail, whatever the rate.
    pub fail_next: u32,
}

/// What happens to one call.
pub(crate) struct Verdict {
    pub(crate) latency: Duration,
    pub(crate) refusal: Option<u16>,
}

/// Decides call by call.
#[derive(Default)]
pub(crate) struct Gate(Mutex<Rules>);

#[derive(Default)]
struct Rules {
    control: Control,
    owed_errors: f64,
    second: Option<Instant>,
    in_second: u32,
}

impl Gate {
    pub(crate) fn set(&self, control: Control) {
        *self.rules() = Rules { control, ..Rules::default() };
    }

    pub(crate) fn control(&self) -> Control {
        self.rules().control.clone()
    }

    pub(crate) fn judge(&self) -> Verdict {
        let mut rules = self.rules();
        let latency = Duration::from_millis(rules.control.latency_ms);
        let refusal = if rules.over_rate() {
            Some(429)
        } else {
            let status = rules.control.error_status.unwrap_or(503);
            rules.fails().then_some(status)
        };
        Verdict { latency, refusal }
    }

    fn rules(&self) -> MutexGuard<'_, Rules> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rules {
    fn over_rate(&mut self) -> bool {
        if self.control.rate_limit_per_s == 0 {
            return false;
        }
        let now = Instant::now();
        if self.second.is_none_or(|second| now.duration_since(second) >= Duration::from_secs(1)) {
            self.second = Some(now);
            self.in_second = 0;
        }
        self.in_second += 1;
        self.in_second > self.control.rate_limit_per_s
    }

    fn fails(&mut self) -> bool {
        if self.control.fail_next > 0 {
            self.control.fail_next -= 1;
            return true;
        }
        self.owed_errors += self.control.error_rate.clamp(0.0, 1.0);
        let fails = self.owed_errors >= 1.0;
        if fails {
            self.owed_errors -= 1.0;
        }
        fails
    }
}
