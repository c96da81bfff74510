//! What is chosen by the keyboard.

use super::{Ask, Editor, geometry::Area, groups, kinds, look, scene::Card};
use crate::messages::plural;
use journey::draft::Node;
use std::collections::BTreeSet;

/// Which steps to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    /// The one after what is chosen, in reading order.
    Next,
    Previous,
    /// What is chosen, and the one after it.
    WithNext,
    /// What is chosen, and the one before it.
    WithPrevious,
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
        Which::WithNext => extend(editor, |order| order),
        Which::WithPrevious => extend(editor, |mut order| {
            order.reverse();
            order
        }),
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
    vec![Ask::Announce(plural!(
        editor.selected.len(),
        "{count} step chosen",
        "{count} steps chosen"
    ))]
}

/// Chooses the next node in reading order and brings it into view.
fn walk(editor: &mut Editor, by: isize) -> Vec<Ask> {
    let order = in_reading_order(editor);
    let group = editor.chosen_group().map(|group| group.id.as_str());
    let is_current = |node: &&Node| match group {
        Some(group) => node.group.as_deref() == Some(group),
        None => editor.only_selected() == Some(&node.id),
    };
    let current = order.iter().position(is_current);
    let next = match current {
        Some(at) => at.checked_add_signed(by).and_then(|at| order.get(at)),
        None => order.first(),
    };
    let Some(node) = next else {
        return Vec::new();
    };
    if let Some(group) = editor.scene.card(&node.id).and_then(|card| card.collapsed.clone()) {
        return show_group(editor, &group);
    }
    let said = format!("{}: {}", kinds::title(&node.kind), node.name);
    let id = node.id.clone();
    look::bring_into_view(editor, Some(&id));
    editor.selected = BTreeSet::from([id]);
    editor.selected_edge = None;
    vec![Ask::Announce(said)]
}

/// Adds the first node behind all that are chosen, in reading order or the other way round.
fn extend(editor: &mut Editor, turned: fn(Vec<&Node>) -> Vec<&Node>) -> Vec<Ask> {
    let order = turned(in_reading_order(editor));
    let last = order.iter().rposition(|node| editor.selected.contains(&node.id));
    let Some(node) = order.get(last.map_or(0, |last| last + 1)) else { return Vec::new() };
    let (id, name) = (node.id.clone(), node.name.clone());
    let all = match editor.scene.card(&id).and_then(|card| card.collapsed.as_ref()) {
        Some(group) => groups::members(&editor.draft, group),
        None => BTreeSet::from([id.clone()]),
    };
    look::bring_into_view(editor, Some(&id));
    editor.selected.extend(all);
    editor.selected_edge = None;
    vec![Ask::Announce(plural!(
        editor.selected.len(),
        "{name} as well, {count} step chosen",
        "{name} as well, {count} steps chosen",
        name
    ))]
}

/// The nodes from left to right; of a collapsed group only one, where its card is.
fn in_reading_order(editor: &Editor) -> Vec<&Node> {
    let mut seen = BTreeSet::new();
    let mut order: Vec<(&Node, Area)> = Vec::new();
    for (node, card) in editor.draft.nodes.iter().zip(editor.scene.cards()) {
        if card.collapsed.as_ref().is_none_or(|group| seen.insert(group)) {
            order.push((node, card.area));
        }
    }
    order.sort_by(|(_, a), (_, b)| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    order.into_iter().map(|(node, _)| node).collect()
}

/// Chooses all nodes of a group that is drawn as one card.
fn show_group(editor: &mut Editor, group: &str) -> Vec<Ask> {
    let members = groups::members(&editor.draft, group);
    let name = editor.draft.groups.iter().find(|candidate| candidate.id == group);
    let name = name.map(|group| group.name.clone()).unwrap_or_default();
    let said =
        plural!(members.len(), "Group: {name}, {count} step", "Group: {name}, {count} steps", name);
    look::bring_into_view(editor, members.first().map(String::as_str));
    editor.selected = members;
    editor.selected_edge = None;
    vec![Ask::Announce(said)]
}
