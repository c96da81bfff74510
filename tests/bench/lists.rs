//! Lists that grow, as one client on loopback reads them: the first page and one from the middle, by everything they are commonly narrowed by.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use journey::{Timestamp, effect::Owner};
use serde_json::{Map, json};
use sqlx::{Connection, PgConnection};
use store::{
    AccountCursor, AccountId, Accounts, Database, EventId, NoticeCursor, NoticeId, Store,
    TaskCursor,
    accounts::{Statement, Upserted},
    commits::{Commit, Notice, TaskChange},
};
use tests::server::{Client, MEMBER};
use tests::stage::{Stage, TEAM};
use tokio::time::Instant;

use crate::drafts;
use crate::figure::{Figure, Report, median};
use crate::process;
use crate::stock::{self, GROUP, Mould};
use crate::w1::Kept;

/// Rows of each list.
const ROWS: [u32; 2] = [100_000, 1_000_000];
/// Accounts and events take PostgreSQL ten messages each: beyond so many the other lists grow alone there.
const ACCOUNTS_ON_POSTGRES: u32 = 100_000;
/// How often a page is read in a round, and when it has been read often enough even so.
const READS: usize = 30;
const ENOUGH: Duration = Duration::from_secs(1);
/// A first page should take no longer, in milliseconds.
const TARGET_MS: f64 = 20.0;
/// Of so many accounts one is of this segment; the others share [`SEGMENTS`].
const RARE: (u32, &str) = (10_000, "strategic");
const SEGMENTS: [&str; 3] = ["smb", "mid-market", "enterprise"];

/// Measures the lists of every size on a workspace of its own.
pub(crate) async fn measure(report: &mut Report, rounds: u32, kept: Kept) -> Result<()> {
    for rows in ROWS {
        let mut stage = kept.stage().await?;
        let mould = Mould::publish(&stage, &drafts::standing(MEMBER.email, TEAM)?).await?;
        stage.server.stop().await?;
        let accounts = match kept {
            Kept::File => rows,
            Kept::Postgres => rows.min(ACCOUNTS_ON_POSTGRES),
        };
        let filling = Filling { store: stock::open(&stage, kept, 7).await?, mould, rows, accounts };
        let filled = filling.fill().await?;
        if let Kept::Postgres = kept {
            tidy(stage.server.database_url()).await?;
        }
        stage.server.restart().await?;
        let mut lists = filled.lists();
        if accounts == rows {
            lists.extend(filled.lists_of_accounts());
        }
        for list in lists {
            list.measure(report, (&stage, kept, rows), rounds).await?;
        }
    }
    Ok(())
}

fn part(kept: Kept) -> &'static str {
    match kept {
        Kept::File => "lists",
        Kept::Postgres => "lists on PostgreSQL",
    }
}

