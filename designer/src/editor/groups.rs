//! Groups: steps that are drawn together, in a frame behind them or collapsed into one card.

use super::{
    Ask, Editor, Op,
    geometry::{Area, CARD_WIDTH, HEAD_HEIGHT},
    scene::Scene,
    settings,
    update::commit,
};
use crate::messages::t;
use journey::{
    Draft,
    draft::{Group, Node, Point},
};
use std::collections::{BTreeSet, HashMap};

/// Room between the steps of a group and its frame.
const PAD: f64 = 20.0;
/// Room for its name, above them.
const TITLE: f64 = 30.0;

/// How a group is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    pub group: String,
    pub name: String,
    pub area: Area,
    pub collapsed: bool,
    pub members: BTreeSet<String>,
}

impl Drawn {
    /// What of it is pressed to take all of it in hand.
    pub fn handle(&self) -> Area {
        if self.collapsed { self.area } else { Area { height: TITLE, ..self.area } }
    }
}

/// All groups that have steps, in their order.
pub fn drawn(draft: &Draft, scene: &Scene) -> Vec<Drawn> {
    let drawn = |group: &Group| {
        let members = members(draft, &group.id);
        let steps = members.iter().filter_map(|id| scene.card(id)).map(|card| card.area);
        let area = steps.reduce(Area::with)?;
        let area = if group.collapsed { area } else { framed(area) };
        let (id, name, collapsed) = (group.id.clone(), group.name.clone(), group.collapsed);
        Some(Drawn { group: id, name, area, collapsed, members })
    };
    draft.groups.iter().filter_map(drawn).collect()
}

/// The frame each of the chosen steps would lie in if they were put down moved by this, as step and group. A frame is where the steps
/// of its group that stay are; a group that is moved whole goes into no other.
pub fn entered(editor: &Editor, by: Point) -> Vec<(String, String)> {
    let (draft, moved) = (&editor.draft, &editor.selected);
    let mut frames: Vec<(&Group, Area)> = Vec::new();
    for group in draft.groups.iter().filter(|group| !group.collapsed) {
        let stay = draft
            .nodes
            .iter()
            .filter(|node| node.group.as_ref() == Some(&group.id) && !moved.contains(&node.id));
        let areas = stay.filter_map(|node| editor.scene.card(&node.id)).map(|card| card.area);
        frames.extend(areas.reduce(Area::with).map(|area| (group, framed(area))));
    }
    if frames.is_empty() {
        return Vec::new();
    }
    let whole: BTreeSet<&str> = whole(draft, moved).map(|group| group.id.as_str()).collect();
    let entered = |id: &String| {
        let own = draft.node(id)?.group.as_deref();
        let middle = editor.scene.card(id)?.area.moved(by).middle();
        let spot = Area { x: middle.x, y: middle.y, ..Area::default() };
        let here = frames.iter().filter(|(_, frame)| frame.meets(&spot));
        let here: Vec<&str> = here.map(|(group, _)| group.id.as_str()).collect();
        // Where frames lie over one another a step stays where it belongs.
        let stays = own.is_some_and(|own| whole.contains(own) || here.contains(&own));
        here.first().filter(|_| !stays).map(|group| (id.clone(), (*group).to_owned()))
    };
    moved.iter().filter_map(entered).collect()
}

/// The frame around the steps of a group.
pub fn framed(steps: Area) -> Area {
    let frame = steps.grown(PAD);
    Area { y: frame.y - TITLE, height: frame.height + TITLE, ..frame }
}

/// The nodes of a group.
pub fn members(draft: &Draft, group: &str) -> BTreeSet<String> {
    let members = draft.nodes.iter().filter(|node| node.group.as_deref() == Some(group));
    members.map(|node| node.id.clone()).collect()
}

/// The groups all of whose nodes are among these.
pub(super) fn whole<'a>(
    draft: &'a Draft,
    nodes: &BTreeSet<String>,
) -> impl Iterator<Item = &'a Group> {
    draft.groups.iter().filter(|group| {
        let members = members(draft, &group.id);
        !members.is_empty() && members.is_subset(nodes)
    })
}

