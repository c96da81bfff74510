//! The files for Docker Compose, Kubernetes and systemd name only what the program takes and answers.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use tests::command::run;
use tests::server::Server;
use tests::stage::root;

use super::help::help;

const FILES: [&str; 4] = ["Dockerfile", "compose.yaml", "kubernetes.yaml", "waymark.service"];

fn read(name: &str) -> Result<String> {
    let path = root().join("deploy").join(name);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// The list that a line of a file begins with.
fn listed(name: &str, opening: &str) -> Result<Vec<String>> {
    let text = read(name)?;
    let list = text.lines().find_map(|line| line.trim().strip_prefix(opening));
    Ok(serde_json::from_str(list.context("a list of arguments")?)?)
}

#[tokio::test]
async fn their_variables_are_those_of_the_program() -> Result<()> {
    let known = help(&["serve".to_owned()]).await?.variables;
    let mut named = BTreeSet::new();
    for name in FILES {
        let text = read(name)?;
        let words = text.split(|letter: char| !(letter.is_ascii_uppercase() || letter == '_'));
        named.extend(words.filter(|word| word.starts_with("WAYMARK_")).map(str::to_owned));
    }
    ensure!(named.len() >= 3, "they name few: {named:?}");
    let unknown: Vec<_> = named.difference(&known).collect();
    ensure!(unknown.is_empty(), "`waymark serve` takes no {unknown:?}");
    Ok(())
}

#[tokio::test]
async fn the_program_takes_the_arguments_it_is_started_with() -> Result<()> {
    let unit = read("waymark.service")?;
    let unit = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/waymark "));
    let unit = unit.context("the unit starts waymark")?.split(' ').map(str::to_owned).collect();
    let lists = [listed("kubernetes.yaml", "args: ")?, listed("Dockerfile", "CMD ")?, unit];
    for arguments in lists {
        ensure!(arguments.first().is_some_and(|first| first == "serve"), "{arguments:?}");
        let arguments = arguments.iter().map(String::as_str).chain(["--help"]);
        run(&arguments.collect::<Vec<_>>()).await?.well()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_server_answers_where_it_is_asked_how_it_is() -> Result<()> {
    let server = Server::start().await?;
    let kubernetes = read("kubernetes.yaml")?;
    let probes = kubernetes.lines().filter_map(|line| Some(line.split_once("path: /")?.1));
    let asked: BTreeSet<&str> =
        probes.filter_map(|path| path.split([',', '}', ' ']).next()).collect();
    ensure!(asked.len() >= 2, "they ask {asked:?}");
    let client = server.stranger()?;
    for path in asked {
        client.get(&format!("/{path}")).await?.expect(200).with_context(|| path.to_owned())?;
    }
    Ok(())
}
