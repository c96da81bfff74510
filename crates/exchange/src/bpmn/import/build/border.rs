//! Events on the border of a step: timers of a task, the way of a failure, a time-out.

use super::{Build, Made};
use crate::{
    bpmn::import::{ours, texts},
    ids::of_text,
    shown,
};
use serde_json::{Value, json};

impl Build<'_> {
    /// Finds the port that each event on the border of a step becomes.
    pub(super) fn read_borders(&mut self, step: usize) {
        let Some(made) = self.made[step] else { return };
        for border in self.reading.steps[step].borders.clone() {
            let at = self.reading.borders[border].at;
            let written = ours::port(&self.reading, &self.reading.borders[border]);
            self.border_ports[border] = match written.filter(|_| made.is_ours) {
                Some(port) => Some(port),
                None => self.border_port(step, made, at),
            };
        }
    }

    fn border_port(&mut self, step: usize, made: Made, at: usize) -> Option<String> {
        let kind = self.graph.spots[made.entry].node.kind.clone();
        let definition = self.definition(at);
        let port = match (kind.as_str(), definition) {
            ("task" | "approval" | "handoff", Some((timer, "timer"))) => {
                return self.task_timer(step, made.entry, (at, timer));
            }
            ("wait", Some((timer, "timer"))) => self.time_out(made.entry, timer),
            ("action" | "journey" | "for_each", Some((_, "error"))) => Some("error"),
            _ => None,
        };
        if port.is_none() {
            let kind = definition.map_or_else(|| "of no kind".to_owned(), |(_, kind)| shown(kind));
            self.reading.leave(at, format!("An event ({kind}) on the border of such a step has no counterpart; it is left out with the ways that leave by it."));
        }
        port.map(str::to_owned)
    }

    fn time_out(&mut self, wait: usize, timer: usize) -> Option<&'static str> {
        let after = texts::duration(self.timer(timer).1)?;
        self.graph.set(wait, "timeout", after);
        Some("timeout")
    }

    fn task_timer(
        &mut self,
        step: usize,
        task: usize,
        (at, timer): (usize, usize),
    ) -> Option<String> {
        let element = self.reading.element(at);
        let wanted = of_text(&texts::name(element.attribute("name").unwrap_or_default()), "timer");
        let text = self.timer(timer).1;
        let after = texts::duration(text);
        let interrupting = element.attribute("cancelActivity") != Some("false");
        let timers = self.graph.settings(task).entry("timers").or_insert_with(|| json!([]));
        let Value::Array(timers) = timers else { return None };
        if timers.len() >= journey::limits::OUTCOMES {
            self.reading
                .leave(at, "The task has too many timers already, so this one is left out.");
            return None;
        }
        let is_taken = |id: &str| timers.iter().any(|timer| timer["id"] == *id);
        let mut numbers = 2_usize..;
        let mut id = wanted.clone();
        while is_taken(&id) {
            id = format!("{wanted}_{}", numbers.next().unwrap_or_default());
        }
        let mut made = json!({ "id": id, "interrupting": interrupting });
        if let Some(after) = &after {
            made["after"] = json!(after);
        }
        timers.push(made);
        if after.is_none() {
            self.leave(step, format!("A timer of it fires at a time that is worked out by another program; say it anew: {}", shown(text)));
        }
        Some(id)
    }
}