/// The card each collapsed group is drawn as: where its uppermost and its leftmost nodes are.
pub fn collapsed(draft: &Draft) -> HashMap<&str, Area> {
    let is_collapsed =
        |id: &str| draft.groups.iter().any(|group| group.id == id && group.collapsed);
    let mut cards: HashMap<&str, Area> = HashMap::new();
    for node in &draft.nodes {
        let Some(group) = node.group.as_deref().filter(|group| is_collapsed(group)) else {
            continue;
        };
        let at = node.position;
        let card = cards.entry(group).or_insert(Area {
            x: at.x,
            y: at.y,
            width: CARD_WIDTH,
            height: HEAD_HEIGHT,
        });
        (card.x, card.y) = (card.x.min(at.x), card.y.min(at.y));
    }
    cards
}

/// The group whose nodes are chosen, all of them and nothing else; one node of its own is chosen for itself while it can be seen.
pub(super) fn chosen<'a>(draft: &'a Draft, selected: &BTreeSet<String>) -> Option<&'a Group> {
    let group = draft.node(selected.first()?)?.group.as_deref()?;
    let group = draft.groups.iter().find(|candidate| candidate.id == group)?;
    let is_whole = members(draft, &group.id) == *selected;
    (is_whole && (group.collapsed || selected.len() > 1)).then_some(group)
}

/// Makes one group of all that is chosen; a group that is chosen whole takes the rest in.
pub(super) fn group(editor: &mut Editor) -> Vec<Ask> {
    let draft = &editor.draft;
    if editor.selected.is_empty() {
        return vec![Ask::Announce(t!("Choose the steps that belong together first").to_owned())];
    }
    let mut groups = draft.groups.clone();
    let id = whole(draft, &editor.selected).next().map(|whole| whole.id.clone());
    let id = id.unwrap_or_else(|| {
        let fresh = fresh(&groups, t!("Group"));
        groups.push(fresh.clone());
        fresh.id
    });
    let op = regrouped(draft, groups, |node| {
        if editor.selected.contains(&node.id) { Some(id.clone()) } else { node.group.clone() }
    });
    commit(editor, t!("Group"), op)
}

/// Takes what is chosen out of its groups.
pub(super) fn ungroup(editor: &mut Editor) -> Vec<Ask> {
    let op = regrouped(&editor.draft, editor.draft.groups.clone(), |node| {
        node.group.clone().filter(|_| !editor.selected.contains(&node.id))
    });
    commit(editor, t!("Ungroup"), op)
}

/// Collapses the groups that chosen nodes are in, or shows their nodes when none is left to collapse. All of such a group is chosen then.
pub(super) fn collapse_chosen(editor: &mut Editor) -> Vec<Ask> {
    let nodes = editor.selected.iter().filter_map(|id| editor.draft.node(id));
    let groups: BTreeSet<String> = nodes.filter_map(|node| node.group.clone()).collect();
    collapse(editor, &groups)
}

/// As [`collapse_chosen`], for these groups.
pub(super) fn collapse(editor: &mut Editor, these: &BTreeSet<String>) -> Vec<Ask> {
    let mut head = settings::head(&editor.draft);
    let mut meant: Vec<&mut Group> =
        head.groups.iter_mut().filter(|group| these.contains(&group.id)).collect();
    if meant.is_empty() {
        return vec![Ask::Announce(t!("There is no group here").to_owned())];
    }
    let collapses = meant.iter().any(|group| !group.collapsed);
    for group in &mut meant {
        group.collapsed = collapses;
    }
    let name = if collapses { t!("Collapse") } else { t!("Expand") };
    let asks = commit(editor, name, Op::ReplaceHead { head: Box::new(head) });
    editor.selected = these.iter().flat_map(|group| members(&editor.draft, group)).collect();
    editor.selected_edge = None;
    asks
}

