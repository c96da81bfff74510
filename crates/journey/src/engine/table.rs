//! A decision table: rules over a row of inputs; the first that holds, or all of them.

use super::{Fact, Position, Turn};
use crate::{
    expr::{EvalError, Root, Scope},
    journey::{Node, Way},
    ports::DEFAULT,
    settings::{Cell, Rule, Table},
};
use serde_json::Value;

/// What could not be evaluated, in words, and why.
type Failed = (String, EvalError);

impl<'a> Turn<'a> {
    pub(super) fn look_up(&mut self, node: &'a Node, position: Position, table: &'a Table) {
        match self.outcome_of(table) {
            Err((what, error)) => self.raise_error(position, &what, &error),
            Ok(None) => self.leave(node, position, DEFAULT),
            Ok(Some(found)) => {
                self.record(Fact::RulesHeld { position, rules: found.rules });
                if self.set_variables(position, found.set) {
                    let taken = |way: &&Way| found.ports.contains(&way.port.as_str());
                    self.leave_by(position, node.ways.iter().filter(taken).collect());
                }
            }
        }
    }

    fn outcome_of(&self, table: &'a Table) -> Result<Option<Found<'a>>, Failed> {
        let scope = self.scope();
        let mut inputs = Vec::with_capacity(table.inputs.len());
        for (column, input) in table.inputs.iter().enumerate() {
            let what = || format!("the table's input {}", column + 1);
            inputs.push(input.evaluate(&scope).map_err(|error| (what(), error))?);
        }
        let mut found = Found::default();
        for (place, rule) in (0_u32..).zip(&table.rules) {
            if !holds(rule, &inputs, &scope).map_err(|error| (row(place), error))? {
                continue;
            }
            found.take(place, rule, &scope, table.collects).map_err(|error| (row(place), error))?;
            if !table.collects {
                break;
            }
        }
        Ok((!found.rules.is_empty()).then_some(found))
    }
}

fn row(place: u32) -> String {
    format!("the table's rule {}", place + 1)
}

/// What the rules that hold give.
#[derive(Default)]
struct Found<'a> {
    rules: Vec<u32>,
    set: Vec<(String, Value)>,
    ports: Vec<&'a str>,
}

impl<'a> Found<'a> {
    fn take(
        &mut self,
        place: u32,
        rule: &'a Rule,
        scope: &Scope<'_>,
        collects: bool,
    ) -> Result<(), EvalError> {
        self.rules.push(place);
        if !self.ports.contains(&rule.port.as_str()) {
            self.ports.push(&rule.port);
        }
        for (name, expression) in &rule.set {
            let value = expression.evaluate(scope)?;
            match self.set.iter_mut().find(|(known, _)| known == name) {
                Some((_, Value::Array(list))) if collects => list.push(value),
                _ if collects => self.set.push((name.clone(), Value::Array(vec![value]))),
                _ => self.set.push((name.clone(), value)),
            }
        }
        Ok(())
    }
}

fn holds(rule: &Rule, inputs: &[Value], scope: &Scope<'_>) -> Result<bool, EvalError> {
    for (cell, input) in rule.when.iter().zip(inputs) {
        if let Some(cell) = cell
            && !passes(cell, input, scope)?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A cell that gives true or false decides, unless its column's value is one itself and the cell does not look at it.
fn passes(cell: &Cell, input: &Value, scope: &Scope<'_>) -> Result<bool, EvalError> {
    let value = cell.test.evaluate(&scope.clone().with("it", Root::Json(input)))?;
    Ok(match value {
        Value::Bool(holds) if cell.reads_it || !input.is_boolean() => holds,
        value => same(&value, input),
    })
}

/// Numbers are the same by value: JSON does not tell 9 from 9.0.
fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(x), Some(y)) if a.as_i64().is_none() || b.as_i64().is_none() => {
            x.total_cmp(&y).is_eq()
        }
        _ => a == b,
    }
}
