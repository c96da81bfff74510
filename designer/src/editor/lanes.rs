//! Swimlanes: the band behind the steps of each lane, and the lane a step comes to stand in where it is put.

use super::{
    geometry::{self, Area},
    ports,
};
use journey::{
    Draft,
    draft::{Node, Point},
};
use std::collections::{BTreeSet, HashMap};

/// Room between the steps of a lane and its border.
const PAD: f64 = 30.0;
/// Room for its name, to the left of them.
const TITLE: f64 = 40.0;
/// How high a lane without steps is.
const EMPTY: f64 = 120.0;
/// Room between two lanes, and between two steps above one another in one, when a drawing is tidied up.
const GAP: f64 = 20.0;

/// Where a lane is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    pub lane: String,
    pub team: String,
    pub area: Area,
}

/// The bands of all lanes, in their order. Each is as high as its steps need, and as wide as the whole drawing; those without steps lie below
/// everything.
pub fn bands(draft: &Draft) -> Vec<Band> {
    bands_without(draft, &BTreeSet::new())
}

/// The lane among others than its own in whose band each of the moved nodes stands now; the moved ones make no band.
pub fn entered(draft: &Draft, moved: &BTreeSet<String>) -> Vec<(String, String)> {
    if draft.lanes.is_empty() {
        return Vec::new();
    }
    let bands = bands_without(draft, moved);
    let entered = |node: &Node| {
        // A band goes on to the left and right without end.
        let middle = area(draft, node).middle().y;
        let is_here = |band: &&Band| (band.area.y..=band.area.bottom()).contains(&middle);
        let mut here = bands.iter().filter(is_here);
        let (band, other) = (here.next()?, here.next());
        let is_another = other.is_none() && node.lane.as_ref() != Some(&band.lane);
        is_another.then(|| (node.id.clone(), band.lane.clone()))
    };
    let moved = draft.nodes.iter().filter(|node| moved.contains(&node.id) && is_step(node));
    moved.filter_map(entered).collect()
}

/// Places for a drawing that was laid out without regard to lanes: those of each lane keep their order and their distance from the left, and lie
/// below those of the lane before. What is in no lane comes first.
pub fn stacked(draft: &Draft, places: Vec<(String, Point)>) -> Vec<(String, Point)> {
    if draft.lanes.is_empty() {
        return places;
    }
    let order = |id: &str| {
        let lane = draft.node(id).and_then(|node| node.lane.as_ref());
        lane.and_then(|lane| draft.lanes.iter().position(|one| one.id == *lane))
            .map_or(0, |at| at + 1)
    };
    let mut top = places.iter().map(|(_, at)| at.y).fold(f64::MAX, f64::min);
    let mut found = Vec::with_capacity(places.len());
    for lane in 0..=draft.lanes.len() {
        let mut steps: Vec<_> = places.iter().filter(|(id, _)| order(id) == lane).collect();
        if steps.is_empty() {
            continue;
        }
        steps.sort_by(|(_, one), (_, other)| one.y.total_cmp(&other.y));
        let fallen = packed(draft, steps, top);
        let bottom = fallen.iter().map(|(_, area)| area.bottom()).fold(top, f64::max);
        top = geometry::snap(Point { x: 0.0, y: bottom + 2.0 * PAD + GAP }).y;
        found.extend(fallen.into_iter().map(|(id, area)| (id, Point { x: area.x, y: area.y })));
    }
    found
}

/// Lets steps rise from the uppermost on until another is in the way, or `top` is reached.
fn packed(draft: &Draft, steps: Vec<&(String, Point)>, top: f64) -> Vec<(String, Area)> {
    let mut risen: Vec<(String, Area)> = Vec::with_capacity(steps.len());
    for (id, at) in steps {
        let Some(size) = draft.node(id).map(|node| area(draft, node)) else { continue };
        let column = Area { x: at.x, y: 0.0, ..size };
        let is_above =
            |area: &&Area| area.x < column.x + column.width && column.x < area.x + area.width;
        let above = risen.iter().map(|(_, area)| area).filter(is_above);
        let lowest = above.map(|area| area.bottom() + GAP).fold(top, f64::max);
        let at = geometry::snap(Point { x: at.x, y: lowest });
        // What the grid takes away would bring it too near.
        let y = if at.y < lowest { at.y + geometry::GRID } else { at.y };
        risen.push((id.clone(), Area { x: at.x, y, ..size }));
    }
    risen
}

