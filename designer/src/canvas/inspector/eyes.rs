//! The account through whose eyes a drawing is looked at: what a setting gives for it stands below the setting.
//!
//! Attributes that stay as they are: `[data-action=eyes]` chooses the account, `[data-action=eyes-closed]` lets it go;
//! `[data-seen]` what a setting gives, `[data-seen=task]` who would be given a task and by when.

use super::{super::rehearsal::FindAccount, field::Place};
use crate::clock::{moment, now};
use crate::messages::{phrase, t};
use ::journey::{
    Timestamp,
    calendar::Calendars,
    effect::Owner,
    engine::Context,
    preview::{self, Foretold, Seen},
};
use leptos::prelude::*;
use serde_json::{Map, Value};

/// An account, and the calendars of its workspace; in the context of an editor.
#[derive(Clone, Copy)]
pub(in super::super) struct Eyes {
    account: RwSignal<Option<Value>>,
    calendars: Signal<Calendars>,
}

impl Eyes {
    /// Nobody's, until an account is chosen.
    pub(in super::super) fn closed(calendars: Signal<Calendars>) -> Self {
        Self { account: RwSignal::default(), calendars }
    }

    /// The account that is chosen, now.
    pub(super) fn account(self) -> Option<Value> {
        self.account.get_untracked()
    }

    fn name(self) -> Option<String> {
        self.account.with(|account| account.as_ref().map(name))
    }
}

fn name(account: &Value) -> String {
    account.get("name").and_then(Value::as_str).unwrap_or(t!("the account")).to_owned()
}

/// Chooses the account. Nothing where accounts cannot be found.
#[component]
pub(super) fn EyesBar() -> impl IntoView {
    let (Some(eyes), Some(FindAccount(find))) =
        (use_context::<Eyes>(), use_context::<FindAccount>())
    else {
        return ().into_any();
    };
    let open = RwSignal::new(false);
    let found = Callback::new(move |fields: Map<String, Value>| {
        eyes.account.set(Some(Value::Object(fields)));
        open.set(false);
    });
    let chosen = move |name: String| {
        view! {
            <span class="jc-grow">{phrase!("Seen for {name}", name = view! { <b>{name}</b> })}</span>
            <button type="button" class="jc-choice" data-action="eyes-closed" on:click=move |_| eyes.account.set(None)>{t!("Stop")}</button>
        }
        .into_any()
    };
    let choose = move || {
        view! {
            <button
                type="button"
                class="jc-choice"
                data-action="eyes"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {t!("See it for an account…")}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="jc-eyes">
            <div class="jc-rowline">{move || eyes.name().map_or_else(choose, chosen)}</div>
            <Show when=move || open.get()>{find(found)}</Show>
        </div>
    }
    .into_any()
}

/// What an expression, or a text with expressions in it, gives.
#[component]
pub(super) fn SeenLine(
    #[prop(into)] source: Signal<String>,
    /// All of it is an expression.
    code: bool,
) -> impl IntoView {
    let eyes = use_context::<Eyes>();
    let line = move || {
        let account = eyes?.account.get()?;
        let source = source.get();
        let seen = if code {
            preview::expression(&source, &account, now())?
        } else {
            Some(&source).filter(|source| source.contains("{{"))?;
            preview::text(&source, &account, now())?
        };
        Some(view! { <small class="jc-seen" data-seen="">{told(seen, &account)}</small> })
    };
    view! { {line} }
}

fn told(seen: Seen, account: &Value) -> String {
    match seen {
        Seen::Value(Value::String(text)) => format!("= {text}"),
        Seen::Value(value) => format!("= {value}"),
        Seen::Later(name) => t!("Known while it runs: it reads {name}.", name),
        Seen::Missing(why) => t!("No value for {account}: {why}.", account = name(account), why),
    }
}

/// Who would be given the task of a step, and by when.
#[component]
pub(super) fn ForetoldLine(place: Place) -> impl IntoView {
    let eyes = use_context::<Eyes>();
    let line = move || {
        let (eyes, account) = (eyes?, eyes?.account.get()?);
        place.canvas.follow();
        let journey = place
            .canvas
            .read(|editor| ::journey::check(editor.draft(), Some(editor.workspace())).0);
        let said = match journey {
            None => vec![t!("Mend the errors to see who would get it.").to_owned()],
            Some(journey) => eyes.calendars.with(|calendars| {
                let context = Context { now: now(), account: Some(&account), calendars };
                preview::foretell(&journey, &place.node(), context)
                    .map(foretold)
                    .unwrap_or_default()
            }),
        };
        let lines = said.into_iter().map(|line| view! { <p>{line}</p> }).collect_view();
        Some(view! { <div class="jc-seen" data-seen="task"><b>{name(&account)}</b>{lines}</div> })
    };
    view! { {line} }
}

fn foretold(Foretold { owner, due }: Foretold) -> Vec<String> {
    let owner = match owner {
        Ok(Some(Owner { user: Some(user), .. })) => t!("{user} would get it.", user),
        Ok(Some(Owner { team: Some(team), .. })) => t!("The team {team} would get it.", team),
        Ok(_) => t!("Nobody would get it: the owner rule finds nobody.").to_owned(),
        Err(why) => t!("Who would get it is not known yet: {why}.", why),
    };
    let moment = |at: Timestamp| moment(&at.to_rfc3339());
    let due = match due {
        Ok((due, Some(warning))) => {
            t!(
                "Were it given out now, it would be due {due}, with a warning {warning}.",
                due = moment(due),
                warning = moment(warning)
            )
        }
        Ok((due, None)) => t!("Were it given out now, it would be due {due}.", due = moment(due)),
        Err(why) => t!("When it would be due is not known: {why}.", why),
    };
    vec![owner, due]
}
