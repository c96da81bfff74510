//! What a condition can be about.

use super::{Type, TypeScope};
use crate::expr::print;

/// How deep members of members are listed.
const DEPTH: usize = 6;
/// Most fields that are listed.
const LISTED: usize = 1_000;

/// Something to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// As CEL.
    pub path: String,
    pub of: Type,
    /// Whether it may not be there when it is read, as any member: a variable may not be set yet, an account may lack it.
    pub may_lack: bool,
}

/// Whatever can be read by its name and is one value or a list of them, in the order of the names.
pub fn fields(scope: &TypeScope) -> Vec<Field> {
    let mut found = Vec::new();
    for (name, of) in scope.roots() {
        list(&mut found, name.to_owned(), of, 0);
    }
    found
}

/// The type of a field, as far as it is listed.
pub fn type_of(fields: &[Field], path: &str) -> Type {
    fields.iter().find(|field| field.path == path).map_or(Type::Dyn, |field| field.of.clone())
}

fn list(found: &mut Vec<Field>, path: String, of: &Type, depth: usize) {
    if found.len() >= LISTED {
        return;
    }
    let shapes: Vec<_> = of
        .alternatives()
        .iter()
        .filter_map(|of| match of {
            Type::Object(shape) => Some(shape),
            _ => None,
        })
        .collect();
    if shapes.is_empty() {
        return found.push(Field { path, of: of.clone(), may_lack: depth > 0 });
    }
    if depth == DEPTH {
        return;
    }
    for shape in shapes {
        for (name, of) in &shape.members {
            list(found, format!("{path}{}", print::member(name)), of, depth + 1);
        }
    }
}
