//! A workspace that lives through many deaths of its server.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use failpoints::{DEADLY, Point, REACHED};
use mock_systems::MailServer;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::crm;
use tests::server::Client;
use tests::stage::Stage;
use tokio::time::{Instant, sleep, timeout};

use crate::deeds::Deed;
use crate::drawings;

/// How long a deed may take while nothing is in its way.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long something may take that a server does by itself after a deed.
const BY_ITSELF: Duration = Duration::from_secs(7);

/// How many accounts there are before the first deed.
const ACCOUNTS: u32 = 300;

/// How long a server goes on with a deed after it is answered.
const AFTERWARDS: Duration = Duration::from_millis(200);
/// How long it puts its house in order after it was started.
const AT_ITS_START: Duration = Duration::from_secs(4);

/// How often a deed is done anew until its place is deadly.
const TRIES: u64 = 4;

/// Points that a workspace with one server does not reach, each with why.
const BEYOND: [(Point, &str); 5] = [
    (Point::Tell, "another server must be there to be told"),
    (Point::Expel, "another server must be gone; the tests of several servers kill them"),
    (Point::Release, "more must be claimed than there is room for"),
    (Point::ForgetWork, "work must be claimed just as its place is left"),
    (Point::ForgetValue, "no connector of the examples forgets a value"),
];

/// Whether a place is one of a point that is reached by luck only.
pub(crate) fn is_luck(place: &str) -> bool {
    let of_it = |(point, _): &(Point, &str)| {
        place.split_once(' ').is_some_and(|(moment, name)| moment != "amid" && name == point.name())
    };
    BEYOND.iter().any(of_it)
}

/// What the deeds are done in.
pub(crate) struct World {
    pub(crate) stage: Stage,
    pub(crate) mail: MailServer,
    /// Ids of journeys that all deeds share, by name.
    pub(crate) journeys: BTreeMap<&'static str, String>,
    /// The folder for what commands write.
    pub(crate) folder: TempDir,
    /// Instances that were acknowledged.
    acknowledged: Mutex<BTreeSet<String>>,
    /// Addresses of what was acknowledged, which must be there.
    kept: Mutex<BTreeSet<String>>,
    /// Journeys whose connector answers without asking anyone outside.
    pub(crate) inside: Mutex<BTreeSet<String>>,
    /// What clients remember of what they were told.
    told: Mutex<BTreeMap<String, String>>,
}

/// A world, its server, and what is left to be done in it.
pub(crate) struct Life {
    world: World,
    environment: Vec<(&'static str, String)>,
    reached: PathBuf,
    number: u64,
    left: Vec<(Deed, u64)>,
}

/// What was seen at the end of a life.
pub(crate) struct Judged {
    pub(crate) acknowledged: usize,
    pub(crate) effects: usize,
}

impl World {
    /// The server said that it opened this instance.
    pub(crate) fn acknowledge(&self, instance: &str) {
        if let Ok(mut acknowledged) = self.acknowledged.lock() {
            acknowledged.insert(instance.to_owned());
        }
    }

    /// The server said that it made what has this address.
    pub(crate) fn keep(&self, address: String) {
        if let Ok(mut kept) = self.kept.lock() {
            kept.insert(address);
        }
    }

    /// What a client was told when it did this, which it does not do again.
    pub(crate) async fn once<F: Future<Output = Result<String>>>(
        &self,
        what: String,
        deed: impl FnOnce() -> F,
    ) -> Result<String> {
        let known = self.told.lock().ok().and_then(|told| told.get(&what).cloned());
        if let Some(known) = known {
            return Ok(known);
        }
        let answer = deed().await?;
        if let Ok(mut told) = self.told.lock() {
            told.insert(what, answer.clone());
        }
        Ok(answer)
    }

