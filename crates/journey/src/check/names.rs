//! What names a draft may use: its own nodes, and what the workspace knows.

use super::{
    Diagnostic,
    report::{Place, Report},
    types::Types,
};
use crate::{
    Called, Draft, References, Workspace, calendar,
    draft::Node,
    expr::{Expression, Reads},
    template::Template,
    workspace::Operation,
};
use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

/// What every expression of a running instance may read.
pub(super) const INSTANCE: &[&str] = &["input", "vars", "account", "nodes", "now"];
/// What a trigger's condition may read: the instance is not there yet.
pub(super) const ENTRY: &[&str] = &["input", "account", "now"];
/// What finds an input's account or key.
pub(super) const INPUT: &[&str] = &["input"];

const LEFT: &[&str] = &["output", "error", "outcome", "form"];

pub(super) struct Names<'a> {
    pub(super) report: &'a Report,
    pub(super) workspace: Option<&'a Workspace>,
    /// The journey's own name.
    name: &'a str,
    pub(super) nodes: HashMap<&'a str, &'a Node>,
    /// Which paths each place reads, for the checks of order.
    reads: RefCell<Vec<Reading>>,
    written: RefCell<BTreeSet<String>>,
    /// Where the time of the team that has the work is kept: nodes, and the field of each.
    team_times: RefCell<Vec<(String, String)>>,
    /// What of the workspace was named so far.
    references: RefCell<References>,
    /// What is done with values, to be checked once every node has been read.
    pub(super) types: Types,
}

/// One path an expression reads, and where the expression stands.
pub(crate) struct Reading {
    /// The node it stands on, or the node its edge leaves; `None` for the journey's exits.
    pub(crate) node: Option<String>,
    pub(crate) edge: Option<String>,
    pub(crate) field: String,
    pub(crate) reads: Reads,
}

/// Where an expression stands and what it may read.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) place: Place<'a>,
    /// The node whose turn it is when the expression is evaluated.
    pub(super) node: Option<&'a str>,
    pub(super) field: &'a str,
    pub(super) roots: &'a [&'a str],
}

impl<'a> Names<'a> {
    pub(super) fn of(
        draft: &'a Draft,
        workspace: Option<&'a Workspace>,
        report: &'a Report,
    ) -> Self {
        let mut nodes = HashMap::new();
        for node in &draft.nodes {
            nodes.entry(node.id.as_str()).or_insert(node);
        }
        let declared = draft.variables.as_ref().and_then(|schema| schema.get("properties"));
        let written = declared
            .and_then(|properties| properties.as_object())
            .map(|properties| properties.keys().cloned().collect())
            .unwrap_or_default();
        let (reads, written) = (RefCell::default(), RefCell::new(written));
        let types = Types::default();
        let (name, team_times) = (draft.name.as_str(), RefCell::default());
        let references = RefCell::default();
        Self { report, workspace, name, nodes, reads, written, team_times, references, types }
    }

    pub(super) fn team_times(&self) -> Vec<(String, String)> {
        self.team_times.take()
    }

    pub(super) fn references(&self) -> References {
        self.references.take()
    }

    pub(super) fn readings(&self) -> Vec<Reading> {
        self.reads.take()
    }

    /// Notes that some node writes this variable.
    pub(super) fn writes(&self, variable: &str) {
        self.types.writes(variable);
        self.written.borrow_mut().insert(variable.to_owned());
    }

    pub(super) fn is_written(&self, variable: &str) -> bool {
        self.written.borrow().contains(variable)
    }

    pub(super) fn expression(&self, source: &str, spot: Spot<'_>) -> Option<Expression> {
        match Expression::parse(source) {
            Ok(expression) => {
                self.expression_reads(&expression, spot);
                Some(expression)
            }
            Err(error) => {
                self.bad_expression(&error, spot);
                None
            }
        }
    }

