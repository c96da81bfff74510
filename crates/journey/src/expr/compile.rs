//! From text to [`Op`]: the `cel` crate parses, names are resolved here.

use super::{
    ParseError,
    code::{self, Arithmetic, Comparison, Function, Literal, Macro, MacroKind, Name, Op},
};
use crate::limits;
use cel::{
    Env, IdedExpr,
    common::ast::{CallExpr, EntryExpr, Expr, LiteralValue, operators},
};

const TOO_DEEP: &str = "the expression is nested too deeply";

pub(super) fn compile(source: &str) -> Result<Op, ParseError> {
    if source.trim().is_empty() {
        return Err(refuse("the expression is empty"));
    }
    if source.len() > limits::EXPRESSION_BYTES {
        return Err(refuse(format!(
            "the expression has {} bytes; the limit is {}",
            source.len(),
            limits::EXPRESSION_BYTES
        )));
    }
    refuse_long_chains(source)?;
    let parser = Env::default()
        .with_optional_support(false)
        .parser()
        .enable_ident_escape_syntax(true)
        .max_recursion_depth(limits::EXPRESSION_DEPTH);
    let tree = parser.parse(source).map_err(|errors| syntax(source, &errors))?;
    Compiler { locals: Vec::new() }.expr(tree, 0)
}

fn refuse(message: impl Into<String>) -> ParseError {
    ParseError { message: message.into(), column: None }
}

/// The parser walks a chain of operators, members or calls with its own stack: refuse what would be too deep for it.
fn refuse_long_chains(source: &str) -> Result<(), ParseError> {
    let words = source.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let mut operators = words.filter(|word| *word == "in").count();
    let (mut nested, mut deepest) = (0_u16, 0_u16);
    let mut quote = None;
    let mut escaped = false;
    for byte in source.bytes() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if byte == b'\\' => escaped = true,
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            None => {
                match byte {
                    b'(' | b'[' | b'{' => nested = nested.saturating_add(1),
                    b')' | b']' | b'}' => nested = nested.saturating_sub(1),
                    _ => {}
                }
                deepest = deepest.max(nested);
                operators += usize::from(b"+-*/%.[({?!<>=&|".contains(&byte));
            }
        }
    }
    if deepest > limits::EXPRESSION_DEPTH {
        return Err(refuse(TOO_DEEP));
    }
    if operators > limits::EXPRESSION_OPERATORS {
        return Err(refuse(format!(
            "the expression has {operators} operators; the limit is {}",
            limits::EXPRESSION_OPERATORS
        )));
    }
    Ok(())
}

fn syntax(source: &str, errors: &cel::ParseErrors) -> ParseError {
    let Some(first) = errors.errors.first() else { return refuse("the expression cannot be read") };
    if first.msg.contains("recursion") {
        return refuse(TOO_DEEP);
    }
    let (line, column) = first.pos;
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let before: usize =
        source.split_inclusive('\n').take(line - 1).map(|line| line.chars().count()).sum();
    let column = before + usize::try_from(column).unwrap_or(0).max(1);
    let message = first.msg.lines().next().unwrap_or_default();
    let message = message.strip_prefix("Syntax error: ").unwrap_or(message);
    let message = match message.find("expecting {") {
        Some(_) if message.contains("<EOF>") && message.contains("mismatched") => {
            "the expression ends too early".to_owned()
        }
        Some(at) => {
            format!("{} is not expected here", message[..at].trim_end_matches([',', ' ']))
        }
        None if message.starts_with("Incomplete") => {
            "the expression is not complete; a choice within a choice stands in parentheses"
                .to_owned()
        }
        None => message.to_owned(),
    };
    ParseError { message, column: Some(column) }
}

struct Compiler {
    /// Macro variables in sight, innermost last.
    locals: Vec<String>,
}

