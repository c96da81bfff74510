//! When the work of people is due: the promise, the warning, and who is told as it slips.

use super::{
    controls::{NumberField, Scale},
    duration::DurationField,
    eyes::ForetoldLine,
    field::{Picker, Place, ProblemLines, SelectField},
    names::words,
    outcomes::append,
    owner::OwnerField,
    rows::{AddRow, RemoveRow, Section},
};
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::json;

/// The promise of a task, an approval or a handoff.
#[component]
pub(super) fn DueFields(place: Place, hint: &'static str) -> impl IntoView {
    let kinds = words([
        ("sla", text!("a promise to the customer (SLA)")),
        ("ola", text!("a promise between teams (OLA)")),
        ("vendor", text!("a vendor’s contract")),
    ]);
    view! {
        <Section title=t!("Due")>
            {(!hint.is_empty()).then(|| view! { <p class="jc-hint">{hint}</p> })}
            <ForetoldLine place/>
            <DurationField place label=t!("Within") pointer="/sla/due"/>
            <SelectField place label=t!("It is") pointer="/sla/kind" choices=Signal::stored(kinds) unsaid="sla"/>
            <NumberField
                place
                label=t!("Warn after (% of the time)")
                pointer="/sla/warn_at"
                scale=Scale::Percent
                min=0
                unsaid="80"
            />
        </Section>
        <Ladder place/>
    }
}

#[component]
fn Ladder(place: Place) -> impl IntoView {
    let count = Memo::new(move |_| place.length("/sla/escalation"));
    let add = Callback::new(move |()| {
        let at = place.length("/sla/escalation");
        let rung = json!({ "at": "breach", "do": "notify", "to": { "rule": "account_owner" } });
        append(place, "/sla/escalation", at, rung);
    });
    view! {
        <Section title=t!("Escalation")>
            <p class="jc-hint">{t!("What happens, in order, while it is not done.")}</p>
            {move || (0..count.get()).map(|at| view! { <Rung place at/> }).collect_view()}
            <ProblemLines place pointer="/sla/escalation"/>
            <AddRow list="escalation" label=t!("Add a step") on_add=add/>
        </Section>
    }
}

#[component]
fn Rung(place: Place, at: usize) -> impl IntoView {
    let moment = StoredValue::new(format!("/sla/escalation/{at}/at"));
    let acts = words([
        ("remind", text!("remind them")),
        ("reassign", text!("give it to")),
        ("notify", text!("tell")),
    ]);
    let when = Memo::new(move |_| match place.text(&moment.get_value()).as_str() {
        word @ ("warning" | "breach") => word.to_owned(),
        _ => "after".to_owned(),
    });
    let times = words([
        ("warning", text!("at the warning")),
        ("breach", text!("when it is overdue")),
        ("after", text!("some time after it was offered")),
    ]);
    let pick = Callback::new(move |picked: String| {
        let value = if picked == "after" { "P1D" } else { picked.as_str() };
        place.set(&moment.get_value(), Some(json!(value)));
    });
    view! {
        <div class="jc-card">
            <div class="jc-rowline top">
                <label class="jc-field">
                    <span class="jc-label">{t!("When")}</span>
                    <Picker value=when choices=Signal::stored(times) field=moment.get_value() on_pick=pick/>
                </label>
                <RemoveRow
                    row=format!("escalation/{at}")
                    on_remove=Callback::new(move |()| place.set(&format!("/sla/escalation/{at}"), None))
                />
            </div>
            <Show when=move || when.get() == "after" fallback=move || view! { <ProblemLines place pointer=moment.get_value()/> }>
                <DurationField place label=t!("After") pointer=moment.get_value()/>
            </Show>
            <SelectField
                place
                label=t!("Then")
                pointer=format!("/sla/escalation/{at}/do")
                choices=Signal::stored(acts.clone())
            />
            <OwnerField place label=t!("Who") pointer=format!("/sla/escalation/{at}/to")/>
        </div>
    }
}
