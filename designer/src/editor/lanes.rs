//! Swimlanes: the band behind the steps of each lane, and the lane a step comes to stand in where it is put.

use super::{
    geometry::{self, Area},
    layout::Placed,
    ports,
};
use journey::{
    Draft,
    draft::{Node, Point},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// Places for a drawing that was laid out without regard to lanes: what is in each lane keeps its order and its distance from the left, and lies
/// below what is in the lane before. What is in no lane comes first. A group that lies in one lane stays together; one in several has its
/// steps in theirs.
pub(super) fn stacked(draft: &Draft, placed: Vec<Placed>) -> Vec<Placed> {
    if draft.lanes.is_empty() {
        return placed;
    }
    let mut top = placed.iter().map(|one| one.area.y).fold(f64::MAX, f64::min);
    let mut of_lanes: BTreeMap<usize, Vec<Placed>> = BTreeMap::new();
    for one in placed {
        let lanes: BTreeSet<usize> = one.ids().map(|id| order(draft, id)).collect();
        match lanes.into_iter().collect::<Vec<_>>()[..] {
            [lane] => of_lanes.entry(lane).or_default().push(one),
            _ => {
                for (id, at) in one.places() {
                    let Some(node) = draft.node(&id) else { continue };
                    let area = Area { x: at.x, y: at.y, ..area(draft, node) };
                    of_lanes.entry(order(draft, &id)).or_default().push(Placed::step(id, area));
                }
            }
        }
    }
    let mut found = Vec::new();
    for mut lane in of_lanes.into_values() {
        lane.sort_by(|one, other| one.area.y.total_cmp(&other.area.y));
        let lane = packed(lane, top);
        let bottom = lane.iter().map(|one| one.area.bottom()).fold(top, f64::max);
        top = geometry::snap(Point { x: 0.0, y: bottom + 2.0 * PAD + GAP }).y;
        found.extend(lane);
    }
    found
}

/// The how-manieth lane a step is in, from 1; 0 when it is in none.
fn order(draft: &Draft, id: &str) -> usize {
    let lane = draft.node(id).and_then(|node| node.lane.as_ref());
    let place = |lane: &String| draft.lanes.iter().position(|one| one.id == *lane);
    lane.and_then(place).map_or(0, |at| at + 1)
}

/// Lets what lies below rise, from the uppermost on, until another is in the way, or `top` is reached.
fn packed(placed: Vec<Placed>, top: f64) -> Vec<Placed> {
    let mut risen: Vec<Placed> = Vec::with_capacity(placed.len());
    for mut one in placed {
        let column = one.area;
        let is_above =
            |area: &&Area| area.x < column.x + column.width && column.x < area.x + area.width;
        let above = risen.iter().map(|one| &one.area).filter(is_above);
        let lowest = above.map(|area| area.bottom() + GAP).fold(top, f64::max);
        let at = geometry::snap(Point { x: column.x, y: lowest });
        // What the grid takes away would bring it too near.
        let y = if at.y < lowest { at.y + geometry::GRID } else { at.y };
        one.area = Area { x: at.x, y, ..column };
        risen.push(one);
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
        let step = |node: &Node| Placed::step(node.id.clone(), area(&draft, node));
        let placed = draft.nodes.iter().map(step).collect();
        let mut tidied = draft.clone();
        for (id, at) in stacked(&draft, placed).into_iter().flat_map(Placed::places) {
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

    #[test]
    fn a_group_in_one_lane_stays_together_and_others_keep_out_of_it() {
        let mut draft = drawing(&[
            ("a", Some("cs"), 0.0, 0.0),
            ("b", Some("ops"), 0.0, 0.0),
            ("c", Some("cs"), 0.0, 0.0),
            ("d", Some("cs"), 0.0, 0.0),
            ("e", Some("ops"), 0.0, 0.0),
        ]);
        draft.groups = vec![journey::draft::Group { id: "g".to_owned(), ..Default::default() }];
        for id in ["a", "d"] {
            draft.nodes.iter_mut().find(|node| node.id == id).unwrap().group = Some("g".to_owned());
        }
        for (id, at) in crate::editor::layout::tidy(&draft) {
            draft.nodes.iter_mut().find(|node| node.id == id).unwrap().position = at;
        }
        let lies = |id: &str| area(&draft, draft.node(id).unwrap());
        let frame = lies("a").with(lies("d")).grown(GAP / 2.0);
        for id in ["b", "c", "e"] {
            assert!(!lies(id).meets(&frame), "{id} lies in the frame: {draft:#?}");
        }
        let bands = bands(&draft);
        assert!(bands[0].area.bottom() < bands[1].area.y, "{bands:?}");
    }
}
