//! What `verify` says of a workspace that is not whole.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use futures_util::future;
use tests::command::run_on;

async fn made(folder: &Path) -> Result<()> {
    run_on(folder, &["user", "list"]).await?.well().map(drop)
}

#[tokio::test]
async fn a_file_without_anything_in_it_is_no_workspace() -> Result<()> {
    let folder = tempfile::tempdir()?;
    made(folder.path()).await?;
    let file = folder.path().join("waymark.sqlite");
    fs::write(&file, "")?;
    for arguments in [["verify"].as_slice(), &["backup", "one.backup"], &["audit-head"]] {
        let line = run_on(folder.path(), arguments).await?.refusal(1)?;
        ensure!(line.contains("waymark.sqlite is empty"), "{line}");
    }
    ensure!(fs::read(&file)?.is_empty(), "nobody wrote into it");
    Ok(())
}

#[tokio::test]
async fn a_page_that_was_lost_is_damage_and_not_a_workspace_that_holds() -> Result<()> {
    let folder = tempfile::tempdir()?;
    made(folder.path()).await?;
    let file = folder.path().join("waymark.sqlite");
    let whole = fs::read(&file)?;
    let page = 4_096;
    let pages = whole.len() / page;
    let zeroed = (0..pages).map(|number| {
        let mut damaged = whole.clone();
        damaged[number * page..(number + 1) * page].fill(0);
        (format!("page {number} zeroed"), damaged)
    });
    let cut =
        (1..pages).map(|number| (format!("cut at {number}"), whole[..number * page].to_vec()));
    for (damage, bytes) in zeroed.chain(cut) {
        fs::write(&file, &bytes)?;
        let ended = run_on(folder.path(), &["verify"]).await?;
        let is_told = ended.out.contains("The database is DAMAGED") && !ended.out.contains("holds");
        ensure!(ended.code == Some(1) && is_told, "{damage}: {ended:?}");
    }
    fs::write(&file, &whole)?;
    let said = run_on(folder.path(), &["verify"]).await?.well()?;
    ensure!(said.contains("I2 holds") && said.contains("Not looked at: people, teams"), "{said}");
    Ok(())
}

#[tokio::test]
async fn commands_that_make_one_workspace_at_the_same_time_all_find_it() -> Result<()> {
    for _ in 0..5 {
        let folder = tempfile::tempdir()?;
        let all = future::try_join_all((0..6).map(|_| run_on(folder.path(), &["user", "list"])));
        for ended in all.await? {
            ended.well()?;
        }
        run_on(folder.path(), &["verify"]).await?.well()?;
    }
    Ok(())
}
