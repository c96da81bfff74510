//! Work for programs: calls, messages, scripts, rules, other journeys.

use super::{Build, Made};
use crate::{
    bpmn::{
        import::{reading::local, texts},
        tree::Space,
    },
    shown,
};
use serde_json::json;

impl Build<'_> {
    pub(super) fn program(&mut self, step: usize) -> Made {
        let made = match self.reading.of_step(step).name.as_str() {
            "sendTask" => {
                self.leave(
                    step,
                    "It becomes a message; say the channel, to whom it goes and what it says.",
                );
                self.put(step, "notify", "Send a message")
            }
            "receiveTask" => {
                let wait = self.put(step, "wait", "Wait");
                let reference = self.reading.of_step(step).attribute("messageRef");
                let name = self.reading.name_of(reference).map(texts::name);
                self.wait_for_event(step, wait, name);
                wait
            }
            "scriptTask" => self.script(step),
            "businessRuleTask" => self.rules(step),
            "callActivity" => return self.call(step),
            _ => self.service(step),
        };
        self.once_for_all(step);
        Made::one(made)
    }

    fn service(&mut self, step: usize) -> usize {
        let action = self.put(step, "action", "Action");
        let at = self.reading.steps[step].at;
        let job = self.reading.tree.extension(at, Space::Zeebe, "taskDefinition");
        let job = job.and_then(|job| job.attribute("type"));
        let topic = self.reading.of_step(step).foreign(Space::Camunda, "topic");
        let operation = job.or(topic).filter(|text| !texts::is_expression(text)).map(texts::name);
        let sentence = match operation.filter(|operation| !operation.is_empty()) {
            Some(operation) => {
                let called = shown(&operation);
                self.graph.set(action, "operation", operation);
                format!(
                    "It becomes an action that does “{called}”; choose the connection that can."
                )
            }
            None => "It becomes an action; choose a connection and what it is to do.".to_owned(),
        };
        self.leave(step, sentence);
        action
    }

    fn script(&mut self, step: usize) -> usize {
        let set = self.put(step, "set", "Store a value");
        self.graph.set(set, "assign", json!([]));
        let at = self.reading.steps[step].at;
        let script = self.reading.tree.child_text(at, "script").unwrap_or_default();
        self.leave(
            step,
            format!("Scripts do not run here; say what it keeps as expressions: {}", shown(script)),
        );
        set
    }

    fn rules(&mut self, step: usize) -> usize {
        let table = self.put(step, "decision", "Which?");
        self.graph.set(table, "table", json!({ "hit": "first", "inputs": [], "rules": [] }));
        self.leave(step, "It becomes a decision table without rows: the rules lie in a file of their own, which is not read. Enter them as rows.");
        table
    }

    fn call(&mut self, step: usize) -> Made {
        let element = self.reading.of_step(step);
        let at = self.reading.steps[step].at;
        let called = self.reading.tree.extension(at, Space::Zeebe, "calledElement");
        let called = called.and_then(|called| called.attribute("processId"));
        let called = element.attribute("calledElement").map(local).or(called);
        let called = called.map(texts::name).filter(|name| !name.is_empty());
        let items = self.reading.tree.child(at, "multiInstanceLoopCharacteristics");
        let (kind, member) =
            if items.is_some() { ("for_each", "body") } else { ("journey", "journey") };
        let call = self.put(step, kind, "Another journey");
        match called {
            Some(called) => self.graph.set(call, member, called),
            None => self.leave(step, "It does not say which journey it calls; choose one."),
        }
        if let Some(items) = items {
            self.items(step, call, items);
        }
        Made::one(call)
    }

    /// How a for-each goes through its items; the list itself is worked out by another program.
    pub(super) fn items(&mut self, step: usize, for_each: usize, items: usize) {
        let is_sequence = self.reading.element(items).attribute("isSequential") == Some("true");
        let mode = if is_sequence { "sequence" } else { "parallel" };
        self.graph.set(for_each, "mode", mode);
        self.graph.set(for_each, "as", "item");
        let list = self.reading.element(items).foreign(Space::Camunda, "collection");
        let inner = self.reading.tree.extension(items, Space::Zeebe, "loopCharacteristics");
        let list = list.or_else(|| inner.and_then(|inner| inner.attribute("inputCollection")));
        let told = list.map_or_else(String::new, |list| format!(" (it was {})", shown(list)));
        self.leave(step, format!("It becomes a for-each; say the list it goes through{told}."));
    }
}
