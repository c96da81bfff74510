//! What keys do on the canvas, and how that is shown to people.

use super::{Command, choose::Which, look::Look};

/// A key with what it does; `command` is Ctrl, or Cmd on a Mac.
#[derive(Clone, Copy, Debug)]
struct Key {
    name: &'static str,
    command: bool,
    /// `None` where it makes no difference.
    shift: Option<bool>,
    does: Command,
}

/// One line of the list of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// As people write it, such as `Ctrl+Z`; several are divided by ` or `.
    pub keys: &'static str,
    pub does: &'static str,
}

/// What keys and pointers do, by what it is about.
pub const SHORTCUTS: [(&str, &[Shortcut]); 4] = [
    (
        "Steps",
        &[
            Shortcut { keys: "Double-click or A", does: "Add a step here" },
            Shortcut { keys: "Drag from a dot", does: "Connect, or add the next step" },
            Shortcut { keys: "Enter", does: "Go to the settings of the chosen step" },
            Shortcut { keys: "Delete", does: "Delete what is chosen" },
            Shortcut { keys: "Ctrl+Delete", does: "Delete and reconnect what is around" },
            Shortcut {
                keys: "Ctrl+C, Ctrl+X, Ctrl+V",
                does: "Copy, cut, paste, also into another journey or a text",
            },
            Shortcut { keys: "Ctrl+D", does: "Duplicate" },
            Shortcut { keys: "Ctrl+G", does: "Group what is chosen; with Shift take it apart" },
            Shortcut { keys: "F2 or double-click", does: "Write another name" },
            Shortcut { keys: "K", does: "Make it another kind of step" },
            Shortcut { keys: "C", does: "Collapse a group, or show its steps" },
        ],
    ),
    (
        "Choose",
        &[
            Shortcut {
                keys: "N or P",
                does: "The next or the previous step; with Shift that one as well",
            },
            Shortcut { keys: "Shift+click", does: "Add a step to what is chosen" },
            Shortcut { keys: "Shift+drag", does: "All steps in a frame" },
            Shortcut { keys: "Ctrl+A", does: "All steps" },
            Shortcut { keys: "< or >", does: "All that leads here, all it leads to" },
            Shortcut { keys: "Esc", does: "Let go of what is chosen" },
        ],
    ),
    (
        "Move",
        &[
            Shortcut {
                keys: "Arrow keys",
                does: "Move what is chosen; with Shift five times as far",
            },
            Shortcut { keys: "Shift+T", does: "Tidy up" },
            Shortcut { keys: "Ctrl+Z", does: "Undo" },
            Shortcut { keys: "Ctrl+Shift+Z or Ctrl+Y", does: "Redo" },
        ],
    ),
    (
        "Look",
        &[
            Shortcut { keys: "Space+drag or middle button", does: "Move the view" },
            Shortcut { keys: "Wheel or pinch", does: "Zoom to the pointer" },
            Shortcut { keys: "+ or -", does: "Zoom in or out" },
            Shortcut { keys: "0", does: "Actual size" },
            Shortcut { keys: "1", does: "Show everything" },
            Shortcut { keys: "2", does: "Show what is chosen" },
            Shortcut { keys: "Ctrl+F", does: "Find a step" },
            Shortcut { keys: "O", does: "The steps as a list, to draw without a pointer" },
            Shortcut { keys: "R", does: "Rehearse it" },
            Shortcut { keys: "?", does: "This list" },
        ],
    ),
];

const fn plain(name: &'static str, does: Command) -> Key {
    Key { name, command: false, shift: None, does }
}

const fn with_command(name: &'static str, does: Command) -> Key {
    Key { name, command: true, shift: None, does }
}

const KEYS: [Key; 28] = [
    Key { shift: Some(true), ..with_command("z", Command::Redo) },
    with_command("z", Command::Undo),
    with_command("y", Command::Redo),
    with_command("a", Command::Choose(Which::All)),
    with_command("d", Command::Duplicate),
    Key { shift: Some(true), ..with_command("g", Command::Ungroup) },
    with_command("g", Command::Group),
    plain("k", Command::ChangeKind),
    plain("c", Command::Collapse),
    with_command("delete", Command::DeleteAndHeal),
    with_command("backspace", Command::DeleteAndHeal),
    plain("delete", Command::Delete),
    plain("backspace", Command::Delete),
    plain("escape", Command::Escape),
    Key { shift: Some(true), ..plain("n", Command::Choose(Which::WithNext)) },
    Key { shift: Some(true), ..plain("p", Command::Choose(Which::WithPrevious)) },
    plain("n", Command::Choose(Which::Next)),
    plain("p", Command::Choose(Which::Previous)),
    plain("<", Command::Choose(Which::Upstream)),
    plain(">", Command::Choose(Which::Downstream)),
    plain("+", Command::Look(Look::Nearer)),
    plain("=", Command::Look(Look::Nearer)),
    plain("-", Command::Look(Look::Farther)),
    plain("0", Command::Look(Look::LifeSize)),
    plain("1", Command::Look(Look::All)),
    plain("2", Command::Look(Look::Chosen)),
    plain("a", Command::AddHere),
    Key { shift: Some(true), ..plain("t", Command::TidyUp) },
];

/// The command a key stands for on the canvas; `None` for keys the canvas leaves to the browser.
///
/// `command` is Ctrl, or Cmd on a Mac.
pub fn shortcut(key: &str, command: bool, shift: bool) -> Option<Command> {
    let lower = key.to_lowercase();
    let far = if shift { 50.0 } else { 10.0 };
    let nudge = match (lower.as_str(), command) {
        ("arrowleft", false) => Some((-far, 0.0)),
        ("arrowright", false) => Some((far, 0.0)),
        ("arrowup", false) => Some((0.0, -far)),
        ("arrowdown", false) => Some((0.0, far)),
        _ => None,
    };
    if let Some((x, y)) = nudge {
        return Some(Command::Nudge { x, y });
    }
    let is_it = |one: &&Key| {
        one.name == lower && one.command == command && one.shift.is_none_or(|wants| wants == shift)
    };
    KEYS.iter().find(is_it).map(|one| one.does)
}
