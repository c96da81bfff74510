//! The help and docs/command-line.md say the same: every command, every flag, every variable, and nothing that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use tests::command::run;
use tests::stage::root;

/// What a command takes besides its commands.
#[derive(Debug, Default)]
pub(super) struct Help {
    commands: Vec<String>,
    flags: BTreeSet<String>,
    arguments: BTreeSet<String>,
    pub(super) variables: BTreeSet<String>,
}

pub(super) async fn help(path: &[String]) -> Result<Help> {
    let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
    arguments.push("--help");
    let text = run(&arguments).await?.well()?;
    let mut help = Help::default();
    let mut part = "";
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if !line.starts_with(' ') {
            part = line.split(':').next().unwrap_or_default();
            continue;
        }
        let words = line.trim();
        match part {
            "Commands" => help.commands.extend(words.split(' ').next().map(str::to_owned)),
            "Arguments" => help.arguments.extend(bracketed(words)),
            "Options" => {
                let named = words.split([' ', ',']).take(3).find(|word| word.starts_with("--"));
                help.flags.extend(named.filter(|_| words.starts_with('-')).map(str::to_owned));
            }
            _ => {}
        }
        if let Some((_, variable)) = words.split_once("[env: ") {
            let end = variable.find(['=', ']']).context("a variable ends")?;
            help.variables.insert(variable[..end].to_owned());
        }
    }
    help.commands.retain(|command| command != "help");
    is_explained(&text, path)?;
    Ok(help)
}

fn bracketed(words: &str) -> Option<String> {
    let (_, rest) = words.split_once('<')?;
    Some(rest.split_once('>')?.0.to_owned())
}

/// Every flag and argument has a sentence, on its line or below it.
fn is_explained(text: &str, path: &[String]) -> Result<()> {
    let lines: Vec<&str> = text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let words = line.trim();
        if line.starts_with(' ') && (words.starts_with("--") || words.starts_with('<')) {
            let beside = words.split_once("  ").is_some_and(|(_, rest)| rest.trim().len() > 3);
            let below = lines.get(at + 1).is_some_and(|next| next.starts_with("          "));
            ensure!(beside || below, "waymark {}: nothing is said of {words}", path.join(" "));
        }
    }
    Ok(())
}

/// The page, cut at its headings: what stands under each command, and before the first.
fn page() -> Result<BTreeMap<String, String>> {
    let text = fs::read_to_string(root().join("docs/command-line.md"))?;
    let mut sections: BTreeMap<String, String> = BTreeMap::new();
    let mut at = String::new();
    for line in text.lines() {
        let heading = line.trim_start_matches('#').trim();
        match heading.strip_prefix("`waymark ") {
            Some(command) if line.starts_with("##") => {
                command.trim_end_matches('`').clone_into(&mut at);
            }
            _ => *sections.entry(at.clone()).or_default() += line,
        }
    }
    Ok(sections)
}

#[tokio::test]
async fn the_page_names_every_command_flag_and_variable_and_no_other() -> Result<()> {
    let page = page()?;
    let general = page.get("").context("the page begins with what holds for all")?;
    let mut known = BTreeSet::from([String::new()]);
    let mut open: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(path) = open.pop() {
        let help = help(&path).await?;
        let name = path.join(" ");
        let section = page.get(&name).with_context(|| format!("no section `waymark {name}`"))?;
        for flag in help.flags.iter().chain(&help.variables) {
            let is_told = section.contains(flag.as_str()) || general.contains(flag.as_str());
            ensure!(is_told, "`waymark {name}`: nothing of {flag}");
        }
        for argument in &help.arguments {
            ensure!(
                section.contains(&format!("`{argument}`")),
                "`waymark {name}`: nothing of {argument}"
            );
        }
        // What holds for all names flags of several commands.
        let own = if name.is_empty() { "" } else { section.as_str() };
        for word in own.split(['`', ' ', '(', ')', ',', '.']).filter(|word| word.starts_with("--"))
        {
            ensure!(help.flags.contains(word), "`waymark {name}` has no flag {word}");
        }
        for command in help.commands {
            let path: Vec<String> = path.iter().cloned().chain([command]).collect();
            known.insert(path.join(" "));
            open.push(path);
        }
    }
    ensure!(known.len() >= 19, "the walk found {known:?}");
    let stale: Vec<&String> = page.keys().filter(|name| !known.contains(*name)).collect();
    ensure!(stale.is_empty(), "there are no commands {stale:?}");
    Ok(())
}
