//! Journeys, their drafts and versions.

use serde::{Deserialize, Serialize};

/// `POST /api/v1/journeys`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewJourney {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub draft: Option<journey::Draft>,
}

/// A file that becomes a journey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportJourney {
    pub format: ReadAs,
    /// What the journey is called when the file does not say it, such as the name of the file.
    pub name: String,
    /// What is in the file.
    pub text: String,
}

/// What a file is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ReadAs {
    /// A draft as Waymark writes it.
    Json,
    /// BPMN 2.0 as XML.
    Bpmn,
    /// A checklist in Markdown.
    Markdown,
    /// A checklist as a table.
    Csv,
}

impl ReadAs {
    /// What a file is by its name.
    #[must_use]
    pub fn named(file: &str) -> Self {
        let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending.to_ascii_lowercase().as_str() {
            "bpmn" | "xml" => Self::Bpmn,
            "md" | "markdown" => Self::Markdown,
            "csv" | "tsv" => Self::Csv,
            _ => Self::Json,
        }
    }
}

/// What a journey is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum WrittenAs {
    #[default]
    Json,
    Bpmn,
}

/// The journey that became of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JourneyImported {
    pub id: String,
    /// What of the file is not, or not as it stood there, in the journey.
    pub left_out: Vec<JourneyLeftOut>,
}

/// Something of a file that has no counterpart, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JourneyLeftOut {
    /// The line it stands on, counted from 1.
    pub line: u64,
    /// Its id in the file; empty when it has none.
    pub id: String,
    /// What people call it; empty when it has no name.
    pub name: String,
    /// What the file calls such a thing.
    pub kind: String,
    /// What became of it.
    pub sentence: String,
}

/// The journeys that ship with the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gallery {
    pub items: Vec<Template>,
}

/// A journey to begin with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Template {
    /// What it is called in addresses.
    pub slug: String,
    pub group: TemplateGroup,
    pub name: String,
    pub description: String,
    /// What opens it, as the draft says it: `event`, `schedule`, …
    pub triggers: Vec<String>,
    pub steps: u32,
    /// Left out of a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub draft: Option<journey::Draft>,
}

/// What a template is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TemplateGroup {
    /// A part of every customer's life.
    Core,
    /// An answer to something that happens to one.
    Play,
}

/// A journey in a list or on its own; the draft is a resource beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JourneySummary {
    pub id: String,
    pub name: String,
    pub description: String,
    /// Number of the live version, if any.
    pub live_version: Option<u64>,
    /// Instances that are not over.
    pub running: u64,
    /// Whether the draft differs from the newest version.
    pub unpublished_changes: bool,
    pub created_at: String,
    pub updated_at: String,
}

/// `POST /api/v1/journeys/check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckDraft {
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub draft: serde_json::Value,
}

/// The answer to a check: nothing wrong is an empty list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Checked {
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Object>))]
    pub diagnostics: Vec<journey::Diagnostic>,
}

/// `POST /api/v1/journeys/{id}/versions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Publish {
    pub mode: Mode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Whether a version acts or only writes down what it would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Mode {
    Live,
    Shadow,
}

/// A published version, without its drawing in lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Version {
    pub id: String,
    pub number: u64,
    pub mode: Mode,
    pub note: String,
    pub published_at: String,
    /// E-mail address.
    pub published_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub draft: Option<journey::Draft>,
}

/// The answer to publishing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Published {
    pub id: String,
    pub number: u64,
}
