//! Lets it happen again.

use crate::{
    Past, Progress, Question, Unanswered,
    answer::{Answer, Asked, Sums},
    limits,
    past::{Happened, What, read, set},
    recall::within,
};
use journey::Timestamp;
use runtime::{JoinError, Opener, Paced, StartError, StartRequest, Which};
use std::{sync::Arc, vec::IntoIter};
use store::{
    Accounts, Events, JourneyId, Journeys, Memory, Store,
    events::{ACCOUNT_CHANGED, NewEvent},
    journeys::{Mode, NewVersion, Published},
};

/// From what the ids of a back-test are made; the same each time, so that it comes to the same.
const SEED: u64 = 1;

/// Lets happen again what is remembered, under the draft, and says what came of it. It works on the thread that asks, which should be one
/// of its own.
///
/// # Errors
///
/// The draft cannot be run, it takes too much, or it was stopped.
pub fn relive(past: Past, progress: &Progress) -> Result<Answer, Unanswered> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    let runtime = runtime.map_err(|_| Unanswered::Broken("have a thread of its own"))?;
    runtime.block_on(live(past, progress))
}

async fn live(past: Past, progress: &Progress) -> Result<Answer, Unanswered> {
    let Past { question, accounts, came_later, happened, around } = past;
    let all = happened.len() as u64;
    let Question { from, to, .. } = question;
    let asked = Asked { from, to, accounts: accounts.len() as u64, came_later };
    let store = Arc::new(Memory::new(SEED));
    let shared: Arc<dyn Store> = Arc::<Memory>::clone(&store);
    let paced = Paced::begin(shared, from).await.map_err(not_begun)?;
    around.fill(&store, from).await?;
    for account in accounts {
        store.stand_account(account);
    }
    let tried = publish(&store, question).await?;
    let sums = Sums::default();
    let mut life = Life { store, paced, tried, sums, progress };
    life.run(happened.into_iter(), to).await?;
    let mut sums = life.sums;
    for left in life.store.take_unfinished() {
        sums.add(tried.0, left);
    }
    Ok(sums.answer(&asked, all))
}

fn not_begun(error: JoinError) -> Unanswered {
    match error {
        JoinError::Failure(failure) => failure.into(),
        JoinError::OtherKey { .. } | JoinError::Full(_) => {
            Unanswered::Broken("have a workspace of its own")
        }
    }
}

/// Publishes the draft as a shadow: from now on its triggers are listed.
async fn publish(store: &Memory, question: Question) -> Result<(JourneyId, u64), Unanswered> {
    let Question { journey, draft, from, .. } = question;
    if let Err(errors) = journey::reopen(&draft) {
        let first = errors.into_iter().next().map(|error| error.message);
        return Err(Unanswered::Draft(first.unwrap_or_default()));
    }
    let id = journey.unwrap_or_else(|| store.ids().journey(from, store.ids().any_slot()));
    store.stand_journey(id, draft.clone(), from);
    let version = NewVersion {
        draft,
        revision: 1,
        mode: Mode::Shadow,
        note: String::new(),
        by: String::new(),
        review: None,
    };
    match store.publish(id, &version, from).await? {
        Some(Published::Version { number, .. }) => Ok((id, number)),
        Some(Published::LostRace { .. }) | None => {
            Err(Unanswered::Broken("publish in a workspace of its own"))
        }
    }
}

/// A time that is lived again.
struct Life<'a> {
    store: Arc<Memory>,
    paced: Paced,
    /// The journey that is tried, and its version.
    tried: (JourneyId, u64),
    sums: Sums,
    progress: &'a Progress,
}

impl Life<'_> {
    /// Lets everything happen that is before the end, each in its time.
    async fn run(&mut self, happened: IntoIter<Happened>, to: Timestamp) -> Result<(), Unanswered> {
        let mut happened = happened.peekable();
        let mut idle = 0;
        loop {
            self.progress.goes_on()?;
            self.paced.settle().await?;
            self.gather();
            within("instances under way at once", self.store.under_way(), limits::UNDER_WAY)?;
            let (now, due) = (self.paced.now(), self.paced.next().await?);
            let next = due.into_iter().chain(happened.peek().map(|one| one.at)).min();
            let Some(next) = next.filter(|next| *next < to) else { return Ok(()) };
            idle = if next > now || happened.peek().is_some_and(|one| one.at <= now) {
                0
            } else {
                idle + 1
            };
            if idle > limits::IDLE {
                return Err(Unanswered::Stuck(now));
            }
            if self.paced.transactions() > limits::TRANSACTIONS {
                return Err(Unanswered::TooMuch { what: "steps", limit: limits::TRANSACTIONS });
            }
            self.paced.come_to(next);
            while let Some(one) = happened.next_if(|one| one.at <= next) {
                self.bring(one.what).await?;
                self.progress.one_more();
            }
        }
    }

    async fn bring(&mut self, what: What) -> Result<(), Unanswered> {
        match what {
            What::Event(remembered) => self.bring_event(remembered.again()?).await,
            What::Start { trigger, account, input } => {
                let request = StartRequest {
                    journey: self.tried.0,
                    version: Which::Number(self.tried.1),
                    trigger: Some(trigger),
                    account: account.map(|account| account.to_string()),
                    input: read(&input)?,
                    dedupe_key: None,
                    // What someone outside is told is written down.
                    opener: Opener::Hook(String::new()),
                };
                match self.paced.start(request).await {
                    Err(StartError::Failure(failure)) => Err(failure.into()),
                    _ => Ok(()),
                }
            }
        }
    }

    async fn bring_event(&self, event: NewEvent) -> Result<(), Unanswered> {
        if event.kind == ACCOUNT_CHANGED {
            self.change(&event).await?;
        }
        self.store.accept(&[event], self.paced.now()).await?;
        Ok(())
    }

    /// The account is as the event says from now on.
    async fn change(&self, event: &NewEvent) -> Result<(), Unanswered> {
        let Some(account) = event.account else { return Ok(()) };
        let Some(mut account) = self.store.account(account).await? else { return Ok(()) };
        for (member, _, after) in event.changes() {
            set(&mut account, member, after);
        }
        account.updated_at = self.paced.now();
        self.store.stand_account(account);
        Ok(())
    }

    /// Takes out of the workspace what is over, so that it does not grow with the time.
    fn gather(&mut self) {
        for left in self.store.take_finished() {
            self.sums.add(self.tried.0, left);
        }
        for reaction in self.store.take_reactions() {
            self.sums.add_reaction(self.tried.0, reaction);
        }
        self.store.forget_dispatched();
    }
}
