//! "Tidy up": places for every node, left to right, with as few crossings as can be had quickly.

use super::{
    connect,
    geometry::{self, Area, HEAD_HEIGHT, Size},
    groups, lanes, ports,
};
use journey::{
    Draft,
    draft::{Edge, Group, Node, Point},
};
use rust_sugiyama::configure::{Config, RankingType};
use std::collections::{HashMap, HashSet};

/// Room between neighbours.
const GAP: f64 = 70.0;
/// What two cards above one another may share of the room around their heads without coming close.
const ROOM_SHARED: f64 = 50.0;
/// Where the drawing begins.
const MARGIN: f64 = 40.0;

/// Edges arrive at the heads, so heads are what is lined up; this is the room a card takes above and below its head's middle.
fn height_around_head(size: Size) -> f64 {
    2.0 * (size.height - HEAD_HEIGHT / 2.0) - ROOM_SHARED
}

/// New positions for all nodes but the notes outside of groups, which stay where they were put.
///
/// A group is laid out by itself, and then stands in the drawing as one; a collapsed one goes as its card, and keeps what is within. Lanes lie
/// below one another.
pub fn tidy(draft: &Draft) -> Vec<(String, Point)> {
    lanes::stacked(draft, arranged(draft)).into_iter().flat_map(Placed::places).collect()
}

/// Steps and groups where they lie without regard to lanes.
fn arranged(draft: &Draft) -> Vec<Placed> {
    let blocks = blocks(draft);
    let steps = blocks.iter().enumerate();
    let numbers: HashMap<&str, usize> = steps
        .flat_map(|(number, block)| block.steps.iter().map(move |(id, _)| (id.as_str(), number)))
        .collect();
    let sizes = blocks.iter().map(|block| block.size).collect();
    let places = Drawing { sizes, edges: edges(draft, &numbers) }.arranged();
    let placed = places.into_iter().map(|(number, at)| {
        let Block { size: Size { width, height }, steps } = &blocks[number];
        Placed {
            area: Area { x: at.x, y: at.y, width: *width, height: *height },
            steps: steps.clone(),
        }
    });
    placed.collect()
}

/// A step, or all of a group, where it comes to lie.
pub(super) struct Placed {
    pub(super) area: Area,
    /// Each node's place, relative to the corner.
    steps: Vec<(String, Point)>,
}

impl Placed {
    /// A step by itself.
    pub(super) fn step(id: String, area: Area) -> Self {
        Self { area, steps: vec![(id, Point::default())] }
    }

    /// The nodes in it.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(|(id, _)| id.as_str())
    }

    /// Where each node of it lies.
    pub(super) fn places(self) -> impl Iterator<Item = (String, Point)> {
        let corner = Point { x: self.area.x, y: self.area.y };
        self.steps.into_iter().map(move |(id, within)| (id, geometry::plus(corner, within)))
    }
}

/// What is laid out as one: a step, or all of a group.
struct Block {
    size: Size,
    /// Each node's place, relative to the block's corner.
    steps: Vec<(String, Point)>,
}

/// Steps and groups, in the order in which their first nodes stand in the draft.
fn blocks(draft: &Draft) -> Vec<Block> {
    let (mut blocks, mut seen) = (Vec::new(), HashSet::new());
    for node in &draft.nodes {
        let id = node.group.as_deref();
        match draft.groups.iter().find(|group| Some(group.id.as_str()) == id) {
            Some(group) if seen.insert(&group.id) => blocks.push(block_of(draft, group)),
            None if node.kind != "note" => {
                let steps = vec![(node.id.clone(), Point::default())];
                blocks.push(Block { size: size(draft, node), steps });
            }
            Some(_) | None => {}
        }
    }
    blocks
}

fn block_of(draft: &Draft, group: &Group) -> Block {
    let nodes = draft.nodes.iter().filter(|node| node.group.as_ref() == Some(&group.id));
    let nodes: Vec<&Node> = nodes.collect();
    if let Some(card) = groups::collapsed(draft).get(group.id.as_str()) {
        let corner = Point { x: card.x, y: card.y };
        let within = |node: &&Node| (node.id.clone(), geometry::minus(node.position, corner));
        let size = Size { width: card.width, height: card.height };
        return Block { size, steps: nodes.iter().map(within).collect() };
    }
    let numbered = nodes.iter().enumerate();
    let numbers = numbered.map(|(number, node)| (node.id.as_str(), number)).collect();
    let sizes: Vec<Size> = nodes.iter().map(|node| size(draft, node)).collect();
    let places = Drawing { sizes: sizes.clone(), edges: edges(draft, &numbers) }.arranged();
    let area = |(number, at): &(usize, Point)| {
        let Size { width, height } = sizes[*number];
        Area { x: at.x, y: at.y, width, height }
    };
    let frame = groups::framed(places.iter().map(area).reduce(Area::with).unwrap_or_default());
    let corner = Point { x: frame.x, y: frame.y };
    let within =
        |(number, at): (usize, Point)| (nodes[number].id.clone(), geometry::minus(at, corner));
    Block {
        size: Size { width: frame.width, height: frame.height },
        steps: places.into_iter().map(within).collect(),
    }
}

fn size(draft: &Draft, node: &Node) -> Size {
    geometry::size(node, &ports::ports(draft, node))
}

