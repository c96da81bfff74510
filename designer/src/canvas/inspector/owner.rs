//! Who should have a task.

use super::{
    field::{Choices, Optional, Picker, Place, ProblemLines, SelectField, TextField},
    names::{teams, users, words},
};
use crate::messages::{t, text};
use leptos::prelude::*;
use serde_json::json;

/// Edits an owner rule at a pointer, with who has it when the rule finds nobody.
#[component]
pub(super) fn OwnerField(
    place: Place,
    #[prop(into)] label: String,
    #[prop(into)] pointer: String,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let at = move |member: &str| format!("{}/{member}", pointer.get_value());
    let rule = Memo::new(move |_| place.text(&at("rule")));
    let choices = words([
        ("account_owner", text!("The account's owner")),
        ("team", text!("A team")),
        ("user", text!("A person")),
        ("expression", text!("By expression")),
    ]);
    let pick = Callback::new(move |picked: String| {
        let members = match picked.as_str() {
            "team" => json!({ "rule": "team", "team": first_team(place) }),
            "user" => json!({ "rule": "user", "user": first_user(place) }),
            "expression" => json!({ "rule": "expression", "value": "account.owner" }),
            other => json!({ "rule": other }),
        };
        let kept = place.value(&at("fallback")).filter(|_| may_find_nobody(&picked));
        place.set(&pointer.get_value(), Some(members));
        if kept.is_some() {
            place.set(&at("fallback"), kept);
        }
    });
    let detail = move || {
        match rule.get().as_str() {
        "team" => {
            view! { <SelectField place label=t!("Team") pointer=at("team") choices=teams(place)/> }
                .into_any()
        }
        "user" => {
            view! { <SelectField place label=t!("Person") pointer=at("user") choices=users(place)/> }
                .into_any()
        }
        "expression" => view! {
            <TextField place label=t!("Expression") pointer=at("value") code=true optional=Optional::No
                hint=t!("Gives the e-mail address of a person, or the name of a team.")/>
        }
        .into_any(),
        _ => ().into_any(),
    }
    };
    view! {
        <label class="jc-field">
            <span class="jc-label">{label}</span>
            <Picker value=rule choices=Signal::stored(choices) field=at("rule") on_pick=pick/>
        </label>
        <ProblemLines place pointer=at("rule")/>
        <ProblemLines place pointer=pointer.get_value()/>
        {detail}
        <Show when=move || may_find_nobody(&rule.get())>
            <FallbackField place pointer=at("fallback")/>
        </Show>
    }
}

/// Who has it when the rule finds nobody; without anyone the task becomes an incident.
#[component]
fn FallbackField(place: Place, #[prop(into)] pointer: String) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let at = move |member: &str| format!("{}/{member}", pointer.get_value());
    let chosen = Memo::new(move |_| match place.text(&at("rule")).as_str() {
        "team" => format!("team {}", place.text(&at("team"))),
        "user" => format!("user {}", place.text(&at("user"))),
        other => other.to_owned(),
    });
    let choices = Signal::derive(move || {
        let mut all: Choices = vec![(String::new(), t!("Nobody: an incident").to_owned())];
        let row = |rule: &str, (name, words): (String, String)| (format!("{rule} {name}"), words);
        all.extend(teams(place).get().into_iter().map(|choice| row("team", choice)));
        all.extend(users(place).get().into_iter().map(|choice| row("user", choice)));
        all
    });
    let pick = Callback::new(move |picked: String| {
        let rule = picked.split_once(' ').map(|(rule, name)| {
            let mut members = serde_json::Map::new();
            members.insert("rule".to_owned(), json!(rule));
            members.insert(rule.to_owned(), json!(name));
            serde_json::Value::Object(members)
        });
        place.set(&pointer.get_value(), rule);
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{t!("If that finds nobody")}</span>
            <Picker value=chosen choices field=at("rule") on_pick=pick/>
        </label>
        <ProblemLines place pointer=pointer.get_value()/>
        <ProblemLines place pointer=at("team")/>
        <ProblemLines place pointer=at("user")/>
    }
}

fn may_find_nobody(rule: &str) -> bool {
    matches!(rule, "account_owner" | "expression")
}

fn first_team(place: Place) -> String {
    place.canvas.read(|editor| editor.workspace().teams.first().cloned()).unwrap_or_default()
}

fn first_user(place: Place) -> String {
    place.canvas.read(|editor| editor.workspace().users.first().cloned()).unwrap_or_default()
}
