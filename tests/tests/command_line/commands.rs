//! Commands that are asked for what they cannot do.

use std::fs;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use failpoints::DEADLY;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::command::{run, run_on, run_on_with, wait_for};
use tests::server::{PASSWORD, waymark};
use tests::stage::{example_draft, root};

const CREATE: [&str; 6] = ["user", "create", "--password-stdin", "--role", "admin", "--email"];

#[tokio::test]
async fn what_the_command_line_does_not_know_is_named() -> Result<()> {
    for arguments in [
        ["frobnicate"].as_slice(),
        &["serve", "--frobnicate"],
        &["user", "frobnicate"],
        &["user", "create", "--email", "a@b.c", "--role", "king", "--password-stdin"],
        &["user", "create", "--role", "admin", "--password-stdin"],
        &["user", "create", "--email", "a@b.c", "--role", "admin", "--password", "in the open"],
        &["token", "create", "--name", "x"],
        &["journey", "check"],
        &["import", "invoices", "x.csv"],
        &["import", "accounts", "x.csv"],
        &["instance", "cancel", "ins_1", "--reason", ""],
        &["instance", "show", "tsk_1"],
        &["journey", "export", "onboarding"],
        &["journey", "why", "jrn_0000000000001", "--account", "a-1", "--event", "paid"],
        &["token", "revoke", "my token"],
        &["node", "drain", "one"],
    ] {
        let ended = run(arguments).await?;
        ensure!(ended.code == Some(2) && ended.out.is_empty(), "{arguments:?}: {ended:?}");
        ensure!(ended.error.starts_with("error: "), "{arguments:?}: {ended:?}");
        ensure!(ended.error.contains("--help") || ended.error.contains("Usage"), "{ended:?}");
    }
    let bare = run(&[]).await?;
    ensure!(bare.code == Some(2) && bare.error.contains("Usage: waymark"), "{bare:?}");
    ensure!(run(&["--version"]).await?.well()?.starts_with("waymark "), "a version");
    Ok(())
}

#[tokio::test]
async fn a_draft_is_checked_without_a_workspace() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let check = async |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text)?;
        run(&["journey", "check", file.to_str().context("a name")?]).await
    };
    let good = example_draft("simple")?;
    let clean = check("good.json", &good.to_string()).await?.well()?;
    ensure!(!clean.contains("error["), "{clean}");
    let line = check("broken.json", "{\"format\": 1,").await?.refusal(2)?;
    ensure!(line.contains("broken.json") && line.contains("line 1"), "{line}");
    check("empty.json", "").await?.refusal(2)?;
    check("list.json", "[]").await?.refusal(2)?;
    check("latin.json", "{\"format\": 1, \"name\": 7}").await?.refusal(2)?;
    let line = run(&["journey", "check", "/none.json"]).await?.refusal(2)?;
    ensure!(line.contains("/none.json"), "{line}");
    run(&["journey", "check", "/"]).await?.refusal(2)?;
    let line = run(&["journey", "check", "/dev/zero"]).await?.refusal(2)?;
    ensure!(line.contains("/dev/zero is longer than a draft may be"), "{line}");
    let mut wrong = good;
    wrong["edges"] = json!([{ "id": "e1", "from": "nowhere", "to": "nobody" }]);
    let found = check("wrong.json", &wrong.to_string()).await?;
    ensure!(found.code == Some(1) && found.out.contains("error[dangling-edge] e1"), "{found:?}");
    Ok(())
}

