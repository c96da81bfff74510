//! Backups: what is in their way, and what is refused as none.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use failpoints::DEADLY;
use futures_util::future;
use sqlx::{Connection, SqliteConnection};
use tests::command::{run_on, wait_for};
use tests::disk::Disk;
use tests::server::{Server, waymark};
use tokio::process::Command;
use tokio::time::sleep;

/// A workspace in a folder that is not there yet, and a backup of it.
async fn backed_up(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let (data, backup) = (folder.join("new/workspace"), folder.join("one.backup"));
    for arguments in [["user", "list"].as_slice(), &["backup", shown(&backup)?]] {
        // As most shells are set: others may read.
        let mut command = Command::new("sh");
        command.args(["-c", "umask 022; exec \"$0\" \"$@\""]).arg(waymark()?);
        command.args(arguments).arg("--data").arg(&data);
        wait_for(command, "").await?.well()?;
    }
    Ok((data, backup))
}

/// Six MiB, that are twice as many while they are written.
async fn fill(data: &Path) -> Result<()> {
    let url = format!("sqlite:{}", data.join("waymark.sqlite").display());
    let mut database = SqliteConnection::connect(&url).await?;
    let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
        INSERT INTO versions (id, journey, number, mode, note, draft, published_at, published_by)
        SELECT i, 1, i, 'live', '', hex(zeroblob(50000)), 0, '' FROM n";
    sqlx::query(fill).execute(&mut database).await?;
    Ok(database.close().await?)
}

fn shown(path: &Path) -> Result<&str> {
    path.to_str().context("a name")
}

/// What lies in a folder, by its name.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[tokio::test]
async fn what_is_written_is_for_its_user_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, backup) = backed_up(folder.path()).await?;
    let mode = |path: &Path| anyhow::Ok(fs::metadata(path)?.permissions().mode() & 0o777);
    ensure!(mode(&data)? == 0o700, "{:o}", mode(&data)?);
    ensure!(mode(&backup)? == 0o600, "{:o}", mode(&backup)?);
    let files = names(&data)?;
    ensure!(files.contains(&"waymark.sqlite".to_owned()), "{files:?}");
    for name in files {
        let mode = mode(&data.join(&name))?;
        ensure!(mode == 0o600, "{name}: {mode:o}");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_backup_that_was_killed_left_is_not_in_the_way_of_the_next() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, _) = backed_up(folder.path()).await?;
    let (other, again) = (folder.path().join("other"), folder.path().join("other/two.backup"));
    fs::create_dir(&other)?;
    let backup = ["backup", shown(&again)?];
    for deadly in ["before copy the workspace", "before write the end of a backup"] {
        let mut command = Command::new(waymark()?);
        command.args(backup).arg("--data").arg(&data).env(DEADLY, deadly);
        let ended = wait_for(command, "").await?;
        ensure!(ended.code.is_none(), "{ended:?}");
        ensure!(names(&other)? == ["two.backup.part"], "{deadly}: {:?}", names(&other)?);
    }
    run_on(&data, &backup).await?.well()?;
    ensure!(names(&other)? == ["two.backup"], "{:?}", names(&other)?);
    Ok(())
}

#[tokio::test]
async fn of_backups_to_one_name_at_the_same_time_one_is_whole_and_the_others_are_refused()
-> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, _) = backed_up(folder.path()).await?;
    fill(&data).await?;
    let (two, again) = (folder.path().join("two.backup"), folder.path().join("again"));
    let backup = ["backup", shown(&two)?];
    // Each begins while the one before is under way.
    let ended = future::try_join_all((0..6_u64).map(|number| {
        let data = &data;
        async move {
            sleep(Duration::from_millis(20 * number)).await;
            run_on(data, &backup).await
        }
    }));
    let mut whole = 0;
    for ended in ended.await? {
        if ended.code == Some(0) {
            whole += 1;
            continue;
        }
        let line = ended.refusal(1)?;
        let is_told = ["being written by another", "is there already"];
        ensure!(is_told.iter().any(|told| line.contains(told)), "{line}");
    }
    ensure!(whole == 1, "{whole} are whole");
    ensure!(names(folder.path())? == ["new", "one.backup", "two.backup"]);
    run_on(&again, &["restore", "--without-key", shown(&two)?]).await?.well()?;
    let url = format!("sqlite:{}", again.join("waymark.sqlite").display());
    let mut restored = SqliteConnection::connect(&url).await?;
    let rows: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM versions").fetch_one(&mut restored).await?;
    ensure!(rows == 60, "{rows}");
    Ok(())
}

