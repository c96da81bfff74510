//! The list of accounts: thousands of them, searched and paged by the server.

use super::{
    account_search::settled,
    address,
    paging::{Pager, Turned},
    people::People,
};
use crate::{
    live::live,
    load::read,
    messages::{phrase, plural, t},
    parts::{Empty, Icon, PageHead},
    words::{spoken, whole},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use wire::{ACCOUNTS_COUNTED, Account, AccountPage};

const PER_PAGE: u32 = 50;

/// Search, pages, and the number of accounts that match; what is searched for lives in the address.
#[component]
pub(crate) fn AccountsPage() -> impl IntoView {
    let query = use_query_map();
    let part =
        move |name: &'static str| Memo::new(move |_| query.read().get(name).unwrap_or_default());
    let (search, segment) = (part("q"), part("segment"));
    let text = RwSignal::new(search.get_untracked());
    let typed = settled(text.into());
    let navigate = StoredValue::new_local(use_navigate());
    Effect::new(move |_| {
        let typed = typed.get();
        if typed.trim() != search.get_untracked() {
            let address =
                address("/accounts", &[("q", &typed), ("segment", &segment.get_untracked())]);
            let instead = NavigateOptions { replace: true, scroll: false, ..Default::default() };
            navigate.with_value(|go| go(&address, instead));
        }
    });
    // A link or the way back may lead to another search than the one that was typed.
    Effect::new(move |_| {
        let search = search.get();
        if typed.with_untracked(|typed| typed.trim() != search) {
            text.set(search);
        }
    });
    let (live, turned) = (live(), expect_context::<Turned>());
    let list = Memo::new(move |_| {
        let base = format!("/accounts?limit={PER_PAGE}");
        address(&base, &[("q", &search.get()), ("segment", &segment.get())])
    });
    let accounts = read::<AccountPage>(move || {
        live.accounts.track();
        turned.page(&list.get())
    });
    let total = move || accounts.ready().map(|page| in_all(page.total));
    let narrowed = move || !search.get().is_empty() || !segment.get().is_empty();
    view! {
        <div class="page" data-page="accounts">
            <PageHead title=t!("Accounts").to_owned() text=t!("The customers journeys run for.")/>
            <div class="bar">
                <div class="search">
                    <label class="unseen" for="field-search">{t!("Search accounts")}</label>
                    <Icon name="search"/>
                    <input class="input" id="field-search" type="search" placeholder=t!("Search by name, id or owner") autocomplete="off" bind:value=text/>
                </div>
                {move || Some(segment.get()).filter(|segment| !segment.is_empty()).map(|segment| {
                    let without = address("/accounts", &[("q", &search.get())]);
                    view! {
                        <a class="filter" href=without data-action="clear-segment">
                            {phrase!("Segment: {segment}", segment = view! { <strong>{spoken(&segment)}</strong> })}<Icon name="cross"/>" "<span class="unseen">{t!("Show all segments")}</span>
                        </a>
                    }
                })}
                <span class="muted number spring" role="status" data-field="total">{total}</span>
            </div>
            <section class="card" aria-label=t!("Accounts") aria-busy=move || accounts.busy().to_string()>
                {accounts.show(move |page| view! { <Accounts page list=list.get_untracked() narrowed=untrack(narrowed)/> })}
            </section>
        </div>
    }
}

#[component]
fn Accounts(page: AccountPage, list: String, narrowed: bool) -> impl IntoView {
    if page.items.is_empty() && narrowed {
        return view! {
            <Empty icon="search" title=t!("No account matches") text=t!("Look for another name, id or owner, or show all of them.")>
                <a class="button" href="/accounts" data-action="all-accounts">{t!("Show all accounts")}</a>
            </Empty>
        }
        .into_any();
    }
    if page.items.is_empty() {
        return view! {
            <Empty icon="accounts" title=t!("No accounts yet") text=t!("Bring your customers in with “waymark import accounts FILE.csv”; they appear here as they arrive.")/>
        }
        .into_any();
    }
    let rows = page.items.len();
    view! {
        <div class="table-wrap">
            <table class="table">
                <thead><tr>
                    <th scope="col">{t!("Account")}</th><th scope="col">{t!("Segment")}</th><th scope="col" class="wide">{t!("Owner")}</th><th scope="col" class="wide end">{t!("ARR")}</th>
                </tr></thead>
                <tbody>{page.items.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        <Pager list full=PER_PAGE rows total=Some(page.total).filter(|total| all_counted(*total)) next=page.next_cursor/>
    }
    .into_any()
}

fn in_all(total: u64) -> String {
    let words = plural!(total, "{count} account", "{count} accounts");
    if all_counted(total) { words } else { t!("{words} or more", words) }
}

fn all_counted(total: u64) -> bool {
    total < u64::from(ACCOUNTS_COUNTED)
}

fn row(account: Account) -> impl IntoView {
    let people = expect_context::<People>();
    view! {
        <tr data-row=account.id.clone()>
            <td><a class="row-link" href=format!("/accounts/{}", account.id)>{account.name}</a><span class="sub mono">{account.external_id}</span></td>
            <td>{account.segment.map(|segment| view! { <SegmentChip segment/> })}</td>
            <td class="wide muted">{move || account.owner.as_deref().map_or_else(|| "–".to_owned(), |owner| people.name(owner))}</td>
            <td class="wide end number">{account.arr.map_or_else(|| "–".to_owned(), whole)}</td>
        </tr>
    }
}

/// A segment, which leads to all of its accounts.
#[component]
pub(crate) fn SegmentChip(segment: String) -> impl IntoView {
    let name = spoken(&segment);
    let href = address("/accounts", &[("segment", &segment)]);
    let title = t!("All accounts of the segment {name}", name);
    view! { <a class="chip accent" href=href title=title data-segment=segment>{name}</a> }
}
