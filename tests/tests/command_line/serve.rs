//! Starting a server where it cannot be started.

use std::fs::{self, Permissions};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tests::command::{Ended, run, run_on, run_on_with, wait_for};
use tests::server::{ADMIN, PASSWORD, Server, waymark};
use tests::stage::root;

/// Whoever owns nothing.
const NOBODY: u32 = 65_534;

async fn serve(folder: &Path) -> Result<Ended> {
    run_on(folder, &["serve", "--listen", "127.0.0.1:0"]).await
}

#[tokio::test]
async fn an_address_that_is_taken_is_named() -> Result<()> {
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let folder = tempfile::tempdir()?;
    let line = run_on(folder.path(), &["serve", "--listen", &address]).await?.refusal(1)?;
    ensure!(line.contains(&address) && line.contains("in use"), "{line}");
    Ok(())
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("file");
    fs::write(&file, "x")?;
    let line = serve(&file).await?.refusal(1)?;
    ensure!(
        line.contains(file.to_str().context("a name")?) && line.contains("is a file"),
        "{line}"
    );
    let line = serve(&file.join("below")).await?.refusal(1)?;
    ensure!(line.contains("cannot be made"), "{line}");
    ensure!(fs::read(&file)? == b"x", "the file is as it was");
    let line = run(&["serve", "--listen", "127.0.0.1:0"]).await?.refusal(2)?;
    ensure!(line.contains("--data"), "{line}");
    Ok(())
}

#[tokio::test]
async fn a_folder_that_may_not_be_written_is_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // A copy that another user can reach: the build may lie where only its owner looks.
    let program = folder.path().join("waymark");
    fs::copy(waymark()?, &program)?;
    let data = folder.path().join("data");
    fs::create_dir(&data)?;
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755))?;
    fs::set_permissions(&data, Permissions::from_mode(0o555))?;
    for arguments in [["serve", "--listen=127.0.0.1:0"].as_slice(), &["user", "list"]] {
        let mut command = std::process::Command::new(&program);
        command.args(arguments).arg("--data").arg(&data).current_dir("/");
        if rustix::process::geteuid().is_root() {
            command.uid(NOBODY);
        }
        let line = wait_for(command.into(), "").await?.refusal(1)?;
        let shown = data.to_str().context("a name")?;
        ensure!(line.contains(shown) && line.contains("not writable"), "{line}");
    }
    ensure!(fs::read_dir(&data)?.next().is_none(), "nothing was made there");
    Ok(())
}

#[tokio::test]
async fn a_workspace_is_served_once_and_commands_work_beside_the_server() -> Result<()> {
    let mut server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    for _ in 0..2 {
        let line = serve(server.data()).await?.refusal(1)?;
        ensure!(line.contains("serves this workspace already"), "{line}");
        ensure!(line.contains(&server.id().to_string()), "it names the process: {line}");
    }
    let create =
        ["user", "create", "--email", "beside@example.com", "--role", "member", "--password-stdin"];
    run_on_with(server.data(), &create, PASSWORD).await?.well()?;
    let users = admin.get("/api/v1/users").await?.expect(200)?;
    ensure!(users.to_string().contains("beside@example.com"), "{users}");
    run_on(server.data(), &["token", "create", "--user", ADMIN.email, "--name", "x"])
        .await?
        .well()?;
    run_on(server.data(), &["journey", "list"]).await?.well()?;
    server.kill()?;
    server.restart().await?;
    admin.get("/api/v1/session").await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn a_database_with_two_names_is_refused_by_both_and_left_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    for folder in [&one, &two] {
        run_on(folder, &["user", "list"]).await?.well()?;
    }
    let before = fs::read(one.join("waymark.sqlite"))?;
    fs::remove_file(two.join("waymark.sqlite"))?;
    fs::hard_link(one.join("waymark.sqlite"), two.join("waymark.sqlite"))?;
    for folder in [&one, &two] {
        let create =
            ["user", "create", "--email", ADMIN.email, "--role", "admin", "--password-stdin"];
        for ended in [serve(folder).await?, run_on_with(folder, &create, PASSWORD).await?] {
            let line = ended.refusal(1)?;
            ensure!(line.contains("waymark.sqlite has 2 names") && line.contains("copy"), "{line}");
        }
    }
    ensure!(fs::read(one.join("waymark.sqlite"))? == before, "the database is as it was");
    fs::remove_file(two.join("waymark.sqlite"))?;
    run_on(&one, &["user", "list"]).await?.well()?;
    Ok(())
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_refused_by_name_and_left_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    run_on(folder.path(), &["user", "list"]).await?.well()?;
    let file = folder.path().join("waymark.sqlite");
    let url = format!("sqlite:{}", file.display());
    let mut database = SqliteConnection::connect(&url).await?;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
         VALUES (9999, 'later', CURRENT_TIMESTAMP, TRUE, x'00', 0)",
    )
    .execute(&mut database)
    .await?;
    database.close().await?;
    let before = fs::read(&file)?;
    let import = ["import", "accounts", "none.csv", "--mapping", "none.json"];
    run_on(folder.path(), &import).await?.refusal(2)?;
    for arguments in
        [["serve", "--listen=127.0.0.1:0"].as_slice(), &["user", "list"], &["journey", "list"]]
    {
        let line = run_on(folder.path(), arguments).await?.refusal(1)?;
        let shown = file.to_str().context("a name")?;
        ensure!(line.contains(shown) && line.contains("newer release"), "{line}");
        ensure!(!line.contains("migrations"), "{line}");
    }
    ensure!(fs::read(&file)? == before, "the database is as it was");
    Ok(())
}

