//! What the problems and an edge that is being drawn say of cards and lines.

use super::drawn::Standing;
use crate::editor::{Connecting, Editor, Gesture, scene::Card};
use journey::{Diagnostic, Severity};
use std::collections::{HashMap, HashSet};

/// The problems of a draft by what they are about, and the edge that is being drawn.
pub(super) struct Marks<'a> {
    by_node: HashMap<&'a str, Vec<&'a Diagnostic>>,
    /// Edges that something is wrong with.
    pub(super) wrong_edges: HashSet<&'a str>,
    connecting: Option<&'a Connecting>,
}

impl<'a> Marks<'a> {
    pub(super) fn of(editor: &'a Editor) -> Self {
        let mut by_node: HashMap<&str, Vec<&Diagnostic>> = HashMap::new();
        let mut wrong_edges = HashSet::new();
        for problem in editor.problems() {
            let edge = problem.edge.as_deref();
            if let Some(edge) = edge.filter(|_| problem.severity == Severity::Error) {
                wrong_edges.insert(edge);
            }
            // What is wrong with a way shows at the card it leaves, too.
            let scene = editor.scene();
            let leaves =
                || edge.and_then(|id| Some(scene.cards()[scene.wire(id)?.from].id.as_str()));
            if let Some(node) = problem.node.as_deref().or_else(leaves) {
                by_node.entry(node).or_default().push(problem);
            }
        }
        for all in by_node.values_mut() {
            all.sort_by_key(|problem| problem.severity);
        }
        let connecting = match editor.gesture() {
            Gesture::Connect(connecting) => Some(connecting),
            _ => None,
        };
        Self { by_node, wrong_edges, connecting }
    }

    /// The cards with errors.
    pub(super) fn wrong_cards(&self) -> impl Iterator<Item = &'a str> {
        // The worst comes first.
        let is_wrong = |all: &Vec<&Diagnostic>| {
            all.first().is_some_and(|problem| problem.severity == Severity::Error)
        };
        self.by_node.iter().filter(move |(_, all)| is_wrong(all)).map(|(id, _)| *id)
    }

    /// How a card stands in all of it.
    pub(super) fn standing(&self, editor: &Editor, card: &Card) -> Standing {
        let problems = self.by_node.get(card.id.as_str()).map_or(&[][..], Vec::as_slice);
        let words = || {
            let all: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
            all.join("\n")
        };
        let is_target = |drawn: &&Connecting| drawn.targets.contains(&card.id);
        let is_caught = |drawn: &&Connecting| drawn.target.as_ref() == Some(&card.id);
        Standing {
            selected: editor.selected().contains(&card.id),
            possible: self.connecting.as_ref().is_some_and(is_target),
            caught: self.connecting.as_ref().is_some_and(is_caught),
            problem: problems.first().map(|worst| (worst.severity, words())),
        }
    }
}
