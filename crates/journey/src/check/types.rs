//! Whether what expressions do fits what schemas say: of the input, variables, forms and operations.

#[cfg(test)]
mod tests;

use super::{
    Diagnostic,
    names::{Names, Spot},
    report::Place,
};
use crate::{
    Draft,
    draft::Node,
    expr::{Expression, ProblemKind, Type, TypeProblem, TypeScope, types::Rest},
    ports::{self, Role},
    settings::Target,
};
use serde_json::Value;
use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
};

/// How often the types of variables are worked out from one another. Every round is right; more of them say more.
const ROUNDS: usize = 3;

/// What is done with values, noted while nodes are read: a variable's type is known only when all have been.
#[derive(Default)]
pub(super) struct Types {
    found: RefCell<Vec<Noted>>,
    conditions: RefCell<Vec<Noted>>,
    asked: RefCell<Vec<Asked>>,
    writers: RefCell<BTreeMap<String, Writers>>,
    account: RefCell<BTreeMap<String, Vec<Expression>>>,
}

/// An expression and where it stands.
struct Noted {
    expression: Expression,
    node: Option<String>,
    edge: Option<String>,
    field: String,
}

/// An expression whose value goes where only some types are taken.
struct Asked {
    noted: Noted,
    by: By,
    name: String,
    taken: Type,
}

#[derive(Clone, Copy, PartialEq)]
enum By {
    Operation,
    Variable,
    Setting,
}

/// What writes one variable.
#[derive(Default)]
struct Writers {
    /// How many do; the type is known only when all of them are.
    count: usize,
    values: Vec<Expression>,
    outputs: Vec<Type>,
}

impl Types {
    pub(super) fn expression(&self, expression: &Expression, spot: Spot<'_>) {
        self.found.borrow_mut().push(Noted::new(expression, spot));
    }

    pub(super) fn condition(&self, expression: &Expression, spot: Spot<'_>) {
        self.conditions.borrow_mut().push(Noted::new(expression, spot));
    }

    /// Notes that a variable is written; of what type is said beside it, or not known.
    pub(super) fn writes(&self, variable: &str) {
        self.writers.borrow_mut().entry(variable.to_owned()).or_default().count += 1;
    }

    /// Notes what a set writes.
    pub(super) fn set(&self, to: &Target, value: &Expression, spot: Spot<'_>) {
        match to {
            Target::Variable(name) => {
                let mut writers = self.writers.borrow_mut();
                writers.entry(name.clone()).or_default().values.push(value.clone());
                let noted = Noted::new(value, spot);
                let (by, name, taken) = (By::Variable, name.clone(), Type::Dyn);
                self.asked.borrow_mut().push(Asked { noted, by, name, taken });
            }
            Target::AccountField(name) => {
                self.account.borrow_mut().entry(name.clone()).or_default().push(value.clone());
            }
        }
    }

    /// Notes that a setting takes only values of a type.
    pub(super) fn setting(&self, name: &str, value: &Expression, spot: Spot<'_>, taken: Type) {
        let (noted, by, name) = (Noted::new(value, spot), By::Setting, name.to_owned());
        self.asked.borrow_mut().push(Asked { noted, by, name, taken });
    }

    /// Notes the variable an operation's answer goes to.
    pub(super) fn output(&self, variable: &str, schema: &Value) {
        let mut writers = self.writers.borrow_mut();
        writers.entry(variable.to_owned()).or_default().outputs.push(Type::of_schema(schema));
    }

    /// Notes what an operation is given, by the name of each input.
    pub(super) fn inputs(&self, inputs: &[(String, Expression)], schema: &Value, spot: Spot<'_>) {
        self.members(By::Operation, inputs, schema, spot);
    }

    /// Notes what fields of a form are filled in with, by the name of each.
    pub(super) fn filled(&self, values: &[(String, Expression)], schema: &Value, spot: Spot<'_>) {
        self.members(By::Setting, values, schema, spot);
    }

    fn members(&self, by: By, inputs: &[(String, Expression)], schema: &Value, spot: Spot<'_>) {
        let of = Type::of_schema(schema);
        let Type::Object(shape) = &of else { return };
        for (name, expression) in inputs {
            let Some(taken) = shape.members.get(name) else { continue };
            let field = format!("{}/{}", spot.field, name.replace('~', "~0").replace('/', "~1"));
            let noted = Noted::new(expression, Spot { field: &field, ..spot });
            let (name, taken) = (name.clone(), taken.clone());
            self.asked.borrow_mut().push(Asked { noted, by, name, taken });
        }
    }
}

impl Noted {
    fn new(expression: &Expression, spot: Spot<'_>) -> Self {
        let (node, edge) = match spot.place {
            Place::Edge(edge) => (spot.node.map(str::to_owned), Some(edge.to_owned())),
            Place::Node(node) => (Some(node.to_owned()), None),
            Place::Draft => (None, None),
        };
        Self { expression: expression.clone(), node, edge, field: spot.field.to_owned() }
    }

