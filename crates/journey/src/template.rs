//! Templates: text with `{{ expression }}` inside.
#![expect(clippy::wildcard_enum_match_arm, reason = "every value but text is written as JSON")]

use crate::expr::{EvalError, Expression, ParseError, Scope};
use serde_json::Value;

/// A text whose expressions are parsed once and filled in later.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    Expression(Expression),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    ///
    /// A `{{` is never closed, or what is inside is not an expression.
    pub fn parse(source: &str) -> Result<Self, ParseError> {
        let mut parts = Vec::new();
        let mut rest = source;
        while let Some(open) = rest.find("{{") {
            if open > 0 {
                parts.push(Part::Text(rest[..open].to_owned()));
            }
            let inside = &rest[open + 2..];
            let Some(close) = closing(inside) else {
                return Err(ParseError {
                    message: "a '{{' is not closed by '}}'".to_owned(),
                    column: Some(source.len() - rest.len() + open + 1),
                });
            };
            parts.push(Part::Expression(Expression::parse(inside[..close].trim())?));
            rest = &inside[close + 2..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The text with every expression filled in: a null leaves nothing, a list or object its JSON.
    ///
    /// # Errors
    ///
    /// An expression has no value.
    pub fn render(&self, scope: &Scope<'_>) -> Result<String, EvalError> {
        let mut text = String::new();
        for part in &self.parts {
            match part {
                Part::Text(literal) => text.push_str(literal),
                Part::Expression(expression) => match expression.evaluate(scope)? {
                    Value::Null => {}
                    Value::String(value) => text.push_str(&value),
                    other => text.push_str(&other.to_string()),
                },
            }
        }
        Ok(text)
    }

    pub(crate) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts.iter().filter_map(|part| match part {
            Part::Expression(expression) => Some(expression),
            Part::Text(_) => None,
        })
    }
}

/// Where the `}}` stands that closes an expression: not inside a quoted text, nor closing the expression's own braces.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut quote, mut escaped, mut braces) = (None, false, 0_usize);
    for (at, byte) in bytes.iter().enumerate() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if *byte == b'\\' => escaped = true,
            Some(open) if *byte == open => quote = None,
            Some(_) => {}
            None => match byte {
                b'"' | b'\'' => quote = Some(*byte),
                b'{' => braces += 1,
                b'}' if braces > 0 => braces -= 1,
                b'}' if bytes.get(at + 1) == Some(&b'}') => return Some(at),
                _ => {}
            },
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::Template;
    use crate::expr::Scope;
    use serde_json::json;

    fn render(source: &str) -> String {
        let input = json!({"name": "Ada", "tags": ["a", "b"], "none": null, "n": 3});
        Template::parse(source).unwrap().render(&Scope::new(&[("input", &input)])).unwrap()
    }

    #[test]
    fn expressions_are_filled_in_between_the_text() {
        assert_eq!(render("Call {{ input.name }}, {{input.n + 1}} times"), "Call Ada, 4 times");
        assert_eq!(render("plain"), "plain");
        assert_eq!(render("{{ input.tags }}{{ input.none }}"), r#"["a","b"]"#);
        assert_eq!(render("{{ {'a': {'b': '}}'}}.a.b }}!"), "}}!");
    }

    #[test]
    fn an_open_brace_is_refused_with_its_place() {
        assert_eq!(Template::parse("Dear {{ input.name").unwrap_err().column, Some(6));
        assert!(Template::parse("{{ }}").is_err());
    }
}
