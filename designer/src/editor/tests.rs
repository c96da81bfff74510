//! The editor, driven by inputs and looked at through what it holds.

use super::{
    Ask, Command, EdgeMember, Editor, Gesture, Hand, Hit, Input, Line, Op, Press, SHORTCUTS, Stale,
    Which, clipboard, connect,
    duration::{Span, Unit, describe},
    form::{self, Field, FieldType},
    geometry::{Area, GRID, Size, Viewport},
    kinds, layout, outline, ports,
    scene::Scene,
    settings, shortcut, update,
};
use journey::{
    Draft, Workspace,
    draft::{Edge, Node, Point},
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn at(x: f64, y: f64) -> Point {
    Point { x, y }
}

/// An editor that shows `draft` at life size, its origin in the corner.
fn editing(draft: Draft) -> Editor {
    let mut editor = Editor::default();
    update(&mut editor, Input::Resize(Size { width: 4000.0, height: 4000.0 }));
    update(&mut editor, Input::Load(draft));
    editor.view = Viewport { x: 0.0, y: 0.0, scale: 1.0 };
    editor
}

fn draft(nodes: &[(&str, &str, f64, f64)], edges: &[(&str, &str, &str, &str)]) -> Draft {
    let mut draft = Draft { format: 1, name: "Test".to_owned(), ..Draft::default() };
    for (id, kind, x, y) in nodes {
        let node = kinds::create(&draft, kind, at(*x, *y));
        draft.nodes.push(Node { id: (*id).to_owned(), ..node });
    }
    for (id, from, port, to) in edges {
        draft.edges.push(Edge {
            id: (*id).to_owned(),
            from: (*from).to_owned(),
            port: Some((*port).to_owned()).filter(|port| port != "out"),
            to: (*to).to_owned(),
            ..Edge::default()
        });
    }
    draft
}

fn small() -> Draft {
    draft(
        &[
            ("start", "trigger", 0.0, 0.0),
            ("call", "task", 400.0, 0.0),
            ("which", "decision", 800.0, 0.0),
            ("done", "end", 1200.0, 0.0),
        ],
        &[
            ("a", "start", "out", "call"),
            ("b", "call", "done", "which"),
            ("c", "which", "default", "done"),
        ],
    )
}

fn press(editor: &mut Editor, on: Hit, point: Point, hand: Hand) -> Vec<Ask> {
    update(editor, Input::Press(Press { pointer: 1, at: point, on, hand }))
}

fn drag(editor: &mut Editor, on: Hit, from: Point, to: Point) -> Vec<Ask> {
    press(editor, on, from, Hand::Plain);
    update(editor, Input::Drag { pointer: 1, at: to });
    update(editor, Input::Release { pointer: 1, at: to })
}

fn port(node: &str, port: &str) -> Hit {
    Hit::Port { node: node.to_owned(), port: port.to_owned() }
}

fn command(editor: &mut Editor, command: Command) -> Vec<Ask> {
    update(editor, Input::Command(command))
}

fn edge<'a>(editor: &'a Editor, from: &str, to: &str) -> Option<&'a Edge> {
    editor.draft().edges.iter().find(|edge| edge.from == from && edge.to == to)
}

#[test]
fn the_inverse_of_every_change_restores_the_draft() {
    let before = small();
    let node = kinds::create(&before, "wait", at(0.0, 0.0));
    let new_edge = Edge {
        id: "z".to_owned(),
        from: "call".to_owned(),
        to: "done".to_owned(),
        ..Edge::default()
    };
    let renamed = Node { name: "Other".to_owned(), ..before.nodes[1].clone() };
    let led = Edge { to: "done".to_owned(), ..before.edges[0].clone() };
    let ops = [
        Op::InsertNode { at: 2, node: node.clone() },
        Op::RemoveNode { id: "call".to_owned() },
        Op::ReplaceNode { node: renamed },
        Op::InsertEdge { at: 1, edge: new_edge },
        Op::RemoveEdge { id: "b".to_owned() },
        Op::ReplaceEdge { edge: led },
        Op::ReorderEdge { id: "a".to_owned(), to: 2 },
        Op::Move { to: vec![("call".to_owned(), at(7.0, 7.0)), ("call".to_owned(), at(9.0, 9.0))] },
        Op::Several(vec![Op::InsertNode { at: 0, node }, Op::RemoveEdge { id: "a".to_owned() }]),
    ];
    for op in ops {
        let mut draft = before.clone();
        let back = op.clone().apply(&mut draft).expect("the change fits");
        assert_ne!(draft, before, "{op:?} changes something");
        back.apply(&mut draft).expect("the inverse fits");
        assert_eq!(draft, before, "{op:?}");
    }
}

#[test]
fn a_change_of_what_is_not_there_changes_nothing() {
    let before = small();
    let mut draft = before.clone();
    let ops =
        vec![Op::RemoveEdge { id: "a".to_owned() }, Op::RemoveNode { id: "nobody".to_owned() }];
    assert_eq!(Op::Several(ops).apply(&mut draft), Err(Stale));
    let twice = Op::InsertNode { at: 0, node: before.nodes[0].clone() };
    assert_eq!(twice.apply(&mut draft), Err(Stale));
    assert_eq!(draft, before);
}

#[test]
fn dragging_a_node_is_one_step_and_ends_on_the_grid() {
    let mut editor = editing(small());
    let asks = drag(&mut editor, Hit::Node("call".to_owned()), at(420.0, 20.0), at(533.0, 96.0));
    assert_eq!(asks[0], Ask::Changed);
    let place = editor.draft().node("call").expect("it is there").position;
    assert_eq!(place, at(510.0, 80.0));
    assert_eq!(editor.history().next_undo(), Some("Move"));
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
    assert_eq!(editor.history().next_undo(), None);
    command(&mut editor, Command::Redo);
    assert_eq!(editor.draft().node("call").expect("it is there").position, place);
}

#[test]
fn a_press_that_hardly_moves_chooses_and_does_not_drag() {
    let mut editor = editing(small());
    let asks = drag(&mut editor, Hit::Node("call".to_owned()), at(420.0, 20.0), at(422.0, 21.0));
    assert_eq!(asks, []);
    assert_eq!(editor.only_selected(), Some("call"));
    assert_eq!(*editor.draft(), small());
}

#[test]
fn escape_gives_a_drag_up() {
    let mut editor = editing(small());
    press(&mut editor, Hit::Node("call".to_owned()), at(420.0, 20.0), Hand::Plain);
    update(&mut editor, Input::Drag { pointer: 1, at: at(900.0, 900.0) });
    command(&mut editor, Command::Escape);
    let asks = update(&mut editor, Input::Release { pointer: 1, at: at(900.0, 900.0) });
    assert_eq!(asks, []);
    assert_eq!(*editor.draft(), small());
}

