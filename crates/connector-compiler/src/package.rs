//! Builds a connector of a cargo workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{ComponentizeError, componentize};

/// Why a package does not become a connector.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// cargo did not build it.
    #[error("cargo does not build `{0}` for wasm32-unknown-unknown; what it says stands above")]
    Cargo(String),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// What was built is not a connector.
    #[error(transparent)]
    Componentize(#[from] ComponentizeError),
}

/// Builds `package` of the workspace at `workspace` and writes `connectors/PACKAGE.wasm` in the target directory.
pub fn build_component(package: &str, workspace: &Path) -> Result<PathBuf, BuildError> {
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| workspace.join("target"), PathBuf::from);
    // Apart from native builds, so that neither waits for the other's lock.
    let web = target.join("web");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace).args([
        "build",
        "--locked",
        "--lib",
        "--profile",
        "wasm-release",
        "--target",
        "wasm32-unknown-unknown",
    ]);
    cargo.arg("--package").arg(package).arg("--target-dir").arg(&web);
    if !cargo.status().is_ok_and(|status| status.success()) {
        return Err(BuildError::Cargo(package.to_owned()));
    }
    let module = web
        .join("wasm32-unknown-unknown/wasm-release")
        .join(format!("{}.wasm", package.replace('-', "_")));
    let bytes =
        std::fs::read(&module).map_err(|source| BuildError::File { path: module, source })?;
    let component = target.join("connectors").join(format!("{package}.wasm"));
    let made = componentize(&bytes)?;
    let keep = || {
        std::fs::create_dir_all(target.join("connectors"))?;
        // Tests build at the same time: each writes its own file and renames it.
        let beside = component.with_extension(format!("{}.new", std::process::id()));
        std::fs::write(&beside, made)?;
        std::fs::rename(beside, &component)
    };
    keep().map_err(|source| BuildError::File { path: component.clone(), source })?;
    Ok(component)
}
