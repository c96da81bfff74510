//! The README's pictures, as the tests last saw the product.

use std::fs;

use anyhow::{Context, Result, ensure};

use crate::command::announce;
use crate::workspace::Workspace;

/// What a test calls a picture, and what the README does.
const PICTURES: [(&str, &str); 2] = [("readme-canvas", "canvas"), ("readme-task", "task")];

/// What a reader may have to load for one picture.
const MOST_BYTES: usize = 250_000;

/// Copies the pictures from `target/screenshots` to `docs/images`.
pub(crate) fn take(workspace: &Workspace) -> Result<()> {
    for (seen, shown) in PICTURES {
        let from = workspace.target().join("screenshots").join(seen).with_extension("png");
        let to = workspace.root().join("docs/images").join(shown).with_extension("png");
        let picture = fs::read(&from)
            .with_context(|| format!("{}: `cargo xtask test` makes it", from.display()))?;
        let bytes = picture.len();
        ensure!(bytes <= MOST_BYTES, "{seen} has {bytes} bytes, over its {MOST_BYTES}");
        fs::create_dir_all(to.parent().unwrap_or(&to))?;
        fs::write(&to, picture)?;
        announce(&format!("docs/images/{shown}.png: {bytes} bytes"));
    }
    Ok(())
}
