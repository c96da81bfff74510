//! Loops that begin a branch in each round which nothing waits for.

use super::{
    Diagnostic,
    drawing::Drawing,
    flow::Walks,
    loops,
    report::{Place, Report},
    soundness::{is_inclusive, is_reminder},
};

pub(super) fn check(drawing: &Drawing<'_>, walks: &Walks, report: &Report) {
    let knots = loops::knots(drawing);
    let mut stays = Stays { drawing, known: vec![None; drawing.nodes.len()] };
    for at in 0..drawing.nodes.len() {
        let id = &drawing.nodes[at].node.id;
        if let Some([back, out]) = left_behind(drawing, at, &knots, &mut stays)
            && !report.has("unbounded-growth", Some(id))
        {
            let mut walk = walks.to(drawing, at);
            walk.extend([back, out].map(|edge| drawing.edges[edge].edge.id.clone()));
            let message = "Each round of the loop through here begins another branch that nothing waits for; when one takes longer than a round, more and more of them are open. Join them before the way leads back, or see that each is over in time.";
            report
                .add(Diagnostic::warning("unbounded-growth", Place::Node(id), message).walk(walk));
        }
    }
}

/// The way back into a node's loop and one out of it that is taken at the same time, to where a branch may stay.
fn left_behind(
    drawing: &Drawing<'_>,
    at: usize,
    knots: &[usize],
    stays: &mut Stays<'_, '_>,
) -> Option<[usize; 2]> {
    let drawn = &drawing.nodes[at];
    let is_back = |edge: usize| knots[drawing.edges[edge].to] == knots[at];
    let forks = |edge: usize| match drawn.node.kind.as_str() {
        "parallel" => true,
        "decision" => is_inclusive(drawn),
        _ => is_reminder(drawn, drawing.edges[edge].edge.port()),
    };
    let back = drawn.out.iter().copied().find(|edge| is_back(*edge))?;
    let mut out = drawn.out.iter().copied().filter(|edge| forks(*edge) && !is_back(*edge));
    let out = out.find(|edge| stays.from(drawing.edges[*edge].to))?;
    Some([back, out])
}

/// From where a branch can come to rest, as far as it was asked.
struct Stays<'s, 'd> {
    drawing: &'s Drawing<'d>,
    known: Vec<Option<bool>>,
}

impl Stays<'_, '_> {
    fn from(&mut self, begin: usize) -> bool {
        if let Some(known) = self.known[begin] {
            return known;
        }
        let mut seen = vec![false; self.known.len()];
        let mut open = vec![begin];
        let mut rests = false;
        while let Some(at) = open.pop() {
            if std::mem::replace(&mut seen[at], true) {
                continue;
            }
            if loops::rests(&self.drawing.nodes[at]) {
                rests = true;
                break;
            }
            open.extend(self.drawing.nodes[at].out.iter().map(|edge| self.drawing.edges[*edge].to));
        }
        self.known[begin] = Some(rests);
        rests
    }
}
