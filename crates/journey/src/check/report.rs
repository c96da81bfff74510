//! Where diagnostics are collected while a draft is checked.

use super::{CODES, Diagnostic, Fix, Severity};
use crate::{Draft, limits};
use serde_json::Value;
use std::{cell::RefCell, collections::HashMap};

#[derive(Debug, Default)]
pub(super) struct Report {
    found: RefCell<Vec<Diagnostic>>,
}

/// What a diagnostic is about: a node, an edge, or the draft.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'a> {
    Draft,
    Node(&'a str),
    Edge(&'a str),
}

impl Report {
    pub(super) fn add(&self, diagnostic: Diagnostic) {
        debug_assert!(CODES.contains(&diagnostic.code.as_str()), "{} is listed", diagnostic.code);
        self.found.borrow_mut().push(diagnostic);
    }

    pub(super) fn error(&self, code: &str, place: Place<'_>, message: impl Into<String>) {
        self.add(Diagnostic::error(code, place, message));
    }

    pub(super) fn warning(&self, code: &str, place: Place<'_>, message: impl Into<String>) {
        self.add(Diagnostic::warning(code, place, message));
    }

    /// Whether this was found already: at a node, or at the draft.
    pub(super) fn has(&self, code: &str, node: Option<&str>) -> bool {
        self.found.borrow().iter().any(|one| one.code == code && one.node.as_deref() == node)
    }

    /// What was found: of the draft first, then node by node and edge by edge in the order they are drawn.
    pub(super) fn sorted(self, draft: &Draft) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        let mut order = HashMap::new();
        for (place, node) in draft.nodes.iter().enumerate() {
            order.entry((true, node.id.as_str())).or_insert(place + 1);
        }
        for (place, edge) in draft.edges.iter().enumerate() {
            order.entry((false, edge.id.as_str())).or_insert(draft.nodes.len() + place + 1);
        }
        found.sort_by_key(|diagnostic| {
            let place = match (&diagnostic.node, &diagnostic.edge) {
                (Some(node), _) => order.get(&(true, node.as_str())),
                (None, Some(edge)) => order.get(&(false, edge.as_str())),
                (None, None) => None,
            };
            (place.copied().unwrap_or(0), diagnostic.severity)
        });
        let mut left = limits::WALKED;
        for diagnostic in &mut found {
            let walk = diagnostic.counter_example.as_ref().map_or(0, Vec::len);
            match left.checked_sub(walk) {
                Some(rest) => left = rest,
                None => diagnostic.counter_example = None,
            }
        }
        found
    }
}

impl Diagnostic {
    pub(super) fn error(code: &str, place: Place<'_>, message: impl Into<String>) -> Self {
        let (node, edge) = match place {
            Place::Draft => (None, None),
            Place::Node(id) => (Some(id.to_owned()), None),
            Place::Edge(id) => (None, Some(id.to_owned())),
        };
        Self {
            code: code.to_owned(),
            severity: Severity::Error,
            node,
            edge,
            field: None,
            message: message.into(),
            fixes: Vec::new(),
            counter_example: None,
        }
    }

    pub(super) fn warning(code: &str, place: Place<'_>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, place, message) }
    }

    pub(super) fn on(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    pub(super) fn fix(mut self, label: impl Into<String>, change: &impl serde::Serialize) -> Self {
        if let Ok(change @ Value::Object(_)) = serde_json::to_value(change) {
            self.fixes.push(Fix { label: label.into(), change });
        }
        self
    }

    pub(super) fn walk(mut self, edges: Vec<String>) -> Self {
        self.counter_example = Some(edges);
        self
    }
}
