//! The list of accounts: thousands of them, searched and paged by the server.

use super::account_search::{accounts_path, settled};
use crate::{
    api,
    live::live,
    load::load,
    parts::{Empty, Icon, PageHead},
    words::{count, spoken},
};
use leptos::prelude::*;
use serde::Deserialize;
use wire::Account;

const PER_PAGE: u32 = 50;

/// A page of accounts with how many there are in all.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Counted {
    items: Vec<Account>,
    next_cursor: Option<String>,
    #[serde(default)]
    total: Option<u64>,
}

/// Search, pages, and the number of accounts that match.
#[component]
pub(crate) fn AccountsPage() -> impl IntoView {
    let text = RwSignal::new(String::new());
    let search = settled(text.into());
    // The cursors of the pages before this one; the last is this page's own.
    let cursors = RwSignal::new(Vec::<String>::new());
    Effect::new(move |_| {
        search.track();
        cursors.set(Vec::new());
    });
    let live = live();
    let accounts = load(move || {
        live.accounts.track();
        let path = accounts_path(&search.get(), cursors.get().last().map(String::as_str), PER_PAGE);
        async move { api::get::<Counted>(&path).await }
    });
    let total = move || {
        accounts
            .ready()
            .and_then(|page| page.total)
            .map(|total| count(total, "account", "accounts"))
    };
    view! {
        <div class="page" data-page="accounts">
            <PageHead title="Accounts".to_owned() text="The customers journeys run for."/>
            <div class="bar">
                <div class="search">
                    <label class="unseen" for="field-search">"Search accounts"</label>
                    <Icon name="search"/>
                    <input class="input" id="field-search" type="search" placeholder="Search by name or external id" autocomplete="off" bind:value=text/>
                </div>
                <span class="muted number spring" role="status" data-field="total">{total}</span>
            </div>
            <section class="card" aria-label="Accounts">
                {accounts.show(move |page| view! { <Accounts page cursors/> })}
            </section>
        </div>
    }
}

#[component]
fn Accounts(page: Counted, cursors: RwSignal<Vec<String>>) -> impl IntoView {
    if page.items.is_empty() {
        return view! {
            <Empty icon="accounts" title="No accounts here" text="Clear the search, or bring your customers in with “waymark import accounts FILE.csv”."/>
        }
        .into_any();
    }
    let before = cursors.with_untracked(Vec::len) as u64 * u64::from(PER_PAGE);
    let shown = format!("{}–{}", before + 1, before + page.items.len() as u64);
    let next = page.next_cursor;
    let last = next.is_none();
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead><tr>
                    <th scope="col">"Account"</th><th scope="col">"Segment"</th><th scope="col" class="wide">"Owner"</th><th scope="col" class="wide end">"ARR"</th>
                </tr></thead>
                <tbody>{page.items.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <div class="table-foot">
            <span class="number" data-field="range">{shown}</span>
            <span class="actions spring">
                <button class="button" type="button" data-action="previous-page" disabled=before == 0 on:click=move |_| cursors.update(|cursors| drop(cursors.pop()))>"Previous"</button>
                <button class="button" type="button" data-action="next-page" disabled=last on:click=move |_| if let Some(next) = next.clone() { cursors.update(|cursors| cursors.push(next)) }>"Next"</button>
            </span>
        </div>
    }
    .into_any()
}

fn row(account: Account) -> impl IntoView {
    view! {
        <tr data-row=account.id.clone()>
            <td><a class="row-link" href=format!("/accounts/{}", account.id)>{account.name}</a><span class="sub mono">{account.external_id}</span></td>
            <td>{account.segment.map(|segment| view! { <span class="chip accent">{spoken(&segment)}</span> })}</td>
            <td class="wide muted">{account.owner}</td>
            <td class="wide end number">{account.arr.map(crate::words::whole)}</td>
        </tr>
    }
}
