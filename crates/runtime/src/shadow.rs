//! Shadow runs: what a step asks of the world is written down, and what the world would have answered is assumed.
//!
//! This is the one place that turns a shadow step into work, and what it can become, [`Quiet`], has no call, no message, no task and no
//! write: nothing here could reach a performer, a person or an account.

mod assume;
mod beside;
mod words;

pub(crate) use assume::Completion;

use crate::{moves::MoveError, runtime::Inner};
use journey::{
    Ask, Effect, Fact, Journey, Position, Step,
    effect::{Call, Ending, Offer, Parent, StartChild, Timer},
    journey::Assume,
    sample,
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use store::{
    Failure,
    commits::{Commit, Guard, NewListen},
    work::{Assumption, Job, NewWork},
    would_have::{Kind, NewDeed},
};

/// What calls are assumed to give, by the positions that make them.
pub(crate) type Outputs = BTreeMap<Position, Value>;

/// How far the effects of a step reach.
pub(crate) enum Reach {
    /// Into the world.
    World,
    /// No further than the notes of a shadow run.
    Notes(Outputs),
}

/// What may be done for a shadow instance.
enum Quiet {
    Timer(Timer),
    Assume(Assumption),
    StartChild(Box<StartChild>),
    StopChildren { reason: String },
    Report { parent: Parent, ending: Ending, written: Map<String, Value> },
}

impl From<Quiet> for Job {
    fn from(quiet: Quiet) -> Self {
        match quiet {
            Quiet::Timer(timer) => Self::Timer(timer),
            Quiet::Assume(assumption) => Self::Assume(Box::new(assumption)),
            Quiet::StartChild(start) => Self::StartChild(start),
            Quiet::StopChildren { reason } => Self::StopChildren { reason },
            Quiet::Report { parent, ending, written } => Self::Report { parent, ending, written },
        }
    }
}

impl Inner {
    /// What the calls of a shadow step are assumed to give: what the draft says, or else an example of what the connector declares.
    pub(crate) async fn assumed(
        &self,
        journey: &Journey,
        step: &Step,
    ) -> Result<Outputs, MoveError> {
        let mut outputs = Outputs::new();
        for effect in &step.effects {
            let Ask::Call(call) = &effect.ask else { continue };
            let node = node_at(&step.instance, &step.records, effect.position);
            let said = journey.assumed(&node).and_then(|assume| assume.output.clone());
            let output = match said {
                Some(output) => output,
                None => self.example(call).await.map_err(MoveError::failure)?,
            };
            outputs.insert(effect.position, output);
        }
        Ok(outputs)
    }

    /// An example of an operation's output; an empty object when nobody knows what it gives.
    async fn example(&self, call: &Call) -> Result<Value, Failure> {
        let nothing = || Value::Object(Map::new());
        let Some(connection) = self.store.connection_by_name(&call.connection).await? else {
            return Ok(nothing());
        };
        let Some(connector) = self.store.connector_by_name(&connection.connector).await? else {
            return Ok(nothing());
        };
        let operations = connector.manifest["operations"].as_array().cloned().unwrap_or_default();
        let operation = operations.iter().find(|one| one["name"] == call.operation.as_str());
        let schema = operation.and_then(|operation| operation.get("output"));
        Ok(schema.map_or_else(nothing, sample::output))
    }
}

/// Writes down the start of a shadow instance, when the commit is one.
pub(crate) fn add_start(commit: &mut Commit, records: &[journey::Record]) {
    let Guard::New { trigger, .. } = &commit.guard else { return };
    let input = records.iter().find_map(|record| match &record.fact {
        Fact::Started { input, .. } => Some((**input).clone()),
        _ => None,
    });
    let deed = NewDeed {
        position: Position::default(),
        node: trigger.clone(),
        kind: Kind::Started,
        summary: format!("Would start at '{trigger}'"),
        body: json!({ "input": input }),
    };
    commit.would_have.push(deed);
}

/// Adds what one effect of a shadow step comes to.
pub(crate) fn add(
    commit: &mut Commit,
    (journey, records): (&Journey, &[journey::Record]),
    effect: Effect,
    outputs: &Outputs,
) {
    let Effect { position, due, ask } = effect;
    let node = node_at(&commit.state, records, position);
    let assume = journey.assumed(&node).cloned().unwrap_or_default();
    let after = |due: journey::Timestamp| match assume.after_ms {
        Some(after) => commit.at.plus(after),
        None => due,
    };
    let (due, quiet) = match ask {
        Ask::Timer { timer } => (due, Quiet::Timer(timer)),
        Ask::Call(call) => {
            let output = outputs.get(&position).cloned().unwrap_or_default();
            let due = after(due);
            note(commit, position, &node, words::call(&call, &output, due));
            (due, Quiet::Assume(Assumption::Call { output }))
        }
        Ask::Send(message) => {
            let output = assume.output.unwrap_or_else(sample::sent);
            let due = after(due);
            note(commit, position, &node, words::message(&message, &output, due));
            (due, Quiet::Assume(Assumption::Call { output }))
        }
        Ask::OfferTask(offer) => {
            // Just in time, so that the promise is kept unless the draft assumes otherwise.
            let due = after(offer.due.plus(-1)).max(commit.at);
            let assumption = completion(&assume, &offer);
            note(commit, position, &node, words::task(&offer, &assumption, due));
            (due, Quiet::Assume(assumption))
        }
        Ask::WriteAccount { fields } => {
            note(commit, position, &node, words::write(&fields));
            return commit.overlay.extend(fields);
        }
        Ask::Notify { to, about } => {
            return note(commit, position, &node, words::notice(&to, &about));
        }
        Ask::Listen { name, key } => {
            if commit.state.wait(position).is_some() {
                commit.listens.push(NewListen { position, name, key });
            }
            return;
        }
        Ask::StartChild(start) => {
            note(commit, position, &node, words::child(&start));
            (due, Quiet::StartChild(start))
        }
        Ask::StopChildren { reason } => (due, Quiet::StopChildren { reason }),
        Ask::Report { parent, ending } => {
            let written = commit.overlay.clone();
            (due, Quiet::Report { parent, ending, written })
        }
        // The task is before nobody.
        Ask::AssignTask { .. }
        | Ask::RenewTask(_)
        | Ask::ReassignTask { .. }
        | Ask::CloseTask { .. }
        | Ask::MarkTask { .. } => return,
    };
    let outlives = matches!(quiet, Quiet::StopChildren { .. } | Quiet::Report { .. });
    if outlives || commit.state.wait(position).is_some() {
        commit.work.push(NewWork { position, due, job: quiet.into(), lease: None });
    }
}

fn completion(assume: &Assume, offer: &Offer) -> Assumption {
    let (outcome, form) = assume.completion(offer);
    Assumption::Task { outcome, form, team: offer.owner.team.clone() }
}

fn note(
    commit: &mut Commit,
    position: Position,
    node: &str,
    (kind, summary, body): (Kind, String, Value),
) {
    commit.would_have.push(NewDeed { position, node: node.to_owned(), kind, summary, body });
}

/// The node at a position that is waited at, or was entered in this step.
fn node_at(state: &journey::Instance, records: &[journey::Record], position: Position) -> String {
    if let Some(wait) = state.wait(position) {
        return wait.node.clone();
    }
    let entered = records.iter().find_map(|record| match &record.fact {
        Fact::Entered { position: at, node, .. } if *at == position => Some(node.clone()),
        _ => None,
    });
    entered.unwrap_or_default()
}
