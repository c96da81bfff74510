//! What the interface says of itself: the routes' own descriptions, and what holds for all of them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use utoipa::openapi::{InfoBuilder, OpenApiBuilder};

use crate::auth::permission::{self, Access};

/// The schema of every refusal, which its routes name by this reference.
const PROBLEM: &str = "#/components/schemas/Problem";

/// The OpenAPI document.
pub(crate) fn document() -> Value {
    let (_, mut document) = super::resources().split_for_parts();
    let info = InfoBuilder::new()
        .title("Waymark")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Customer journeys: drawn, published, run durably, finished by people."))
        .build();
    document.info = OpenApiBuilder::new().info(info).build().info;
    let mut document = serde_json::to_value(document).unwrap_or_default();
    document["components"]["securitySchemes"] = json!({
        "session": { "type": "apiKey", "in": "cookie", "name": crate::auth::secret::COOKIE },
        "token": { "type": "http", "scheme": "bearer" }
    });
    document["security"] = json!([{ "session": [] }, { "token": [] }]);
    for (path, methods) in document["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            if is_public(method, path) {
                operation["security"] = json!([]);
            }
            complete(operation);
        }
    }
    document
}

fn is_public(method: &str, path: &str) -> bool {
    let method = Method::from_bytes(method.to_uppercase().as_bytes());
    method.is_ok_and(|method| permission::of(&method, path) == Some(Access::Public))
}

/// Gives an operation a name of its own, problems their content type, and an answer for whatever else is refused.
fn complete(operation: &mut Value) {
    let (tag, name) = (operation["tags"][0].clone(), operation["operationId"].clone());
    let words = [tag.as_str(), name.as_str()].map(Option::unwrap_or_default);
    operation["operationId"] = words.join("_").into();
    let refused = json!({ "description": "Refused or failed: docs/problems.md", "content": { "application/json": { "schema": { "$ref": PROBLEM } } } });
    operation["responses"]["default"] = refused;
    for (status, response) in operation["responses"].as_object_mut().into_iter().flatten() {
        if response.get("description").is_none_or(|words| words == "") {
            let status = StatusCode::from_bytes(status.as_bytes());
            let reason = status.ok().and_then(|status| status.canonical_reason());
            response["description"] = reason.unwrap_or("Answer").into();
        }
        let content = response.get_mut("content").and_then(Value::as_object_mut);
        let Some(content) = content else { continue };
        if content.get("application/json").is_some_and(|body| body["schema"]["$ref"] == PROBLEM)
            && let Some(body) = content.remove("application/json")
        {
            content.insert("application/problem+json".to_owned(), body);
        }
    }
}
