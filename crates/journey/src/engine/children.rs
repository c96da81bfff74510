//! Instances below this one: a sub-journey, or one for each item of a list.

use super::{Ask, Fact, On, Position, Rejection, Turn, failure, payload};
use crate::{
    effect::{Ending, Follows, Seed, StartChild},
    expr::{EvalError, Root},
    instance::{Child, ChildState},
    journey::Node,
    limits,
    settings::{Body, ForEach, Kind, SubJourney},
};
use serde::Serialize;
use serde_json::{Map, Value, json};

const ERROR: &str = "error";

impl<'a> Turn<'a> {
    pub(super) fn begin_items(&mut self, node: &'a Node, position: Position, each: &'a ForEach) {
        let items = match each.items.evaluate(&self.scope()) {
            Ok(Value::Array(items)) => items,
            Ok(other) => {
                let message = format!("the items are a list, not {}", kind_of(&other));
                return self.raise(position, failure("expression.failed", message));
            }
            Err(EvalError::Budget { .. }) => {
                let message = format!(
                    "there are more items than can be gone through at once; this node takes {}",
                    each.max
                );
                return self.raise(position, failure("limit.items", message));
            }
            Err(error) => return self.raise_error(position, "the items", &error),
        };
        if items.len() > each.max {
            let message = format!("there are {} items; this node takes {}", items.len(), each.max);
            return self.raise(position, failure("limit.items", message));
        }
        if items.is_empty() {
            self.record(Fact::Returned { position, output: Value::Array(Vec::new()).into() });
            return self.leave(node, position, "out");
        }
        let children = items.into_iter().map(|item| Child { item, state: ChildState::Ahead });
        self.wait(position, On::Children { children: children.collect() });
        self.ask_ahead(node, position);
    }

    pub(super) fn begin_journey(&mut self, position: Position, call: &'a SubJourney) {
        let input = match self.mapping(&call.input) {
            Ok(input) => input,
            Err((name, error)) => {
                return self.raise_error(position, &format!("the input '{name}'"), &error);
            }
        };
        if let Err(why) = payload::is_bounded(&input) {
            return self.raise(position, failure("limit.input", format!("the input: {why}")));
        }
        let children = vec![Child { item: input, state: ChildState::Ahead }];
        self.wait(position, On::Children { children });
        self.ask_child(
            position,
            0,
            Follows::Journey { journey: call.journey.clone(), version: call.version },
        );
    }

    /// Asks for the instances that may run now: the next one in sequence, or all of them.
    fn ask_ahead(&mut self, node: &'a Node, position: Position) {
        let Kind::ForEach(each) = &node.kind else { return };
        let Some(On::Children { children }) = self.instance.wait(position).map(|wait| &wait.on)
        else {
            return;
        };
        let states = children.iter().map(|child| &child.state);
        let runs =
            |state: &&ChildState| matches!(state, ChildState::Asked | ChildState::Running { .. });
        let ahead = |(_, state): &(u32, &ChildState)| matches!(state, ChildState::Ahead);
        let ahead = (0..).zip(states.clone()).filter(ahead).map(|(index, _)| index);
        let next: Vec<u32> = match each.in_sequence {
            true if states.clone().any(|state| runs(&state)) => Vec::new(),
            true => ahead.take(1).collect(),
            false => ahead.collect(),
        };
        if let Err(message) = self.carries_little(each, next.len()) {
            return self.raise(position, failure("limit.items", message));
        }
        for index in next {
            let follows = match &each.body {
                Body::Journey(journey) => {
                    Follows::Journey { journey: journey.clone(), version: None }
                }
                Body::Range { from, .. } => Follows::Part { from: from.clone() },
            };
            self.ask_child(position, index, follows);
        }
    }

    /// Whether so many instances at once take little enough along: each has a copy of what this one knows.
    fn carries_little(&self, each: &ForEach, count: usize) -> Result<(), String> {
        if count < 2 {
            return Ok(());
        }
        let mut bytes = written_bytes(self.instance.input());
        if matches!(each.body, Body::Range { .. }) {
            bytes += written_bytes(&self.instance.vars) + written_bytes(&self.instance.nodes);
        }
        if bytes.saturating_mul(count) <= limits::CHILDREN_BYTES {
            return Ok(());
        }
        Err(format!(
            "{count} instances at once would each take {bytes} bytes of values along, more than {} together; run them in sequence, or let a journey take what it needs",
            limits::CHILDREN_BYTES
        ))
    }

