//! Writing one setting of a node, or of the journey itself, by its JSON pointer.

use journey::{Draft, draft::Node};
use serde_json::{Map, Value};

/// Writes (or with `None` takes away) the setting a pointer names; `/name` is the node's name, `/lane` its lane, `/group` its group.
///
/// Objects on the way are made; a list takes an index it has, or the next one.
pub fn write(node: &mut Node, pointer: &str, value: Option<Value>) {
    let text = value.as_ref().and_then(Value::as_str);
    match pointer {
        "/name" => text.unwrap_or_default().clone_into(&mut node.name),
        "/lane" => node.lane = text.map(str::to_owned),
        "/group" => node.group = text.map(str::to_owned),
        _ => {
            let mut whole = Value::Object(std::mem::take(&mut node.settings));
            write_in(&mut whole, &steps(pointer), value);
            if let Value::Object(settings) = whole {
                node.settings = settings;
            }
        }
    }
}

/// What a draft says of the journey itself: all of it but the drawing.
pub fn head(draft: &Draft) -> Draft {
    Draft {
        format: draft.format,
        name: draft.name.clone(),
        description: draft.description.clone(),
        variables: draft.variables.clone(),
        nodes: Vec::new(),
        edges: Vec::new(),
        lanes: draft.lanes.clone(),
        groups: draft.groups.clone(),
        exits: draft.exits.clone(),
        settings: draft.settings.clone(),
        tests: draft.tests.clone(),
        unknown: draft.unknown.clone(),
    }
}

/// The setting of the journey itself that a pointer names.
pub fn read_head(draft: &Draft, pointer: &str) -> Option<Value> {
    let whole = serde_json::to_value(head(draft)).ok()?;
    whole.pointer(pointer).cloned()
}

/// The journey's own settings with one of them written or taken away, as [`write`] does; `None` when no draft can hold that.
pub fn write_head(draft: &Draft, pointer: &str, value: Option<Value>) -> Option<Draft> {
    let mut whole = serde_json::to_value(head(draft)).ok()?;
    write_in(&mut whole, &steps(pointer), value);
    serde_json::from_value(whole).ok()
}

/// The setting a pointer names.
pub fn read<'a>(node: &'a Node, pointer: &str) -> Option<&'a Value> {
    let rest = pointer.strip_prefix('/')?;
    let (first, rest) =
        rest.split_once('/').map_or((rest, None), |(first, rest)| (first, Some(rest)));
    let value = node.settings.get(first)?;
    rest.map_or(Some(value), |rest| value.pointer(&format!("/{rest}")))
}

/// The text a pointer names; empty when there is none.
pub fn text(node: &Node, pointer: &str) -> String {
    match pointer {
        "/name" => return node.name.clone(),
        "/lane" => return node.lane.clone().unwrap_or_default(),
        "/group" => return node.group.clone().unwrap_or_default(),
        _ => {}
    }
    read(node, pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A pointer's step made of a member's name.
pub fn step(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn steps(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect()
}

fn write_in(place: &mut Value, parts: &[String], value: Option<Value>) {
    let Some((first, rest)) = parts.split_first() else {
        return;
    };
    if let Value::Array(list) = place {
        let Ok(index) = first.parse::<usize>() else {
            return;
        };
        write_in_list(list, index, rest, value);
        return;
    }
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    let Value::Object(members) = place else {
        return;
    };
    match (rest.is_empty(), value) {
        (true, Some(value)) => {
            members.insert(first.clone(), value);
        }
        (true, None) => {
            members.remove(first);
        }
        (false, value) => {
            if value.is_none() && !members.contains_key(first) {
                return;
            }
            write_in(members.entry(first.clone()).or_insert(Value::Null), rest, value);
        }
    }
}

fn write_in_list(list: &mut Vec<Value>, index: usize, rest: &[String], value: Option<Value>) {
    match (rest.is_empty(), value) {
        (true, Some(value)) if index == list.len() => list.push(value),
        (true, Some(value)) => {
            if let Some(place) = list.get_mut(index) {
                *place = value;
            }
        }
        (true, None) => {
            if index < list.len() {
                list.remove(index);
            }
        }
        (false, value) => {
            if let Some(place) = list.get_mut(index) {
                write_in(place, rest, value);
            }
        }
    }
}