/// A group that none of these is, called after a word and its number.
pub(super) fn fresh(groups: &[Group], word: &str) -> Group {
    let free = |number: &usize| groups.iter().all(|group| group.id != format!("group{number}"));
    let number = (1..=groups.len() + 1).find(free).unwrap_or_default();
    Group { id: format!("group{number}"), name: format!("{word} {number}"), ..Group::default() }
}

/// The changes that put every node into the group it is to have, without groups that have no node then.
fn regrouped(draft: &Draft, mut groups: Vec<Group>, of: impl Fn(&Node) -> Option<String>) -> Op {
    let of: Vec<Option<String>> = draft.nodes.iter().map(of).collect();
    groups.retain(|group| of.iter().flatten().any(|id| *id == group.id));
    let moved = draft.nodes.iter().zip(of).filter(|(node, group)| node.group != *group);
    let moved = moved.map(|(node, group)| Op::ReplaceNode { node: Node { group, ..node.clone() } });
    Op::Several(with_groups(draft, groups).into_iter().chain(moved).collect())
}

/// The change that drops the groups which have no node but these.
pub(super) fn without(draft: &Draft, nodes: &BTreeSet<String>) -> Option<Op> {
    let stays = |group: &&Group| !members(draft, &group.id).is_subset(nodes);
    with_groups(draft, draft.groups.iter().filter(stays).cloned().collect())
}

