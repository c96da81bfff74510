//! Reading how a decision chooses: by conditions on its ways, or by a table.

use super::variable;
use crate::{
    check::{
        fields::{Fields, bad_id, is_id},
        names::INSTANCE,
    },
    limits,
    settings::{Cell, Choice, Kind, Rule, Table},
};
use serde_json::Value;

/// What a cell of a table reads: `it` is its column's value.
const CELL: &[&str] = &["input", "vars", "account", "nodes", "now", "it"];

pub(super) fn read(fields: &Fields<'_>) -> Option<Kind> {
    if let Some(table) = fields.object("table") {
        if fields.get("mode").is_some() {
            fields.error(
                "bad-value",
                "mode",
                "A decision with a table chooses by the table's 'hit'; leave 'mode' out.",
            );
        }
        let read = read_table(&table);
        table.finish();
        return read.map(|table| Kind::Decision(Choice::Table(Box::new(table))));
    }
    let modes = [("exclusive", ()), ("inclusive", ())];
    let mode = fields.choice("mode", &modes);
    if mode.is_none() && fields.get("mode").is_some() {
        return None;
    }
    let inclusive = fields.text("mode") == Some("inclusive");
    Some(Kind::Decision(if inclusive { Choice::All } else { Choice::One }))
}

fn read_table(fields: &Fields<'_>) -> Option<Table> {
    let hit = fields.choice("hit", &[("first", false), ("collect", true)]);
    let inputs = fields.expressions("inputs", INSTANCE);
    let rules = fields.objects("rules");
    if rules.as_ref().is_none_or(Vec::is_empty) {
        fields.error(
            "missing-member",
            "rules",
            "The table has no rules; add one, or use conditions.",
        );
    }
    missing(fields, "inputs", "it lists what the cells of each rule are compared with");
    let (inputs, rules) = (inputs?, rules?);
    for (member, count) in [("inputs", inputs.len()), ("rules", rules.len())] {
        if count > limits::TABLE {
            let message = format!("A table has at most {} {member}.", limits::TABLE);
            fields.error("too-large", member, message);
            return None;
        }
    }
    let count = rules.len();
    let rules: Vec<_> = rules.iter().filter_map(|rule| read_rule(rule, inputs.len())).collect();
    (rules.len() == count).then_some(Table { collects: hit.unwrap_or(false), inputs, rules })
}

fn missing(fields: &Fields<'_>, member: &'static str, why: &str) {
    if fields.get(member).is_none() {
        fields.error("missing-member", member, format!("'{member}' is missing: {why}."));
    }
}

fn read_rule(fields: &Fields<'_>, columns: usize) -> Option<Rule> {
    let cells = fields.texts("when");
    missing(fields, "when", "it gives each input a cell, '-' for anything");
    let set = fields.mapping("set", INSTANCE);
    let is_writable = set.iter().all(|(name, _)| variable(fields, "set", name).is_some());
    let port = fields.text("port").unwrap_or("out");
    if !is_id(port) {
        fields.error("bad-id", "port", bad_id(port));
        return None;
    }
    fields.finish();
    let cells = cells?;
    if cells.len() != columns {
        let message = format!(
            "The rule has {} cells and the table {columns} inputs; give each input a cell, '-' for anything.",
            cells.len()
        );
        fields.error("table-shape", "when", message);
        return None;
    }
    let when: Option<Vec<_>> =
        cells.iter().enumerate().map(|(place, cell)| read_cell(fields, place, cell)).collect();
    let (when, port) = (when?, port.to_owned());
    is_writable.then_some(Rule { when, set, port })
}

/// A cell; the outer `None` when it cannot be read, the inner when it lets anything pass.
#[expect(
    clippy::option_option,
    reason = "a cell that cannot be read is not one that lets anything pass"
)]
fn read_cell(fields: &Fields<'_>, place: usize, cell: &str) -> Option<Option<Cell>> {
    if matches!(cell.trim(), "" | "-") {
        return Some(None);
    }
    let field = format!("{}/{place}", fields.pointer("when"));
    let test = fields.names.expression(cell, fields.spot(&field, CELL))?;
    let reads_it = test.reads().iter().any(|read| read.path.first().is_some_and(|it| it == "it"));
    Some(Some(Cell { test, reads_it }))
}

/// The ports of a table's rules, in their order, each once; `None` when the node has no table.
pub(crate) fn table_ports(settings: &serde_json::Map<String, Value>) -> Option<Vec<&str>> {
    let rules = settings.get("table")?.as_object()?.get("rules").and_then(Value::as_array);
    let mut ports = Vec::new();
    for rule in rules.into_iter().flatten() {
        let port = rule.get("port").and_then(Value::as_str).unwrap_or("out");
        if !ports.contains(&port) {
            ports.push(port);
        }
    }
    Some(ports)
}
