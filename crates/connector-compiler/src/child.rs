//! What runs in the child process.

use std::error::Error;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

use connector_host::{compile_config, limits::COMPONENT_BYTES};
use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};
use wasmtime::Engine;

use crate::{component, limits};

/// Compiles the component on standard input and writes machine code to standard output; one sentence on standard error
/// and a failing exit code say why not. The process gives up memory and time it could otherwise take: it must do nothing else.
pub fn run_child() -> ExitCode {
    match compile() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref()),
    }
}

fn compile() -> Result<(), Box<dyn Error>> {
    // Nobody waits for the answer when whoever asked is gone.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    limit(Resource::As, limits::CHILD_ADDRESS_SPACE)?;
    limit(Resource::Cpu, limits::CHILD_CPU_SECONDS)?;
    limit(Resource::Core, 0)?;
    let mut component = Vec::new();
    std::io::stdin().lock().take(COMPONENT_BYTES as u64 + 1).read_to_end(&mut component)?;
    let engine = Engine::new(&compile_config())?;
    let code = engine.precompile_component(&component)?;
    std::io::stdout().lock().write_all(&code)?;
    Ok(())
}

fn limit(resource: Resource, most: u64) -> rustix::io::Result<()> {
    setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) })
}

/// Makes a component of the core module in the file `module` and writes it to `component`.
pub fn run_componentize(module: &Path, component: &Path) -> ExitCode {
    let made = std::fs::read(module)
        .map_err(Box::<dyn Error>::from)
        .and_then(|module| Ok(component::componentize(&module)?));
    match made.and_then(|made| Ok(std::fs::write(component, made)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(error.as_ref()),
    }
}

fn fail(error: &dyn Error) -> ExitCode {
    let mut sentence = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        sentence = format!("{sentence}: {inner}");
        source = inner.source();
    }
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "{sentence}");
    ExitCode::FAILURE
}
