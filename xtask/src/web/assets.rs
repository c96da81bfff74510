//! The files of `dist/`: their names, their contents, and their compressed forms.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Files under this size gain nothing worth a second file.
const SMALLEST_COMPRESSED: usize = 256;

/// Compression with larger windows than this is refused by some browsers.
const BROTLI_WINDOW: u32 = 22;

/// What `dist/` is to hold, by path.
#[derive(Default)]
pub(crate) struct Assets {
    files: BTreeMap<String, Vec<u8>>,
}

/// How much of a file a browser loads.
pub(crate) struct Size {
    pub(crate) name: String,
    pub(crate) raw: usize,
    pub(crate) brotli: usize,
    pub(crate) gzip: usize,
}

impl Assets {
    /// Adds a file under a name that changes with its content; gives that name, without its folder.
    pub(crate) fn add_hashed(&mut self, stem: &str, extension: &str, content: Vec<u8>) -> String {
        let tag = hex::encode(&Sha256::digest(&content)[..8]);
        let name = format!("{stem}-{tag}.{extension}");
        self.files.insert(format!("assets/{name}"), content);
        name
    }

    /// Adds files that name each other, in a folder that changes with the content of any of them; gives that folder.
    pub(crate) fn add_as_one(&mut self, set: Self) -> String {
        let mut digest = Sha256::new();
        for (name, content) in &set.files {
            digest.update(Sha256::digest(name));
            digest.update(Sha256::digest(content));
        }
        let folder = hex::encode(&digest.finalize()[..8]);
        let placed = set.files.into_iter();
        self.files.extend(placed.map(|(name, file)| (format!("assets/{folder}/{name}"), file)));
        folder
    }

    /// Adds a file under a fixed name.
    pub(crate) fn add(&mut self, path: &str, content: Vec<u8>) {
        self.files.insert(path.to_owned(), content);
    }

    /// Adds every file under `folder`, if there is such a folder, below `prefix`.
    pub(crate) fn add_folder(&mut self, prefix: &str, folder: &Path) -> Result<()> {
        if !folder.exists() {
            return Ok(());
        }
        for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            let name = path
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
            if path.is_dir() {
                self.add_folder(&name, &path)?;
            } else {
                self.files.insert(name, fs::read(&path)?);
            }
        }
        Ok(())
    }

    /// Writes every file to `dist`, with a `.br` and a `.gz` beside those that shrink; gives their sizes.
    pub(crate) fn write(&self, dist: &Path, quality: u32) -> Result<Vec<Size>> {
        let mut sizes = Vec::new();
        for (name, content) in &self.files {
            let path = dist.join(name);
            fs::create_dir_all(path.parent().unwrap_or(dist))?;
            fs::write(&path, content)?;
            let (brotli, gzip) = (brotli(content, quality)?, gzip(content)?);
            let shrinks = content.len() >= SMALLEST_COMPRESSED && brotli.len() < content.len();
            if shrinks {
                fs::write(dist.join(format!("{name}.br")), &brotli)?;
                fs::write(dist.join(format!("{name}.gz")), &gzip)?;
            }
            let loaded = |compressed: usize| if shrinks { compressed } else { content.len() };
            sizes.push(Size {
                name: name.clone(),
                raw: content.len(),
                brotli: loaded(brotli.len()),
                gzip: loaded(gzip.len()),
            });
        }
        Ok(sizes)
    }
}

fn brotli(content: &[u8], quality: u32) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer =
        brotli::CompressorWriter::new(&mut compressed, 1 << 16, quality, BROTLI_WINDOW);
    writer.write_all(content)?;
    drop(writer);
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_name_changes_with_the_content() {
        let mut assets = Assets::default();
        let one = assets.add_hashed("app", "css", b"a{}".to_vec());
        let other = assets.add_hashed("app", "css", b"b{}".to_vec());
        assert_ne!(one, other);
        assert!(
            one.starts_with("app-")
                && Path::new(&one).extension().is_some_and(|extension| extension == "css")
        );
    }

    #[test]
    fn the_folder_of_a_set_changes_with_any_of_its_files() {
        let folder = |files: &[(&str, &[u8])]| {
            let mut set = Assets::default();
            for (name, content) in files {
                set.add(name, content.to_vec());
            }
            let mut assets = Assets::default();
            let folder = assets.add_as_one(set);
            assert!(assets.files.contains_key(&format!("assets/{folder}/a.js")));
            folder
        };
        let one = folder(&[("a.js", b"import './b.js'"), ("b.js", b"1")]);
        assert_eq!(one, folder(&[("b.js", b"1"), ("a.js", b"import './b.js'")]));
        assert_ne!(one, folder(&[("a.js", b"import './b.js'"), ("b.js", b"2")]));
        assert_ne!(one, folder(&[("a.js", b"import './b.js'"), ("c.js", b"1")]));
    }

    #[test]
    fn brotli_gives_back_what_went_in() {
        let content = b"journey ".repeat(500);
        let compressed = brotli(&content, 11).unwrap();
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut compressed.as_slice(), &mut back).unwrap();
        assert_eq!(back, content);
        assert!(compressed.len() < content.len() / 10);
    }
}
