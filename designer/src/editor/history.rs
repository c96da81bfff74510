//! What can be undone and redone, by name.

use super::Op;

/// How many steps are kept.
const STEPS: usize = 500;

/// One thing a person did, as they would call it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub name: String,
    /// The change that takes it back (or, among the redos, does it again).
    pub back: Op,
    /// Consecutive steps about the same thing (letters typed into one field) are one step.
    pub about: Option<String>,
}

/// The steps done and the steps undone.
#[derive(Clone, Debug, Default)]
pub struct History {
    done: Vec<Step>,
    undone: Vec<Step>,
}

impl History {
    /// Remembers a step; what was undone before it is forgotten.
    pub fn push(&mut self, step: Step) {
        self.undone.clear();
        if let (Some(last), Some(about)) = (self.done.last_mut(), &step.about)
            && last.about.as_ref() == Some(about)
        {
            let earlier = std::mem::replace(&mut last.back, Op::Several(Vec::new()));
            last.back = Op::Several(vec![step.back, earlier]);
            return;
        }
        self.done.push(step);
        if self.done.len() > STEPS {
            self.done.remove(0);
        }
    }

    /// Ends the running step: the next change of the same field is a step of its own.
    pub fn settle(&mut self) {
        if let Some(last) = self.done.last_mut() {
            last.about = None;
        }
    }

    /// Takes the last step done, to be taken back.
    pub fn take_done(&mut self) -> Option<Step> {
        self.done.pop()
    }

    /// Takes the last step undone, to be done again.
    pub fn take_undone(&mut self) -> Option<Step> {
        self.undone.pop()
    }

    /// Keeps a step that was taken back, by the change that does it again.
    pub fn keep_undone(&mut self, step: Step) {
        self.undone.push(step);
    }

    /// Keeps a step that was done again, without forgetting the other undone ones.
    pub fn keep_done(&mut self, step: Step) {
        self.done.push(step);
    }

    /// The names of the steps done, the last first.
    pub fn done(&self) -> impl Iterator<Item = &str> {
        self.done.iter().rev().map(|step| step.name.as_str())
    }

    /// The names of the steps undone, the one that would be done again first.
    pub fn undone(&self) -> impl Iterator<Item = &str> {
        self.undone.iter().rev().map(|step| step.name.as_str())
    }

    /// What undo would take back.
    pub fn next_undo(&self) -> Option<&str> {
        self.done.last().map(|step| step.name.as_str())
    }

    /// What redo would do again.
    pub fn next_redo(&self) -> Option<&str> {
        self.undone.last().map(|step| step.name.as_str())
    }
}
