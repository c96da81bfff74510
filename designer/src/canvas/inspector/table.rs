//! A decision's table: a column for each thing it looks at and each variable it sets, a row for each rule.

use super::super::icon::Icon;
use super::{
    field::{Optional, Place, ProblemLines},
    rows::{AddRow, NewRow, Section},
};
use crate::editor::{
    form::slug,
    settings,
    table::{self, Change},
};
use crate::messages::{phrase, t};
use leptos::prelude::*;
use serde_json::Value;

/// The grid, and what makes it grow.
#[component]
pub(super) fn TableForm(place: Place) -> impl IntoView {
    let grid = Grid::of(place);
    let add_rule = Callback::new(move |()| grid.change(Change::AddRule));
    let add_input = Callback::new(move |()| grid.change(Change::AddInput));
    let add_output = Callback::new(move |typed: String| {
        let name = slug(&typed);
        let is_new =
            !name.is_empty() && !grid.outputs.with_untracked(|names| names.contains(&name));
        if is_new {
            grid.empty_outputs.update(|names| names.push(name));
        }
        is_new
    });
    view! {
        <Section title=t!("Table")>
            <p class="jc-hint">
                {phrase!(
                    "An empty cell takes anything. A cell is compared with its column, or reads it as {it}, as in {example}.",
                    it = view! { <code>"it"</code> },
                    example = view! { <code>"it > 100"</code> },
                )}
            </p>
            <div class="jc-table-wrap">
                <table class="jc-table">
                    <Head grid/>
                    <tbody>
                        {move || (0..grid.rules.get()).map(|at| view! { <Rule grid at/> }).collect_view()}
                    </tbody>
                </table>
            </div>
            <ProblemLines place pointer="/table"/>
            <ProblemLines place pointer="/table/inputs"/>
            <ProblemLines place pointer="/table/rules"/>
            <div class="jc-rowline wrap">
                <AddRow list="table/rules" label=t!("Add a rule") on_add=add_rule/>
                <AddRow list="table/inputs" label=t!("Add a column") on_add=add_input/>
            </div>
            <NewRow
                list="table/outputs"
                placeholder=t!("A variable it sets, e.g. tier")
                label=t!("New variable")
                on_add=add_output
            />
            <p class="jc-hint">
                {t!("A rule leaves by the way named at its end, or by “out”. When no rule holds, it leaves by “Otherwise”.")}
            </p>
        </Section>
    }
}

/// The table as the draft has it now.
#[derive(Clone, Copy)]
struct Grid {
    place: Place,
    inputs: Memo<usize>,
    rules: Memo<usize>,
    /// The variables that rules set, and those whose column is empty still.
    outputs: Memo<Vec<String>>,
    empty_outputs: RwSignal<Vec<String>>,
}

