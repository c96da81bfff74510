use crate::{ImportError, Imported};
pub fn import(source: &str) -> Result<Imported, ImportError> {
    let tree = super::tree::Tree::read(source)?;
    let _ = tree.root();
    Err(ImportError::Unfit(String::new()))
}
