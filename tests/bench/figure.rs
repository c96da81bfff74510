//! Figures: one value per round, shown as a median with its spread beside the target.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use ::tests::stage::root;
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// Where a page's results begin and end.
const MARKS: [&str; 2] = ["<!-- results: begin -->", "<!-- results: end -->"];

/// What a figure should be.
#[derive(Clone, Copy)]
enum Target {
    AtMost(f64),
    AtLeast(f64),
}

impl Target {
    /// The target in words, with whether `value` meets it.
    fn verdict(self, value: f64) -> String {
        let (sign, bound, met) = match self {
            Self::AtMost(bound) => ("≤", bound, value <= bound),
            Self::AtLeast(bound) => ("≥", bound, value >= bound),
        };
        format!("{sign} {}: {}", short(bound), if met { "met" } else { "missed" })
    }
}

/// One thing measured.
pub(crate) struct Figure {
    part: &'static str,
    name: String,
    unit: &'static str,
    target: Option<Target>,
    values: Vec<f64>,
}

impl Figure {
    /// A figure with the values of its rounds, in `unit`.
    pub(crate) fn new(
        part: &'static str,
        name: impl Into<String>,
        unit: &'static str,
        mut values: Vec<f64>,
    ) -> Self {
        values.sort_by(f64::total_cmp);
        Self { part, name: name.into(), unit, target: None, values }
    }

    /// Names what it should be at most.
    pub(crate) fn at_most(self, target: f64) -> Self {
        Self { target: Some(Target::AtMost(target)), ..self }
    }

    /// Names what it should be at least.
    pub(crate) fn at_least(self, target: f64) -> Self {
        Self { target: Some(Target::AtLeast(target)), ..self }
    }

    /// What it should be and whether it is; empty without a target.
    fn verdict(&self) -> String {
        self.target.map_or_else(String::new, |target| target.verdict(self.median()))
    }

    fn median(&self) -> f64 {
        percentile(&self.values, 0.5)
    }

    fn spread(&self) -> (f64, f64) {
        (
            self.values.first().copied().unwrap_or(f64::NAN),
            self.values.last().copied().unwrap_or(f64::NAN),
        )
    }
}

/// The value in the middle.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    percentile(&sorted, 0.5)
}

/// The value below which a share of `sorted` lies (nearest rank).
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank within a list"
    )]
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// A count or a size as a figure.
#[expect(clippy::cast_precision_loss, reason = "counts and sizes far below 2⁵²")]
pub(crate) fn as_float(count: u64) -> f64 {
    count as f64
}

/// Everything measured in one run.
#[derive(Default)]
pub(crate) struct Report(Vec<Figure>);

impl Report {
    /// Takes a figure in and shows it at once: a run is long.
    pub(crate) fn add(&mut self, figure: Figure) {
        eprintln!("{}: {} {} {}", figure.part, figure.name, short(figure.median()), figure.unit);
        self.0.push(figure);
    }

    /// A table in Markdown.
    pub(crate) fn table(&self) -> String {
        let mut table = "| part | what | median | lowest – highest | unit | target |\n|---|---|---:|---:|---|---|\n".to_owned();
        for figure in &self.0 {
            let (low, high) = figure.spread();
            let verdict = figure.verdict();
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "| {} | {} | {} | {} – {} | {} | {verdict} |",
                figure.part,
                figure.name,
                short(figure.median()),
                short(low),
                short(high),
                figure.unit,
            );
        }
        table
    }

    /// Everything, with the commit it belongs to.
    pub(crate) fn json(&self) -> Value {
        let figures = self.0.iter().map(|figure| {
            json!({
                "part": figure.part, "name": figure.name, "unit": figure.unit, "target": figure.verdict(),
                "median": figure.median(), "values": figure.values,
            })
        });
        json!({ "commit": commit(), "figures": figures.collect::<Vec<_>>() })
    }

    /// Puts the table between the marks of a page.
    pub(crate) fn write_into(&self, page: &Path) -> Result<()> {
        let text = fs::read_to_string(page).with_context(|| page.display().to_string())?;
        let [begin, end] = MARKS;
        let missing = || format!("{} has no line {begin} … {end}", page.display());
        let (before, rest) = text.split_once(begin).with_context(missing)?;
        let (_, after) = rest.split_once(end).with_context(missing)?;
        let table = self.table();
        let commit = commit();
        let text =
            format!("{before}{begin}\n\nMeasured at commit `{commit}`.\n\n{table}\n{end}{after}");
        fs::write(page, text).with_context(|| page.display().to_string())
    }
}

/// Three figures that count, without a tail of zeros.
fn short(value: f64) -> String {
    if value.abs() >= 100.0 || value == 0.0 {
        return format!("{value:.0}");
    }
    let decimals = if value.abs() >= 10.0 {
        1
    } else if value.abs() >= 1.0 {
        2
    } else {
        3
    };
    format!("{value:.decimals$}")
}

fn commit() -> String {
    let mut git = Command::new("git");
    git.args(["rev-parse", "--short", "HEAD"]).current_dir(root());
    let output = git.output().ok().filter(|output| output.status.success());
    output.map_or_else(
        || "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert!((percentile(&values, 0.5) - 50.0).abs() < f64::EPSILON);
        assert!((percentile(&values, 0.99) - 99.0).abs() < f64::EPSILON);
        assert!((percentile(&[7.0], 0.99) - 7.0).abs() < f64::EPSILON);
        assert!(percentile(&[], 0.5).is_nan());
    }

    #[test]
    fn a_table_says_whether_a_target_is_met() {
        let mut report = Report::default();
        report.add(Figure::new("W1", "CPU", "ms", vec![0.8, 0.7, 1.2]).at_most(1.0));
        report.add(Figure::new("W1", "latency", "ms", vec![12.345]).at_most(5.0));
        report.add(Figure::new("engine", "nodes", "1/s", vec![3.0]).at_least(2.0));
        let table = report.table();
        assert!(table.contains("| 1/s | ≥ 2.00: met |"), "{table}");
        assert!(
            table.contains("| W1 | CPU | 0.800 | 0.700 – 1.20 | ms | ≤ 1.00: met |"),
            "{table}"
        );
        assert!(
            table.contains("| W1 | latency | 12.3 | 12.3 – 12.3 | ms | ≤ 5.00: missed |"),
            "{table}"
        );
    }
}
