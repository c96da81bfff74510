//! What the workspace and the drawing know by name, as choices.

use super::field::{Choices, Place};
use crate::editor::{Editor, kinds};
use crate::messages::{Text, text};
use journey::{
    calendar::{ACCOUNT, TEAM},
    ports::takes_edges,
};
use leptos::prelude::*;

/// The workspace's calendars.
fn calendars(place: Place) -> Signal<Choices> {
    known(place, |editor| named(editor.workspace().calendars.iter()))
}

/// The calendars a step can go by: `unsaid` where it names none, whichever its account or its team keeps, and the workspace's.
pub(super) fn calendars_of_steps(place: Place, unsaid: Text) -> Signal<Choices> {
    let own = [
        ("", unsaid),
        (ACCOUNT, text!("the account’s calendar")),
        (TEAM, text!("the team’s calendar")),
    ];
    Signal::derive(move || words(own).into_iter().chain(calendars(place).get()).collect())
}

/// The workspace's teams.
pub(super) fn teams(place: Place) -> Signal<Choices> {
    known(place, |editor| named(editor.workspace().teams.iter()))
}

/// The e-mail addresses of the workspace's people.
pub(super) fn users(place: Place) -> Signal<Choices> {
    known(place, |editor| named(editor.workspace().users.iter()))
}

/// The workspace's connections, with the connector of each.
pub(super) fn connections(place: Place) -> Signal<Choices> {
    known(place, |editor| {
        let all = editor.workspace().connections.iter();
        all.map(|(name, connection)| (name.clone(), format!("{name} ({})", connection.connector)))
            .collect()
    })
}

/// The names of the workspace's journeys that are live.
pub(super) fn journeys(place: Place) -> Signal<Vec<String>> {
    Signal::derive(move || {
        place.canvas.follow();
        place.canvas.read(|editor| {
            // They are known by id as well, which nobody would type.
            let all = editor.workspace().journeys.iter();
            all.filter(|name| !name.starts_with("jrn_")).cloned().collect()
        })
    })
}

/// The drawing's steps that edges may lead to, but the one whose settings these are.
pub(super) fn steps(place: Place) -> Signal<Choices> {
    let own = place.node();
    known(place, move |editor| {
        let nodes = editor.draft().nodes.iter();
        nodes
            .filter(|node| takes_edges(&node.kind) && node.id != own)
            .map(|node| {
                let kind = kinds::title(&node.kind).to_lowercase();
                (node.id.clone(), format!("{} ({kind})", node.name))
            })
            .collect()
    })
}

/// The drawing's lanes, by the team each belongs to.
pub(super) fn lanes(place: Place) -> Signal<Choices> {
    known(place, |editor| {
        let lanes = editor.draft().lanes.iter();
        lanes.map(|lane| (lane.id.clone(), lane.team.clone())).collect()
    })
}

/// A few words as choices.
pub(super) fn words<const N: usize>(choices: [(&str, Text); N]) -> Choices {
    choices.map(|(value, words)| (value.to_owned(), words.said().to_owned())).to_vec()
}

fn known(
    place: Place,
    read: impl Fn(&Editor) -> Choices + Send + Sync + 'static,
) -> Signal<Choices> {
    Signal::derive(move || {
        place.canvas.follow();
        place.canvas.read(&read)
    })
}

fn named<'a>(names: impl Iterator<Item = &'a String>) -> Choices {
    names.map(|name| (name.clone(), name.clone())).collect()
}