impl Compiler {
    fn expr(&mut self, expr: IdedExpr, depth: usize) -> Result<Op, ParseError> {
        if depth > limits::EXPRESSION_OPERATORS {
            return Err(refuse(TOO_DEEP));
        }
        let depth = depth + 1;
        match expr.expr {
            Expr::Literal(literal) => literal_op(literal).map(Op::Literal),
            Expr::Ident(name) => Ok(self.name(&name)),
            Expr::Select(select) => {
                let of = Box::new(self.expr(*select.operand, depth)?);
                if select.test {
                    return Ok(Op::Has(of, select.field));
                }
                let selected = Op::Select(of, select.field);
                let name = selected.path().map(|path| path.join(".")).unwrap_or_default();
                let time = code::TIME_TYPES.into_iter().find(|known| *known == name);
                Ok(time.map_or(selected, |name| Op::Literal(Literal::Type(name))))
            }
            Expr::List(list) => Ok(Op::List(self.all(list.elements, depth)?)),
            Expr::Map(map) => {
                let mut entries = Vec::with_capacity(map.entries.len());
                for entry in map.entries {
                    let EntryExpr::MapEntry(entry) = entry.expr else {
                        return Err(refuse(
                            "messages with named fields are not part of this language; write a map with quoted keys",
                        ));
                    };
                    entries.push((self.expr(entry.key, depth)?, self.expr(entry.value, depth)?));
                }
                Ok(Op::Map(entries))
            }
            Expr::Call(call) => self.call(call, depth),
            Expr::Struct(_) => Err(refuse(
                "messages with named fields are not part of this language; write a map with quoted keys",
            )),
            Expr::Comprehension(_) | Expr::Unspecified => {
                Err(refuse("the expression cannot be read"))
            }
        }
    }

    fn all(&mut self, exprs: Vec<IdedExpr>, depth: usize) -> Result<Vec<Op>, ParseError> {
        exprs.into_iter().map(|expr| self.expr(expr, depth)).collect()
    }

    fn name(&self, name: &str) -> Op {
        let name = name.strip_prefix('.').unwrap_or(name);
        match self.locals.iter().rposition(|local| local == name) {
            Some(place) => Op::Local(place),
            None if let Some(known) = code::TYPES.into_iter().find(|known| *known == name) => {
                Op::Literal(Literal::Type(known))
            }
            None => Op::Root(Name { text: name.to_owned(), place: code::place(name) }),
        }
    }

    fn call(&mut self, call: CallExpr, depth: usize) -> Result<Op, ParseError> {
        let CallExpr { func_name, target, args } = self.without_namespace(call);
        if target.is_none() && func_name == operators::HAS {
            return self.has(args, depth);
        }
        if let Some(kind) = macro_kind(&func_name, args.len())
            && let Some(target) = target
        {
            return self.comprehension(kind, *target, args, depth);
        }
        let receiver = target.is_some();
        let arguments = args.len();
        let parts: Vec<_> = target.map(|target| *target).into_iter().chain(args).collect();
        let parts = self.all(parts, depth)?;
        let parts = if receiver {
            parts
        } else {
            match operator(&func_name, parts) {
                Ok(op) => return Ok(op),
                Err(parts) => parts,
            }
        };
        match Function::find(&func_name, receiver, arguments) {
            Some(function) => Ok(Op::Call(function, parts)),
            None => Err(unknown_function(&func_name)),
        }
    }

    /// A function whose name has a dot: what stands before it is no value.
    fn without_namespace(&self, call: CallExpr) -> CallExpr {
        let Some(Expr::Ident(space)) = call.target.as_ref().map(|target| &target.expr) else {
            return call;
        };
        let name = format!("{space}.{}", call.func_name);
        if self.locals.contains(space) || !Function::is_known(&name) {
            return call;
        }
        CallExpr { func_name: name, target: None, args: call.args }
    }

    fn has(&mut self, args: Vec<IdedExpr>, depth: usize) -> Result<Op, ParseError> {
        let mut args = args.into_iter();
        match (args.next().map(|arg| arg.expr), args.next()) {
            (Some(Expr::Select(select)), None) => {
                Ok(Op::Has(Box::new(self.expr(*select.operand, depth)?), select.field))
            }
            _ => Err(refuse("has(…) takes one member, such as has(input.email)")),
        }
    }

