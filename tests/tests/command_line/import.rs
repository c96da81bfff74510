//! Tables that are broken, in another encoding, or whose import is killed.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tests::command::{Ended, run_on};
use tests::server::{ADMIN, Client, Server, waymark};
use tokio::time::{Instant, sleep};

const MAPPING: &str = r#"{
    "external_id": "id", "name": "name",
    "segment": "row.seats > 10.0 ? 'large' : 'small'",
    "fields": { "seats": { "column": "seats", "type": "number" }, "active": { "column": "active", "type": "boolean" } }
}"#;

/// Lines of the table that is killed.
const MANY: u64 = 30_000;
const PATIENCE: Duration = Duration::from_mins(1);

async fn import(folder: &Path, table: &[u8], mapping: &str) -> Result<Ended> {
    let (file, map) = (folder.join("table.csv"), folder.join("mapping.json"));
    fs::write(&file, table)?;
    fs::write(&map, mapping)?;
    let (file, map) = (file.to_str().context("a name")?, map.to_str().context("a name")?);
    run_on(folder, &["import", "accounts", file, "--mapping", map, "--json"]).await
}

async fn total(client: &Client) -> Result<u64> {
    let page = client.get("/api/v1/accounts?limit=1").await?.expect(200)?;
    page["total"].as_u64().context("a total")
}

fn sums(ended: Ended) -> Result<Value> {
    ensure!(ended.code == Some(0), "{ended:?}");
    ended.json()?.pop().context("an import tells its sums")
}

#[tokio::test]
async fn broken_lines_are_listed_with_line_column_and_reason_and_the_others_are_in() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let table = "id,name,seats,active\n\
        A1,Acme,12,yes\n\
        A2,Beta,many,yes\n\
        A3,Gamma\n\
        ,Delta,3,no\n\
        A5,\"Epsilon, Ltd\",,no\n\
        A6,Zeta,4,perhaps\n\
        A7,,4,no\n\
        A8,\"Eta\nTwo lines\",5,no\n\
        A9,Theta,1e999,no\n";
    let sums = sums(import(server.data(), table.as_bytes(), MAPPING).await?)?;
    ensure!(sums["created"] == 1 && sums["rejected"] == 8, "{sums}");
    let rejects = fs::read_to_string(sums["rejects"].as_str().context("a file")?)?;
    let places: Vec<String> = rejects
        .lines()
        .map(|line| line.splitn(3, ',').take(2).collect::<Vec<_>>().join(","))
        .collect();
    ensure!(
        places
            == [
                "line,column",
                "3,seats",
                "4,",
                "5,id",
                "6,segment",
                "7,active",
                "8,name",
                "9,name",
                "11,seats"
            ],
        "{rejects}"
    );
    ensure!(rejects.contains("'many' is no number"), "{rejects}");
    ensure!(
        rejects
            .lines()
            .skip(1)
            .all(|line| line.rsplit(',').next().is_some_and(|why| why.len() > 5)),
        "{rejects}"
    );
    ensure!(total(&admin).await? == 1, "the other is in");

    let mended = table.replace("many", "1").replace("A3,Gamma\n", "A3,Gamma,1,no\n");
    let again = self::sums(import(server.data(), mended.as_bytes(), MAPPING).await?)?;
    ensure!(again["created"] == 2 && again["unchanged"] == 1 && again["rejected"] == 6, "{again}");
    Ok(())
}

