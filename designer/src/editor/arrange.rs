//! Lining up what is chosen.

use super::{Editor, Op, geometry::Area};
use journey::draft::Point;

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
            Self::Left => "Line up left sides",
            Self::Centre => "Line up centres",
            Self::Right => "Line up right sides",
            Self::Top => "Line up top sides",
            Self::Middle => "Line up middles",
            Self::Bottom => "Line up bottom sides",
            Self::Across => "Space out across",
            Self::Down => "Space out down",
        }
    }

    /// How many steps it takes at least to make a difference.
    pub fn needs(self) -> usize {
        if matches!(self, Self::Across | Self::Down) { 3 } else { 2 }
    }
}

/// The change that lines up what is chosen.
pub(super) fn line_up(editor: &Editor, line: Line) -> Op {
    let areas = editor.selected.iter().filter_map(|id| Some((id.clone(), editor.area(id)?)));
    let chosen: Vec<(String, Area)> = areas.collect();
    let Some(all) = chosen.iter().map(|(_, area)| *area).reduce(Area::with) else {
        return Op::Several(Vec::new());
    };
    let to: Vec<(String, Point)> = match line {
        Line::Across => {
            spaced(chosen.clone(), |area| (area.x, area.width), |area, x| Point { x, y: area.y })
        }
        Line::Down => {
            spaced(chosen.clone(), |area| (area.y, area.height), |area, y| Point { x: area.x, y })
        }
        _ => chosen.iter().map(|(id, area)| (id.clone(), lined_up(line, *area, all))).collect(),
    };
    let is_moved = |(id, at): &(String, Point)| {
        chosen.iter().any(|(other, area)| other == id && (area.x, area.y) != (at.x, at.y))
    };
    let to: Vec<_> = to.into_iter().filter(is_moved).collect();
    if to.is_empty() { Op::Several(Vec::new()) } else { Op::Move { to } }
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
    mut chosen: Vec<(String, Area)>,
    lies: impl Fn(&Area) -> (f64, f64),
    moved: impl Fn(&Area, f64) -> Point,
) -> Vec<(String, Point)> {
    chosen.sort_by(|(_, a), (_, b)| lies(a).0.total_cmp(&lies(b).0));
    let (Some((_, first)), Some((_, last))) = (chosen.first(), chosen.last()) else {
        return Vec::new();
    };
    let taken: f64 = chosen.iter().map(|(_, area)| lies(area).1).sum();
    let whole = lies(last).0 + lies(last).1 - lies(first).0;
    #[expect(clippy::cast_precision_loss, reason = "a drawing has few steps")]
    let room = (whole - taken) / (chosen.len().max(2) - 1) as f64;
    let mut at = lies(first).0;
    let place = |(id, area): &(String, Area)| {
        let here = at.round();
        at += lies(area).1 + room;
        (id.clone(), moved(area, here))
    };
    chosen.iter().map(place).collect()
}