#[tokio::test]
async fn a_restore_that_was_killed_leaves_no_workspace_and_the_next_one_makes_it() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (_, backup) = backed_up(folder.path()).await?;
    let again = folder.path().join("again");
    let restore = ["restore", "--without-key", shown(&backup)?];
    let mut command = Command::new(waymark()?);
    command.args(restore).arg("--data").arg(&again);
    let deadly = "before give a restored workspace its name";
    let ended = {
        command.env(DEADLY, deadly);
        wait_for(command, "").await?
    };
    ensure!(ended.code.is_none(), "{ended:?}");
    ensure!(names(&again)? == ["waymark.sqlite.part"], "{:?}", names(&again)?);
    let line = run_on(&again, &["verify"]).await?.refusal(1)?;
    ensure!(line.contains("there is no workspace in"), "{line}");
    for arguments in [["user", "list"].as_slice(), &["serve", "--listen=127.0.0.1:0"]] {
        let line = run_on(&again, arguments).await?.refusal(1)?;
        ensure!(
            line.contains("waymark.sqlite did not come to its end: run `waymark restore`"),
            "{line}"
        );
    }
    run_on(&again, &restore).await?.well()?;
    ensure!(names(&again)? == ["waymark.sqlite"], "{:?}", names(&again)?);
    let line = run_on(&again, &restore).await?.refusal(1)?;
    ensure!(line.contains("waymark.sqlite is there already"), "{line}");
    Ok(())
}

/// In PostgreSQL what is restored is there at once or not; until then an empty database is no workspace to be served.
#[tokio::test]
async fn a_restore_into_a_server_that_was_killed_is_not_served_and_the_next_one_makes_it()
-> Result<()> {
    let folder = tempfile::tempdir()?;
    let (_, backup) = backed_up(folder.path()).await?;
    let again = folder.path().join("again");
    let database = format!("--database-url={}", scratch::database().await);
    let restore = ["restore", "--without-key", shown(&backup)?, &database];
    let mut command = Command::new(waymark()?);
    command.args(restore).arg("--data").arg(&again).env(DEADLY, "before copy the workspace");
    let ended = wait_for(command, "").await?;
    ensure!(ended.code.is_none(), "{ended:?}");
    let line = run_on(&again, &["serve", "--listen=127.0.0.1:0", &database]).await?.refusal(1)?;
    ensure!(line.contains("a restore or a move into this database began"), "{line}");
    run_on(&again, &restore).await?.well()?;
    let users = run_on(&again, &["user", "list", &database]).await?;
    ensure!(users.code == Some(0) && users.error.is_empty(), "it is there: {users:?}");
    let line = run_on(&again, &restore).await?.refusal(1)?;
    ensure!(line.contains("there is something in"), "{line}");
    Ok(())
}

#[tokio::test]
async fn a_log_whose_database_is_gone_is_no_part_of_another_workspace() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, backup) = backed_up(folder.path()).await?;
    let again = folder.path().join("again");
    fs::create_dir(&again)?;
    let log = again.join("waymark.sqlite-wal");
    fs::write(&log, "left")?;
    let to = format!("--to=sqlite:{}", again.join("waymark.sqlite").display());
    for (workspace, arguments) in [
        (&again, ["user", "list"].as_slice()),
        (&again, &["serve", "--listen=127.0.0.1:0"]),
        (&again, &["restore", "--without-key", shown(&backup)?]),
        (&data, &["move", &to]),
    ] {
        let line = run_on(workspace, arguments).await?.refusal(1)?;
        ensure!(
            line.contains("waymark.sqlite-wal is there, and the database it is the log of is not"),
            "{line}"
        );
        ensure!(names(&again)? == ["waymark.sqlite-wal"], "{:?}", names(&again)?);
    }
    Ok(())
}

