//! The example on its real input: every customer of the table is imported and onboarded, and nobody is lost or called twice.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::{Value, json};
use tests::crm;
use tests::mock::Mock;
use tests::server::{Client, MEMBER};
use tests::stage::Stage;
use tests::telco::{self, CUSTOMERS, Customer};
use tests::webhook::Sender;

/// Deliveries under way at once.
const CLIENTS: usize = 16;
/// Below it the CRM's health is a risk; the example's decision says so.
const HEALTHY: u64 = 50;
/// Tasks the member completes.
const CALLS: usize = 5;

/// How the journeys of all customers stand, by customer: the outcome of an ended one, else the status.
type Standing = BTreeMap<String, String>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_customer_is_onboarded_as_the_segment_decides() -> Result<()> {
    let stage = Stage::set().await?;
    let journey = stage.publish("onboarding").await?;
    let sums = telco::import(&stage.server, &telco::table())?;
    ensure!(sums["created"] == CUSTOMERS && sums["rejected"] == 0, "imported: {sums}");
    let customers = telco::customers()?;
    ensure!(customers.len() as u64 == CUSTOMERS, "the table has {} customers", customers.len());

    let sender = Sender::for_journey(&stage.admin, "onboarding", &journey).await?;
    deliver_all(&stage, &sender, &customers).await?;
    let expected = expected(&customers).await?;
    same(&standing(&stage.admin, &journey).await?, &expected)?;
    each_was_called_once(&stage, &expected).await?;

    nothing_starts_twice(&stage, &sender, &customers).await?;
    let called = complete_some(&stage).await?;
    let mut after = expected;
    after.extend(called.into_iter().map(|customer| (customer, "onboarded".to_owned())));
    same(&standing(&stage.admin, &journey).await?, &after)?;
    each_was_called_once(&stage, &after).await
}

#[tokio::test]
async fn broken_lines_are_listed_and_the_rest_is_imported() -> Result<()> {
    let stage = Stage::set().await?;
    let text = fs::read_to_string(telco::table())?;
    let mut lines: Vec<&str> = text.lines().collect();
    let without_an_id = lines[2].replacen("5575-GNVDE", "", 1);
    let no_number = lines[4].replacen(",45,", ",many,", 1);
    ensure!(no_number != lines[4], "the fourth customer has stayed 45 months: {}", lines[4]);
    (lines[2], lines[3], lines[4]) = (&without_an_id, "3668-QPYBK,Male", &no_number);
    let table = stage.server.data().join("broken.csv");
    fs::write(&table, lines.join("\n"))?;

    let sums = telco::import(&stage.server, &table)?;
    ensure!(sums["created"] == CUSTOMERS - 3 && sums["rejected"] == 3, "imported: {sums}");
    let path = sums["rejects"].as_str().context("the rejects are in a file")?;
    let mut rejects = csv::Reader::from_path(path)?;
    let rejects: Vec<_> = rejects.records().collect::<Result<_, _>>()?;
    let places: Vec<_> = rejects.iter().map(|reject| (&reject[0], &reject[1])).collect();
    assert_eq!(places, [("3", "customerID"), ("4", ""), ("5", "tenure")]);
    let accounts = stage.admin.get("/api/v1/accounts?limit=1").await?.expect(200)?;
    assert_eq!(accounts["total"], CUSTOMERS - 3);
    Ok(())
}

/// Every customer arrives once.
async fn deliver_all(stage: &Stage, sender: &Sender, customers: &[Customer]) -> Result<()> {
    let client = &stage.server.stranger()?;
    stream::iter(customers)
        .map(|customer| async move {
            let answer = arrive(sender, client, &customer.id, "first").await?.expect(200)?;
            let status = &answer["instances"][0]["status"];
            ensure!(status != "incident", "{}: {answer}", customer.id);
            Ok(())
        })
        .buffer_unordered(CLIENTS)
        .try_collect()
        .await
}

async fn arrive(
    sender: &Sender,
    client: &Client,
    customer: &str,
    delivery: &str,
) -> Result<tests::server::Answer> {
    let id = format!("{delivery}-{customer}");
    sender.deliver(client, &id, &json!({ "id": customer })).await
}

