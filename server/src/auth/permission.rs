//! Who may call which route: one table, without a row nobody may.

use axum::http::Method;
use store::directory::Role;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anyone, without signing in; such routes check what they need by themselves.
    Public,
    /// Whoever is signed in with this role or one above it.
    AtLeast(Role),
}

impl Access {
    /// Whether a user with `role` may.
    pub(crate) fn allows(self, role: Role) -> bool {
        match self {
            Self::Public => true,
            Self::AtLeast(least) => rank(role) >= rank(least),
        }
    }
}

fn rank(role: Role) -> u8 {
    match role {
        Role::Member => 0,
        Role::Designer => 1,
        Role::Admin => 2,
    }
}

const MEMBER: Access = Access::AtLeast(Role::Member);
const DESIGNER: Access = Access::AtLeast(Role::Designer);
const ADMIN: Access = Access::AtLeast(Role::Admin);

/// Every route of the API. Which objects of a kind a member sees is decided where they are read.
pub(crate) const TABLE: &[(Method, &str, Access)] = &[
    (Method::GET, "/healthz", Access::Public),
    (Method::GET, "/readyz", Access::Public),
    (Method::GET, "/metrics", Access::Public),
    (Method::GET, "/api/openapi.json", Access::Public),
    (Method::GET, "/api/docs", Access::Public),
    (Method::GET, "/problems/{name}", Access::Public),
    (Method::POST, "/hooks/{slug}", Access::Public),
    (Method::POST, "/api/v1/session", Access::Public),
    (Method::GET, "/api/v1/session", MEMBER),
    (Method::DELETE, "/api/v1/session", MEMBER),
    (Method::GET, "/api/v1/workspace", MEMBER),
    (Method::GET, "/api/v1/stream", MEMBER),
    (Method::GET, "/api/v1/gallery", MEMBER),
    (Method::GET, "/api/v1/gallery/{slug}", MEMBER),
    (Method::GET, "/api/v1/journeys", MEMBER),
    (Method::POST, "/api/v1/journeys", DESIGNER),
    (Method::GET, "/api/v1/journeys/schema", MEMBER),
    (Method::POST, "/api/v1/journeys/check", MEMBER),
    (Method::POST, "/api/v1/journeys/import", DESIGNER),
    (Method::GET, "/api/v1/journeys/{id}", MEMBER),
    (Method::GET, "/api/v1/journeys/{id}/export", MEMBER),
    (Method::GET, "/api/v1/journeys/{id}/draft", MEMBER),
    (Method::PUT, "/api/v1/journeys/{id}/draft", DESIGNER),
    (Method::GET, "/api/v1/journeys/{id}/versions", MEMBER),
    (Method::POST, "/api/v1/journeys/{id}/versions", DESIGNER),
    (Method::GET, "/api/v1/journeys/{id}/versions/{number}", MEMBER),
    (Method::GET, "/api/v1/journeys/{id}/versions/{number}/flow", MEMBER),
    (Method::GET, "/api/v1/journeys/{id}/versions/{number}/flow/visits", MEMBER),
    (Method::GET, "/api/v1/journeys/{id}/versions/{number}/would-have", MEMBER),
    (Method::GET, "/api/v1/journeys/{id}/versions/{number}/would-have/summary", MEMBER),
    (Method::POST, "/api/v1/journeys/{id}/versions/{number}/would-have/{row}/mark", MEMBER),
    (Method::POST, "/api/v1/journeys/{id}/versions/{number}/promote", DESIGNER),
    (Method::GET, "/api/v1/journeys/{id}/versions/{number}/diff/{other}", MEMBER),
    (Method::GET, "/api/v1/journeys/{id}/reviews", MEMBER),
    (Method::POST, "/api/v1/journeys/{id}/reviews", DESIGNER),
    (Method::GET, "/api/v1/reviews", MEMBER),
    (Method::GET, "/api/v1/reviews/{id}", MEMBER),
    (Method::POST, "/api/v1/reviews/{id}/decide", DESIGNER),
    (Method::POST, "/api/v1/reviews/{id}/withdraw", DESIGNER),
    (Method::GET, "/api/v1/journeys/{id}/migrations", MEMBER),
    (Method::POST, "/api/v1/journeys/{id}/migrations", DESIGNER),
    (Method::GET, "/api/v1/journeys/{id}/migrations/{migration}", MEMBER),
    (Method::GET, "/api/v1/journeys/{id}/migrations/{migration}/instances", MEMBER),
    (Method::POST, "/api/v1/journeys/{id}/migrations/{migration}/roll-back", DESIGNER),
    (Method::GET, "/api/v1/backtests", MEMBER),
    (Method::POST, "/api/v1/backtests", DESIGNER),
    (Method::GET, "/api/v1/backtests/{id}", MEMBER),
    (Method::GET, "/api/v1/backtests/{id}/runs", MEMBER),
    (Method::GET, "/api/v1/backtests/{id}/runs/export", MEMBER),
    (Method::POST, "/api/v1/backtests/{id}/cancel", DESIGNER),
    (Method::GET, "/api/v1/journeys/{id}/why", MEMBER),
    (Method::POST, "/api/v1/journeys/{id}/instances", MEMBER),
    (Method::GET, "/api/v1/instances", MEMBER),
    (Method::GET, "/api/v1/instances/{id}", MEMBER),
    (Method::GET, "/api/v1/instances/{id}/records", MEMBER),
    (Method::GET, "/api/v1/instances/{id}/state", MEMBER),
    (Method::POST, "/api/v1/instances/{id}/cancel", DESIGNER),
    (Method::POST, "/api/v1/instances/{id}/retry", DESIGNER),
    (Method::POST, "/api/v1/instances/{id}/skip", DESIGNER),
    (Method::POST, "/api/v1/instances/{id}/end", DESIGNER),
    (Method::POST, "/api/v1/instances/{id}/items", DESIGNER),
    (Method::GET, "/api/v1/tasks", MEMBER),
    (Method::GET, "/api/v1/tasks/{id}", MEMBER),
    (Method::POST, "/api/v1/tasks/{id}/claim", MEMBER),
    (Method::POST, "/api/v1/tasks/{id}/release", MEMBER),
    (Method::POST, "/api/v1/tasks/{id}/complete", MEMBER),
    (Method::POST, "/api/v1/tasks/{id}/delegate", MEMBER),
    (Method::POST, "/api/v1/tasks/{id}/send-back", MEMBER),
    (Method::GET, "/api/v1/tasks/{id}/sla", MEMBER),
    (Method::POST, "/api/v1/tasks/{id}/sla", MEMBER),
    (Method::GET, "/api/v1/notices", MEMBER),
    (Method::POST, "/api/v1/notices/seen", MEMBER),
    (Method::GET, "/api/v1/accounts", MEMBER),
    (Method::POST, "/api/v1/accounts", DESIGNER),
    (Method::GET, "/api/v1/accounts/{id}", MEMBER),
    (Method::PATCH, "/api/v1/accounts/{id}", DESIGNER),
    (Method::GET, "/api/v1/events", MEMBER),
    (Method::POST, "/api/v1/events", DESIGNER),
    (Method::GET, "/api/v1/events/{id}", MEMBER),
    (Method::GET, "/api/v1/users", MEMBER),
    (Method::POST, "/api/v1/users", ADMIN),
    (Method::GET, "/api/v1/users/{id}", MEMBER),
    (Method::PATCH, "/api/v1/users/{id}", ADMIN),
    (Method::GET, "/api/v1/teams", MEMBER),
    (Method::POST, "/api/v1/teams", ADMIN),
    (Method::GET, "/api/v1/teams/{id}", MEMBER),
    (Method::PATCH, "/api/v1/teams/{id}", ADMIN),
    (Method::GET, "/api/v1/tokens", MEMBER),
    (Method::POST, "/api/v1/tokens", MEMBER),
    (Method::DELETE, "/api/v1/tokens/{id}", MEMBER),
    (Method::GET, "/api/v1/hooks", DESIGNER),
    (Method::POST, "/api/v1/hooks", DESIGNER),
    (Method::DELETE, "/api/v1/hooks/{slug}", DESIGNER),
    (Method::GET, "/api/v1/connectors", MEMBER),
    (Method::POST, "/api/v1/connectors", ADMIN),
    (Method::DELETE, "/api/v1/connectors/{id}", ADMIN),
    (Method::GET, "/api/v1/connections", MEMBER),
    (Method::POST, "/api/v1/connections", ADMIN),
    (Method::PATCH, "/api/v1/connections/{id}", ADMIN),
    (Method::DELETE, "/api/v1/connections/{id}", ADMIN),
    (Method::POST, "/api/v1/connections/{id}/try", DESIGNER),
    (Method::GET, "/api/v1/calendars", MEMBER),
    (Method::POST, "/api/v1/calendars", DESIGNER),
    (Method::GET, "/api/v1/calendars/{name}", MEMBER),
    (Method::PUT, "/api/v1/calendars/{name}", DESIGNER),
    (Method::DELETE, "/api/v1/calendars/{name}", DESIGNER),
    (Method::POST, "/api/v1/calendars/{name}/import", DESIGNER),
    (Method::GET, "/api/v1/settings", MEMBER),
    (Method::PUT, "/api/v1/settings", ADMIN),
    (Method::GET, "/api/v1/nodes", ADMIN),
    (Method::POST, "/api/v1/nodes/{id}/drain", ADMIN),
    (Method::GET, "/api/v1/audit", ADMIN),
    (Method::GET, "/api/v1/audit/head", ADMIN),
];

/// The row of a route; `None` means nobody may.
pub(crate) fn of(method: &Method, route: &str) -> Option<Access> {
    let method = if method == Method::HEAD { &Method::GET } else { method };
    TABLE.iter().find(|row| row.0 == *method && row.1 == route).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_role_may_all_that_the_one_below_it_may() {
        for (_, _, access) in TABLE {
            assert!(access.allows(Role::Admin));
            assert!(!access.allows(Role::Member) || access.allows(Role::Designer));
        }
    }

    #[test]
    fn no_route_has_two_rows() {
        let rows: BTreeSet<(&str, &str)> =
            TABLE.iter().map(|row| (row.0.as_str(), row.1)).collect();
        assert_eq!(rows.len(), TABLE.len());
    }
}