#[tokio::test]
async fn a_table_that_cannot_be_read_changes_nothing() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let good = "id,name,seats,active\nA1,Acme,12,yes\n";
    let latin = b"id,name,seats,active\nA1,Acme,12,yes\nA2,M\xfcller,1,no\n";
    let line = import(server.data(), latin, MAPPING).await?.refusal(2)?;
    ensure!(line.contains("line 3") && line.contains("UTF-8") && line.contains("iconv"), "{line}");
    let line = import(server.data(), b"id,name\nA1,Acme\n", MAPPING).await?.refusal(2)?;
    ensure!(line.contains("'active'") || line.contains("'seats'"), "{line}");
    ensure!(line.contains("id, name"), "it lists the columns there are: {line}");
    for (mapping, word) in [
        ("{", "mapping"),
        (r#"{"external_id":"id"}"#, "name"),
        (r#"{"external_id":"id","name":"name","colour":"x"}"#, "colour"),
        (r#"{"external_id":"id","name":"name","segment":"row.("}"#, "segment"),
        (r#"{"external_id":"id","name":"{{ row.name "}"#, "name"),
        (
            r#"{"external_id":"id","name":"name","fields":{"a":{"column":"id","type":"date"}}}"#,
            "mapping",
        ),
    ] {
        let line = import(server.data(), good.as_bytes(), mapping).await?.refusal(2)?;
        ensure!(line.contains(word), "{mapping}: {line}");
    }
    import(server.data(), b"", MAPPING).await?.refusal(2)?;
    let missing = ["import", "accounts", "/none.csv", "--mapping", "/none.json"];
    let line = run_on(server.data(), &missing).await?.refusal(2)?;
    ensure!(line.contains("/none.csv"), "{line}");
    ensure!(total(&admin).await? == 0, "nothing is in");
    Ok(())
}

#[tokio::test]
async fn an_import_that_is_killed_goes_on_where_it_was() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let mut table = "id,name,seats,active\n".to_owned();
    for number in 0..MANY {
        writeln!(table, "K{number},Customer {number},{},yes", number % 20)?;
    }
    let (file, map) = (server.data().join("many.csv"), server.data().join("many.json"));
    fs::write(&file, &table)?;
    fs::write(&map, MAPPING)?;
    let mut command = tokio::process::Command::new(waymark()?);
    command.args(["import", "accounts"]).arg(&file).arg("--mapping").arg(&map);
    command.arg("--data").arg(server.data()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.kill_on_drop(true).spawn()?;
    let until = Instant::now() + PATIENCE;
    while total(&admin).await? == 0 {
        ensure!(Instant::now() < until, "the import never began");
        sleep(Duration::from_millis(5)).await;
    }
    child.kill().await?;
    let before = total(&admin).await?;
    ensure!(before > 0 && before < MANY, "killed in the middle: {before}");

    let (file, map) = (file.to_str().context("a name")?, map.to_str().context("a name")?);
    let again = ["import", "accounts", file, "--mapping", map, "--json"];
    let sums = sums(run_on(server.data(), &again).await?)?;
    ensure!(sums["already_in"] == before && sums["created"] == MANY - before, "{before}: {sums}");
    ensure!(total(&admin).await? == MANY, "everything is there once");
    let third = self::sums(run_on(server.data(), &again).await?)?;
    ensure!(third["already_in"] == MANY && third["created"] == 0, "{third}");
    Ok(())
}

#[tokio::test]
async fn what_an_account_pays_is_a_number_or_the_line_is_rejected() -> Result<()> {
    let server = Server::start().await?;
    let admin = server.sign_in(ADMIN).await?;
    let table = "id,name,arr\nA1,Acme,500.5\nA2,Beta,\nA3,Gamma,a lot\n";
    for arr in [r#""arr""#, r#"{ "value": "row.arr" }"#, r#"{ "column": "arr", "type": "number" }"#]
    {
        let mapping = format!(r#"{{ "external_id": "id", "name": "name", "arr": {arr} }}"#);
        let sums = sums(import(server.data(), table.as_bytes(), &mapping).await?)?;
        ensure!(sums["rejected"] == 1, "{arr}: {sums}");
        let rejects = fs::read_to_string(sums["rejects"].as_str().context("a file")?)?;
        ensure!(rejects.contains("4,arr,") && rejects.contains("is no number"), "{rejects}");
        for (id, pays) in [("A1", Value::from(500.5)), ("A2", Value::Null)] {
            let account = admin.get(&format!("/api/v1/accounts/{id}")).await?.expect(200)?;
            ensure!(account["arr"] == pays, "{arr}: {account}");
        }
    }
    Ok(())
}
