use super::{Format, import};
use crate::{ImportError, Imported};
use journey::{Severity, check};
use serde_json::json;

fn read(text: &str, format: Format) -> Imported {
    let imported = import("list", text, format).expect("it can be read");
    let (journey, found) = check(&imported.draft, None);
    let errors: Vec<_> = found.iter().filter(|found| found.severity == Severity::Error).collect();
    assert!(journey.is_some() && errors.is_empty(), "{errors:?}");
    imported
}

fn steps(imported: &Imported) -> Vec<String> {
    imported.draft.nodes.iter().map(|node| format!("{} {}", node.kind, node.name)).collect()
}

fn sentences(imported: &Imported) -> Vec<(usize, &str, &str)> {
    let left = imported.left_out.iter();
    left.map(|left| (left.line, left.kind.as_str(), left.name.as_str())).collect()
}

const ONBOARDING: &str = "\u{feff}# Customer onboarding

What every new customer gets.

## Kick-off
People first.

- [ ] Send **welcome** mail (owner: team success, due: 1 business day)
- [x] Kick-off call @success due 3 days
  Ask for [goals](https://example.com/goals).
  - Agenda sent
  - Minutes written
  - Order hardware (owner: team logistics)

## Empty

## Go live
1. Train users
2. Hand over, due next Friday
";

#[test]
fn a_checklist_in_markdown_becomes_tasks_in_order_with_owners_due_dates_boxes_and_milestones() {
    let imported = read(ONBOARDING, Format::Markdown);
    assert_eq!(imported.draft.name, "Customer onboarding");
    assert_eq!(imported.draft.description.as_deref(), Some("What every new customer gets."));
    assert_eq!(
        steps(&imported),
        [
            "trigger Start",
            "note ",
            "task Send welcome mail",
            "task Kick-off call",
            "task Order hardware",
            "milestone Kick-off",
            "task Train users",
            "task Hand over, due next Friday",
            "milestone Go live",
            "end Done",
        ]
    );
    let call = &imported.draft.nodes[3].settings;
    assert_eq!(call["owner"], json!({ "rule": "team", "team": "success" }));
    assert_eq!(call["sla"]["due"], json!("P3D"));
    assert_eq!(call["form"]["properties"]["agenda_sent"]["title"], json!("Agenda sent"));
    assert_eq!(call["instructions"], json!("Ask for [goals](https://example.com/goals)."));
    let mail = &imported.draft.nodes[2].settings;
    assert_eq!(mail["sla"]["due"], json!({ "business": "P1D" }));
    assert_eq!(
        sentences(&imported),
        [
            (9, "item", ""),
            (13, "due", ""),
            (15, "heading", "Empty"),
            (18, "owner", ""),
            (19, "due", "due next Friday"),
        ]
    );
}

#[test]
fn a_spreadsheet_becomes_tasks_whatever_its_columns_are_called_and_parted_by() {
    let text = "\u{feff}PHASE;Task;Team;Days;Instructions;Cost\r\nStart;\"Call; \"\"now\"\"\";success;2;\"Say hello.\r\nSay who we are.\";5\r\n;Mail;;soon;;\r\n\r\nEnd;Close;ann@example.com;8h;{{{ x }};\r\n;;;1;;\r\n";
    let imported = read(text, Format::Csv);
    assert_eq!(imported.draft.name, "list");
    assert_eq!(
        steps(&imported),
        [
            "trigger Start",
            "task Call; \"now\"",
            "task Mail",
            "milestone Start",
            "task Close",
            "milestone End",
            "end Done",
        ]
    );
    let close = &imported.draft.nodes[4].settings;
    assert_eq!(close["owner"], json!({ "rule": "user", "user": "ann@example.com" }));
    assert_eq!(close["sla"]["due"], json!("PT8H"));
    assert_eq!(close["instructions"], json!("{ { { x }}"));
    assert_eq!(
        sentences(&imported),
        [
            (1, "column", "Cost"),
            (4, "due", "soon"),
            (4, "owner", ""),
            (4, "due", ""),
            (7, "row", ""),
        ]
    );
}

#[test]
fn what_is_no_checklist_is_refused_with_what_would_mend_it() {
    let why = |text: &str, format| match import("x", text, format) {
        Err(ImportError::Unfit(why)) => why,
        other => panic!("{other:?}"),
    };
    assert!(why("Only words.\n\n```\n- no item\n```\n", Format::Markdown).contains("- [ ]"));
    assert!(why("a,b\n1,2\n", Format::Csv).contains("“title”"));
    assert!(why("", Format::Csv).contains("“title”"));
    assert!(why("title\n", Format::Csv).contains("no row"));
    let long = "- a\n".repeat(1_001);
    let refused = import("x", &long, Format::Markdown);
    assert!(matches!(refused, Err(ImportError::At { line: 1_001, .. })), "{refused:?}");
}

#[test]
fn a_link_in_an_item_leaves_its_words_and_keeps_its_address_in_the_instructions() {
    let imported =
        read("- see [1] and [the guide](https://example.com/a) now\n- [x](y", Format::Markdown);
    assert_eq!(imported.draft.nodes[1].name, "see [1] and the guide now");
    let instructions = &imported.draft.nodes[1].settings["instructions"];
    assert_eq!(*instructions, json!("the guide: https://example.com/a"));
    assert_eq!(imported.draft.nodes[2].name, "(y");
}

#[test]
fn a_long_list_stands_in_rows() {
    let imported = read(&"- step\n".repeat(20), Format::Markdown);
    let places: Vec<(f64, f64)> =
        imported.draft.nodes.iter().map(|node| (node.position.x, node.position.y)).collect();
    assert_eq!(places[7], (2070.0, 40.0));
    assert_eq!(places[8], (40.0, 260.0));
    assert_eq!(imported.draft.nodes[20].id, "step_20");
}
