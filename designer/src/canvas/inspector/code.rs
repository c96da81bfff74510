//! Where an expression is written, or a text with expressions between double braces: what may go on there is offered below.
//!
//! Attributes that stay as they are: `[data-choices=POINTER]` the list, `[data-choice=TEXT]` one of it,
//! `[data-insert=POINTER]` offers the fields that a text can have.

use super::super::model::Canvas;
use crate::messages::t;
use ::journey::{
    check,
    expr::{
        TypeScope,
        completion::{Choice, Completions, complete, insertions},
    },
};
use leptos::{ev, html, prelude::*};

/// What is on offer below a field.
#[derive(Clone, Default, PartialEq)]
struct Offered {
    /// Where the begun name starts and where the caret is, in bytes.
    from: usize,
    at: usize,
    choices: Vec<Choice>,
    active: usize,
}

/// What one field offers.
#[derive(Clone, Copy)]
struct Help {
    canvas: Canvas,
    node: StoredValue<Option<String>>,
    input: NodeRef<html::Textarea>,
    offered: RwSignal<Offered>,
    code: bool,
}

impl Help {
    /// Offers what may go on at the caret; where nothing was begun only when it is asked for, so that Tab goes on to the next field.
    fn look(self, asked: bool) {
        let Some(input) = self.input.get_untracked() else { return };
        let (typed, caret) = (input.value(), input.selection_start().ok().flatten());
        let at = bytes_before(&typed, caret.unwrap_or_default() as usize);
        let is_begun = |offered: &Offered| {
            let before = typed.get(..at).unwrap_or_default();
            offered.from < at || before.ends_with(['.', '\'', '"'])
        };
        let offered = self.offer(&typed, at).filter(|offered| asked || is_begun(offered));
        self.offered.set(offered.unwrap_or_default());
    }

    fn offer(self, typed: &str, at: usize) -> Option<Offered> {
        let start = if self.code { 0 } else { braces(typed.get(..at)?)? };
        let Completions { from, choices } =
            complete(typed.get(start..)?, at - start, &self.scope());
        Some(Offered { from: start + from, at, choices, active: 0 })
    }

    /// Offers the fields that a text can have at the caret.
    fn look_for_fields(self) {
        let Some(input) = self.input.get_untracked() else { return };
        let (typed, caret) = (input.value(), input.selection_start().ok().flatten());
        let at = bytes_before(&typed, caret.unwrap_or_default() as usize);
        let choices = insertions(&self.scope());
        // Only where the keys go.
        let _ = input.focus();
        self.offered.set(Offered { from: at, at, choices, active: 0 });
    }

    fn scope(self) -> TypeScope {
        self.canvas.read(|editor| {
            let scope = |node: &Option<String>| {
                check::scope(editor.draft(), Some(editor.workspace()), node.as_deref())
            };
            self.node.with_value(scope)
        })
    }

    /// Writes a choice in the place of what was begun; gives the whole text then.
    fn take(self, choice: usize) -> Option<String> {
        let (input, typed) = (self.input.get_untracked()?, self.input.get_untracked()?.value());
        let Offered { from, at, choices, .. } = self.offered.get_untracked();
        let begun = format!("{}{}", typed.get(..from)?, choices.get(choice)?.text);
        let caret = u32::try_from(begun.encode_utf16().count()).ok()?;
        let typed = begun + typed.get(at..)?;
        input.set_value(&typed);
        // Only where the next letter goes.
        let _ = input.set_selection_range(caret, caret);
        let _ = input.focus();
        Some(typed)
    }
}

/// A text field of one or more lines that offers what may be written.
#[component]
pub(super) fn CodeInput(
    canvas: Canvas,
    /// Whose names are read; `None` for the journey itself.
    node: Option<String>,
    #[prop(into)] text: Signal<String>,
    write: Callback<String>,
    #[prop(into)] label: String,
    #[prop(into)] field: String,
    #[prop(default = "")] example: &'static str,
    #[prop(default = 1)] rows: u32,
    /// All of it is an expression.
    code: bool,
    #[prop(optional, into)] wrong: Signal<bool>,
) -> impl IntoView {
    let offered = RwSignal::new(Offered::default());
    let (input, node) = (NodeRef::new(), StoredValue::new(node));
    let help = Help { canvas, node, input, offered, code };
    let list = format!("jc-choices{}", field.replace(['/', ':'], "-"));
    let take = move |choice: usize| {
        if let Some(typed) = help.take(choice) {
            write.run(typed);
            help.look(false);
        }
    };
    let key = move |event: ev::KeyboardEvent| {
        if event.key() == " " && event.ctrl_key() {
            event.prevent_default();
            return help.look(true);
        }
        pressed(&event, offered, &take);
        if event.key() == "Enter" && rows == 1 && !code {
            event.prevent_default();
        }
    };
    let is_open = move || offered.with(|offered| !offered.choices.is_empty());
    let listed = list.clone();
    let active =
        move || is_open().then(|| format!("{listed}-{}", offered.with(|offered| offered.active)));
    let (controls, options) = (list.clone(), list.clone());
    let id = format!("{list}-of");
    let insert = (!code).then(|| insert_button(help, field.clone()));
    view! {
        <span class="jc-code-head">
            <label class="jc-label" for=id.clone()>{label}</label>
            {insert}
        </span>
        <span class="jc-code">
            <textarea
                id=id
                class=if code { "jc-control code" } else { "jc-control" }
                rows=rows.to_string()
                data-field=field.clone()
                placeholder=example
                spellcheck=if code { "false" } else { "true" }
                autocomplete="off"
                node_ref=input
                aria-autocomplete="list"
                aria-controls=move || is_open().then(|| controls.clone())
                aria-activedescendant=active
                aria-invalid=move || wrong.get().to_string()
                prop:value=move || text.get()
                on:input:target=move |event| {
                    write.run(event.target().value());
                    help.look(false);
                }
                on:keydown=key
                on:click=move |_| help.look(false)
                on:blur=move |_| offered.set(Offered::default())
            ></textarea>
            <Show when=is_open>
                <Choices offered list=options.clone() field=field.clone() take=Callback::new(take)/>
            </Show>
        </span>
    }
}

