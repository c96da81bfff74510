//! A condition built from rows of field, operator and value, beside the text it stands for: either changes the other.
//!
//! Attributes that stay as they are: `[data-build=POINTER]` opens the rows of a field, `[data-rows=POINTER]` they;
//! within, `[data-part=PLACES]` a row, a group or a text (`""` the whole, `0-1` the second of the first), in it
//! `[data-row=field]`, `[data-row=operator]`, `[data-row=value]`, `[data-action=or]`, `[data-action=and]` and
//! `[data-remove]`; `[data-joined]` how a group is joined.

mod operand;

use super::{
    super::{icon::Icon, model::Canvas},
    field::{Choices, Picker},
    names::words,
    rows::RemoveRow,
};
use crate::{
    messages::{t, text},
    words::operators::operator as spoken,
};
use ::journey::{
    check,
    expr::condition::{
        self, Field, Group, Joined, Operand, Operator, Part, Row, operators, type_of,
    },
};
use leptos::prelude::*;
use operand::OperandView;

/// Whether conditions are shown as rows: who builds one builds the next; in the context of an inspector.
#[derive(Clone, Copy)]
pub(super) struct Building(pub(super) RwSignal<bool>);

/// One condition and how it is changed.
#[derive(Clone, Copy)]
struct Rows {
    condition: Memo<Result<Option<Part>, String>>,
    fields: Memo<Vec<Field>>,
    write: Callback<String>,
}

impl Rows {
    fn part(self, places: &[usize]) -> Option<Part> {
        self.condition.with(|condition| {
            condition.as_ref().ok()?.as_ref().and_then(|part| part.at(places)).cloned()
        })
    }

    fn row(self, places: &[usize]) -> Option<Row> {
        match self.part(places)? {
            Part::Row(row) => Some(row),
            Part::Group(_) | Part::Text(_) => None,
        }
    }

    fn of(self, row: &Row) -> ::journey::expr::Type {
        self.fields.with(|fields| type_of(fields, &row.field))
    }

    fn change(self, places: &[usize], change: impl FnOnce(Part) -> Option<Part>) {
        let Ok(whole) = self.condition.get_untracked() else { return };
        let changed = match whole {
            Some(whole) => whole.changed(places, change),
            None => None,
        };
        self.write.run(changed.map(|part| part.text()).unwrap_or_default());
    }

    fn change_row(self, places: &[usize], change: impl FnOnce(Row) -> Row) {
        self.change(places, |part| match part {
            Part::Row(row) => Some(Part::Row(change(row))),
            other @ (Part::Group(_) | Part::Text(_)) => Some(other),
        });
    }

    /// Puts a new row beside a part.
    fn add(self, places: &[usize], joined: Joined) {
        let Some(new) = self.fields.with_untracked(|fields| new_row(fields)) else { return };
        match self.condition.get_untracked() {
            Ok(None) => self.write.run(new.text()),
            Ok(Some(_)) => self.change(places, |part| condition::join(joined, [part, new])),
            Err(_) => {}
        }
    }
}

/// A row about the account, when something is known of it.
fn new_row(fields: &[Field]) -> Option<Part> {
    let account = fields.iter().find(|field| field.path.starts_with("account."));
    account.or(fields.first()).map(|field| Part::Row(Row::of(field)))
}

