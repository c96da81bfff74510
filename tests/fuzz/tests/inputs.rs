//! Every input that was kept, and others made of them, always the same ones.

use fuzz::{Dice, INPUT_BYTES, Target};
use std::{fs, panic, path::PathBuf};

/// How many inputs are made for each target instead, from another seed: `5000` or `5000+7`.
const ROUNDS: &str = "WAYMARK_FUZZ_ROUNDS";

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let read =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = read.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("the file can be read")).collect()
}

/// Gives a target everything that was kept of it, and so many inputs made of that.
fn holds_for(name: &str, rounds: usize) {
    let target = Target::named(name).expect("a target");
    let mut known = corpus(name);
    assert!(!known.is_empty(), "something is known of {name}");
    for input in &known {
        take(target, input);
    }
    let (rounds, seed) = asked_for().unwrap_or((rounds, 0));
    let mut dice = Dice::new(seed);
    for _ in 0..rounds {
        let (Some(input), Some(other)) = (dice.pick(&known).cloned(), dice.pick(&known).cloned())
        else {
            return;
        };
        let made = target.mutate(&input, &other, &mut dice);
        take(target, &made);
        // What came of several changes goes further.
        if dice.one_in(40) && made.len() < INPUT_BYTES {
            let place = dice.roll(known.len() * 2);
            match known.get_mut(place) {
                Some(old) if place.is_multiple_of(3) => *old = made,
                Some(_) | None => known.push(made),
            }
        }
    }
}

fn take(target: Target, input: &[u8]) {
    let taken = panic::catch_unwind(|| target.take(input));
    if taken.is_err() {
        let file =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.crash", target.name));
        fs::write(&file, input).expect("the input can be kept");
        let shown = String::from_utf8_lossy(input);
        panic!("see above; the input is in {} and reads\n{shown}", file.display());
    }
}

fn asked_for() -> Option<(usize, u64)> {
    let asked = std::env::var(ROUNDS).ok()?;
    let (rounds, seed) = asked.split_once('+').unwrap_or((&asked, "1"));
    Some((rounds.parse().ok()?, seed.parse().ok()?))
}

#[test]
fn whatever_a_bpmn_file_is_it_is_a_draft_or_refused() {
    holds_for("bpmn", 20_000);
}

#[test]
fn whatever_a_checklist_is_it_is_a_draft_without_errors_or_refused() {
    holds_for("checklist", 20_000);
}

#[test]
fn whatever_a_calendar_is_it_is_read_or_refused() {
    holds_for("calendar", 12_000);
}

#[test]
fn whatever_a_webhook_is_only_its_sender_is_believed() {
    holds_for("delivery", 40_000);
}

#[test]
fn whatever_a_draft_is_it_is_told_what_is_wrong_or_lives() {
    holds_for("draft", 10_000);
}

#[test]
fn whatever_an_expression_is_it_has_one_value_or_an_error() {
    holds_for("expression", 20_000);
}

#[test]
fn whatever_a_manifest_is_it_is_read_or_refused() {
    holds_for("manifest", 40_000);
}

#[test]
fn whatever_a_record_is_it_follows_or_changes_nothing() {
    holds_for("record", 40_000);
}

#[test]
fn whatever_a_recurrence_is_its_times_are_in_order() {
    holds_for("recurrence", 16_000);
}

#[test]
fn whatever_a_table_is_each_line_is_an_account_or_has_a_reason() {
    holds_for("table", 40_000);
}
