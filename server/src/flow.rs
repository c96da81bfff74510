//! How instances went through a version of a journey, gathered from their records when somebody asks: nothing is counted while they run.

use std::collections::BTreeSet;

use journey::{
    Timestamp,
    flow::Flow,
    passage::{Passage, Visit, passage},
};
use store::{Failure, InstanceId, JourneyId, Paging, Store, instances::Filter, journeys::Version};
use tokio::{sync::Semaphore, task::yield_now};
use wire::{EdgeFlow, NodeFlow};

use crate::{history, limits};

/// Which instances are looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Of<'a> {
    pub(crate) journey: JourneyId,
    pub(crate) version: &'a Version,
    /// Those that started before are left out.
    pub(crate) since: Option<Timestamp>,
}

/// Ways of instances through a version.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    pub(crate) of: Vec<(InstanceId, Passage)>,
    /// Whether these are all there are.
    pub(crate) is_all: bool,
}

/// One is gathered at a time: it takes much reading, and several would keep others waiting.
static TURN: Semaphore = Semaphore::const_new(1);

/// Looks at the living instances of a version and at its newest, as many as the limits allow.
pub(crate) async fn gather(store: &dyn Store, of: Of<'_>) -> Result<Ways, Failure> {
    // Nobody closes it.
    let _turn = TURN.acquire().await;
    let (mut ids, all_living) = living(store, of).await?;
    let all_newest = newest(store, of, &mut ids).await?;
    let mut ways = Ways { of: Vec::with_capacity(ids.len()), is_all: all_living && all_newest };
    for (place, id) in ids.into_iter().enumerate() {
        if place % limits::FLOW_AT_ONCE == 0 {
            yield_now().await;
        }
        let records = history::records(store, id, None).await?;
        let started = records.first().map(|first| first.at);
        if started.is_some_and(|at| of.since.is_none_or(|since| at >= since)) {
            ways.of.push((id, passage(&records)));
        }
    }
    Ok(ways)
}

/// Living instances, also those that were moved to this version; whether these are all.
async fn living(store: &dyn Store, of: Of<'_>) -> Result<(BTreeSet<InstanceId>, bool), Failure> {
    let mut ids = BTreeSet::new();
    let mut paging = Paging::first(store::limits::PAGE_ROWS);
    while ids.len() < limits::FLOW_LIVING {
        let page = store.living_on(of.journey, of.version.number, paging).await?;
        ids.extend(page.items);
        let Some(next) = page.next else { return Ok((ids, true)) };
        paging = Paging::new(Some(next), store::limits::PAGE_ROWS);
    }
    Ok((ids, false))
}

/// Adds the newest instances; whether these are all that began with this version.
async fn newest(
    store: &dyn Store,
    of: Of<'_>,
    ids: &mut BTreeSet<InstanceId>,
) -> Result<bool, Failure> {
    let filter =
        Filter { journey: Some(of.journey), mode: Some(of.version.mode), ..Filter::default() };
    let (mut found, mut passed_by) = (0, 0);
    let mut paging = Paging::first(store::limits::PAGE_ROWS);
    let oldest =
        of.since.map_or(of.version.published_at, |since| since.max(of.version.published_at));
    loop {
        let page = store.instances(filter, paging).await?;
        for summary in page.items {
            if summary.started_at < oldest {
                return Ok(true);
            }
            if summary.version != of.version.number {
                passed_by += 1;
                continue;
            }
            if found == limits::FLOW_NEWEST {
                return Ok(false);
            }
            found += 1;
            ids.insert(summary.id);
        }
        let Some(next) = page.next else { return Ok(true) };
        if passed_by >= limits::FLOW_PASSED_BY {
            return Ok(false);
        }
        paging = Paging::new(Some(next), store::limits::PAGE_ROWS);
    }
}

impl Ways {
    /// What is known of each step and each edge.
    pub(crate) fn figures(&self) -> (Vec<NodeFlow>, Vec<EdgeFlow>) {
        let mut flow = Flow::default();
        self.of.iter().for_each(|(_, passage)| flow.add(passage));
        shown(&flow)
    }

    /// The visits behind a figure of a step.
    pub(crate) fn visits<'a>(
        &'a self,
        node: &'a str,
        which: wire::Visits,
    ) -> impl Iterator<Item = (InstanceId, &'a Visit)> {
        self.of
            .iter()
            .flat_map(|(id, passage)| passage.visits.iter().map(move |visit| (*id, visit)))
            .filter(move |(_, visit)| visit.node == node && is_of(visit, which))
    }
}

fn is_of(visit: &Visit, which: wire::Visits) -> bool {
    match which {
        wire::Visits::All => true,
        wire::Visits::Here => visit.left_at.is_none(),
        wire::Visits::Failed => visit.has_failed,
        wire::Visits::Breached => visit.is_breached,
    }
}

/// The sum of passages as clients read it.
pub(crate) fn shown(flow: &Flow) -> (Vec<NodeFlow>, Vec<EdgeFlow>) {
    let nodes = flow.nodes().map(|(node, figures)| {
        let (median_ms, p90_ms) = figures.median_and_p90_ms();
        NodeFlow {
            node: node.to_owned(),
            visits: figures.visits,
            here: figures.here,
            failing: figures.failing,
            failed: figures.failed,
            breached: figures.breached,
            median_ms,
            p90_ms,
        }
    });
    let edges = flow.edges().map(|(edge, passed)| EdgeFlow { edge: edge.to_owned(), passed });
    (nodes.collect(), edges.collect())
}
