//! What the designer says: collected from its sources for translators, and their work made ready for browsers.

pub(crate) mod catalogue;
pub(crate) mod extract;
pub(crate) mod lexer;
pub(crate) mod po;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::announce;
use crate::workspace::Workspace;
use catalogue::Catalogue;
use extract::Messages;

/// The template, and the folder of the translations.
pub(crate) const TEMPLATE: &str = "designer/messages/waymark.pot";
pub(crate) const FOLDER: &str = "designer/messages";

/// Writes the template anew.
pub(crate) fn write_template(workspace: &Workspace) -> Result<()> {
    let messages = collect(workspace)?;
    fs::write(workspace.root().join(TEMPLATE), po::template(&messages)).context(TEMPLATE)?;
    announce(&format!("{} messages in {TEMPLATE}", messages.len()));
    Ok(())
}

/// Every translation there is; fails at one that cannot be used.
pub(crate) fn catalogues(workspace: &Workspace) -> Result<Vec<Catalogue>> {
    let messages = collect(workspace)?;
    let mut catalogues = Vec::new();
    for path in files(&workspace.root().join(FOLDER), "po")? {
        let told = || path.display().to_string();
        let tag = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        let text = fs::read_to_string(&path).with_context(told)?;
        let read = Catalogue::read(&tag.with_context(told)?, &text, &messages);
        let (catalogue, mistakes) = read.with_context(told)?;
        if let Some((line, sentence)) = mistakes.first() {
            bail!("{}:{line}: {sentence}", told());
        }
        catalogues.push(catalogue);
    }
    Ok(catalogues)
}

/// The language that only tests read.
pub(crate) fn pseudo(workspace: &Workspace) -> Result<Catalogue> {
    Ok(Catalogue::pseudo(&collect(workspace)?))
}

/// Writes the language that only tests read into a file of its own; gives where it is.
pub(crate) fn write_pseudo(workspace: &Workspace) -> Result<PathBuf> {
    let path = workspace.target().join("en-XA.json");
    fs::create_dir_all(workspace.target())?;
    fs::write(&path, pseudo(workspace)?.json()).with_context(|| path.display().to_string())?;
    Ok(path)
}

fn collect(workspace: &Workspace) -> Result<Messages> {
    let root = workspace.root();
    let mut sources = Vec::new();
    let mut folders = vec![root.join("designer/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
                sources.push((name, fs::read_to_string(&path)?));
            }
        }
    }
    let files = sources.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    let (messages, mistakes) = extract::extract(files);
    if let Some(mistake) = mistakes.first() {
        bail!("{}:{}: {}", mistake.path, mistake.line, mistake.sentence);
    }
    Ok(messages)
}

/// The files of a folder with this extension, in the order of their names.
fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_some_and(|own| own == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
