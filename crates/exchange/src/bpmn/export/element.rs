//! The flow elements of a scope: nodes with what hangs on their borders, then the edges, then the notes.

use super::{
    super::words,
    boundary::{Boundary, Event, duration},
    plan::{Plan, Planned},
    xml::Xml,
};
use serde_json::{Value, json};

/// What is written next.
enum Next {
    Node(usize),
    /// The edges, notes and frames of a scope, when its nodes are written.
    Rest(Option<usize>),
    /// The end of a for-each's part.
    Close(usize),
}

/// Writes the elements of the process, parts inside their for-each.
pub(super) fn scope(xml: &mut Xml, plan: &Plan<'_>) {
    let mut next = Vec::new();
    enter(plan, None, &mut next);
    while let Some(one) = next.pop() {
        match one {
            Next::Node(at) if plan.nodes[at].element == "subProcess" => {
                open(xml, plan, at);
                next.push(Next::Close(at));
                enter(plan, Some(at), &mut next);
            }
            Next::Node(at) => {
                open(xml, plan, at);
                close(xml, plan, at);
            }
            Next::Rest(scope) => {
                rest(xml, plan, scope);
                frames(xml, plan, scope);
            }
            Next::Close(at) => close(xml, plan, at),
        }
    }
}

fn enter(plan: &Plan<'_>, scope: Option<usize>, next: &mut Vec<Next>) {
    next.push(Next::Rest(scope));
    let nodes = plan.inside(scope).into_iter().flat_map(|scope| scope.nodes.iter().rev());
    next.extend(nodes.filter(|at| !plan.nodes[**at].is_note()).map(|at| Next::Node(*at)));
}

fn rest(xml: &mut Xml, plan: &Plan<'_>, scope: Option<usize>) {
    let Some(scope) = plan.inside(scope) else { return };
    for at in &scope.flows {
        let (edge, Some(flow)) = (&plan.draft.edges[*at], &plan.flows[*at]) else { continue };
        let planned = &plan.nodes[flow.from];
        let source = flow.boundary.map_or(&planned.id, |at| &planned.boundaries[at].id);
        let target = &plan.nodes[flow.to].id;
        let label = words::label(planned.node, edge);
        let mut attributes = vec![("id", flow.id.as_str())];
        attributes.extend(label.as_ref().map(|label| ("name", label.as_str())));
        attributes.extend([("sourceRef", source.as_str()), ("targetRef", target)]);
        xml.open("bpmn:sequenceFlow", &attributes);
        xml.extension("waymark:edge", &flow.id, &json!(edge));
        let condition = words::condition(planned.node, edge);
        if let Some(condition) = condition.filter(|_| flow.boundary.is_none()) {
            expression(xml, "bpmn:conditionExpression", &condition);
        }
        xml.close("bpmn:sequenceFlow");
    }
    for at in &scope.nodes {
        let planned = &plan.nodes[*at];
        if planned.is_note() {
            xml.open("bpmn:textAnnotation", &[("id", &planned.id)]);
            xml.extension("waymark:node", &planned.id, &json!(planned.node));
            xml.leaf("bpmn:text", &[], &words::note(planned.node));
            xml.close("bpmn:textAnnotation");
        }
    }
}

/// The frames of a scope.
fn frames(xml: &mut Xml, plan: &Plan<'_>, scope: Option<usize>) {
    for frame in plan.groups.iter().filter(|frame| frame.scope == scope) {
        xml.open("bpmn:group", &[("id", &frame.id), ("categoryValueRef", &frame.value)]);
        xml.extension("waymark:group", &frame.id, &json!(frame.group));
        xml.close("bpmn:group");
    }
}