    /// Asks under a key; that of a server that is gone is free at once.
    pub(crate) async fn ask_once(&self, key: &str, path: &str, body: &Value) -> Result<Value> {
        let request = self.stage.admin.request(reqwest::Method::POST, path);
        let request = request.header("idempotency-key", key).json(body);
        let answer = self.stage.admin.send(request).await?;
        ensure!(answer.status / 100 == 2, "{path}: {}: {}", answer.status, answer.body);
        Ok(answer.body)
    }
}

impl Life {
    /// Starts a server on an empty workspace that writes down which places it reaches.
    pub(crate) async fn begin(environment: &[(&'static str, String)]) -> Result<Self> {
        let (mail, folder) = (MailServer::start().await?, tempfile::tempdir()?);
        let reached = folder.path().join("reached");
        let mut environment = environment.to_vec();
        environment.push(("WAYMARK_SMTP_URL", mail.url()));
        environment.push(("WAYMARK_MAIL_FROM", "waymark@example.com".to_owned()));
        environment.push(("WAYMARK_NODE_LEASE", "2".to_owned()));
        environment.push((REACHED, reached.display().to_string()));
        let stage = Stage::set_in(&environment).await?;
        let mut journeys = BTreeMap::new();
        for (name, draft) in drawings::shared()? {
            journeys.insert(name, stage.publish_draft(&draft).await?);
        }
        import(&stage, folder.path())?;
        let world = World {
            stage,
            mail,
            journeys,
            folder,
            acknowledged: Mutex::default(),
            kept: Mutex::default(),
            told: Mutex::default(),
            inside: Mutex::default(),
        };
        Ok(Self { world, environment, reached, number: 0, left: Vec::new() })
    }

    /// Does a deed and gives the places that were reached meanwhile, and how long it took.
    pub(crate) async fn reached_by(&mut self, deed: Deed) -> Result<(BTreeSet<String>, Duration)> {
        self.number += 1;
        fs::write(&self.reached, "")?;
        let begun = Instant::now();
        let done = timeout(PATIENCE, deed.done(&self.world, self.number)).await;
        done.with_context(|| format!("{deed:?} hangs"))?
            .with_context(|| format!("{deed:?}: {}", self.log()))?;
        let took = begun.elapsed();
        sleep(AFTERWARDS).await;
        self.begin_again(deed).await?;
        let told = fs::read_to_string(&self.reached)?;
        Ok((told.lines().map(str::to_owned).collect(), took))
    }

    /// Starts a server again that a deed has stopped or drained; it may die of that.
    async fn begin_again(&mut self, deed: Deed) -> Result<()> {
        if !matches!(deed, Deed::Stop | Deed::Drain) {
            return Ok(());
        }
        self.world.stage.server.kill()?;
        let started = self.world.stage.server.restart().await;
        if self.is_dead() {
            return Ok(());
        }
        sleep(AT_ITS_START).await;
        started
    }

    /// The places of points that ought to be among these and are not.
    pub(crate) fn never_reached(is_reached: impl Fn(&str) -> bool) -> Vec<String> {
        let points = Point::ALL.iter();
        points
            .flat_map(|point| {
                ["before", "after"].map(|moment| format!("{moment} {}", point.name()))
            })
            .filter(|place| !is_luck(place) && !is_reached(place))
            .collect()
    }

    /// Dies at a place, one of the times that it is reached; at the first where that never comes, as in a command that is a process of its own.
    pub(crate) async fn die_at(
        &mut self,
        place: &str,
        hit: u64,
        deeds: &[(Duration, Deed)],
    ) -> Result<()> {
        let died = self.dies_at(place, hit, deeds).await?
            || (hit > 1 && self.dies_at(place, 1, deeds).await?);
        ensure!(died, "'{place}' was not reached by {deeds:?}: {}", self.log());
        Ok(())
    }

    /// Starts the server so that a place is deadly, finishes what was left, and does deeds until it dies there; whether it did.
    async fn dies_at(&mut self, place: &str, hit: u64, deeds: &[(Duration, Deed)]) -> Result<bool> {
        let deadly = (DEADLY, format!("{place}#{hit}"));
        self.world.stage.server.kill()?;
        let _ = fs::remove_file(&self.reached);
        let environment = [self.environment.as_slice(), &[deadly]].concat();
        let started = self.world.stage.server.restart_in(&environment).await;
        if self.is_dead() {
            return Ok(true);
        }
        started.with_context(|| format!("with '{place}' deadly"))?;
        self.finish(place).await?;
        for (_, deed) in deeds {
            for _ in 0..TRIES {
                if self.is_dead() {
                    return Ok(true);
                }
                self.number += 1;
                self.left.push((*deed, self.number));
                self.finish(place).await?;
            }
            let until = Instant::now() + BY_ITSELF;
            while !self.is_dead() && Instant::now() < until {
                sleep(Duration::from_millis(20)).await;
            }
        }
        Ok(self.is_dead())
    }

    /// Does what was begun and not done, unless the server dies.
    async fn finish(&mut self, place: &str) -> Result<()> {
        while let Some((deed, number)) = self.left.last().copied() {
            let done = timeout(PATIENCE, deed.done(&self.world, number)).await;
            let dead = self.dies_soon(matches!(done, Ok(Ok(())))).await;
            match done {
                Ok(Ok(())) => {
                    self.left.pop();
                    if !dead {
                        self.begin_again(deed).await?;
                    }
                }
                Ok(Err(error)) if !dead => {
                    return Err(
                        error.context(format!("{deed:?} {number}, '{place}': {}", self.log()))
                    );
                }
                Err(_) if !dead => bail!("{deed:?} {number} hangs, '{place}': {}", self.log()),
                Ok(Err(_)) | Err(_) => {}
            }
            if dead {
                break;
            }
        }
        Ok(())
    }

    /// A client may hear of it a moment before it is written down, or long before a server does by itself what it is to die of.
    async fn dies_soon(&self, is_done: bool) -> bool {
        let patience = if is_done { Duration::ZERO } else { Duration::from_secs(1) };
        let until = Instant::now() + patience;
        while !self.is_dead() && Instant::now() < until {
            sleep(Duration::from_millis(10)).await;
        }
        self.is_dead()
    }

    fn is_dead(&self) -> bool {
        fs::read_to_string(&self.reached).is_ok_and(|told| told.lines().any(|line| line == "dead"))
    }

    /// Finishes everything and judges what is there.
    pub(crate) async fn end(mut self) -> Result<Judged> {
        self.world.stage.server.kill()?;
        self.world.stage.server.restart_in(&self.environment.clone()).await?;
        self.finish("").await?;
        for address in self.world.kept.lock().map_or_else(|_| BTreeSet::new(), |kept| kept.clone())
        {
            self.world.stage.admin.get(&address).await?.expect(200).context(address)?;
        }
        let effects = crm::effects(&self.world.stage.mock).await?;
        let twice: Vec<_> = effects.iter().filter(|(_, times)| **times != 1).collect();
        ensure!(twice.is_empty(), "called twice in effect: {twice:?}");
        let acknowledged = self.verified().await?;
        Ok(Judged { acknowledged, effects: effects.len() })
    }

    /// What the product says when it is shown what was acknowledged and what arrived outside; how much that was.
    async fn verified(&self) -> Result<usize> {
        let acknowledged =
            self.world.acknowledged.lock().map_or_else(|_| BTreeSet::new(), |all| all.clone());
        for instance in &acknowledged {
            self.world.stage.rest(instance).await?;
        }
        let write = |name: &str, lines: Vec<Value>| -> Result<String> {
            let file = self.world.folder.path().join(name);
            let lines: Vec<_> = lines.iter().map(Value::to_string).collect();
            fs::write(&file, lines.join("\n") + "\n")?;
            Ok(file.display().to_string())
        };
        let told = acknowledged.iter().map(|id| json!({ "kind": "start", "key": "", "id": id }));
        let acknowledged_file = write("acknowledged", told.collect())?;
        let mut arrived = crm::arrived(&self.world.stage.mock).await?;
        arrived.extend(self.inside().await?);
        let sink = write("sink", arrived)?;
        let arguments = ["verify", "--acknowledged", &acknowledged_file, "--sink", &sink];
        let verified = self.world.stage.server.command(&arguments)?;
        let said = String::from_utf8_lossy(&verified.stdout);
        ensure!(verified.status.success(), "{said}{}", String::from_utf8_lossy(&verified.stderr));
        Ok(acknowledged.len())
    }

    /// What the calls of connectors that reach nothing outside would have left there.
    async fn inside(&self) -> Result<Vec<Value>> {
        let journeys = self.world.inside.lock().map_or_else(|_| BTreeSet::new(), |all| all.clone());
        let mut calls = Vec::new();
        for journey in journeys {
            let listed = format!("/api/v1/instances?journey={journey}&limit=100");
            let listed = self.world.stage.admin.get(&listed).await?.expect(200)?;
            for instance in listed["items"].as_array().into_iter().flatten() {
                let id = instance["id"].as_str().context("an instance has an id")?;
                calls.push(json!({ "key": format!("{id}:1"), "operation": "remember" }));
            }
        }
        Ok(calls)
    }

    fn log(&self) -> String {
        let log = self.world.stage.server.log();
        let lines: Vec<_> = log.lines().rev().take(15).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

/// More accounts than are looked at in one piece of a round.
fn import(stage: &Stage, folder: &Path) -> Result<()> {
    let (table, mapping) = (folder.join("accounts.csv"), folder.join("mapping.json"));
    let rows: Vec<_> = (0..ACCOUNTS).map(|number| format!("I-{number},Account {number}")).collect();
    let rows = rows.join("\n");
    fs::write(&table, format!("id,name\n{rows}\n"))?;
    fs::write(&mapping, json!({ "external_id": "id", "name": "name" }).to_string())?;
    let (table, mapping) = (table.display().to_string(), mapping.display().to_string());
    let imported = stage.server.command(&["import", "accounts", &table, "--mapping", &mapping])?;
    ensure!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    Ok(())
}

/// Finds an item of a list by one of its members.
pub(crate) async fn find(client: &Client, list: &str, member: &str, value: &str) -> Result<Value> {
    let mut cursor = String::new();
    let separator = if list.contains('?') { '&' } else { '?' };
    loop {
        let page = client.get(&format!("{list}{separator}limit=500{cursor}")).await?.expect(200)?;
        let items = page["items"].as_array().or(page.as_array()).context("a list")?;
        if let Some(found) = items.iter().find(|item| item[member] == value) {
            return Ok(found.clone());
        }
        let next = page["next_cursor"].as_str();
        cursor = format!("&cursor={}", next.with_context(|| format!("no {value} in {list}"))?);
    }
}

/// The word of a member.
pub(crate) fn text(value: &Value, member: &str) -> Result<String> {
    value[member].as_str().map(str::to_owned).with_context(|| format!("no {member} in {value}"))
}

/// Waits until something is so.
pub(crate) async fn until<F: Future<Output = Result<bool>>>(
    what: &str,
    is_so: impl Fn() -> F,
) -> Result<()> {
    let end = Instant::now() + BY_ITSELF;
    while !is_so().await? {
        ensure!(Instant::now() < end, "not so: {what}");
        sleep(Duration::from_millis(15)).await;
    }
    Ok(())
}
