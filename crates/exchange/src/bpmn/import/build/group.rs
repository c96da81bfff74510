//! Frames around steps: groups of the drawing. A step belongs to the first frame that its middle lies in.

use super::{
    super::{ours, reading::Bounds, texts},
    Build,
};
use crate::ids::{Ids, of_text};
use journey::draft::{Draft, Group};

impl Build<'_> {
    /// Fills the groups of a draft, and says to which each step belongs.
    pub(super) fn take_groups(&mut self, draft: &mut Draft) {
        let frames = self.reading.groups.clone();
        let said = |at: &usize| ours::said::<Group>(self.reading.tree, *at, "group");
        let (written, drawn): (Vec<usize>, Vec<usize>) =
            frames.into_iter().partition(|at| said(at).is_some());
        let written = written.iter().filter_map(|at| Some((said(at)?.id, self.title(*at))));
        let written: Vec<(String, String)> = written.collect();
        self.keep_groups(draft, &written);
        let mut ids = Ids::default();
        for group in &draft.groups {
            ids.take(&group.id);
        }
        for at in drawn {
            draft.groups.extend(self.frame(at, &mut ids));
        }
    }

    /// Keeps the groups that we wrote and nobody took away, under the names they have now.
    fn keep_groups(&mut self, draft: &mut Draft, written: &[(String, String)]) {
        let has_nodes = |group: &Group| {
            let mut spots = self.graph.spots.iter();
            spots.any(|spot| spot.node.group.as_ref() == Some(&group.id))
        };
        let is_written = |group: &Group| written.iter().any(|(id, _)| *id == group.id);
        let gone: Vec<String> = draft
            .groups
            .extract_if(.., |group| has_nodes(group) && !is_written(group))
            .map(|group| group.id)
            .collect();
        for group in &mut draft.groups {
            if let Some((_, name)) = written.iter().find(|(id, _)| *id == group.id)
                && *name != texts::name(&group.name)
            {
                group.name.clone_from(name);
            }
        }
        for spot in &mut self.graph.spots {
            spot.node.group = spot.node.group.take().filter(|id| !gone.contains(id));
        }
    }

    /// A frame that somebody drew; `None` when no step lies in it.
    fn frame(&mut self, at: usize, ids: &mut Ids) -> Option<Group> {
        let Some(frame) = self.reading.shape(at) else {
            self.reading.leave(
                at,
                "The file does not say where this frame is, so it is left out; the steps stay.",
            );
            return None;
        };
        let is_in = |spot: &super::super::graph::Spot| {
            !spot.is_pass
                && spot.node.group.is_none()
                && self.reading.shape_of(&spot.element).is_some_and(|step| holds(frame, step))
        };
        let spots = self.graph.spots.iter().enumerate();
        let inside: Vec<usize> =
            spots.filter(|(_, spot)| is_in(spot)).map(|(place, _)| place).collect();
        if inside.is_empty() {
            self.reading.leave(
                at,
                "No step lies in this frame, or all are in another one, so it is left out.",
            );
            return None;
        }
        let name = self.title(at);
        let id = ids.free(&of_text(&name, "group"));
        for place in inside {
            self.graph.spots[place].node.group = Some(id.clone());
        }
        Some(Group { id, name, ..Group::default() })
    }

    /// What stands at a frame: the category it refers to.
    fn title(&self, at: usize) -> String {
        let value = self.reading.element(at).attribute("categoryValueRef");
        let value = value.and_then(|id| self.reading.named(super::super::reading::local(id)));
        let title = value.and_then(|at| self.reading.element(at).attribute("value"));
        texts::name(title.unwrap_or_default())
    }
}

/// Whether the middle of a step lies in a frame.
fn holds(frame: Bounds, step: Bounds) -> bool {
    let (x, y) = (step.x + step.width / 2.0, step.y + step.height / 2.0);
    (frame.x..=frame.x + frame.width).contains(&x)
        && (frame.y..=frame.y + frame.height).contains(&y)
}
