//! `check`: every diagnostic of a draft, and the journey when nothing is wrong with it.

use crate::{Draft, Journey, References, Workspace, expr::TypeScope};
use serde::{Deserialize, Serialize};
use serde_json::Value;

mod bits;
mod codes;
mod concurrent;
mod dataflow;
mod drawing;
mod fields;
mod flow;
mod leftover;
mod loops;
mod names;
mod nodes;
mod promises;
mod report;
mod soundness;
mod task;
mod team;
mod types;
mod ways;
mod wiring;

#[cfg(test)]
mod tests;

pub use codes::CODES;
pub(crate) use fields::is_id;
pub(crate) use names::Reading;
pub use nodes::KINDS;
pub(crate) use nodes::{range, table_ports};
use report::Report;

/// One problem, on the node or edge and the field it is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable, documented in docs/checks.md.
    pub code: String,
    pub severity: Severity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edge: Option<String>,
    /// JSON pointer within the node or edge (`/sla/due`), or within the draft when there is neither.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A plain sentence: what is wrong and what would mend it.
    pub message: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixes: Vec<Fix>,
    /// Edge ids of a walk that shows a control-flow problem.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter_example: Option<Vec<String>>,
}

/// A change that would mend a problem with one click.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    pub label: String,
    /// The whole draft member to put in its place: a node or an edge by id.
    pub change: Value,
}

/// Errors stop publishing; warnings do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Error,
    Warning,
}

/// Checks a draft and reports everything wrong with it rather than the first thing. The journey is there exactly when no diagnostic is an error.
///
/// `workspace` is `None` away from one: names only it knows become `unknown-here` warnings.
pub fn check(draft: &Draft, workspace: Option<&Workspace>) -> (Option<Journey>, Vec<Diagnostic>) {
    let report = Report::default();
    let journey = if drawing::fits(draft, &report) {
        let names = names::Names::of(draft, workspace, &report);
        let journey = drawing::compile(draft, &names, &report);
        team::check(&journey, &names);
        types::check(draft, &names);
        flow::check(&journey, &names, &report);
        Some(journey)
    } else {
        None
    };
    let diagnostics = report.sorted(draft);
    let stopped = diagnostics.iter().any(|found| found.severity == Severity::Error);
    let journey = journey.filter(|_| !stopped).and_then(drawing::Drawing::finish);
    (journey, diagnostics)
}

/// Compiles a draft that has been published: only what stands in its nodes and edges is looked at, nothing is proved again, so
/// that a check that came later never strands what is running.
///
/// # Errors
///
/// What cannot be compiled, as `check` reports it.
pub fn reopen(draft: &Draft) -> Result<Journey, Vec<Diagnostic>> {
    let report = Report::default();
    let compiled = drawing::fits(draft, &report).then(|| {
        let names = names::Names::of(draft, None, &report);
        drawing::compile(draft, &names, &report).finish()
    });
    let mut found = report.sorted(draft);
    found.retain(|one| one.severity == Severity::Error);
    compiled.flatten().filter(|_| found.is_empty()).ok_or(found)
}

/// What of its workspace a draft names.
pub fn references(draft: &Draft) -> References {
    let report = Report::default();
    let names = names::Names::of(draft, None, &report);
    drawing::compile(draft, &names, &report);
    names.references()
}

/// What expressions of a node read, and of what type it is; without one, those of the journey itself.
pub fn scope(draft: &Draft, workspace: Option<&Workspace>, node: Option<&str>) -> TypeScope {
    let report = Report::default();
    if !drawing::fits(draft, &report) {
        return TypeScope::default();
    }
    let names = names::Names::of(draft, workspace, &report);
    drawing::compile(draft, &names, &report);
    types::scope(draft, &names, node)
}

/// Every path the expressions of a draft read, and where.
pub(crate) fn readings(draft: &Draft) -> Vec<Reading> {
    let report = Report::default();
    let names = names::Names::of(draft, None, &report);
    drawing::compile(draft, &names, &report);
    names.readings()
}