/// Commands leave the schema as it was: a backup of before is still one of before.
#[tokio::test]
async fn a_database_of_an_older_release_is_brought_up_to_date_by_the_server_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    run_on(folder.path(), &["user", "list"]).await?.well()?;
    let url = format!("sqlite:{}", folder.path().join("waymark.sqlite").display());
    let release = root().join("tests/fixtures/releases/0.1.0-schema-14");
    let key = folder.path().join("secrets.key");
    let another = fs::read(&key)?;
    for file in ["waymark.sqlite", "secrets.key"] {
        fs::copy(release.join(file), folder.path().join(file))?;
    }
    fs::set_permissions(folder.path().join("secrets.key"), Permissions::from_mode(0o600))?;
    let newest = async || -> Result<i64> {
        let mut database = SqliteConnection::connect(&url).await?;
        let newest = "SELECT MAX(version) FROM _sqlx_migrations";
        Ok(sqlx::query_scalar(newest).fetch_one(&mut database).await?)
    };
    let backup = folder.path().join("backup");
    let backup = backup.to_str().context("a name")?;
    for arguments in [
        ["user", "list"].as_slice(),
        &["team", "create", "A"],
        &["verify"],
        &["backup", backup],
        &["audit-head"],
        &["move", "--to=sqlite:elsewhere"],
    ] {
        let ended = run_on(folder.path(), arguments).await?;
        ensure!(ended.code == Some(1), "{arguments:?}: {ended:?}");
        ensure!(ended.error.contains("older release"), "{arguments:?}: {ended:?}");
    }
    // Nor is what another one would move to.
    let other = tempfile::tempdir()?;
    run_on(other.path(), &["user", "list"]).await?.well()?;
    let line = run_on(other.path(), &["move", &format!("--to={url}")]).await?.refusal(1)?;
    ensure!(line.contains("older release"), "{line}");
    ensure!(newest().await? == 14, "the schema is as it was");
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let listen = format!("--listen={}", taken.local_addr()?);
    run_on(folder.path(), &["serve", &listen]).await?.refusal(1)?;
    ensure!(newest().await? == 14, "a server that cannot serve changes nothing");
    let serve = ["serve", "--listen=127.0.0.1:0"];
    fs::write(&key, another)?;
    let line = run_on(folder.path(), &serve).await?.refusal(1)?;
    ensure!(line.contains("is not the one that sealed the secrets"), "{line}");
    fs::remove_file(&key)?;
    let line = run_on(folder.path(), &serve).await?.refusal(1)?;
    ensure!(line.contains("is missing from"), "{line}");
    ensure!(newest().await? == 14, "nor does one without its key");
    Ok(())
}

