//! What `GET /api/v1/stream` sends.

use serde::{Deserialize, Serialize};

/// A hint that something changed; clients read the thing again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Change {
    Instance {
        id: String,
        journey: String,
    },
    Task {
        id: String,
    },
    Account {
        id: String,
    },
    /// Somebody was told something; only they can read what.
    Notice {
        instance: String,
    },
    /// A review was asked for, decided on, withdrawn, or published under.
    Review {
        id: String,
        journey: String,
    },
    /// More changed than could be sent: read everything shown again.
    Everything,
}
