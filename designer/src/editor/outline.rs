//! The draft as a list: every step in the order it is come to, and where it leads. For keyboards, screen readers and small screens.

use super::ports::{self, Role};
use crate::messages::t;
use journey::{
    Draft,
    draft::{Edge, Node},
};
use std::collections::HashMap;

/// A step as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Row {
    pub id: String,
    pub kind: String,
    pub name: String,
    pub ways: Vec<Way>,
}

/// A way out of a step.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Way {
    pub port: String,
    /// Empty where a step has only one.
    pub label: String,
    /// Where it leads; `None` when nothing has been drawn there yet.
    pub leads: Option<Lead>,
}

/// An edge as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lead {
    pub edge: String,
    /// The step it leads to, by its id.
    pub to: String,
    pub name: String,
}

/// All steps: what leads to a step comes before it, a decision's ways come one after the other, in the order they are asked, and where they
/// meet again comes after them. Only what leads back comes before what it is led to by.
pub fn rows(draft: &Draft) -> Vec<Row> {
    let graph = Graph::of(draft);
    let order = graph.order();
    order.into_iter().map(|at| graph.row(&draft.nodes[at])).collect()
}

/// A draft whose nodes and edges are found at once.
struct Graph<'a> {
    draft: &'a Draft,
    places: HashMap<&'a str, usize>,
    leaving: HashMap<&'a str, Vec<&'a Edge>>,
}

impl<'a> Graph<'a> {
    fn of(draft: &'a Draft) -> Self {
        let places = draft.nodes.iter().zip(0..).map(|(node, at)| (node.id.as_str(), at));
        let mut leaving: HashMap<&str, Vec<&Edge>> = HashMap::new();
        for edge in &draft.edges {
            leaving.entry(&edge.from).or_default().push(edge);
        }
        Self { draft, places: places.collect(), leaving }
    }

    /// Depth first and each step after all it leads to, backwards: then every step comes before them.
    fn order(&self) -> Vec<usize> {
        let nodes = &self.draft.nodes;
        let next: Vec<Vec<usize>> = nodes.iter().map(|node| self.next(node)).collect();
        let mut begun = vec![false; nodes.len()];
        let mut over = Vec::with_capacity(nodes.len());
        for root in self.roots(&next).into_iter().rev() {
            let mut path = Vec::new();
            if !std::mem::replace(&mut begun[root], true) {
                path.push((root, next[root].len()));
            }
            while let Some((at, left)) = path.last_mut() {
                let Some(earlier) = left.checked_sub(1) else {
                    over.push(*at);
                    path.pop();
                    continue;
                };
                *left = earlier;
                let to = next[*at][earlier];
                if !std::mem::replace(&mut begun[to], true) {
                    path.push((to, next[to].len()));
                }
            }
        }
        over.reverse();
        over
    }

    /// Where the list begins: triggers first, then what nothing leads to, then circles that nothing leads into; notes come last.
    fn roots(&self, next: &[Vec<usize>]) -> Vec<usize> {
        let mut is_led_to = vec![false; next.len()];
        next.iter().flatten().for_each(|to| is_led_to[*to] = true);
        let rank = |at: usize| match self.draft.nodes[at].kind.as_str() {
            "trigger" => 0,
            "note" => 3,
            _ if is_led_to[at] => 2,
            _ => 1,
        };
        let mut roots: Vec<usize> = (0..next.len()).collect();
        roots.sort_by(|a, b| {
            let (one, other) = (self.draft.nodes[*a].position, self.draft.nodes[*b].position);
            let by_place = one.y.total_cmp(&other.y).then(one.x.total_cmp(&other.x));
            rank(*a).cmp(&rank(*b)).then(by_place)
        });
        // What an earlier one leads to is come to from there.
        let (mut reached, mut begin) = (vec![false; next.len()], Vec::new());
        for root in roots {
            if !reached[root] {
                begin.push(root);
                reach(root, next, &mut reached);
            }
        }
        begin
    }

    /// The steps a step leads to, in the order of its ways.
    fn next(&self, node: &Node) -> Vec<usize> {
        let ways = self.ways(node);
        let leads = ways.iter().filter_map(|way| way.leads.as_ref());
        leads.filter_map(|lead| self.places.get(lead.to.as_str()).copied()).collect()
    }

    fn row(&self, node: &Node) -> Row {
        Row {
            id: node.id.clone(),
            kind: node.kind.clone(),
            name: node.name.clone(),
            ways: self.ways(node),
        }
    }

    fn ways(&self, node: &Node) -> Vec<Way> {
        let leaving = self.leaving.get(node.id.as_str()).map_or(&[][..], Vec::as_slice);
        let mut ways = Vec::new();
        for port in ports::ports(self.draft, node) {
            let mut drawn = leaving.iter().filter(|edge| match &port.role {
                Role::Condition { edge: id } => edge.id == *id,
                Role::NewWay => false,
                _ => edge.port() == port.id,
            });
            let way = |label: &str, edge: Option<&&Edge>| Way {
                port: port.id.clone(),
                label: label.to_owned(),
                leads: edge.map(|edge| self.lead(edge)),
            };
            if port.role == Role::Many {
                ways.extend(drawn.map(|edge| way(t!("At once"), Some(edge))));
                ways.push(way(t!("Another way"), None));
            } else {
                ways.push(way(&port.label, drawn.next()));
            }
        }
        ways
    }

    fn lead(&self, edge: &Edge) -> Lead {
        let target = self.places.get(edge.to.as_str()).map(|at| &self.draft.nodes[*at]);
        let name = target.map_or(edge.to.as_str(), |node| &node.name);
        Lead { edge: edge.id.clone(), to: edge.to.clone(), name: name.to_owned() }
    }
}

/// Marks a step and all it leads to.
fn reach(from: usize, next: &[Vec<usize>], reached: &mut [bool]) {
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        if !std::mem::replace(&mut reached[at], true) {
            open.extend(&next[at]);
        }
    }
}