#[test]
fn an_edge_is_drawn_to_the_input_that_catches_it() {
    let mut editor = editing(small());
    command(&mut editor, Command::Escape);
    // 25 pixels beside the input, which reaches 32.
    drag(&mut editor, port("which", "out"), at(1040.0, 126.0), at(1175.0, 35.0));
    let drawn = edge(&editor, "which", "done").expect("the default way is there still");
    assert_eq!(drawn.port(), "default");
    let way = editor.draft().edges.last().expect("a way was drawn");
    assert_eq!((way.port(), way.when.as_deref()), ("out", Some("")));
    assert_eq!(editor.history().next_undo(), Some("Connect"));
}

#[test]
fn an_edge_let_go_over_nothing_offers_what_could_follow() {
    let mut editor = editing(small());
    drag(&mut editor, port("call", "done"), at(640.0, 84.0), at(700.0, 600.0));
    let offer = editor.offer().expect("kinds are on offer").clone();
    assert_eq!(offer.from, Some(("call".to_owned(), "done".to_owned())));
    update(&mut editor, Input::Pick { kind: "wait".to_owned() });
    assert!(edge(&editor, "call", "wait1").is_some());
    assert!(edge(&editor, "call", "which").is_none(), "an outcome leads one way only");
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
}

#[test]
fn two_clicks_connect_as_a_drag_does() {
    let mut editor =
        editing(draft(&[("start", "trigger", 0.0, 0.0), ("done", "end", 400.0, 0.0)], &[]));
    drag(&mut editor, port("start", "out"), at(220.0, 35.0), at(220.0, 35.0));
    assert!(matches!(editor.gesture(), Gesture::Connect(_)));
    press(&mut editor, Hit::Node("done".to_owned()), at(450.0, 30.0), Hand::Plain);
    assert!(edge(&editor, "start", "done").is_some());
}

#[test]
fn a_port_can_be_led_and_let_go_without_a_pointer() {
    let mut editor = editing(small());
    let lead = |to: Option<&str>| Input::Lead {
        node: "call".to_owned(),
        port: "done".to_owned(),
        to: to.map(str::to_owned),
    };
    update(&mut editor, lead(Some("done")));
    assert!(edge(&editor, "call", "done").is_some() && edge(&editor, "call", "which").is_none());
    update(&mut editor, lead(None));
    assert!(editor.draft().edges.iter().all(|edge| edge.from != "call"));
    assert_eq!(update(&mut editor, lead(None)), []);
    command(&mut editor, Command::Undo);
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
}

#[test]
fn nothing_leads_into_a_trigger_a_note_or_itself() {
    let draft = draft(
        &[("start", "trigger", 0.0, 0.0), ("call", "task", 0.0, 0.0), ("say", "note", 0.0, 0.0)],
        &[],
    );
    for to in ["start", "say", "call"] {
        assert_eq!(connect::connect(&draft, "call", "done", to), None, "{to}");
    }
    assert_eq!(connect::targets(&draft, "start", "out"), BTreeSet::from(["call".to_owned()]));
    assert_eq!(connect::connect(&draft, "call", "no such outcome", "start"), None);
}

#[test]
fn the_end_of_an_edge_can_be_led_elsewhere_or_let_go() {
    let mut editor = editing(small());
    drag(&mut editor, Hit::Input("call".to_owned()), at(400.0, 35.0), at(1200.0, 35.0));
    assert_eq!(edge(&editor, "start", "done").map(|edge| edge.id.as_str()), Some("a"));
    command(&mut editor, Command::Undo);
    drag(&mut editor, Hit::Input("call".to_owned()), at(400.0, 35.0), at(300.0, 900.0));
    assert!(editor.draft().edges.iter().all(|edge| edge.id != "a"));
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
}

#[test]
fn a_node_dropped_on_an_edge_is_put_into_it() {
    let mut editor = editing(small());
    let asks =
        update(&mut editor, Input::Add { kind: "wait".to_owned(), drop: Some(at(320.0, 38.0)) });
    assert_eq!(asks[0], Ask::Changed);
    assert_eq!(edge(&editor, "start", "wait1").map(|edge| edge.id.as_str()), Some("a"));
    assert!(edge(&editor, "wait1", "call").is_some());
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
}

#[test]
fn deleting_takes_the_edges_along_and_undo_brings_all_back_in_order() {
    let mut editor = editing(small());
    command(&mut editor, Command::Choose(Which::All));
    press(&mut editor, Hit::Node("start".to_owned()), at(0.0, 0.0), Hand::Adding);
    command(&mut editor, Command::Delete);
    assert_eq!((editor.draft().nodes.len(), editor.draft().edges.len()), (1, 0));
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
}

#[test]
fn letters_typed_into_one_field_are_one_step() {
    let mut editor = editing(small());
    for name in ["W", "We", "Wel"] {
        let input = Input::Set {
            node: "call".to_owned(),
            field: "/name".to_owned(),
            value: Some(json!(name)),
        };
        update(&mut editor, input);
    }
    update(&mut editor, Input::Settle);
    let more = Input::Set {
        node: "call".to_owned(),
        field: "/name".to_owned(),
        value: Some(json!("Well")),
    };
    update(&mut editor, more);
    command(&mut editor, Command::Undo);
    assert_eq!(editor.draft().node("call").map(|node| node.name.as_str()), Some("Wel"));
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
    command(&mut editor, Command::Redo);
    assert_eq!(editor.draft().node("call").map(|node| node.name.as_str()), Some("Wel"));
}

#[test]
fn an_outcome_that_goes_takes_its_edge_along() {
    let mut editor = editing(small());
    let input =
        Input::Set { node: "call".to_owned(), field: "/outcomes/0".to_owned(), value: None };
    update(&mut editor, input);
    assert!(edge(&editor, "call", "which").is_none());
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
}

#[test]
fn an_edge_goes_along_with_a_port_that_is_called_otherwise() {
    let mut editor = editing(small());
    let set = |field: &str, value: Value| Input::Set {
        node: "call".to_owned(),
        field: field.to_owned(),
        value: Some(value),
    };
    update(&mut editor, set("/outcomes/0/id", json!("finished")));
    assert_eq!(edge(&editor, "call", "which").map(Edge::port), Some("finished"));
    update(&mut editor, set("/timers", json!([{ "id": "late", "after": "P1D" }])));
    assert_eq!(edge(&editor, "call", "which").map(Edge::port), Some("finished"));
    update(&mut editor, set("/outcomes", json!([{ "id": "yes" }, { "id": "no" }])));
    assert!(edge(&editor, "call", "which").is_none(), "which of the two would it be?");
    for _ in 0..3 {
        command(&mut editor, Command::Undo);
    }
    assert_eq!(*editor.draft(), small());
}