/// What PostgreSQL does by itself within minutes of many rows being written.
async fn tidy(address: &str) -> Result<()> {
    let mut connection = PgConnection::connect(address).await?;
    sqlx::query("VACUUM (ANALYZE)").execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// A workspace that is being filled while its server is down.
struct Filling {
    store: Database,
    mould: Mould,
    rows: u32,
    accounts: u32,
}

/// What is there, and how the page in the middle of each list is asked for.
struct Filled {
    journey: String,
    account: AccountId,
    instance: String,
    task: TaskCursor,
    name: AccountCursor,
    notice: NoticeCursor,
}

impl Filling {
    /// As many accounts, each with an event, and instances, nearly all with a task and a notice.
    async fn fill(self) -> Result<Filled> {
        let begin = Instant::now();
        let accounts = self.accounts().await?;
        stock::dispatch(&self.store).await?;
        let now = process::now();
        let mut middle = None;
        stock::write(&self.store, self.rows, |number| {
            let commit = self.instance(number, accounts[number as usize % accounts.len()], now)?;
            if number == self.rows / 2 {
                middle = Some(commit.clone());
            }
            Ok(commit)
        })
        .await?;
        self.store.close().await;
        eprintln!("{} rows and {} accounts in {:?}", self.rows, self.accounts, begin.elapsed());
        let middle = middle.context("there is one in the middle")?;
        let Some(TaskChange::Offer { position, offer }) = middle.tasks.first() else {
            anyhow::bail!("the one in the middle has a task")
        };
        let sequence = middle.state.sequence();
        let half = accounts[accounts.len() / 2];
        Ok(Filled {
            journey: self.mould.journey.to_string(),
            account: half,
            instance: middle.instance.to_string(),
            task: TaskCursor { due: offer.due, instance: middle.instance, position: *position },
            name: AccountCursor { name: name(self.accounts, self.accounts / 2), id: half },
            notice: NoticeCursor {
                at: middle.at,
                id: NoticeId { instance: middle.instance, sequence, place: 0 },
            },
        })
    }

    async fn accounts(&self) -> Result<Vec<AccountId>> {
        let mut ids = Vec::new();
        while ids.len() < self.accounts as usize {
            let from = u32::try_from(ids.len())?;
            let group = from..self.accounts.min(from + GROUP);
            let group: Vec<_> = group.map(|number| self.account(number)).collect();
            let made = self.store.upsert_accounts(&group, None, process::now()).await?;
            ids.extend(made.into_iter().map(Upserted::id));
        }
        Ok(ids)
    }

    fn account(&self, number: u32) -> Statement {
        let segment = if number.is_multiple_of(RARE.0) {
            RARE.1
        } else {
            SEGMENTS[number as usize % SEGMENTS.len()]
        };
        Statement {
            external_id: format!("A{number:07}"),
            name: name(self.accounts, number),
            segment: Some(segment.to_owned()),
            owner: Some(MEMBER.email.to_owned()),
            arr: Some(f64::from(number % 1000) * 100.0),
            fields: Map::from_iter([("seats".to_owned(), json!(number % 50))]),
        }
    }

    /// One in a thousand is an incident, nine are over, half of the others stand at a task of one person's and half at one of a team's.
    fn instance(&self, number: u32, account: AccountId, now: Timestamp) -> Result<Commit> {
        let kind = match number % 1000 {
            1 => "0",
            2..=10 => "over",
            rest if rest % 2 == 0 => "mine",
            _ => "team",
        };
        // Due one after the other, a second apart.
        let now = now.plus(i64::from(number) * 1000 - i64::from(self.rows) * 1000);
        let input = json!({ "kind": kind, "number": number });
        let mut commit = self.mould.begin(&self.store, input, Some(account), now)?;
        if let Some(TaskChange::Offer { position, offer }) = commit.tasks.first() {
            let to = Owner { user: Some(MEMBER.email.to_owned()), team: None };
            let notice = Notice { position: *position, to, about: offer.title.clone() };
            commit.notices.push(notice);
        }
        Ok(commit)
    }
}

/// Names are not in the order in which accounts are made, and the one in the middle has the name in the middle.
fn name(accounts: u32, number: u32) -> String {
    format!("Account-{:07}", u64::from(number) * 7919 % u64::from(accounts))
}

/// A list, everything it is narrowed by, and where its page in the middle starts.
struct List {
    name: &'static str,
    path: &'static str,
    /// In words and in the address.
    narrowed: Vec<(&'static str, String)>,
    middle: String,
}

fn list(
    name: &'static str,
    path: &'static str,
    narrowed: Vec<(&'static str, String)>,
    middle: &impl ToString,
) -> List {
    List { name, path, narrowed, middle: middle.to_string() }
}

impl Filled {
    fn lists(&self) -> Vec<List> {
        let tasks = tasks(format!("account={}", self.account));
        let notices = vec![("nothing", String::new())];
        vec![
            list("instances", "instances", self.instances(), &self.instance),
            list("tasks", "tasks", tasks, &self.task),
            list("notices", "notices", notices, &self.notice),
        ]
    }

    /// Those that grow with the accounts.
    fn lists_of_accounts(&self) -> Vec<List> {
        let account = &self.account;
        // Ids sort by time, and an account's event was made with it.
        let event = EventId::stored(account.number());
        let events = vec![
            ("nothing", String::new()),
            ("type", "type=account.changed".to_owned()),
            ("account", format!("account={account}")),
        ];
        let accounts = vec![
            ("nothing", String::new()),
            ("segment", format!("segment={}", SEGMENTS[0])),
            ("a rare segment", format!("segment={}", RARE.1)),
        ];
        let text = vec![("text", "q=a0000123".to_owned())];
        vec![
            list("accounts", "accounts", accounts, &self.name),
            list("accounts searched", "accounts", text, &self.name),
            list("events", "events", events, &event),
        ]
    }

    fn instances(&self) -> Vec<(&'static str, String)> {
        let Self { journey, account, .. } = self;
        vec![
            ("nothing", String::new()),
            ("status", "status=running".to_owned()),
            ("a rare status", "status=incident".to_owned()),
            ("journey", format!("journey={journey}")),
            ("journey and status", format!("journey={journey}&status=incident")),
            ("account", format!("account={account}")),
            ("shadows", "mode=shadow".to_owned()),
        ]
    }
}

fn tasks(by_account: String) -> Vec<(&'static str, String)> {
    let plain = [
        ("mine", ""),
        ("teams", "queue=team"),
        ("all", "queue=all"),
        ("all claimed", "queue=all&status=claimed"),
        ("all completed", "queue=all&status=completed"),
        ("mine completed", "status=completed"),
    ];
    let mut tasks: Vec<_> = plain.map(|(name, by)| (name, by.to_owned())).into();
    tasks.push(("account", by_account));
    tasks
}

impl List {
    /// Adds the first page and the one in the middle, each by what it takes longest with.
    async fn measure(
        &self,
        report: &mut Report,
        (stage, kept, rows): (&Stage, Kept, u32),
        rounds: u32,
    ) -> Result<()> {
        // An administrator sees every task; a member has some.
        let (member, admin) = (stage.server.sign_in(MEMBER).await?, &stage.admin);
        let pages = [("first page", None), ("page in the middle", Some(self.middle.as_str()))];
        for (page, cursor) in pages {
            let mut slowest: Option<(Vec<f64>, &str)> = None;
            for (narrowed, by) in &self.narrowed {
                let client = if by.contains("queue=all") { admin } else { &member };
                let path = self.address(by, cursor);
                let mut took = Vec::new();
                for _ in 0..rounds {
                    took.push(read(client, &path).await?);
                }
                eprintln!("{rows} {path}: {:.2} ms", median(&took));
                if slowest.as_ref().is_none_or(|(before, _)| median(before) < median(&took)) {
                    slowest = Some((took, narrowed));
                }
            }
            let (took, by) = slowest.context("a list is read in some way")?;
            let name = format!("{page} of {}, {rows} rows, slowest by {by}", self.name);
            report.add(Figure::new(part(kept), name, "ms", took).at_most(TARGET_MS));
        }
        Ok(())
    }

    fn address(&self, by: &str, cursor: Option<&str>) -> String {
        let cursor = cursor.map(|cursor| format!("cursor={cursor}"));
        let asked: Vec<_> =
            [by].into_iter().filter(|by| !by.is_empty()).chain(cursor.as_deref()).collect();
        format!("/api/v1/{}?{}", self.path, asked.join("&"))
    }
}

/// The median time of reading a page, in milliseconds.
async fn read(client: &Client, path: &str) -> Result<f64> {
    let (mut took, first) = (Vec::new(), Instant::now());
    while took.len() < READS && (took.is_empty() || first.elapsed() < ENOUGH) {
        let begin = Instant::now();
        let page = client.get(path).await?.expect(200)?;
        took.push(begin.elapsed().as_secs_f64() * 1000.0);
        ensure!(page["items"].is_array(), "{path} is no list: {page}");
    }
    Ok(median(&took))
}
