//! All that a store keeps, as lines of text.

use super::world::{CALENDARS, EVENTS, KEYS, PEOPLE, TEAMS};
use crate::{
    Failure, InstanceId, Page, Paging, Store,
    accounts::Search,
    events, instances,
    inventory::Rows,
    notices::Concerned,
    tasks::{self, Queue, State, Which},
    would_have::Filter,
};
use journey::Timestamp;
use std::{fmt::Debug, future::Future};

const MOST: u32 = 500;

/// A time after all that is planned.
const AT_LAST: Timestamp = Timestamp(4_000_000_000_000);

/// All that is kept, one line each, in an order that does not depend on the store.
pub(super) async fn of(store: &dyn Store) -> Vec<String> {
    let mut lines = Lines::default();
    for rows in [Rows::States, Rows::Records, Rows::Work, Rows::Tasks, Rows::Listens] {
        // In as many pages as can be; their order is the store's own.
        let (mut ids, mut paging) = (Vec::new(), Paging::first(3));
        loop {
            let page = store.instances_with(rows, paging).await.unwrap();
            ids.extend(page.items);
            let Some(next) = page.next else { break };
            paging = Paging::new(Some(next), 3);
        }
        ids.sort_unstable();
        lines.add(&format!("with {rows:?}"), [&ids]);
        if rows == Rows::States {
            for id in ids {
                instance(&mut lines, store, id).await;
            }
        }
    }
    running(&mut lines, store).await;
    journeys(&mut lines, store).await;
    people(&mut lines, store).await;
    things(&mut lines, store).await;
    lines.0.sort_unstable();
    lines.0
}

#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn add<T: Debug>(&mut self, what: &str, rows: impl IntoIterator<Item = T>) {
        self.0.extend(rows.into_iter().map(|row| format!("{what}: {row:?}")));
    }

    async fn page<T: Debug, C: Debug>(
        &mut self,
        what: &str,
        page: impl Future<Output = Result<Page<T, C>, Failure>>,
    ) -> Vec<T> {
        let page = page.await.unwrap();
        assert!(page.next.is_none(), "a life is short");
        self.add(what, &page.items);
        page.items
    }
}

async fn instance(lines: &mut Lines, store: &dyn Store, id: InstanceId) {
    lines.add("instance", store.instance(id).await.unwrap());
    lines.add("summary", store.instance_summary(id).await.unwrap());
    lines.add(&format!("columns of {id}"), store.columns(id).await.unwrap());
    lines.page(&format!("work of {id}"), store.work_of(id, Paging::first(MOST))).await;
    lines.page(&format!("open tasks of {id}"), store.open_tasks_of(id, Paging::first(MOST))).await;
    lines.page(&format!("waits of {id}"), store.listens_of(id, Paging::first(MOST))).await;
    lines.page(&format!("records of {id}"), store.records(id, Paging::first(MOST))).await;
    lines.page(&format!("writers of {id}"), store.writers_of(id, Paging::first(MOST))).await;
    lines.add(&format!("taken over of {id}"), store.takeovers_of(id).await.unwrap());
    for at in [0, 1, 2, 7] {
        let below = store.children_at(id, journey::Position(at), Paging::first(MOST));
        lines.page(&format!("below {id} at {at}"), below).await;
    }
}

async fn running(lines: &mut Lines, store: &dyn Store) {
    let all = instances::Filter::default();
    lines.page("instance listed", store.instances(all, Paging::first(MOST))).await;
    for state in [State::Offered, State::Claimed, State::Completed, State::Cancelled] {
        let filter = tasks::Filter { queue: Queue::All, which: Which::Only(state), account: None };
        lines.page("task", store.tasks(filter, Paging::first(MOST))).await;
    }
    lines.add("work is due", [store.next_due().await.unwrap()]);
    lines.add("work waits", [store.backlog(AT_LAST, MOST).await.unwrap()]);
    let all = events::Filter::default();
    for event in lines.page("event", store.events(&all, Paging::first(MOST))).await {
        let of = format!("came of {}", event.id);
        lines.page(&of, store.reactions(event.id, Paging::first(MOST))).await;
    }
    lines.add("pending", store.pending(MOST, MOST).await.unwrap());
    lines.page("handled", store.handled(Paging::first(MOST))).await;
    for name in EVENTS {
        for ear in store.ears(name).await.unwrap() {
            for key in KEYS {
                let last = crate::EventId::stored(i64::MAX);
                let waiting = store.listeners(&ear, key, last, Paging::first(MOST));
                lines.page(&format!("waits at {ear:?} for {key}"), waiting).await;
            }
        }
    }
    for person in PEOPLE {
        let teams = TEAMS.map(str::to_owned).to_vec();
        let whom = Concerned { person: person.to_lowercase(), teams };
        lines.page(person, store.notices(&whom, Paging::first(MOST))).await;
        lines.add("seen", store.seen_until(&whom.person).await.unwrap());
    }
}