#[tokio::test]
async fn a_workspace_whose_database_is_gone_is_not_begun_anew_by_itself() -> Result<()> {
    let folder = tempfile::tempdir()?;
    run_on(folder.path(), &["user", "list"]).await?.well()?;
    fs::create_dir(folder.path().join("compiled"))?;
    let file = folder.path().join("waymark.sqlite");
    fs::write(&file, "")?;
    let line = run_on(folder.path(), &["serve", "--listen=127.0.0.1:0"]).await?.refusal(1)?;
    ensure!(line.contains("there was a workspace in") && line.contains("restore"), "{line}");
    fs::remove_file(&file)?;
    run_on(folder.path(), &["user", "list"]).await?.refusal(1)?;
    ensure!(!file.exists(), "nothing was made");
    Ok(())
}

#[tokio::test]
async fn an_empty_database_server_is_no_workspace_to_look_into() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let address = scratch::database().await;
    let database = format!("--database-url={address}");
    let backup = folder.path().join("backup");
    let backup = backup.to_str().context("a name")?;
    for arguments in [
        ["verify", &database].as_slice(),
        &["backup", backup, &database],
        &["audit-head", &database],
        &["move", "--to=sqlite:elsewhere", &database],
    ] {
        let line = run_on(folder.path(), arguments).await?.refusal(1)?;
        ensure!(line.contains("there is no workspace in it"), "{arguments:?}: {line}");
    }
    let mut looking = PgConnection::connect(&address).await?;
    let tables = "SELECT COUNT(*) FROM pg_class WHERE relname = '_sqlx_migrations'";
    let made: i64 = sqlx::query_scalar(tables).fetch_one(&mut looking).await?;
    ensure!(made == 0, "nothing was made");
    ensure!(!Path::new(backup).exists(), "there is no backup of nothing");
    Ok(())
}

#[tokio::test]
async fn a_damaged_workspace_is_refused_by_name_and_left_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("waymark.sqlite");
    fs::write(&file, [b'x'; 8_192])?;
    let line = serve(folder.path()).await?.refusal(1)?;
    ensure!(line.contains("waymark.sqlite") && line.contains("cannot be read"), "{line}");
    ensure!(line.matches("file is not a database").count() == 1, "{line}");
    ensure!(fs::read(&file)? == [b'x'; 8_192], "the file is as it was");
    fs::remove_file(&file)?;
    run_on(folder.path(), &["user", "list"]).await?.well()?;
    let key = folder.path().join("secrets.key");
    let whole = fs::read(&key)?;
    for (bytes, mode, why) in [(&whole[..7], 0o600, "32 bytes"), (&whole[..], 0o644, "0600")] {
        fs::write(&key, bytes)?;
        fs::set_permissions(&key, Permissions::from_mode(mode))?;
        let line = serve(folder.path()).await?.refusal(1)?;
        ensure!(line.contains(why) && line.contains("key file"), "{line}");
        ensure!(fs::read(&key)? == bytes, "the key is as it was");
    }
    Ok(())
}

