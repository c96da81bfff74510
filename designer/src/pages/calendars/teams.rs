//! Which calendar each team keeps.

use crate::{
    api,
    app::SignedIn,
    load::{Loaded, read},
    messages::{plural, t},
    pages::paging::{Pager, Turned},
    parts::{Empty, ProblemView, Toasts},
};
use journey::calendar::CalendarDraft;
use leptos::prelude::*;
use wire::{ChangeTeam, Page, Patch, Problem, Role, Team};

/// Teams a page has.
const FULL: u32 = 50;

/// Every team with the calendar whose hours it keeps; administrators choose it.
#[component]
pub(super) fn Teams(calendars: Loaded<Page<CalendarDraft>>) -> impl IntoView {
    let list = format!("/teams?limit={FULL}");
    let turned = expect_context::<Turned>();
    let teams = read::<Page<Team>>({
        let list = list.clone();
        move || turned.page(&list)
    });
    let shown = move |page: Page<Team>| {
        if page.items.is_empty() {
            let text = t!("Make one with: waymark team create");
            return view! { <Empty icon="accounts" title=t!("No teams yet") text=text/> }
                .into_any();
        }
        let (rows, next) = (page.items.len(), page.next_cursor);
        let items = page.items.into_iter().map(|team| view! { <Row team calendars teams/> });
        view! {
            <ul class="rows">{items.collect_view()}</ul>
            <Pager list=list.clone() full=FULL rows total=None next/>
        }
        .into_any()
    };
    view! {
        <section class="card" aria-labelledby="teams-title" data-section="teams">
            <header><h2 id="teams-title">{t!("What teams keep")}</h2></header>
            {teams.show(shown)}
        </section>
    }
}

#[component]
fn Row(
    team: Team,
    calendars: Loaded<Page<CalendarDraft>>,
    teams: Loaded<Page<Team>>,
) -> impl IntoView {
    let rules =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role == Role::Admin);
    let toasts = expect_context::<Toasts>();
    let (problem, busy) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let path = StoredValue::new(format!("/teams/{}", team.id));
    let choose = move |name: String| {
        busy.set(true);
        problem.set(None);
        let calendar = if name.is_empty() { Patch::Clear } else { Patch::To(name) };
        let change = ChangeTeam { calendar, ..ChangeTeam::default() };
        leptos::task::spawn_local(async move {
            match api::patch::<_, Team>(&path.get_value(), &change).await {
                Ok(_) => toasts.say(t!("The team’s calendar is saved.")),
                Err(refused) => drop(problem.try_set(Some(refused))),
            }
            busy.try_set(false);
            teams.again();
        });
    };
    let kept = team.calendar.unwrap_or_default();
    let options = move || {
        let known = calendars.ready().map(|page| page.items).unwrap_or_default();
        let mut names: Vec<String> = known.into_iter().map(|calendar| calendar.name).collect();
        // One on a later page of calendars is still the one that is kept.
        if !kept.is_empty() && !names.contains(&kept) {
            names.push(kept.clone());
        }
        let option = |name: String| {
            let chosen = name == kept;
            view! { <option value=name.clone() selected=chosen>{name.clone()}</option> }
        };
        let usual =
            view! { <option value="" selected=kept.is_empty()>{t!("the journey’s")}</option> };
        (usual, names.into_iter().map(option).collect_view())
    };
    view! {
        <li class="row" data-row=team.name.clone()>
            <span class="grow">
                <strong>{team.name.clone()}</strong>
                <span class="sub">{plural!(team.members.len() as u64, "{count} member", "{count} members")}</span>
                {move || problem.get().map(|problem| view! { <ProblemView problem/> })}
            </span>
            <select
                class="input"
                aria-label=t!("The calendar of {team}", team = team.name)
                data-field=format!("calendar-of-{}", team.name)
                disabled=move || !rules || busy.get()
                on:change:target=move |event| choose(event.target().value())
            >
                {options}
            </select>
        </li>
    }
}