    pub(super) fn condition(&self, source: &str, spot: Spot<'_>) -> Option<Expression> {
        let expression = self.expression(source, spot)?;
        self.types.condition(&expression, spot);
        Some(expression)
    }
    pub(super) fn template(&self, source: &str, spot: Spot<'_>) -> Option<Template> {
        match Template::parse(source) {
            Ok(template) => {
                for expression in template.expressions() {
                    self.expression_reads(expression, spot);
                }
                Some(template)
            }
            Err(error) => {
                self.bad_expression(&error, spot);
                None
            }
        }
    }

    fn bad_expression(&self, error: &crate::expr::ParseError, spot: Spot<'_>) {
        let column =
            error.column.map(|column| format!(" (character {column})")).unwrap_or_default();
        let message = format!("The expression cannot be read: {}{column}.", error.message);
        self.report.add(Diagnostic::error("bad-expression", spot.place, message).on(spot.field));
    }

    fn expression_reads(&self, expression: &Expression, spot: Spot<'_>) {
        self.types.expression(expression, spot);
        let all = expression.reads();
        for reads in all.clone() {
            if self.knows(&reads, spot) {
                let is_tested = all.iter().any(|other| other.tested && other.path == reads.path);
                if let Some(message) = self.optional(&reads).filter(|_| !is_tested) {
                    let code = "answer-may-be-missing";
                    self.report.add(Diagnostic::warning(code, spot.place, message).on(spot.field));
                }
                let edge = match spot.place {
                    Place::Edge(edge) => Some(edge.to_owned()),
                    Place::Draft | Place::Node(_) => None,
                };
                let node = spot.node.map(str::to_owned);
                self.reads.borrow_mut().push(Reading {
                    node,
                    edge,
                    field: spot.field.to_owned(),
                    reads,
                });
            }
        }
    }

    fn knows(&self, reads: &Reads, spot: Spot<'_>) -> bool {
        let refuse = |code, message: String| {
            self.report.add(Diagnostic::error(code, spot.place, message).on(spot.field));
            false
        };
        let root = reads.path.first().map_or("", String::as_str);
        if !spot.roots.contains(&root) {
            let known = spot.roots.join(", ");
            return refuse(
                "unknown-name",
                format!("There is no '{root}' to read here; an expression here reads {known}."),
            );
        }
        let (Some(node), "nodes") = (reads.path.get(1), root) else { return true };
        if !self.nodes.contains_key(node.as_str()) {
            return refuse(
                "unknown-node",
                format!(
                    "The journey has no node '{node}'; write the id of a node that runs before this one."
                ),
            );
        }
        match reads.path.get(2) {
            Some(member) if !LEFT.contains(&member.as_str()) => refuse(
                "unknown-name",
                format!("A node leaves output, error, outcome or form, not '{member}'."),
            ),
            Some(member) if member == "form" => match self.unasked(node, reads) {
                Some(message) => refuse("unknown-name", message),
                None => true,
            },
            _ => true,
        }
    }

    /// What is wrong with reading a field of a node's form; `None` when the form may have it.
    fn unasked(&self, node: &str, reads: &Reads) -> Option<String> {
        let field = reads.path.get(3)?;
        let form = self.nodes.get(node)?.settings.get("form")?;
        let asked = form.get("properties")?.as_object()?;
        if asked.contains_key(field) {
            return None;
        }
        let known: Vec<_> = asked.keys().map(String::as_str).collect();
        Some(format!(
            "The form of '{node}' does not ask for '{field}'; it asks for {}.",
            known.join(", ")
        ))
    }

    /// What to mind when reading a field that a person may leave empty; `None` for everything else.
    fn optional(&self, reads: &Reads) -> Option<String> {
        let [root, node, member, field, ..] = reads.path.as_slice() else { return None };
        if root != "nodes" || member != "form" {
            return None;
        }
        let form = self.nodes.get(node.as_str())?.settings.get("form")?;
        form.get("properties")?.get(field)?;
        let required = form.get("required").and_then(|required| required.as_array());
        if required.is_some_and(|required| required.iter().any(|name| name == field)) {
            return None;
        }
        let path = reads.path.join(".");
        Some(format!(
            "'{field}' may be left empty, and then this has no answer; ask with has({path}) first, or make the field required."
        ))
    }

