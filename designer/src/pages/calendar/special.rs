//! The days on which a calendar is not as in any other week.

use crate::{
    messages::t,
    parts::Icon,
    words::hours::{Written, WrittenDay},
};
use journey::calendar::Holiday;
use leptos::prelude::*;

/// The days it stays closed.
#[component]
pub(super) fn Holidays(written: RwSignal<Written>) -> impl IntoView {
    let count = Memo::new(move |_| written.with(|written| written.holidays.len()));
    let add = move |_| {
        let empty = Holiday { date: String::new(), name: String::new() };
        written.update(|written| written.holidays.push(empty));
    };
    let row = move |at: usize| {
        let of = move |read: fn(&Holiday) -> &String| {
            Memo::new(move |_| {
                written
                    .with(|written| written.holidays.get(at).map(read).cloned().unwrap_or_default())
            })
        };
        let write = move |put: fn(&mut Holiday, String)| {
            Callback::new(move |typed| {
                written.update(|written| {
                    if let Some(day) = written.holidays.get_mut(at) {
                        put(day, typed);
                    }
                });
            })
        };
        view! {
            <li class="special" data-row=format!("holiday-{at}")>
                <Cell input="date" label=t!("Date of holiday {number}", number = at + 1) value=of(|day| &day.date) on_input=write(|day, typed| day.date = typed)/>
                <Cell input="text" label=t!("Name of holiday {number}", number = at + 1) value=of(|day| &day.name) on_input=write(|day, typed| day.name = typed)/>
                <Remove on_remove=Callback::new(move |()| written.update(|written| drop(written.holidays.remove(at))))/>
            </li>
        }
    };
    view! {
        <section class="card" aria-labelledby="calendar-holidays">
            <header><h2 id="calendar-holidays">{t!("Holidays")}</h2></header>
            <div class="body stack">
                <ul class="stack">{move || (0..count.get()).map(row).collect_view()}</ul>
                <div class="actions"><button class="button" type="button" data-action="add-holiday" on:click=add><Icon name="plus"/>{t!("Add a holiday")}</button></div>
            </div>
        </section>
    }
}

/// The days with hours of their own.
#[component]
pub(super) fn Exceptions(written: RwSignal<Written>) -> impl IntoView {
    let count = Memo::new(move |_| written.with(|written| written.exceptions.len()));
    let add = move |_| written.update(|written| written.exceptions.push(WrittenDay::default()));
    let row = move |at: usize| {
        let of = move |read: fn(&WrittenDay) -> &String| {
            Memo::new(move |_| {
                written.with(|written| {
                    written.exceptions.get(at).map(read).cloned().unwrap_or_default()
                })
            })
        };
        let write = move |put: fn(&mut WrittenDay, String)| {
            Callback::new(move |typed| {
                written.update(|written| {
                    if let Some(day) = written.exceptions.get_mut(at) {
                        put(day, typed);
                    }
                });
            })
        };
        view! {
            <li class="special" data-row=format!("exception-{at}")>
                <Cell input="date" label=t!("Date of day {number}", number = at + 1) value=of(|day| &day.date) on_input=write(|day, typed| day.date = typed)/>
                <Cell input="text" label=t!("Name of day {number}", number = at + 1) value=of(|day| &day.name) on_input=write(|day, typed| day.name = typed)/>
                <Cell input="text" label=t!("Hours of day {number}", number = at + 1) value=of(|day| &day.hours) on_input=write(|day, typed| day.hours = typed)/>
                <Remove on_remove=Callback::new(move |()| written.update(|written| drop(written.exceptions.remove(at))))/>
            </li>
        }
    };
    view! {
        <section class="card" aria-labelledby="calendar-exceptions">
            <header><h2 id="calendar-exceptions">{t!("Days with other hours")}</h2></header>
            <div class="body stack">
                <ul class="stack">{move || (0..count.get()).map(row).collect_view()}</ul>
                <div class="actions"><button class="button" type="button" data-action="add-exception" on:click=add><Icon name="plus"/>{t!("Add a day")}</button></div>
            </div>
        </section>
    }
}

#[component]
fn Cell(
    input: &'static str,
    label: String,
    value: Memo<String>,
    on_input: Callback<String>,
) -> impl IntoView {
    let placeholder = label.split(' ').next().filter(|_| input == "text").map(str::to_owned);
    view! {
        <input
            class="input"
            type=input
            aria-label=label
            placeholder=placeholder
            prop:value=move || value.get()
            on:input:target=move |event| on_input.run(event.target().value())
        />
    }
}

#[component]
fn Remove(on_remove: Callback<()>) -> impl IntoView {
    view! {
        <button class="button quiet square" type="button" aria-label=t!("Remove") title=t!("Remove") on:click=move |_| on_remove.run(())>
            <Icon name="trash"/>
        </button>
    }
}
