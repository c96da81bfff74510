//! Whether a request that changes something came from our own pages.

use axum::http::{HeaderMap, Method, header};

/// Refuses requests that change something and that a page of another site sent: browsers say so in `Sec-Fetch-Site`, older ones in `Origin`.
///
/// Programs send neither header and are let through: only browsers add a cookie by themselves.
pub(crate) fn is_ours(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() {
        return true;
    }
    match text(headers, "sec-fetch-site") {
        Some("same-origin" | "none") => true,
        Some(_) => false,
        None => text(headers, header::ORIGIN.as_str()).is_none_or(|origin| {
            let host = text(headers, header::HOST.as_str());
            let named = origin.split_once("://").map(|(_, authority)| authority);
            named.is_some() && named == host
        }),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (axum::http::HeaderName::from_static(name), value.parse().unwrap())
            })
            .collect()
    }

    #[test]
    fn another_sites_page_may_read_nothing_away_and_change_nothing() {
        let foreign = headers(&[("host", "us:1"), ("origin", "https://them")]);
        assert!(!is_ours(&Method::POST, &foreign));
        assert!(is_ours(&Method::GET, &foreign));
        assert!(!is_ours(&Method::DELETE, &headers(&[("sec-fetch-site", "cross-site")])));
        assert!(!is_ours(&Method::PUT, &headers(&[("sec-fetch-site", "same-site")])));
        assert!(!is_ours(&Method::POST, &headers(&[("host", "us:1"), ("origin", "null")])));
    }

    #[test]
    fn our_pages_and_programs_may() {
        assert!(is_ours(&Method::POST, &headers(&[("host", "us:1"), ("origin", "http://us:1")])));
        assert!(is_ours(&Method::POST, &headers(&[("sec-fetch-site", "same-origin")])));
        assert!(is_ours(&Method::POST, &headers(&[("host", "us:1")])));
    }
}
