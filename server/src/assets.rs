//! The designer's files, embedded: the smallest form a browser takes, kept for ever when named by content.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::{Kind, Problem};

/// What `cargo xtask web` made; release builds hold it, others read it from the disk.
#[derive(RustEmbed)]
#[folder = "../dist"]
struct Dist;

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Shown when the binary was built without the designer.
const NO_DESIGNER: &str = "<!doctype html><meta charset=utf-8><title>Waymark</title>\
    <p>This build has no designer: run <code>cargo xtask web</code> and start again. The API is at \
    <a href=\"/api/openapi.json\">/api/openapi.json</a>.";

/// Serves a file of the designer, or its page for any other address a person may open.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if matches!(path.split('/').next(), Some("api" | "hooks" | "problems")) {
        return Problem::not_found("address", uri.path()).into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return Problem::from(Kind::MethodNotAllowed).into_response();
    }
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    let name = if is_file && path != "index.html" { path } else { "index.html" };
    match pick(name, &headers) {
        Some((file, encoding)) => answer(name, &file, encoding, &headers),
        None if name == "index.html" => {
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], NO_DESIGNER).into_response()
        }
        None => Problem::not_found("file", uri.path()).into_response(),
    }
}

/// The form of a file that suits the client best.
fn pick(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let is_compressed =
        std::path::Path::new(name).extension().is_some_and(|kind| kind == "br" || kind == "gz");
    if is_compressed || name.starts_with('.') {
        return None;
    }
    for (coding, suffix) in [("br", "br"), ("gzip", "gz")] {
        if accepts(headers, coding)
            && let Some(file) = Dist::get(&format!("{name}.{suffix}"))
        {
            return Some((file, Some(coding)));
        }
    }
    Dist::get(name).map(|file| (file, None))
}

fn answer(
    name: &str,
    file: &EmbeddedFile,
    encoding: Option<&'static str>,
    headers: &HeaderMap,
) -> Response {
    let tag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..12]));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = known.is_some_and(|known| known.split(',').any(|one| one.trim() == tag));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from(file.data.clone().into_owned()).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(name)));
        if let Some(encoding) = encoding {
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    let kept = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = response.headers_mut();
    if let Ok(tag) = tag.parse() {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

/// Whether `Accept-Encoding` names `coding` with a weight above zero.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let named = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    named.unwrap_or("").split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        let is_it = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_it && weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0))
    })
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn a_weight_of_zero_is_a_no() {
        assert!(accepts(&accepting("gzip, br;q=0.5"), "br"));
        assert!(!accepts(&accepting("gzip, br;q=0"), "br"));
        assert!(!accepts(&accepting("identity"), "gzip"));
    }

    #[tokio::test]
    async fn a_deep_link_is_the_page_and_a_missing_file_is_not() {
        let get = async |path: &'static str| {
            serve(Method::GET, Uri::from_static(path), HeaderMap::new()).await
        };
        let page = get("/journeys/jrn_1").await;
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.headers()[header::CONTENT_TYPE], "text/html; charset=utf-8");
        assert_eq!(get("/assets/app-0.js").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(get("/api/v1/nothing").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(get("/index.html.br").await.status(), StatusCode::NOT_FOUND);
        let posted = serve(Method::POST, Uri::from_static("/"), HeaderMap::new()).await;
        assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