#[tokio::test]
async fn test_cases_of_a_draft_are_played_without_a_workspace() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("draft.json");
    let file = file.to_str().context("a name")?;
    let mut draft = example_draft("simple")?;
    draft["tests"] = json!([{ "id": "t1", "name": "To the end", "moves": [{ "do": "run" }] }]);
    fs::write(file, draft.to_string())?;
    let held = run(&["journey", "test", file]).await?.well()?;
    ensure!(held.trim() == "holds\tTo the end", "{held}");
    let wrong =
        json!({ "id": "t2", "name": "Wrong", "moves": [{ "do": "retry", "at": "nowhere" }] });
    let unread = json!({ "id": "t3", "name": "Unread", "moves": [{ "do": "dance" }] });
    draft["tests"] = json!([wrong, unread]);
    fs::write(file, draft.to_string())?;
    let ended = run(&["journey", "test", file]).await?;
    ensure!(ended.code == Some(1), "{ended:?}");
    ensure!(
        ended.out.contains("fails\tWrong\tmove 1: Nothing has failed at 'nowhere'."),
        "{ended:?}"
    );
    ensure!(
        ended.out.contains("fails\tUnread\tit cannot be read: unknown variant `dance`"),
        "{ended:?}"
    );
    let line = run(&["journey", "test", "/none.json"]).await?.refusal(2)?;
    ensure!(line.contains("/none.json"), "{line}");
    Ok(())
}

#[tokio::test]
async fn a_limit_that_is_out_of_range_is_named_by_its_flag() -> Result<()> {
    for (flag, value) in [
        ("--calls-at-once", "0"),
        ("--calls-at-once", "513"),
        ("--calls-per-second", "0"),
        ("--calls-per-second", "often"),
    ] {
        let ended = run(&["connection", "limit", "crm", flag, value]).await?;
        ensure!(ended.code == Some(2) && ended.error.contains(flag), "{ended:?}");
        ensure!(!ended.error.contains("/calls"), "{ended:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_file_that_verify_cannot_read_is_named() -> Result<()> {
    let (folder, _) = workspace().await?;
    let broken = folder.path().join("broken.jsonl");
    fs::write(&broken, "{\"kind\": \"start\", \"id\": \"x\"}\nnonsense\n")?;
    let broken = broken.to_str().context("a name")?;
    for flag in ["--acknowledged", "--sink"] {
        let line = run_on(folder.path(), &["verify", flag, "/none.jsonl"]).await?.refusal(2)?;
        ensure!(line.contains("/none.jsonl"), "{line}");
        let line = run_on(folder.path(), &["verify", flag, broken]).await?.refusal(2)?;
        ensure!(line.contains("broken.jsonl") && line.contains("line "), "{line}");
    }
    Ok(())
}

#[tokio::test]
async fn a_failpoint_that_is_not_there_ends_the_program() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mut command = tokio::process::Command::new(waymark()?);
    command.args(["user", "list", "--data"]).arg(folder.path()).env(DEADLY, "before keeping it");
    let ended = wait_for(command, "").await?;
    ensure!(ended.code == Some(2) && ended.error.contains("'before keeping it'"), "{ended:?}");
    Ok(())
}

#[tokio::test]
async fn users_that_cannot_be_made_are_refused_in_a_line() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let create = async |email: &str, password: &str| {
        run_on_with(folder.path(), &[&CREATE[..], &[email]].concat(), password).await
    };
    create("ada@example.com", PASSWORD).await?.well()?;
    for (email, password, word) in [
        ("ADA@example.com", PASSWORD, "is a user already"),
        ("bob@example.com", "short", "too weak"),
        ("bob@example.com", "", "no password"),
        ("no address", PASSWORD, "not an e-mail address"),
    ] {
        let line = create(email, password).await?.refusal(1)?;
        ensure!(line.contains(word), "{email}: {line}");
    }
    let nobody = ["user", "reset-password", "--password-stdin", "--email", "eve@example.com"];
    let line = run_on_with(folder.path(), &nobody, PASSWORD).await?.refusal(1)?;
    ensure!(line.contains("no user eve@example.com"), "{line}");
    let users = run_on(folder.path(), &["user", "list"]).await?.well()?;
    ensure!(users.lines().count() == 1, "{users}");
    for (arguments, word) in [
        (["token", "create", "--user", "eve@example.com", "--name", "x"].as_slice(), "no user"),
        (&["token", "create", "--user", "ada@example.com", "--name", ""], "name"),
        (&["token", "revoke", "tok_0000000000001"], "no token"),
        (&["journey", "export", "jrn_0000000000001"], "no journey"),
        (&["journey", "publish", "jrn_0000000000001"], "no journey"),
    ] {
        let line = run_on(folder.path(), arguments).await?.refusal(1)?;
        ensure!(line.contains(word), "{arguments:?}: {line}");
    }
    Ok(())
}