    fn ask_child(&mut self, position: Position, index: u32, follows: Follows) {
        let Some((node, item)) = self.child_item(position, index) else { return };
        let (input, seed) = match &node.kind {
            Kind::ForEach(each) if matches!(follows, Follows::Part { .. }) => {
                (self.instance.input().clone(), Some(Box::new(self.seed(each, item, index))))
            }
            Kind::ForEach(each) => {
                let input = [
                    (each.name.clone(), item),
                    ("index".to_owned(), json!(index)),
                    ("input".to_owned(), self.instance.input().clone()),
                ];
                (Value::Object(input.into_iter().collect()), None)
            }
            _ => (item, None),
        };
        self.record(Fact::ChildAsked { position, index });
        match self.place_below(position) {
            Ok((depth, room)) => {
                let start = StartChild { index, follows, input, seed, depth, room };
                self.ask(position, Ask::StartChild(Box::new(start)));
            }
            Err(message) => {
                // Nothing was asked, so the answer is here already.
                let ending = Ending::NotStarted { message };
                self.record(Fact::ChildEnded { position, index, ending });
                self.collect_if_all_over(node, position);
            }
        }
    }

    /// How deep an instance below a position is, and its share of the room this one has; why there can be none.
    fn place_below(&self, position: Position) -> Result<(u32, u32), String> {
        let parent = self.instance.parent.as_ref();
        let depth = parent.map_or(0, |parent| parent.depth) + 1;
        if depth > limits::DEPTH {
            return Err(format!("journeys call one another more than {} deep", limits::DEPTH));
        }
        let children = match self.instance.wait(position).map(|wait| &wait.on) {
            Some(On::Children { children }) => u32::try_from(children.len()).unwrap_or(u32::MAX),
            _ => 1,
        };
        let room = parent.map_or(limits::BELOW, |parent| parent.room);
        let share = room / self.journey.callers.max(1);
        match share.checked_sub(children) {
            Some(left) => Ok((depth, left / children.max(1))),
            None => {
                Err(format!("more than {} instances might come to run below one", limits::BELOW))
            }
        }
    }

    fn child_item(&self, position: Position, index: u32) -> Option<(&'a Node, Value)> {
        let (node, wait) = self.waiting(position).ok()?;
        let On::Children { children } = &wait.on else { return None };
        Some((node, children.get(index as usize)?.item.clone()))
    }

    fn seed(&self, each: &ForEach, item: Value, index: u32) -> Seed {
        let mut vars = self.instance.vars.clone();
        vars.insert(each.name.clone(), item);
        vars.insert("index".to_owned(), json!(index));
        Seed { vars, nodes: self.instance.nodes.clone() }
    }

    pub(super) fn child_started(
        &mut self,
        position: Position,
        index: u32,
        instance: String,
    ) -> Result<(), Rejection> {
        let (node, state) = self.child(position, index)?;
        if !matches!(state, ChildState::Asked) {
            return Err(Rejection::NotWaiting(position));
        }
        self.record(Fact::ChildStarted { position, index, instance });
        if let Kind::Journey(call) = &node.kind
            && !call.waits
        {
            self.leave(node, position, "out");
        }
        Ok(())
    }

    pub(super) fn child_ended(
        &mut self,
        position: Position,
        index: u32,
        ending: Ending,
    ) -> Result<(), Rejection> {
        let (node, state) = self.child(position, index)?;
        if matches!(state, ChildState::Over { .. } | ChildState::Ahead) {
            return Err(Rejection::NotWaiting(position));
        }
        self.record(Fact::ChildEnded { position, index, ending });
        if !self.go_on_with_enough(node, position) {
            self.ask_ahead(node, position);
            self.collect_if_all_over(node, position);
        }
        Ok(())
    }

    pub(super) fn item_added(
        &mut self,
        position: Position,
        item: Value,
        by: String,
    ) -> Result<(), Rejection> {
        let (node, wait) = self.waiting(position)?;
        let (On::Children { children }, Kind::ForEach(each)) = (&wait.on, &node.kind) else {
            return Err(Rejection::WrongEvent(position));
        };
        if children.len() >= each.max {
            return Err(Rejection::Limit { what: "items", limit: each.max as u64 });
        }
        payload::is_bounded(&item).map_err(|why| Rejection::InvalidInput {
            pointer: "/item".to_owned(),
            message: why.to_owned(),
        })?;
        self.record(Fact::ItemAdded { position, item, by });
        self.ask_ahead(node, position);
        Ok(())
    }

    fn child(&self, position: Position, index: u32) -> Result<(&'a Node, &ChildState), Rejection> {
        let (node, wait) = self.waiting(position)?;
        let On::Children { children } = &wait.on else {
            return Err(Rejection::WrongEvent(position));
        };
        let child = children.get(index as usize).ok_or(Rejection::NotWaiting(position))?;
        Ok((node, &child.state))
    }

