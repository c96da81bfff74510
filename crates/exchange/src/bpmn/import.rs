//! Reading BPMN 2.0 XML as a draft.

mod build;
mod fate;
mod graph;
mod ours;
mod reading;
mod texts;
mod ways;

use super::tree::{Space, Tree};
use crate::{ImportError, Imported, shown};
use build::Build;
use journey::{
    draft::{Draft, Edge},
    format::FORMAT,
};
use reading::{Reading, is_step, local};
use std::cmp::Reverse;

/// Makes a draft of a BPMN 2.0 file: of one that we wrote the same draft, with what was changed since; of another what has a counterpart.
///
/// Of several processes the one with the most steps becomes the draft. Ids are made of names, and are the same for the same file. Conditions
/// in other languages than CEL stand on the edge as its label.
///
/// # Errors
///
/// It is beyond a limit, not well-formed XML, has a document type, or is no BPMN 2.0.
pub fn import(source: &str) -> Result<Imported, ImportError> {
    let tree = Tree::read(source)?;
    let process = choose(&tree)?;
    let mut reading = Reading::of(&tree, process);
    around(&mut reading);
    let frame = ours::journey(&reading);
    let name = name(&reading);
    let description = tree.child_text(process, "documentation").map(texts::limited);
    let mut build = Build::new(reading, frame.is_some());
    build.make();
    let (frame, kept, orders) = match frame {
        Some(frame) => (Some(frame.draft), frame.kept, (frame.nodes, frame.edges)),
        None => (None, Vec::new(), (Vec::new(), Vec::new())),
    };
    let blank = Draft { format: FORMAT, name, description, ..Draft::default() };
    let mut draft = frame.unwrap_or(blank);
    let left_out = build.finish(&mut draft, &orders);
    draft.edges = merged(draft.edges, kept);
    Ok(Imported { draft, left_out })
}

/// Edges with others that have places among them.
fn merged(edges: Vec<Edge>, mut placed: Vec<(usize, Edge)>) -> Vec<Edge> {
    placed.sort_by_key(|(place, _)| *place);
    let mut merged = Vec::with_capacity(edges.len() + placed.len());
    let mut edges = edges.into_iter();
    for (place, edge) in placed {
        merged.extend(edges.by_ref().take(place.saturating_sub(merged.len())));
        merged.push(edge);
    }
    merged.extend(edges);
    merged
}

/// The process that becomes the draft: one that we wrote, or else the one with the most steps.
fn choose(tree: &Tree) -> Result<usize, ImportError> {
    if !tree.root().is("definitions") {
        let name = shown(&tree.root().name);
        return Err(ImportError::Unfit(format!(
            "The file is XML, but not BPMN 2.0: it begins with <{name}>. Save it as BPMN 2.0 XML (.bpmn) in the program it comes from."
        )));
    }
    let processes = || tree.children(0).filter(|(_, child)| child.is("process"));
    let ours = processes().find(|(at, _)| tree.extension(*at, Space::Ours, "journey").is_some());
    let size = |at: usize| tree.children(at).filter(|(_, child)| is_step(&child.name)).count();
    // Of equal ones the first.
    let largest = processes().max_by_key(|(at, _)| (size(*at), Reverse(*at)));
    ours.or(largest).map(|(at, _)| at).ok_or_else(|| {
        ImportError::Unfit(
            "There is no process in the file, so there is nothing to import.".to_owned(),
        )
    })
}

fn name(reading: &Reading<'_>) -> String {
    let process = reading.element(reading.process);
    let pool = pool(reading, reading.process);
    let named = [process.attribute("name"), pool, reading.tree.root().attribute("name")];
    let name = named.into_iter().flatten().map(texts::name).find(|name| !name.is_empty());
    name.unwrap_or_else(|| "Imported journey".to_owned())
}

/// The name of the pool of a process.
fn pool<'t>(reading: &Reading<'t>, process: usize) -> Option<&'t str> {
    let id = reading.element(process).attribute("id")?;
    let tree = reading.tree;
    let collaborations = tree.children(0).filter(|(_, child)| child.is("collaboration"));
    let mut pools = collaborations.flat_map(|(at, _)| tree.children(at));
    let of_it = |child: &super::tree::Element| {
        child.is("participant") && child.attribute("processRef").map(local) == Some(id)
    };
    pools.find(|(_, child)| of_it(child)).and_then(|(_, child)| child.attribute("name"))
}

/// What stands around the process: other pools, messages between them, definitions of data.
fn around(reading: &mut Reading<'_>) {
    let tree = reading.tree;
    for (at, element) in tree.children(0) {
        if element.space != Space::Model || at == reading.process {
            continue;
        }
        match element.name.as_str() {
            "process" => {
                let things = tree.children(at).filter(|(_, child)| is_step(&child.name)).count();
                let called = pool(reading, at)
                    .map_or_else(String::new, |name| format!(" “{}”", shown(name)));
                reading.leave(at, format!("The other pool{called} is left out (steps: {things}): a draft is one journey. Import it from a file of its own."));
            }
            "collaboration" => collaboration(reading, at),
            "message" | "signal" | "error" | "escalation" | "category" => {}
            name => {
                if let Some(sentence) = fate::of(name) {
                    reading.leave(at, sentence);
                }
            }
        }
    }
}

fn collaboration(reading: &mut Reading<'_>, at: usize) {
    for (child, element) in reading.tree.children(at) {
        match element.name.as_str() {
            "participant" if element.attribute("processRef").is_none() => {
                reading
                    .leave(child, "The pool is drawn closed: what others do inside is left out.");
            }
            "participant" => {}
            "textAnnotation" => reading.note(child),
            "group" => reading.groups.push(child),
            name if element.space == Space::Model => {
                if let Some(sentence) = fate::of(name) {
                    reading.leave(child, sentence);
                }
            }
            _ => {}
        }
    }
}
