//! Which node and variable of one version is which of the other.

use super::{Mapping, Reason, Version};
use crate::diff::quoted;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A mapping that fits its two versions, and what it leaves as it is.
#[derive(Debug)]
pub(super) struct Names<'a> {
    nodes: HashMap<&'a str, &'a str>,
    variables: &'a BTreeMap<String, String>,
    /// Kinds of which the new version has a node that is no node of the old one.
    spare: HashSet<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(
        from: Version<'a>,
        to: Version<'a>,
        mapping: &'a Mapping,
    ) -> Result<Self, Vec<Reason>> {
        let problems = problems(from, to, mapping);
        if !problems.is_empty() {
            return Err(problems);
        }
        let named: HashSet<&str> = mapping.nodes.values().map(String::as_str).collect();
        let mut nodes = HashMap::new();
        for node in &from.draft.nodes {
            if let Some(to) = mapping.nodes.get(&node.id) {
                nodes.insert(node.id.as_str(), to.as_str());
            } else if to.draft.node(&node.id).is_some() && !named.contains(node.id.as_str()) {
                nodes.insert(node.id.as_str(), node.id.as_str());
            }
        }
        let taken: HashSet<&str> = nodes.values().copied().collect();
        let spare = to.draft.nodes.iter().filter(|node| !taken.contains(node.id.as_str()));
        let spare = spare.map(|node| node.kind.as_str()).collect();
        Ok(Self { nodes, variables: &mapping.variables, spare })
    }

    /// The node of the new version that is this one of the old; `None` when there is none.
    pub(super) fn node(&self, old: &str) -> Option<&'a str> {
        self.nodes.get(old).copied()
    }

    /// Every node that has another id in the new version.
    pub(super) fn renamed(&self) -> BTreeMap<String, String> {
        let renamed = self.nodes.iter().filter(|(from, to)| from != to);
        renamed.map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect()
    }

    pub(super) fn variables(&self) -> &'a BTreeMap<String, String> {
        self.variables
    }

    /// Whether a node of this kind could be mapped to one that is new.
    pub(super) fn has_room(&self, kind: &str) -> bool {
        self.spare.contains(kind)
    }
}

/// Everything that is wrong with a mapping.
fn problems(from: Version<'_>, to: Version<'_>, mapping: &Mapping) -> Vec<Reason> {
    let mut problems = Vec::new();
    for (old, new) in &mapping.nodes {
        let mut problem =
            |code: &str, sentence: String| problems.push(Reason::of(code, Some(old), sentence));
        match (from.draft.node(old), to.draft.node(new)) {
            (None, _) => {
                let sentence = format!("Version {} has no node {}.", from.number, quoted(old));
                problem("mapping-unknown-node", sentence);
            }
            (Some(_), None) => {
                let sentence = format!("Version {} has no node {}.", to.number, quoted(new));
                problem("mapping-unknown-node", sentence);
            }
            (Some(a), Some(b)) if a.kind != b.kind => {
                let (a, b) = (crate::diff::node_in_words(a), crate::diff::node_in_words(b));
                let sentence =
                    format!("{a} cannot become {b}; map a node to one of the same kind.");
                problem("mapping-other-kind", crate::diff::capital(&sentence));
            }
            (Some(_), Some(_)) => {}
        }
    }
    problems.extend(shared(&mapping.nodes, "node"));
    problems.extend(shared(&mapping.variables, "variable"));
    problems
}

/// What two are mapped to.
fn shared(map: &BTreeMap<String, String>, what: &str) -> Vec<Reason> {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    let mut problems = Vec::new();
    for (old, new) in map {
        if let Some(other) = seen.insert(new, old) {
            let (a, b, to) = (quoted(other), quoted(old), quoted(new));
            let sentence = format!("The {what}s {a} and {b} are both mapped to {to}; one can be.");
            problems.push(Reason::of("mapping-two-to-one", Some(old), sentence));
        }
    }
    problems
}
