//! The settings of the journey itself, shown while no step is chosen.

use super::{
    super::model::Canvas,
    field::{Optional, Place, ProblemLines, SelectField, TextField},
    form::FormFields,
    names::{calendars_of_steps, teams, words},
    outcomes::append,
    rows::{AddRow, RemoveRow, Section},
};
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::{Value, json};

#[component]
pub(super) fn JourneyForm(canvas: Canvas) -> impl IntoView {
    let place = Place::of_journey(canvas);
    let counts = move || {
        canvas.follow();
        canvas.read(|editor| {
            let draft = editor.draft();
            t!(
                "{nodes} steps · {edges} connections",
                nodes = draft.nodes.len(),
                edges = draft.edges.len()
            )
        })
    };
    let failing =
        words([("", text!("said at each action")), ("incident", text!("it becomes an incident"))]);
    view! {
        <div class="jc-overview" data-inspector="journey">
            <h2>{t!("Journey")}</h2>
            <p class="jc-muted">{counts} {t!(". Choose a step to change its settings.")}</p>
            <ProblemLines place pointer=""/>
            <TextField place label=t!("Name") pointer="/name"/>
            <TextField place label=t!("Description") pointer="/description" optional=Optional::Yes rows=3_u32/>
            <SelectField
                place
                label=t!("Calendar")
                pointer="/settings/calendar"
                choices=calendars_of_steps(place, text!("the usual"))
                optional=Optional::Yes
                hint=t!("What business time is counted by where a step says nothing else.")
            />
            <SelectField
                place
                label=t!("When an action fails for good")
                pointer="/settings/on_failure"
                choices=Signal::stored(failing)
                optional=Optional::Yes
                hint=t!("A failure whose way leads nowhere becomes an incident. Say so here, and no action warns of it.")
            />
            <FormFields place title=t!("Variables") pointer="/variables" hint=t!("What the journey holds. Steps read and set them as vars.<name>.")/>
            <Lanes place/>
            <Exits place/>
            <Keys/>
        </div>
    }
}

#[component]
fn Lanes(place: Place) -> impl IntoView {
    let count = Memo::new(move |_| place.length("/lanes"));
    let add = Callback::new(move |()| {
        let lanes =
            place.value("/lanes").and_then(|lanes| lanes.as_array().cloned()).unwrap_or_default();
        let taken =
            |id: &str| lanes.iter().any(|lane| lane.get("id").and_then(Value::as_str) == Some(id));
        let id = (1..=lanes.len() + 1).map(|number| format!("lane{number}")).find(|id| !taken(id));
        let team = teams(place).get_untracked().into_iter().next().map(|(team, _)| team);
        let lane = json!({ "id": id.unwrap_or_default(), "team": team.unwrap_or_default() });
        append(place, "/lanes", lanes.len(), lane);
    });
    let row = move |at: usize| {
        view! {
            <div class="jc-rowline top">
                <SelectField place label=t!("Lane {number}", number = at + 1) pointer=format!("/lanes/{at}/team") choices=teams(place)/>
                <RemoveRow
                    row=format!("lanes/{at}")
                    on_remove=Callback::new(move |()| place.set(&format!("/lanes/{at}"), None))
                />
            </div>
            <ProblemLines place pointer=format!("/lanes/{at}/id")/>
        }
    };
    view! {
        <Section title=t!("Lanes")>
            <p class="jc-hint">{t!("A lane is a team's part of the journey; each step says which lane it is in.")}</p>
            {move || (0..count.get()).map(row).collect_view()}
            <AddRow list="lanes" label=t!("Add a lane") on_add=add/>
        </Section>
    }
}

#[component]
fn Exits(place: Place) -> impl IntoView {
    let count = Memo::new(move |_| place.length("/exits"));
    let add = Callback::new(move |()| {
        let exit = json!({ "when": "", "outcome": "left" });
        append(place, "/exits", place.length("/exits"), exit);
    });
    let row = move |at: usize| {
        view! {
            <div class="jc-card">
                <div class="jc-rowline top">
                    <div class="jc-grow">
                        <TextField place label=t!("When") pointer=format!("/exits/{at}/when") condition=true example=t!("account.stage == 'churned'")/>
                        <TextField place label=t!("It ended with") pointer=format!("/exits/{at}/outcome")/>
                    </div>
                    <RemoveRow
                        row=format!("exits/{at}")
                        on_remove=Callback::new(move |()| place.set(&format!("/exits/{at}"), None))
                    />
                </div>
            </div>
        }
    };
    view! {
        <Section title=t!("Exits")>
            <p class="jc-hint">{t!("When one of these holds, wherever the instance stands, everything is withdrawn and it ends.")}</p>
            {move || (0..count.get()).map(row).collect_view()}
            <AddRow list="exits" label=t!("Add an exit") on_add=add/>
        </Section>
    }
}

#[component]
fn Keys() -> impl IntoView {
    view! {
        <dl class="jc-keys">
            <dt>{t!("Connect")}</dt><dd>{t!("drag from a dot on a step's right side")}</dd>
            <dt>{t!("Pan")}</dt><dd>{t!("drag the ground, or hold Space")}</dd>
            <dt>{t!("Zoom")}</dt><dd>{t!("wheel or pinch")}</dd>
            <dt>{t!("Choose several")}</dt><dd>{t!("Shift + drag")}</dd>
            <dt>{t!("Copy, paste")}</dt><dd>{t!("Ctrl+C, Ctrl+V")}</dd>
            <dt>{t!("Duplicate")}</dt><dd>{t!("Ctrl+D")}</dd>
            <dt>{t!("Undo, redo")}</dt><dd>{t!("Ctrl+Z, Ctrl+Shift+Z")}</dd>
            <dt>{t!("Delete")}</dt><dd>{t!("Del")}</dd>
        </dl>
    }
}