    /// Goes on when as many items have ended as are enough; whether it did.
    fn go_on_with_enough(&mut self, node: &'a Node, position: Position) -> bool {
        let Kind::ForEach(each) = &node.kind else { return false };
        let Some(need) = &each.need else { return false };
        let need = match need.evaluate(&self.scope()) {
            Ok(value) => value.as_u64(),
            Err(error) => {
                self.raise_error(position, "how many items are enough", &error);
                return true;
            }
        };
        let Some(On::Children { children }) = self.instance.wait(position).map(|wait| &wait.on)
        else {
            return false;
        };
        let ended = |child: &&Child| {
            matches!(child.state, ChildState::Over { ending: Ending::Ended { .. } })
        };
        if need.is_none_or(|need| (children.iter().filter(ended).count() as u64) < need) {
            return false;
        }
        let output: Vec<_> = children
            .iter()
            .enumerate()
            .map(|(index, child)| {
                let mut result = match &child.state {
                    ChildState::Over { ending } => result(ending),
                    ChildState::Ahead | ChildState::Asked | ChildState::Running { .. } => {
                        [("outcome".to_owned(), Value::Null)].into_iter().collect()
                    }
                };
                result.insert("index".to_owned(), json!(index));
                Value::Object(result)
            })
            .collect();
        self.record(Fact::Returned { position, output: Value::Array(output).into() });
        if each.cancel_rest {
            let reason = format!("'{}' had enough", node.id);
            self.ask(position, Ask::StopChildren { reason });
        }
        self.leave(node, position, "out");
        true
    }

    fn collect_if_all_over(&mut self, node: &'a Node, position: Position) {
        let Some(On::Children { children }) = self.instance.wait(position).map(|wait| &wait.on)
        else {
            return;
        };
        let endings = children.iter().map(|child| match &child.state {
            ChildState::Over { ending } => Some(ending.clone()),
            ChildState::Ahead | ChildState::Asked | ChildState::Running { .. } => None,
        });
        let Some(endings) = endings.collect::<Option<Vec<_>>>() else { return };
        match &node.kind {
            Kind::Journey(call) => self.returned(node, position, call, &endings),
            _ => self.collected(node, position, &endings),
        }
    }

    fn collected(&mut self, node: &'a Node, position: Position, endings: &[Ending]) {
        let output = endings.iter().enumerate().map(|(index, ending)| {
            let mut result = result(ending);
            result.insert("index".to_owned(), json!(index));
            Value::Object(result)
        });
        let output = Value::Array(output.collect());
        self.record(Fact::Returned { position, output: output.into() });
        match endings.iter().find_map(why_not) {
            None => self.leave(node, position, "out"),
            Some(why) => self.child_failed(node, position, why),
        }
    }

    fn returned(
        &mut self,
        node: &'a Node,
        position: Position,
        call: &'a SubJourney,
        endings: &[Ending],
    ) {
        let Some(ending) = endings.first() else { return };
        let output = Value::Object(result(ending));
        self.record(Fact::Returned { position, output: output.clone().into() });
        if let Some(why) = why_not(ending) {
            return self.child_failed(node, position, why);
        }
        let values: Result<Vec<_>, (String, EvalError)> = {
            let scope = self.scope().with("output", Root::Json(&output));
            let value = |(name, expression): &(String, crate::expr::Expression)| {
                let value = expression.evaluate(&scope);
                value.map(|value| (name.clone(), value)).map_err(|error| (name.clone(), error))
            };
            call.output.iter().map(value).collect()
        };
        match values {
            Ok(values) => {
                if self.set_variables(position, values) {
                    self.leave(node, position, "out");
                }
            }
            Err((name, error)) => {
                self.raise_error(position, &format!("the output '{name}'"), &error);
            }
        }
    }

    fn child_failed(&mut self, node: &'a Node, position: Position, why: String) {
        if Self::has_way(node, ERROR) {
            self.leave(node, position, ERROR);
        } else {
            self.raise(position, failure("journey.failed", why));
        }
    }
}

fn result(ending: &Ending) -> Map<String, Value> {
    let members = match ending {
        Ending::Ended { outcome, vars } => [("outcome", json!(outcome)), ("vars", json!(vars))],
        Ending::Cancelled { reason } => [("outcome", Value::Null), ("error", json!(reason))],
        Ending::NotStarted { message } => [("outcome", Value::Null), ("error", json!(message))],
    };
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn why_not(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Ended { .. } => None,
        Ending::Cancelled { reason } => {
            Some(format!("the journey called here was cancelled: {reason}"))
        }
        Ending::NotStarted { message } => {
            Some(format!("the journey called here did not start: {message}"))
        }
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// How long a value is when it is written down.
fn written_bytes(value: &impl Serialize) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |text| text.len())
}
