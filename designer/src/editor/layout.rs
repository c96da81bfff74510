//! "Tidy up": places for every node, left to right, with as few crossings as can be had quickly.

use super::{
    geometry::{self, HEAD_HEIGHT, Size},
    ports,
};
use journey::{
    Draft,
    draft::{Edge, Node, Point},
};
use rust_sugiyama::configure::Config;
use std::collections::HashMap;

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

/// New positions for all nodes but the notes, which stay where they were put.
pub fn tidy(draft: &Draft) -> Vec<(String, Point)> {
    let drawing = Drawing::of(draft);
    // What the layout makes of equally good places depends on the order of the edges, and upside down is as good.
    let mut reversed = drawing.edges.clone();
    reversed.reverse();
    let [one, other] = [reversed, drawing.edges.clone()].map(|edges| drawing.lay_out(&edges));
    let turned = [mirrored(&one), mirrored(&other)];
    let best = [one, other].into_iter().chain(turned).min_by_key(|groups| drawing.tangles(groups));
    drawing.places(best.unwrap_or_default())
}

/// Where the middle of a card's head is: across the layers, and along them.
type Middle = (usize, (f64, f64));

/// The nodes and edges that are laid out, by number.
struct Drawing<'a> {
    nodes: Vec<&'a Node>,
    sizes: Vec<Size>,
    /// A node's edges in the order of its ports.
    edges: Vec<(usize, usize)>,
}

impl<'a> Drawing<'a> {
    fn of(draft: &'a Draft) -> Self {
        let nodes: Vec<_> = draft.nodes.iter().filter(|node| node.kind != "note").collect();
        let numbers: HashMap<_, _> =
            nodes.iter().enumerate().map(|(number, node)| (node.id.as_str(), number)).collect();
        let ends = |edge: &Edge| {
            let (from, to) = (*numbers.get(edge.from.as_str())?, *numbers.get(edge.to.as_str())?);
            (from != to).then_some((from, to))
        };
        let sizes = nodes.iter().map(|node| geometry::size(node, &ports::ports(draft, node)));
        Self {
            sizes: sizes.collect(),
            edges: ways_in_order(draft).filter_map(ends).collect(),
            nodes,
        }
    }

    /// One group of places for each part of the drawing that hangs together.
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
        let config = Config { vertex_spacing: GAP, ..Config::default() };
        rust_sugiyama::from_vertices_and_edges(&vertices, &edges, &config)
            .into_iter()
            .map(|(mut placed, _, _)| {
                placed.retain(|(number, _)| *number < self.nodes.len());
                placed.sort_by_key(|(number, _)| *number);
                placed
            })
            .collect()
    }

    /// How often a node's edges leave it in another order than they arrive, and so cross.
    fn tangles(&self, groups: &[Vec<Middle>]) -> usize {
        let across: HashMap<usize, f64> =
            groups.iter().flatten().map(|(number, (across, _))| (*number, *across)).collect();
        let crosses = |(place, (from, to)): (usize, &(usize, usize))| {
            let later = self.edges[place + 1..].iter().take_while(|(other, _)| other == from);
            later.filter(|(_, other)| across.get(other) < across.get(to)).count()
        };
        self.edges.iter().enumerate().map(crosses).sum()
    }

    /// Corners on the grid, the groups below one another.
    fn places(&self, groups: Vec<Vec<Middle>>) -> Vec<(String, Point)> {
        let mut places = Vec::new();
        let mut top = MARGIN;
        for group in groups {
            let left = |(number, (_, along)): &Middle| along - self.sizes[*number].width / 2.0;
            let leftmost = group.iter().map(left).fold(f64::MAX, f64::min);
            let upper =
                group.iter().map(|(_, at)| at.0 - HEAD_HEIGHT / 2.0).fold(f64::MAX, f64::min);
            let mut bottom = top;
            for middle in group {
                let (number, (across, _)) = middle;
                let at = geometry::snap(Point {
                    x: left(&middle) - leftmost + MARGIN,
                    y: across - HEAD_HEIGHT / 2.0 - upper + top,
                });
                bottom = bottom.max(at.y + self.sizes[number].height);
                places.push((self.nodes[number].id.clone(), at));
            }
            top = bottom + GAP;
        }
        places
    }
}

fn mirrored(groups: &[Vec<Middle>]) -> Vec<Vec<Middle>> {
    let turned = |(number, (across, along)): &Middle| (*number, (-across, *along));
    groups.iter().map(|group| group.iter().map(turned).collect()).collect()
}

/// Every edge, a node's in the order of its ports.
fn ways_in_order(draft: &Draft) -> impl Iterator<Item = &Edge> {
    draft.nodes.iter().flat_map(|node| {
        let ports = ports::ports(draft, node);
        let mut ways: Vec<&Edge> = draft.edges.iter().filter(|edge| edge.from == node.id).collect();
        ways.sort_by_key(|edge| ports::index_of(&ports, edge));
        ways
    })
}
