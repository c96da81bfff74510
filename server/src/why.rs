//! Why a journey started for an account or did not, as the interface and the command line show it.

use store::{Failure, JourneyId, Paging, Store, accounts::Account};
use wire::{Mode, Why, WhyFailing, WhyTrigger};

use crate::http::events::show_reaction;

/// Refusals shown beside the explanation.
const REFUSALS: u32 = 20;

/// The explanation with what was written down beside it.
pub(crate) async fn complete(
    store: &dyn Store,
    journey: JourneyId,
    account: &Account,
    triggers: Vec<runtime::Why>,
) -> Result<Why, Failure> {
    let of_account = store.refusals(journey, Some(account.id), Paging::first(REFUSALS)).await?;
    let of_nobody = store.refusals(journey, None, Paging::first(REFUSALS)).await?;
    let mut refusals: Vec<_> = of_account.items.into_iter().chain(of_nobody.items).collect();
    refusals.sort_by_key(|one| std::cmp::Reverse(one.id));
    let refusals = refusals.into_iter().take(REFUSALS as usize).map(show_reaction);
    let sentence = triggers
        .is_empty()
        .then(|| "The journey has no live version, so nothing starts it; publish it.".to_owned());
    Ok(Why {
        journey: journey.to_string(),
        account: account.id.to_string(),
        sentence,
        triggers: triggers.into_iter().map(show).collect(),
        refusals: refusals.collect(),
    })
}

fn show(why: runtime::Why) -> WhyTrigger {
    WhyTrigger {
        version: why.trigger.version,
        mode: match why.mode {
            store::journeys::Mode::Live => Mode::Live,
            store::journeys::Mode::Shadow => Mode::Shadow,
        },
        node: why.trigger.node,
        kind: why.kind.word().to_owned(),
        open: why.failing.is_none(),
        event: why.event.map(|event| event.to_string()),
        instance: why.fired.map(|fired| fired.instance.to_string()),
        fired_at: why.fired.map(|fired| fired.at.to_rfc3339()),
        failing: why.failing.map(|failing| WhyFailing {
            code: failing.reason.code,
            sentence: failing.reason.sentence,
            facts: failing.reason.facts,
            change: failing.change,
        }),
        when: why.when,
        condition: why.condition,
    }
}

/// The explanation as lines for a person.
pub(crate) fn tell(why: &Why) -> String {
    let mut lines: Vec<String> = why.sentence.iter().cloned().collect();
    for trigger in &why.triggers {
        let mode = match trigger.mode {
            Mode::Live => "",
            Mode::Shadow => " (shadow)",
        };
        let head = format!("{} {}, version {}{mode}", trigger.kind, trigger.node, trigger.version);
        lines.push(match (&trigger.failing, &trigger.instance) {
            (None, Some(instance)) => format!("{head}: started {instance}"),
            (None, None) => format!("{head}: nothing stands in the way"),
            (Some(failing), _) => format!("{head}: did not start. {}", failing.sentence),
        });
        let Some(failing) = &trigger.failing else { continue };
        for (name, value) in failing.facts.as_object().into_iter().flatten() {
            lines.push(format!("  {name} is {value}"));
        }
        lines.extend(failing.change.iter().map(|change| format!("  {change}")));
    }
    lines.join("\n")
}
