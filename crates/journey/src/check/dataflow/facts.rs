//! What nodes leave behind for expressions to read: variables, and members of `nodes.<id>`.

use crate::check::drawing::Drawn;
use crate::draft::Node;
use crate::ports::DEFAULT;
use serde_json::Value;
use std::collections::BTreeSet;

/// Something an expression can read once it has been written.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Fact {
    Variable(String),
    /// A node, and which of output, error, outcome and form.
    Left(String, String),
}

impl Fact {
    /// What must have been written before a path can be read.
    pub(super) fn of(path: &[String]) -> Option<Self> {
        match path {
            [root, name, ..] if root == "vars" => Some(Self::Variable(name.clone())),
            [root, node, member, ..] if root == "nodes" => {
                Some(Self::Left(node.clone(), member.clone()))
            }
            _ => None,
        }
    }

    /// Whether asking for a path with `has` shows that this was written.
    pub(super) fn is_shown_by(&self, path: &[String]) -> bool {
        match self {
            Self::Variable(name) => {
                matches!(path, [root, other, ..] if root == "vars" && other == name)
            }
            Self::Left(node, member) => match path {
                [root, other, asked, ..] => root == "nodes" && other == node && asked == member,
                [root, other] => root == "nodes" && other == node,
                _ => false,
            },
        }
    }
}

/// What has been written when a node is left by a port.
pub(super) fn written(drawn: &Drawn<'_>, port: &str) -> Vec<Fact> {
    let node = drawn.node;
    let left = left(node, port).iter();
    let left = left.map(|member| Fact::Left(node.id.clone(), (*member).to_owned()));
    left.chain(variables(node, port).into_iter().map(Fact::Variable)).collect()
}

/// Every variable a node may write, whichever way it goes.
pub(super) fn variables_of(node: &Node) -> BTreeSet<String> {
    let ports = crate::ports::ports(node);
    let ports = ports.iter().map(|port| port.name).chain([DEFAULT, "out"]);
    let mut names: BTreeSet<String> = ports.flat_map(|port| variables(node, port)).collect();
    names.extend(rules(node).flat_map(rule_variables).map(str::to_owned));
    names
}

/// Whether a kind of node ever leaves a member behind.
pub(super) fn leaves(node: &Node, member: &str) -> bool {
    let ports = crate::ports::ports(node);
    ports.iter().any(|port| left(node, port.name).contains(&member))
}

/// What `nodes.<id>` has when a node is left by a port.
fn left(node: &Node, port: &str) -> &'static [&'static str] {
    match (node.kind.as_str(), port) {
        _ if crate::ports::is_timer(node, port) => &[],
        ("task" | "approval", _) | ("handoff", "accepted") => &["outcome", "form"],
        ("handoff", _) => &["outcome", "form", "output"],
        ("action" | "for_each" | "journey", "error") => &["error"],
        ("action" | "for_each" | "journey", _) => &["output"],
        // Unsure is also the way when the call failed.
        ("ai_check", "unsure") => &["outcome"],
        ("ai_check", _) => &["outcome", "output"],
        ("wait", "out") if node.settings.contains_key("event") => &["output"],
        _ => &[],
    }
}

fn variables(node: &Node, port: &str) -> Vec<String> {
    let settings = &node.settings;
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    match (node.kind.as_str(), port) {
        ("set", _) => (0..assigns(node).len()).filter_map(|at| assigned(node, at)).collect(),
        ("action", "out") | ("ai_check", "passed" | "failed") => {
            text(settings.get("output")).into_iter().collect()
        }
        ("journey", "out") => {
            let output = settings.get("output").and_then(Value::as_object);
            output.into_iter().flat_map(|map| map.keys().cloned()).collect()
        }
        ("decision", port) => table(node, port),
        _ => Vec::new(),
    }
}

/// Variables every rule sets that leaves by a port.
fn table(node: &Node, port: &str) -> Vec<String> {
    let rules = rules(node)
        .filter(|rule| rule.get("port").and_then(Value::as_str).unwrap_or("out") == port);
    let common = rules
        .map(|rule| rule_variables(rule).collect::<BTreeSet<_>>())
        .reduce(|all, more| all.intersection(&more).copied().collect());
    common.into_iter().flatten().map(str::to_owned).collect()
}

fn rules(node: &Node) -> impl Iterator<Item = &Value> {
    let table = node.settings.get("table").filter(|_| node.kind == "decision");
    table.and_then(|table| table.get("rules")).and_then(Value::as_array).into_iter().flatten()
}

fn rule_variables(rule: &Value) -> impl Iterator<Item = &str> {
    let set = rule.get("set").and_then(Value::as_object);
    set.into_iter().flat_map(|set| set.keys().map(String::as_str))
}

fn assigns(node: &Node) -> &[Value] {
    node.settings.get("assign").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The variable that an assignment of a set writes.
pub(super) fn assigned(node: &Node, at: usize) -> Option<String> {
    let to = assigns(node).get(at)?.get("to")?.as_str()?;
    to.strip_prefix("vars.").map(str::to_owned)
}
