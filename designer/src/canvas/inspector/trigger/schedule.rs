//! When a schedule comes: by choosing days and a time, or by a rule as it is written.

use super::super::{
    controls::NameField,
    field::{Choices, Optional, Picker, Place, SelectField, TextField},
    names::words,
};
use crate::{
    editor::rrule::{DAYS, Plan, Rhythm, read_time},
    messages::{t, text},
    zones,
};
use leptos::prelude::*;
use serde_json::json;

const RULE: &str = "/on/rrule";

#[component]
pub(super) fn ScheduleFields(place: Place) -> impl IntoView {
    let missed = words([
        ("once", text!("run once, for the last of them")),
        ("skip", text!("leave them out")),
        ("all", text!("run each of them")),
    ]);
    let known = Signal::stored(zones::all());
    view! {
        <PlanFields place/>
        <TextField
            place
            label=t!("Rule as it is written")
            pointer=RULE
            code=true
            example=t!("FREQ=MONTHLY;BYDAY=1MO;BYHOUR=9")
            hint=t!("An iCalendar recurrence rule (RFC 5545), for whatever the choices above cannot say.")
        />
        <NameField place label=t!("Time zone") pointer="/on/timezone" known example=t!("Europe/Berlin")/>
        <SelectField
            place
            label=t!("Times that were missed")
            pointer="/on/missed"
            choices=Signal::stored(missed)
            unsaid="once"
            hint=t!("While the server was away.")
        />
        <TextField
            place
            label=t!("For each account of")
            pointer="/on/for_each"
            optional=Optional::Yes
            example=t!("enterprise")
            hint=t!("A segment; without one it starts once, for no account.")
        />
    }
}

#[component]
fn PlanFields(place: Place) -> impl IntoView {
    let plan = Memo::new(move |_| Plan::read(&place.text(RULE)));
    let rhythm = Memo::new(move |_| {
        let word = plan.with(|plan| match plan.as_ref().map(|plan| &plan.rhythm) {
            Some(Rhythm::Daily) => "daily",
            Some(Rhythm::Weekly(_)) => "weekly",
            Some(Rhythm::Monthly(_)) => "monthly",
            None => "rule",
        });
        word.to_owned()
    });
    let write = move |plan: &Plan| place.set(RULE, Some(json!(plan.write())));
    let pick = Callback::new(move |picked: String| {
        let at = plan.get_untracked().map_or((9, 0), |plan| plan.at);
        let rhythm = match picked.as_str() {
            "daily" => Rhythm::Daily,
            "weekly" => Rhythm::Weekly(vec![0, 1, 2, 3, 4]),
            "monthly" => Rhythm::Monthly(1),
            _ => return,
        };
        write(&Plan { rhythm, at });
    });
    let choices = Signal::derive(move || {
        let mut all: Choices = words([
            ("daily", text!("every day")),
            ("weekly", text!("on days of the week")),
            ("monthly", text!("once a month")),
        ]);
        if rhythm.get() == "rule" {
            all.push(("rule".to_owned(), t!("by the rule below").to_owned()));
        }
        all
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("Comes")}</span>
            <Picker value=rhythm choices field="/on/rrule/rhythm" on_pick=pick/>
        </label>
        {move || match rhythm.get().as_str() {
            "weekly" => view! { <WeekDays place plan/> }.into_any(),
            "monthly" => view! { <MonthDay place plan/> }.into_any(),
            _ => ().into_any(),
        }}
        <Show when=move || plan.with(Option::is_some)>
            <TimeOfDay place plan/>
        </Show>
    }
}

#[component]
fn WeekDays(place: Place, plan: Memo<Option<Plan>>) -> impl IntoView {
    let chosen = move || {
        plan.with(|plan| match plan.as_ref().map(|plan| &plan.rhythm) {
            Some(Rhythm::Weekly(days)) => days.clone(),
            _ => Vec::new(),
        })
    };
    let toggle = move |day: usize| {
        let Some(plan) = plan.get_untracked() else { return };
        let mut days = untrack(chosen);
        match days.iter().position(|other| *other == day) {
            // A week without any day is no schedule.
            Some(at) if days.len() > 1 => drop(days.remove(at)),
            Some(_) => {}
            None => days.push(day),
        }
        days.sort_unstable();
        place.set(RULE, Some(json!(Plan { rhythm: Rhythm::Weekly(days), ..plan }.write())));
    };
    let days = DAYS.iter().enumerate().map(|(day, (_, name))| {
        view! {
            <label class="jc-day">
                <input
                    type="checkbox"
                    data-field=format!("/on/rrule/day/{day}")
                    prop:checked=move || chosen().contains(&day)
                    on:change=move |_| toggle(day)
                />
                {name.said()}
            </label>
        }
    });
    view! { <div class="jc-days" role="group" aria-label=t!("Days of the week")>{days.collect_view()}</div> }
}

#[component]
fn MonthDay(place: Place, plan: Memo<Option<Plan>>) -> impl IntoView {
    let day = Memo::new(move |_| {
        plan.with(|plan| match plan.as_ref().map(|plan| &plan.rhythm) {
            Some(Rhythm::Monthly(day)) => day.to_string(),
            _ => String::new(),
        })
    });
    let mut choices: Choices =
        (1..=31).map(|day| (day.to_string(), t!("the {day}.", day))).collect();
    choices.push(("-1".to_owned(), t!("the last day").to_owned()));
    let pick = Callback::new(move |picked: String| {
        let plan = plan.get_untracked();
        if let (Some(plan), Ok(day)) = (plan, picked.parse()) {
            let plan = Plan { rhythm: Rhythm::Monthly(day), ..plan };
            place.set(RULE, Some(json!(plan.write())));
        }
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("On")}</span>
            <Picker value=day choices=Signal::stored(choices) field="/on/rrule/month_day" on_pick=pick/>
        </label>
    }
}

#[component]
fn TimeOfDay(place: Place, plan: Memo<Option<Plan>>) -> impl IntoView {
    let time =
        Memo::new(move |_| plan.with(|plan| plan.as_ref().map(Plan::time).unwrap_or_default()));
    let write = move |typed: String| {
        if let (Some(plan), Some(at)) = (plan.get_untracked(), read_time(&typed)) {
            place.set(RULE, Some(json!(Plan { at, ..plan }.write())));
        }
    };
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("At")}</span>
            <input
                class="jc-control"
                type="time"
                data-field="/on/rrule/time"
                prop:value=move || time.get()
                on:input:target=move |event| write(event.target().value())
            />
        </label>
    }
}
