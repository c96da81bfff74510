//! The designer as files a browser loads: compiled, bound to JavaScript, named by content, compressed.

mod assets;
mod stamp;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::command::{self, announce};
use crate::setup::WasmToolchain;
use crate::workspace::Workspace;
use assets::{Assets, Size};

/// What a first visit may load, compressed.
const FIRST_LOAD_BUDGET: usize = 1_395_000;

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
    let assets = collect(workspace, &bound)?;
    report(&replace(&dist, &assets, profile)?, profile)?;
    stamp::write(workspace, &dist, &inputs)
}

/// Compiles the designer and binds it to JavaScript; gives the folder with `designer.js` and `designer_bg.wasm`.
fn compile(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let toolchain = WasmToolchain::set_up(workspace)?;
    let mut cargo = toolchain.cargo(workspace, "build");
    command::run(cargo.args(["--package", "designer", "--lib", "--profile", profile.name()]))?;

    let bound = workspace.target().join("web-bound").join(profile.name());
    if bound.exists() {
        fs::remove_dir_all(&bound)?;
    }
    let release = profile == Profile::Release;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(toolchain.output(workspace, profile.name()).join("designer.wasm"));
    bindgen.web(true)?.typescript(false).omit_default_module_path(true);
    bindgen.debug(!release).remove_name_section(release).remove_producers_section(release);
    bindgen.generate(&bound).context("wasm-bindgen")?;
    Ok(bound)
}

/// Names everything by its content and writes the page that refers to it.
fn collect(workspace: &Workspace, bound: &Path) -> Result<Assets> {
    let designer = workspace.root().join("designer");
    let mut assets = Assets::default();
    let wasm = assets.add_hashed("app", "wasm", fs::read(bound.join("designer_bg.wasm"))?);
    let script = assets.add_hashed("app", "js", fs::read(bound.join("designer.js"))?);
    let boot = assets.add_hashed("boot", "js", boot_script(&script, &wasm).into_bytes());
    let styles = assets.add_hashed("app", "css", styles(&designer.join("styles"))?);
    assets.add_folder("assets/snippets", &bound.join("snippets"))?;
    assets.add_folder("", &designer.join("static"))?;

    let mut page =
        fs::read_to_string(designer.join("index.html")).context("designer/index.html")?;
    for (placeholder, name) in
        [("styles", &styles), ("boot", &boot), ("script", &script), ("wasm", &wasm)]
    {
        let placeholder = format!("{{{{{placeholder}}}}}");
        if !page.contains(&placeholder) {
            bail!("designer/index.html does not use the placeholder {placeholder}");
        }
        page = page.replace(&placeholder, &format!("/assets/{name}"));
    }
    assets.add("index.html", page.into_bytes());
    Ok(assets)
}

/// The only script the page names: it loads the module and hands it its wasm file.
fn boot_script(script: &str, wasm: &str) -> String {
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

fn report(sizes: &[Size], profile: Profile) -> Result<()> {
    let mut first_load = 0;
    for size in sizes {
        println!(
            "    {:<40} {:>9} bytes, {:>8} br, {:>8} gz",
            size.name, size.raw, size.brotli, size.gzip
        );
        first_load += size.brotli;
    }
    println!("    first load: {first_load} bytes compressed, budget {FIRST_LOAD_BUDGET}");
    if profile == Profile::Release && first_load > FIRST_LOAD_BUDGET {
        bail!(
            "the designer's first load is {first_load} bytes compressed, over its budget of {FIRST_LOAD_BUDGET}"
        );
    }
    Ok(())
}