/// The rows of a condition, once somebody wants them.
#[component]
pub(super) fn Builder(
    canvas: Canvas,
    /// Whose names are read; `None` for the journey itself.
    node: Option<String>,
    #[prop(into)] text: Signal<String>,
    write: Callback<String>,
    #[prop(into)] field: String,
) -> impl IntoView {
    let open =
        use_context::<Building>().map_or_else(|| RwSignal::new(false), |building| building.0);
    let node = StoredValue::new(node);
    let rows = Rows {
        condition: Memo::new(move |_| {
            text.with(|text| condition::read(text)).map_err(|error| error.message)
        }),
        fields: Memo::new(move |_| {
            canvas.follow();
            canvas.read(|editor| {
                let scope = node.with_value(|node| {
                    check::scope(editor.draft(), Some(editor.workspace()), node.as_deref())
                });
                condition::fields(&scope)
            })
        }),
        write,
    };
    let listed = field.clone();
    view! {
        <div class="jc-builder">
            <button
                type="button"
                class="jc-choice"
                data-build=field
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {move || if open.get() { t!("Hide the rows") } else { t!("Build it from fields") }}
            </button>
            <Show when=move || open.get()>
                <div data-rows=listed.clone()>
                    {move || {
                        let error = rows.condition.with(|condition| condition.clone().err());
                        error.map(|why| view! {
                            <p class="jc-hint">{t!("It is shown as rows when it can be read: {why}.", why)}</p>
                        })
                    }}
                    <PartView rows places=Vec::new() within=None/>
                    <Add rows/>
                </div>
            </Show>
        </div>
    }
}

/// Adds a row to the whole.
#[component]
fn Add(rows: Rows) -> impl IntoView {
    let joined = move || match rows.part(&[]) {
        Some(Part::Group(Group { joined, .. })) => joined,
        _ => Joined::All,
    };
    let words = move || match (rows.part(&[]), joined()) {
        (None, _) => t!("Add a condition"),
        (Some(_), Joined::All) => t!("And another"),
        (Some(_), Joined::Any) => t!("Or another"),
    };
    let is_readable = move || rows.condition.with(Result::is_ok);
    view! {
        <Show when=is_readable>
            <button type="button" class="jc-add" data-add="condition" on:click=move |_| rows.add(&[], joined())>
                <Icon name="plus"/>
                {words}
            </button>
        </Show>
    }
}

/// What is built anew only when a part becomes another kind of part.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Nothing,
    Row,
    Group,
    Text,
}

#[component]
fn PartView(rows: Rows, places: Vec<usize>, within: Option<Joined>) -> AnyView {
    let named = places.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
    let places = StoredValue::new(places);
    let kind = Memo::new(move |_| match places.with_value(|places| rows.part(places)) {
        None => Kind::Nothing,
        Some(Part::Row(_)) => Kind::Row,
        Some(Part::Group(_)) => Kind::Group,
        Some(Part::Text(_)) => Kind::Text,
    });
    let shown = move || match kind.get() {
        Kind::Nothing => ().into_any(),
        Kind::Row => view! { <RowView rows places within/> }.into_any(),
        Kind::Group => view! { <GroupView rows places/> }.into_any(),
        Kind::Text => view! { <TextView rows places/> }.into_any(),
    };
    view! { <div data-part=named>{shown}</div> }.into_any()
}

#[component]
fn GroupView(rows: Rows, places: StoredValue<Vec<usize>>) -> impl IntoView {
    let group = move || match places.with_value(|places| rows.part(places))? {
        Part::Group(group) => Some(group),
        Part::Row(_) | Part::Text(_) => None,
    };
    let joined = Memo::new(move |_| group().map_or(Joined::All, |group| group.joined));
    let count = Memo::new(move |_| group().map_or(0, |group| group.parts.len()));
    let value =
        Signal::derive(move || if joined.get() == Joined::All { "all" } else { "any" }.to_owned());
    let choices =
        words([("all", text!("all of these hold")), ("any", text!("any of these holds"))]);
    let pick = Callback::new(move |picked: String| {
        let joined = if picked == "all" { Joined::All } else { Joined::Any };
        places.with_value(|places| {
            rows.change(places, |part| match part {
                Part::Group(group) => condition::join(joined, group.parts),
                other @ (Part::Row(_) | Part::Text(_)) => Some(other),
            });
        });
    });
    let is_inner = places.with_value(|places| !places.is_empty());
    let within = move |place: usize| {
        let mut within = places.get_value();
        within.push(place);
        within
    };
    view! {
        <div class="jc-group" class:inner=is_inner data-joined=move || value.get()>
            <Picker value choices=Signal::stored(choices) field="joined" label=t!("How many must hold").to_owned() on_pick=pick/>
            <For each=move || 0..count.get() key=|place| *place let:place>
                {move || view! { <PartView rows places=within(place) within=Some(joined.get())/> }}
            </For>
        </div>
    }
}