impl Grid {
    fn of(place: Place) -> Self {
        let empty_outputs = RwSignal::new(Vec::<String>::new());
        let outputs = Memo::new(move |_| {
            let mut names = place.value("/table").as_ref().map(table::outputs).unwrap_or_default();
            for name in empty_outputs.get() {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            names
        });
        Self {
            place,
            inputs: Memo::new(move |_| place.length("/table/inputs")),
            rules: Memo::new(move |_| place.length("/table/rules")),
            outputs,
            empty_outputs,
        }
    }

    fn table(self) -> Value {
        self.place.value("/table").unwrap_or_default()
    }

    fn change(self, change: Change) {
        self.place.set("/table", Some(table::changed(&untrack(|| self.table()), change)));
    }

    fn forget_output(self, name: &str) {
        self.empty_outputs.update(|names| names.retain(|other| other != name));
        self.place.set("/table", Some(table::without_output(&untrack(|| self.table()), name)));
    }
}

#[component]
fn Head(grid: Grid) -> impl IntoView {
    let inputs = move || {
        let columns = (0..grid.inputs.get()).map(|at| {
            let label = t!("Column {number}", number = at + 1);
            view! {
                <th scope="col">
                    <div class="jc-column">
                    <Cell grid pointer=format!("/table/inputs/{at}") label example=t!("account.segment") empty=Optional::No/>
                    <ColumnTool
                        name=format!("table/inputs/{at}")
                        label=t!("Remove column {number}", number = at + 1)
                        on_remove=Callback::new(move |()| grid.change(Change::RemoveInput(at)))
                    />
                </div></th>
            }
        });
        columns.collect_view()
    };
    let output = move |name: String| {
        let removed = name.clone();
        view! {
            <th scope="col" class="set">
                <div class="jc-column">
                <span class="jc-grow">"→ " {name.clone()}</span>
                <ColumnTool
                    name=format!("table/outputs/{name}")
                    label=t!("Remove {name}", name)
                    on_remove=Callback::new(move |()| grid.forget_output(&removed))
                />
            </div></th>
        }
    };
    view! {
        <thead>
            <tr>
                <th scope="col"><span class="unseen">{t!("Rule")}</span></th>
                {inputs}
                <For each=move || grid.outputs.get() key=Clone::clone let:name>{output(name)}</For>
                <th scope="col">{t!("Leaves by")}</th>
                <th scope="col"><span class="unseen">{t!("Change")}</span></th>
            </tr>
        </thead>
    }
}

#[component]
fn ColumnTool(name: String, label: String, on_remove: Callback<()>) -> impl IntoView {
    let title = label.clone();
    view! {
        <button type="button" class="jc-tool danger" data-remove=name aria-label=label title=title on:click=move |_| on_remove.run(())>
            <Icon name="trash"/>
        </button>
    }
}

#[component]
fn Rule(grid: Grid, at: usize) -> impl IntoView {
    let place = grid.place;
    let number = at + 1;
    let conditions = move || {
        let cells = (0..grid.inputs.get()).map(|column| {
            let label = t!("Rule {number}, column {column}", number, column = column + 1);
            view! {
                <td><Cell grid pointer=format!("/table/rules/{at}/when/{column}") label example=t!("any") empty=Optional::No/></td>
            }
        });
        cells.collect_view()
    };
    let output = move |name: String| {
        let pointer = format!("/table/rules/{at}/set/{}", settings::step(&name));
        let label = t!("Rule {number} sets {name}", number, name);
        view! { <td><Cell grid pointer label example=t!("'gold'") empty=Optional::Yes/></td> }
    };
    let port = format!("/table/rules/{at}/port");
    let text = {
        let port = port.clone();
        Memo::new(move |_| place.text(&port))
    };
    let field = port.clone();
    view! {
        <tr data-rule=number.to_string()>
            <th scope="row">{number}</th>
            {conditions}
            <For each=move || grid.outputs.get() key=Clone::clone let:name>{output(name)}</For>
            <td>
                <input
                    class="jc-control"
                    aria-label=t!("Rule {number} leaves by", number)
                    placeholder=t!("out")
                    data-field=field
                    prop:value=move || text.get()
                    on:change:target=move |event| {
                        place.set_text(&port, slug(&event.target().value()), Optional::Yes);
                    }
                />
            </td>
            <td><RuleTools grid at/></td>
        </tr>
        <RuleProblems grid at/>
    }
}

#[component]
fn RuleTools(grid: Grid, at: usize) -> impl IntoView {
    let tool = move |icon: &'static str, words: &'static str, change: Change| {
        let label = format!("{words} {}", at + 1);
        let (title, name) = (label.clone(), matches!(change, Change::RemoveRule(_)));
        view! {
            <button
                type="button"
                class="jc-tool"
                data-remove=name.then(|| format!("table/rules/{at}"))
                aria-label=label
                title=title
                on:click=move |_| grid.change(change)
            >
                <Icon name=icon/>
            </button>
        }
    };
    view! {
        <div class="jc-form-tools">
            {tool("up", t!("Ask earlier: rule"), Change::ShiftRule(at, -1))}
            {tool("down", t!("Ask later: rule"), Change::ShiftRule(at, 1))}
            {tool("trash", t!("Remove rule"), Change::RemoveRule(at))}
        </div>
    }
}

/// What is wrong with any cell of a rule, in a row below it.
#[component]
fn RuleProblems(grid: Grid, at: usize) -> impl IntoView {
    let place = grid.place;
    let pointers = move || {
        let rule = format!("/table/rules/{at}");
        let when = (0..grid.inputs.get()).map(|column| format!("{rule}/when/{column}"));
        let set = grid
            .outputs
            .get()
            .into_iter()
            .map(|name| format!("{rule}/set/{}", settings::step(&name)));
        let rest = ["", "/when", "/set", "/port"].map(|member| format!("{rule}{member}"));
        rest.into_iter().chain(when).chain(set).collect::<Vec<_>>()
    };
    let lines = move || {
        let lines = pointers().into_iter();
        lines.map(|pointer| view! { <ProblemLines place pointer/> }).collect_view()
    };
    view! {
        <tr class="problems">
            <td colspan=move || (grid.inputs.get() + grid.outputs.with(Vec::len) + 3).to_string()>{lines}</td>
        </tr>
    }
}

/// One expression of the grid.
#[component]
fn Cell(
    grid: Grid,
    pointer: String,
    label: String,
    example: &'static str,
    empty: Optional,
) -> impl IntoView {
    let place = grid.place;
    let pointer = StoredValue::new(pointer);
    let text = Memo::new(move |_| place.text(&pointer.get_value()));
    let wrong = move || !place.problems(&pointer.get_value()).is_empty();
    view! {
        <textarea
            class="jc-control code"
            rows="1"
            spellcheck="false"
            aria-label=label
            placeholder=example
            data-field=pointer.get_value()
            aria-invalid=move || wrong().to_string()
            prop:value=move || text.get()
            on:input:target=move |event| {
                place.set_text(&pointer.get_value(), event.target().value(), empty);
            }
        ></textarea>
    }
}
