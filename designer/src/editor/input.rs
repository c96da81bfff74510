//! What a person does to the editor, and what the editor asks of the screen.

use super::{arrange::Line, choose::Which, geometry::Size, look::Look};
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
    /// Offers the kinds to add where a way out of a node leads, before what it leads to already: by its edge.
    OfferNext {
        node: String,
        port: String,
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
    /// Collapses a group, or shows its nodes.
    Collapse {
        group: String,
    },
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
    /// A moment passed while something is held at the edge of the canvas: the view goes there.
    Drift,
    /// The pointer has left the canvas.
    Away,
    /// Brings a point of the drawing into the middle.
    CentreOn(Point),
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
    /// Nothing can be moved: chooses a card, or moves the view (drawings that are only looked at, and small screens).
    Looking,
}

/// What a press or a release landed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hit {
    Ground,
    Node(String),
    Port {
        node: String,
        port: String,
    },
    Input(String),
    Edge(String),
    /// The frame of a group, or the card it is collapsed into.
    Group(String),
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
    /// Undoes so many steps, or with a negative number does them again.
    Travel(isize),
    Delete,
    /// Deletes, and leads what led there on to where it led.
    DeleteAndHeal,
    Choose(Which),
    Escape,
    Copy,
    Cut,
    Duplicate,
    Nudge {
        x: f64,
        y: f64,
    },
    Line(Line),
    Look(Look),
    TidyUp,
    /// Makes one group of what is chosen.
    Group,
    /// Takes what is chosen out of its groups.
    Ungroup,
    /// Offers the kinds the chosen node could be instead.
    ChangeKind,
    /// Collapses the groups of what is chosen, or shows their nodes.
    Collapse,
    /// Offers the kinds to add where the pointer is.
    AddHere,
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
    /// Show this to everyone for a while: nothing else is seen to happen.
    Show(String),
    /// Put this on the clipboard.
    Copy(String),
}