/// A field, an operator and a value.
#[component]
fn RowView(rows: Rows, places: StoredValue<Vec<usize>>, within: Option<Joined>) -> impl IntoView {
    let row = Memo::new(move |_| places.with_value(|places| rows.row(places)));
    let field = Signal::derive(move || row.get().map(|row| row.field).unwrap_or_default());
    let fields = Signal::derive(move || {
        rows.fields.with(|fields| {
            fields.iter().map(|field| (field.path.clone(), field.path.clone())).collect::<Choices>()
        })
    });
    let operator = Signal::derive(move || {
        row.get().map(|row| spoken(row.operator).to_owned()).unwrap_or_default()
    });
    let offered = Signal::derive(move || {
        let operators = row.get().map(|row| operators(&rows.of(&row))).unwrap_or_default();
        let named =
            |operator: &Operator| (spoken(*operator).to_owned(), spoken(*operator).to_owned());
        operators.iter().map(named).collect::<Choices>()
    });
    let pick_field = Callback::new(move |picked: String| {
        let found = rows
            .fields
            .with_untracked(|fields| fields.iter().find(|field| field.path == picked).cloned());
        let Some(found) = found else { return };
        places.with_value(|places| rows.change_row(places, |old| about(&found, old.operator)));
    });
    let pick_operator = Callback::new(move |picked: String| {
        places.with_value(|places| {
            rows.change_row(places, |old| {
                let of = rows.of(&old);
                let found = operators(&of).into_iter().find(|one| spoken(*one) == picked);
                match found {
                    Some(operator) => dated(old.with_operator(operator, &of)),
                    None => old,
                }
            });
        });
    });
    let other = within.unwrap_or(Joined::All).other();
    let (action, words) = match other {
        Joined::Any => ("or", t!("Or…")),
        Joined::All => ("and", t!("And…")),
    };
    view! {
        <div class="jc-card">
            <span data-row="field">
                <Picker value=field choices=fields field="condition/field" label=t!("Field").to_owned() on_pick=pick_field/>
            </span>
            <span data-row="operator">
                <Picker value=operator choices=offered field="condition/operator" label=t!("Compared how").to_owned() on_pick=pick_operator/>
            </span>
            <OperandView rows places row/>
            <div class="jc-rowline">
                <button
                    type="button"
                    class="jc-choice"
                    data-action=action
                    on:click=move |_| places.with_value(|places| rows.add(places, other))
                >
                    {words}
                </button>
                <span class="jc-grow"></span>
                <RemoveRow row="condition" on_remove=Callback::new(move |()| places.with_value(|places| rows.change(places, |_| None)))/>
            </div>
        </div>
    }
}

/// A row that compares with a date is about today until another is chosen.
fn dated(row: Row) -> Row {
    match &row.operand {
        Operand::Date(date) if date.is_empty() => {
            let today = crate::clock::now().to_rfc3339().chars().take("2026-01-31".len()).collect();
            Row { operand: Operand::Date(today), ..row }
        }
        _ => row,
    }
}

/// A row about another field, compared as before when that can be and means as much.
fn about(field: &Field, operator: Operator) -> Row {
    let new = Row::of(field);
    let fits = operators(&field.of).contains(&operator)
        && operator.is_of_dates() == new.operator.is_of_dates();
    if fits { new.with_operator(operator, &field.of) } else { new }
}

/// What is no row.
#[component]
fn TextView(rows: Rows, places: StoredValue<Vec<usize>>) -> impl IntoView {
    let text = move || {
        places.with_value(|places| rows.part(places)).map(|part| part.text()).unwrap_or_default()
    };
    view! {
        <div class="jc-card">
            <div class="jc-rowline">
                <code class="jc-grow">{text}</code>
                <RemoveRow row="condition" on_remove=Callback::new(move |()| places.with_value(|places| rows.change(places, |_| None)))/>
            </div>
            <small class="jc-hint">{t!("Written as text above.")}</small>
        </div>
    }
}