async fn journeys(lines: &mut Lines, store: &dyn Store) {
    for journey in lines.page("journey", store.journeys(Paging::first(MOST))).await {
        let id = journey.id;
        lines.add("draft", store.draft(id).await.unwrap());
        lines.add("triggers", store.triggers_of(id).await.unwrap());
        lines.page("refusal", store.refusals(id, None, Paging::first(MOST))).await;
        for key in KEYS {
            lines.add(&format!("{id} {key} opened"), store.started_by(id, key).await.unwrap());
        }
        for version in lines.page("version", store.versions(id, Paging::first(MOST))).await {
            lines.add("version of", store.version(id, version.number).await.unwrap());
        }
        for number in 1..4 {
            let would_have = store.would_have(id, number, Filter::default(), Paging::first(MOST));
            lines.page(&format!("{id} {number} would have"), would_have).await;
            lines.add(&format!("{id} {number}"), [store.tally(id, number).await.unwrap()]);
            let living = store.count_living_on(id, number).await.unwrap();
            lines.add(&format!("{id} {number} living"), [living]);
        }
        for migration in lines.page("migration", store.migrations(id, Paging::first(MOST))).await {
            let looked = store.looked(migration.id, None, Paging::first(MOST));
            for looked in lines.page(&format!("looked at by {}", migration.id), looked).await {
                let one = store.looked_at(migration.id, looked.instance).await.unwrap();
                lines.add("looked at", one);
            }
            lines.add("migration found", store.migration(migration.id).await.unwrap());
            lines.add("outcomes", [store.outcomes(migration.id).await.unwrap()]);
        }
    }
    lines.add("due trigger", store.due_triggers(AT_LAST, MOST).await.unwrap());
    lines.add("due date", store.due_dates(AT_LAST, MOST).await.unwrap());
    lines.add("stale", store.stale_shadows(MOST).await.unwrap());
    lines.add("time", store.next_time().await.unwrap());
}

async fn people(lines: &mut Lines, store: &dyn Store) {
    lines.page("account", store.accounts(&Search::default(), Paging::first(MOST))).await;
    lines.page("account in order", store.accounts_in_order(None, Paging::first(MOST))).await;
    for source in ["one", "two"] {
        lines.add(source, [store.import_progress(source).await.unwrap()]);
    }
    for user in lines.page("user", store.users(Paging::first(MOST))).await {
        lines.add("credentials", store.user_by_email(&user.email).await.unwrap());
    }
    lines.page("token", store.tokens(None, Paging::first(MOST))).await;
    lines.page("team", store.teams(Paging::first(MOST))).await;
}

async fn things(lines: &mut Lines, store: &dyn Store) {
    lines.add("calendar", store.calendars().await.unwrap());
    for name in CALENDARS {
        lines.add("calendar named", store.calendar(name).await.unwrap());
    }
    lines.page("connector", store.connectors(Paging::first(MOST))).await;
    for name in ["crm", "CRM"] {
        lines.add("component", store.component(name).await.unwrap());
    }
    for connection in lines.page("connection", store.connections(Paging::first(MOST))).await {
        lines.add("connection found", store.connection(connection.id).await.unwrap());
        for key in KEYS {
            let value = store.connection_value(connection.id, key, Timestamp(0)).await.unwrap();
            lines.add(&format!("{} {key}", connection.id), value);
        }
    }
    lines.add("hook", store.hooks().await.unwrap());
    lines.page("audit", store.audit(Paging::first(MOST))).await;
    for seal in lines.page("seal", store.seals(Paging::first(MOST))).await {
        lines.add("sealed", store.sealed(seal.number).await.unwrap());
    }
}
