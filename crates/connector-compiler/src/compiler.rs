use std::path::PathBuf;
use std::process::{Output, Stdio};

use connector_host::{Artefact, Digest};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::{CheckError, check, limits};

/// Compiles components in child processes.
#[derive(Clone, Debug)]
pub struct Compiler {
    program: PathBuf,
    arguments: Vec<String>,
}

/// Why a file does not become a connector that runs.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// It is not a connector.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// It looks like one, and is not valid.
    #[error("this connector does not compile: {0}")]
    Invalid(String),
    /// The child was stopped by its limits.
    #[error("compiling this connector took more memory or time than a connector may need")]
    TooCostly,
    /// The child did not run.
    #[error("the compiler could not be run: {0}")]
    Child(#[from] std::io::Error),
}

impl Compiler {
    /// Compiles by `program` called with `arguments`, which must lead to [`crate::run_child`].
    pub fn new(
        program: impl Into<PathBuf>,
        arguments: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Compiler {
            program: program.into(),
            arguments: arguments.into_iter().map(Into::into).collect(),
        }
    }

    /// Checks and compiles a component.
    pub async fn compile(&self, component: &[u8]) -> Result<Artefact, CompileError> {
        let manifest = check(component)?;
        let child = self.start()?;
        let finished = tokio::time::timeout(limits::CHILD_WALL, feed(child, component)).await;
        let output = finished.map_err(|_| CompileError::TooCostly)??;
        if output.status.success() {
            return Ok(Artefact::from_compiler(Digest::of(component), manifest, output.stdout));
        }
        // A code means that the child spoke for itself; without one it was killed by a signal: an abort for want of memory, or the CPU limit.
        match output.status.code() {
            Some(_) => Err(CompileError::Invalid(words(&output.stderr))),
            None => Err(CompileError::TooCostly),
        }
    }

    fn start(&self) -> std::io::Result<Child> {
        Command::new(&self.program)
            .args(&self.arguments)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
    }
}

async fn feed(mut child: Child, component: &[u8]) -> std::io::Result<Output> {
    let input = child.stdin.take();
    let write = async {
        if let Some(mut input) = input {
            // A child that has already failed closes the pipe; its exit code says why.
            let _ = input.write_all(component).await;
        }
    };
    let ((), output) = tokio::join!(write, child.wait_with_output());
    output
}

fn words(said: &[u8]) -> String {
    let said = &said[..said.len().min(limits::CHILD_WORDS)];
    String::from_utf8_lossy(said).trim().to_owned()
}
