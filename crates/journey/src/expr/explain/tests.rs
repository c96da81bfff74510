use super::{Change, Explanation};
use crate::{
    Timestamp,
    expr::{Expression, Scope},
};
use serde_json::{Value, json};

fn document() -> Value {
    json!({
        "health": 62, "segment": "enterprise", "arr": 1200.5, "name": "Ada", "tags": ["a", "b"], "flag": false, "none": null,
        "renewal": "2026-12-01T00:00:00Z", "items": [{"count": 1}, {"count": 5}], "deep": {"er": 1},
    })
}

fn explained(source: &str, account: &Value) -> Explanation {
    let now = Timestamp::from_rfc3339("2026-11-25T12:00:00Z").unwrap();
    let scope = Scope::new(&[("account", account)]).with_time("now", now);
    Expression::parse(source).unwrap().explain(&scope)
}

fn sentences(source: &str) -> Vec<String> {
    let explanation = explained(source, &document());
    explanation.changes.into_iter().map(|change| change.sentence).collect()
}

#[test]
fn a_condition_is_taken_apart_into_what_must_hold() {
    let source = "account.arr > 1000 && account.health < 50 && (account.segment == 'smb' || 'vip' in account.tags) && has(account.email)";
    let found = explained(source, &document());
    assert_eq!((found.holds, found.first_failing), (Some(false), Some(1)));
    let clauses: Vec<_> =
        found.clauses.iter().map(|clause| (clause.text.as_str(), clause.holds)).collect();
    let want = [
        ("account.arr > 1000", Some(true)),
        ("account.health < 50", Some(false)),
        ("account.segment == 'smb' || 'vip' in account.tags", Some(false)),
        ("has(account.email)", Some(false)),
    ];
    assert_eq!(clauses, want);
    let reads = |place: usize| {
        let reads = found.clauses[place].reads.iter();
        reads.map(|read| format!("{} {}", read.path, read.shown)).collect::<Vec<_>>()
    };
    assert_eq!(reads(1), ["account.health 62"]);
    assert_eq!(reads(2), ["account.segment 'enterprise'", "account.tags ['a', 'b']"]);
    assert_eq!(reads(3), ["account.email missing"]);
    assert_eq!(found.clauses[1].reads[0].value, Some(json!(62)));
    let alternatives: Vec<_> =
        found.clauses[2].alternatives.iter().map(|it| (it.text.as_str(), it.holds)).collect();
    assert_eq!(
        alternatives,
        [("account.segment == 'smb'", Some(false)), ("'vip' in account.tags", Some(false))]
    );
    assert_eq!(
        found.changes[0],
        Change {
            path: "account.health".to_owned(),
            from: Some(json!(62)),
            to: "below 50".to_owned(),
            example: Some(json!(49)),
            sentence: "account.health would have to be below 50 (it is 62).".to_owned(),
        }
    );
    assert_eq!(found.changes.len(), 3);
    let told = "account.health would have to be below 50 (it is 62), and account.segment";
    let smallest = found.smallest_change.unwrap();
    assert!(smallest.starts_with(told), "{smallest}");
    assert_eq!(smallest.matches(", and ").count(), 2, "all three clauses: {smallest}");
}

#[test]
fn a_condition_that_holds_needs_no_change() {
    let found = explained("account.health > 50 && account.name == 'Ada'", &document());
    assert_eq!((found.holds, found.first_failing, found.smallest_change), (Some(true), None, None));
    assert_eq!(found.clauses.len(), 2);
    assert_eq!(found.changes, []);
}

/// A condition that does not hold, and what would have to change.
const SENTENCES: &[(&str, &str)] = &[
    ("account.health < 50", "account.health would have to be below 50 (it is 62)."),
    ("50 > account.health", "account.health would have to be below 50 (it is 62)."),
    ("account.health >= 70", "account.health would have to be 70 or more (it is 62)."),
    ("account.segment == 'smb'", "account.segment would have to be 'smb' (it is 'enterprise')."),
    (
        "account.segment != 'enterprise'",
        "account.segment would have to be anything but 'enterprise' (it is 'enterprise').",
    ),
    (
        "!(account.segment == 'enterprise')",
        "account.segment would have to be anything but 'enterprise' (it is 'enterprise').",
    ),
    ("!(account.health > 60)", "account.health would have to be 60 or less (it is 62)."),
    (
        "account.segment in ['smb', 'mid']",
        "account.segment would have to be one of ['smb', 'mid'] (it is 'enterprise').",
    ),
    (
        "!(account.segment in ['enterprise'])",
        "account.segment would have to be none of ['enterprise'] (it is 'enterprise').",
    ),
    ("'vip' in account.tags", "account.tags would have to contain 'vip' (it is ['a', 'b'])."),
    ("has(account.email)", "account.email would have to be there (it is missing)."),
    ("!has(account.name)", "account.name would have to be absent (it is there)."),
    ("account.flag", "account.flag would have to be true (it is false)."),
    ("!!account.flag", "account.flag would have to be true (it is false)."),
    ("account.flag == true", "account.flag would have to be true (it is false)."),
    ("account.missing > 3", "account.missing would have to be above 3 (it is missing)."),
    ("account.name.contains('x')", "account.name would have to contain 'x' (it is 'Ada')."),
    (
        "!account.name.startsWith('A')",
        "account.name would have to not start with 'A' (it is 'Ada').",
    ),
    ("size(account.tags) > 2", "size(account.tags) would have to be above 2 (it is 2)."),
    (
        "account.items.exists(i, i.count > 9)",
        "account.items would have to have an item for which i.count > 9 (it is a list of 2).",
    ),
    (
        "account.items.all(i, i.count > 1)",
        "account.items would have to have only items for which i.count > 1 (it is a list of 2).",
    ),
    (
        "timestamp(account.renewal) < now",
        "account.renewal would have to be before 2026-11-25T12:00:00.000Z (it is '2026-12-01T00:00:00Z').",
    ),
    (
        "now > timestamp('2027-01-01T00:00:00Z')",
        "now would have to be after 2027-01-01T00:00:00.000Z (it is 2026-11-25T12:00:00.000Z).",
    ),
    ("account.health > account.arr", "account.health would have to be above 1200.5 (it is 62)."),
    (
        "account.health > 70 || account.flag && account.arr > 2000.0",
        "account.health would have to be above 70 (it is 62).",
    ),
    (
        "account.flag ? account.health < 0 : account.health > 70",
        "account.health would have to be above 70 (it is 62).",
    ),
    ("false", "'false' would have to be true."),
];