    /// Checks a name only the workspace knows; away from one that is a warning.
    fn known(&self, known: Option<bool>, name: (&str, &str, &str), spot: Spot<'_>) {
        let (code, what, name) = name;
        match known {
            Some(true) => {}
            Some(false) => {
                let message =
                    format!("The workspace has no {what} '{name}'; add it or choose another.");
                self.report.add(Diagnostic::error(code, spot.place, message).on(spot.field));
            }
            None => {
                let message =
                    format!("Whether there is a {what} '{name}' is known only in a workspace.");
                self.report
                    .add(Diagnostic::warning("unknown-here", spot.place, message).on(spot.field));
            }
        }
    }

    pub(super) fn team(&self, name: &str, spot: Spot<'_>) {
        self.references.borrow_mut().teams.insert(name.to_owned());
        let known = self.workspace.map(|workspace| workspace.teams.contains(name));
        self.known(known, ("unknown-team", "team", name), spot);
    }

    pub(super) fn user(&self, name: &str, spot: Spot<'_>) {
        let known = self.workspace.map(|workspace| workspace.users.contains(name));
        self.known(known, ("unknown-user", "user", name), spot);
    }

    /// Whom a message goes to by an expression that always gives the same: a user's address, or a team.
    pub(super) fn recipient(&self, name: &str, spot: Spot<'_>) {
        let known = self
            .workspace
            .map(|workspace| workspace.users.contains(name) || workspace.teams.contains(name));
        self.known(known, ("unknown-user", "user or team", name), spot);
    }

    pub(super) fn calendar(&self, name: &str, spot: Spot<'_>) {
        if let (calendar::TEAM, Place::Node(node)) = (name, spot.place) {
            self.team_times.borrow_mut().push((node.to_owned(), spot.field.to_owned()));
        }
        if calendar::is_relative(name) {
            return;
        }
        self.references.borrow_mut().calendars.insert(name.to_owned());
        let known = self.workspace.map(|workspace| workspace.calendars.contains(name));
        self.known(known, ("unknown-calendar", "calendar", name), spot);
    }

    /// A journey that is called, by its id or name. One that calls itself by its name may do so before it is ever published.
    pub(super) fn journey(&self, name: &str, version: Option<u64>, spot: Spot<'_>) {
        let is_own = name == self.name;
        if !is_own {
            let called = Called { journey: name.to_owned(), version };
            self.references.borrow_mut().journeys.insert(called);
        }
        if self.workspace.is_some_and(|workspace| workspace.shared_names.contains(name)) {
            let message =
                format!("Several journeys are called '{name}'; call the one you mean by its id.");
            self.report
                .add(Diagnostic::error("unknown-journey", spot.place, message).on(spot.field));
            return;
        }
        let known = self.workspace.map(|workspace| is_own || workspace.journeys.contains(name));
        self.known(known, ("unknown-journey", "live journey", name), spot);
    }

    pub(super) fn connection(&self, name: &str, spot: Spot<'_>) {
        self.references.borrow_mut().connections.entry(name.to_owned()).or_default();
        let known = self.workspace.map(|workspace| workspace.connections.contains_key(name));
        self.known(known, ("unknown-connection", "connection", name), spot);
    }

    /// The operation of a connection the workspace has; reports one the connection does not have.
    pub(super) fn operation(
        &self,
        connection: &str,
        name: &str,
        spot: Spot<'_>,
    ) -> Option<&'a Operation> {
        let mut references = self.references.borrow_mut();
        references.connections.entry(connection.to_owned()).or_default().insert(name.to_owned());
        drop(references);
        let connection = self.workspace?.connections.get(connection)?;
        let operation = connection.operations.get(name);
        if operation.is_none() {
            let known: Vec<_> = connection.operations.keys().map(String::as_str).collect();
            let message =
                format!("The connection has no operation '{name}'; it has {}.", known.join(", "));
            self.report
                .add(Diagnostic::error("unknown-operation", spot.place, message).on(spot.field));
        }
        operation
    }
}
