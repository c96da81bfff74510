//! Files that are no connectors, connectors that lie, and code that was tampered with.

use std::borrow::Cow;
use std::sync::Arc;

use connector_compiler::{CheckError, CompileError, Compiler};
use connector_host::{Host, HostConfig, InstallError, LoadError, MemoryKv, SECTION};
use wasm_encoder::{ComponentSection, CustomSection};

use crate::stage::{compile, compiler, hostile};

fn host(cache: Option<std::path::PathBuf>, key: [u8; 32]) -> Host {
    Host::new(HostConfig::new(cache, key, Arc::new(MemoryKv::default()), || 0)).unwrap()
}

async fn refusal(file: &[u8]) -> CompileError {
    match compiler().compile(file).await {
        Err(error) => error,
        Ok(artefact) => panic!("it became the connector {:?}", artefact.manifest()),
    }
}

#[tokio::test]
async fn a_file_that_is_no_connector_is_named_for_what_it_is() {
    let module = wat::parse_str("(module)").unwrap();
    let foreign =
        wat::parse_str(r#"(component (import "wasi:filesystem/types@0.2.0" (instance)))"#).unwrap();
    let empty = wat::parse_str("(component)").unwrap();
    assert!(matches!(refusal(b"PK\x03\x04").await, CompileError::Check(CheckError::NotWasm)));
    assert!(matches!(refusal(b"").await, CompileError::Check(CheckError::NotWasm)));
    assert!(matches!(refusal(&module).await, CompileError::Check(CheckError::CoreModule)));
    assert!(matches!(refusal(&empty).await, CompileError::Check(CheckError::NoApi)));
    match refusal(&foreign).await {
        CompileError::Check(CheckError::Import(name)) => {
            assert_eq!(name, "wasi:filesystem/types@0.2.0");
        }
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_connector_cut_off_anywhere_is_refused() {
    let whole = hostile();
    for part in 1..16 {
        let cut = &whole[..whole.len() * part / 16];
        let error = refusal(cut).await;
        assert!(
            matches!(error, CompileError::Check(_) | CompileError::Invalid(_)),
            "{part}/16: {error}"
        );
    }
}

#[tokio::test]
async fn a_connector_with_a_byte_changed_is_refused_or_harmless() {
    // Whatever a changed byte makes of it, the compiler answers and the host lives.
    let whole = hostile();
    let host = host(None, [1; 32]);
    for place in (8..whole.len()).step_by(whole.len() / 12) {
        let mut changed = whole.clone();
        changed[place] ^= 0xff;
        if let Ok(artefact) = compiler().compile(&changed).await {
            let _ = host.install(artefact).await;
        }
    }
    host.install(compile(&whole).await).await.unwrap();
}

#[tokio::test]
async fn a_connector_that_describes_itself_otherwise_than_its_file_is_not_installed() {
    let mut lying = hostile();
    let manifest = compile(&lying).await.manifest().clone();
    let mut manifest = serde_json::to_value(manifest).unwrap();
    manifest["needs"]["http"] = serde_json::json!([]);
    let data = Cow::Owned(manifest.to_string().into_bytes());
    CustomSection { name: Cow::Borrowed(SECTION), data }.append_to_component(&mut lying);
    let refused = host(None, [1; 32]).install(compile(&lying).await).await;
    assert!(matches!(refused, Err(InstallError::Differs)), "{refused:?}");
}

#[tokio::test]
async fn compiled_code_is_loaded_only_as_this_installation_sealed_it() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Some(folder.path().to_owned());
    let artefact = compile(&hostile()).await;
    let digest = artefact.digest();
    host(cache.clone(), [1; 32]).install(artefact).await.unwrap();
    assert!(host(cache.clone(), [1; 32]).load(&digest).unwrap().is_some());
    assert!(matches!(host(cache.clone(), [2; 32]).load(&digest), Err(LoadError::Seal)));

    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let mut sealed = std::fs::read(&file).unwrap();
    let middle = sealed.len() / 2;
    sealed[middle] ^= 1;
    std::fs::write(&file, sealed).unwrap();
    assert!(matches!(host(cache, [1; 32]).load(&digest), Err(LoadError::Seal)));
}

#[tokio::test]
async fn a_compiler_that_was_killed_or_is_missing_is_an_answer() {
    let killed = Compiler::new("/bin/sh", ["-c", "kill -9 $$"]).compile(&hostile()).await;
    assert!(matches!(killed, Err(CompileError::TooCostly)));
    let missing = Compiler::new("/nowhere/compiler", ["compile"]).compile(&hostile()).await;
    assert!(matches!(missing, Err(CompileError::Child(_))));
}