#[test]
fn a_step_that_is_moved_into_another_lane_belongs_to_it_and_one_undo_takes_both_back() {
    let lanes = json!([{ "id": "cs", "team": "CS" }, { "id": "ops", "team": "Ops" }]);
    let mut before = draft(&[("one", "wait", 0.0, 0.0), ("two", "wait", 300.0, 400.0)], &[]);
    before.lanes = serde_json::from_value(lanes).expect("lanes");
    before.nodes[1].lane = Some("ops".to_owned());
    let mut editor = editing(before.clone());
    update(&mut editor, Input::Show { node: Some("one".to_owned()), edge: None });
    command(&mut editor, Command::Nudge { x: 0.0, y: 400.0 });
    let one = editor.draft().node("one").expect("it is there");
    assert_eq!((one.lane.as_deref(), one.position), (Some("ops"), Point { x: 0.0, y: 400.0 }));
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), before);
}

#[test]
fn settings_that_hold_together_are_one_step() {
    let mut editor = editing(draft(&[("pause", "wait", 0.0, 0.0)], &[]));
    let before = editor.draft().clone();
    let fields = vec![
        ("/for".to_owned(), None),
        ("/condition".to_owned(), Some(json!("vars.done"))),
        ("/timeout".to_owned(), Some(json!("P3D"))),
    ];
    update(&mut editor, Input::SetAll { node: "pause".to_owned(), fields });
    let node = editor.draft().node("pause").expect("it is there");
    assert_eq!(
        serde_json::to_value(&node.settings).expect("settings are JSON"),
        json!({ "condition": "vars.done", "timeout": "P3D" })
    );
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), before);
}

#[test]
fn the_journeys_own_settings_are_written_undone_and_never_touch_the_drawing() {
    let mut editor = editing(small());
    let mut set = |field: &str, value: Option<Value>| {
        update(&mut editor, Input::SetJourney { field: field.to_owned(), value })
    };
    assert_eq!(set("/name", Some(json!("Test"))), [], "nothing is different");
    set("/description", Some(json!("What it is for")));
    set("/exits", Some(json!([{ "when": "account.stage == 'churned'", "outcome": "left" }])));
    set("/lanes", Some(json!([{ "id": "lane1", "team": "onboarding" }])));
    set("/settings/calendar", Some(json!("berlin")));
    assert_eq!(set("/lanes/0/team", None), [], "a lane without a team is no lane");
    let draft = editor.draft();
    assert_eq!(draft.exits[0].outcome, "left");
    assert_eq!(draft.settings, Some(json!({ "calendar": "berlin" })));
    assert_eq!(settings::read_head(draft, "/lanes/0/team"), Some(json!("onboarding")));
    assert_eq!((&draft.nodes, &draft.edges), (&small().nodes, &small().edges));
    for _ in 0..4 {
        command(&mut editor, Command::Undo);
    }
    assert_eq!(*editor.draft(), small());
}

#[test]
fn a_problem_of_the_journey_itself_is_shown_where_its_settings_are() {
    let mut editor = editing(small());
    command(&mut editor, Command::Choose(Which::All));
    update(&mut editor, Input::Show { node: None, edge: None });
    assert_eq!(editor.selected(), &BTreeSet::new());
}

#[test]
fn a_new_node_of_any_kind_lacks_only_what_nobody_could_guess() {
    let mut editor = editing(Draft { format: 1, ..Draft::default() });
    let workspace =
        Workspace { teams: BTreeSet::from(["onboarding".to_owned()]), ..Workspace::default() };
    update(&mut editor, Input::Workspace(workspace));
    for kind in kinds::KINDS {
        update(&mut editor, Input::Add { kind: kind.id.to_owned(), drop: None });
    }
    update(&mut editor, Input::Check);
    let about_settings = editor.problems().iter().filter(|problem| {
        problem.node.is_some() && problem.field.is_some() && problem.code != "kind-unavailable"
    });
    for problem in about_settings {
        let to_fill_in = ["missing-member", "bad-expression", "unknown-journey"];
        assert!(to_fill_in.contains(&problem.code.as_str()), "{problem:?}");
    }
}

#[test]
fn a_decisions_ways_can_be_asked_in_another_order() {
    let mut editor = editing(small());
    for to in ["call", "done"] {
        let op = connect::connect(editor.draft(), "which", "out", to).expect("it connects");
        super::update::commit(&mut editor, "Connect", op);
    }
    let order = |editor: &Editor| -> Vec<String> {
        ports::ways(editor.draft(), "which").map(|edge| edge.to.clone()).collect()
    };
    assert_eq!(order(&editor), ["call", "done"]);
    let last = editor.draft().edges.last().expect("it is there").id.clone();
    update(&mut editor, Input::ShiftWay { edge: last.clone(), by: -1 });
    assert_eq!(order(&editor), ["done", "call"]);
    assert_eq!(update(&mut editor, Input::ShiftWay { edge: last.clone(), by: -1 }), []);
    let when = Some("account.mrr > 100".to_owned());
    update(&mut editor, Input::SetEdge { edge: last, member: EdgeMember::When, value: when });
    let node = editor.draft().node("which").expect("it is there");
    assert_eq!(ports::ports(editor.draft(), node)[0].label, "account.mrr > 100");
}

#[test]
fn what_is_copied_can_be_pasted_with_ids_of_its_own() {
    let mut editor = editing(small());
    command(&mut editor, Command::Choose(Which::All));
    let Some(Ask::Copy(text)) = command(&mut editor, Command::Copy).pop() else {
        panic!("copying asks for the clipboard");
    };
    update(&mut editor, Input::Paste { text: text.clone() });
    assert_eq!((editor.draft().nodes.len(), editor.draft().edges.len()), (8, 6));
    let ids: BTreeSet<&str> = editor.draft().nodes.iter().map(|node| node.id.as_str()).collect();
    assert_eq!(ids.len(), 8);
    assert_eq!(editor.selected().len(), 4);
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
    for foreign in ["", "[1]", "{\"nodes\":[],\"edges\":[]}", &text[..40]] {
        assert!(clipboard::paste(editor.draft(), foreign, at(0.0, 0.0)).is_err(), "{foreign}");
    }
}

#[test]
fn the_wheel_keeps_what_is_under_the_pointer_in_place() {
    let mut editor = editing(small());
    let pointer = at(300.0, 200.0);
    let before = editor.view().to_drawing(pointer);
    update(&mut editor, Input::Wheel { at: pointer, by: at(0.0, -240.0), zoom: true });
    let after = editor.view().to_drawing(pointer);
    assert!(editor.view().scale > 1.5);
    assert!((before.x - after.x).abs() < 1e-9 && (before.y - after.y).abs() < 1e-9);
    update(&mut editor, Input::Wheel { at: pointer, by: at(0.0, 90_000.0), zoom: true });
    assert!((editor.view().scale - 0.1).abs() < 1e-9, "there is a smallest scale");
}

#[test]
fn two_fingers_zoom_and_move_the_view() {
    let mut editor = editing(small());
    for (pointer, x) in [(1, 100.0), (2, 200.0)] {
        let press = Press { pointer, at: at(x, 100.0), on: Hit::Ground, hand: Hand::Plain };
        update(&mut editor, Input::Press(press));
    }
    update(&mut editor, Input::Drag { pointer: 2, at: at(300.0, 100.0) });
    assert!((editor.view().scale - 2.0).abs() < 1e-9);
    for pointer in [1, 2] {
        update(&mut editor, Input::Release { pointer, at: at(0.0, 0.0) });
    }
    assert_eq!(*editor.gesture(), Gesture::Idle);
}