#[test]
fn the_change_is_said_in_a_sentence() {
    for (source, want) in SENTENCES {
        assert_eq!(sentences(source), [*want], "{source}");
    }
}

#[test]
fn an_or_that_failed_tells_its_cheapest_way() {
    let got = sentences(
        "(account.flag && account.health > 70 && has(account.x)) || (account.arr > 2000.0 && account.flag)",
    );
    assert_eq!(
        got,
        [
            "account.arr would have to be above 2000.0 (it is 1200.5).",
            "account.flag would have to be true (it is false)."
        ]
        .map(|sentence| sentence.replace("2000.0", "2000"))
    );
}

/// Each change that names a field and a value is made; the condition must then hold.
#[test]
fn making_the_changes_makes_the_condition_hold() {
    for source in [
        "account.health < 50 && account.segment == 'smb'",
        "account.arr >= 5000.5 || account.health == 3",
        "account.flag && !(account.health > 10)",
        "account.segment in ['smb', 'mid'] && account.missing > 3",
        "account.name.contains('x') && account.deep.er == 2",
        "timestamp(account.renewal) < now",
        "account.none == 'x' && account.health != 62",
        "account.flag == true",
        "account.health > account.arr",
        "has(account.name) ? account.health < 5 : account.flag",
    ] {
        let mut account = document();
        let found = explained(source, &account);
        assert_ne!(found.holds, Some(true), "{source}");
        assert!(!found.changes.is_empty(), "{source}");
        for change in found.changes {
            let pointer = change.path.replacen("account", "", 1).replace('.', "/");
            let (parent, member) = pointer.rsplit_once('/').unwrap();
            account.pointer_mut(parent).unwrap()[member] =
                change.example.unwrap_or_else(|| panic!("{source}: {}", change.sentence));
        }
        assert_eq!(explained(source, &account).holds, Some(true), "{source} with {account}");
    }
}

#[test]
fn a_clause_without_a_value_says_why() {
    let found = explained("account.health > 60 && account.missing > 3", &document());
    assert_eq!(found.holds, None);
    assert_eq!(found.error.as_deref(), Some("'account.missing' is missing"));
    assert_eq!(found.first_failing, Some(1));
    assert_eq!(found.clauses[1].error.as_deref(), Some("'account.missing' is missing"));
    let found = explained("account.health", &document());
    assert_eq!(found.error.as_deref(), Some("the condition gives int, not true or false"));
}

#[test]
fn what_is_large_is_described_and_not_copied() {
    let account = json!({"list": vec![json!({"a": 1}); 5_000], "text": "x".repeat(1_000_000)});
    let found = explained("account.list.exists(i, i.a > 2) && account.text == 'y'", &account);
    let reads: Vec<_> = found.clauses.iter().flat_map(|clause| &clause.reads).collect();
    assert_eq!((reads[0].shown.as_str(), &reads[0].value), ("a list of 5000", &None));
    assert_eq!((reads[1].shown.chars().count(), &reads[1].value), (83, &None));
    assert!(serde_json::to_string(&found).unwrap().len() < 2_000);
}

#[test]
fn an_explanation_takes_bounded_time() {
    let account = json!({"l": (0..300).collect::<Vec<_>>()});
    let one = "account.l.all(a, account.l.all(b, a + b >= 0))";
    let source = [one; 6].join(" && ");
    let found = explained(&format!("{source} && false"), &account);
    assert_eq!(found.holds, None);
    assert!(found.clauses.iter().all(|clause| clause.holds != Some(true)));
}

#[test]
fn an_explanation_is_written_and_read_as_json() {
    let found = explained("account.health < 50 && account.missing > 3", &document());
    let written = serde_json::to_value(&found).unwrap();
    assert_eq!(
        written["clauses"][0]["reads"][0],
        json!({"path": "account.health", "shown": "62", "value": 62})
    );
    assert_eq!(written["changes"][0]["to"], "below 50");
    assert_eq!(serde_json::from_value::<Explanation>(written).unwrap(), found);
}