/// The change that gives a draft these groups; `None` when it has them.
pub(super) fn with_groups(draft: &Draft, groups: Vec<Group>) -> Option<Op> {
    let head = (groups != draft.groups).then(|| Draft { groups, ..settings::head(draft) })?;
    Some(Op::ReplaceHead { head: Box::new(head) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor::{
        Command, Hand, Hit, Input, Press, Which, clipboard, geometry::Size, update,
    };
    use serde_json::json;

    /// `a` leads to `b`, `b` to `c`, `c` to `d`; the two in the middle are to be a group.
    fn editing() -> Editor {
        let node = |(at, id): (i32, &str)| json!({ "id": id, "kind": "set", "name": id, "position": { "x": at * 300, "y": 0 } });
        let edge = |pair: &[&str]| json!({ "id": format!("e_{}", pair[0]), "from": pair[0], "to": pair[1] });
        let steps = ["a", "b", "c", "d"];
        let draft = json!({
            "format": 1, "name": "Groups",
            "nodes": (0..).zip(steps).map(node).collect::<Vec<_>>(),
            "edges": steps.windows(2).map(edge).collect::<Vec<_>>(),
        });
        let mut editor = Editor::default();
        update(&mut editor, Input::Resize(Size { width: 4000.0, height: 4000.0 }));
        update(&mut editor, Input::Load(serde_json::from_value(draft).unwrap()));
        editor
    }

    fn command(editor: &mut Editor, command: Command) -> Vec<Ask> {
        update(editor, Input::Command(command))
    }

    fn ids(these: &[&str]) -> BTreeSet<String> {
        these.iter().map(|id| (*id).to_owned()).collect()
    }

    fn grouped() -> Editor {
        let mut editor = editing();
        editor.selected = ids(&["b", "c"]);
        command(&mut editor, Command::Group);
        editor
    }

    #[test]
    fn what_is_chosen_becomes_a_group_and_takes_more_in() {
        let mut editor = editing();
        command(&mut editor, Command::Group);
        assert!(editor.draft.groups.is_empty(), "nothing is chosen");
        editor.selected = ids(&["b"]);
        command(&mut editor, Command::Group);
        assert_eq!(editor.groups()[0].members, ids(&["b"]));
        let mut editor = grouped();
        let [group] = &editor.groups()[..] else { panic!("{:?}", editor.groups()) };
        assert_eq!((group.name.as_str(), &group.members), ("Group 1", &ids(&["b", "c"])));
        assert!(group.members.iter().all(|id| {
            let card = editor.area(id).unwrap();
            card.x > group.area.x && card.bottom() < group.area.bottom()
        }));
        assert_eq!(editor.chosen_group().map(|group| group.id.as_str()), Some("group1"));

        command(&mut editor, Command::Choose(Which::All));
        command(&mut editor, Command::Group);
        assert_eq!(
            editor.groups()[0].members.len(),
            4,
            "the group that was there takes the rest in"
        );
        command(&mut editor, Command::Undo);
        command(&mut editor, Command::Undo);
        assert_eq!(editor.draft, *editing().draft());
    }

    #[test]
    fn a_collapsed_group_is_one_card_with_the_ways_that_lead_in_and_out() {
        let mut editor = grouped();
        command(&mut editor, Command::Collapse);
        let card = editor.groups()[0].area;
        assert_eq!((card.x, card.width, card.height), (300.0, CARD_WIDTH, HEAD_HEIGHT));
        assert!(!editor.is_shown("b") && !editor.is_shown("c") && editor.is_shown("a"));
        let wire = |id: &str| editor.scene().wire(id).unwrap();
        assert!(wire("e_b").hidden && !wire("e_a").hidden);
        let end = wire("e_a").corners.last().copied().unwrap();
        assert!((card.x - end.x).abs() < 10.0, "it leads to the card: {end:?}");
        let start = wire("e_c").corners[0];
        assert!((card.x + card.width - start.x).abs() < 10.0, "and from it: {start:?}");
        command(&mut editor, Command::Undo);
        assert!(editor.is_shown("b"));
    }

    #[test]
    fn a_collapsed_group_is_pressed_moved_walked_to_and_lined_up_as_one() {
        let mut editor = grouped();
        command(&mut editor, Command::Collapse);
        let at = editor.view().to_screen(Point { x: 350.0, y: 20.0 });
        let press = |on| Press { pointer: 1, at, on, hand: Hand::Plain };
        command(&mut editor, Command::Escape);
        // As a frame of the far drawing has no elements, whichever card is found stands for all.
        for on in [Hit::Ground, Hit::Group("group1".to_owned()), Hit::Node("c".to_owned())] {
            editor.selected.clear();
            update(&mut editor, Input::Press(press(on)));
            update(&mut editor, Input::Release { pointer: 1, at });
            assert_eq!(editor.selected, ids(&["b", "c"]));
        }
        command(&mut editor, Command::Nudge { x: 0.0, y: 200.0 });
        let place = |editor: &Editor, id: &str| editor.draft.node(id).unwrap().position;
        let is = |one: f64, other: f64| (one - other).abs() < 0.5;
        let y_is = |editor: &Editor, id: &str, y: f64| is(place(editor, id).y, y);
        assert!(["b", "c"].iter().all(|id| y_is(&editor, id, 200.0)));
        editor.selected = ids(&["a"]);
        command(&mut editor, Command::Choose(Which::Next));
        assert_eq!(editor.selected, ids(&["b", "c"]));
        command(&mut editor, Command::Choose(Which::Next));
        assert_eq!(editor.selected, ids(&["d"]), "the next stands behind all of it");
        command(&mut editor, Command::Choose(Which::All));
        command(&mut editor, Command::Line(crate::editor::Line::Top));
        assert!(["a", "b", "c", "d"].iter().all(|id| y_is(&editor, id, 0.0)));
        let keeps = |editor: &Editor| is(place(editor, "c").x - place(editor, "b").x, 300.0);
        assert!(keeps(&editor), "what is within keeps its places");
        command(&mut editor, Command::TidyUp);
        assert!(keeps(&editor));
    }

    #[test]
    fn a_frame_has_only_its_own_steps_in_it_after_tidying_up() {
        let mut editor = editing();
        editor.selected = ids(&["a", "d"]);
        command(&mut editor, Command::Group);
        command(&mut editor, Command::TidyUp);
        let frame = editor.groups()[0].area;
        for id in ["b", "c"] {
            assert!(!editor.area(id).unwrap().meets(&frame), "{id} lies in the frame");
        }
    }

    #[test]
    fn groups_go_with_their_last_step_and_come_back() {
        let mut editor = grouped();
        let before = editor.draft.clone();
        command(&mut editor, Command::Delete);
        assert!(editor.draft.groups.is_empty());
        command(&mut editor, Command::Undo);
        assert_eq!(editor.draft, before);
        editor.selected = ids(&["b"]);
        command(&mut editor, Command::Ungroup);
        assert_eq!(editor.groups()[0].members, ids(&["c"]));
        editor.selected = ids(&["c"]);
        command(&mut editor, Command::Ungroup);
        assert!(editor.draft.groups.is_empty());
    }

    #[test]
    fn a_step_that_is_put_into_a_frame_belongs_to_it() {
        let mut editor = grouped();
        let before = editor.draft.clone();
        // Its middle comes to lie in the frame's padding.
        let nudge = Command::Nudge { x: 140.0, y: 0.0 };
        let group_of = |editor: &Editor, id: &str| editor.draft.node(id).unwrap().group.clone();
        editor.selected = ids(&["a"]);
        command(&mut editor, Command::Nudge { x: 0.0, y: 300.0 });
        assert_eq!(group_of(&editor, "a"), None, "below the frame");
        command(&mut editor, Command::Undo);
        command(&mut editor, nudge);
        command(&mut editor, nudge);
        assert_eq!(group_of(&editor, "a").as_deref(), Some("group1"));
        command(&mut editor, Command::Undo);
        command(&mut editor, Command::Undo);
        assert_eq!(editor.draft, before);

        editor.selected = ids(&["d"]);
        command(&mut editor, Command::Group);
        let d = entered(&editor, Point { x: -300.0, y: 0.0 });
        assert_eq!(d, [], "a group that is moved whole stays what it is");
        editor.selected = ids(&["c"]);
        let c = entered(&editor, Point { x: 300.0, y: 0.0 });
        assert_eq!(c, [("c".to_owned(), "group2".to_owned())], "from one group into another");
        assert_eq!(entered(&editor, Point { x: -20.0, y: 0.0 }), [], "within its own");
        command(&mut editor, Command::Collapse);
        editor.selected = ids(&["a"]);
        assert_eq!(
            entered(&editor, Point { x: 300.0, y: 0.0 }),
            [],
            "a collapsed one has no frame"
        );

        let mut editor = grouped();
        editor.selected = ids(&["a", "c", "d"]);
        command(&mut editor, Command::Group);
        editor.selected = ids(&["c"]);
        assert_eq!(entered(&editor, Point { x: -300.0, y: 0.0 }), [], "in its own, and in another");
    }

    #[test]
    fn a_copied_group_is_a_group_of_its_own_and_a_part_of_one_is_none() {
        let mut editor = grouped();
        command(&mut editor, Command::Duplicate);
        let groups = editor.groups();
        assert_eq!(groups.len(), 2);
        assert!(groups[0].members.is_disjoint(&groups[1].members));
        let part = clipboard::copy(&editor.draft, &ids(&["b"])).unwrap();
        update(&mut editor, Input::Paste { text: part });
        assert_eq!(editor.groups()[0].members.len() + editor.groups()[1].members.len(), 4);
        let pasted = editor.only_selected().unwrap();
        assert_eq!(editor.draft.node(pasted).unwrap().group, None);
    }

    #[test]
    fn a_step_put_between_two_of_a_group_belongs_to_it() {
        let mut editor = grouped();
        for (edge, group) in [("e_b", Some("group1")), ("e_a", None)] {
            let at = Point::default();
            update(&mut editor, Input::OfferKinds { at, edge: Some(edge.to_owned()) });
            update(&mut editor, Input::Pick { kind: "set".to_owned() });
            let added = editor.only_selected().unwrap();
            assert_eq!(editor.draft.node(added).unwrap().group.as_deref(), group, "{edge}");
        }
    }

    #[test]
    fn whoever_only_looks_sees_every_step() {
        let mut editor = grouped();
        command(&mut editor, Command::Collapse);
        let mut looking = Editor::overview();
        update(&mut looking, Input::Load(editor.draft.clone()));
        assert!(looking.is_shown("b"));
    }
}
