//! A compiler for `wasm32-unknown-unknown`: rustup's target, or Debian's compiler with the standard library built from source.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::command::{self, announce};
use crate::setup::debian;
use crate::workspace::Workspace;

/// The one wasm target everything of ours builds for; partners may use others.
const TARGET: &str = "wasm32-unknown-unknown";

/// Set to `1`, this takes Debian's compiler even where rustup has the target.
const FORCE_FALLBACK: &str = "WAYMARK_WASM_FALLBACK";

/// Debian's wasm-capable compiler and the sources of its standard library.
const DEBIAN_PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];
const DEBIAN_COMPILER: &str = "/usr/bin/rustc";

/// A way to compile for wasm that works on this machine.
pub(crate) enum WasmToolchain {
    /// The toolchain that runs us has the target.
    Rustup,
    /// Debian's compiler builds the standard library too; the linker is rustup's where there is one.
    Debian { linker: PathBuf },
}

impl WasmToolchain {
    /// Finds the target, adds it, or falls back to Debian's compiler.
    pub(crate) fn set_up(workspace: &Workspace) -> Result<Self> {
        if std::env::var_os(FORCE_FALLBACK).is_some_and(|value| value == "1") {
            return Self::debian(workspace);
        }
        if has_target(workspace.root()) {
            return Ok(Self::Rustup);
        }
        announce("installing the wasm target with rustup");
        match command::run(
            Command::new("rustup").args(["target", "add", TARGET]).current_dir(workspace.root()),
        ) {
            Ok(()) if has_target(workspace.root()) => Ok(Self::Rustup),
            Ok(()) | Err(_) => {
                println!("    rustup could not add {TARGET}; using Debian's compiler instead");
                Self::debian(workspace)
            }
        }
    }

    /// `cargo VERB` for the wasm target, building into a directory of its own.
    pub(crate) fn cargo(&self, workspace: &Workspace, verb: &str) -> Command {
        let mut command = command::cargo(workspace.root());
        command.args([verb, "--target", TARGET, "--target-dir"]).arg(self.target_dir(workspace));
        if let Self::Debian { linker } = self {
            // Debian's cargo is not needed, but rustup's must not hand its own compiler's libraries to Debian's.
            command.args(["-Z", "build-std=std,panic_abort"]);
            command.env("RUSTC", DEBIAN_COMPILER).env("RUSTC_BOOTSTRAP", "1");
            command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            command.env_remove("RUSTUP_TOOLCHAIN").env_remove("LD_LIBRARY_PATH");
        }
        command
    }

    /// Where a build with `profile` leaves its wasm files.
    pub(crate) fn output(&self, workspace: &Workspace, profile: &str) -> PathBuf {
        self.target_dir(workspace).join(TARGET).join(profile)
    }

    /// Two compilers never share a directory: each would find the other's work stale.
    fn target_dir(&self, workspace: &Workspace) -> PathBuf {
        workspace.target().join(match self {
            Self::Rustup => "web",
            Self::Debian { .. } => "web-debian",
        })
    }

    fn debian(workspace: &Workspace) -> Result<Self> {
        let present = Path::new(DEBIAN_COMPILER).exists()
            && Path::new("/usr/lib/rustlib/src/rust/library/std").exists();
        if !present {
            debian::install("a wasm compiler", &DEBIAN_PACKAGES)?;
        }
        Ok(Self::Debian { linker: linker(workspace.root())? })
    }
}

fn has_target(root: &Path) -> bool {
    let found = command::capture(
        Command::new("rustc")
            .args(["--print", "target-libdir", "--target", TARGET])
            .current_dir(root),
    );
    found.is_ok_and(|folder| {
        let entries = std::fs::read_dir(folder.trim()).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.file_name())
            .any(|name| name.to_string_lossy().starts_with("libcore-"))
    })
}

/// The linker that comes with every toolchain of rustup's.
fn linker(root: &Path) -> Result<PathBuf> {
    let told = command::capture(Command::new("rustc").arg("-vV").current_dir(root))?;
    let host = told
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc names its host")?;
    let sysroot =
        command::capture(Command::new("rustc").args(["--print", "sysroot"]).current_dir(root))?;
    let linker = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("bin/rust-lld");
    if !linker.exists() {
        bail!(
            "no linker for wasm at {}; install one with `rustup component add llvm-tools`",
            linker.display()
        );
    }
    Ok(linker)
}
