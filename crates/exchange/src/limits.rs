//! Every limit of what is read here, in one place.

/// Largest BPMN file, in bytes. What we write of the largest draft that can be published is smaller.
pub const FILE_BYTES: usize = 32 * 1024 * 1024;
/// Most elements of an XML file.
pub const XML_ELEMENTS: usize = 400_000;
/// Most attributes of an XML file.
pub const XML_ATTRIBUTES: usize = 2_000_000;
/// Deepest nesting of elements.
pub const XML_DEPTH: usize = 128;
/// Longest name or text that is taken over from a file we did not write, in characters.
pub const TEXT_CHARACTERS: usize = 10_000;
/// Longest name that is taken over, in characters.
pub const NAME_CHARACTERS: usize = 200;
/// Most of a text that is shown in a sentence, in characters.
pub const SHOWN_CHARACTERS: usize = 120;
/// How deep parts of a drawing are written inside one another; those below stand beside them.
pub const PARTS_DEPTH: usize = 16;
/// Longest list of what was left out; one more line says how many follow.
pub const LEFT_OUT: usize = 2_000;
/// Largest checklist, in bytes.
pub const CHECKLIST_BYTES: usize = 1024 * 1024;
/// Most tasks of a checklist: with what leads from one to the next they make a draft of the size that is read.
pub const CHECKLIST_TASKS: usize = 1_000;
/// Most fields that the items below one task become.
pub const FIELDS: usize = 200;
/// Most columns of a table.
pub const COLUMNS: usize = 200;