/// The beginning of a node: its tag and what every flow element has.
fn open(xml: &mut Xml, plan: &Plan<'_>, at: usize) {
    let planned = &plan.nodes[at];
    let name = words::clean(&planned.node.name);
    let own = own_attributes(plan, at);
    let mut attributes = vec![("id", planned.id.as_str()), ("name", name.as_str())];
    attributes.extend(own.iter().map(|(name, value)| (*name, value.as_str())));
    xml.open(&format!("bpmn:{}", planned.element), &attributes);
    if let Some(words) = words::documentation(planned.node) {
        xml.leaf("bpmn:documentation", &[], &words);
    }
    xml.extension("waymark:node", &planned.id, &json!(planned.node));
    let flow = |at: &usize| plan.flows[*at].as_ref();
    for flow in planned.into.iter().filter_map(flow) {
        xml.leaf("bpmn:incoming", &[], &flow.id);
    }
    for flow in planned.out.iter().filter_map(flow).filter(|flow| flow.boundary.is_none()) {
        xml.leaf("bpmn:outgoing", &[], &flow.id);
    }
    inner(xml, plan, at);
}

fn close(xml: &mut Xml, plan: &Plan<'_>, at: usize) {
    let planned = &plan.nodes[at];
    xml.close(&format!("bpmn:{}", planned.element));
    for (place, boundary) in planned.boundaries.iter().enumerate() {
        border(xml, plan, at, (place, boundary));
    }
}

/// The attributes that only some elements have.
fn own_attributes(plan: &Plan<'_>, at: usize) -> Vec<(&'static str, String)> {
    let planned = &plan.nodes[at];
    let mut attributes = Vec::new();
    let is_default = |edge: &&usize| words::is_default(planned.node, &plan.draft.edges[**edge]);
    let flow = planned.out.iter().find(is_default).and_then(|edge| plan.flows[*edge].as_ref());
    attributes.extend(flow.map(|flow| ("default", flow.id.clone())));
    if matches!(planned.node.kind.as_str(), "parallel" | "join") {
        let is_split = planned.node.kind == "parallel";
        let direction = if is_split { "Diverging" } else { "Converging" };
        attributes.push(("gatewayDirection", direction.to_owned()));
    }
    match planned.element {
        "callActivity" => attributes.extend(called(planned).map(|name| ("calledElement", name))),
        "receiveTask" => {
            attributes.extend(plan.message(at).map(|id| ("messageRef", id.to_owned())));
        }
        "scriptTask" => attributes.push(("scriptFormat", "text/x-cel".to_owned())),
        _ => {}
    }
    attributes
}

/// The journey a node calls, as a name that XML takes.
fn called(planned: &Planned<'_>) -> Option<String> {
    let settings = &planned.node.settings;
    let name = settings.get("journey").or_else(|| settings.get("body"))?.as_str()?;
    Some(crate::ids::of_text(name, "journey"))
}

/// What stands inside an element behind its flows.
fn inner(xml: &mut Xml, plan: &Plan<'_>, at: usize) {
    let planned = &plan.nodes[at];
    let setting = |name: &str| planned.node.settings.get(name);
    match planned.element {
        "startEvent" => start(xml, plan, at),
        "intermediateCatchEvent" => catch(xml, plan, at),
        "endEvent" if setting("everything") == Some(&Value::Bool(true)) => {
            xml.empty("bpmn:terminateEventDefinition", &[]);
        }
        "scriptTask" => xml.leaf("bpmn:script", &[], &script(planned)),
        "complexGateway" => {
            let need = setting("need").and_then(Value::as_u64).unwrap_or(1);
            expression(xml, "bpmn:activationCondition", &format!("activationCount >= {need}"));
        }
        "subProcess" | "callActivity" if planned.node.kind == "for_each" => {
            let is_parallel = setting("mode").is_some_and(|mode| mode == "parallel");
            let sequential = if is_parallel { "false" } else { "true" };
            xml.empty("bpmn:multiInstanceLoopCharacteristics", &[("isSequential", sequential)]);
        }
        _ => {}
    }
}

fn script(planned: &Planned<'_>) -> String {
    let assigned = planned.node.settings.get("assign").and_then(Value::as_array);
    let lines = assigned.into_iter().flatten().filter_map(|one| {
        Some(format!("{} = {}", one.get("to")?.as_str()?, one.get("value")?.as_str()?))
    });
    words::clean(&lines.collect::<Vec<_>>().join("\n"))
}

