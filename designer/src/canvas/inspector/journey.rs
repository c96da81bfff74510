//! The settings of the journey itself, shown while no step is chosen.

use super::{
    super::model::Canvas,
    field::{Optional, Place, ProblemLines, SelectField, TextField},
    form::FormFields,
    names::{calendars_of_steps, teams, words},
    outcomes::append,
    rows::{AddRow, RemoveRow, Section},
};
use leptos::prelude::*;
use serde_json::{Value, json};

#[component]
pub(super) fn JourneyForm(canvas: Canvas) -> impl IntoView {
    let place = Place::of_journey(canvas);
    let counts = move || {
        canvas.follow();
        canvas.read(|editor| {
            let draft = editor.draft();
            format!("{} steps · {} connections", draft.nodes.len(), draft.edges.len())
        })
    };
    let failing = words([("", "said at each action"), ("incident", "it becomes an incident")]);
    view! {
        <div class="jc-overview" data-inspector="journey">
            <h2>"Journey"</h2>
            <p class="jc-muted">{counts} ". Choose a step to change its settings."</p>
            <ProblemLines place pointer=""/>
            <TextField place label="Name" pointer="/name"/>
            <TextField place label="Description" pointer="/description" optional=Optional::Yes rows=3_u32/>
            <SelectField
                place
                label="Calendar"
                pointer="/settings/calendar"
                choices=calendars_of_steps(place, "the usual")
                optional=Optional::Yes
                hint="What business time is counted by where a step says nothing else."
            />
            <SelectField
                place
                label="When an action fails for good"
                pointer="/settings/on_failure"
                choices=Signal::stored(failing)
                optional=Optional::Yes
                hint="A failure whose way leads nowhere becomes an incident. Say so here, and no action warns of it."
            />
            <FormFields place title="Variables" pointer="/variables" hint="What the journey holds. Steps read and set them as vars.<name>."/>
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
                <SelectField place label=format!("Lane {}", at + 1) pointer=format!("/lanes/{at}/team") choices=teams(place)/>
                <RemoveRow
                    row=format!("lanes/{at}")
                    on_remove=Callback::new(move |()| place.set(&format!("/lanes/{at}"), None))
                />
            </div>
            <ProblemLines place pointer=format!("/lanes/{at}/id")/>
        }
    };
    view! {
        <Section title="Lanes">
            <p class="jc-hint">"A lane is a team's part of the journey; each step says which lane it is in."</p>
            {move || (0..count.get()).map(row).collect_view()}
            <AddRow list="lanes" label="Add a lane" on_add=add/>
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
                        <TextField place label="When" pointer=format!("/exits/{at}/when") condition=true example="account.stage == 'churned'"/>
                        <TextField place label="It ended with" pointer=format!("/exits/{at}/outcome")/>
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
        <Section title="Exits">
            <p class="jc-hint">"When one of these holds, wherever the instance stands, everything is withdrawn and it ends."</p>
            {move || (0..count.get()).map(row).collect_view()}
            <AddRow list="exits" label="Add an exit" on_add=add/>
        </Section>
    }
}

#[component]
fn Keys() -> impl IntoView {
    view! {
        <dl class="jc-keys">
            <dt>"Connect"</dt><dd>"drag from a dot on a step's right side"</dd>
            <dt>"Pan"</dt><dd>"drag the ground, or hold Space"</dd>
            <dt>"Zoom"</dt><dd>"wheel or pinch"</dd>
            <dt>"Choose several"</dt><dd>"Shift + drag"</dd>
            <dt>"Copy, paste"</dt><dd>"Ctrl+C, Ctrl+V"</dd>
            <dt>"Duplicate"</dt><dd>"Ctrl+D"</dd>
            <dt>"Undo, redo"</dt><dd>"Ctrl+Z, Ctrl+Shift+Z"</dd>
            <dt>"Delete"</dt><dd>"Del"</dd>
        </dl>
    }
}