#[tokio::test]
async fn a_backup_is_whole_also_when_nothing_can_be_written_into_the_workspace() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, _) = backed_up(folder.path()).await?;
    let url = format!("sqlite:{}", data.join("waymark.sqlite").display());
    let mut holding = SqliteConnection::connect(&url).await?;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut holding).await?;
    let two = folder.path().join("two.backup");
    let ended = run_on(&data, &["backup", shown(&two)?]).await?;
    ensure!(ended.code == Some(0) && two.is_file(), "{ended:?}");
    ensure!(
        ended.error.contains("the backup is whole, and is missing in the audit log"),
        "{ended:?}"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_no_file_is_no_backup() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (again, pipe) = (folder.path().join("again"), folder.path().join("pipe"));
    let made = Command::new("mkfifo").arg(&pipe).status().await?;
    ensure!(made.success(), "mkfifo: {made}");
    for named in [pipe.as_path(), folder.path()] {
        let line = run_on(&again, &["restore", shown(named)?]).await?.refusal(1)?;
        ensure!(line.ends_with("cannot be read: it is no file"), "{line}");
    }
    Ok(())
}

#[tokio::test]
async fn a_move_that_does_not_come_to_its_end_leaves_one_place_to_serve() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, _) = backed_up(folder.path()).await?;
    let to = |name: &str| format!("--to=sqlite:{}", folder.path().join(name).display());
    let serve = ["serve", "--listen=127.0.0.1:0"];

    // Nothing can be written down where it was: it goes on there.
    let url = format!("sqlite:{}", data.join("waymark.sqlite").display());
    let mut holding = SqliteConnection::connect(&url).await?;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut holding).await?;
    let line = run_on(&data, &["move", &to("one")]).await?.refusal(1)?;
    ensure!(line.contains("another process holds the database"), "{line}");
    sqlx::query("ROLLBACK").execute(&mut holding).await?;
    holding.close().await?;
    run_on(&data, &["user", "list"]).await?.well()?;

    // Killed before the other place has it, and after.
    for (deadly, name) in
        [("before copy the workspace", "one"), ("after copy the workspace", "one")]
    {
        let mut command = Command::new(waymark()?);
        command.arg("move").arg(to(name)).arg("--data").arg(&data).env(DEADLY, deadly);
        let ended = wait_for(command, "").await?;
        ensure!(ended.code.is_none(), "{deadly}: {ended:?}");
        let line = run_on(&data, &serve).await?.refusal(1)?;
        ensure!(line.contains("did not come to its end: run `waymark move` again"), "{line}");
    }
    let line = run_on(&data, &["move", &to("one")]).await?.refusal(1)?;
    ensure!(line.contains("what a move before this one brought there"), "{line}");
    let ended = run_on(&data, &["user", "list"]).await?;
    ensure!(ended.code == Some(0) && ended.error.contains("did not come to its end"), "{ended:?}");

    // What is changed here would come to nothing.
    for arguments in
        [["token", "create", "--name=t", "--user=nobody"].as_slice(), &["team", "create", "A"]]
    {
        let line = run_on(&data, arguments).await?.refusal(1)?;
        ensure!(line.contains("did not come to its end"), "{arguments:?}: {line}");
    }

    let copy = folder.path().join("copy");
    let line = run_on(&data, &["backup", shown(&copy)?]).await?.refusal(1)?;
    ensure!(line.contains("did not come to its end") && !copy.exists(), "{line}");

    // It may be there: it goes nowhere else, or it would be in two places.
    let line = run_on(&data, &["move", &to("two")]).await?.refusal(1)?;
    ensure!(line.contains("did not come to its end: run `waymark move` again"), "{line}");
    ensure!(!folder.path().join("two").exists(), "nothing was made there");
    // What it was moved to was not moved itself.
    let moved = format!("--database-url=sqlite:{}", folder.path().join("one").display());
    let ended = run_on(&data, &["user", "list", &moved]).await?;
    ensure!(ended.code == Some(0) && ended.error.is_empty(), "{ended:?}");
    Ok(())
}

