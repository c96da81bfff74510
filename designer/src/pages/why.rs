//! Why a journey started for an account, or did not: what stood in the way first, the values seen, the least that would have to change.

use super::{account_search::AccountSearch, id_in_path, moment};
use crate::{
    api,
    load::load,
    messages::t,
    parts::{Empty, Icon, PageHead},
    words::{sentence, shown, spoken},
};
use journey::expr::{Explanation, explain::Clause};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use serde_json::{Map, Value};
use wire::{Account, AccountRef, JourneySummary, Mode, Reaction, Why, WhyFailing, WhyTrigger};

/// The journey in the address, and the account its query names.
#[component]
pub(crate) fn WhyPage() -> impl IntoView {
    let (id, query) = (id_in_path(), use_query_map());
    let account = Memo::new(move |_| query.read().get("account").unwrap_or_default());
    let held = load(move || {
        let (id, account) = (id.get(), account.get());
        async move {
            let journey: JourneySummary = api::get(&format!("/journeys/{id}")).await?;
            if account.is_empty() {
                return Ok((journey, None));
            }
            let account = api::encoded(&account);
            let why: Why = api::get(&format!("/journeys/{id}/why?account={account}")).await?;
            let account: Account = api::get(&format!("/accounts/{account}")).await?;
            Ok((journey, Some((account, why))))
        }
    });
    view! {
        <div class="page" data-page="why">
            {held.show(move |(journey, why)| view! {
                <PageHead title=t!("Why did “{journey}” start, or not?", journey = journey.name) back=("/journeys", t!("Journeys"))>
                    <a class="button" href=format!("/journeys/{}", journey.id)>{t!("Open the drawing")}</a>
                </PageHead>
                {match why {
                    Some((account, why)) => view! { <About account id/><Answer why/> }.into_any(),
                    None => view! { <ChooseAccount id/> }.into_any(),
                }}
            })}
        </div>
    }
}

/// The account that is answered for, and the way to ask for another.
#[component]
fn About(account: Account, id: Memo<String>) -> impl IntoView {
    let asking = RwSignal::new(false);
    view! {
        <div class="bar" data-field="account">
            <h2><a href=format!("/accounts/{}", account.id)>{account.name}</a></h2>
            <span class="muted mono">{account.external_id}</span>
            <button class="button spring" type="button" data-action="other-account" aria-expanded=move || asking.get().to_string() on:click=move |_| asking.update(|asking| *asking = !*asking)>{t!("Another account")}</button>
        </div>
        <Show when=move || asking.get()><ChooseAccount id/></Show>
    }
}

#[component]
fn ChooseAccount(id: Memo<String>) -> impl IntoView {
    let chosen = RwSignal::new(None::<AccountRef>);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(account) = chosen.get() {
            let to = format!(
                "/journeys/{}/why?account={}",
                id.get_untracked(),
                api::encoded(&account.id)
            );
            navigate(&to, NavigateOptions::default());
        }
    });
    view! {
        <section class="card" aria-labelledby="why-account">
            <header><h2 id="why-account">{t!("For which account?")}</h2></header>
            <div class="body"><AccountSearch chosen/></div>
        </section>
    }
}

#[component]
fn Answer(why: Why) -> impl IntoView {
    let triggers = why.triggers.into_iter().map(|trigger| view! { <Trigger trigger/> });
    view! {
        {why.sentence.map(|words| view! { <p class="notice"><Icon name="alert"/><span>{words}</span></p> })}
        {triggers.collect_view()}
        <Refusals refusals=why.refusals/>
    }
}