    fn place(&self) -> Place<'_> {
        match (&self.edge, &self.node) {
            (Some(edge), _) => Place::Edge(edge),
            (None, Some(node)) => Place::Node(node),
            (None, None) => Place::Draft,
        }
    }
}

/// Reports what can never succeed, and what the schemas do not know.
pub(super) fn check(draft: &Draft, names: &Names<'_>) {
    let types = &names.types;
    let scopes = Scopes::of(draft, names);
    for noted in types.found.take() {
        for problem in noted.expression.type_in(scopes.at(&noted)).1 {
            names.report.add(diagnostic(&noted, problem));
        }
    }
    for noted in types.conditions.take() {
        let of = noted.expression.type_in(scopes.at(&noted)).0;
        if !of.may_be(&Type::Bool) {
            let is = of.described();
            let message = format!(
                "A condition must be true or false; this is always {is}. Compare it with something."
            );
            let found = Diagnostic::error("not-a-condition", noted.place(), message);
            names.report.add(found.on(&noted.field));
        }
    }
    for asked in types.asked.take() {
        let wanted = match asked.by {
            By::Operation | By::Setting => Some(&asked.taken),
            By::Variable => scopes.declared.get(&asked.name),
        };
        let of = asked.noted.expression.type_in(scopes.at(&asked.noted)).0.kept();
        if let Some(wanted) = wanted.filter(|wanted| !of.fits(wanted)) {
            names.report.add(unfit(&asked, wanted, &of));
        }
    }
}

/// What expressions of a node read, with what accounts were seen to have.
pub(super) fn scope(draft: &Draft, names: &Names<'_>, node: Option<&str>) -> TypeScope {
    let mut scopes = Scopes::of(draft, names);
    let trigger = node.and_then(|node| scopes.triggers.remove(node));
    let scope = trigger.unwrap_or(scopes.within);
    let Some(workspace) = names.workspace.filter(|known| !known.account_fields.is_empty()) else {
        return scope;
    };
    let seen = workspace.account_fields.iter();
    let seen = seen.map(|(name, schema)| (name.clone(), Type::of_schema(schema)));
    scope.with_members("account", seen.collect())
}

fn diagnostic(noted: &Noted, problem: TypeProblem) -> Diagnostic {
    let place = noted.place();
    let found = match problem.kind {
        ProblemKind::Mismatch => Diagnostic::error("type-mismatch", place, problem.message),
        ProblemKind::UnknownField => Diagnostic::error("unknown-field", place, problem.message),
        ProblemKind::UnlistedField => Diagnostic::warning("unknown-field", place, problem.message),
        ProblemKind::UnknownOutcome => Diagnostic::error("unknown-outcome", place, problem.message),
        ProblemKind::UnlistedValue => Diagnostic::warning("unlisted-value", place, problem.message),
    };
    found.on(&noted.field)
}

fn unfit(asked: &Asked, wanted: &Type, of: &Type) -> Diagnostic {
    let (name, wanted, is) = (&asked.name, wanted.described_closely(), of.described_closely());
    let (code, message) = match asked.by {
        By::Operation => {
            ("input-type", format!("The operation takes {wanted} for '{name}', but this is {is}."))
        }
        By::Variable => (
            "variable-type",
            format!("The variable '{name}' is declared as {wanted}, but this is {is}."),
        ),
        By::Setting => ("type-mismatch", format!("'{name}' takes {wanted}, but this is {is}.")),
    };
    Diagnostic::error(code, asked.noted.place(), message).on(&asked.noted.field)
}

/// What expressions read, by where they stand.
struct Scopes {
    /// Within the journey, where any trigger may have opened the instance.
    within: TypeScope,
    /// On each trigger, which gets its own input.
    triggers: HashMap<String, TypeScope>,
    declared: BTreeMap<String, Type>,
}

impl Scopes {
    fn of(draft: &Draft, names: &Names<'_>) -> Self {
        let inputs: Vec<_> = draft
            .nodes
            .iter()
            .filter(|node| node.kind == "trigger")
            .map(|node| (node, node.settings.get("input").map_or(Type::Dyn, Type::of_schema)))
            .collect();
        let input = Type::one_of(inputs.iter().map(|(_, input)| input.clone()));
        let declared = match draft.variables.as_ref().map(Type::of_schema) {
            Some(Type::Object(shape)) => shape.members.clone(),
            _ => BTreeMap::new(),
        };
        let within = TypeScope::default()
            .with("input", input)
            .with("account", account(&BTreeMap::new()))
            .with("nodes", nodes(draft, names))
            .with("now", Type::Timestamp);
        let within = inferred(within, &declared, &names.types);
        let triggers = inputs
            .into_iter()
            .map(|(node, input)| (node.id.clone(), within.clone().with("input", input)))
            .collect();
        Self { within, triggers, declared }
    }

