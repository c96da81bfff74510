//! Moving living instances from one version of a journey to another: looked at first, then done.

mod pairs;

use super::{id_in_path, making::Making, moment, people::People};
use crate::{
    api,
    app::SignedIn,
    load::{Loaded, read},
    messages::t,
    parts::{Empty, Icon, PageHead},
    words::moves::tally,
};
use leptos::{ev::SubmitEvent, prelude::*};
use pairs::Pairs;
use wire::{Created, Migration, Mode, NewMigration, Page, Role, Version};

/// What was moved before, and the way to move more.
#[component]
pub(crate) fn MigrationsPage() -> impl IntoView {
    let id = id_in_path();
    let draws =
        expect_context::<SignedIn>().0.with_untracked(|session| session.role != Role::Member);
    let versions =
        read::<Page<Version>>(move || format!("/journeys/{}/versions?limit=200", id.get()));
    let migrations =
        read::<Page<Migration>>(move || format!("/journeys/{}/migrations?limit=100", id.get()));
    view! {
        <div class="page" data-page="migrations">
            <PageHead title=t!("Move instances").to_owned() text=t!("Instances stay on the version they began with until they are moved.") back=("/journeys", t!("Journeys"))>
                <a class="button" href=move || format!("/journeys/{}", id.get())>{t!("Open the drawing")}</a>
            </PageHead>
            {draws.then(|| view! {
                <section class="card" aria-labelledby="migration-new">
                    <header><h2 id="migration-new">{t!("Look at a move")}</h2></header>
                    <div class="body">{versions.show(move |page| view! { <NewForm id versions=page.items/> })}</div>
                </section>
            })}
            <section class="card" aria-labelledby="migration-list">
                <header><h2 id="migration-list">{t!("Before")}</h2></header>
                {listed(id, migrations)}
            </section>
        </div>
    }
}

fn listed(id: Memo<String>, migrations: Loaded<Page<Migration>>) -> AnyView {
    let people = expect_context::<People>();
    let row = move |migration: Migration| {
        let counted = tally(&migration.outcomes);
        let counted = if migration.dry_run { t!("Looked at: {counted}", counted) } else { counted };
        let by = migration.started_by;
        view! {
            <li>
                <a class="row" data-row=migration.id.clone() href=format!("/journeys/{}/migrations/{}", id.get_untracked(), migration.id)>
                    <span class="grow">
                        <strong>{t!("Version {from} to {to}", from = migration.from, to = migration.to)}</strong>
                        <span class="sub">{counted}" · "{move || people.name(&by)}" · "{moment(&migration.started_at)}</span>
                    </span>
                    <span class="chip">{crate::words::spoken(&migration.state)}</span>
                    <Icon name="next"/>
                </a>
            </li>
        }
    };
    migrations.show(move |page: Page<Migration>| {
        if page.items.is_empty() {
            return view! { <Empty icon="history" title=t!("Nothing was moved yet") text=t!("Look at a move first: it says of every instance whether it goes, and why not.")/> }
                .into_any();
        }
        view! { <ul class="rows">{page.items.into_iter().map(row).collect_view()}</ul> }.into_any()
    })
}

#[component]
fn NewForm(id: Memo<String>, versions: Vec<Version>) -> impl IntoView {
    let live = versions.iter().filter(|version| version.mode == Mode::Live);
    let mut numbers: Vec<u64> = live.map(|version| version.number).collect();
    numbers.sort_unstable();
    if numbers.len() < 2 {
        return view! {
            <Empty icon="history" title=t!("There is no other version to move to") text=t!("Change the drawing and publish it again. Then what runs on the version before can be moved here.")/>
        }
        .into_any();
    }
    let newest = numbers.last().copied().unwrap_or_default();
    let before = numbers.iter().rev().nth(1).copied().unwrap_or(newest);
    let (from, to) = (RwSignal::new(before), RwSignal::new(newest));
    let (nodes, variables) = (Pairs::new(), Pairs::new());
    let making = Making::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let mapping =
            journey::migrate::Mapping { nodes: nodes.named(), variables: variables.named() };
        let (from, to) = (from.get_untracked(), to.get_untracked());
        let asked = NewMigration { from, to, mapping, dry_run: true };
        let base = format!("/journeys/{}/migrations", id.get_untracked());
        making.make(async move {
            let made: Created = api::post(&base, &asked).await?;
            Ok(format!("{base}/{}", made.id))
        });
    };
    let same = move || from.get() == to.get();
    let side = move |name: &'static str, label: &'static str, value: RwSignal<u64>| {
        let options = numbers.clone().into_iter().rev().map(move |number| {
            view! { <option value=number.to_string() selected=move || value.get() == number>{format!("version {number}")}</option> }
        });
        view! {
            <div class="field">
                <label for=format!("field-{name}")>{label}</label>
                <select class="input" id=format!("field-{name}") on:change:target=move |event| value.set(event.target().value().parse().unwrap_or_default())>
                    {options.collect_view()}
                </select>
            </div>
        }
    };
    view! {
        <form class="stack" on:submit=submit data-form="new-migration">
            {making.refused()}
            <div class="bar">{side("from", t!("From"), from)}{side("to", t!("To"), to)}</div>
            <PairFields title=t!("Steps that have another id there") name="nodes" pairs=nodes/>
            <PairFields title=t!("Variables that have another name there") name="variables" pairs=variables/>
            <div class="actions">
                <button class="button primary" type="submit" data-action="look" disabled=move || making.busy() || same()>{t!("Look what would happen")}</button>
                <span class="muted small" data-field="hint">{move || if same() { t!("Choose two versions that are not the same.") } else { t!("Nothing is moved yet.") }}</span>
            </div>
        </form>
    }
    .into_any()
}

/// Old names and new ones.
#[component]
fn PairFields(title: &'static str, name: &'static str, pairs: Pairs) -> impl IntoView {
    let row = move |at: usize| {
        let side = move |which: usize, words: &'static str| {
            let text = Memo::new(move |_| pairs.text(at, which));
            view! {
                <input
                    class="input"
                    aria-label=format!("{words} {}", at + 1)
                    placeholder=words
                    data-field=format!("{name}/{at}/{which}")
                    prop:value=move || text.get()
                    on:input:target=move |event| pairs.write(at, which, event.target().value())
                />
            }
        };
        view! {
            <li class="special">
                {side(0, t!("Before"))}
                {side(1, t!("After"))}
                <button class="button quiet square" type="button" aria-label=t!("Remove") title=t!("Remove") on:click=move |_| pairs.remove(at)><Icon name="trash"/></button>
            </li>
        }
    };
    view! {
        <fieldset class="field">
            <legend>{title}</legend>
            <ul class="stack">{move || (0..pairs.count()).map(row).collect_view()}</ul>
            <div class="actions">
                <button class="button" type="button" data-action=format!("add-{name}") on:click=move |_| pairs.add()><Icon name="plus"/>{t!("Add")}</button>
            </div>
        </fieldset>
    }
}
