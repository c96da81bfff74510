use super::{export, import};
use crate::{ImportError, Imported};
use journey::{
    Draft, Severity, check,
    draft::{Node, Point},
};
use serde_json::json;

const CAMUNDA_7: &str = include_str!("../../../../tests/fuzz/corpus/bpmn/camunda7.bpmn");
const CAMUNDA_8: &str = include_str!("../../../../tests/fuzz/corpus/bpmn/camunda8.bpmn");
const SIGNAVIO: &str = include_str!("../../../../tests/fuzz/corpus/bpmn/signavio.bpmn");
const ONBOARDING: &str = include_str!("../../../../examples/journeys/onboarding.json");

fn read(file: &str) -> Imported {
    import(file).expect("the file can be read")
}

fn node<'a>(imported: &'a Imported, id: &str) -> &'a Node {
    imported.draft.node(id).unwrap_or_else(|| panic!("no {id}"))
}

fn edges(imported: &Imported) -> Vec<String> {
    let edges = imported.draft.edges.iter();
    edges.map(|edge| format!("{}.{}>{}", edge.from, edge.port(), edge.to)).collect()
}

/// The kind and the beginning of the sentence of everything that an element lost.
fn left(imported: &Imported, id: &str) -> Vec<String> {
    let left = imported.left_out.iter().filter(|left| left.id == id);
    left.map(|left| left.sentence.split(['.', ':', ';']).next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_file_of_camunda_7_becomes_tasks_choices_actions_and_ends() {
    let imported = read(CAMUNDA_7);
    assert_eq!(imported.draft.name, "Invoice receipt");
    assert_eq!(imported.draft.description.as_deref(), Some("How an invoice is paid."));
    assert_eq!(
        edges(&imported),
        [
            "invoice_received.out>review_invoice",
            "review_invoice.done>approved",
            "approved.out>pay",
            "approved.default>rejected",
            "pay.error>rejected",
            "pay.out>paid",
            "review_invoice.too_late>remind",
            "remind.out>end",
        ]
    );
    let review = node(&imported, "review_invoice");
    assert_eq!(review.settings["owner"], json!({ "rule": "team", "team": "accounting" }));
    assert_eq!(review.settings["sla"]["due"], json!("P2D"));
    assert_eq!(review.settings["instructions"], json!("Compare it with the order."));
    assert_eq!(review.settings["form"]["properties"]["kind"]["enum"], json!(["goods", "service"]));
    assert_eq!(
        review.settings["timers"],
        json!([{ "id": "too_late", "after": "P3D", "interrupting": false }])
    );
    assert_eq!(node(&imported, "pay").settings["operation"], json!("pay-invoice"));
    assert_eq!(node(&imported, "rejected").settings["everything"], json!(true));
    assert_eq!(node(&imported, "text_1").settings["text"], json!("Ask legal first."));
    assert_eq!(left(&imported, "Association_1").len(), 1);
    assert_eq!(left(&imported, "Data_1").len(), 1);
}

#[test]
fn a_condition_of_another_program_stands_on_the_way_and_is_listed_with_its_place() {
    let imported = read(CAMUNDA_7);
    let yes = imported.draft.edges.iter().find(|edge| edge.id == "flow_yes").expect("the way");
    assert_eq!(yes.label.as_deref(), Some("yes (${approved && amount < 1000})"));
    assert_eq!(yes.when, None);
    let told = imported.left_out.iter().find(|left| left.id == "Flow_yes").expect("it is listed");
    assert_eq!((told.line, told.name.as_str(), told.kind.as_str()), (24, "yes", "sequenceFlow"));
    assert!(told.sentence.ends_with("${approved && amount < 1000}"), "{told:?}");
}

#[test]
fn a_condition_in_our_language_is_a_condition() {
    let file = CAMUNDA_7.replace("id=\"Definitions_1\"", "expressionLanguage=\"https://cel.dev\"");
    let imported = read(&file);
    let yes = imported.draft.edges.iter().find(|edge| edge.id == "flow_yes").expect("the way");
    assert_eq!(yes.when.as_deref(), Some("${approved && amount < 1000}"));
}

#[test]
fn small_shapes_are_spread_so_that_cards_do_not_cover_one_another() {
    let imported = read(CAMUNDA_7);
    let nodes = &imported.draft.nodes;
    let near = |one: f64, other: f64, size: f64| (one - other).abs() < size;
    for (at, one) in nodes.iter().enumerate() {
        for other in &nodes[at + 1..] {
            let (a, b) = (one.position, other.position);
            assert!(!(near(a.x, b.x, 220.0) && near(a.y, b.y, 70.0)), "{} {}", one.id, other.id);
        }
    }
    assert_eq!(node(&imported, "invoice_received").position, Point { x: 40.0, y: 200.0 });
}

#[test]
fn subprocesses_races_and_two_starts_become_steps_of_the_journey() {
    let imported = read(CAMUNDA_8);
    assert_eq!(
        edges(&imported),
        [
            "order_placed.out>charge_card",
            "each_night.out>charge_card",
            "charge_card.out>shipped",
            "shipped.out>split",
            "when_all_are_done.out>each_parcel",
            "shipped.timeout>discount",
            "each_parcel.out>discount",
            "discount.default>sum",
            "send.out>sent",
            "split.out>box",
            "split.out>label",
            "box.done>when_all_are_done",
            "sum.out>end",
            "label.done>when_all_are_done",
        ]
    );
    let shipped = node(&imported, "shipped");
    assert_eq!(shipped.settings["event"], json!({ "name": "order.shipped" }));
    assert_eq!(shipped.settings["timeout"], json!("P5D"));
    let each = node(&imported, "each_parcel");
    assert_eq!(each.settings["body"], json!({ "from": "send", "to": "sent" }));
    assert_eq!(each.settings["mode"], json!("sequence"));
    assert_eq!(node(&imported, "send").settings["journey"], json!("send-parcel"));
    assert_eq!(
        left(&imported, "listener"),
        ["What an event starts beside the flow has no counterpart"]
    );
    assert_eq!(left(&imported, "order"), ["There is no drawing in the file"]);
    assert_eq!(node(&imported, "box").position, Point::default());
}

#[test]
fn lanes_pools_and_links_are_taken_over_or_listed() {
    let imported = read(SIGNAVIO);
    assert_eq!(imported.draft.name, "Vendor");
    let lanes = imported.draft.lanes.iter();
    let lanes: Vec<_> = lanes.map(|lane| (lane.id.as_str(), lane.team.as_str())).collect();
    assert_eq!(lanes, [("sales", "Sales"), ("finance", "Finance"), ("finance_2", "Finance")]);
    assert_eq!(node(&imported, "check").lane.as_deref(), Some("finance"));
    assert_eq!(
        node(&imported, "offer").settings["owner"],
        json!({ "rule": "team", "team": "Sales" })
    );
    assert_eq!(
        edges(&imported),
        [
            "sid_start.out>offer",
            "offer.large>check",
            "offer.small>archive",
            "check.done>sid_or",
            "archive.done>sid_or",
            "sid_or.out>offered",
            "offered.out>end",
        ]
    );
    for id in ["sid-p2", "sid-3", "sid-m", "sid-l2", "sid-c2", "sid-f7"] {
        assert_eq!(left(&imported, id).len(), 1, "{id}");
    }
}

#[test]
fn outcomes_of_one_name_have_ids_of_their_own() {
    let flow = |id: &str, name: &str| {
        format!(
            "<sequenceFlow id='{id}' name='{name}' sourceRef='t' targetRef='e'><conditionExpression>x</conditionExpression></sequenceFlow>"
        )
    };
    let flows = [flow("a", "a_3"), flow("b", "a"), flow("c", "a"), flow("d", "a")].concat();
    let imported = read(&format!(
        "<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'><process id='p'><task id='t'/><endEvent id='e'/>{flows}</process></definitions>"
    ));
    let outcomes =
        node(&imported, "t").settings["outcomes"].as_array().cloned().unwrap_or_default();
    let ids: Vec<_> = outcomes.iter().filter_map(|outcome| outcome["id"].as_str()).collect();
    assert_eq!(ids, ["a_3", "a", "a_2", "a_4"]);
}

#[test]
fn every_id_is_valid_and_stands_once() {
    for file in [CAMUNDA_7, CAMUNDA_8, SIGNAVIO] {
        let (_, found) = check(&read(file).draft, None);
        let bad = ["bad-id", "duplicate-id", "dangling-edge", "unknown-port", "unknown-member"];
        let bad: Vec<_> = found.iter().filter(|one| bad.contains(&one.code.as_str())).collect();
        assert!(bad.is_empty(), "{bad:?}");
    }
}

fn onboarding() -> Draft {
    serde_json::from_str(ONBOARDING).expect("an example")
}

#[test]
fn what_somebody_changed_in_a_file_we_wrote_wins() {
    let written = export(&onboarding());
    let changed = written
        .replacen("name=\"Welcome call\"", "name=\"Greeting\"", 1)
        .replacen("and write it down.", "and keep it.", 1)
        .replacen(">vars.health &lt; 50<", ">vars.health &lt; 60<", 1)
        .replacen("<dc:Bounds x=\"2070\" y=\"150\"", "<dc:Bounds x=\"2000\" y=\"100\"", 1)
        .replacen("name=\"Customer onboarding\"", "name=\"Onboarding\"", 1);
    let imported = read(&changed);
    let welcome = node(&imported, "welcome");
    assert_eq!(welcome.name, "Greeting");
    assert_eq!(welcome.position, Point { x: 2000.0, y: 100.0 });
    let instructions = welcome.settings["instructions"].as_str().unwrap_or_default();
    assert!(instructions.contains("keep it."), "{instructions}");
    assert_eq!(imported.draft.edges[9].when.as_deref(), Some("vars.health < 60"));
    assert_eq!(imported.draft.name, "Onboarding");
    assert_eq!(imported.left_out, []);
}

#[test]
fn a_choice_whose_default_way_is_another_now_has_that_one() {
    let written = export(&onboarding());
    let changed = written.replacen("default=\"e4\"", "default=\"e3\"", 1).replacen(
        "nodes.welcome.outcome == 'welcomed'",
        "true",
        1,
    );
    let imported = read(&changed);
    let ways: Vec<_> =
        imported.draft.edges[2..4].iter().map(|edge| (edge.port(), &edge.when)).collect();
    assert_eq!(ways, [("default", &None), ("out", &None)]);
    assert_eq!(left(&imported, "e12").len(), 1);
    assert_eq!(imported.left_out.len(), 1);
}

/// The example with two of its steps in a group, and another group that nothing is in.
fn grouped() -> Draft {
    let mut draft = onboarding();
    let group = |id: &str, name: &str| journey::draft::Group {
        id: id.to_owned(),
        name: name.to_owned(),
        collapsed: id == "first",
        ..journey::draft::Group::default()
    };
    draft.groups = vec![group("first", "First \"steps\""), group("empty", "Nothing")];
    for node in
        draft.nodes.iter_mut().filter(|node| ["plan", "welcome"].contains(&node.id.as_str()))
    {
        node.group = Some("first".to_owned());
    }
    draft
}

#[test]
fn groups_are_frames_that_others_see_and_come_back_as_they_were() {
    let draft = grouped();
    let written = export(&draft);
    assert!(
        written
            .contains("<bpmn:categoryValue id=\"first_name\" value=\"First &quot;steps&quot;\"/>"),
        "{written}"
    );
    assert!(written.contains("bpmnElement=\"first\""), "{written}");
    assert!(!written.contains("Nothing</"), "what holds nothing is no frame");
    let imported = read(&written);
    assert_eq!((imported.draft, imported.left_out), (draft, Vec::new()));
}

#[test]
fn a_frame_that_somebody_renamed_or_took_away_is_so_here() {
    let written = export(&grouped());
    let renamed =
        read(&written.replacen("value=\"First &quot;steps&quot;\"", "value=\"Beginning\"", 1));
    assert_eq!(renamed.draft.groups[0].name, "Beginning");
    assert!(renamed.draft.groups[0].collapsed);
    let start = written.find("<bpmn:group").unwrap();
    let end = written.find("</bpmn:group>").unwrap() + "</bpmn:group>".len();
    let gone = read(&format!("{}{}", &written[..start], &written[end..]));
    let names: Vec<_> = gone.draft.groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["Nothing"]);
    assert!(gone.draft.nodes.iter().all(|node| node.group.is_none()));
}

#[test]
fn frames_of_another_program_hold_the_steps_in_them() {
    let shape = |of: &str, x: u32, y: u32, width: u32, height: u32| {
        format!(
            "<di:BPMNShape bpmnElement=\"{of}\"><dc:Bounds x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/></di:BPMNShape>"
        )
    };
    let shapes = [
        shape("a", 0, 0, 100, 80),
        shape("b", 200, 0, 100, 80),
        shape("c", 600, 0, 100, 80),
        shape("frame", 0, 0, 320, 100),
        // Over the first.
        shape("second", 180, 0, 600, 100),
        shape("far", 2000, 0, 100, 100),
    ];
    let file = format!(
        "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:di=\"http://www.omg.org/spec/BPMN/20100524/DI\" xmlns:dc=\"http://www.omg.org/spec/DD/20100524/DC\">
        <category id=\"k\"><categoryValue id=\"v\" value=\"At the start\"/></category>
        <process id=\"p\"><task id=\"a\" name=\"A\"/><task id=\"b\" name=\"B\"/><task id=\"c\" name=\"C\"/>
        <group id=\"frame\" categoryValueRef=\"v\"/><group id=\"second\"/><group id=\"far\"/><group id=\"nowhere\"/></process>
        <di:BPMNDiagram><di:BPMNPlane bpmnElement=\"p\">{}</di:BPMNPlane></di:BPMNDiagram></definitions>",
        shapes.concat()
    );
    let imported = read(&file);
    let of = |id: &str| node(&imported, id).group.clone();
    assert_eq!(of("a").as_deref(), Some("at_the_start"));
    assert_eq!((of("b"), of("c").as_deref()), (of("a"), Some("group")));
    assert_eq!(imported.draft.groups[0].name, "At the start");
    assert_eq!(left(&imported, "far").len(), 1);
    assert_eq!(left(&imported, "nowhere").len(), 1);
    assert_eq!(imported.left_out.iter().filter(|one| one.kind == "group").count(), 2);
}

#[test]
fn steps_that_somebody_added_to_a_file_we_wrote_are_there() {
    let written = export(&onboarding());
    let changed = written
        .replacen(
            "<bpmn:sequenceFlow id=\"e1\" sourceRef=\"hook\" targetRef=\"plan\">",
            "<bpmn:userTask id=\"Activity_1\" name=\"Look\"/><bpmn:sequenceFlow id=\"Flow_1\" sourceRef=\"Activity_1\" targetRef=\"plan\"/><bpmn:sequenceFlow id=\"e1\" sourceRef=\"hook\" targetRef=\"Activity_1\">",
            1,
        );
    let imported = read(&changed);
    assert_eq!(node(&imported, "look").kind, "task");
    let edges = edges(&imported);
    assert!(edges.contains(&"hook.out>look".to_owned()), "{edges:?}");
    assert!(edges.contains(&"look.done>plan".to_owned()), "{edges:?}");
    assert_eq!(imported.draft.edges.len(), onboarding().edges.len() + 1);
}

#[test]
fn what_is_no_bpmn_is_refused_with_its_place() {
    let at = |file: &str| match import(file) {
        Err(ImportError::At { message, line, column }) => (message, line, column),
        other => panic!("{other:?}"),
    };
    let (why, line, column) = at("<a>\n  <b></c></a>");
    assert!(why.contains("well-formed"), "{why}");
    assert_eq!((line, column), (2, 6));
    let (why, line, _) = at("<?xml version=\"1.0\"?>\n<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>");
    assert!(why.contains("document type") && line == 2, "{why} {line}");
    let (why, ..) = at("<a>&b;</a>");
    assert!(why.contains("a name for a text"), "{why}");
    assert!(at(&"<a>".repeat(10_000)).0.contains("lie in one another"));
    assert!(at("<a>").0.contains("ends inside <a>"));
    let unfit = |file: &str| match import(file) {
        Err(ImportError::Unfit(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(unfit("<html/>").contains("begins with <html>"));
    assert!(unfit("").contains("empty"));
    let model = "xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL'";
    assert!(unfit(&format!("<definitions {model}/>")).contains("no process"));
}

#[test]
fn a_journey_that_runs_still_runs_when_it_comes_back() {
    let imported = read(&export(&onboarding()));
    let (journey, found) = check(&imported.draft, None);
    assert!(journey.is_some(), "{found:?}");
    assert!(found.iter().all(|found| found.severity != Severity::Error));
}

#[test]
fn every_kind_is_written_as_what_bpmn_calls_it() {
    let draft: Draft = serde_json::from_value(json!({
        "format": 1, "name": "All",
        "nodes": [
            { "id": "hook", "kind": "trigger", "name": "", "on": { "type": "webhook", "hook": "orders" } },
            { "id": "daily", "kind": "trigger", "name": "", "on": { "type": "schedule", "rrule": "FREQ=DAILY", "timezone": "UTC" } },
            { "id": "red", "kind": "trigger", "name": "", "on": { "type": "health", "to": "red" } },
            { "id": "ask", "kind": "task", "name": "", "timers": [{ "id": "late", "after": "P1D" }], "outcomes": [{ "id": "yes" }, { "id": "no" }] },
            { "id": "call", "kind": "action", "name": "" },
            { "id": "table", "kind": "decision", "name": "", "table": { "inputs": [], "rules": [{ "when": [], "port": "a" }] } },
            { "id": "some", "kind": "decision", "name": "", "mode": "inclusive" },
            { "id": "first", "kind": "join", "name": "", "need": 2 },
            { "id": "paid", "kind": "wait", "name": "", "event": { "name": "paid" }, "timeout": "P2D" },
            { "id": "calm", "kind": "wait", "name": "", "condition": "vars.x" },
            { "id": "each", "kind": "for_each", "name": "", "body": { "from": "in", "to": "over" }, "mode": "parallel" },
            { "id": "in", "kind": "set", "name": "", "assign": [{ "to": "vars.a", "value": "1" }] },
            { "id": "over", "kind": "end", "name": "" },
            { "id": "stop", "kind": "end", "name": "", "everything": true },
        ],
        "edges": [
            { "id": "e1", "from": "call", "port": "error", "to": "stop" },
            { "id": "e2", "from": "ask", "port": "yes", "to": "stop" },
            { "id": "e3", "from": "some", "port": "default", "to": "stop" },
            { "id": "e4", "from": "in", "to": "over" },
        ],
    }))
    .expect("a draft");
    let written = export(&draft);
    for wanted in [
        "<bpmn:messageEventDefinition messageRef=\"message\"/>",
        "<bpmn:timeCycle xsi:type=\"bpmn:tFormalExpression\">FREQ=DAILY</bpmn:timeCycle>",
        "<bpmn:condition xsi:type=\"bpmn:tFormalExpression\">account.health == 'red'</bpmn:condition>",
        "<bpmn:boundaryEvent id=\"ask_late\" name=\"late\" cancelActivity=\"true\" attachedToRef=\"ask\">",
        "<bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\">nodes.ask.outcome == 'yes'</bpmn:conditionExpression>",
        "<bpmn:sequenceFlow id=\"e1\" sourceRef=\"call_error\" targetRef=\"stop\">",
        "<bpmn:businessRuleTask id=\"table\"",
        "<bpmn:inclusiveGateway id=\"some\" name=\"\" default=\"e3\">",
        "<bpmn:activationCondition xsi:type=\"bpmn:tFormalExpression\">activationCount &gt;= 2</bpmn:activationCondition>",
        "<bpmn:receiveTask id=\"paid\" name=\"\" messageRef=\"message_2\">",
        "<bpmn:boundaryEvent id=\"paid_timeout\"",
        "<bpmn:conditionalEventDefinition>",
        "<bpmn:multiInstanceLoopCharacteristics isSequential=\"false\"/>",
        "<bpmn:script>vars.a = 1</bpmn:script>",
        "<bpmn:terminateEventDefinition/>",
        "<bpmndi:BPMNPlane id=\"each.plane\" bpmnElement=\"each\">",
    ] {
        assert!(written.contains(wanted), "{wanted} in\n{written}");
    }
    let inside = written.split("<bpmn:subProcess").nth(1).expect("a subprocess");
    let inside = inside.split("</bpmn:subProcess>").next().unwrap_or_default();
    assert!(
        inside.contains("<bpmn:scriptTask id=\"in\"") && inside.contains("id=\"e4\""),
        "{inside}"
    );
}
