use intake::manifest::HttpNeed;
use ipnet::IpNet;
use serde_json::Value;
use url::Url;

/// What an operator lets one connection reach; a connector's needs can only be narrowed by it.
#[derive(Clone, Debug, Default)]
pub struct Grants {
    hosts: Vec<Pattern>,
    allow_private: Vec<IpNet>,
}

/// Why a grant cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// Neither a host nor host:port.
    #[error(
        "`{0}` is not a host: write `crm.example.com`, `*.example.com`, `127.0.0.1:8080` or `https://crm.example.com`"
    )]
    Host(String),
    /// Not a CIDR range.
    #[error("`{0}` is not a range of addresses: write it like `10.0.0.0/8`")]
    Range(String),
}

impl Grants {
    /// Reads grants: hosts as `host`, `host:port` (without a port: any) or an origin, ranges in CIDR notation.
    pub fn parse(hosts: &[String], allow_private: &[String]) -> Result<Self, GrantError> {
        let hosts = hosts
            .iter()
            .map(|text| Pattern::parse(text).ok_or_else(|| GrantError::Host(text.clone())))
            .collect::<Result<_, _>>()?;
        let ranges = allow_private
            .iter()
            .map(|text| text.parse().map_err(|_| GrantError::Range(text.clone())));
        Ok(Grants { hosts, allow_private: ranges.collect::<Result<_, _>>()? })
    }

    pub(crate) fn private_ranges(&self) -> &[IpNet] {
        &self.allow_private
    }

    /// Whether needs and grants together let a request go to `url`; Err says in one sentence what would.
    pub(crate) fn check(
        &self,
        url: &Url,
        needs: &[HttpNeed],
        config: &Value,
    ) -> Result<(), String> {
        let place = place_of(url);
        if !needs.iter().any(|need| covers(need, url, config)) {
            return Err(format!(
                "the connector's manifest does not ask for {place}, so no grant can allow it"
            ));
        }
        if !self.hosts.iter().any(|pattern| pattern.covers(url)) {
            return Err(format!(
                "this connection may not reach {place}; grant it \"{place}\" among its hosts"
            ));
        }
        Ok(())
    }
}

fn place_of(url: &Url) -> String {
    format!(
        "{}:{}",
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or_default()
    )
}

fn covers(need: &HttpNeed, url: &Url, config: &Value) -> bool {
    let host = need.host.as_deref().is_some_and(|host| {
        host == "*" || Pattern::parse(host).is_some_and(|pattern| pattern.covers(url))
    });
    let configured = || {
        let field = config.get(need.origin_of.as_deref()?)?.as_str()?;
        Some(Url::parse(field).ok()?.origin() == url.origin())
    };
    host || configured().unwrap_or(false)
}

#[derive(Clone, Debug)]
struct Pattern {
    scheme: Option<String>,
    wildcard: bool,
    host: String,
    port: Option<u16>,
}

impl Pattern {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme @ ("http" | "https"), rest)) => {
                (Some(scheme.to_owned()), rest.trim_end_matches('/'))
            }
            Some(_) => return None,
            None => (None, text),
        };
        let (wildcard, rest) = rest.strip_prefix("*.").map_or((false, rest), |rest| (true, rest));
        // A URL's own parser decides what a host is, so that both sides are written the same way; `http` keeps ports apart from `https`.
        let url = Url::parse(&format!("http://{rest}/")).ok()?;
        let clean = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let port = if rest.ends_with(":80") { Some(80) } else { url.port() };
        let host = url.host_str().filter(|host| clean && !host.contains('*'))?.to_owned();
        Some(Pattern { scheme, wildcard, host, port })
    }

    fn covers(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let same_host = if self.wildcard {
            host.strip_suffix(&self.host)
                .and_then(|label| label.strip_suffix('.'))
                .is_some_and(|label| !label.is_empty() && !label.contains('.'))
        } else {
            host == self.host
        };
        let same_scheme = self.scheme.as_deref().is_none_or(|scheme| scheme == url.scheme());
        let same_port = self.port.is_none_or(|port| url.port_or_known_default() == Some(port));
        same_host && same_scheme && same_port
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(grant: &str, url: &str) -> bool {
        let needs = [HttpNeed { host: Some("*".into()), origin_of: None }];
        Grants::parse(&[grant.into()], &[])
            .unwrap()
            .check(&Url::parse(url).unwrap(), &needs, &Value::Null)
            .is_ok()
    }

    #[test]
    fn a_grant_covers_its_host_and_nothing_beside_it() {
        assert!(allows("crm.example.com", "https://crm.example.com/x"));
        assert!(allows("CRM.example.com", "https://crm.example.com:8443/x"));
        assert!(allows("*.example.com", "https://crm.example.com/"));
        assert!(allows("127.0.0.1:80", "http://127.0.0.1/"));
        assert!(allows("https://crm.example.com", "https://crm.example.com/"));
        assert!(!allows("https://crm.example.com", "http://crm.example.com/"));
        assert!(!allows("*.example.com", "https://example.com/"));
        assert!(!allows("*.example.com", "https://a.b.example.com/"));
        assert!(!allows("*.example.com", "https://evilexample.com/"));
        assert!(!allows("crm.example.com", "https://crm.example.com.evil.net/"));
        assert!(!allows("127.0.0.1:8080", "http://127.0.0.1:8081/"));
    }

    #[test]
    fn a_grant_that_is_no_host_is_refused() {
        for text in
            ["", "*", "a*.example.com", "ftp://x", "host/path", "user@host", "host:99999", "a b"]
        {
            assert!(Pattern::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_denial_names_the_grant_that_would_allow_it() {
        let needs = [HttpNeed { host: None, origin_of: Some("base_url".into()) }];
        let config = serde_json::json!({ "base_url": "https://crm.example.com/api" });
        let url = Url::parse("https://crm.example.com/api/1").unwrap();
        let denial = Grants::default().check(&url, &needs, &config).unwrap_err();
        assert!(denial.contains(r#"grant it "crm.example.com:443" among its hosts"#), "{denial}");
        let elsewhere = Url::parse("https://other.example.com/").unwrap();
        assert!(
            Grants::default()
                .check(&elsewhere, &needs, &config)
                .unwrap_err()
                .contains("no grant can allow it")
        );
    }
}
