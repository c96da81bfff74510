//! JSON Schemas of drafts: whether they are any, and whether what comes in fits them.

use journey::{Diagnostic, Draft, Severity, Workspace};
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::Value;
use tokio::sync::Semaphore;
use wire::FieldError;

use crate::{
    limits,
    problem::{Problem, Result},
};

mod effort;

static AT_ONCE: Semaphore = Semaphore::const_new(limits::CHECKS_AT_ONCE);

/// Everything that is wrong with a draft: what the journey crate finds, and schemas that are none, for which the browser has no library.
pub(crate) fn check(draft: &Draft, workspace: Option<&Workspace>) -> Vec<Diagnostic> {
    let (_, mut diagnostics) = journey::check(draft, workspace);
    let variables = draft.variables.as_ref().map(|schema| (None, "variables", schema));
    let of_nodes = draft.nodes.iter().filter_map(|node| {
        let member = match node.kind.as_str() {
            "trigger" => "input",
            "task" => "form",
            _ => return None,
        };
        Some((Some(node.id.clone()), member, node.settings.get(member)?))
    });
    // What is no object has been reported already.
    let schemas = variables.into_iter().chain(of_nodes).filter(|(_, _, schema)| schema.is_object());
    diagnostics.extend(schemas.filter_map(|(node, member, schema)| {
        let error = compile(schema).err()?;
        Some(Diagnostic {
            code: "bad-value".to_owned(),
            severity: Severity::Error,
            node,
            edge: None,
            field: Some(format!("/{member}{}", error.instance_path())),
            message: format!("This is no JSON Schema: {error}. Nothing could be checked by it."),
            fixes: Vec::new(),
            counter_example: None,
        })
    }));
    diagnostics
}

/// The same away from the threads that answer requests, a few at a time: a large draft takes a while. Gives the draft back.
pub(crate) async fn check_apart(
    draft: Draft,
    workspace: Workspace,
) -> Result<(Draft, Vec<Diagnostic>)> {
    let checking = move || {
        let diagnostics = check(&draft, Some(&workspace));
        (draft, diagnostics)
    };
    apart(checking).await
}

/// Does work on drafts away from the threads that answer requests, a few at a time.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    let permit = AT_ONCE.acquire().await.map_err(|error| Problem::internal(&error))?;
    let working = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(permit);
        done
    });
    working.await.map_err(|error| Problem::internal(&error))
}

/// A schema ready for checking many values.
#[derive(Debug)]
pub(crate) struct Compiled {
    schema: Value,
    validator: Validator,
}

/// Makes a schema ready.
///
/// # Errors
///
/// It is no JSON Schema, or refers to one elsewhere, which is never fetched.
pub(crate) fn compile(schema: &Value) -> Result<Compiled, Box<ValidationError<'static>>> {
    let validator = jsonschema::validator_for(schema).map_err(Box::new)?;
    Ok(Compiled { schema: schema.clone(), validator })
}

/// The members of `value` that do not fit, by their pointers under `pointer`.
pub(crate) fn misfits(pointer: &str, compiled: &Compiled, value: &Value) -> Vec<FieldError> {
    if !effort::is_bounded(&compiled.schema, value) {
        let message = "this cannot be checked: its schema has too many alternatives within alternatives, or refers to itself in a circle";
        return vec![FieldError { pointer: pointer.to_owned(), message: message.to_owned() }];
    }
    let errors = compiled.validator.iter_errors(value).map(|error| FieldError {
        pointer: format!("{pointer}{}{}", error.instance_path(), member(&error)),
        message: error.to_string(),
    });
    errors.take(limits::FIELD_ERRORS).collect()
}

/// The member that is missing or too much, which the error's own path stops short of.
fn member(error: &ValidationError<'_>) -> String {
    let name = match error.kind() {
        ValidationErrorKind::Required { property } => property.as_str(),
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            unexpected.first().map(String::as_str)
        }
        _ => None,
    };
    name.map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_member_that_is_missing_or_too_much_is_named() {
        let schema = json!({
            "type": "object", "required": ["a"], "additionalProperties": false,
            "properties": { "a": { "type": "string" } }
        });
        let validator = compile(&schema).unwrap();
        let pointers = |value: Value| -> Vec<String> {
            let misfits = misfits("/form", &validator, &value);
            misfits.into_iter().map(|misfit| misfit.pointer).collect()
        };
        assert_eq!(pointers(json!({})), ["/form/a"]);
        assert_eq!(pointers(json!({ "a": 7 })), ["/form/a"]);
        assert_eq!(pointers(json!({ "a": "x", "b/c": 1 })), ["/form/b~1c"]);
        assert_eq!(pointers(json!({ "a": "x" })), Vec::<String>::new());
    }

    #[test]
    fn a_schema_elsewhere_is_not_fetched() {
        assert!(compile(&json!({ "$ref": "http://127.0.0.1:1/schema" })).is_err());
        assert!(compile(&json!({ "$ref": "file:///etc/passwd" })).is_err());
    }
}