fn bands_without(draft: &Draft, left_out: &BTreeSet<String>) -> Vec<Band> {
    if draft.lanes.is_empty() {
        return Vec::new();
    }
    let steps = draft.nodes.iter().filter(|node| is_step(node) && !left_out.contains(&node.id));
    let (mut all, mut of): (Option<Area>, HashMap<&str, Area>) = (None, HashMap::new());
    for node in steps {
        let area = area(draft, node);
        all = Some(all.map_or(area, |all| all.with(area)));
        if let Some(lane) = &node.lane {
            of.entry(lane).and_modify(|held| *held = held.with(area)).or_insert(area);
        }
    }
    let all = all.unwrap_or_default().grown(PAD);
    let (x, width) = (all.x - TITLE, all.width + TITLE);
    let mut below = all.bottom() + GAP;
    let band = |lane: &journey::draft::Lane| {
        let held = of.get(lane.id.as_str()).map(|area| (area.y - PAD, area.height + 2.0 * PAD));
        let (y, height) = held.unwrap_or_else(|| {
            let y = below;
            below += EMPTY + GAP;
            (y, EMPTY)
        });
        let (lane, team) = (lane.id.clone(), lane.team.clone());
        Band { lane, team, area: Area { x, y, width, height } }
    };
    draft.lanes.iter().map(band).collect()
}

fn is_step(node: &Node) -> bool {
    node.kind != "note"
}

fn area(draft: &Draft, node: &Node) -> Area {
    let size = geometry::size(node, &ports::ports(draft, node));
    Area { x: node.position.x, y: node.position.y, width: size.width, height: size.height }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn drawing(steps: &[(&str, Option<&str>, f64, f64)]) -> Draft {
        let node = |(id, lane, x, y): &(&str, Option<&str>, f64, f64)| json!({ "id": id, "kind": "end", "name": id, "outcome": "done", "lane": lane, "position": { "x": x, "y": y } });
        serde_json::from_value(json!({
            "format": 1, "name": "Lanes", "edges": [],
            "lanes": [{ "id": "cs", "team": "CS" }, { "id": "ops", "team": "Ops" }, { "id": "new", "team": "New" }],
            "nodes": steps.iter().map(node).collect::<Vec<_>>(),
        }))
        .unwrap()
    }

    #[test]
    fn a_lane_is_as_high_as_its_steps_and_as_wide_as_the_drawing() {
        let draft = drawing(&[
            ("a", Some("cs"), 0.0, 0.0),
            ("b", Some("ops"), 600.0, 400.0),
            ("c", None, 900.0, 0.0),
        ]);
        let bands = bands(&draft);
        let [cs, ops, new] = &bands[..] else { panic!("{bands:?}") };
        assert_eq!((cs.team.as_str(), cs.area.y, ops.area.y), ("CS", -PAD, 400.0 - PAD));
        assert!(bands.iter().all(|band| band.area.x == -PAD - TITLE));
        assert!(cs.area.width > 900.0 && bands.iter().all(|band| band.area.width >= cs.area.width));
        assert!(new.area.y > ops.area.bottom() && new.area.height == EMPTY, "{new:?}");
        assert_eq!(super::bands(&Draft::default()), []);
    }

    #[test]
    fn a_step_belongs_to_the_lane_it_is_put_in_and_to_its_own_elsewhere() {
        let moved = BTreeSet::from(["m".to_owned()]);
        let put = |y| {
            let draft = drawing(&[
                ("a", Some("cs"), 0.0, 0.0),
                ("b", Some("ops"), 300.0, 300.0),
                ("m", Some("cs"), 600.0, y),
            ]);
            entered(&draft, &moved)
        };
        assert_eq!(put(0.0), [], "its own");
        assert_eq!(put(300.0), [("m".to_owned(), "ops".to_owned())]);
        assert_eq!(put(150.0), [], "between the two");
        assert_eq!(put(-900.0), [], "nobody's");
    }

    fn is_same(one: f64, other: f64) -> bool {
        (one - other).abs() < 0.5
    }

    #[test]
    fn lanes_lie_below_one_another_when_a_drawing_is_tidied_up() {
        let draft = drawing(&[
            ("a", Some("ops"), 0.0, 0.0),
            ("b", Some("cs"), 300.0, 0.0),
            ("c", Some("ops"), 300.0, 120.0),
            ("d", Some("cs"), 600.0, 500.0),
            ("e", None, 900.0, 900.0),
        ]);
        let places = draft.nodes.iter().map(|node| (node.id.clone(), node.position)).collect();
        let mut tidied = draft.clone();
        for (id, at) in stacked(&draft, places) {
            let node = tidied.nodes.iter_mut().find(|node| node.id == id).unwrap();
            assert!(is_same(node.position.x, at.x), "{id} keeps its distance from the left");
            node.position = at;
        }
        let y = |id: &str| tidied.node(id).unwrap().position.y;
        assert!(y("e") < y("b") && is_same(y("b"), y("d")));
        assert!(y("d") < y("a") && is_same(y("a"), y("c")));
        let bands = bands(&tidied);
        assert!(bands[0].area.bottom() < bands[1].area.y, "{bands:?}");
    }
}