#[tokio::test]
async fn a_database_server_that_says_nothing_is_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    // Connections are taken by the system, as for a server that was stopped.
    let silent = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("postgres://waymark:secret@{}/waymark", silent.local_addr()?);
    for arguments in [["serve", "--listen=127.0.0.1:0"].as_slice(), &["node", "list"]] {
        let arguments = [arguments, &["--database-url", &url]].concat();
        let line = run_on(folder.path(), &arguments).await?.refusal(1)?;
        ensure!(line.contains("the database's server does not answer"), "{line}");
        ensure!(!line.contains("secret"), "{line}");
    }
    Ok(())
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_named() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = folder.path().join("waymark.toml");
    fs::write(&config, "lissen = \"127.0.0.1:0\"\n")?;
    let config = config.to_str().context("a name")?;
    let hasty = folder.path().join("hasty.toml");
    fs::write(&hasty, "node_lease = 0\n")?;
    let hasty = hasty.to_str().context("a name")?;
    for (arguments, code, word) in [
        (["serve", "--config", config].as_slice(), 2, "lissen"),
        (&["serve", "--config", hasty], 2, "node_lease is 0, and can be 2 to 60 seconds"),
        (&["serve", "--config", "/none.toml"], 2, "/none.toml"),
        (&["serve", "--log", "==="], 2, "log filter"),
        (&["serve", "--database-url", "mysql://x"], 2, "SQLite"),
        (&["serve", "--database-url", "sqlite::memory:"], 2, "sqlite:PATH"),
        (&["serve", "--listen", "nowhere"], 2, "--listen"),
        (&["serve", "--log-format", "pretty"], 2, "--log-format"),
        (&["serve", "--data"], 2, "--data"),
        (&["serve"], 2, "say where the workspace lies: --data DIR"),
    ] {
        let ended = if matches!(arguments, ["serve"] | ["serve", "--data"]) {
            run(arguments).await?
        } else {
            run_on(folder.path(), arguments).await?
        };
        ensure!(ended.code == Some(code), "{arguments:?}: {ended:?}");
        ensure!(ended.error.contains(word) && ended.out.is_empty(), "{arguments:?}: {ended:?}");
        let is_ours = ended.error.starts_with("waymark: ");
        ensure!(!is_ours || ended.error.lines().count() == 1, "one line: {ended:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_database_of_another_program_is_refused_and_left_alone() -> Result<()> {
    let theirs = "CREATE TABLE invoices (id INTEGER PRIMARY KEY, total INTEGER NOT NULL);
                  INSERT INTO invoices VALUES (1, 99);";
    let migrated = "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, success BOOLEAN NOT NULL);
                    INSERT INTO _sqlx_migrations VALUES (20250101000000, 'invoices', TRUE);";
    for made in [theirs.to_owned(), format!("{theirs}{migrated}")] {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("waymark.sqlite");
        let url = format!("sqlite:{}?mode=rwc", file.display());
        let mut database = SqliteConnection::connect(&url).await?;
        sqlx::raw_sql(AssertSqlSafe(made.clone())).execute(&mut database).await?;
        database.close().await?;
        let before = fs::read(&file)?;
        for arguments in [["serve", "--listen=127.0.0.1:0"].as_slice(), &["user", "list"]] {
            let line = run_on(folder.path(), arguments).await?.refusal(1)?;
            ensure!(line.contains("another program") && line.contains("waymark.sqlite"), "{line}");
        }
        ensure!(fs::read(&file)? == before, "the file is as it was");

        let address = scratch::database().await;
        let mut database = PgConnection::connect(&address).await?;
        sqlx::raw_sql(AssertSqlSafe(made)).execute(&mut database).await?;
        let tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'";
        let before: i64 = sqlx::query_scalar(tables).fetch_one(&mut database).await?;
        let folder = tempfile::tempdir()?;
        let line = run_on(folder.path(), &["user", "list", "--database-url", &address]).await?;
        let line = line.refusal(1)?;
        ensure!(line.contains("another program") && line.contains("PostgreSQL"), "{line}");
        let after: i64 = sqlx::query_scalar(tables).fetch_one(&mut database).await?;
        ensure!(before == after, "nothing was made there");
    }
    Ok(())
}

#[tokio::test]
async fn its_figures_name_the_program_and_what_there_is_to_look_after() -> Result<()> {
    let server = Server::start().await?;
    let shown = reqwest::get(format!("{}/metrics", server.url())).await?.text().await?;
    let version = format!("waymark_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
    for line in [
        &version,
        "waymark_nodes_serving 1",
        "waymark_instances_running 0",
        "waymark_incidents_open 0",
    ] {
        ensure!(shown.lines().any(|one| one == line), "{line}\n{shown}");
    }
    for name in ["process_cpu_seconds_total ", "process_open_fds ", "process_max_fds "] {
        ensure!(shown.lines().any(|line| line.starts_with(name)), "{name}\n{shown}");
    }
    Ok(())
}