/// What the segment and a CRM of the same mind, asked apart, say must become of each customer.
async fn expected(customers: &[Customer]) -> Result<Standing> {
    let other = Mock::start()?;
    let client = &Client::new(other.url())?;
    stream::iter(customers)
        .map(|customer| async move {
            let standing = if customer.segment == "high-value" {
                "running"
            } else if crm::health(client, &customer.id).await? < HEALTHY {
                "at_risk"
            } else {
                "self_serve"
            };
            Ok((customer.id.clone(), standing.to_owned()))
        })
        .buffer_unordered(CLIENTS)
        .try_collect()
        .await
}

/// Walks the list of instances page by page.
async fn standing(admin: &Client, journey: &str) -> Result<Standing> {
    let mut standing = Standing::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/api/v1/instances?journey={journey}&limit=500{cursor}");
        let page = admin.get(&path).await?.expect(200)?;
        for instance in page["items"].as_array().context("a list")? {
            let customer = text(&instance["account"]["external_id"])?;
            let word = text(&instance["outcome"]).or_else(|_| text(&instance["status"]))?;
            let twice = standing.insert(customer.clone(), word);
            ensure!(twice.is_none(), "{customer} has two journeys");
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return Ok(standing),
        }
    }
}

/// The CRM was brought up to date once for everyone, and has a note of exactly those the journey notes.
async fn each_was_called_once(stage: &Stage, standing: &Standing) -> Result<()> {
    let mut expected = BTreeMap::new();
    for (customer, word) in standing {
        expected.insert(("upsert".to_owned(), customer.clone()), 1);
        if ["at_risk", "onboarded"].contains(&word.as_str()) {
            expected.insert(("note".to_owned(), customer.clone()), 1);
        }
    }
    same(&crm::effects(&stage.mock).await?, &expected)
}

/// A delivery that comes again and a customer who arrives again find the journey there is.
async fn nothing_starts_twice(
    stage: &Stage,
    sender: &Sender,
    customers: &[Customer],
) -> Result<()> {
    let client = stage.server.stranger()?;
    for customer in customers.iter().step_by(700) {
        let again = arrive(sender, &client, &customer.id, "first").await?.expect(200)?;
        let anew = arrive(sender, &client, &customer.id, "second").await?.expect(200)?;
        assert_eq!(again["instances"], anew["instances"], "{}", customer.id);
    }
    Ok(())
}

/// The member of the team calls the first few, and gives their numbers.
async fn complete_some(stage: &Stage) -> Result<Vec<String>> {
    let member = stage.server.sign_in(MEMBER).await?;
    let path = format!("/api/v1/tasks?queue=team&limit={CALLS}");
    let tasks = member.get(&path).await?.expect(200)?;
    let tasks = tasks["items"].as_array().context("a list")?;
    ensure!(tasks.len() == CALLS, "{} tasks are offered", tasks.len());
    let mut called = Vec::new();
    for task in tasks {
        let path = format!("/api/v1/tasks/{}", text(&task["id"])?);
        member.post(&format!("{path}/claim"), &Value::Null).await?.expect(200)?;
        let done = json!({ "outcome": "welcomed", "form": { "goal": "Online within a day" } });
        member.post(&format!("{path}/complete"), &done).await?.expect(200)?;
        called.push(text(&task["account"]["external_id"])?);
        stage.rest(&text(&task["instance"])?).await?;
    }
    Ok(called)
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(str::to_owned).with_context(|| format!("no text: {value}"))
}

/// Shows what differs, not seven thousand customers.
fn same<K: Ord + std::fmt::Debug, V: PartialEq + std::fmt::Debug>(
    seen: &BTreeMap<K, V>,
    expected: &BTreeMap<K, V>,
) -> Result<()> {
    let wrong: Vec<_> = expected
        .iter()
        .filter(|(key, value)| seen.get(key) != Some(value))
        .map(|(key, value)| format!("{key:?}: {:?}, not {value:?}", seen.get(key)))
        .chain(seen.keys().filter(|key| !expected.contains_key(key)).map(|key| format!("{key:?}")))
        .collect();
    let first: Vec<_> = wrong.iter().take(5).collect();
    ensure!(wrong.is_empty(), "{} differ, first {first:?}", wrong.len());
    Ok(())
}