#[test]
fn shift_and_drag_chooses_what_the_frame_touches() {
    let mut editor = editing(small());
    press(&mut editor, Hit::Ground, at(-20.0, -20.0), Hand::Adding);
    update(&mut editor, Input::Drag { pointer: 1, at: at(450.0, 50.0) });
    update(&mut editor, Input::Release { pointer: 1, at: at(450.0, 50.0) });
    assert_eq!(*editor.selected(), BTreeSet::from(["call".to_owned(), "start".to_owned()]));
}

#[test]
fn whichever_draft_gave_way_comes_back_by_undoing() {
    let mut editor = editing(small());
    let add = |editor: &mut Editor| {
        update(editor, Input::Add { kind: "note".to_owned(), drop: None });
        editor.draft().clone()
    };
    let mine = add(&mut editor);
    let theirs = draft(&[("lone", "end", 0.0, 0.0)], &[]);
    let held = |editor: &mut Editor, order: Command| {
        command(editor, order);
        editor.draft().clone()
    };

    assert_eq!(update(&mut editor, Input::GaveWay(theirs.clone())), []);
    assert_eq!(*editor.draft(), mine);
    assert_eq!(held(&mut editor, Command::Undo), theirs);
    assert_eq!(held(&mut editor, Command::Undo), mine);
    assert_eq!(held(&mut editor, Command::Undo), small());
    assert_eq!(held(&mut editor, Command::Redo), mine);

    update(&mut editor, Input::Replace(theirs.clone()));
    assert_eq!(*editor.draft(), theirs);
    assert_eq!(held(&mut editor, Command::Undo), mine);
    assert_eq!(held(&mut editor, Command::Redo), theirs);
}

#[test]
fn an_overview_shows_all_of_the_drawing_until_a_person_moves_the_view() {
    let mut editor = Editor::overview();
    update(&mut editor, Input::Load(small()));
    let whole = |editor: &Editor| {
        let shown = editor.view().shown(editor.screen());
        let all = editor.extent().expect("something is drawn");
        let corner = |area: Area| (area.x + area.width, area.y + area.height);
        let (seen, drawn) = (corner(shown), corner(all));
        shown.x <= all.x && shown.y <= all.y && seen.0 >= drawn.0 && seen.1 >= drawn.1
    };
    for width in [900.0, 500.0] {
        update(&mut editor, Input::Resize(Size { width, height: 300.0 }));
        assert!(whole(&editor), "{width} pixels wide: {:?}", editor.view());
    }
    update(&mut editor, Input::Wheel { at: at(0.0, 0.0), by: at(30.0, 0.0), zoom: false });
    let chosen = editor.view();
    update(&mut editor, Input::Resize(Size { width: 700.0, height: 300.0 }));
    assert_eq!(editor.view(), chosen);
}

#[test]
fn a_card_that_is_only_looked_at_is_chosen_by_a_click_and_never_moved() {
    let overview = {
        let mut editor = Editor::overview();
        update(&mut editor, Input::Load(small()));
        editor
    };
    // Also where the drawing could be changed: on a small screen.
    for editor in [overview, editing(small())] {
        looks_at_a_card(editor);
    }
}

fn looks_at_a_card(mut editor: Editor) {
    let before = editor.draft().clone();
    let node = before.nodes[0].id.clone();
    let press = |at| {
        let on = Hit::Node(node.clone());
        Input::Press(Press { pointer: 1, at, on, hand: Hand::Looking })
    };
    update(&mut editor, press(at(10.0, 10.0)));
    update(&mut editor, Input::Release { pointer: 1, at: at(11.0, 10.0) });
    assert_eq!(editor.only_selected(), Some(node.as_str()));
    let view = editor.view();
    update(&mut editor, press(at(10.0, 10.0)));
    update(&mut editor, Input::Drag { pointer: 1, at: at(60.0, 30.0) });
    update(&mut editor, Input::Drag { pointer: 1, at: at(70.0, 30.0) });
    update(&mut editor, Input::Release { pointer: 1, at: at(70.0, 30.0) });
    assert_eq!((editor.view().x, editor.view().y), (view.x + 60.0, view.y + 20.0));
    assert_eq!(*editor.draft(), before);
}

#[test]
fn tidying_up_is_one_step_without_overlaps_and_follows_the_edges() {
    let mut nodes = small();
    for node in &mut nodes.nodes {
        node.position = at(0.0, 0.0);
    }
    // Were they all at one place, they would be laid out as they are opened.
    nodes.nodes[0].position = at(10.0, 0.0);
    let mut editor = editing(nodes.clone());
    command(&mut editor, Command::TidyUp);
    let x = |id: &str| editor.draft().node(id).expect("it is there").position.x;
    assert!(x("start") < x("call") && x("call") < x("which") && x("which") < x("done"));
    for a in &editor.draft().nodes {
        assert!(a.position.x % GRID == 0.0 && a.position.y % GRID == 0.0);
        for b in editor.draft().nodes.iter().filter(|b| b.id != a.id) {
            let (a, b) = (
                editor.area(&a.id).expect("it is there"),
                editor.area(&b.id).expect("it is there"),
            );
            assert!(!a.meets(&b));
        }
    }
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), nodes);
}

#[test]
fn tidying_up_keeps_the_order_of_a_decisions_ways() {
    for (first, second) in [("a", "b"), ("b", "a")] {
        let mut ways = draft(
            &[("which", "decision", 0.0, 0.0), ("a", "end", 0.0, 0.0), ("b", "end", 0.0, 0.0)],
            &[("x", "which", "out", first), ("y", "which", "default", second)],
        );
        ways.edges.reverse();
        let places = layout::tidy(&ways);
        let y = |id: &str| places.iter().find(|(node, _)| node == id).map(|(_, at)| at.y);
        assert!(y(first) < y(second), "{first} is asked before {second}");
    }
}

#[test]
fn tidying_up_crosses_no_ways_that_need_not_cross() {
    let mut journey = draft(
        &[
            ("start", "trigger", 0.0, 0.0),
            ("call", "task", 0.0, 0.0),
            ("which", "decision", 0.0, 0.0),
            ("note", "action", 0.0, 0.0),
            ("done", "end", 0.0, 0.0),
        ],
        &[
            ("a", "start", "out", "call"),
            ("b", "call", "done", "which"),
            ("c", "call", "nobody", "done"),
            ("d", "which", "out", "note"),
            ("e", "which", "default", "done"),
            ("f", "note", "out", "done"),
        ],
    );
    let outcomes = json!([{ "id": "done" }, { "id": "nobody" }]);
    journey.nodes[1].settings.insert("outcomes".to_owned(), outcomes);
    let places = layout::tidy(&journey);
    let y = |id: &str| places.iter().find(|(node, _)| node == id).map(|(_, at)| at.y);
    assert!(y("which") < y("done"), "{places:?}");
    assert!(y("note") < y("done"), "{places:?}");
}

