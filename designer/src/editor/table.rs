//! A decision's table: its columns and rules changed so that every rule keeps a cell for every column.

use serde_json::{Map, Value, json};

/// One change of a table's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    AddInput,
    RemoveInput(usize),
    AddRule,
    RemoveRule(usize),
    /// Asks a rule earlier (negative) or later.
    ShiftRule(usize, isize),
}

/// A table that has no columns and no rules yet.
pub fn empty(hit: &str) -> Value {
    json!({ "hit": hit, "inputs": [], "rules": [] })
}

/// The table after a change; one that is about what is not there changes nothing.
pub fn changed(table: &Value, change: Change) -> Value {
    let mut table = table.as_object().cloned().unwrap_or_default();
    let (mut inputs, mut rules) = (list(&table, "inputs"), list(&table, "rules"));
    match change {
        Change::AddInput => {
            inputs.push(json!(""));
            for rule in &mut rules {
                resize(rule, inputs.len());
            }
        }
        Change::RemoveInput(at) if at < inputs.len() => {
            for rule in &mut rules {
                resize(rule, inputs.len());
                if let Some(Value::Array(cells)) = rule.get_mut("when") {
                    cells.remove(at);
                }
            }
            inputs.remove(at);
        }
        Change::AddRule => {
            let mut rule = json!({ "when": [] });
            resize(&mut rule, inputs.len());
            rules.push(rule);
        }
        Change::RemoveRule(at) if at < rules.len() => {
            rules.remove(at);
        }
        Change::ShiftRule(at, by) => {
            if let Some(to) = at.checked_add_signed(by).filter(|to| at.max(*to) < rules.len()) {
                rules.swap(at, to);
            }
        }
        Change::RemoveInput(_) | Change::RemoveRule(_) => {}
    }
    table.insert("inputs".to_owned(), Value::Array(inputs));
    table.insert("rules".to_owned(), Value::Array(rules));
    Value::Object(table)
}

/// The variables that any rule sets, in the order they first come up.
pub fn outputs(table: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for rule in table.get("rules").and_then(Value::as_array).into_iter().flatten() {
        for name in rule.get("set").and_then(Value::as_object).into_iter().flat_map(Map::keys) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    names
}

/// The table with a variable that no rule sets any more.
pub fn without_output(table: &Value, name: &str) -> Value {
    let mut table = table.clone();
    for rule in table.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(Value::Object(set)) = rule.get_mut("set") {
            set.remove(name);
        }
    }
    table
}

fn list(table: &Map<String, Value>, member: &str) -> Vec<Value> {
    table.get(member).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// Gives a rule as many cells as there are columns; a new cell takes anything.
fn resize(rule: &mut Value, columns: usize) {
    let Some(rule) = rule.as_object_mut() else {
        return;
    };
    let cells = rule.entry("when").or_insert_with(|| json!([]));
    if let Some(cells) = cells.as_array_mut() {
        cells.resize(columns, json!(""));
    } else {
        *cells = Value::Array(vec![json!(""); columns]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(table: &Value) -> (usize, Vec<Vec<String>>) {
        let cells = |rule: &Value| {
            let cells = rule["when"].as_array().expect("cells").iter();
            cells.map(|cell| cell.as_str().expect("text").to_owned()).collect()
        };
        let inputs = table["inputs"].as_array().expect("columns").len();
        (inputs, table["rules"].as_array().expect("rules").iter().map(cells).collect())
    }

    #[test]
    fn every_rule_keeps_a_cell_for_every_column() {
        let mut table = empty("first");
        for change in [Change::AddRule, Change::AddInput, Change::AddInput, Change::AddRule] {
            table = changed(&table, change);
        }
        table["rules"][0]["when"] = json!(["a", "b"]);
        table["rules"][1]["when"] = json!(["c"]);
        let cut = changed(&table, Change::RemoveInput(0));
        assert_eq!(shape(&cut), (1, vec![vec!["b".to_owned()], vec![String::new()]]));
        let turned = changed(&cut, Change::ShiftRule(0, 1));
        assert_eq!(shape(&turned).1[1], ["b"]);
        assert_eq!(shape(&changed(&turned, Change::RemoveRule(0))).1.len(), 1);
    }

    #[test]
    fn a_change_of_what_is_not_there_changes_nothing() {
        let table = changed(&empty("first"), Change::AddRule);
        for change in [
            Change::RemoveInput(0),
            Change::RemoveRule(1),
            Change::ShiftRule(0, 1),
            Change::ShiftRule(0, -1),
            Change::ShiftRule(9, -1),
        ] {
            assert_eq!(changed(&table, change), table, "{change:?}");
        }
        assert_eq!(shape(&changed(&json!(7), Change::AddRule)).1.len(), 1);
    }

    #[test]
    fn what_the_rules_set_makes_the_columns_of_the_answer() {
        let mut table = json!({ "rules": [
            { "set": { "tier": "'gold'" } }, {}, { "set": { "tier": "'tin'", "owner": "'me'" } },
        ] });
        assert_eq!(outputs(&table), ["tier", "owner"]);
        table = without_output(&table, "tier");
        assert_eq!(outputs(&table), ["owner"]);
    }
}
