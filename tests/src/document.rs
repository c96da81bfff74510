//! The OpenAPI document a server gives of itself, walked route by route.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use crate::server::Client;

/// What the server says of its interface.
pub struct Document(Value);

/// One route of it.
#[derive(Clone, Debug)]
pub struct Route {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// With its variable parts in braces.
    pub path: String,
    /// The names its query may have.
    pub query: Vec<String>,
    /// The schema of its JSON body, if it takes one.
    pub body: Option<Value>,
}

impl Route {
    /// Its address with `part` in the place of every variable part.
    pub fn with(&self, part: &str) -> String {
        let segments = self.path.split('/');
        let filled = segments.map(|segment| if segment.starts_with('{') { part } else { segment });
        filled.collect::<Vec<_>>().join("/")
    }

    /// Whether its address has a variable part.
    pub fn is_variable(&self) -> bool {
        self.path.contains('{')
    }
}

impl Document {
    /// Asks the server for it.
    pub async fn read(client: &Client) -> Result<Self> {
        Ok(Self(client.get("/api/openapi.json").await?.expect(200)?))
    }

    /// The document as it came.
    pub fn value(&self) -> &Value {
        &self.0
    }

    /// Every route.
    pub fn routes(&self) -> Result<Vec<Route>> {
        let mut routes = Vec::new();
        for (path, methods) in self.0["paths"].as_object().context("the document has paths")? {
            for (method, operation) in methods.as_object().context("a path has methods")? {
                let body = &operation["requestBody"]["content"]["application/json"]["schema"];
                routes.push(Route {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    query: query(operation),
                    body: body.is_object().then(|| self.resolve(body).clone()),
                });
            }
        }
        Ok(routes)
    }

    /// The addresses of lists: what answers with `next_cursor`.
    pub fn lists(&self) -> Result<Vec<String>> {
        let paths = self.0["paths"].as_object().context("the document has paths")?;
        let is_list = |path: &Value| {
            let answer = &path["get"]["responses"]["200"]["content"]["application/json"];
            self.resolve(&answer["schema"])["properties"]["next_cursor"].is_object()
        };
        Ok(paths.iter().filter(|(_, path)| is_list(path)).map(|(name, _)| name.clone()).collect())
    }

    /// Bodies in which each member in turn has a type it must not have, the others one they may have.
    pub fn wrong_bodies(&self, schema: &Value) -> Vec<Value> {
        let Some(properties) = schema["properties"].as_object() else { return Vec::new() };
        let fitting: Map<String, Value> = properties
            .iter()
            .map(|(name, property)| (name.clone(), self.sample(property)))
            .collect();
        let mut bodies = Vec::new();
        for (name, property) in properties {
            for wrong in self.wrong(property) {
                let mut body = fitting.clone();
                body.insert(name.clone(), wrong);
                bodies.push(Value::Object(body));
            }
        }
        bodies
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let named = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
        named.map_or(schema, |name| &self.0["components"]["schemas"][name])
    }

    fn sample(&self, schema: &Value) -> Value {
        let schema = self.resolve(schema);
        if let Some(first) = schema["enum"].get(0) {
            return first.clone();
        }
        match kind(schema) {
            "string" => json!("sample"),
            "integer" | "number" => json!(1),
            "boolean" => json!(true),
            "array" => json!([]),
            _ => json!({}),
        }
    }

    fn wrong(&self, schema: &Value) -> Vec<Value> {
        match kind(self.resolve(schema)) {
            "string" => {
                vec![json!(7), json!(["x"]), json!({}), json!("\u{0}"), json!("x".repeat(5_000))]
            }
            "integer" | "number" => vec![json!("x"), json!(-1e308), json!([1])],
            "boolean" => vec![json!("yes"), json!(0)],
            "array" => vec![json!("x"), json!([7]), json!([null]), json!({})],
            _ => vec![json!(7), json!("x"), json!([[]]), json!(null), json!({ "\u{0}": {} })],
        }
    }
}

fn query(operation: &Value) -> Vec<String> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let of_query = parameters.filter(|parameter| parameter["in"] == "query");
    of_query.filter_map(|parameter| Some(parameter["name"].as_str()?.to_owned())).collect()
}

/// The type of a schema; of several the one that is not null.
fn kind(schema: &Value) -> &str {
    let several = schema["type"].as_array().into_iter().flatten();
    let one = several.filter_map(Value::as_str).find(|kind| *kind != "null");
    schema["type"].as_str().or(one).unwrap_or("object")
}