#[test]
fn tidying_up_takes_circles_and_islands() {
    let draft = draft(
        &[("a", "task", 0.0, 0.0), ("b", "task", 0.0, 0.0), ("lone", "end", 0.0, 0.0)],
        &[("x", "a", "done", "b"), ("y", "b", "done", "a")],
    );
    assert_eq!(layout::tidy(&draft).len(), 3);
    assert_eq!(layout::tidy(&Draft::default()), []);
}

#[test]
fn settings_are_written_by_pointer() {
    let mut node = kinds::create(&Draft::default(), "task", at(0.0, 0.0));
    settings::write(&mut node, "/sla/due", Some(json!("PT1H")));
    settings::write(&mut node, "/outcomes/1", Some(json!({ "id": "no" })));
    settings::write(&mut node, "/outcomes/0/label", Some(json!("Yes")));
    settings::write(&mut node, "/input/a~1b", Some(json!("1")));
    settings::write(&mut node, "/retry/attempts", None);
    assert_eq!(settings::read(&node, "/sla/due"), Some(&json!("PT1H")));
    assert_eq!(
        node.settings["outcomes"],
        json!([{ "id": "done", "label": "Yes" }, { "id": "no" }])
    );
    assert_eq!(node.settings["input"], json!({ "a/b": "1" }));
    assert!(!node.settings.contains_key("retry"));
}

#[test]
fn durations_read_as_people_say_them() {
    for (value, words) in [
        (json!("P2D"), "2 days"),
        (json!("PT48H"), "48 hours"),
        (json!("PT1H"), "1 hour"),
        (json!("PT90M"), "90 minutes"),
        (json!({ "business": "P2D" }), "2 business days"),
        (json!({ "business": "PT4H" }), "4 business hours"),
        (json!("P1DT2H"), "P1DT2H"),
        (json!({ "business": "P2D", "by": "16:00" }), "2 business days by 16:00"),
        (json!({ "business": "P1D", "calendar": "berlin" }), "1 business day (berlin)"),
        (json!({ "business": "P1DT2H" }), "P1DT2H of business time"),
    ] {
        assert_eq!(describe(&value), words);
    }
    for unit in Unit::ALL {
        let span = Span { count: 3, unit };
        assert_eq!(Span::read(&span.write()), Some(span));
    }
}

#[test]
fn business_time_keeps_its_time_of_day_and_its_calendar_when_its_count_changes() {
    let before = json!({ "business": "P2D", "by": "16:00", "calendar": "berlin" });
    let four = |unit| Span { count: 4, unit }.write_over(Some(&before));
    let want = json!({ "business": "P4D", "by": "16:00", "calendar": "berlin" });
    assert_eq!(four(Unit::BusinessDays), want);
    assert_eq!(four(Unit::Hours), json!("PT4H"));
    assert_eq!(Span { count: 1, unit: Unit::Days }.write_over(None), json!("P1D"));
}

#[test]
fn a_form_survives_its_schema() {
    let fields: Vec<Field> = FieldType::ALL
        .into_iter()
        .enumerate()
        .map(|(at, kind)| Field {
            name: format!("field_{}", 9 - at),
            title: if at == 1 { "What it is".to_owned() } else { String::new() },
            kind,
            required: at % 2 == 0,
            options: if kind == FieldType::Choice { vec!["a".to_owned()] } else { Vec::new() },
            kept: serde_json::Map::new(),
        })
        .collect();
    assert_eq!(form::read(form::write(&fields, None).as_ref()), Some(fields));
    for more in
        [json!({ "oneOf": [] }), json!({ "type": ["string", "null"] }), json!({ "enum": [1] })]
    {
        assert_eq!(form::read(Some(&json!({ "properties": { "x": more } }))), None);
    }
    assert_eq!(form::slug(" Go-live date! "), "go_live_date");
}

#[test]
fn what_a_form_says_beside_its_fields_outlives_a_change_of_one() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["seats"], "x-order": ["seats", "mail", "why"],
        "properties": {
            "seats": { "type": "integer", "title": "Seats sold", "minimum": 1 },
            "mail": { "type": "string", "format": "email", "description": "Of the sponsor" },
            "why": { "type": "string", "enum": ["price", "product"], "title": "Why they left" },
        },
    });
    let mut fields = form::read(Some(&schema)).unwrap();
    assert_eq!(form::write(&fields, Some(&schema)), Some(schema.clone()), "as it was");
    fields[2].required = true;
    let mut expected = schema.clone();
    expected["required"] = json!(["seats", "why"]);
    assert_eq!(form::write(&fields, Some(&schema)), Some(expected));
    fields[0].take(FieldType::Text);
    fields[1].take(FieldType::Date);
    let written = form::write(&fields, Some(&schema)).unwrap();
    assert_eq!(written["properties"]["seats"], json!({ "type": "string", "title": "Seats sold" }));
    let mail = json!({ "type": "string", "format": "date", "description": "Of the sponsor" });
    assert_eq!(written["properties"]["mail"], mail);

    let called = |words: &str| Field::called(words).map(|field| (field.name, field.title));
    let named = |name: &str, title: &str| Some((name.to_owned(), title.to_owned()));
    assert_eq!(called(" Seats sold "), named("seats_sold", ""));
    assert_eq!(called("Go-live date"), named("go_live_date", "Go-live date"));
    assert_eq!(called("…"), None);
}

#[test]
fn keys_mean_what_editors_have_taught() {
    assert_eq!(shortcut("z", true, false), Some(Command::Undo));
    assert_eq!(shortcut("Z", true, true), Some(Command::Redo));
    assert_eq!(shortcut("ArrowLeft", false, true), Some(Command::Nudge { x: -50.0, y: 0.0 }));
    assert_eq!(shortcut("s", true, false), None);
}

#[test]
fn every_kind_of_the_palette_can_be_found_added_and_taken_back() {
    let mut editor = editing(Draft { format: 1, ..Draft::default() });
    for kind in kinds::KINDS {
        assert!(kinds::matches(&kind, kind.title.said()));
        update(&mut editor, Input::Add { kind: kind.id.to_owned(), drop: None });
        assert_eq!(editor.only_selected(), Some(format!("{}1", kind.id).as_str()));
    }
    assert!(!kinds::matches(&kinds::KINDS[0], "zebra"));
    assert_eq!(kinds::found("wait")[0].title.said(), "Wait", "not what only speaks of waiting");
    for _ in kinds::KINDS {
        command(&mut editor, Command::Undo);
    }
    assert_eq!(editor.draft().nodes, []);
}

