//! What a person does to the editor, and what the editor asks of the screen.

use super::geometry::Size;
use journey::{Draft, Workspace, draft::Point};
use serde_json::Value;

/// One thing that happened. Points are pixels from the canvas's left upper corner.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    Load(Draft),
    /// Puts another draft in the place of what is drawn; undoing brings back what was drawn.
    Replace(Draft),
    /// Another draft gave way to what is drawn; undoing shows it, and undoing again what is drawn.
    GaveWay(Draft),
    Workspace(Workspace),
    Resize(Size),
    Press(Press),
    Drag {
        pointer: i32,
        at: Point,
    },
    Release {
        pointer: i32,
        at: Point,
    },
    Wheel {
        at: Point,
        by: Point,
        zoom: bool,
    },
    /// Adds a node in the middle of the view, or where it is let go; over an edge it is put into that edge.
    Add {
        kind: String,
        drop: Option<Point>,
    },
    /// Offers the kinds to add at a point of the ground, or into an edge.
    OfferKinds {
        at: Point,
        edge: Option<String>,
    },
    /// Takes the kind chosen from the offer.
    Pick {
        kind: String,
    },
    /// Writes (or takes away) one setting of a node.
    Set {
        node: String,
        field: String,
        value: Option<Value>,
    },
    /// Writes (or takes away) several settings of a node that hold together, in this order.
    SetAll {
        node: String,
        fields: Vec<(String, Option<Value>)>,
    },
    /// Writes (or takes away) one setting of the journey itself.
    SetJourney {
        field: String,
        value: Option<Value>,
    },
    /// Writes (or takes away) a member of an edge.
    SetEdge {
        edge: String,
        member: EdgeMember,
        value: Option<String>,
    },
    /// Leads a port to a node, or with `None` nowhere.
    Lead {
        node: String,
        port: String,
        to: Option<String>,
    },
    /// Asks a decision's way earlier (negative) or later.
    ShiftWay {
        edge: String,
        by: isize,
    },
    /// The field was left: what is typed next is a step of its own.
    Settle,
    /// Mends a problem by the change it offers.
    Fix {
        label: String,
        change: Value,
    },
    /// Shows what a problem is about.
    Show {
        node: Option<String>,
        edge: Option<String>,
    },
    Paste {
        text: String,
    },
    Command(Command),
    /// Checks the draft again.
    Check,
}

/// A pointer went down.
#[derive(Clone, Debug, PartialEq)]
pub struct Press {
    pub pointer: i32,
    pub at: Point,
    pub on: Hit,
    pub hand: Hand,
}

/// How a press is meant, read from button and keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// The plain press: choose, move, draw, or pan on the ground.
    Plain,
    /// Adds to the choice or draws a frame (Shift, Ctrl).
    Adding,
    /// Moves the view whatever is under it (middle button, Space).
    Panning,
}

/// What a press or a release landed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hit {
    Ground,
    Node(String),
    Port { node: String, port: String },
    Input(String),
    Edge(String),
}

/// A member of an edge that people write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeMember {
    When,
    Label,
}

/// What a key, a button or a menu entry asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Command {
    Undo,
    Redo,
    Delete,
    SelectAll,
    SelectNext,
    SelectPrevious,
    Escape,
    Copy,
    Cut,
    Duplicate,
    Nudge { x: f64, y: f64 },
    ZoomIn,
    ZoomOut,
    ZoomToLife,
    Fit,
    TidyUp,
}

/// What the editor asks of the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The draft changed: save and check it.
    Changed,
    /// Fresh problems are there.
    Checked,
    /// Say this to a screen reader.
    Announce(String),
    /// Put this on the clipboard.
    Copy(String),
}

/// The command a key stands for on the canvas; `None` for keys the canvas leaves to the browser.
///
/// `command` is Ctrl, or Cmd on a Mac.
pub fn shortcut(key: &str, command: bool, shift: bool) -> Option<Command> {
    let far = if shift { 50.0 } else { 10.0 };
    let lower = key.to_lowercase();
    Some(match (lower.as_str(), command) {
        ("z", true) if shift => Command::Redo,
        ("z", true) => Command::Undo,
        ("y", true) => Command::Redo,
        ("a", true) => Command::SelectAll,
        ("d", true) => Command::Duplicate,
        ("delete" | "backspace", false) => Command::Delete,
        ("escape", false) => Command::Escape,
        ("arrowleft", false) => Command::Nudge { x: -far, y: 0.0 },
        ("arrowright", false) => Command::Nudge { x: far, y: 0.0 },
        ("arrowup", false) => Command::Nudge { x: 0.0, y: -far },
        ("arrowdown", false) => Command::Nudge { x: 0.0, y: far },
        ("n" | "]", false) => Command::SelectNext,
        ("p" | "[", false) => Command::SelectPrevious,
        ("+" | "=", false) => Command::ZoomIn,
        ("-" | "_", false) => Command::ZoomOut,
        ("0", false) => Command::ZoomToLife,
        ("1", false) => Command::Fit,
        ("t", false) if shift => Command::TidyUp,
        _ => return None,
    })
}