/// The edges between what has numbers, a node's in the order of its ports.
fn edges(draft: &Draft, numbers: &HashMap<&str, usize>) -> Vec<(usize, usize)> {
    let ends = |edge: &Edge| {
        let (from, to) = (*numbers.get(edge.from.as_str())?, *numbers.get(edge.to.as_str())?);
        (from != to).then_some((from, to))
    };
    let ways = draft.nodes.iter().flat_map(|node| connect::ways_in_order(draft, &node.id));
    ways.filter_map(ends).collect()
}

/// Where the middle of a card's head is: across the layers, and along them.
type Middle = (usize, (f64, f64));

/// What is laid out, by number.
struct Drawing {
    sizes: Vec<Size>,
    /// The edges of each in the order of its ports.
    edges: Vec<(usize, usize)>,
}

impl Drawing {
    /// The corner of each.
    fn arranged(&self) -> Vec<(usize, Point)> {
        // What the layout makes of equally good places depends on the order of the edges, and upside down is as good.
        let mut reversed = self.edges.clone();
        reversed.reverse();
        let [one, other] = [reversed, self.edges.clone()].map(|edges| self.lay_out(&edges));
        let turned = [mirrored(&one), mirrored(&other)];
        let best = [one, other].into_iter().chain(turned).min_by_key(|parts| self.tangles(parts));
        self.places(best.unwrap_or_default())
    }

    /// The places of each part of the drawing that hangs together.
    fn lay_out(&self, edges: &[(usize, usize)]) -> Vec<Vec<Middle>> {
        let numbered = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        // The layout runs top to bottom, ours left to right: width and height change places.
        let vertices: Vec<_> = self
            .sizes
            .iter()
            .enumerate()
            .map(|(number, size)| (numbered(number), (height_around_head(*size), size.width)))
            .collect();
        let edges: Vec<_> =
            edges.iter().map(|(from, to)| (numbered(*from), numbered(*to))).collect();
        // Each step as early as it can be. What makes edges as short as possible goes round for ever on some drawings.
        let config =
            Config { vertex_spacing: GAP, ranking_type: RankingType::Up, ..Config::default() };
        rust_sugiyama::from_vertices_and_edges(&vertices, &edges, &config)
            .into_iter()
            .map(|(mut placed, _, _)| {
                placed.retain(|(number, _)| *number < self.sizes.len());
                placed.sort_by_key(|(number, _)| *number);
                placed
            })
            .collect()
    }

    /// How often a node's edges leave it in another order than they arrive, and so cross.
    fn tangles(&self, parts: &[Vec<Middle>]) -> usize {
        let across: HashMap<usize, f64> =
            parts.iter().flatten().map(|(number, (across, _))| (*number, *across)).collect();
        let crosses = |(place, (from, to)): (usize, &(usize, usize))| {
            let later = self.edges[place + 1..].iter().take_while(|(other, _)| other == from);
            later.filter(|(_, other)| across.get(other) < across.get(to)).count()
        };
        self.edges.iter().enumerate().map(crosses).sum()
    }

    /// Corners on the grid, the parts below one another.
    fn places(&self, parts: Vec<Vec<Middle>>) -> Vec<(usize, Point)> {
        let mut places = Vec::new();
        let mut top = MARGIN;
        for part in parts {
            let left = |(number, (_, along)): &Middle| along - self.sizes[*number].width / 2.0;
            let leftmost = part.iter().map(left).fold(f64::MAX, f64::min);
            let upper =
                part.iter().map(|(_, at)| at.0 - HEAD_HEIGHT / 2.0).fold(f64::MAX, f64::min);
            let mut bottom = top;
            for middle in part {
                let (number, (across, _)) = middle;
                let at = geometry::snap(Point {
                    x: left(&middle) - leftmost + MARGIN,
                    y: across - HEAD_HEIGHT / 2.0 - upper + top,
                });
                bottom = bottom.max(at.y + self.sizes[number].height);
                places.push((number, at));
            }
            top = bottom + GAP;
        }
        places
    }
}

fn mirrored(parts: &[Vec<Middle>]) -> Vec<Vec<Middle>> {
    let turned = |(number, (across, along)): &Middle| (*number, (-across, *along));
    parts.iter().map(|part| part.iter().map(turned).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    /// The journeys of the gallery, by their files.
    fn gallery() -> Vec<(String, Draft)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/gallery");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let journeys = files.filter(|path| path.extension().is_some_and(|found| found == "json"));
        let read = |path: std::path::PathBuf| {
            let text = fs::read_to_string(&path).unwrap();
            (path.display().to_string(), serde_json::from_str(&text).unwrap())
        };
        journeys.map(read).collect()
    }

    #[test]
    fn every_journey_of_the_gallery_is_tidied_up_without_overlaps() {
        let gallery = gallery();
        assert!(gallery.len() > 14);
        for (file, draft) in gallery {
            let places = tidy(&draft);
            let area = |(id, at): &(String, Point)| {
                let Size { width, height } = size(&draft, draft.node(id).unwrap());
                Area { x: at.x, y: at.y, width, height }
            };
            let areas: Vec<Area> = places.iter().map(area).collect();
            for (number, one) in areas.iter().enumerate() {
                let meets = areas[number + 1..].iter().find(|other| one.meets(other));
                assert_eq!(meets, None, "{file}: {one:?}");
            }
        }
    }
}
