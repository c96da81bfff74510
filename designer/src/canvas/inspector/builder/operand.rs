//! The value of a row: a control for what its field is compared with.

use super::{
    super::{
        field::{Choices, Picker},
        names,
    },
    Rows,
};
use crate::messages::{t, text};
use ::journey::expr::condition::{Operand, Row, of_words};
use leptos::prelude::*;

/// How a value is entered.
#[derive(Clone, PartialEq)]
enum Control {
    Nothing,
    Words(Vec<String>),
    Text,
    Number,
    Flag,
    /// A date of a calendar.
    Date,
    /// A number of days.
    Days,
    Texts,
    Ticks(Vec<String>),
    Computed,
}

impl Control {
    fn of(rows: Rows, row: &Row) -> Self {
        let words = of_words(&rows.of(row));
        match (&row.operand, words.is_empty()) {
            (Operand::Nothing, _) => Self::Nothing,
            (Operand::Text(_), false) => Self::Words(words),
            (Operand::Text(_), true) => Self::Text,
            (Operand::Number(_), _) => Self::Number,
            (Operand::Flag(_), _) => Self::Flag,
            (Operand::Date(_), _) => Self::Date,
            (Operand::Days(_), _) => Self::Days,
            (Operand::Texts(_), false) => Self::Ticks(words),
            (Operand::Texts(_), true) => Self::Texts,
            (Operand::Computed(_), _) => Self::Computed,
        }
    }
}

#[component]
pub(super) fn OperandView(
    rows: Rows,
    places: StoredValue<Vec<usize>>,
    row: Memo<Option<Row>>,
) -> impl IntoView {
    let control = Memo::new(move |_| {
        row.with(|row| row.as_ref().map_or(Control::Nothing, |row| Control::of(rows, row)))
    });
    let operand = Signal::derive(move || row.get().map_or(Operand::Nothing, |row| row.operand));
    let set = move |operand: Operand| {
        places.with_value(|places| rows.change_row(places, |row| Row { operand, ..row }));
    };
    let shown = move || match control.get() {
        Control::Nothing => ().into_any(),
        Control::Words(words) => {
            let choices = words.into_iter().map(|word| (word.clone(), word)).collect::<Choices>();
            let pick = Callback::new(move |word| set(Operand::Text(word)));
            let value = Signal::derive(move || written(&operand.get()));
            view! { <Picker value choices=Signal::stored(choices) field="condition/value" label=t!("Value").to_owned() on_pick=pick/> }.into_any()
        }
        Control::Flag => {
            let choices = names::words([("true", text!("yes")), ("false", text!("no"))]);
            let pick = Callback::new(move |word: String| set(Operand::Flag(word == "true")));
            let value = Signal::derive(move || written(&operand.get()));
            view! { <Picker value choices=Signal::stored(choices) field="condition/value" label=t!("Value").to_owned() on_pick=pick/> }.into_any()
        }
        Control::Ticks(words) => ticks(operand, words, set),
        // A date that is being typed is empty until it is one.
        Control::Date => typed(operand, "date", move |date| {
            if !date.is_empty() {
                set(Operand::Date(date));
            }
        }),
        Control::Days => typed(operand, "number", move |days| {
            if let Some(days) = Operand::days(&days) {
                set(days);
            }
        }),
        Control::Text => typed(operand, "text", move |text| set(Operand::Text(text))),
        Control::Number => typed(operand, "number", move |text| {
            if let Some(number) = Operand::number(&text) {
                set(number);
            }
        }),
        Control::Texts => typed(operand, "text", move |text| {
            let texts = text.split(',').map(|text| text.trim().to_owned());
            set(Operand::Texts(texts.filter(|text| !text.is_empty()).collect()));
        }),
        Control::Computed => {
            view! { <code class="jc-hint">{move || written(&operand.get())}</code> }.into_any()
        }
    };
    view! { <span data-row="value">{shown}</span> }
}

/// A value as people see and type it.
fn written(operand: &Operand) -> String {
    match operand {
        Operand::Nothing => String::new(),
        Operand::Text(text)
        | Operand::Number(text)
        | Operand::Date(text)
        | Operand::Computed(text) => text.clone(),
        Operand::Days(days) => days.to_string(),
        Operand::Flag(flag) => flag.to_string(),
        Operand::Texts(texts) => texts.join(", "),
    }
}

/// A field that keeps what is typed while it means the same, such as the comma after the last of several texts.
fn typed(
    operand: Signal<Operand>,
    kind: &'static str,
    set: impl Fn(String) + Copy + 'static,
) -> AnyView {
    let is_list = move || operand.with(|operand| matches!(operand, Operand::Texts(_)));
    let own = RwSignal::new(String::new());
    let shown = move || {
        let written = operand.with(written);
        let same = own.with(|own| is_list() && parts(own) == parts(&written));
        if same { own.get() } else { written }
    };
    view! {
        <input
            class="jc-control"
            type=kind
            step="any"
            data-field="condition/value"
            aria-label=t!("Value")
            placeholder=move || if is_list() { t!("one, another") } else { "" }
            prop:value=shown
            on:input:target=move |event| {
                own.set(event.target().value());
                set(event.target().value());
            }
        />
    }
    .into_any()
}

fn parts(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect()
}

/// The words something can be, to tick some of.
fn ticks(
    operand: Signal<Operand>,
    words: Vec<String>,
    set: impl Fn(Operand) + Copy + 'static,
) -> AnyView {
    let chosen = move || match operand.get() {
        Operand::Texts(texts) => texts,
        _ => Vec::new(),
    };
    let tick = move |word: String| {
        let (is, changed) = (word.clone(), word.clone());
        let change = move |on: bool| {
            let mut texts = chosen();
            texts.retain(|text| *text != changed);
            if on {
                texts.push(changed.clone());
            }
            set(Operand::Texts(texts));
        };
        view! {
            <label class="jc-check">
                <input
                    type="checkbox"
                    data-word=word.clone()
                    prop:checked=move || chosen().contains(&is)
                    on:change:target=move |event| change(event.target().checked())
                />
                <span>{word}</span>
            </label>
        }
    };
    words.into_iter().map(tick).collect_view().into_any()
}
