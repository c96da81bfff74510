//! The fields every form is made of: each reads one setting, writes it, and shows what is wrong with it.

use super::{
    super::{icon::Icon, model::Canvas},
    builder::Builder,
    code::CodeInput,
    eyes::SeenLine,
};
use crate::editor::{Input, settings};
use crate::messages::t;
use journey::{Diagnostic, Severity};
use leptos::prelude::*;
use serde_json::Value;

/// The values a choice offers, and their words.
pub(super) type Choices = Vec<(String, String)>;

/// The settings of one node, or of the journey itself, to be read and written by pointer.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) canvas: Canvas,
    /// `None` for the journey itself.
    node: StoredValue<Option<String>>,
    /// The pointers of the fields on show.
    fields: RwSignal<Vec<String>>,
}

impl Place {
    pub(super) fn new(canvas: Canvas, node: String) -> Self {
        Self { canvas, node: StoredValue::new(Some(node)), fields: RwSignal::default() }
    }

    pub(super) fn of_journey(canvas: Canvas) -> Self {
        Self { canvas, node: StoredValue::new(None), fields: RwSignal::default() }
    }

    /// The node's id; empty for the journey itself.
    pub(super) fn node(self) -> String {
        self.node.get_value().unwrap_or_default()
    }

    /// A setting, read anew whenever the draft changes.
    pub(super) fn value(self, pointer: &str) -> Option<Value> {
        self.canvas.follow();
        self.canvas.read(|editor| match self.node.get_value() {
            Some(id) => settings::read(editor.draft().node(&id)?, pointer).cloned(),
            None => settings::read_head(editor.draft(), pointer),
        })
    }

    /// A setting's text, read anew whenever the draft changes.
    pub(super) fn text(self, pointer: &str) -> String {
        self.canvas.follow();
        self.canvas.read(|editor| {
            let draft = editor.draft();
            if let Some(id) = self.node.get_value() {
                return draft
                    .node(&id)
                    .map(|node| settings::text(node, pointer))
                    .unwrap_or_default();
            }
            let value = settings::read_head(draft, pointer);
            value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
        })
    }

    /// How many entries a list has.
    pub(super) fn length(self, pointer: &str) -> usize {
        self.value(pointer).and_then(|list| list.as_array().map(Vec::len)).unwrap_or_default()
    }

    pub(super) fn set(self, pointer: &str, value: Option<Value>) {
        let field = pointer.to_owned();
        self.canvas.send(match self.node.get_value() {
            Some(node) => Input::Set { node, field, value },
            None => Input::SetJourney { field, value },
        });
    }

    /// Writes several settings of a node as one step.
    pub(super) fn set_all(self, fields: Vec<(&str, Option<Value>)>) {
        let fields = fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
        self.canvas.send(Input::SetAll { node: self.node(), fields });
    }

    /// Writes text; an optional setting goes when its text is empty.
    pub(super) fn set_text(self, pointer: &str, text: String, optional: Optional) {
        let keep = !(text.is_empty() && optional == Optional::Yes);
        self.set(pointer, keep.then_some(Value::String(text)));
    }

    /// What is wrong with a field; with an empty pointer, whatever no field on show is about.
    pub(super) fn problems(self, pointer: &str) -> Vec<Diagnostic> {
        let node = self.node.get_value();
        let is_mine = move |problem: &Diagnostic| {
            problem.node == node && (node.is_some() || problem.edge.is_none())
        };
        let is_here = |field: Option<&str>| match (field, pointer) {
            (None, pointer) => pointer.is_empty(),
            (Some(field), "") => self.fields.with(|shown| !shown.iter().any(|one| one == field)),
            (Some(field), pointer) => field == pointer,
        };
        self.canvas.problems.with(|problems| {
            let about =
                |problem: &&Diagnostic| is_mine(problem) && is_here(problem.field.as_deref());
            problems.iter().filter(about).cloned().collect()
        })
    }

    /// Says that a field is on show for as long as the caller's component is.
    fn shows(self, pointer: &str) {
        if pointer.is_empty() {
            return;
        }
        let pointer = pointer.to_owned();
        self.fields.update(|shown| shown.push(pointer.clone()));
        on_cleanup(move || {
            // The whole form may be going.
            let _ = self.fields.try_update(|shown| {
                if let Some(at) = shown.iter().position(|one| *one == pointer) {
                    shown.remove(at);
                }
            });
        });
    }
}

/// Whether an empty field takes its setting away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Optional {
    Yes,
    No,
}

