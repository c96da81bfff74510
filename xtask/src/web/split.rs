//! The designer's program in parts: one that every visit loads, and others that come when a page of theirs is opened.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;
use wasm_split_cli_support::Options;

use super::Profile;

/// The script of the first part, the program of the first part, and the script that loads the others.
pub(crate) const SCRIPT: &str = "app.js";
pub(crate) const WASM: &str = "app_bg.wasm";
pub(crate) const LOADER: &str = "parts.js";

/// What the loader says of a part that does not come; the page says it to the person, so that it is no error of its own.
const COMPLAINT: (&str, &str) = ("console.error(e);", "console.warn(e);");

/// Splits the program at `linked` and binds its first part to JavaScript; leaves in `bound` what a browser loads, in files that name each other.
pub(crate) fn split(linked: &Path, bound: &Path, profile: Profile) -> Result<()> {
    let program = fs::read(linked).with_context(|| linked.display().to_string())?;
    let first = bound.with_extension("wasm");
    let mut options = Options::new(&program);
    options.output_dir = bound;
    options.main_out_path = &first;
    let (script, loader) = (format!("./{SCRIPT}"), format!("./{LOADER}"));
    options.main_module = &script;
    options.link_name = &loader;
    let parts = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("the program cannot be split: {error:?}"))?
        .split_modules;
    bind(&first, bound, profile)?;
    for part in parts {
        let kept: &[&str] = if profile == Profile::Release { &[] } else { &["name"] };
        fs::write(&part, with_custom_sections(kept, &fs::read(&part)?)?)?;
    }
    soften(&bound.join(LOADER))
}

fn bind(first: &Path, bound: &Path, profile: Profile) -> Result<()> {
    let release = profile == Profile::Release;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(first).out_name("app");
    bindgen.web(true)?.typescript(false).omit_default_module_path(true);
    // The other parts are linked to what this one exports.
    bindgen.keep_lld_exports(true).demangle(false);
    bindgen.debug(!release).remove_name_section(release).remove_producers_section(release);
    bindgen.generate(bound).context("wasm-bindgen")
}

fn soften(loader: &Path) -> Result<()> {
    let script = fs::read_to_string(loader).with_context(|| loader.display().to_string())?;
    let (error, warning) = COMPLAINT;
    if !script.contains(error) {
        bail!("{LOADER} does not say `{error}` of a part that does not come");
    }
    fs::write(loader, script.replace(error, warning))?;
    Ok(())
}

/// A module without its custom sections but those with these names: what linkers and debuggers read, no browser does.
fn with_custom_sections(kept: &[&str], module: &[u8]) -> Result<Vec<u8>> {
    let mut reader = Reader(module);
    let mut slim = reader.take(HEADER)?.to_vec();
    while !reader.0.is_empty() {
        let whole = reader.0;
        let id = reader.take(1)?[0];
        let length = reader.number()?;
        let mut content = Reader(reader.take(length)?);
        let is_kept = id != CUSTOM || {
            let length = content.number()?;
            let name = content.take(length)?;
            kept.iter().any(|kept| kept.as_bytes() == name)
        };
        if is_kept {
            slim.extend(&whole[..whole.len() - reader.0.len()]);
        }
    }
    Ok(slim)
}

/// The magic number and the version of a module.
const HEADER: usize = 8;

/// What a custom section begins with.
const CUSTOM: u8 = 0;

/// What is left to read of a module.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length).context("the module is cut off")?;
        self.0 = rest;
        Ok(taken)
    }

    /// Reads an unsigned LEB128 number.
    fn number(&mut self) -> Result<usize> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let byte = self.take(1)?[0];
            number |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                return Ok(number);
            }
            if shift > 28 {
                bail!("a length in the module is longer than any length");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with a custom section `name`, a type section that is empty, and a custom section `x`.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\x00\x06\x04name!\x01\x01\x00\x00\x02\x01x";

    #[test]
    fn what_no_browser_reads_is_left_out() {
        let slim = with_custom_sections(&[], MODULE).unwrap();
        assert_eq!(slim, b"\0asm\x01\0\0\0\x01\x01\x00");
        let named = with_custom_sections(&["name"], MODULE).unwrap();
        assert_eq!(named, b"\0asm\x01\0\0\0\x00\x06\x04name!\x01\x01\x00");
    }

    #[test]
    fn a_module_that_is_cut_off_is_refused() {
        assert!(with_custom_sections(&[], &MODULE[..MODULE.len() - 1]).is_err());
        assert!(with_custom_sections(&[], b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\xff\x01").is_err());
    }
}
