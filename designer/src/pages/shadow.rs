//! What a shadow version would have done: row by row, judged by people, and made live when it is right.

mod judge;
mod promote;

use super::{id_in_path, moment};
use crate::{
    app::SignedIn,
    live::live,
    load::{Loaded, read},
    messages::{Text, t, text},
    pages::{
        address,
        paging::{Pager, Turned},
    },
    parts::{Dialog, Empty, PageHead},
    words::{grouped, spoken, with_moments},
};
use judge::Judge;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use promote::PromoteForm;
use wire::{Page, Role, Tally, WouldHave};

/// How many rows a page has.
const ROWS: u32 = 50;

/// The kinds of what it would have done, and their words.
const KINDS: [(&str, Text); 7] = [
    ("started", text!("Starts")),
    ("call", text!("Calls of connectors")),
    ("task", text!("Tasks")),
    ("message", text!("Messages")),
    ("write", text!("Writes to accounts")),
    ("notice", text!("Notices")),
    ("child", text!("Sub-journeys")),
];

/// What a person can think of a row, and the words for it.
const MARKS: [(&str, Text); 4] = [
    ("unmarked", text!("Not judged")),
    ("right", text!("Right")),
    ("wrong", text!("Wrong")),
    ("dont_care", text!("Don’t care")),
];

/// The list of the shadow version in the address.
#[component]
pub(crate) fn ShadowPage() -> impl IntoView {
    let (id, params) = (id_in_path(), use_params_map());
    let number = Memo::new(move |_| params.read().get("number").unwrap_or_default());
    let base = Memo::new(move |_| format!("/journeys/{}/versions/{}", id.get(), number.get()));
    let (kind, mark, account) =
        (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (live, turned) = (live(), expect_context::<Turned>());
    let list = Memo::new(move |_| {
        let path = format!("{}/would-have?limit={ROWS}", base.get());
        let (kind, mark, account) = (kind.get(), mark.get(), account.get());
        address(&path, &[("kind", &kind), ("mark", &mark), ("account", &account)])
    });
    let rows = read::<Page<WouldHave>>(move || {
        live.instances.track();
        turned.page(&list.get())
    });
    let tally = read::<Tally>(move || {
        live.instances.track();
        format!("{}/would-have/summary", base.get())
    });
    let promoting = RwSignal::new(false);
    let draws =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member);
    let title =
        Signal::derive(move || t!("What version {number} would have done", number = number.get()));
    view! {
        <div class="page" data-page="shadow">
            <PageHead title back=("/journeys", t!("Journeys"))>
                <a class="button" href=move || format!("/journeys/{}", id.get())>{t!("Open the drawing")}</a>
                {draws.then(|| view! { <button class="button primary" type="button" data-action="promote" on:click=move |_| promoting.set(true)>{t!("Make it live")}</button> })}
            </PageHead>
            {tally.show(|tally| view! { <Tiles tally/> })}
            <div class="bar">
                <Choice name="kind" label=t!("Kind") all=t!("All kinds") choices=&KINDS value=kind/>
                <Choice name="mark" label=t!("Judged") all=t!("All") choices=&MARKS value=mark/>
                <div class="field">
                    <label for="field-account">{t!("Account")}</label>
                    <input class="input" id="field-account" placeholder=t!("Id or external id") on:change:target=move |event| account.set(event.target().value())/>
                </div>
            </div>
            <section class="card" aria-label=t!("What it would have done")>
                {rows.show(move |page| view! { <Rows page list base=base.get() tally/> })}
            </section>
            <Dialog open=promoting title=t!("Make this version live") name="promote"><PromoteForm base id/></Dialog>
        </div>
    }
}

#[component]
fn Tiles(tally: Tally) -> impl IntoView {
    let tile = |label: &'static str, count: u64| {
        view! { <div class="card tile"><span class="label">{label}</span><span class="figure">{grouped(count)}</span></div> }
    };
    let marked = |name: &str| tally.marks.get(name).copied().unwrap_or_default();
    view! {
        <div class="tiles" data-field="tally">
            {tile(t!("All"), tally.total)}
            {MARKS.map(|(name, label)| tile(label.said(), marked(name))).collect_view()}
        </div>
    }
}

#[component]
fn Choice(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    choices: &'static [(&'static str, Text)],
    value: RwSignal<String>,
) -> impl IntoView {
    let id = format!("field-{name}");
    let options =
        choices.iter().map(|(value, words)| view! { <option value=*value>{words.said()}</option> });
    view! {
        <div class="field">
            <label for=id.clone()>{label}</label>
            <select class="input" id=id prop:value=move || value.get() on:change:target=move |event| value.set(event.target().value())>
                <option value="">{all}</option>
                {options.collect_view()}
            </select>
        </div>
    }
}

#[component]
fn Rows(
    page: Page<WouldHave>,
    list: Memo<String>,
    base: String,
    tally: Loaded<Tally>,
) -> impl IntoView {
    if page.items.is_empty() {
        return view! { <Empty icon="check" title=t!("Nothing here") text=t!("What this version would have done appears here as its triggers fire.")/> }.into_any();
    }
    let count = page.items.len();
    let base = StoredValue::new(base);
    let row = move |row: WouldHave| view! { <Row row base tally/> };
    view! {
        <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul>
        <Pager list=list.get_untracked() full=ROWS rows=count next=page.next_cursor/>
    }
    .into_any()
}

#[component]
fn Row(row: WouldHave, base: StoredValue<String>, tally: Loaded<Tally>) -> impl IntoView {
    let account = row.account.map(
        |account| view! { <a href=format!("/accounts/{}", account.id)>{account.name}</a>" · " },
    );
    let body = serde_json::to_string_pretty(&row.body).unwrap_or_default();
    view! {
        <li class="row would-have" data-row=row.id.clone() data-kind=row.kind.clone()>
            <span class="grow">
                <strong>{with_moments(&row.summary, moment)}</strong>
                <span class="sub">
                    {account}
                    <a href=format!("/instances/{}", row.instance)>{spoken(&row.node)}</a>
                    " · "{moment(&row.at)}
                </span>
                <details><summary>{t!("All that was asked")}</summary><pre>{body}</pre></details>
            </span>
            <span class="chip">{spoken(&row.kind)}</span>
            <Judge path=format!("{}/would-have/{}/mark", base.get_value(), row.id) marked=row.marked tally/>
        </li>
    }
}
