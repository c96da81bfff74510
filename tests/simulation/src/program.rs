//! Small journeys from a seed, and how often each must reach the outside.

use crate::dice::Dice;
use journey::Draft;
use serde_json::{Value, json};

/// A journey that can be lived, by what it was drawn from.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) draft: Draft,
    blocks: Vec<Block>,
}

#[derive(Clone, Debug)]
enum Block {
    Set,
    Call,
    Task,
    Pause,
    /// An event by its key, or its time-out.
    Event,
    /// Another journey, by its id, which is waited for.
    Below(String),
    /// One way or the other, by whether `input.n` is odd.
    Either(Vec<Block>, Vec<Block>),
    Both(Vec<Block>, Vec<Block>),
}

/// The outcome of a life that went all the way.
pub(crate) const DONE: &str = "done";

/// Most nodes of a journey.
pub const NODES: usize = 20;

/// Draws a journey; some call the journey `below`.
pub(crate) fn draw(dice: &mut Dice, below: Option<&str>) -> Program {
    let mut room = 18;
    let mut blocks = Vec::new();
    for _ in 0..2 + dice.roll(5) {
        blocks.extend(block(dice, &mut room, 0));
    }
    // A trigger and an end stand around them, and perhaps the journey below.
    while nodes(&blocks) + 3 > NODES {
        blocks.pop();
    }
    if let Some(below) = below {
        blocks.push(Block::Below(below.to_owned()));
    }
    let trigger = json!({ "type": "manual" });
    Program { draft: drawn(&blocks, trigger, Some("input.account")), blocks }
}

/// A journey that events open, which waits for another event.
pub(crate) fn draw_ordered(dice: &mut Dice) -> Program {
    let mut blocks = vec![Block::Call, Block::Event];
    if dice.one_in(2) {
        blocks.push(Block::Call);
    }
    let trigger = json!({ "type": "event", "event": "ordered" });
    Program { draft: drawn(&blocks, trigger, None), blocks }
}

fn block(dice: &mut Dice, room: &mut u32, depth: u32) -> Option<Block> {
    let sides = if depth > 1 || *room < 6 { 6 } else { 8 };
    let roll = dice.roll(sides);
    let takes = if roll > 5 { 2 } else { 1 };
    *room = room.checked_sub(takes)?;
    Some(match roll {
        0 => Block::Set,
        1 | 2 => Block::Call,
        3 => Block::Task,
        4 => Block::Pause,
        5 => Block::Event,
        6 => Block::Either(way(dice, room, depth), way(dice, room, depth)),
        _ => Block::Both(way(dice, room, depth), way(dice, room, depth)),
    })
}

fn way(dice: &mut Dice, room: &mut u32, depth: u32) -> Vec<Block> {
    *room = room.saturating_sub(1);
    let mut blocks = vec![Block::Set];
    for _ in 0..=dice.roll(2) {
        blocks.extend(block(dice, room, depth + 1));
    }
    blocks
}

impl Program {
    /// How many effects at the outside a life has that went all the way, without those of journeys below.
    pub(crate) fn effects(&self, n: i64) -> usize {
        effects(&self.blocks, n)
    }
}

/// How many nodes are drawn for them.
fn nodes(blocks: &[Block]) -> usize {
    let of = |block: &Block| match block {
        Block::Set | Block::Call | Block::Task | Block::Pause | Block::Event | Block::Below(_) => 1,
        Block::Either(odd, even) => 1 + nodes(odd) + nodes(even),
        Block::Both(one, other) => 2 + nodes(one) + nodes(other),
    };
    blocks.iter().map(of).sum()
}

fn effects(blocks: &[Block], n: i64) -> usize {
    let of = |block: &Block| match block {
        Block::Call => 1,
        Block::Set | Block::Task | Block::Pause | Block::Event | Block::Below(_) => 0,
        Block::Either(odd, even) => effects(if n % 2 == 1 { odd } else { even }, n),
        Block::Both(one, other) => effects(one, n) + effects(other, n),
    };
    blocks.iter().map(of).sum()
}

/// The drawing as it grows.
#[derive(Default)]
struct Pen {
    nodes: Vec<Value>,
    edges: Vec<Value>,
}

/// A node and the port that the next edge leaves by.
type End = (String, String);

fn drawn(blocks: &[Block], on: Value, account: Option<&str>) -> Draft {
    let mut pen = Pen::default();
    let mut trigger = json!({ "kind": "trigger", "on": on });
    if let Some(account) = account {
        trigger["account"] = json!(account);
    }
    let begin = pen.node(trigger);
    let ends = pen.line(blocks, vec![out(&begin)]);
    let end = pen.node(json!({ "kind": "end", "outcome": DONE }));
    pen.join(ends, &end);
    let draft = json!({ "format": 1, "name": "Seeded", "nodes": pen.nodes, "edges": pen.edges });
    serde_json::from_value(draft).expect("a drawing of known kinds")
}

