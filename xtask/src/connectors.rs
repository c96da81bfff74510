//! The connectors of this repository as components, built with what a partner has: the SDK and a wasm target.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{self, announce};
use crate::setup::WasmToolchain;
use crate::test;
use crate::workspace::Workspace;
use anyhow::{Context, Result, bail};

/// The profile of everything that becomes wasm, so that shared crates are built once.
const PROFILE: &str = "wasm-release";

/// Where the components are, for the demo and the tests.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target().join("connectors")
}

/// Builds every package under `plugins/` into `target/connectors/NAME.wasm`.
pub(crate) fn build(workspace: &Workspace) -> Result<()> {
    let plugins = packages(workspace);
    if plugins.is_empty() {
        bail!("no package under plugins/ belongs to the workspace");
    }
    announce(&format!("connectors: {}", plugins.iter().cloned().collect::<Vec<_>>().join(", ")));
    // With all programs at once: built alone, the compiler would have other features, and wasmtime would be built twice.
    test::build_binaries(workspace)?;
    let toolchain = WasmToolchain::set_up(workspace)?;
    let mut cargo = toolchain.cargo(workspace, "build");
    cargo.args(["--lib", "--profile", PROFILE]);
    for plugin in &plugins {
        cargo.args(["--package", plugin]);
    }
    command::run(&mut cargo)?;

    fs::create_dir_all(folder(workspace))?;
    for plugin in &plugins {
        let file = format!("{}.wasm", plugin.replace('-', "_"));
        let component = componentize(workspace, &toolchain.output(workspace, PROFILE).join(file))?;
        let path = folder(workspace).join(format!("{plugin}.wasm"));
        println!(
            "    {:<40} {:>9} bytes",
            path.strip_prefix(workspace.root()).unwrap_or(&path).display(),
            component.len()
        );
        replace(&path, &component)?;
    }
    Ok(())
}

/// The packages under `plugins/`.
pub(crate) fn packages(workspace: &Workspace) -> BTreeSet<String> {
    let plugins = workspace.root().join("plugins");
    let ours = workspace.own_packages().filter(|package| {
        package["manifest_path"]
            .as_str()
            .is_some_and(|manifest| Path::new(manifest).starts_with(&plugins))
    });
    ours.filter_map(|package| package["name"].as_str().map(str::to_owned)).collect()
}

/// Wraps a module into a component that carries its manifest. The compiler is a program of its own, so that this one
/// need not be built with it.
fn componentize(workspace: &Workspace, module: &Path) -> Result<Vec<u8>> {
    let component = module.with_extension("component.wasm");
    let mut compiler = Command::new(test::binary(workspace, "connector-compiler"));
    compiler.arg("componentize").arg(module).arg(&component);
    command::run(&mut compiler)?;
    fs::read(&component).with_context(|| component.display().to_string())
}

/// Leaves an equal file alone, so that nothing made from it looks old.
fn replace(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present == content) {
        return Ok(());
    }
    fs::write(path, content).with_context(|| path.display().to_string())
}
