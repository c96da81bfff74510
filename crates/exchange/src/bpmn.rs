//! BPMN 2.0 XML (ISO/IEC 19510), with diagram interchange: journeys to and from Camunda Modeler, bpmn.io, Signavio and others.
//!
//! What a node, an edge or a journey says beyond BPMN travels beside it as one JSON text, in `extensionElements` under a namespace of ours,
//! so a draft that is exported and imported is the same draft. What another program changed in between wins over that text.

mod export;
mod import;
mod tree;
mod words;

pub use export::export;
pub use import::import;

#[cfg(test)]
mod tests;