    fn at(&self, noted: &Noted) -> &TypeScope {
        let trigger = noted.node.as_ref().and_then(|node| self.triggers.get(node));
        trigger.unwrap_or(&self.within)
    }
}

/// The scope with variables and account fields as the draft declares and writes them.
fn inferred(mut scope: TypeScope, declared: &BTreeMap<String, Type>, types: &Types) -> TypeScope {
    let (writers, written) = (types.writers.borrow(), types.account.borrow());
    for _ in 0..ROUNDS {
        let of = |value: &Expression| value.type_in(&scope).0.kept();
        let known = writers
            .iter()
            .filter(|(_, writers)| writers.count == writers.values.len() + writers.outputs.len())
            .map(|(name, writers)| {
                let values = writers.values.iter().map(of);
                (name.clone(), Type::one_of(values.chain(writers.outputs.iter().cloned())))
            });
        let mut variables: BTreeMap<_, _> = known.collect();
        variables.extend(declared.clone());
        let written = written
            .iter()
            .map(|(name, values)| (name.clone(), Type::one_of(values.iter().map(of))))
            .collect();
        scope = scope
            .with("vars", Type::object(variables, Rest::Reported))
            .with("account", account(&written));
    }
    scope
}

/// An account's record: what every account has, and fields of its own. What the journey writes itself may be anything.
fn account(written: &BTreeMap<String, Type>) -> Type {
    let text = || Type::Text.or(Type::Null);
    let mut members: BTreeMap<_, _> = ["id", "external_id", "name", "segment", "owner"]
        .map(|name| (name.to_owned(), text()))
        .into();
    members.insert("arr".to_owned(), Type::Number.or(Type::Null));
    for (name, of) in written {
        if let Some(known) = members.get_mut(name) {
            *known = known.clone().or(of.clone());
        }
    }
    Type::object(members, Rest::Open(Type::Dyn)).or(Type::Null)
}

/// What each node leaves behind.
fn nodes(draft: &Draft, names: &Names<'_>) -> Type {
    let mut outputs = HashMap::new();
    let left = draft.nodes.iter().map(|node| {
        let members = [
            ("output", output(node, names, &mut outputs)),
            ("form", form(node)),
            ("outcome", outcome(node)),
            ("error", error()),
        ];
        let members = members.map(|(name, of)| (name.to_owned(), of)).into();
        (node.id.clone(), Type::object(members, Rest::Reported))
    });
    Type::object(left.collect(), Rest::Reported)
}

/// What a node gives; each operation's schema is read once.
fn output<'a>(
    node: &'a Node,
    names: &Names<'a>,
    read: &mut HashMap<(&'a str, &'a str), Type>,
) -> Type {
    let text = |member| node.settings.get(member).and_then(Value::as_str);
    match node.kind.as_str() {
        "action" | "ai_check" => {
            let (Some(connection), Some(operation)) = (text("connection"), text("operation"))
            else {
                return Type::Dyn;
            };
            let of = read.entry((connection, operation)).or_insert_with(|| {
                let known = names.workspace.and_then(|known| known.connections.get(connection));
                let known = known.and_then(|connection| connection.operations.get(operation));
                known.map_or(Type::Dyn, |operation| Type::of_schema(&operation.output))
            });
            of.clone()
        }
        "for_each" => Type::list(ended(vec![("index", Type::Number)])),
        "journey" => ended(Vec::new()),
        _ => Type::Dyn,
    }
}

/// How an instance below this one ended.
fn ended(more: Vec<(&str, Type)>) -> Type {
    let members = [("outcome", Type::Text.or(Type::Null)), ("vars", Type::Dyn)];
    let members = members.into_iter().chain(more).map(|(name, of)| (name.to_owned(), of));
    Type::object(members.collect(), Rest::Open(Type::Dyn))
}

/// What a person enters; names a form does not ask for are reported where names are.
fn form(node: &Node) -> Type {
    match node.settings.get("form").map(Type::of_schema) {
        Some(Type::Object(shape)) => Type::object(shape.members.clone(), Rest::Reported),
        Some(other) => other,
        None => Type::Dyn,
    }
}

/// Every port counts: an incident on the node may be skipped by any of them. A handoff has been sent before it is taken.
fn outcome(node: &Node) -> Type {
    let ports = ports::ports(node);
    let decided = matches!(node.kind.as_str(), "approval" | "handoff" | "ai_check");
    if !decided && !ports.iter().any(|port| matches!(port.role, Role::Outcome { .. })) {
        return Type::Text;
    }
    let sent = (node.kind == "handoff").then_some("send");
    let names = ports.iter().map(|port| port.name).chain(sent);
    Type::outcomes(&node.id, names.map(str::to_owned).collect())
}

/// A failure, as [`crate::effect::Failure`] is written.
fn error() -> Type {
    let members = [("kind", Type::Text), ("code", Type::Text), ("message", Type::Text)];
    let members = members.map(|(name, of)| (name.to_owned(), of)).into();
    Type::object(members, Rest::Unlisted)
}
