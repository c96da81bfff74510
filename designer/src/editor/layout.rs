//! "Tidy up": places for every node, left to right, with as few crossings as can be had quickly.

use super::{
    geometry::{self, HEAD_HEIGHT, Size},
    ports,
};
use journey::{
    Draft,
    draft::{Edge, Point},
};
use rust_sugiyama::configure::Config;
use std::collections::HashMap;

/// Room between neighbours.
const GAP: f64 = 80.0;
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
    let mut numbers = HashMap::new();
    let mut sizes = Vec::new();
    let mut vertices = Vec::new();
    let nodes: Vec<_> = draft.nodes.iter().filter(|node| node.kind != "note").collect();
    for (number, node) in (0_u32..).zip(&nodes) {
        let size = geometry::size(node, &ports::ports(draft, node));
        numbers.insert(node.id.as_str(), number);
        sizes.push(size);
        // The layout runs top to bottom, ours left to right: width and height change places.
        vertices.push((number, (height_around_head(size), size.width)));
    }
    let ends =
        |edge: &Edge| Some((*numbers.get(edge.from.as_str())?, *numbers.get(edge.to.as_str())?));
    let mut edges: Vec<(u32, u32)> = ways_in_order(draft).filter_map(ends).collect();
    edges.retain(|(from, to)| from != to);
    // The layout visits the latest edge of a node first; reversed, a node's first way lies on top.
    edges.reverse();
    let config = Config { vertex_spacing: GAP, ..Config::default() };
    let layouts = rust_sugiyama::from_vertices_and_edges(&vertices, &edges, &config);

    let mut places = Vec::new();
    let mut top = MARGIN;
    for (mut placed, _, _) in layouts {
        placed.sort_by_key(|(number, _)| *number);
        let centred: Vec<_> =
            placed.into_iter().filter(|(number, _)| *number < nodes.len()).collect();
        let left =
            centred.iter().map(|(n, at)| at.1 - sizes[*n].width / 2.0).fold(f64::MAX, f64::min);
        let upper = centred.iter().map(|(_, at)| at.0 - HEAD_HEIGHT / 2.0).fold(f64::MAX, f64::min);
        let mut bottom = top;
        for (number, (across, along)) in centred {
            let size = sizes[number];
            let at = geometry::snap(Point {
                x: along - size.width / 2.0 - left + MARGIN,
                y: across - HEAD_HEIGHT / 2.0 - upper + top,
            });
            bottom = bottom.max(at.y + size.height);
            places.push((nodes[number].id.clone(), at));
        }
        top = bottom + GAP;
    }
    places
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