#[test]
fn chosen_steps_line_up_and_space_out_in_one_step() {
    let cards = [("a", "set", 0.0, 0.0), ("b", "set", 330.0, 40.0), ("c", "set", 700.0, 300.0)];
    let mut editor = editing(draft(&cards, &[]));
    command(&mut editor, Command::Choose(Which::All));
    let places = |editor: &Editor| -> Vec<(f64, f64)> {
        editor.draft().nodes.iter().map(|node| (node.position.x, node.position.y)).collect()
    };
    let lined = |editor: &mut Editor, line: Line| {
        command(editor, Command::Line(line));
        let there = places(editor);
        command(editor, Command::Undo);
        there
    };
    assert_eq!(lined(&mut editor, Line::Left), [(0.0, 0.0), (0.0, 40.0), (0.0, 300.0)]);
    assert_eq!(lined(&mut editor, Line::Right), [(700.0, 0.0), (700.0, 40.0), (700.0, 300.0)]);
    assert_eq!(lined(&mut editor, Line::Top), [(0.0, 0.0), (330.0, 0.0), (700.0, 0.0)]);
    assert_eq!(lined(&mut editor, Line::Across), [(0.0, 0.0), (350.0, 40.0), (700.0, 300.0)]);
    assert_eq!(lined(&mut editor, Line::Down), [(0.0, 0.0), (330.0, 150.0), (700.0, 300.0)]);
    assert_eq!(places(&editor), [(0.0, 0.0), (330.0, 40.0), (700.0, 300.0)]);
    assert_eq!(editor.history().next_undo(), None, "each was one step");
}

#[test]
fn what_is_deleted_from_the_middle_leads_on_past_it() {
    let mut editor = editing(small());
    let node = |id: &str| Input::Show { node: Some(id.to_owned()), edge: None };
    update(&mut editor, node("call"));
    command(&mut editor, Command::DeleteAndHeal);
    assert!(edge(&editor, "start", "which").is_some(), "what led to the step leads on");
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
    editor.selected = ["call", "which"].map(str::to_owned).into();
    command(&mut editor, Command::DeleteAndHeal);
    assert!(edge(&editor, "start", "done").is_some(), "past both");
    assert_eq!(editor.draft().edges.len(), 1);
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
}

#[test]
fn all_that_leads_to_a_step_and_all_it_leads_to_can_be_chosen() {
    let mut editor = editing(small());
    let chosen = |editor: &Editor| editor.selected().iter().cloned().collect::<Vec<_>>();
    update(&mut editor, Input::Show { node: Some("which".to_owned()), edge: None });
    command(&mut editor, Command::Choose(Which::Upstream));
    assert_eq!(chosen(&editor), ["call", "start", "which"]);
    update(&mut editor, Input::Show { node: Some("call".to_owned()), edge: None });
    command(&mut editor, Command::Choose(Which::Downstream));
    assert_eq!(chosen(&editor), ["call", "done", "which"]);
}

#[test]
fn the_keyboard_adds_one_step_after_another_to_what_is_chosen() {
    let mut editor = editing(small());
    let chosen = |editor: &Editor| editor.selected().iter().cloned().collect::<Vec<_>>();
    command(&mut editor, Command::Choose(Which::WithNext));
    assert_eq!(chosen(&editor), ["start"], "the first of nothing");
    update(&mut editor, Input::Show { node: Some("call".to_owned()), edge: None });
    let said = command(&mut editor, Command::Choose(Which::WithNext));
    assert_eq!(chosen(&editor), ["call", "which"]);
    assert!(matches!(&said[..], [Ask::Announce(words)] if words.contains("2 steps chosen")));
    command(&mut editor, Command::Choose(Which::WithPrevious));
    assert_eq!(chosen(&editor), ["call", "start", "which"]);
    command(&mut editor, Command::Choose(Which::WithPrevious));
    assert_eq!(chosen(&editor).len(), 3, "nothing is before the first");
}

#[test]
fn a_dragged_node_comes_to_stand_in_line_with_others_and_shows_it() {
    let cards = [("a", "set", 0.0, 0.0), ("b", "set", 400.0, 213.0)];
    let mut editor = editing(draft(&cards, &[]));
    press(&mut editor, Hit::Node("a".to_owned()), at(50.0, 30.0), Hand::Plain);
    update(&mut editor, Input::Drag { pointer: 1, at: at(62.0, 240.0) });
    assert_eq!(
        editor.position("a"),
        Some(at(10.0, 213.0)),
        "beside the other rather than on the grid"
    );
    let across = |guide: &super::Guide| (guide.from.y - guide.to.y).abs() < f64::EPSILON;
    assert!(editor.guides().iter().any(across), "{:?}", editor.guides());
    update(&mut editor, Input::Drag { pointer: 1, at: at(62.0, 330.0) });
    assert_eq!((editor.position("a"), editor.guides().len()), (Some(at(10.0, 300.0)), 0));
}

#[test]
fn the_view_goes_on_while_something_is_held_at_its_edge() {
    let mut editor = editing(small());
    press(&mut editor, Hit::Node("call".to_owned()), at(450.0, 30.0), Hand::Plain);
    update(&mut editor, Input::Drag { pointer: 1, at: at(2000.0, 2000.0) });
    assert!(!editor.drifts());
    update(&mut editor, Input::Drag { pointer: 1, at: at(3995.0, 2000.0) });
    assert!(editor.drifts());
    let before = editor.position("call").expect("it is there");
    for _ in 0..10 {
        update(&mut editor, Input::Drift);
    }
    let (after, view) = (editor.position("call").expect("it is there"), editor.view());
    assert!(view.x < 0.0 && after.x > before.x, "{view:?} {before:?} {after:?}");
    update(&mut editor, Input::Release { pointer: 1, at: at(3995.0, 2000.0) });
    assert!(!editor.drifts(), "nothing is held any more");
}

#[test]
fn what_is_copied_is_put_where_the_pointer_is() {
    let mut editor = editing(small());
    update(&mut editor, Input::Show { node: Some("call".to_owned()), edge: None });
    editor.view = Viewport { x: 0.0, y: 0.0, scale: 1.0 };
    let text = clipboard::copy(editor.draft(), editor.selected()).expect("one is chosen");
    update(&mut editor, Input::Drag { pointer: 1, at: at(1003.0, 702.0) });
    update(&mut editor, Input::Paste { text: text.clone() });
    let pasted = editor.only_selected().and_then(|id| editor.position(id));
    assert_eq!(pasted, Some(at(1000.0, 700.0)));
    update(&mut editor, Input::Away);
    update(&mut editor, Input::Paste { text });
    let pasted = editor.only_selected().and_then(|id| editor.position(id));
    assert_eq!(pasted, Some(at(440.0, 40.0)), "beside the one that was copied");
    let asks = update(&mut editor, Input::Paste { text: "some words".to_owned() });
    assert!(matches!(asks.as_slice(), [Ask::Show(words)] if words.contains("clipboard")));
}

