//! Wraps a core module into a component that carries its manifest.

use std::borrow::Cow;

use connector_host::{DescribeError, Manifest, ManifestError, SECTION, compile_config, describe};
use wasm_encoder::{ComponentSection, CustomSection};
use wasmtime::Engine;
use wasmtime::component::Component;
use wit_component::ComponentEncoder;

/// Why a module does not become a connector.
#[derive(Debug, thiserror::Error)]
pub enum ComponentizeError {
    /// Not built with the SDK, or importing what no connector may.
    #[error(
        "the module does not make a component: {0}; build it for wasm32-unknown-unknown with waymark-sdk and its `connector!`"
    )]
    Encode(String),
    /// It does not compile.
    #[error("the component does not compile: {0}")]
    Compile(String),
    /// It cannot be asked for its manifest.
    #[error(transparent)]
    Describe(#[from] DescribeError),
    /// What it says is no manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// No runtime to ask it in.
    #[error("the sandbox could not be made: {0}")]
    Sandbox(#[from] std::io::Error),
}

/// Makes a component of a module built with the SDK, asks it for its manifest, and embeds that.
///
/// It compiles in this process and blocks: meant for builds, not for the server.
pub fn componentize(module: &[u8]) -> Result<Vec<u8>, ComponentizeError> {
    let encode = |error| ComponentizeError::Encode(format!("{error:#}"));
    let mut component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .map_err(encode)?
        .encode()
        .map_err(encode)?;
    let manifest = described(&component)?;
    Manifest::parse(manifest.as_bytes())?;
    let section =
        CustomSection { name: Cow::Borrowed(SECTION), data: Cow::Borrowed(manifest.as_bytes()) };
    section.append_to_component(&mut component);
    Ok(component)
}

fn described(component: &[u8]) -> Result<String, ComponentizeError> {
    let compile = |error: wasmtime::Error| ComponentizeError::Compile(format!("{error:#}"));
    let engine = Engine::new(&compile_config()).map_err(compile)?;
    let compiled = Component::new(&engine, component).map_err(compile)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(describe(&engine, &compiled))?)
}
