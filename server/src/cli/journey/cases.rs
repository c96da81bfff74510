//! `waymark journey test FILE`.

use std::path::Path;

use journey::{
    Journey,
    draft::TestCase,
    rehearsal::{Case, World, play},
    reopen,
};
use serde_json::json;

use super::check;
use crate::cli::{End, Output, print};

/// Plays the test cases of the draft in `file` away from any workspace: calls give what the draft assumes, and business time is that of the standard calendar.
pub(crate) fn run(file: &Path, output: Output) -> End {
    let draft = match check::read(file) {
        Ok(draft) => draft,
        Err(error) => return End::Unreadable(error),
    };
    let journey = match reopen(&draft) {
        Ok(journey) => journey,
        Err(diagnostics) => {
            check::tell(&diagnostics, output);
            return End::Found;
        }
    };
    let failed = draft.tests.iter().filter(|test| !holds(&journey, test, output)).count();
    if failed == 0 { End::Well } else { End::Found }
}

/// Plays one and tells how it went.
fn holds(journey: &Journey, test: &TestCase, output: Output) -> bool {
    let failure = match Case::read(test) {
        Err(why) => Some((None, format!("it cannot be read: {why}"))),
        Ok(case) => {
            let played = play(journey, &case, &World::default());
            played.failure().map(|(at, why)| (at, why.to_owned()))
        }
    };
    let text = match &failure {
        None => format!("holds\t{}", test.name),
        Some((None, why)) => format!("fails\t{}\t{why}", test.name),
        Some((Some(at), why)) => format!("fails\t{}\tmove {}: {why}", test.name, at + 1),
    };
    let (at, why) = failure.clone().map_or((None, None), |(at, why)| (at, Some(why)));
    let at = at.map(|at| at + 1);
    let value = json!({ "id": test.id, "name": test.name, "holds": failure.is_none(), "move": at, "why": why });
    print(output, &text, &value);
    failure.is_none()
}
