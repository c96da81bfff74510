//! Dependencies between our crates point one way, and the engine depends on nothing that could do IO.

use super::Violation;
use crate::workspace::Workspace;

/// Which of our crates each of our crates may use. Development dependencies are free: a test may use anything.
const DIRECTIONS: [(&str, &[&str]); 22] = [
    ("failpoints", &[]),
    ("journey", &[]),
    ("intake", &["journey"]),
    ("exchange", &["journey", "intake"]),
    ("wire", &["journey"]),
    ("store", &["failpoints", "journey"]),
    ("connector-host", &["failpoints", "journey", "intake"]),
    ("connector-compiler", &["connector-host"]),
    ("runtime", &["journey", "store", "connector-host"]),
    ("backtest", &["journey", "store", "runtime"]),
    ("verify", &["journey", "store"]),
    (
        "server",
        // The demo plays the outside systems in its own process.
        &[
            "failpoints",
            "journey",
            "intake",
            "exchange",
            "wire",
            "store",
            "runtime",
            "backtest",
            "verify",
            "connector-host",
            "connector-compiler",
            "mock-systems",
        ],
    ),
    ("designer", &["journey", "wire"]),
    ("waymark-sdk", &[]),
    ("crm", &["waymark-sdk"]),
    ("hostile", &["waymark-sdk"]),
    ("mock-systems", &[]),
    ("scratch", &["store"]),
    ("fuzz", &["journey", "intake", "exchange"]),
    ("simulation", &["journey", "store", "runtime", "verify"]),
    (
        "tests",
        &[
            "failpoints",
            "journey",
            "wire",
            "store",
            "runtime",
            "connector-host",
            "connector-compiler",
            "mock-systems",
            "scratch",
        ],
    ),
    ("xtask", &[]),
];

/// What the engine may use of others' work: nothing here reads a clock, a file, a socket or randomness.
const ENGINE_MAY_USE: [&str; 7] =
    ["serde", "serde_json", "petgraph", "cel", "jiff", "thiserror", "schemars"];

/// A package of ours and what it depends on when it is built to run.
pub(super) struct Package {
    name: String,
    manifest: String,
    ours: Vec<String>,
    others: Vec<String>,
}

pub(super) fn packages(workspace: &Workspace) -> Vec<Package> {
    let root = workspace.root().to_string_lossy().into_owned();
    let mut packages = Vec::new();
    for package in workspace.own_packages() {
        let mut found = Package {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            manifest: package["manifest_path"]
                .as_str()
                .unwrap_or_default()
                .replace(&format!("{root}/"), ""),
            ours: Vec::new(),
            others: Vec::new(),
        };
        for dependency in package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["kind"] != "dev")
        {
            let name = dependency["name"].as_str().unwrap_or_default().to_owned();
            let side =
                if dependency["path"].is_string() { &mut found.ours } else { &mut found.others };
            side.push(name);
        }
        packages.push(found);
    }
    packages
}

pub(super) fn check(packages: &[Package]) -> Vec<Violation> {
    packages.iter().flat_map(check_one).collect()
}

fn check_one(package: &Package) -> Vec<Violation> {
    let complain = |sentence: String| Violation::new(&package.manifest, 1, sentence);
    let Some((_, allowed)) = DIRECTIONS.iter().find(|(name, _)| *name == package.name) else {
        return vec![complain(format!(
            "`{}` has no place in the house: say in xtask's tidy rules what it may use",
            package.name
        ))];
    };
    let against = package.ours.iter().filter(|name| !allowed.contains(&name.as_str()));
    let mut violations: Vec<Violation> = against
        .map(|name| complain(format!("`{}` may not depend on `{name}`", package.name)))
        .collect();
    if package.name == "journey" {
        let foreign = package.others.iter().filter(|name| !ENGINE_MAY_USE.contains(&name.as_str()));
        violations
            .extend(foreign.map(|name| complain(format!("the engine may not depend on `{name}`"))));
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, ours: &[&str], others: &[&str]) -> Package {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Package {
            name: name.to_owned(),
            manifest: format!("{name}/Cargo.toml"),
            ours: owned(ours),
            others: owned(others),
        }
    }

    #[test]
    fn a_dependency_against_the_direction_is_found() {
        let found = check(&[
            package("journey", &["store"], &[]),
            package("wire", &["journey"], &["serde"]),
        ]);
        assert_eq!(
            found,
            [Violation::new("journey/Cargo.toml", 1, "`journey` may not depend on `store`")]
        );
    }

    #[test]
    fn an_engine_that_could_do_io_is_found() {
        assert_eq!(check(&[package("journey", &[], &["serde", "tokio"])]).len(), 1);
    }

    #[test]
    fn a_package_without_a_place_is_found() {
        assert_eq!(check(&[package("misc", &[], &[])]).len(), 1);
    }
}
