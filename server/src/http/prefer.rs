//! `Prefer: wait=N`: how long a client would wait for an instance to come to rest.

use std::time::Duration;

use axum::http::HeaderMap;

use crate::limits;

/// The wait a client prefers, at most a minute; RFC 7240.
pub(super) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let named = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let mut preferences = named.flat_map(|value| value.split([',', ';'])).map(str::trim);
    let seconds = preferences.find_map(|preference| {
        let (name, value) = preference.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"'))
    })?;
    let seconds: u64 = seconds.parse().ok()?;
    Some(Duration::from_secs(seconds.min(limits::WAIT_MOST_S)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_number_of_seconds_is_a_wait() {
        let prefer = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("prefer", value.parse().unwrap());
            wait(&headers)
        };
        assert_eq!(prefer("wait=10"), Some(Duration::from_secs(10)));
        assert_eq!(prefer("respond-async, Wait=\"5\""), Some(Duration::from_secs(5)));
        assert_eq!(prefer("wait=9999"), Some(Duration::from_mins(1)));
        assert_eq!(prefer("wait=soon"), None);
        assert_eq!(prefer("return=minimal"), None);
        assert_eq!(wait(&HeaderMap::new()), None);
    }
}
