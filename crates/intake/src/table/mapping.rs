//! A mapping: which column, or which expression over the row, gives each member of an account.

use std::collections::BTreeMap;

use journey::{
    expr::{Expression, Scope},
    template::Template,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::Account;

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unfit(pub String);

/// Which column is wrong, and why.
type Wrong = (String, String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    external_id: String,
    name: String,
    segment: Option<String>,
    owner: Option<String>,
    arr: Option<WrittenField>,
    #[serde(default)]
    fields: BTreeMap<String, WrittenField>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum WrittenField {
    Column(String),
    Typed(Typed),
    Computed(Computed),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    column: String,
    #[serde(default, rename = "type")]
    kind: Kind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Computed {
    value: String,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    #[serde(alias = "string")]
    Text,
    Number,
    Integer,
    Boolean,
}

/// How an account is read from a row.
pub struct Mapping {
    columns: Vec<String>,
    external_id: Words,
    name: Words,
    segment: Option<Expression>,
    owner: Option<Words>,
    arr: Option<Field>,
    fields: BTreeMap<String, Field>,
}

/// A text: a column's, or a template's.
enum Words {
    Column(String),
    Template(Template),
}

enum Field {
    Column { column: String, kind: Kind },
    Computed(Expression),
}

impl Mapping {
    /// Reads a mapping from JSON.
    ///
    /// # Errors
    ///
    /// It is no mapping, or an expression in it cannot be read.
    pub fn parse(json: &[u8]) -> Result<Self, Unfit> {
        let written: Written =
            serde_json::from_slice(json).map_err(|error| Unfit(error.to_string()))?;
        Ok(Self {
            columns: Vec::new(),
            external_id: words("external_id", written.external_id)?,
            name: words("name", written.name)?,
            segment: written.segment.map(|text| expression("segment", &text)).transpose()?,
            owner: written.owner.map(|text| words("owner", text)).transpose()?,
            arr: written.arr.map(amount).transpose()?,
            fields: written
                .fields
                .into_iter()
                .map(|(name, written)| Ok((name.clone(), field(&name, written)?)))
                .collect::<Result<_, Unfit>>()?,
        })
    }

    /// The mapping for a table with these columns.
    pub(super) fn resolve(mut self, columns: Vec<String>) -> Result<Self, Unfit> {
        let texts = [Some(&self.external_id), Some(&self.name), self.owner.as_ref()];
        let named = texts.into_iter().flatten().filter_map(Words::column);
        let typed = self.fields.values().chain(&self.arr).filter_map(Field::column);
        if let Some(missing) =
            named.chain(typed).find(|name| !columns.iter().any(|one| one == name))
        {
            let there = columns.join(", ");
            return Err(Unfit(format!("there is no column '{missing}'; the columns are {there}")));
        }
        self.columns = columns;
        Ok(self)
    }

    /// The account on a row.
    pub(super) fn apply(&self, cells: &[&str]) -> Result<Account, Wrong> {
        let row = Value::Object(self.row(cells)?);
        let scope = Scope::new(&[("row", &row)]);
        let text = |member: &str, words: &Words| words.read(member, &row, &scope);
        let required = |member: &str, words: &Words| {
            let text = text(member, words)?;
            let column = words.column().unwrap_or(member).to_owned();
            if text.is_empty() { Err((column, "it is empty".to_owned())) } else { Ok(text) }
        };
        let mut fields = Map::new();
        for (name, field) in &self.fields {
            fields.insert(name.clone(), field.read(name, &row, &scope)?);
        }
        let segment = match &self.segment {
            None => None,
            Some(segment) => match evaluate("segment", segment, &scope)? {
                Value::Null => None,
                Value::String(segment) => Some(segment),
                other => return Err(("segment".to_owned(), format!("{other} is no text"))),
            },
        };
        let owner = self.owner.as_ref().map(|owner| text("owner", owner)).transpose()?;
        let arr = self.arr.as_ref().map(|arr| arr.read("arr", &row, &scope)).transpose()?;
        Ok(Account {
            external_id: required("external_id", &self.external_id)?,
            name: required("name", &self.name)?,
            segment,
            owner: owner.filter(|owner| !owner.is_empty()),
            arr: arr.map(number).transpose()?.flatten(),
            fields,
        })
    }

    /// The row as expressions read it: columns with a type have it, all others are text.
    fn row(&self, cells: &[&str]) -> Result<Map<String, Value>, Wrong> {
        let mut row = Map::new();
        for (column, cell) in self.columns.iter().zip(cells) {
            let kind = self.fields.values().chain(&self.arr).find_map(|field| match field {
                Field::Column { column: named, kind } if named == column => Some(*kind),
                Field::Column { .. } | Field::Computed(_) => None,
            });
            let value = typed(cell.trim(), kind.unwrap_or_default());
            row.insert(column.clone(), value.map_err(|why| (column.clone(), why))?);
        }
        Ok(row)
    }
}

impl Words {
    fn column(&self) -> Option<&str> {
        match self {
            Self::Column(column) => Some(column),
            Self::Template(_) => None,
        }
    }

    fn read(&self, member: &str, row: &Value, scope: &Scope<'_>) -> Result<String, Wrong> {
        match self {
            Self::Column(column) => Ok(match &row[column.as_str()] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            }),
            Self::Template(template) => {
                template.render(scope).map_err(|error| (member.to_owned(), error.to_string()))
            }
        }
    }
}

impl Field {
    fn column(&self) -> Option<&str> {
        match self {
            Self::Column { column, .. } => Some(column),
            Self::Computed(_) => None,
        }
    }

    fn read(&self, member: &str, row: &Value, scope: &Scope<'_>) -> Result<Value, Wrong> {
        match self {
            Self::Column { column, .. } => Ok(row[column.as_str()].clone()),
            Self::Computed(expression) => evaluate(member, expression, scope),
        }
    }
}

fn evaluate(member: &str, expression: &Expression, scope: &Scope<'_>) -> Result<Value, Wrong> {
    expression.evaluate(scope).map_err(|error| (member.to_owned(), error.to_string()))
}

/// A cell as a value; an empty cell that is no text is null.
fn typed(cell: &str, kind: Kind) -> Result<Value, String> {
    if cell.is_empty() && !matches!(kind, Kind::Text) {
        return Ok(Value::Null);
    }
    match kind {
        Kind::Text => Ok(cell.into()),
        Kind::Number => match cell.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number.into()),
            _ => Err(format!("'{cell}' is no number")),
        },
        Kind::Integer => {
            cell.parse::<i64>().map(Value::from).map_err(|_| format!("'{cell}' is no integer"))
        }
        Kind::Boolean => match cell.to_ascii_lowercase().as_str() {
            "true" | "yes" | "1" => Ok(true.into()),
            "false" | "no" | "0" => Ok(false.into()),
            _ => Err(format!("'{cell}' is neither yes nor no")),
        },
    }
}

