//! What is chosen by the keyboard.

use super::{Ask, Editor, kinds, look, scene::Card};
use journey::draft::Node;
use std::collections::BTreeSet;

/// Which steps to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// The one after what is chosen, in reading order.
    Next,
    Previous,
    /// What is chosen with all that leads to it.
    Upstream,
    /// What is chosen with all it leads to.
    Downstream,
}

pub(super) fn choose(editor: &mut Editor, which: Which) -> Vec<Ask> {
    match which {
        Which::All => {
            editor.selected = editor.draft.nodes.iter().map(|node| node.id.clone()).collect();
            editor.selected_edge = None;
            Vec::new()
        }
        Which::Next => walk(editor, 1),
        Which::Previous => walk(editor, -1),
        Which::Upstream => spread(editor, |card| &card.arriving),
        Which::Downstream => spread(editor, |card| &card.leaving),
    }
}

/// Adds all that is reached from what is chosen, along some of each card's lines.
fn spread(editor: &mut Editor, lines: fn(&Card) -> &Vec<usize>) -> Vec<Ask> {
    let scene = &editor.scene;
    let mut open: Vec<&Card> = editor.selected.iter().filter_map(|id| scene.card(id)).collect();
    while let Some(card) = open.pop() {
        for wire in lines(card).iter().map(|wire| &scene.wires()[*wire]) {
            for end in [wire.from, wire.to].map(|end| &scene.cards()[end]) {
                if editor.selected.insert(end.id.clone()) {
                    open.push(end);
                }
            }
        }
    }
    vec![Ask::Announce(format!("{} steps chosen", editor.selected.len()))]
}

/// Chooses the next node in reading order and brings it into view.
fn walk(editor: &mut Editor, by: isize) -> Vec<Ask> {
    let mut order: Vec<&Node> = editor.draft.nodes.iter().collect();
    order.sort_by(|a, b| {
        a.position.x.total_cmp(&b.position.x).then(a.position.y.total_cmp(&b.position.y))
    });
    let current = editor.only_selected().and_then(|id| order.iter().position(|node| node.id == id));
    let next = match current {
        Some(at) => at.checked_add_signed(by).and_then(|at| order.get(at)),
        None => order.first(),
    };
    let Some(node) = next else {
        return Vec::new();
    };
    let said = format!("{}: {}", kinds::title(&node.kind), node.name);
    let id = node.id.clone();
    let seen = editor.area(&id).is_some_and(|area| editor.view.shown(editor.screen).meets(&area));
    if seen {
        editor.selected = BTreeSet::from([id]);
        editor.selected_edge = None;
    } else {
        look::show(editor, Some(id), None);
    }
    vec![Ask::Announce(said)]
}
