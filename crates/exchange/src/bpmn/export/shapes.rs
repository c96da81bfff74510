//! Diagram interchange: where everything stands. The part of a for-each has a diagram of its own, which programs open from the closed shape.

use super::{
    super::words,
    plan::{Plan, Planned, Pool},
    xml::Xml,
};
use journey::draft::Point;

/// An upright rectangle.
#[derive(Clone, Copy)]
struct Bounds {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Where events sit on a border: from its left end, and from one to the next.
const BORDER: (f64, f64) = (30.0, 50.0);
/// How far a line leads on from a shape before it turns.
const TURN: f64 = 20.0;
/// Room between a frame and the nodes in it.
const FRAME: f64 = 20.0;
/// Room around what lies in a pool, and for its name at the left.
const AROUND: f64 = 40.0;
const NAME: f64 = 30.0;

/// Writes the diagram of the process and one for each part.
pub(super) fn diagrams(xml: &mut Xml, plan: &Plan<'_>) {
    let pool = plan.ids.pool.as_ref();
    let plane = pool.map_or(&plan.ids.process, |pool| &pool.collaboration);
    diagram(xml, plan, (None, plane));
    for (at, planned) in plan.nodes.iter().enumerate() {
        if planned.element == "subProcess" {
            diagram(xml, plan, (Some(at), &planned.id));
        }
    }
}

fn diagram(xml: &mut Xml, plan: &Plan<'_>, (place, id): (Option<usize>, &str)) {
    xml.open("bpmndi:BPMNDiagram", &[("id", &format!("{id}.diagram"))]);
    xml.open("bpmndi:BPMNPlane", &[("id", &format!("{id}.plane")), ("bpmnElement", id)]);
    if let Some(pool) = plan.ids.pool.as_ref().filter(|_| place.is_none()) {
        self::pool(xml, plan, pool);
    }
    if let Some(scope) = plan.inside(place) {
        for at in &scope.nodes {
            node(xml, &plan.nodes[*at]);
        }
        for frame in plan.groups.iter().filter(|frame| frame.scope == place) {
            let nodes = frame.nodes.iter().map(|at| of(&plan.nodes[*at]));
            if let Some(bounds) = nodes.reduce(both) {
                shape(xml, &frame.id, &[], grown(bounds, FRAME));
            }
        }
        for flow in scope.flows.iter().filter_map(|at| plan.flows[*at].as_ref()) {
            let points = way(&plan.nodes[flow.from], flow.boundary, &plan.nodes[flow.to]);
            line(xml, &flow.id, &points);
        }
    }
    xml.close("bpmndi:BPMNPlane");
    xml.close("bpmndi:BPMNDiagram");
}

/// Where the shape of a node stands.
fn of(planned: &Planned<'_>) -> Bounds {
    let Point { x, y } = words::corner(planned.element, planned.node.position);
    let (width, height) = words::size(planned.element);
    Bounds { x, y, width, height }
}

/// Where an event on the border of a node stands: along its lower edge.
fn on_border(host: &Planned<'_>, place: usize) -> Bounds {
    let card = of(host);
    let (width, height) = words::size("boundaryEvent");
    let places = u32::try_from(place).map_or(0.0, f64::from);
    let x = card.x + BORDER.0 + BORDER.1 * places;
    Bounds { x, y: card.y + card.height - height / 2.0, width, height }
}

fn node(xml: &mut Xml, planned: &Planned<'_>) {
    let bounds = of(planned);
    match planned.element {
        "subProcess" => shape(xml, &planned.id, &[("isExpanded", "false")], bounds),
        "exclusiveGateway" => shape(xml, &planned.id, &[("isMarkerVisible", "true")], bounds),
        _ => shape(xml, &planned.id, &[], bounds),
    }
    for (place, boundary) in planned.boundaries.iter().enumerate() {
        shape(xml, &boundary.id, &[], on_border(planned, place));
    }
}

fn shape(xml: &mut Xml, of: &str, more: &[(&str, &str)], bounds: Bounds) {
    let id = format!("{of}.shape");
    let mut attributes = vec![("id", id.as_str()), ("bpmnElement", of)];
    attributes.extend(more);
    xml.open("bpmndi:BPMNShape", &attributes);
    let Bounds { x, y, width, height } = bounds;
    let [x, y, width, height] = [x, y, width, height].map(|number| number.to_string());
    xml.empty("dc:Bounds", &[("x", &x), ("y", &y), ("width", &width), ("height", &height)]);
    xml.close("bpmndi:BPMNShape");
}

/// From the right of one to the left of the other, by right angles; from the bottom of an event on a border.
fn way(from: &Planned<'_>, boundary: Option<usize>, to: &Planned<'_>) -> Vec<Point> {
    let target = of(to);
    let end = Point { x: target.x, y: target.y + target.height / 2.0 };
    if let Some(place) = boundary {
        let source = on_border(from, place);
        let start = Point { x: source.x + source.width / 2.0, y: source.y + source.height };
        if end.x >= start.x && end.y >= start.y + TURN {
            return vec![start, Point { x: start.x, y: end.y }, end];
        }
        let (below, before) = (start.y + TURN, end.x - TURN);
        let turns = [(start.x, below), (before, below), (before, end.y)];
        let turns = turns.map(|(x, y)| Point { x, y });
        return [&[start][..], &turns, &[end]].concat();
    }
    let source = of(from);
    let start = Point { x: source.x + source.width, y: source.y + source.height / 2.0 };
    if (start.y - end.y).abs() < f64::EPSILON {
        return vec![start, end];
    }
    let middle = f64::midpoint(start.x, end.x);
    vec![start, Point { x: middle, y: start.y }, Point { x: middle, y: end.y }, end]
}

fn line(xml: &mut Xml, of: &str, points: &[Point]) {
    let id = format!("{of}.line");
    xml.open("bpmndi:BPMNEdge", &[("id", &id), ("bpmnElement", of)]);
    for Point { x, y } in points {
        xml.empty("di:waypoint", &[("x", &x.to_string()), ("y", &y.to_string())]);
    }
    xml.close("bpmndi:BPMNEdge");
}

/// The pool around everything, and its lanes as bands from top to bottom.
fn pool(xml: &mut Xml, plan: &Plan<'_>, pool: &Pool) {
    let inside = plan.inside(None).into_iter().flat_map(|scope| &scope.nodes);
    let inside = inside.map(|at| of(&plan.nodes[*at]));
    let around = inside.reduce(both).unwrap_or(Bounds { x: 0.0, y: 0.0, width: 0.0, height: 0.0 });
    let Bounds { x, y, width, height } = around;
    let around = Bounds {
        x: x - AROUND - NAME,
        y: y - AROUND,
        width: width + 2.0 * AROUND + NAME,
        height: height + 2.0 * AROUND,
    };
    shape(xml, &pool.participant, &[("isHorizontal", "true")], around);
    for (id, (top, bottom)) in plan.lanes.iter().zip(bands(plan, around)) {
        let (x, width) = (around.x + NAME, around.width - NAME);
        let band = Bounds { x, y: top, width, height: bottom - top };
        shape(xml, id, &[("isHorizontal", "true")], band);
    }
}

fn grown(bounds: Bounds, by: f64) -> Bounds {
    let Bounds { x, y, width, height } = bounds;
    Bounds { x: x - by, y: y - by, width: width + 2.0 * by, height: height + 2.0 * by }
}

fn both(one: Bounds, other: Bounds) -> Bounds {
    let (x, y) = (one.x.min(other.x), one.y.min(other.y));
    let right = (one.x + one.width).max(other.x + other.width);
    let bottom = (one.y + one.height).max(other.y + other.height);
    Bounds { x, y, width: right - x, height: bottom - y }
}

/// Top and bottom of each lane: between what stands in them where they lie one above the other, else parts of one height.
fn bands(plan: &Plan<'_>, around: Bounds) -> Vec<(f64, f64)> {
    let filled: Vec<Option<Bounds>> =
        plan.in_lanes().into_iter().map(|nodes| nodes.into_iter().map(of).reduce(both)).collect();
    let bottom = around.y + around.height;
    let mut borders = vec![around.y];
    for two in filled.windows(2) {
        if let [Some(above), Some(below)] = two
            && above.y + above.height < below.y
        {
            borders.push(f64::midpoint(above.y + above.height, below.y));
        }
    }
    borders.push(bottom);
    if borders.len() != filled.len() + 1 {
        let count = u32::try_from(filled.len()).map_or(1.0, f64::from);
        let height = around.height / count;
        borders = (0..=filled.len())
            .map(|place| around.y + height * u32::try_from(place).map_or(0.0, f64::from))
            .collect();
    }
    borders.windows(2).map(|two| (two[0], two[1])).collect()
}
