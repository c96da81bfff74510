//! Lining up what is chosen.

use super::{
    Editor, Op,
    geometry::{self, Area},
};
use crate::messages::t;
use journey::draft::Point;
use std::collections::HashMap;

/// How chosen steps are lined up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    Left,
    Centre,
    Right,
    Top,
    Middle,
    Bottom,
    /// The same room between neighbours, from left to right.
    Across,
    /// The same room between neighbours, from top to bottom.
    Down,
}

impl Line {
    pub const ALL: [Self; 8] = [
        Self::Left,
        Self::Centre,
        Self::Right,
        Self::Top,
        Self::Middle,
        Self::Bottom,
        Self::Across,
        Self::Down,
    ];

    /// What it is called where it is undone.
    pub fn name(self) -> &'static str {
        match self {
            Self::Left => t!("Line up left sides"),
            Self::Centre => t!("Line up centres"),
            Self::Right => t!("Line up right sides"),
            Self::Top => t!("Line up top sides"),
            Self::Middle => t!("Line up middles"),
            Self::Bottom => t!("Line up bottom sides"),
            Self::Across => t!("Space out across"),
            Self::Down => t!("Space out down"),
        }
    }

    /// How many steps it takes at least to make a difference.
    pub fn needs(self) -> usize {
        if matches!(self, Self::Across | Self::Down) { 3 } else { 2 }
    }
}

/// The change that lines up what is chosen; a collapsed group goes as one.
pub(super) fn line_up(editor: &Editor, line: Line) -> Op {
    let chosen = units(editor);
    let Some(all) = chosen.iter().map(|(_, area)| *area).reduce(Area::with) else {
        return Op::Several(Vec::new());
    };
    let to: Vec<(Vec<String>, Point)> = match line {
        Line::Across => {
            spaced(chosen.clone(), |area| (area.x, area.width), |area, x| Point { x, y: area.y })
        }
        Line::Down => {
            spaced(chosen.clone(), |area| (area.y, area.height), |area, y| Point { x: area.x, y })
        }
        _ => chosen.iter().map(|(unit, area)| (unit.clone(), lined_up(line, *area, all))).collect(),
    };
    let way = |(unit, at): &(Vec<String>, Point)| {
        let (_, area) = chosen.iter().find(|(other, _)| other == unit)?;
        let by = geometry::minus(*at, Point { x: area.x, y: area.y });
        (by != Point::default()).then_some(by)
    };
    let moved = to.iter().filter_map(|to| Some((&to.0, way(to)?)));
    let to: Vec<_> = moved
        .flat_map(|(unit, by)| {
            let nodes = unit.iter().filter_map(|id| editor.draft.node(id));
            nodes.map(move |node| (node.id.clone(), geometry::plus(node.position, by)))
        })
        .collect();
    if to.is_empty() { Op::Several(Vec::new()) } else { Op::Move { to } }
}

/// The nodes of each card that is chosen, and its area.
fn units(editor: &Editor) -> Vec<(Vec<String>, Area)> {
    let mut units: Vec<(Vec<String>, Area)> = Vec::new();
    let mut groups: HashMap<&str, usize> = HashMap::new();
    for card in editor.selected.iter().filter_map(|id| editor.scene.card(id)) {
        let group = card.collapsed.as_deref();
        if let Some(at) = group.and_then(|group| groups.get(group)) {
            units[*at].0.push(card.id.clone());
            continue;
        }
        groups.extend(group.map(|group| (group, units.len())));
        units.push((vec![card.id.clone()], card.area));
    }
    units
}

fn lined_up(line: Line, area: Area, all: Area) -> Point {
    let (middle, own) = (all.middle(), area.middle());
    let (x, y) = match line {
        Line::Left => (all.x, area.y),
        Line::Centre => (area.x + (middle.x - own.x).round(), area.y),
        Line::Right => (all.x + all.width - area.width, area.y),
        Line::Top => (area.x, all.y),
        Line::Middle => (area.x, area.y + (middle.y - own.y).round()),
        Line::Bottom => (area.x, all.bottom() - area.height),
        Line::Across | Line::Down => (area.x, area.y),
    };
    Point { x, y }
}

/// The first and the last stay; between all neighbours there is the same room.
fn spaced(
    mut chosen: Vec<(Vec<String>, Area)>,
    lies: impl Fn(&Area) -> (f64, f64),
    moved: impl Fn(&Area, f64) -> Point,
) -> Vec<(Vec<String>, Point)> {
    chosen.sort_by(|(_, a), (_, b)| lies(a).0.total_cmp(&lies(b).0));
    let (Some((_, first)), Some((_, last))) = (chosen.first(), chosen.last()) else {
        return Vec::new();
    };
    let taken: f64 = chosen.iter().map(|(_, area)| lies(area).1).sum();
    let whole = lies(last).0 + lies(last).1 - lies(first).0;
    #[expect(clippy::cast_precision_loss, reason = "a drawing has few steps")]
    let room = (whole - taken) / (chosen.len().max(2) - 1) as f64;
    let mut at = lies(first).0;
    let place = |(unit, area): &(Vec<String>, Area)| {
        let here = at.round();
        at += lies(area).1 + room;
        (unit.clone(), moved(area, here))
    };
    chosen.iter().map(place).collect()
}
