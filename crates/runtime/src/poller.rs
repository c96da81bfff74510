//! Finds due work that nobody holds: timers whose time has come, what found no room, and what a process that is gone left behind. It
//! takes from all lanes in turn, and passes by those whose connection must not be called now.

use crate::{
    fairness::{self, Rooms},
    hands, limits,
    runtime::Inner,
};
use journey::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use store::{
    Failure, LeaseId,
    planted::{Mistake, makes},
    work::{Claimed, Lane, WorkKey},
};

/// What a look at the store found.
enum Found {
    /// As much as there was room for; there may be more.
    Plenty,
    /// All there is; the next is due then.
    Next(Option<Timestamp>),
}

/// Whose turn it is.
#[derive(Default)]
pub(crate) struct Turns {
    /// Where the next look at the lanes begins, when there are more than one look takes in.
    after: Option<Lane>,
    /// The lane that gave last.
    last: Option<Lane>,
    /// When work was claimed last.
    claimed_at: Timestamp,
}

/// Runs until it is aborted. Waking it early is a hint; its own rhythm is the guarantee.
pub(crate) async fn run(inner: Arc<Inner>) {
    let mut turns = Turns::default();
    loop {
        match round(&inner, &mut turns).await {
            Ok(Found::Plenty) => {}
            Ok(Found::Next(next)) => rest(&inner, next).await,
            Err(failure) => {
                tracing::warn!(error = %failure, "due work not claimed; trying again");
                tokio::time::sleep(Duration::from_millis(limits::POLL_PAUSE_MS)).await;
            }
        }
    }
}

/// Takes up some of what is due; whether there was any.
pub(crate) async fn once(inner: &Arc<Inner>, turns: &mut Turns) -> Result<bool, Failure> {
    Ok(matches!(round(inner, turns).await?, Found::Plenty))
}

async fn round(inner: &Arc<Inner>, turns: &mut Turns) -> Result<Found, Failure> {
    let early = if makes(Mistake::EarlyTimer) { 86_400_000 } else { 0 };
    let now = inner.clock.now().plus(early);
    give_back(inner, now).await?;
    if inner.holds_back() {
        return Ok(Found::Next(None));
    }
    inner.read_connections_again(now).await?;
    let next = inner.store.next_due().await?;
    if next.is_none_or(|next| next > now) {
        mark_behind(inner, &BTreeSet::new());
        return Ok(Found::Next(next));
    }
    if inner.hands.free() == 0 {
        inner.hands.mark_full();
        return Ok(Found::Next(None));
    }
    let lanes = inner.store.lanes(turns.after.as_ref(), store::limits::LANES).await?;
    turns.after = (lanes.len() >= store::limits::LANES as usize)
        .then(|| lanes.last().map(|(lane, _)| lane.clone()))
        .flatten();
    let due = lanes.iter().filter(|(_, at)| *at <= now);
    inner.know_connections(due.filter_map(|(lane, _)| lane.connection()), now).await?;
    let (from, next) = choose(inner, turns, &lanes, now);
    let Some((last, _)) = from.last() else { return Ok(Found::Next(next)) };
    turns.last = Some(last.clone());
    turns.claimed_at = now;
    let lease = inner.lease(now);
    let claimed = inner.store.claim(now, lease, &from).await;
    let claimed = claimed.inspect_err(|failure| inner.hands.unheard.add(lease.id, failure))?;
    let all = claimed.len();
    let crowded: Vec<_> = claimed.into_iter().filter_map(|job| begin(inner, job, now)).collect();
    let none_began = crowded.len() == all;
    inner.hands.goes_back(crowded);
    give_back(inner, now).await?;
    if none_began {
        // Others were quicker, or another server has it: there will be room for it, or none of it left, in a moment.
        inner.hands.mark_full();
        return Ok(Found::Next(Some(now.plus(limits::CONNECTION_FULL_MS))));
    }
    Ok(Found::Plenty)
}

/// How much is taken from which lanes now; when there is nothing to take, when there may be.
fn choose(
    inner: &Arc<Inner>,
    turns: &Turns,
    lanes: &[(Lane, Timestamp)],
    now: Timestamp,
) -> (Vec<(Lane, u32)>, Option<Timestamp>) {
    let (hands, mut ways) = (&inner.hands, BTreeMap::new());
    let (mut due, mut times, mut behind) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (lane, at) in lanes {
        if *at > now {
            times.push(*at);
            continue;
        }
        let way = hands::way(lane);
        due.push((way, lane));
        let Some(way) = way else { continue };
        if *at < turns.claimed_at {
            behind.insert(way);
        }
        let room = || hands.gates.get(way).map_or(0, |gate| gate.room(now));
        ways.entry(way).or_insert_with(room);
    }
    mark_behind(inner, &behind);
    for (way, _) in ways.iter().filter(|(_, room)| **room == 0) {
        times.extend(hands.gates.get(way).and_then(|gate| gate.opens(now)));
    }
    let all = hands.free().min(limits::CLAIM as usize);
    let mut rooms = Rooms { all, outside: hands.free_outside(), ways };
    let from = fairness::allot(&due, turns.last.as_ref(), &mut rooms);
    if from.is_empty() {
        hands.mark_full();
    }
    (from, times.into_iter().min())
}

/// Notes of which connections more waits in the store since before the last look: what is new waits behind it.
fn mark_behind(inner: &Arc<Inner>, behind: &BTreeSet<&str>) {
    for (name, gate) in inner.hands.gates.all() {
        gate.mark_behind(behind.contains(name.as_str()));
    }
}

/// Begins claimed work, or gives it back when there is no place for it after all.
fn begin(inner: &Arc<Inner>, job: Claimed, now: Timestamp) -> Option<(WorkKey, LeaseId)> {
    if inner.hands.renew(&job) {
        return None;
    }
    let Some(seat) = inner.hands.seat_in_turn(&job.job, now) else {
        return Some((job.key, job.lease));
    };
    inner.begin(job, seat);
    None
}

/// Brings back to the store what must not be done now, and what it may take for claimed though nobody does it.
async fn give_back(inner: &Arc<Inner>, now: Timestamp) -> Result<(), Failure> {
    let unheard = inner.hands.unheard.due();
    if !unheard.is_empty() {
        inner.store.free(&unheard, now).await?;
        inner.hands.unheard.freed(&unheard);
    }
    let back = inner.hands.take_back();
    if back.is_empty() {
        return Ok(());
    }
    let released = inner.store.release(&back, now).await;
    if released.is_err() {
        inner.hands.goes_back(back);
    }
    released
}

async fn rest(inner: &Arc<Inner>, next: Option<Timestamp>) {
    let poll = inner.clock.now().plus(limits::POLL_MS);
    let until = next.map_or(poll, |next| next.min(poll));
    tokio::select! {
        // In this order, so that the same happens whenever a life is lived again.
        biased;
        () = inner.sleep_until(until, limits::POLL_MS) => {}
        () = inner.wake.notified() => {}
    }
}
