//! What becomes of an input.

use super::{
    Ask, Command, EdgeMember, Editor, Gesture, Input, Offer, Op, Step, arrange, change_kind,
    choose,
    clipboard::{self, Unusable},
    connect,
    geometry::{self, CARD_WIDTH},
    gesture, groups, kinds, layout, look,
    place::{beside, corner_for, free_place},
    ports, settings, undo,
};
use crate::messages::{plural, t};
use journey::{
    Draft,
    draft::{Edge, Node, Point},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Where copied steps stand when nothing says where.
const BESIDE: Point = Point { x: 40.0, y: 40.0 };

/// Takes one input, changes the editor, and says what the screen has to do.
pub fn update(editor: &mut Editor, input: Input) -> Vec<Ask> {
    match input {
        Input::Load(draft) => load(editor, draft),
        Input::Replace(draft) => {
            commit(editor, t!("Take another draft"), Op::Replace { draft: Box::new(draft) })
        }
        Input::GaveWay(draft) => gave_way(editor, draft),
        Input::Workspace(workspace) => {
            editor.workspace = workspace;
            check(editor)
        }
        Input::Resize(screen) => {
            editor.screen = screen;
            if std::mem::take(&mut editor.unfitted) || editor.is_untouched_overview() {
                look::open(editor);
            }
            Vec::new()
        }
        Input::Add { kind, drop } => add(editor, &kind, drop),
        Input::OfferKinds { at, edge } => {
            editor.offer = Some(Offer { at, edge, ..Offer::default() });
            Vec::new()
        }
        Input::OfferNext { node, port, edge } => {
            if let Some(place) = beside(editor, &node) {
                let at = editor.view.to_screen(place);
                editor.offer = Some(Offer { at, from: Some((node, port)), edge, changes: None });
            }
            Vec::new()
        }
        Input::Pick { kind } => pick(editor, &kind),
        Input::Set { node, field, value } => set(editor, &node, vec![(field, value)]),
        Input::SetAll { node, fields } => set(editor, &node, fields),
        Input::SetJourney { field, value } => set_journey(editor, &field, value),
        Input::SetEdge { edge, member, value } => set_edge(editor, &edge, member, value),
        Input::Lead { node, port, to: Some(to) } => gesture::draw(editor, &node, &port, &to),
        Input::Lead { node, port, to: None } => {
            let gone = connect::leaving(&editor.draft, &node, &port);
            let ops = gone.map(|edge| Op::RemoveEdge { id: edge.id.clone() }).collect();
            commit(editor, t!("Disconnect"), Op::Several(ops))
        }
        Input::ShiftWay { edge, by } => shift_way(editor, &edge, by),
        Input::Collapse { group } => groups::collapse(editor, &BTreeSet::from([group])),
        Input::Settle => quietly(|| editor.history.settle()),
        Input::Fix { label, change } => fix(editor, &label, change),
        Input::Show { node, edge } => quietly(|| look::show(editor, node, edge)),
        Input::Paste { text } => paste(editor, &text),
        Input::Command(command) => obey(editor, command),
        Input::Check => check(editor),
        Input::Press(press) => gesture::press(editor, press),
        Input::Drag { pointer, at } => quietly(|| gesture::drag(editor, pointer, at)),
        Input::Release { pointer, at } => gesture::release(editor, pointer, at),
        Input::Wheel { at, by, zoom } => quietly(|| look::wheel(editor, at, by, zoom)),
        Input::Drift => quietly(|| gesture::drift(editor)),
        Input::Away => quietly(|| editor.pointed = None),
        Input::CentreOn(at) => quietly(|| look::centre(editor, at)),
    }
}

/// Nothing is asked of the screen.
fn quietly(change: impl FnOnce()) -> Vec<Ask> {
    change();
    Vec::new()
}

/// Applies a change as one step of the history.
pub(super) fn commit(editor: &mut Editor, name: &str, op: Op) -> Vec<Ask> {
    commit_about(editor, name, op, None)
}

/// Takes away what is chosen.
pub(super) fn delete(editor: &mut Editor) -> Vec<Ask> {
    if editor.selected.is_empty() && editor.selected_edge.is_none() {
        return Vec::new();
    }
    let op = connect::remove(&editor.draft, &editor.selected, editor.selected_edge.as_deref());
    let name = match editor.selected.len() {
        0 => t!("Delete connection").to_owned(),
        1 => t!("Delete node").to_owned(),
        several => plural!(several, "Delete {count} node", "Delete {count} nodes"),
    };
    editor.selected.clear();
    editor.selected_edge = None;
    commit(editor, &name, op)
}

fn commit_about(editor: &mut Editor, name: &str, op: Op, about: Option<String>) -> Vec<Ask> {
    if op == Op::Several(Vec::new()) {
        return Vec::new();
    }
    let Ok(back) = editor.change(|draft| op.apply(draft)) else {
        return vec![Ask::Announce(t!("That is no longer there").to_owned())];
    };
    let running = about.is_some();
    editor.history.push(Step { name: name.to_owned(), back, about });
    forget_missing(editor);
    if running { vec![Ask::Changed] } else { vec![Ask::Changed, Ask::Announce(name.to_owned())] }
}

fn load(editor: &mut Editor, mut draft: Draft) -> Vec<Ask> {
    if editor.is_for_looking() {
        // Whoever looks wants to see what happens at every step.
        draft.groups.iter_mut().for_each(|group| group.collapsed = false);
    }
    editor.change(|before| *before = draft);
    editor.history = super::History::default();
    editor.gesture = Gesture::Idle;
    editor.offer = None;
    forget_missing(editor);
    editor.unfitted = editor.screen.width <= 0.0;
    if !editor.unfitted {
        look::open(editor);
    }
    let mut asks = lay_out_a_heap(editor);
    asks.extend(check(editor));
    asks
}

/// A drawing whose steps all stand at one place was never drawn: it is laid out, as a step that can be undone.
fn lay_out_a_heap(editor: &mut Editor) -> Vec<Ask> {
    let mut places = editor.draft.nodes.iter().map(|node| (node.position.x, node.position.y));
    let first = places.next();
    if editor.draft.nodes.len() < 3 || places.any(|place| Some(place) != first) {
        return Vec::new();
    }
    let asks = commit(editor, t!("Tidy up"), Op::Move { to: layout::tidy(&editor.draft) });
    if !editor.unfitted {
        look::open(editor);
    }
    asks
}

/// Two steps that lead to the other draft and back, so that undoing goes that way.
fn gave_way(editor: &mut Editor, other: Draft) -> Vec<Ask> {
    let here = Op::Replace { draft: Box::new(editor.draft.clone()) };
    let there = Op::Replace { draft: Box::new(other) };
    for (name, back) in [(t!("Take another draft"), here), (t!("Keep this draft"), there)] {
        editor.history.push(Step { name: name.to_owned(), back, about: None });
    }
    Vec::new()
}

/// What was chosen and is gone is no longer chosen.
pub(super) fn forget_missing(editor: &mut Editor) {
    let draft = &editor.draft;
    editor.selected.retain(|id| draft.node(id).is_some());
    if let Some(id) = &editor.selected_edge
        && !draft.edges.iter().any(|edge| edge.id == *id)
    {
        editor.selected_edge = None;
    }
}

fn check(editor: &mut Editor) -> Vec<Ask> {
    // What is only looked at was judged where it was drawn, with what it goes by.
    if editor.is_for_looking() {
        return Vec::new();
    }
    editor.problems = journey::check(&editor.draft, Some(&editor.workspace)).1;
    vec![Ask::Checked]
}

fn add(editor: &mut Editor, kind: &str, drop: Option<Point>) -> Vec<Ask> {
    let (at, edge) = match drop {
        Some(drop) => {
            let at = editor.view.to_drawing(drop);
            (at, editor.edge_near(at))
        }
        None => (free_place(editor), None),
    };
    insert(editor, kind, at, edge.as_deref(), None)
}

fn pick(editor: &mut Editor, kind: &str) -> Vec<Ask> {
    let Some(offer) = editor.offer.take() else {
        return Vec::new();
    };
    if let Some(id) = offer.changes {
        return change_kind(editor, &id, kind);
    }
    let mut at = editor.view.to_drawing(offer.at);
    if offer.from.is_some() {
        at.x += CARD_WIDTH / 2.0;
    }
    insert(editor, kind, at, offer.edge.as_deref(), offer.from)
}

fn change_kind(editor: &mut Editor, id: &str, kind: &str) -> Vec<Ask> {
    let Some(op) = change_kind::changed(&editor.draft, id, kind) else { return Vec::new() };
    let before = editor.draft.edges.len();
    let mut asks =
        commit(editor, &t!("Change to {kind}", kind = kinds::title(kind).to_lowercase()), op);
    let lost = before - editor.draft.edges.len();
    if lost > 0 {
        asks.push(Ask::Announce(plural!(
            lost,
            "{count} of its ways out fell away",
            "{count} of its ways out fell away"
        )));
    }
    asks
}

/// Offers what the chosen node could be instead.
fn offer_kinds(editor: &mut Editor) -> Vec<Ask> {
    let chosen = editor.only_selected().map(str::to_owned);
    let Some(area) = chosen.as_deref().and_then(|id| editor.area(id)) else {
        return vec![Ask::Announce(
            t!("Choose the step that is to be another kind first").to_owned(),
        )];
    };
    let at = editor.view.to_screen(Point { x: area.x, y: area.y });
    editor.offer = Some(Offer { at, changes: chosen, ..Offer::default() });
    Vec::new()
}

fn insert(
    editor: &mut Editor,
    kind: &str,
    at: Point,
    edge: Option<&str>,
    from: Option<(String, String)>,
) -> Vec<Ask> {
    if kinds::find(kind).is_none() {
        return Vec::new();
    }
    let mut node = kinds::create(&editor.draft, kind, corner_for(at));
    if let Some(team) = editor.workspace.teams.first() {
        give_to(&mut node, team);
    }
    let id = node.id.clone();
    let title = kinds::title(kind);
    let plain = Op::InsertNode { at: editor.draft.nodes.len(), node: node.clone() };
    let op = match (edge, from) {
        (Some(edge), _) => connect::splice(&editor.draft, edge, node).unwrap_or(plain),
        (None, Some((from, port))) => {
            let mut with = editor.draft.clone();
            with.nodes.push(node);
            match connect::connect(&with, &from, &port, &id) {
                Some(wire) => Op::Several(vec![plain, wire]),
                None => plain,
            }
        }
        (None, None) => plain,
    };
    let asks = commit(editor, &t!("Add {kind}", kind = title.to_lowercase()), op);
    editor.selected = BTreeSet::from([id]);
    editor.selected_edge = None;
    asks
}

/// Puts a team where a new node needs one: an account without an owner must not stop what is for its owner.
fn give_to(node: &mut Node, team: &str) {
    let rule = Some(json!({ "rule": "team", "team": team }));
    let named = Some(json!(team));
    if ["task", "approval", "handoff"].contains(&node.kind.as_str()) {
        let step = json!({ "at": "breach", "do": "notify", "to": rule });
        settings::write(node, "/sla/escalation", Some(json!([step])));
    }
    match node.kind.as_str() {
        "task" | "approval" => settings::write(node, "/owner/fallback", rule),
        "notify" => settings::write(node, "/to/fallback", rule),
        "handoff" => {
            settings::write(node, "/from_team", named.clone());
            settings::write(node, "/to_team", named);
        }
        _ => {}
    }
}

fn set(editor: &mut Editor, id: &str, fields: Vec<(String, Option<Value>)>) -> Vec<Ask> {
    let Some(node) = editor.draft.node(id) else {
        return Vec::new();
    };
    let mut changed: Node = node.clone();
    let mut about = id.to_owned();
    let name = if fields.iter().all(|(field, _)| field == "/name") {
        t!("Rename")
    } else {
        t!("Edit settings")
    };
    for (field, value) in fields {
        settings::write(&mut changed, &field, value);
        about.push_str(&field);
    }
    if changed == *node {
        return Vec::new();
    }
    let op = connect::replace(&editor.draft, changed);
    commit_about(editor, name, op, Some(about))
}

fn set_journey(editor: &mut Editor, field: &str, value: Option<Value>) -> Vec<Ask> {
    let Some(head) = settings::write_head(&editor.draft, field, value) else {
        return Vec::new();
    };
    if head == settings::head(&editor.draft) {
        return Vec::new();
    }
    let op = Op::ReplaceHead { head: Box::new(head) };
    commit_about(editor, t!("Edit the journey"), op, Some(field.to_owned()))
}

fn set_edge(editor: &mut Editor, id: &str, member: EdgeMember, value: Option<String>) -> Vec<Ask> {
    let Some(edge) = editor.draft.edges.iter().find(|edge| edge.id == id) else {
        return Vec::new();
    };
    let mut changed: Edge = edge.clone();
    match member {
        EdgeMember::When => changed.when = value,
        EdgeMember::Label => changed.label = value.filter(|label| !label.is_empty()),
    }
    if changed == *edge {
        return Vec::new();
    }
    let about = format!("{id}/{member:?}");
    commit_about(editor, t!("Edit connection"), Op::ReplaceEdge { edge: changed }, Some(about))
}

fn shift_way(editor: &mut Editor, id: &str, by: isize) -> Vec<Ask> {
    let Some(edge) = editor.draft.edges.iter().find(|edge| edge.id == id) else {
        return Vec::new();
    };
    let ways: Vec<&str> =
        ports::ways(&editor.draft, &edge.from).map(|way| way.id.as_str()).collect();
    let neighbour = ways
        .iter()
        .position(|way| *way == id)
        .and_then(|at| at.checked_add_signed(by))
        .and_then(|at| ways.get(at));
    let Some(to) =
        neighbour.and_then(|way| editor.draft.edges.iter().position(|edge| edge.id == *way))
    else {
        return Vec::new();
    };
    commit(editor, t!("Reorder ways"), Op::ReorderEdge { id: id.to_owned(), to })
}

fn fix(editor: &mut Editor, label: &str, change: Value) -> Vec<Ask> {
    let op = if change.get("from").is_some() {
        serde_json::from_value::<Edge>(change).ok().map(|edge| {
            let known = editor.draft.edges.iter().any(|known| known.id == edge.id);
            let at = editor.draft.edges.len();
            if known { Op::ReplaceEdge { edge } } else { Op::InsertEdge { at, edge } }
        })
    } else {
        serde_json::from_value::<Node>(change).ok().map(|node| {
            let at = editor.draft.nodes.len();
            match editor.draft.node(&node.id) {
                Some(_) => Op::ReplaceNode { node },
                None => Op::InsertNode { at, node },
            }
        })
    };
    op.map_or_else(Vec::new, |op| commit(editor, label, op))
}

/// Puts copied steps under the pointer, or beside where they were.
fn paste(editor: &mut Editor, text: &str) -> Vec<Ask> {
    let Some(pointed) = editor.pointed_at() else { return paste_beside(editor, t!("Paste"), text) };
    let at = geometry::snap(editor.view.to_drawing(pointed));
    let by = clipboard::corner(text).map(|corner| geometry::minus(at, corner));
    put(editor, t!("Paste"), text, by.unwrap_or(BESIDE))
}

fn paste_beside(editor: &mut Editor, name: &str, text: &str) -> Vec<Ask> {
    put(editor, name, text, BESIDE)
}

fn put(editor: &mut Editor, name: &str, text: &str, by: Point) -> Vec<Ask> {
    let (op, nodes) = match clipboard::paste(&editor.draft, text, by) {
        Ok(pasted) => pasted,
        Err(Unusable::Foreign) => {
            let words = t!("There is nothing of a journey on the clipboard");
            return vec![Ask::Show(words.to_owned())];
        }
        Err(Unusable::TooLong) => {
            let words = t!("What is on the clipboard is too long to be pasted");
            return vec![Ask::Show(words.to_owned())];
        }
    };
    let asks = commit(editor, name, op);
    editor.selected = nodes.into_iter().collect();
    editor.selected_edge = None;
    asks
}

fn obey(editor: &mut Editor, command: Command) -> Vec<Ask> {
    match command {
        Command::Undo => undo::undo(editor),
        Command::Redo => undo::redo(editor),
        Command::Travel(steps) => undo::travel(editor, steps),
        Command::Delete => delete(editor),
        Command::DeleteAndHeal => delete_and_heal(editor),
        Command::Choose(which) => choose::choose(editor, which),
        Command::Escape => {
            escape(editor);
            Vec::new()
        }
        Command::Copy => copied(editor).map(Ask::Copy).into_iter().collect(),
        Command::Cut => {
            let mut asks: Vec<Ask> = copied(editor).map(Ask::Copy).into_iter().collect();
            asks.extend(delete(editor));
            asks
        }
        Command::Duplicate => match copied(editor) {
            Some(text) => paste_beside(editor, t!("Duplicate"), &text),
            None => Vec::new(),
        },
        Command::Nudge { x, y } => gesture::finish_move(editor, Point { x, y }),
        Command::Line(line) => commit(editor, line.name(), arrange::line_up(editor, line)),
        Command::Look(look) => {
            look::look(editor, look);
            Vec::new()
        }
        Command::TidyUp => {
            let to = layout::tidy(&editor.draft);
            let asks = if to.is_empty() {
                Vec::new()
            } else {
                commit(editor, t!("Tidy up"), Op::Move { to })
            };
            look::fit(editor);
            asks
        }
        Command::Group => groups::group(editor),
        Command::Ungroup => groups::ungroup(editor),
        Command::ChangeKind => offer_kinds(editor),
        Command::Collapse => groups::collapse_chosen(editor),
        Command::AddHere => {
            let at = editor.pointed_at().unwrap_or_else(|| super::place::middle(editor));
            editor.offer = Some(Offer { at, ..Offer::default() });
            Vec::new()
        }
    }
}

fn copied(editor: &Editor) -> Option<String> {
    clipboard::copy(&editor.draft, &editor.selected)
}

/// Takes away what is chosen and leads what led to it on to where it led.
fn delete_and_heal(editor: &mut Editor) -> Vec<Ask> {
    let (chosen, edge) = (std::mem::take(&mut editor.selected), editor.selected_edge.take());
    let op = connect::heal(&editor.draft, &chosen, edge.as_deref());
    commit(editor, t!("Delete and reconnect"), op)
}

/// Undoes so many steps, or with a negative number does them again.
fn escape(editor: &mut Editor) {
    let busy = editor.gesture != Gesture::Idle || editor.offer.is_some();
    editor.gesture = Gesture::Idle;
    editor.offer = None;
    if !busy {
        editor.selected.clear();
        editor.selected_edge = None;
    }
}