/// A workspace with a user and a journey, and the journey's id.
async fn workspace() -> Result<(TempDir, String)> {
    let folder = tempfile::tempdir()?;
    let create = [&CREATE[..], &["ada@example.com"]].concat();
    run_on_with(folder.path(), &create, PASSWORD).await?.well()?;
    let example = root().join("examples/journeys/simple.json");
    let import = ["journey", "import", example.to_str().context("a name")?];
    let id = run_on(folder.path(), &import).await?.well()?.trim().to_owned();
    Ok((folder, id))
}

#[tokio::test]
async fn every_answer_is_json_when_asked_for() -> Result<()> {
    let (folder, journey) = workspace().await?;
    let table = folder.path().join("a.csv");
    fs::write(&table, "id,name\nA1,Acme\n,Nameless\n")?;
    let mapping = folder.path().join("a.json");
    fs::write(&mapping, r#"{"external_id":"id","name":"name"}"#)?;
    let (table, mapping) = (table.to_str().context("a name")?, mapping.to_str().context("a name")?);
    let example = root().join("examples/journeys/simple.json");
    let example = example.to_str().context("a name")?;
    let on_a_workspace: [(&[&str], &str); 8] = [
        (&["user", "list"], "email"),
        (
            &["user", "create", "--password-stdin", "--role", "member", "--email", "b@example.com"],
            "id",
        ),
        (&["user", "reset-password", "--password-stdin", "--email", "b@example.com"], "email"),
        (&["token", "create", "--user", "ada@example.com", "--name", "x"], "token"),
        (&["token", "list"], "id"),
        (&["journey", "list"], "live_version"),
        (&["journey", "import", example], "id"),
        (&["import", "accounts", table, "--mapping", mapping], "already_in"),
    ];
    for (arguments, member) in on_a_workspace {
        let arguments = [arguments, &["--json"]].concat();
        let values = run_on_with(folder.path(), &arguments, PASSWORD).await?.json()?;
        ensure!(!values.is_empty(), "{arguments:?}");
        ensure!(
            values.iter().all(|value| value.get(member).is_some()),
            "{arguments:?}: {values:?}"
        );
    }
    let export = run_on(folder.path(), &["journey", "export", &journey, "--json"]).await?.json()?;
    ensure!(export[0]["format"] == 1, "{export:?}");
    let publish =
        run_on(folder.path(), &["journey", "publish", &journey, "--json"]).await?.json()?;
    let is_told = publish[0]["number"] == 1 || publish[0]["diagnostics"].is_array();
    ensure!(is_told, "{publish:?}");
    let check = run(&["journey", "check", example, "--json"]).await?.json()?;
    ensure!(check[0]["diagnostics"].is_array(), "{check:?}");
    ensure!(run(&["openapi", "--json"]).await?.json()?[0]["openapi"] == "3.1.0", "a document");
    Ok(())
}

#[tokio::test]
async fn what_was_done_on_the_command_line_is_written_down() -> Result<()> {
    let (folder, _) = workspace().await?;
    let token = ["token", "create", "--user", "ada@example.com", "--name", "x", "--json"];
    let token = run_on(folder.path(), &token).await?.json()?[0]["token"].clone();
    let reset = ["user", "reset-password", "--password-stdin", "--email", "ada@example.com"];
    run_on_with(folder.path(), &reset, "another long password").await?.well()?;
    let mut command = std::process::Command::new(waymark()?);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(folder.path());
    let server = tests::program::Program::start(command, &folder.path().join("server.log"))?;
    let admin = tests::server::Client::new(server.url())?;
    let admin = admin.with_token(token.as_str().context("a token")?);
    let log = admin.get("/api/v1/audit").await?.expect(200)?;
    let log: Vec<(&str, &str)> = log["items"]
        .as_array()
        .context("items")?
        .iter()
        .filter_map(|entry| Some((entry["action"].as_str()?, entry["actor"].as_str()?)))
        .collect();
    let by = "command line";
    let expected =
        [("user.change", by), ("token.create", by), ("journey.create", by), ("user.create", by)];
    ensure!(log == expected, "{log:?}");
    Ok(())
}

/// As `waymark … | head -1` has it.
#[tokio::test]
async fn a_reader_that_goes_away_ends_a_command_quietly() -> Result<()> {
    let mut command = tokio::process::Command::new(waymark()?);
    command.arg("openapi").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    drop(child.stdout.take());
    let output = child.wait_with_output().await?;
    ensure!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[tokio::test]
async fn a_draft_with_errors_is_not_published_from_the_command_line() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("draft.json");
    fs::write(&file, json!({ "format": 1, "name": "Empty" }).to_string())?;
    let import = ["journey", "import", file.to_str().context("a name")?];
    let id = run_on(folder.path(), &import).await?.well()?.trim().to_owned();
    let refused = run_on(folder.path(), &["journey", "publish", &id]).await?;
    ensure!(refused.code == Some(1) && refused.out.contains("error[no-trigger]"), "{refused:?}");
    let listed = run_on(folder.path(), &["journey", "list", "--json"]).await?.json()?;
    ensure!(listed[0]["live_version"] == Value::Null, "{listed:?}");
    fs::write(&file, "nonsense")?;
    run_on(folder.path(), &import).await?.refusal(2)?;
    Ok(())
}

#[tokio::test]
async fn a_journey_goes_to_bpmn_and_comes_back_the_same() -> Result<()> {
    let (folder, journey) = workspace().await?;
    let on = async |arguments: &[&str]| run_on(folder.path(), arguments).await;
    let draft = on(&["journey", "export", &journey]).await?.well()?;
    let file = folder.path().join("simple.bpmn");
    fs::write(&file, on(&["journey", "export", &journey, "--format", "bpmn"]).await?.well()?)?;
    let imported = on(&["journey", "import", file.to_str().context("a name")?]).await?;
    ensure!(imported.error.is_empty(), "nothing is left out: {imported:?}");
    let again = imported.well()?.trim().to_owned();
    ensure!(again != journey);
    ensure!(on(&["journey", "export", &again]).await?.well()? == draft);
    Ok(())
}

#[tokio::test]
async fn what_of_an_imported_file_is_left_out_is_told() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("Onboarding.txt");
    let file = file.to_str().context("a name")?;
    fs::write(file, "task,cost\nCall,5\n")?;
    let import = ["journey", "import", "--format", "csv", file];
    let told = run_on(folder.path(), &import).await?;
    ensure!(told.code == Some(0) && told.error.starts_with("line 1: column “cost”: "), "{told:?}");
    let told = run_on(folder.path(), &[&import[..], &["--json"]].concat()).await?.json()?;
    ensure!(told[0]["left_out"][0]["name"] == "cost", "{told:?}");
    fs::write(file, "<definitions>\n<a></b>")?;
    let import = ["journey", "import", "--format", "bpmn", file];
    let refused = run_on(folder.path(), &import).await?.refusal(2)?;
    ensure!(refused.contains("(line 2, column 4)"), "{refused}");
    Ok(())
}

#[tokio::test]
async fn teams_are_made_of_users_and_listed() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let on = async |arguments: &[&str]| run_on(folder.path(), arguments).await;
    run_on_with(folder.path(), &[&CREATE[..], &["ada@example.com"]].concat(), PASSWORD)
        .await?
        .well()?;
    on(&["team", "create", "onboarding", "--member", "ADA@example.com"]).await?.well()?;
    let line = on(&["team", "create", "onboarding"]).await?.refusal(1)?;
    ensure!(line.contains("there is a team 'onboarding' already"), "{line}");
    let line =
        on(&["team", "create", "support", "--member", "bob@example.com"]).await?.refusal(1)?;
    ensure!(line.contains("bob@example.com is no user"), "{line}");
    let listed: Value = serde_json::from_str(&on(&["team", "list", "--json"]).await?.well()?)?;
    ensure!(
        listed["name"] == "onboarding" && listed["members"] == json!(["ada@example.com"]),
        "{listed}"
    );
    Ok(())
}
