//! What keys do on the canvas, and how that is shown to people.

use super::{Command, choose::Which, look::Look};
use crate::messages::{Text, text};

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
    pub keys: Text,
    pub does: Text,
}

/// What keys and pointers do, by what it is about.
pub const SHORTCUTS: [(Text, &[Shortcut]); 4] = [
    (
        text!("Steps"),
        &[
            Shortcut { keys: text!("Double-click or A"), does: text!("Add a step here") },
            Shortcut {
                keys: text!("Drag from a dot"),
                does: text!("Connect, or add the next step"),
            },
            Shortcut { keys: text!("Enter"), does: text!("Go to the settings of the chosen step") },
            Shortcut { keys: text!("Delete"), does: text!("Delete what is chosen") },
            Shortcut {
                keys: text!("Ctrl+Delete"),
                does: text!("Delete and reconnect what is around"),
            },
            Shortcut {
                keys: text!("Ctrl+C, Ctrl+X, Ctrl+V"),
                does: text!("Copy, cut, paste, also into another journey or a text"),
            },
            Shortcut { keys: text!("Ctrl+D"), does: text!("Duplicate") },
            Shortcut {
                keys: text!("Ctrl+G"),
                does: text!("Group what is chosen; with Shift take it apart"),
            },
            Shortcut { keys: text!("F2 or double-click"), does: text!("Write another name") },
            Shortcut { keys: text!("K"), does: text!("Make it another kind of step") },
            Shortcut { keys: text!("C"), does: text!("Collapse a group, or show its steps") },
        ],
    ),
    (
        text!("Choose"),
        &[
            Shortcut {
                keys: text!("N or P"),
                does: text!("The next or the previous step; with Shift that one as well"),
            },
            Shortcut { keys: text!("Shift+click"), does: text!("Add a step to what is chosen") },
            Shortcut { keys: text!("Shift+drag"), does: text!("All steps in a frame") },
            Shortcut { keys: text!("Ctrl+A"), does: text!("All steps") },
            Shortcut { keys: text!("< or >"), does: text!("All that leads here, all it leads to") },
            Shortcut { keys: text!("Esc"), does: text!("Let go of what is chosen") },
        ],
    ),
    (
        text!("Move"),
        &[
            Shortcut {
                keys: text!("Arrow keys"),
                does: text!("Move what is chosen; with Shift five times as far"),
            },
            Shortcut { keys: text!("Shift+T"), does: text!("Tidy up") },
            Shortcut { keys: text!("Ctrl+Z"), does: text!("Undo") },
            Shortcut { keys: text!("Ctrl+Shift+Z or Ctrl+Y"), does: text!("Redo") },
        ],
    ),
    (
        text!("Look"),
        &[
            Shortcut { keys: text!("Space+drag or middle button"), does: text!("Move the view") },
            Shortcut { keys: text!("Wheel or pinch"), does: text!("Zoom to the pointer") },
            Shortcut { keys: text!("+ or -"), does: text!("Zoom in or out") },
            Shortcut { keys: text!("0"), does: text!("Actual size") },
            Shortcut { keys: text!("1"), does: text!("Show everything") },
            Shortcut { keys: text!("2"), does: text!("Show what is chosen") },
            Shortcut { keys: text!("Ctrl+F"), does: text!("Find a step") },
            Shortcut {
                keys: text!("O"),
                does: text!("The steps as a list, to draw without a pointer"),
            },
            Shortcut { keys: text!("R"), does: text!("Rehearse it") },
            Shortcut { keys: text!("?"), does: text!("This list") },
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
