//! Work for people.

use super::{Build, Made};
use crate::{
    bpmn::{
        import::texts,
        tree::{Element, Space},
    },
    ids::of_text,
    shown,
};
use serde_json::{Map, Value, json};

impl Build<'_> {
    pub(super) fn person(&mut self, step: usize) -> Made {
        let task = self.put(step, "task", "Task");
        let at = self.reading.steps[step].at;
        if let Some(text) = self.reading.tree.child_text(at, "documentation") {
            if text.contains("{{") {
                self.leave(step, "Double braces in its description would be an expression, so there is a space between them now.");
            }
            self.graph.set(task, "instructions", texts::plain(text));
        }
        if let Some(owner) = self.owner(step) {
            self.graph.set(task, "owner", owner);
        }
        self.due(step, task);
        if let Some(form) = self.form(step) {
            self.graph.set(task, "form", form);
        }
        self.once_for_all(step);
        Made::one(task)
    }

    /// Who gets it: a person or a group that the file names, or else the team of the lane.
    fn owner(&mut self, step: usize) -> Option<Value> {
        let element = self.reading.of_step(step);
        let at = self.reading.steps[step].at;
        let assigned = self.reading.tree.extension(at, Space::Zeebe, "assignmentDefinition");
        let said = |name: &str| {
            let theirs = assigned.and_then(|assigned| assigned.attribute(name));
            element.foreign(Space::Camunda, name).or(theirs).map(str::trim)
        };
        let fixed = |text: &&str| !text.is_empty() && !texts::is_expression(text);
        let person = said("assignee").filter(fixed).filter(|person| person.contains('@'));
        let group = said("candidateGroups").filter(fixed).and_then(|list| list.split(',').next());
        let owner = match (person, group) {
            (Some(person), _) => Some(json!({ "rule": "user", "user": texts::name(person) })),
            (None, Some(team)) => Some(json!({ "rule": "team", "team": texts::name(team) })),
            (None, None) => self.team(step).map(|team| json!({ "rule": "team", "team": team })),
        };
        let names = ["assignee", "candidateGroups", "candidateUsers"].into_iter();
        let given: Vec<String> =
            names.filter_map(|name| said(name).map(|text| format!("{name} {text}"))).collect();
        let is_whole =
            given.len() == 1 && !given[0].contains(',') && (person.is_some() || group.is_some());
        if !given.is_empty() && !is_whole {
            let given = shown(&given.join("; "));
            self.leave(
                step,
                format!(
                    "Who gets it cannot be taken over as it stands: {given}. Look at its owner."
                ),
            );
        }
        owner
    }

    /// When it is due, where the file says so.
    fn due(&mut self, step: usize, task: usize) {
        let element = self.reading.of_step(step);
        let at = self.reading.steps[step].at;
        let scheduled = self.reading.tree.extension(at, Space::Zeebe, "taskSchedule");
        let scheduled = scheduled.and_then(|one| one.attribute("dueDate"));
        let Some(text) = element.foreign(Space::Camunda, "dueDate").or(scheduled) else { return };
        match texts::duration(text) {
            Some(due) => self.graph.set(task, "sla", json!({ "due": due, "escalation": [] })),
            None => self.leave(
                step,
                format!(
                    "When it is due is worked out by another program; say it anew: {}",
                    shown(text)
                ),
            ),
        }
    }

    /// The form, where the file itself lists its fields.
    fn form(&mut self, step: usize) -> Option<Value> {
        let tree = self.reading.tree;
        let holder = tree.child(self.reading.steps[step].at, "extensionElements")?;
        let is_form =
            |element: &Element| element.space == Space::Camunda && element.name == "formData";
        let (form, _) = tree.children(holder).find(|(_, child)| is_form(child))?;
        let mut properties = Map::new();
        for (at, field) in tree.children(form).filter(|(_, child)| child.name == "formField") {
            let id = of_text(field.attribute("id").unwrap_or_default(), "field");
            let values = tree.children(at).filter(|(_, child)| child.name == "value");
            let values: Vec<&str> = values.filter_map(|(_, one)| one.attribute("id")).collect();
            let mut schema = match field.attribute("type") {
                Some("boolean") => json!({ "type": "boolean" }),
                Some("long") => json!({ "type": "integer" }),
                Some("date") => json!({ "type": "string", "format": "date" }),
                Some("enum") if !values.is_empty() => json!({ "type": "string", "enum": values }),
                _ => json!({ "type": "string" }),
            };
            if let Some(label) = field.attribute("label") {
                schema["title"] = json!(texts::name(label));
            }
            properties.insert(id, schema);
        }
        (!properties.is_empty()).then(|| json!({ "type": "object", "properties": properties }))
    }

    /// Says that a step which ran for each item runs once now.
    pub(super) fn once_for_all(&mut self, step: usize) {
        let at = self.reading.steps[step].at;
        if self.reading.tree.child(at, "multiInstanceLoopCharacteristics").is_some() {
            self.leave(step, "It was done for each item of a list; now it is done once. A for-each does something for each item.");
        }
    }
}
