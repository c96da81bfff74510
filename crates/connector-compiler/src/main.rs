//! The compiler as a program of its own, for builds and tests; the server carries the same as a hidden subcommand.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["compile"] => connector_compiler::run_child(),
        ["componentize", module, component] => {
            connector_compiler::run_componentize(Path::new(module), Path::new(component))
        }
        _ => {
            eprintln!(
                "usage: connector-compiler compile < component > code\n       connector-compiler componentize MODULE COMPONENT"
            );
            ExitCode::from(2)
        }
    }
}