#[test]
fn a_step_of_the_history_is_gone_back_to_at_once() {
    let mut editor = editing(small());
    for _ in 0..3 {
        update(&mut editor, Input::Add { kind: "set".to_owned(), drop: None });
    }
    let end = editor.draft().clone();
    command(&mut editor, Command::Travel(3));
    assert_eq!(*editor.draft(), small());
    assert_eq!(editor.history().undone().count(), 3);
    command(&mut editor, Command::Travel(-2));
    assert_eq!(editor.draft().nodes.len(), small().nodes.len() + 2);
    command(&mut editor, Command::Travel(-5));
    assert_eq!(*editor.draft(), end, "further than there are steps is to the end");
}

#[test]
fn a_drawing_that_was_never_drawn_is_laid_out_when_it_is_opened() {
    let mut heap = small();
    for node in &mut heap.nodes {
        node.position = at(0.0, 0.0);
    }
    let mut editor = editing(heap.clone());
    let places = |draft: &Draft| -> BTreeSet<String> {
        draft.nodes.iter().map(|node| format!("{:?}", node.position)).collect()
    };
    assert_eq!(places(editor.draft()).len(), heap.nodes.len(), "each stands at its own place");
    assert_eq!(editor.history().next_undo(), Some("Tidy up"));
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), heap);
    assert_eq!(
        editing(small()).history().next_undo(),
        None,
        "what was drawn stays as it was drawn"
    );
}

#[test]
fn every_key_that_is_shown_does_something() {
    let by_hand = [
        "Enter",
        "F2 or double-click",
        "?",
        "O",
        "R",
        "Ctrl+F",
        "Ctrl+C, Ctrl+X, Ctrl+V",
        "Arrow keys",
    ];
    let is_pointer = |keys: &str| {
        ["lick", "rag", "Wheel", "button"].iter().any(|word| keys.contains(word))
            && !keys.contains(" or A")
    };
    for shortcut in SHORTCUTS.iter().flat_map(|(_, all)| *all) {
        if is_pointer(shortcut.keys.said()) || by_hand.contains(&shortcut.keys.said()) {
            continue;
        }
        for keys in shortcut.keys.said().split(" or ").filter(|keys| *keys != "Double-click") {
            let key = keys
                .rsplit_once('+')
                .map_or(keys, |(_, key)| if key.is_empty() { "+" } else { key });
            let key = if key == "Esc" { "Escape" } else { key };
            let found = super::shortcut(key, keys.contains("Ctrl+"), keys.contains("Shift+"));
            assert!(found.is_some(), "{keys}: {}", shortcut.does);
        }
    }
}

/// A small generator, so that a failing seed can be run again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides.max(1)).expect("few sides"))
            .expect("less than sides")
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> Option<T> {
        from.get(self.roll(from.len())).cloned()
    }
}

fn random_input(dice: &mut Dice, editor: &Editor) -> Option<Input> {
    let nodes: Vec<String> = editor.draft().nodes.iter().map(|node| node.id.clone()).collect();
    let edges: Vec<String> = editor.draft().edges.iter().map(|edge| edge.id.clone()).collect();
    let kind = kinds::KINDS[dice.roll(kinds::KINDS.len())].id.to_owned();
    Some(match dice.roll(11) {
        10 => return change_of_kind(dice, editor, kind),
        0 | 1 => Input::Add { kind, drop: None },
        2 => Input::Set {
            node: dice.pick(&nodes)?,
            field: "/name".to_owned(),
            value: Some(json!(dice.roll(9).to_string())),
        },
        3 => Input::Set {
            node: dice.pick(&nodes)?,
            field: "/outcomes/0".to_owned(),
            value: dice.pick(&[None, Some(json!({ "id": "x" }))])?,
        },
        4 => Input::SetEdge {
            edge: dice.pick(&edges)?,
            member: EdgeMember::When,
            value: Some(dice.roll(9).to_string()),
        },
        5 => Input::ShiftWay { edge: dice.pick(&edges)?, by: dice.pick(&[-1, 1])? },
        6 => Input::Show { node: dice.pick(&nodes), edge: None },
        7 => Input::Settle,
        _ => Input::Command(dice.pick(&[
            Command::Delete,
            Command::Duplicate,
            Command::DeleteAndHeal,
            Command::Line(Line::Across),
            Command::Line(Line::Centre),
            Command::Choose(Which::All),
            Command::Choose(Which::Next),
            Command::Choose(Which::WithNext),
            Command::Choose(Which::WithPrevious),
            Command::TidyUp,
            Command::Travel(2),
            Command::Undo,
            Command::Redo,
            Command::Nudge { x: 10.0, y: 0.0 },
            Command::Nudge { x: -150.0, y: 0.0 },
            Command::Group,
            Command::Ungroup,
            Command::Collapse,
        ])?),
    })
}

/// Takes the offer of another kind for what is chosen, if there is one.
fn change_of_kind(dice: &mut Dice, editor: &Editor, kind: String) -> Option<Input> {
    let is_offered = editor.offer().is_some_and(|offer| offer.changes.is_some());
    if is_offered {
        return Some(Input::Pick { kind });
    }
    dice.pick(&[Input::Command(Command::ChangeKind), Input::Settle])
}

#[test]
fn any_run_of_edits_can_be_undone_to_the_start_and_redone_to_the_end() {
    for seed in 1..=150 {
        let mut dice = Dice(seed * 0x9E37_79B9);
        let mut editor = editing(small());
        for _ in 0..40 {
            let nodes = editor.draft().nodes.clone();
            if let (0, Some(from), Some(to)) = (dice.roll(2), dice.pick(&nodes), dice.pick(&nodes))
            {
                let port = dice.pick(&ports::ports(editor.draft(), &from)).map(|port| port.id);
                if let Some(op) =
                    port.and_then(|port| connect::connect(editor.draft(), &from.id, &port, &to.id))
                {
                    super::update::commit(&mut editor, "Connect", op);
                }
            } else if let Some(input) = random_input(&mut dice, &editor) {
                update(&mut editor, input);
            }
            // Lines that nothing came near are not led anew: they have to lie where they would.
            let anew = Scene::of(editor.draft(), &Scene::default());
            assert_eq!(editor.scene().wires(), anew.wires(), "seed {seed}: lines");
            let ids: BTreeSet<&str> =
                editor.draft().edges.iter().map(|edge| edge.id.as_str()).collect();
            assert_eq!(
                ids.len(),
                editor.draft().edges.len(),
                "seed {seed}: edge ids are their own"
            );
        }
        // What was undone on the way comes first, so that the end is the furthest it can be.
        while editor.history().next_redo().is_some() {
            command(&mut editor, Command::Redo);
        }
        let end: Value = serde_json::to_value(editor.draft()).expect("a draft is JSON");
        while editor.history().next_undo().is_some() {
            command(&mut editor, Command::Undo);
        }
        assert_eq!(*editor.draft(), small(), "seed {seed}");
        while editor.history().next_redo().is_some() {
            command(&mut editor, Command::Redo);
        }
        assert_eq!(
            serde_json::to_value(editor.draft()).expect("a draft is JSON"),
            end,
            "seed {seed}"
        );
    }
}

fn names(draft: &Draft) -> Vec<String> {
    outline::rows(draft).into_iter().map(|row| row.id).collect()
}