fn start(xml: &mut Xml, plan: &Plan<'_>, at: usize) {
    let on = plan.nodes[at].node.settings.get("on");
    let on = |name: &str| on.and_then(|on| on.get(name)).and_then(Value::as_str);
    let (field, to) = (on("field").unwrap_or_default(), on("to").unwrap_or_default());
    match on("type") {
        Some("webhook" | "event") => received(xml, plan, at),
        Some("schedule") => timer(xml, "bpmn:timeCycle", on("rrule").unwrap_or_default()),
        Some("date") => timer(xml, "bpmn:timeDate", &format!("account.{field}")),
        Some("change") => conditional(xml, &format!("account.{field} == '{to}'")),
        Some("health") => conditional(xml, &format!("account.health == '{to}'")),
        Some("segment") => {
            let segment = on("segment").unwrap_or_default();
            let comparison = if on("change") == Some("left") { "!=" } else { "==" };
            conditional(xml, &format!("account.segment {comparison} '{segment}'"));
        }
        _ => {}
    }
}

fn catch(xml: &mut Xml, plan: &Plan<'_>, at: usize) {
    let settings = &plan.nodes[at].node.settings;
    let text = |name: &str| settings.get(name).and_then(Value::as_str);
    if settings.get("event").is_some_and(Value::is_object) {
        received(xml, plan, at);
    } else if let Some(condition) = text("condition") {
        conditional(xml, condition);
    } else if let Some(until) = text("until") {
        timer(xml, "bpmn:timeDate", until);
    } else {
        timer(xml, "bpmn:timeDuration", &duration(settings.get("for")));
    }
}

fn received(xml: &mut Xml, plan: &Plan<'_>, at: usize) {
    match plan.message(at) {
        Some(id) => xml.empty("bpmn:messageEventDefinition", &[("messageRef", id)]),
        None => xml.empty("bpmn:messageEventDefinition", &[]),
    }
}

fn timer(xml: &mut Xml, how: &str, text: &str) {
    xml.open("bpmn:timerEventDefinition", &[]);
    expression(xml, how, &words::clean(text));
    xml.close("bpmn:timerEventDefinition");
}

fn conditional(xml: &mut Xml, text: &str) {
    xml.open("bpmn:conditionalEventDefinition", &[]);
    expression(xml, "bpmn:condition", &words::clean(text));
    xml.close("bpmn:conditionalEventDefinition");
}

fn expression(xml: &mut Xml, name: &str, text: &str) {
    xml.leaf(name, &[("xsi:type", "bpmn:tFormalExpression")], text);
}

/// An event on the border of a node.
fn border(xml: &mut Xml, plan: &Plan<'_>, host: usize, (place, boundary): (usize, &Boundary)) {
    let planned = &plan.nodes[host];
    let cancels = match &boundary.event {
        Event::Timer { interrupting: false, .. } => "false",
        Event::Timer { .. } | Event::Condition { .. } | Event::Error => "true",
    };
    let name = words::clean(&boundary.port);
    let attributes = [
        ("id", boundary.id.as_str()),
        ("name", name.as_str()),
        ("cancelActivity", cancels),
        ("attachedToRef", planned.id.as_str()),
    ];
    xml.open("bpmn:boundaryEvent", &attributes);
    xml.extension("waymark:port", &boundary.id, &json!({ "port": boundary.port }));
    let flows = planned.out.iter().filter_map(|edge| plan.flows[*edge].as_ref());
    for flow in flows.filter(|flow| flow.boundary == Some(place)) {
        xml.leaf("bpmn:outgoing", &[], &flow.id);
    }
    match &boundary.event {
        Event::Timer { after, .. } => timer(xml, "bpmn:timeDuration", after),
        Event::Condition { text } => conditional(xml, text),
        Event::Error => xml.empty("bpmn:errorEventDefinition", &[]),
    }
    xml.close("bpmn:boundaryEvent");
}
