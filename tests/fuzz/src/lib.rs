//! Random inputs for everything that reads what strangers write, and what has to hold whatever they are.
//!
//! A [`Target`] is one reader. Any bytes may be given to it: nothing panics, no stack overflows, no memory fills, what is refused is
//! refused with a sentence, and what is read is the same when it is written and read again.

mod bpmn;
mod calendar;
mod checklist;
mod delivery;
mod dice;
mod draft;
mod expression;
mod live;
mod manifest;
mod memory;
pub mod mutate;
mod record;
mod recurrence;
mod table;

use mutate::Shape;

pub use dice::Dice;

/// The largest input that is made up, in bytes.
pub const INPUT_BYTES: usize = 8 * 1024;

/// The most memory that reading one input may take at a time, in bytes: proofs of journeys take the most.
const MEMORY_BYTES: usize = 256 << 20;

/// One reader of what strangers write.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Also the name of its folder of inputs.
    pub name: &'static str,
    shape: Shape,
    /// What such inputs are made of.
    words: &'static [&'static str],
    holds: fn(&[u8]),
}

/// Every reader.
pub const TARGETS: [Target; 10] = [
    Target { name: "bpmn", shape: Shape::Bytes, words: bpmn::WORDS, holds: bpmn::holds },
    Target {
        name: "calendar",
        shape: Shape::Bytes,
        words: calendar::WORDS,
        holds: calendar::holds,
    },
    Target {
        name: "checklist",
        shape: Shape::Bytes,
        words: checklist::WORDS,
        holds: checklist::holds,
    },
    Target {
        name: "delivery",
        shape: Shape::Bytes,
        words: delivery::WORDS,
        holds: delivery::holds,
    },
    Target { name: "draft", shape: Shape::Json, words: draft::WORDS, holds: draft::holds },
    Target {
        name: "expression",
        shape: Shape::Bytes,
        words: expression::WORDS,
        holds: expression::holds,
    },
    Target { name: "manifest", shape: Shape::Json, words: manifest::WORDS, holds: manifest::holds },
    Target { name: "record", shape: Shape::Json, words: record::WORDS, holds: record::holds },
    Target {
        name: "recurrence",
        shape: Shape::Bytes,
        words: recurrence::WORDS,
        holds: recurrence::holds,
    },
    Target { name: "table", shape: Shape::Bytes, words: table::WORDS, holds: table::holds },
];

impl Target {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        TARGETS.into_iter().find(|target| target.name == name)
    }

    /// Gives it an input.
    ///
    /// # Panics
    ///
    /// Something that has to hold does not.
    pub fn take(self, input: &[u8]) {
        let bytes = memory::peak(|| (self.holds)(input));
        assert!(bytes <= MEMORY_BYTES, "{bytes} bytes of memory were taken at a time");
    }

    /// Makes another input of one, and of parts of a second one.
    pub fn mutate(self, input: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
        let mut made = mutate::mutate(self.shape, self.words, (input, other), dice);
        made.truncate(INPUT_BYTES);
        made
    }
}

/// A refusal says something, and not the whole input.
fn check_sentence(sentence: &str) {
    assert!(!sentence.trim().is_empty(), "a refusal says why");
    assert!(sentence.len() <= 2 * INPUT_BYTES, "a refusal of {} bytes", sentence.len());
}