#[component]
fn Trigger(trigger: WhyTrigger) -> impl IntoView {
    let started = trigger.instance.is_some();
    let (tone, word) = match (trigger.open, started) {
        (true, true) => ("good", t!("Started")),
        (true, false) => ("accent", t!("Nothing stands in the way")),
        (false, _) => ("danger", t!("Did not start")),
    };
    let shadow = if trigger.mode == Mode::Shadow { ", which only watches" } else { "" };
    let instance = trigger.instance.map(|instance| {
        let at = trigger.fired_at.as_deref().map(moment).unwrap_or_default();
        view! { <p><a href=format!("/instances/{instance}") data-action="open-instance">{t!("The instance it started")}</a>" "{at}</p> }
    });
    view! {
        <section class="card" data-trigger=trigger.node.clone() data-open=trigger.open.to_string()>
            <header>
                <h2>{spoken(&trigger.kind)}": "{spoken(&trigger.node)}</h2>
                <span class=format!("chip spring {tone}")>{word}</span>
            </header>
            <div class="body stack">
                <p class="muted small">{t!("Version {version}{shadow}", version = trigger.version, shadow)}</p>
                {instance}
                {trigger.failing.map(|failing| view! { <Failing failing/> })}
                {trigger.when.map(|told| view! { <Clauses title=t!("The event’s condition") told/> })}
                {trigger.condition.map(|told| view! { <Clauses title=t!("Who may enter") told/> })}
            </div>
        </section>
    }
}

#[component]
fn Failing(failing: WhyFailing) -> impl IntoView {
    let facts: Map<String, Value> = failing.facts.as_object().cloned().unwrap_or_default();
    let pairs =
        facts.iter().map(|(name, value)| view! { <dt>{name.clone()}</dt><dd>{shown(value)}</dd> });
    let pairs = pairs.collect_view();
    view! {
        <p data-code=failing.code><strong>{sentence(&failing.sentence)}</strong></p>
        {failing.change.map(|change| view! { <p class="notice" data-field="change"><Icon name="next"/><span>{sentence(&change)}</span></p> })}
        {(!facts.is_empty()).then(|| view! { <dl class="pairs">{pairs}</dl> })}
    }
}

/// A condition clause by clause, each with what it read.
#[component]
fn Clauses(title: &'static str, told: Explanation) -> impl IntoView {
    let row = |clause: &Clause| {
        let (icon, tone) =
            if clause.holds == Some(true) { ("check", "good") } else { ("cross", "danger") };
        let word = if clause.holds == Some(true) { t!("Holds:") } else { t!("Does not hold:") };
        let reads: Vec<String> = clause
            .reads
            .iter()
            .map(|read| t!("{path} is {value}", path = read.path, value = read.shown))
            .collect();
        let error = clause.error.clone();
        view! {
            <li class=format!("clause {tone}")>
                <Icon name=icon/>
                <span><span class="unseen">{word}</span>" "<code>{clause.text.clone()}</code>
                    <span class="sub">{reads.join(", ")}</span>
                    {error.map(|error| view! { <span class="sub">{sentence(&error)}</span> })}
                </span>
            </li>
        }
    };
    view! {
        <h3>{title}</h3>
        <ul class="clauses">{told.clauses.iter().map(row).collect_view()}</ul>
    }
}

/// What was written down when the account was kept out.
#[component]
fn Refusals(refusals: Vec<Reaction>) -> impl IntoView {
    let row = |refusal: Reaction| {
        view! {
            <li class="row">
                <span class="grow">
                    <strong>{sentence(refusal.sentence.as_deref().unwrap_or(&refusal.kind))}</strong>
                    <span class="sub">{spoken(&refusal.node)}" · "{moment(&refusal.at)}</span>
                </span>
            </li>
        }
    };
    let empty = refusals.is_empty();
    view! {
        <section class="card" aria-labelledby="why-refusals">
            <header><h2 id="why-refusals">{t!("When it was kept out")}</h2></header>
            {if empty {
                view! { <Empty icon="check" title=t!("Never so far") text=t!("When a trigger fires and the account may not enter, it is written down here.")/> }.into_any()
            } else {
                view! { <ul class="rows">{refusals.into_iter().map(row).collect_view()}</ul> }.into_any()
            }}
        </section>
    }
}