fn out(node: &str) -> End {
    (node.to_owned(), "out".to_owned())
}

impl Pen {
    fn node(&mut self, mut settings: Value) -> String {
        let id = format!("n{}", self.nodes.len());
        settings["id"] = json!(id);
        settings["name"] = json!(id);
        self.nodes.push(settings);
        id
    }

    fn edge(&mut self, (from, port): &End, to: &str, when: Option<&str>) {
        let id = format!("e{}", self.edges.len());
        let mut edge = json!({ "id": id, "from": from, "port": port, "to": to });
        if let Some(when) = when {
            edge["when"] = json!(when);
        }
        self.edges.push(edge);
    }

    fn join(&mut self, ends: Vec<End>, to: &str) {
        for end in ends {
            self.edge(&end, to, None);
        }
    }

    fn line(&mut self, blocks: &[Block], mut ends: Vec<End>) -> Vec<End> {
        for block in blocks {
            ends = self.block(block, ends);
        }
        ends
    }

    fn block(&mut self, block: &Block, ends: Vec<End>) -> Vec<End> {
        match block {
            Block::Either(odd, even) => {
                let node = self.then(json!({ "kind": "decision" }), ends);
                let first = self.ahead();
                self.edge(&out(&node), &first, Some("input.n % 2 == 1"));
                let mut ends = self.along(odd);
                let first = self.ahead();
                self.edge(&(node, "default".to_owned()), &first, None);
                ends.extend(self.along(even));
                ends
            }
            Block::Both(one, other) => {
                let node = self.then(json!({ "kind": "parallel" }), ends);
                let mut ends = Vec::new();
                for way in [one, other] {
                    let first = self.ahead();
                    self.edge(&out(&node), &first, None);
                    ends.extend(self.along(way));
                }
                let node = self.then(json!({ "kind": "join", "need": "all" }), ends);
                vec![out(&node)]
            }
            Block::Set
            | Block::Call
            | Block::Task
            | Block::Pause
            | Block::Event
            | Block::Below(_) => {
                let (settings, ports) = plain(block);
                let node = self.then(settings, ends);
                ports.iter().map(|port| (node.clone(), (*port).to_owned())).collect()
            }
        }
    }

    fn then(&mut self, settings: Value, ends: Vec<End>) -> String {
        let node = self.node(settings);
        self.join(ends, &node);
        node
    }

    /// The id the next node gets.
    fn ahead(&self) -> String {
        format!("n{}", self.nodes.len())
    }

    /// A way, whose first node an edge leads to already.
    fn along(&mut self, way: &[Block]) -> Vec<End> {
        self.line(way, Vec::new())
    }
}

/// A node of its own, and the ports it is left by.
fn plain(block: &Block) -> (Value, &'static [&'static str]) {
    match block {
        Block::Call => {
            let retry = json!({ "attempts": 3, "backoff": "PT2S", "max": "PT10S" });
            let call = json!({ "kind": "action", "connection": "crm", "operation": "add", "input": { "n": "input.n" },
                               "timeout": "PT10S", "retry": retry });
            (call, &["out"])
        }
        Block::Task => {
            let remind =
                json!({ "at": "PT1M", "do": "remind", "to": { "rule": "team", "team": "CS" } });
            let task = json!({ "kind": "task", "title": "Call", "owner": { "rule": "team", "team": "CS" },
                               "sla": { "due": "PT30S", "escalation": [remind] }, "outcomes": [{ "id": "done", "label": "Done" }] });
            (task, &["done"])
        }
        Block::Pause => (json!({ "kind": "wait", "for": "PT5S" }), &["out"]),
        Block::Event => {
            let event =
                json!({ "name": "paid", "key": "string(event.order)", "mine": "string(input.n)" });
            (json!({ "kind": "wait", "timeout": "PT2M", "event": event }), &["out", "timeout"])
        }
        Block::Below(journey) => {
            let input = json!({ "n": "input.n", "account": "input.account" });
            (
                json!({ "kind": "journey", "journey": journey, "wait": true, "input": input }),
                &["out"],
            )
        }
        Block::Set | Block::Either(..) | Block::Both(..) => {
            let assign = json!([{ "to": "vars.seen", "value": "input.n" }]);
            (json!({ "kind": "set", "assign": assign }), &["out"])
        }
    }
}
