//! Events: what opens a journey, ends it, is waited for, or tells something.

use super::{Build, Made};
use crate::{bpmn::import::texts, ids::of_text, shown};
use serde_json::{Value, json};

/// What defines an event: the element, and the name of its kind.
pub(super) type Definition<'t> = (usize, &'t str);

impl<'t> Build<'t> {
    /// What defines an event; `None` for one of no special kind.
    pub(super) fn definition(&self, at: usize) -> Option<Definition<'t>> {
        let tree = self.reading.tree;
        tree.children(at).find_map(|(child, element)| {
            let kind = element.name.strip_suffix("EventDefinition")?;
            Some((child, kind))
        })
    }

    /// The message or signal that an event is about.
    fn about(&self, definition: usize) -> Option<String> {
        let element = self.reading.element(definition);
        let reference = element.attribute("messageRef").or_else(|| element.attribute("signalRef"));
        self.reading.name_of(reference).map(texts::name)
    }

    /// How a timer is meant, and its text.
    pub(super) fn timer(&self, definition: usize) -> (&'t str, &'t str) {
        let tree = self.reading.tree;
        let found = tree.children(definition).find(|(_, child)| child.name.starts_with("time"));
        found.map_or(("", ""), |(_, child)| (child.name.as_str(), child.text.trim()))
    }

    /// The text of a condition.
    fn condition_of(&self, definition: usize) -> &'t str {
        self.reading.tree.child_text(definition, "condition").unwrap_or_default().trim()
    }

    pub(super) fn start(&mut self, step: usize) -> Made {
        if self.reading.steps[step].scope.is_some() {
            return Made::one(self.graph.pass());
        }
        let trigger = self.put(step, "trigger", "Start");
        let definition = self.definition(self.reading.steps[step].at);
        let on = self.listens(step, definition);
        self.graph.set(trigger, "on", on);
        Made::one(trigger)
    }

    fn listens(&mut self, step: usize, definition: Option<Definition<'t>>) -> Value {
        let Some((at, kind)) = definition else { return json!({ "type": "manual" }) };
        match kind {
            "message" | "signal" => {
                let name = self.about(at);
                if kind == "signal" || name.is_none() {
                    self.leave(step, "It becomes a trigger that listens to an event; say its type, and let whoever sends it send that event.");
                }
                match name {
                    Some(name) => json!({ "type": "event", "event": name }),
                    None => json!({ "type": "event" }),
                }
            }
            "timer" => {
                let text = shown(self.timer(at).1);
                self.leave(step, format!("It becomes a schedule, and its time is left out: {text}. Say the rule and the time zone."));
                json!({ "type": "schedule" })
            }
            "conditional" => {
                let text = shown(self.condition_of(at));
                self.leave(step, format!("It becomes a trigger by hand, because its condition is no expression of ours: {text}. A trigger can listen to a change of a field."));
                json!({ "type": "manual" })
            }
            other => {
                let kind = shown(other);
                self.leave(step, format!("It becomes a trigger by hand: there is no counterpart for a start by {kind}."));
                json!({ "type": "manual" })
            }
        }
    }

    pub(super) fn end(&mut self, step: usize) -> Made {
        let definition = self.definition(self.reading.steps[step].at);
        let kind = definition.map(|(_, kind)| kind);
        if let Some(kind) = kind.filter(|kind| *kind != "terminate") {
            let kind = shown(kind);
            self.leave(step, format!("It ends the way, but sends no {kind}: put a message, an action or a milestone before it if others must hear of it."));
        }
        if self.is_inlined(step) {
            if kind == Some("terminate") {
                self.leave(
                    step,
                    "It ended everything in its subprocess; now the way just goes on behind it.",
                );
            }
            return Made::one(self.graph.pass());
        }
        let end = self.put(step, "end", "End");
        let outcome = of_text(&self.graph.spots[end].node.name, "done");
        self.graph.set(end, "outcome", outcome);
        if kind == Some("terminate") {
            self.graph.set(end, "everything", true);
        }
        Made::one(end)
    }

    pub(super) fn catch(&mut self, step: usize) -> Made {
        match self.definition(self.reading.steps[step].at) {
            Some((at, "link")) => {
                let pass = self.graph.pass();
                let name = self.link_name(step, at);
                self.links.1.entry(name).or_insert(pass);
                Made::one(pass)
            }
            None => {
                self.leave(
                    step,
                    "It does not say what it waits for, so ways pass through where it stood.",
                );
                Made::one(self.graph.pass())
            }
            Some(definition) => Made::one(self.wait(step, definition)),
        }
    }

    /// Makes a wait of what an event waits for.
    pub(super) fn wait(&mut self, step: usize, (at, kind): Definition<'t>) -> usize {
        let wait = self.put(step, "wait", "Wait");
        match kind {
            "timer" => self.wait_for_time(step, wait, self.timer(at)),
            "message" | "signal" => self.wait_for_event(step, wait, self.about(at)),
            "conditional" => {
                let text = shown(self.condition_of(at));
                self.leave(step, format!("It waits for a condition that is no expression of ours; say it anew: {text}"));
            }
            other => {
                let kind = shown(other);
                self.leave(step, format!("It becomes a wait that does not say for what: there is no counterpart for {kind}."));
            }
        }
        wait
    }

    pub(super) fn wait_for_event(&mut self, step: usize, wait: usize, name: Option<String>) {
        let name = name.unwrap_or_else(|| self.graph.spots[wait].node.name.clone());
        self.graph.set(wait, "event", json!({ "name": name }));
        self.leave(
            step,
            "It waits for an event of this name; say by which key the event finds its instance.",
        );
    }

    fn wait_for_time(&mut self, step: usize, wait: usize, (how, text): (&str, &str)) {
        let said = match how {
            "timeDuration" => texts::duration(text).map(|duration| ("for", duration)),
            "timeDate" => texts::moment(text).map(|moment| ("until", moment)),
            _ => None,
        };
        match said {
            Some((member, value)) => self.graph.set(wait, member, value),
            None => self.leave(
                step,
                format!(
                    "It waits for a time that is worked out by another program; say it anew: {}",
                    shown(text)
                ),
            ),
        }
    }

    pub(super) fn throw(&mut self, step: usize) -> Made {
        match self.definition(self.reading.steps[step].at) {
            Some((at, "link")) => {
                let pass = self.graph.pass();
                let name = self.link_name(step, at);
                self.links.0.push((name, pass));
                Made::one(pass)
            }
            Some((_, "message")) => {
                let notify = self.put(step, "notify", "Send a message");
                self.leave(
                    step,
                    "It becomes a message; say the channel, to whom it goes and what it says.",
                );
                Made::one(notify)
            }
            other => {
                if let Some((_, kind)) = other {
                    let kind = shown(kind);
                    self.leave(step, format!("It becomes a milestone: nothing is sent, because there is no counterpart for {kind}."));
                }
                let milestone = self.put(step, "milestone", "Milestone");
                let name = self.graph.spots[milestone].node.name.clone();
                self.graph.set(milestone, "milestone", name);
                Made::one(milestone)
            }
        }
    }

    fn link_name(&self, step: usize, definition: usize) -> String {
        let name = self.reading.element(definition).attribute("name");
        let name = name.filter(|name| !name.trim().is_empty());
        let name = name.or_else(|| self.reading.of_step(step).attribute("name"));
        texts::name(name.unwrap_or_default())
    }

    /// Leads from where a link is left to where it comes out.
    pub(super) fn jump_links(&mut self) {
        let (throws, catches) = std::mem::take(&mut self.links);
        for (name, from) in throws {
            if let Some(to) = catches.get(&name) {
                self.graph.draw(from, "out", *to);
            }
        }
    }
}
