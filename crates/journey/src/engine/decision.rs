//! A decision: the first way whose condition holds, or all of them; the default way when none does.

use super::{Position, Turn};
use crate::{
    expr::EvalError,
    journey::{Node, Way},
    ports::DEFAULT,
};

impl<'a> Turn<'a> {
    pub(super) fn choose_one(&mut self, node: &'a Node, position: Position) {
        let mut taken = None;
        for way in &node.ways {
            match self.holds(way) {
                Ok(true) => {
                    taken = Some(way);
                    break;
                }
                Ok(false) => {}
                Err(error) => return self.raise_way(position, way, &error),
            }
        }
        let taken = taken.or_else(|| default(node));
        self.leave_by(position, taken.into_iter().collect());
    }

    pub(super) fn choose_all(&mut self, node: &'a Node, position: Position) {
        let mut taken = Vec::new();
        for way in &node.ways {
            match self.holds(way) {
                Ok(true) => taken.push(way),
                Ok(false) => {}
                Err(error) => return self.raise_way(position, way, &error),
            }
        }
        if taken.is_empty() {
            taken.extend(default(node));
        }
        self.leave_by(position, taken);
    }

    fn holds(&self, way: &Way) -> Result<bool, EvalError> {
        way.when.as_ref().map_or(Ok(false), |when| when.holds(&self.scope()))
    }

    fn raise_way(&mut self, position: Position, way: &Way, error: &EvalError) {
        let what = format!("the condition of the way '{}'", way.edge);
        self.raise_error(position, &what, error);
    }
}

fn default(node: &Node) -> Option<&Way> {
    node.ways.iter().find(|way| way.port == DEFAULT)
}