#[tokio::test]
async fn a_backup_goes_with_the_key_that_sealed_its_secrets() -> Result<()> {
    let mut server = Server::start().await?;
    let folder = tempfile::tempdir()?;
    let (backup, again) = (folder.path().join("one.backup"), folder.path().join("again"));
    run_on(server.data(), &["backup", shown(&backup)?]).await?.well()?;
    let whole = fs::read(server.data().join("secrets.key"))?;
    server.stop().await?;
    fs::create_dir(&again)?;
    let key = again.join("secrets.key");
    let restore = ["restore", shown(&backup)?];
    let line = run_on(&again, &restore).await?.refusal(1)?;
    ensure!(line.contains("put the secrets.key of that workspace into"), "{line}");
    let wrong: Vec<u8> = whole.iter().map(|byte| byte ^ 1).collect();
    for (bytes, is_right) in [(&wrong, false), (&whole, true)] {
        fs::write(&key, bytes)?;
        fs::set_permissions(&key, Permissions::from_mode(0o600))?;
        let ended = run_on(&again, &restore).await?;
        if is_right {
            ended.well()?;
        } else {
            let line = ended.refusal(1)?;
            ensure!(line.contains("is not the one that sealed the secrets"), "{line}");
            ensure!(names(&again)? == ["secrets.key"], "{:?}", names(&again)?);
        }
    }
    fs::remove_file(&key)?;
    for arguments in [["user", "list"].as_slice(), &["verify"], &["serve", "--listen=127.0.0.1:0"]]
    {
        let line = run_on(&again, arguments).await?.refusal(1)?;
        ensure!(line.contains("the secrets.key of this workspace is missing from"), "{line}");
    }
    ensure!(!key.exists(), "nobody made another key");
    Ok(())
}

#[tokio::test]
async fn a_backup_that_has_no_room_is_refused_and_leaves_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, _) = backed_up(folder.path()).await?;
    fill(&data).await?;
    for room in [4, 9] {
        let small = folder.path().join(format!("small-{room}"));
        fs::create_dir(&small)?;
        let Some(_disk) = Disk::under(&small, room)? else {
            println!("only root can put a small disk under a folder");
            return Ok(());
        };
        let backup = small.join("three.backup");
        let line = run_on(&data, &["backup", shown(&backup)?]).await?.refusal(1)?;
        ensure!(line.contains("three.backup") && line.contains("the disk is full"), "{line}");
        ensure!(names(&small)?.is_empty(), "{:?}", names(&small)?);
    }
    Ok(())
}

#[tokio::test]
async fn only_a_whole_backup_is_restored_and_anything_else_touches_nothing() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, backup) = backed_up(folder.path()).await?;
    let whole = fs::read(&backup)?;
    // Whoever looks into it with SQLite changes nothing.
    let mut looking = SqliteConnection::connect(&format!("sqlite:{}", shown(&backup)?)).await?;
    let sound: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut looking).await?;
    looking.close().await?;
    ensure!(sound == "ok" && fs::read(&backup)? == whole, "{sound}");

    let again = folder.path().join("again");
    let damaged = folder.path().join("damaged");
    let restore = ["restore", "--without-key", shown(&damaged)?];
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let cut = whole.len() - 1;
    let longer = [&whole[..], b"\n"].concat();
    let database = fs::read(data.join("waymark.sqlite"))?;
    for (bytes, why) in [
        (flipped.as_slice(), "changed or is damaged"),
        (&whole[4_096..], "changed or is damaged"),
        (&whole[..cut], "its end is missing"),
        (&longer, "its end is missing"),
        (b"", "its end is missing"),
        (&database, "it is no backup"),
    ] {
        fs::write(&damaged, bytes)?;
        let line = run_on(&again, &restore).await?.refusal(1)?;
        ensure!(line.contains("damaged") && line.contains(why), "{line}");
        ensure!(names(&again)?.is_empty(), "{why}: {:?}", names(&again)?);
    }
    fs::write(&damaged, &whole)?;
    run_on(&again, &restore).await?.well()?;
    Ok(())
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (data, _) = backed_up(folder.path()).await?;
    let backup = folder.path().join("none/two.backup");
    let line = run_on(&data, &["backup", shown(&backup)?]).await?.refusal(1)?;
    let none = folder.path().join("none");
    ensure!(line == format!("there is no folder {} for the backup", none.display()), "{line}");
    Ok(())
}
