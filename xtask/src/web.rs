//! The designer as files a browser loads: compiled, split, bound to JavaScript, named by content, compressed.

mod assets;
mod budget;
mod split;
mod stamp;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::{self, announce};
use crate::messages;
use crate::setup::WasmToolchain;
use crate::workspace::Workspace;
use assets::{Assets, Size};

/// The script the page begins with.
const BOOT: &str = "boot.js";

/// How the designer is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build, slow and large to load.
    Dev,
    /// Small, as it is shipped.
    Release,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }
}

/// Builds `dist/` from the designer, unless nothing it is made of has changed.
pub(crate) fn build(workspace: &Workspace, profile: Profile) -> Result<()> {
    let dist = workspace.root().join("dist");
    let inputs = stamp::inputs(workspace, profile.name())?;
    if stamp::is_current(workspace, &dist, &inputs) {
        announce("designer: dist/ is up to date");
        return Ok(());
    }
    announce(&format!("designer: building dist/ ({})", profile.name()));
    let bound = compile(workspace, profile)?;
    let assets = collect(workspace, &bound, profile)?;
    let over = budget::weigh(&replace(&dist, &assets, profile)?);
    if profile == Profile::Release && !over.is_empty() {
        bail!("{}", over.join("; "));
    }
    stamp::write(workspace, &dist, &inputs)
}

/// Compiles the designer, splits it and binds it to JavaScript; gives the folder with what a browser loads of it.
fn compile(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let toolchain = WasmToolchain::set_up(workspace)?;
    let mut cargo = toolchain.cargo(workspace, "rustc");
    cargo.args(["--package", "designer", "--lib", "--profile", profile.name()]);
    // The splitter moves functions and what they name; a flag for all crates would build all of them again.
    command::run(cargo.args(["--", "-Clink-args=--emit-relocs"]))?;

    let bound = workspace.target().join("web-bound").join(profile.name());
    if bound.exists() {
        fs::remove_dir_all(&bound)?;
    }
    let linked = toolchain.output(workspace, profile.name()).join("designer.wasm");
    split::split(&linked, &bound, profile)?;
    Ok(bound)
}

/// Names everything by its content and writes the page that refers to it.
fn collect(workspace: &Workspace, bound: &Path, profile: Profile) -> Result<Assets> {
    let designer = workspace.root().join("designer");
    let mut program = Assets::default();
    program.add_folder("", bound)?;
    program.add(BOOT, boot_script().into_bytes());
    let mut assets = Assets::default();
    // Its files name each other and fit no others, not even those of another build of the same sources.
    let program = assets.add_as_one(program);
    let styles = assets.add_hashed("app", "css", styles(&designer.join("styles"))?);
    assets.add_folder("", &designer.join("static"))?;

    let mut page =
        fs::read_to_string(designer.join("index.html")).context("designer/index.html")?;
    let languages = add_languages(workspace, &mut assets, profile)?;
    let part = |name: &str| format!("/assets/{program}/{name}");
    for (placeholder, value) in [
        ("styles", format!("/assets/{styles}")),
        ("boot", part(BOOT)),
        ("script", part(split::SCRIPT)),
        ("loader", part(split::LOADER)),
        ("wasm", part(split::WASM)),
        ("languages", languages),
    ] {
        let placeholder = format!("{{{{{placeholder}}}}}");
        if !page.contains(&placeholder) {
            bail!("designer/index.html does not use the placeholder {placeholder}");
        }
        page = page.replace(&placeholder, &value);
    }
    assets.add("index.html", page.into_bytes());
    Ok(assets)
}

/// Adds what there is to load for each language; gives how the page names them: tag, path and name, apart by semicolons.
fn add_languages(workspace: &Workspace, assets: &mut Assets, profile: Profile) -> Result<String> {
    let mut catalogues = messages::catalogues(workspace)?;
    if profile == Profile::Dev {
        catalogues.push(messages::pseudo(workspace)?);
    }
    let mut named = Vec::new();
    for catalogue in catalogues {
        let stem = format!("{}{}", budget::LANGUAGE_STEM, catalogue.tag);
        let path = assets.add_hashed(&stem, "json", catalogue.json());
        named.push(format!("{} /assets/{path} {}", catalogue.tag, catalogue.name));
    }
    Ok(named.join("; "))
}

/// The only script the page names: it loads the module and hands it its wasm file.
fn boot_script() -> String {
    let (script, wasm) = (split::SCRIPT, split::WASM);
    format!(
        "import init from './{script}';\nawait init({{ module_or_path: new URL('./{wasm}', import.meta.url) }});\n"
    )
}

/// Every style sheet of the designer in the order of their names.
fn styles(folder: &Path) -> Result<Vec<u8>> {
    let mut sheets = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "css") {
            sheets.push(path);
        }
    }
    sheets.sort();
    let mut all = Vec::new();
    for sheet in sheets {
        all.extend(fs::read(&sheet)?);
        all.push(b'\n');
    }
    Ok(all)
}

/// Writes `assets` and their compressed forms to `dist`, and removes whatever else is there.
fn replace(dist: &Path, assets: &Assets, profile: Profile) -> Result<Vec<Size>> {
    fs::create_dir_all(dist)?;
    for entry in fs::read_dir(dist)? {
        let path = entry?.path();
        if path.is_dir() {
            fs::remove_dir_all(&path)?;
        } else if path.file_name().is_some_and(|name| name != ".gitkeep") {
            fs::remove_file(&path)?;
        }
    }
    assets.write(dist, if profile == Profile::Release { 11 } else { 5 })
}
