//! Steps of the history taken back, and made again.

use super::{Ask, Editor, update::forget_missing};
use crate::messages::t;

/// Takes back so many steps, or makes so many again when the number is below zero.
pub(super) fn travel(editor: &mut Editor, steps: isize) -> Vec<Ask> {
    let step = if steps > 0 { undo } else { redo };
    (0..steps.unsigned_abs()).flat_map(|_| step(editor)).collect()
}

pub(super) fn undo(editor: &mut Editor) -> Vec<Ask> {
    let Some(mut step) = editor.history.take_done() else {
        return Vec::new();
    };
    let name = step.name.clone();
    let Ok(again) = editor.change(|draft| step.back.apply(draft)) else {
        return Vec::new();
    };
    step.back = again;
    step.about = None;
    editor.history.keep_undone(step);
    forget_missing(editor);
    vec![Ask::Changed, Ask::Announce(t!("Undid: {name}", name))]
}

pub(super) fn redo(editor: &mut Editor) -> Vec<Ask> {
    let Some(mut step) = editor.history.take_undone() else {
        return Vec::new();
    };
    let name = step.name.clone();
    let Ok(back) = editor.change(|draft| step.back.apply(draft)) else {
        return Vec::new();
    };
    step.back = back;
    editor.history.keep_done(step);
    forget_missing(editor);
    vec![Ask::Changed, Ask::Announce(t!("Redid: {name}", name))]
}