#[test]
fn the_outline_goes_way_by_way_and_on_where_they_meet() {
    let mut draft = draft(
        &[
            ("aside", "note", 0.0, -100.0),
            ("done", "end", 0.0, 0.0),
            ("no", "task", 0.0, 0.0),
            ("yes", "task", 0.0, 0.0),
            ("also", "task", 0.0, 0.0),
            ("which", "decision", 0.0, 0.0),
            ("alone", "task", 0.0, 0.0),
            ("start", "trigger", 0.0, 500.0),
        ],
        &[
            ("a", "start", "out", "which"),
            ("d", "which", "default", "no"),
            ("b", "which", "out", "yes"),
            ("c", "yes", "done", "also"),
            ("e", "also", "done", "done"),
            ("f", "no", "done", "done"),
            ("g", "also", "failed", "which"),
        ],
    );
    draft.edges[2].when = Some("account.arr > 5".to_owned());
    let order = ["start", "which", "yes", "also", "no", "done", "alone", "aside"];
    assert_eq!(names(&draft), order);
    let rows = outline::rows(&draft);
    let ways = |id: &str| -> Vec<(String, Option<String>)> {
        let row = rows.iter().find(|row| row.id == id).unwrap();
        let way = |way: &outline::Way| {
            (way.label.clone(), way.leads.as_ref().map(|lead| lead.to.clone()))
        };
        row.ways.iter().map(way).collect()
    };
    let said = |label: &str, to: Option<&str>| (label.to_owned(), to.map(str::to_owned));
    let expected = [
        said("account.arr > 5", Some("yes")),
        said("Add a way", None),
        said("Otherwise", Some("no")),
    ];
    let mut seen = ways("which");
    seen.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(seen, expected);
    assert_eq!(ways("start"), [said("", Some("which"))]);
    assert_eq!(ways("aside"), []);
}

#[test]
fn the_outline_has_every_step_once_whatever_is_drawn() {
    let mut draft = draft(
        &[("a", "task", 0.0, 0.0), ("b", "task", 0.0, 0.0), ("c", "parallel", 0.0, 0.0)],
        &[
            ("1", "a", "done", "b"),
            ("2", "b", "done", "a"),
            ("3", "c", "out", "c"),
            ("4", "c", "out", "gone"),
        ],
    );
    assert_eq!(names(&draft), ["a", "b", "c"]);
    assert_eq!(outline::rows(&draft)[2].ways.len(), 3);
    draft.nodes.clear();
    assert_eq!(names(&draft), Vec::<String>::new());
}

#[test]
fn a_step_is_added_from_the_outline_where_a_way_leads_and_before_what_it_led_to() {
    let mut editor = editing(small());
    let offer = |edge: Option<&str>| Input::OfferNext {
        node: "call".to_owned(),
        port: "done".to_owned(),
        edge: edge.map(str::to_owned),
    };
    let edge = connect::leaving(&editor.draft, "call", "done").next().map(|edge| edge.id.clone());
    update(&mut editor, offer(edge.as_deref()));
    update(&mut editor, Input::Pick { kind: "wait".to_owned() });
    let wait = editor.only_selected().unwrap().to_owned();
    let to = |editor: &Editor, node: &str, port: &str| {
        connect::leaving(&editor.draft, node, port).next().map(|edge| edge.to.clone())
    };
    assert_eq!(to(&editor, "call", "done"), edge.as_ref().map(|_| wait.clone()).or(None));
    assert!(editor.draft.nodes.iter().all(|node| {
        node.id == wait || !editor.area(&node.id).unwrap().meets(&editor.area(&wait).unwrap())
    }));
    update(
        &mut editor,
        Input::OfferNext { node: "gone".to_owned(), port: "out".to_owned(), edge: None },
    );
    assert_eq!(editor.offer(), None);
    update(&mut editor, Input::Command(Command::Undo));
    assert_eq!(*editor.draft(), small());
}

#[test]
fn what_is_held_stays_under_the_pointer_while_the_wheel_zooms() {
    let mut editor = editing(small());
    let pointer = at(470.0, 60.0);
    press(&mut editor, Hit::Node("call".to_owned()), at(420.0, 20.0), Hand::Plain);
    update(&mut editor, Input::Drag { pointer: 1, at: pointer });
    let (_, before) = editor.motion().expect("it is moved");
    update(&mut editor, Input::Wheel { at: pointer, by: at(0.0, -240.0), zoom: true });
    let (_, after) = editor.motion().expect("it is still moved");
    assert!(super::geometry::distance(before, after) < 10.0, "{before:?} {after:?}");
    update(&mut editor, Input::Drag { pointer: 1, at: at(471.0, 60.0) });
    let (_, later) = editor.motion().expect("it is still moved");
    assert!(super::geometry::distance(before, later) < 11.0, "{before:?} {later:?}");
}

#[test]
fn what_is_deleted_while_it_is_moved_leaves_no_empty_step() {
    let mut editor = editing(small());
    press(&mut editor, Hit::Node("call".to_owned()), at(420.0, 20.0), Hand::Plain);
    update(&mut editor, Input::Drag { pointer: 1, at: at(470.0, 60.0) });
    command(&mut editor, Command::Delete);
    update(&mut editor, Input::Release { pointer: 1, at: at(480.0, 70.0) });
    assert_eq!(editor.history().next_undo(), Some("Delete node"));
    command(&mut editor, Command::Undo);
    assert_eq!(*editor.draft(), small());
}

#[test]
fn many_steps_are_pasted_with_ids_of_their_own() {
    let mut draft = small();
    let step = draft.nodes[1].clone();
    // Called as new ones are, so that theirs would be taken.
    let named = |number: u32| Node { id: format!("{}{number}", step.kind), ..step.clone() };
    draft.nodes.extend((1..=3_000).map(named));
    let chosen = draft.nodes.iter().map(|node| node.id.clone()).collect();
    let text = clipboard::copy(&draft, &chosen).expect("all are chosen");
    let (op, nodes) = clipboard::paste(&draft, &text, at(40.0, 40.0)).expect("it is ours");
    op.apply(&mut draft).expect("it fits");
    let ids: BTreeSet<&str> = draft.nodes.iter().map(|node| node.id.as_str()).collect();
    assert_eq!((nodes.len(), ids.len()), (3_004, 6_008));
    let long = " ".repeat(9_000_000);
    let refused = clipboard::paste(&draft, &long, at(0.0, 0.0)).map(drop);
    assert_eq!(refused, Err(clipboard::Unusable::TooLong));
}

#[test]
fn a_step_beyond_all_measure_holds_nothing_up() {
    for far in [1e7, 1e15, 1e300] {
        let mut draft = small();
        draft.nodes[0].position = at(far, -far);
        let mut editor = editing(draft);
        assert_eq!(editor.scene().cards().len(), 4);
        command(&mut editor, Command::TidyUp);
        assert!(editor.draft().nodes[0].position.x < 10_000.0);
    }
}