/// A text field: one line, or several with `rows`; `code` for expressions, `tags` for a line that can have some between double braces; `condition` for an expression that can be built from rows.
#[component]
pub(super) fn TextField(
    place: Place,
    #[prop(into)] label: String,
    #[prop(into)] pointer: String,
    #[prop(default = "")] hint: &'static str,
    #[prop(default = "")] example: &'static str,
    #[prop(default = 1)] rows: u32,
    #[prop(default = false)] code: bool,
    /// It is an expression that holds or does not.
    #[prop(default = false)]
    condition: bool,
    #[prop(default = false)] tags: bool,
    #[prop(default = Optional::No)] optional: Optional,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let text = Memo::new(move |_| place.text(&pointer.get_value()));
    let write = move |typed: String| place.set_text(&pointer.get_value(), typed, optional);
    let wrong = move || !place.problems(&pointer.get_value()).is_empty();
    let code = code || condition;
    // What can have expressions in it is written with help.
    let control = if rows > 1 || code || tags {
        let node = place.node.get_value();
        let (write, wrong) = (Callback::new(write), Signal::derive(wrong));
        let (canvas, field) = (place.canvas, pointer.get_value());
        view! {
            <div class="jc-field">
                <CodeInput canvas node text write label field example rows code wrong/>
                {(!hint.is_empty()).then(|| view! { <small class="jc-hint">{hint}</small> })}
            </div>
        }
        .into_any()
    } else {
        view! {
            <label class="jc-field">
                <span class="jc-label">{label}</span>
                <input
                    class="jc-control"
                    data-field=pointer.get_value()
                    placeholder=example
                    aria-invalid=move || wrong().to_string()
                    prop:value=move || text.get()
                    on:input:target=move |event| write(event.target().value())
                />
                {(!hint.is_empty()).then(|| view! { <small class="jc-hint">{hint}</small> })}
            </label>
        }
        .into_any()
    };
    let builder = condition.then(|| {
        let (node, write) = (place.node.get_value(), Callback::new(write));
        view! { <Builder canvas=place.canvas node text write field=pointer.get_value()/> }
    });
    view! {
        {control}
        <SeenLine source=text code/>
        <ProblemLines place pointer=pointer.get_value()/>
        {builder}
    }
}

/// A choice among values that are known.
#[component]
pub(super) fn SelectField(
    place: Place,
    #[prop(into)] label: String,
    #[prop(into)] pointer: String,
    #[prop(into)] choices: Signal<Choices>,
    #[prop(default = "")] hint: &'static str,
    #[prop(default = Optional::No)] optional: Optional,
    /// The choice that a draft which does not say is taken for.
    #[prop(default = "")]
    unsaid: &'static str,
) -> impl IntoView {
    let pointer = StoredValue::new(pointer);
    let value = Memo::new(move |_| match place.text(&pointer.get_value()) {
        text if text.is_empty() => unsaid.to_owned(),
        text => text,
    });
    view! {
        <label class="jc-field">
            <span class="jc-label">{label}</span>
            <Picker
                value
                choices
                field=pointer.get_value()
                on_pick=Callback::new(move |picked| place.set_text(&pointer.get_value(), picked, optional))
            />
            {(!hint.is_empty()).then(|| view! { <small class="jc-hint">{hint}</small> })}
        </label>
        <ProblemLines place pointer=pointer.get_value()/>
    }
}

/// The bare choice; a value that is not on offer is shown as it is.
#[component]
pub(super) fn Picker(
    #[prop(into)] value: Signal<String>,
    choices: Signal<Choices>,
    #[prop(into)] field: String,
    on_pick: Callback<String>,
    /// What it is called where no label stands around it.
    #[prop(optional, into)]
    label: Option<String>,
) -> impl IntoView {
    let options = move || {
        let chosen = value.get();
        let mut all = choices.get();
        if !all.iter().any(|(value, _)| *value == chosen) {
            let words = if chosen.is_empty() { t!("Choose…").to_owned() } else { chosen.clone() };
            all.insert(0, (chosen.clone(), words));
        }
        all.into_iter()
            .map(|(value, words)| {
                let selected = value == chosen;
                view! { <option value=value selected=selected>{words}</option> }
            })
            .collect_view()
    };
    view! {
        <select
            class="jc-control"
            aria-label=label
            data-field=field
            prop:value=move || value.get()
            on:change:target=move |event| on_pick.run(event.target().value())
        >
            {options}
        </select>
    }
}

/// What is wrong with a field, with what would mend it.
#[component]
pub(super) fn ProblemLines(place: Place, #[prop(into)] pointer: String) -> impl IntoView {
    place.shows(&pointer);
    let lines = {
        let pointer = pointer.clone();
        move || problem_lines(place.canvas, place.problems(&pointer), &pointer)
    };
    view! { {lines} }
}

/// Problems as lines under what they are about.
pub(super) fn problem_lines(canvas: Canvas, problems: Vec<Diagnostic>, pointer: &str) -> AnyView {
    problems
        .into_iter()
        .map(|problem| {
            let (icon, class) = match problem.severity {
                Severity::Error => ("error", "jc-field-problem error"),
                Severity::Warning => ("warning", "jc-field-problem warning"),
            };
            let fixes = problem
                .fixes
                .into_iter()
                .map(|fix| {
                    let (label, change) = (fix.label.clone(), fix.change);
                    let mend = move |_| {
                        canvas.send(Input::Fix { label: label.clone(), change: change.clone() });
                    };
                    view! { <button type="button" class="jc-fix" on:click=mend><Icon name="fix"/>{fix.label}</button> }
                })
                .collect_view();
            view! {
                <p class=class data-field-problem=pointer.to_owned()>
                    <Icon name=icon/>
                    <span>{problem.message}</span>
                    {fixes}
                </p>
            }
        })
        .collect_view()
        .into_any()
}
