//! Counting what test programs report in the words of Rust's own test runner.

use anyhow::Result;

/// Sums over all test programs of a run.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    failures: Vec<String>,
}

impl Tally {
    /// Takes one line of output: a summary is counted, a failed test remembered, anything else ignored.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some(summary) = line.strip_prefix("test result: ") {
            self.passed += count(summary, "passed");
            self.failed += count(summary, "failed");
        } else if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.failures.push(name.to_owned());
        }
    }

    /// Counts a check that is no test program, and goes on: one run shows everything there is to mend.
    pub(crate) fn check(&mut self, name: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                self.failures.push(format!("{name}: {error:#}"));
            }
        }
    }

    /// The failed tests, by name.
    pub(crate) fn failures(&self) -> &[String] {
        &self.failures
    }

    /// A program that crashed or did not build reports nothing, and counts as one failure.
    pub(crate) fn failed_including_crashes(&self, sound: bool) -> u64 {
        if sound { self.failed } else { self.failed.max(1) }
    }
}

/// The number before `word` in `ok. 3 passed; 0 failed; 1 ignored; …`.
fn count(summary: &str, word: &str) -> u64 {
    let words: Vec<&str> = summary.split([' ', ';']).filter(|part| !part.is_empty()).collect();
    let number = words.windows(2).find(|pair| pair[1] == word).map(|pair| pair[0]);
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_of_several_programs_add_up() {
        let mut tally = Tally::default();
        tally.read("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s");
        tally.read("test engine::a_wait_ends ... FAILED");
        tally.read(
            "test result: FAILED. 10 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out",
        );
        tally.read("a line of a test's own about 99 passed");
        assert_eq!((tally.passed, tally.failed), (13, 1));
        assert_eq!(tally.failures(), ["engine::a_wait_ends"]);
    }

    #[test]
    fn a_program_that_crashes_without_a_summary_fails_the_run() {
        let tally = Tally::default();
        assert_eq!(tally.failed_including_crashes(false), 1);
        assert_eq!(tally.failed_including_crashes(true), 0);
    }
}