/// Offers the fields for those who do not know their names.
fn insert_button(help: Help, field: String) -> impl IntoView {
    // The field keeps the focus, and with it the caret.
    let press = |event: ev::PointerEvent| event.prevent_default();
    view! {
        <button
            type="button"
            class="jc-choice"
            data-insert=field
            on:pointerdown=press
            on:click=move |_| help.look_for_fields()
        >
            {t!("Insert a field")}
        </button>
    }
}

#[component]
fn Choices(
    offered: RwSignal<Offered>,
    list: String,
    field: String,
    take: Callback<usize>,
) -> impl IntoView {
    let id = StoredValue::new(list);
    let row = move |at: usize, Choice { text, detail }: Choice| {
        let is_active = move || offered.with(|offered| offered.active == at);
        let shown = text.clone();
        // The field keeps the focus.
        let press = move |event: ev::PointerEvent| {
            event.prevent_default();
            take.run(at);
        };
        view! {
            <li
                id=format!("{}-{at}", id.get_value())
                role="option"
                aria-selected=move || is_active().to_string()
                class:active=is_active
                data-choice=text
                on:pointerdown=press
            >
                <code>{shown}</code>
                <small>{detail}</small>
            </li>
        }
    };
    let rows = move || {
        let choices = offered.with(|offered| offered.choices.clone());
        choices.into_iter().enumerate().map(|(at, choice)| row(at, choice)).collect_view()
    };
    Effect::new(move |_| {
        let active = offered.with(|offered| offered.active);
        let id = id.with_value(|id| format!("{id}-{active}"));
        if let Some(chosen) = document().get_element_by_id(&id) {
            chosen.scroll_into_view_with_bool(false);
        }
    });
    view! {
        <ul
            class="jc-offers"
            role="listbox"
            aria-label=t!("What may be written here")
            tabindex="0"
            id=id.get_value()
            data-choices=field
            on:mousedown=|event| event.prevent_default()
        >
            {rows}
        </ul>
    }
}

/// The keys that choose; all others are the field's.
fn pressed(event: &ev::KeyboardEvent, offered: RwSignal<Offered>, take: &impl Fn(usize)) {
    let (count, active) = offered.with_untracked(|offered| (offered.choices.len(), offered.active));
    if count == 0 {
        return;
    }
    match event.key().as_str() {
        "ArrowDown" => offered.update(|offered| offered.active = (active + 1) % count),
        "ArrowUp" => offered.update(|offered| offered.active = (active + count - 1) % count),
        "Enter" | "Tab" => take(active),
        "Escape" => offered.set(Offered::default()),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}

/// Where the expression begins between the last double braces that are open.
fn braces(before: &str) -> Option<usize> {
    let open = before.rfind("{{")? + 2;
    let inside = before.get(open..)?;
    (!inside.contains("}}")).then_some(open + inside.len() - inside.trim_start().len())
}

fn bytes_before(text: &str, units: usize) -> usize {
    let mut left = units;
    for (at, letter) in text.char_indices() {
        if left < letter.len_utf16() {
            return at;
        }
        left -= letter.len_utf16();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caret_is_found_by_its_units_and_an_expression_by_its_braces() {
        assert_eq!(bytes_before("a😀b", 3), 5);
        assert_eq!(bytes_before("a😀b", 2), 1);
        assert_eq!(bytes_before("ab", 9), 2);
        assert_eq!(braces("Hello {{ acc"), Some(9));
        assert_eq!(braces("Hello {{ a }} b"), None);
        assert_eq!(braces("Hello"), None);
    }
}
