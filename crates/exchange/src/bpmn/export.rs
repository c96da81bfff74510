//! Writing a draft as BPMN 2.0 XML.

mod boundary;
mod element;
mod plan;
mod shapes;
mod xml;

use super::{
    tree::{DIAGRAM, LINES, MODEL, OURS, SHAPES},
    words,
};
use journey::Draft;
use plan::Plan;
use serde_json::{Value, json};
use xml::Xml;

/// A draft as BPMN 2.0 XML with its drawing; the same draft always gives the same text. [`super::import`] makes the same draft of it again.
pub fn export(draft: &Draft) -> String {
    let plan = Plan::of(draft);
    let mut xml = Xml::begin();
    xml.open(
        "bpmn:definitions",
        &[
            ("xmlns:bpmn", MODEL),
            ("xmlns:bpmndi", DIAGRAM),
            ("xmlns:dc", SHAPES),
            ("xmlns:di", LINES),
            ("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"),
            ("xmlns:waymark", OURS),
            ("id", &plan.ids.definitions),
            ("targetNamespace", "urn:waymark:journeys"),
            ("expressionLanguage", words::CEL),
            ("exporter", "Waymark"),
            ("exporterVersion", env!("CARGO_PKG_VERSION")),
        ],
    );
    for message in &plan.messages {
        xml.empty("bpmn:message", &[("id", &message.id), ("name", &message.name)]);
    }
    for frame in &plan.groups {
        let name = words::clean(&frame.group.name);
        xml.open("bpmn:category", &[("id", &frame.category)]);
        xml.empty("bpmn:categoryValue", &[("id", &frame.value), ("value", &name)]);
        xml.close("bpmn:category");
    }
    collaboration(&mut xml, &plan);
    process(&mut xml, &plan);
    shapes::diagrams(&mut xml, &plan);
    xml.close("bpmn:definitions");
    xml.end()
}

/// Lanes are drawn in a pool, and a pool stands in a collaboration.
fn collaboration(xml: &mut Xml, plan: &Plan<'_>) {
    let Some(pool) = &plan.ids.pool else { return };
    xml.open("bpmn:collaboration", &[("id", &pool.collaboration)]);
    let name = words::clean(&plan.draft.name);
    let process = plan.ids.process.as_str();
    xml.empty(
        "bpmn:participant",
        &[("id", &pool.participant), ("name", &name), ("processRef", process)],
    );
    xml.close("bpmn:collaboration");
}

fn process(xml: &mut Xml, plan: &Plan<'_>) {
    let (draft, id) = (plan.draft, plan.ids.process.as_str());
    let name = words::clean(&draft.name);
    xml.open("bpmn:process", &[("id", id), ("name", &name), ("isExecutable", "false")]);
    if let Some(description) = &draft.description {
        xml.leaf("bpmn:documentation", &[], &words::clean(description));
    }
    xml.extension("waymark:journey", id, &journey(plan));
    lanes(xml, plan);
    element::scope(xml, plan);
    xml.close("bpmn:process");
}

/// What the process cannot say: the frame of the draft, edges that lead nowhere, and the order of nodes and edges where it is another.
fn journey(plan: &Plan<'_>) -> Value {
    let mut said = json!({ "draft": words::frame(plan.draft) });
    let kept: Vec<Value> = plan
        .flows
        .iter()
        .zip(&plan.draft.edges)
        .enumerate()
        .filter(|(_, (flow, _))| flow.is_none())
        .map(|(place, (_, edge))| json!([place, edge]))
        .collect();
    if !kept.is_empty() {
        said["kept"] = Value::Array(kept);
    }
    if let Some(order) = plan.order_of_nodes() {
        said["nodes"] = json!(order);
    }
    if let Some(order) = plan.order_of_edges() {
        said["edges"] = json!(order);
    }
    said
}

fn lanes(xml: &mut Xml, plan: &Plan<'_>) {
    let Some(pool) = &plan.ids.pool else { return };
    xml.open("bpmn:laneSet", &[("id", &pool.lanes)]);
    for ((lane, id), nodes) in plan.draft.lanes.iter().zip(&plan.lanes).zip(plan.in_lanes()) {
        let name = words::clean(&lane.team);
        xml.open("bpmn:lane", &[("id", id), ("name", &name)]);
        xml.extension("waymark:lane", id, &json!(lane));
        for planned in nodes {
            xml.leaf("bpmn:flowNodeRef", &[], &planned.id);
        }
        xml.close("bpmn:lane");
    }
    xml.close("bpmn:laneSet");
}
