//! Looks at a file without compiling or running it: is it a connector, and does it ask only for what there is?

use connector_host::{IMPORTS, Manifest, ManifestError, SECTION, limits::COMPONENT_BYTES};
use wasmparser::{Encoding, Parser, Payload};

/// Why a file is not a connector.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Larger than any connector may be.
    #[error("the file has {0} bytes; a connector may have at most {max}", max = COMPONENT_BYTES)]
    TooLarge(usize),
    /// Something else entirely.
    #[error("this file is not WebAssembly")]
    NotWasm,
    /// A module that was never wrapped.
    #[error(
        "this file is a core module, not a component: build it with `waymark connector build`, which wraps the module into a component"
    )]
    CoreModule,
    /// Cut off or damaged.
    #[error("this file is damaged: {0}")]
    Damaged(String),
    /// Power that no connector has.
    #[error(
        "this connector imports `{0}`, which Waymark does not offer: a connector reaches the outside only through waymark:connector"
    )]
    Import(String),
    /// Nothing to call.
    #[error("this component does not export `{API}`, so it is not a connector")]
    NoApi,
    /// Built without the last step.
    #[error(
        "this connector carries no manifest: build it with `waymark connector build`, which embeds it"
    )]
    NoManifest,
    /// A manifest that does not hold.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

const API: &str = "waymark:connector/api@1.0.0";

/// Reads the manifest of a component that could be a connector.
pub fn check(component: &[u8]) -> Result<Manifest, CheckError> {
    if component.len() > COMPONENT_BYTES {
        return Err(CheckError::TooLarge(component.len()));
    }
    if !component.starts_with(b"\0asm") {
        return Err(CheckError::NotWasm);
    }
    let outline = outline(component)?;
    if let Some(foreign) = outline.imports.iter().find(|import| !IMPORTS.contains(&import.as_str()))
    {
        return Err(CheckError::Import(foreign.clone()));
    }
    if !outline.exports.iter().any(|export| export == API) {
        return Err(CheckError::NoApi);
    }
    Ok(Manifest::parse(outline.manifest.ok_or(CheckError::NoManifest)?)?)
}

#[derive(Default)]
struct Outline<'a> {
    imports: Vec<String>,
    exports: Vec<String>,
    manifest: Option<&'a [u8]>,
}

/// What stands at the outermost level; inner modules and components import only from it.
fn outline(component: &[u8]) -> Result<Outline<'_>, CheckError> {
    let damaged = |error: wasmparser::BinaryReaderError| CheckError::Damaged(error.to_string());
    let mut found = Outline::default();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload.map_err(damaged)? {
            Payload::Version { encoding: Encoding::Module, .. } if depth == 0 => {
                return Err(CheckError::CoreModule);
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    found.imports.push(import.map_err(damaged)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    found.exports.push(export.map_err(damaged)?.name.name.to_owned());
                }
            }
            Payload::CustomSection(section) if depth == 0 && section.name() == SECTION => {
                found.manifest = Some(section.data());
            }
            _ => {}
        }
    }
    Ok(found)
}