fn words(member: &str, text: String) -> Result<Words, Unfit> {
    if !text.contains("{{") {
        return Ok(Words::Column(text));
    }
    let template = Template::parse(&text);
    template.map(Words::Template).map_err(|error| Unfit(format!("{member}: {error}")))
}

fn expression(member: &str, text: &str) -> Result<Expression, Unfit> {
    Expression::parse(text).map_err(|error| Unfit(format!("{member}: {error}")))
}

/// A number, whether or not its column is said to be one.
fn amount(written: WrittenField) -> Result<Field, Unfit> {
    match written {
        WrittenField::Column(column) => Ok(Field::Column { column, kind: Kind::Number }),
        other => field("arr", other),
    }
}

fn number(value: Value) -> Result<Option<f64>, Wrong> {
    let read = match &value {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    let wrong = || ("arr".to_owned(), format!("{value} is no number"));
    read.filter(|number: &f64| number.is_finite()).map(Some).ok_or_else(wrong)
}

fn field(member: &str, written: WrittenField) -> Result<Field, Unfit> {
    Ok(match written {
        WrittenField::Column(column) => Field::Column { column, kind: Kind::Text },
        WrittenField::Typed(Typed { column, kind }) => Field::Column { column, kind },
        WrittenField::Computed(Computed { value }) => Field::Computed(expression(member, &value)?),
    })
}