    fn comprehension(
        &mut self,
        kind: MacroKind,
        target: IdedExpr,
        args: Vec<IdedExpr>,
        depth: usize,
    ) -> Result<Op, ParseError> {
        let range = self.expr(target, depth)?;
        let mut args = args.into_iter();
        let Some(Expr::Ident(variable)) = args.next().map(|arg| arg.expr) else {
            return Err(refuse(
                "the first argument of all, exists, exists_one, map and filter is a name for each item",
            ));
        };
        self.locals.push(variable);
        let bodies = self.all(args.collect(), depth);
        let variable = self.locals.pop().unwrap_or_default();
        let mut bodies = bodies?;
        let last = bodies.pop();
        let (filter, body) = match kind {
            MacroKind::Map => (bodies.pop(), last),
            MacroKind::All | MacroKind::Exists | MacroKind::ExistsOne | MacroKind::Filter => {
                (last, None)
            }
        };
        Ok(Op::Macro(Box::new(Macro { kind, variable, range, filter, body })))
    }
}

fn macro_kind(name: &str, arguments: usize) -> Option<MacroKind> {
    match (name, arguments) {
        ("all", 2) => Some(MacroKind::All),
        ("exists", 2) => Some(MacroKind::Exists),
        ("exists_one" | "existsOne", 2) => Some(MacroKind::ExistsOne),
        ("filter", 2) => Some(MacroKind::Filter),
        ("map", 2 | 3) => Some(MacroKind::Map),
        _ => None,
    }
}

fn unknown_function(name: &str) -> ParseError {
    if name == "matches" {
        return refuse(
            "regular expressions are not part of this language; use contains, startsWith or endsWith",
        );
    }
    if Function::is_known(name) || (0..4).any(|count| macro_kind(name, count).is_some()) {
        return refuse(format!("'{name}' does not take these arguments"));
    }
    refuse(format!("there is no function '{name}'"))
}

fn literal_op(literal: LiteralValue) -> Result<Literal, ParseError> {
    Ok(match literal {
        LiteralValue::Null => Literal::Null,
        LiteralValue::Boolean(it) => Literal::Bool(it.into_inner()),
        LiteralValue::Int(it) => Literal::Int(it.into_inner()),
        LiteralValue::UInt(it) => Literal::UInt(it.into_inner()),
        LiteralValue::Double(it) => Literal::Double(it.into_inner()),
        LiteralValue::String(it) => Literal::Text(it.into_inner()),
        LiteralValue::Bytes(_) => return Err(refuse("bytes are not part of this language")),
    })
}

/// The operation an operator's call stands for; its parts come back when the name is no operator.
fn operator(name: &str, parts: Vec<Op>) -> Result<Op, Vec<Op>> {
    let parts = match <[Op; 1]>::try_from(parts) {
        Ok([only]) => {
            return match name {
                operators::LOGICAL_NOT => Ok(Op::Not(Box::new(only))),
                operators::NEGATE => Ok(Op::Negate(Box::new(only))),
                _ => Err(vec![only]),
            };
        }
        Err(parts) => parts,
    };
    let parts = match <[Op; 3]>::try_from(parts) {
        Ok(three) if name == operators::CONDITIONAL => return Ok(Op::Choose(Box::new(three))),
        Ok(three) => return Err(three.into()),
        Err(parts) => parts,
    };
    let pair = Box::new(<[Op; 2]>::try_from(parts)?);
    Ok(match name {
        operators::LOGICAL_AND => Op::And(pair),
        operators::LOGICAL_OR => Op::Or(pair),
        operators::INDEX => Op::Index(pair),
        operators::IN => Op::In(pair),
        operators::EQUALS => Op::Compare(Comparison::Equal, pair),
        operators::NOT_EQUALS => Op::Compare(Comparison::NotEqual, pair),
        operators::LESS => Op::Compare(Comparison::Less, pair),
        operators::LESS_EQUALS => Op::Compare(Comparison::LessOrEqual, pair),
        operators::GREATER => Op::Compare(Comparison::Greater, pair),
        operators::GREATER_EQUALS => Op::Compare(Comparison::GreaterOrEqual, pair),
        operators::ADD => Op::Compute(Arithmetic::Add, pair),
        operators::SUBSTRACT => Op::Compute(Arithmetic::Subtract, pair),
        operators::MULTIPLY => Op::Compute(Arithmetic::Multiply, pair),
        operators::DIVIDE => Op::Compute(Arithmetic::Divide, pair),
        operators::MODULO => Op::Compute(Arithmetic::Remainder, pair),
        _ => return Err(Vec::from(*pair)),
    })
}
