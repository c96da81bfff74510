//! What is rehearsed, and how it stands.

use super::super::model::Canvas;
use crate::editor::{Editor, Input, Path};
use crate::messages::t;
use journey::{
    Diagnostic, Draft, Journey,
    calendar::Calendars,
    draft::TestCase,
    rehearsal::{Case, Move, Played, World, play},
    reopen,
};
use leptos::prelude::*;
use std::{collections::BTreeSet, sync::Arc};

/// The handle every part of the panel holds. It lives as long as the editor, so that closing the panel loses nothing.
#[derive(Clone, Copy)]
pub(in super::super) struct Rehearsal {
    /// Kept elsewhere, or every handle would be as large as it.
    canvas: StoredValue<Canvas>,
    pub(super) case: RwSignal<Case>,
    /// The test case that is played, by its id; `None` for a rehearsal nobody has kept.
    pub(super) test: RwSignal<Option<String>>,
    /// How many of the moves are looked at; all when `None`.
    pub(super) looked: RwSignal<Option<usize>>,
    pub(super) shown: RwSignal<Shown>,
    /// What became of every test case, when they were all run last.
    pub(super) results: RwSignal<Option<Results>>,
    /// What is drawn over the canvas.
    run: RwSignal<Option<Path>>,
    calendars: Signal<Calendars>,
}

/// The draft of a revision as a journey, or what keeps it from being one.
struct Compiled {
    revision: u64,
    journey: Result<Journey, Vec<Diagnostic>>,
}

/// What a panel has to show.
#[derive(Clone)]
pub(super) enum Shown {
    Nothing,
    /// The draft cannot be read as a journey, for these reasons.
    Unplayable(Vec<Diagnostic>),
    Played(Arc<Played>),
}

/// What became of the test cases, and how much of the drawing they come through.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Results {
    pub(super) rows: Vec<Verdict>,
    /// Steps and ways that some case came through, of how many.
    pub(super) steps: (usize, usize),
    pub(super) ways: (usize, usize),
}

/// What became of one test case.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Verdict {
    pub(super) id: String,
    pub(super) name: String,
    /// Which move it fails at, when it is one, and why.
    pub(super) failed: Option<(Option<usize>, String)>,
}

impl Rehearsal {
    pub(in super::super) fn new(
        canvas: Canvas,
        run: RwSignal<Option<Path>>,
        calendars: Signal<Calendars>,
    ) -> Self {
        Self {
            canvas: StoredValue::new(canvas),
            case: RwSignal::default(),
            test: RwSignal::default(),
            looked: RwSignal::default(),
            shown: RwSignal::new(Shown::Nothing),
            results: RwSignal::default(),
            run,
            calendars,
        }
    }

    pub(super) fn canvas(self) -> Canvas {
        self.canvas.get_value()
    }

    /// Plays the case whenever it or the drawing changes, for as long as the owner lives.
    pub(super) fn play_along(self) {
        let compiled = StoredValue::new(None::<Compiled>);
        Effect::new(move |_| {
            self.canvas().follow();
            let revision = self.canvas().read(Editor::revision);
            if compiled.with_value(|held| held.as_ref().map(|held| held.revision)) != Some(revision)
            {
                let journey = self.canvas().read(|editor| reopen(editor.draft()));
                if compiled.with_value(Option::is_some) {
                    // What was found of another drawing is not true of this one.
                    self.results.set(None);
                }
                compiled.set_value(Some(Compiled { revision, journey }));
            }
            let mut case = self.case.get();
            if let Some(looked) = self.looked.get() {
                case.moves.truncate(looked);
            }
            let world = self.world();
            let shown = compiled.with_value(|held| match held.as_ref().map(|held| &held.journey) {
                None => Shown::Nothing,
                Some(Err(problems)) => Shown::Unplayable(problems.clone()),
                Some(Ok(journey)) => Shown::Played(Arc::new(play(journey, &case, &world))),
            });
            self.show(shown);
        });
    }

    fn world(self) -> World {
        let workspace = self.canvas().read(|editor| editor.workspace().clone());
        World { workspace, calendars: self.calendars.get() }
    }

    fn show(self, shown: Shown) {
        let path = match &shown {
            Shown::Played(played) => Some(path(played)),
            Shown::Nothing | Shown::Unplayable(_) => None,
        };
        self.run.set(path);
        self.shown.set(shown);
    }

    /// Whether the drawing cannot be played as it is.
    pub(super) fn is_unplayable(self) -> bool {
        self.shown.with(|shown| matches!(shown, Shown::Unplayable(_)))
    }

    /// The panel is closed: nothing is drawn over the canvas any more.
    pub(super) fn leave(self) {
        self.run.try_set(None);
    }

    /// One more move, after those that are looked at.
    pub(super) fn make(self, made: Move) {
        let looked = self.looked.get_untracked();
        self.case.update(|case| {
            if let Some(looked) = looked {
                case.moves.truncate(looked);
            }
            case.moves.push(made);
        });
        self.look_at(None);
        self.results.set(None);
    }

    pub(super) fn take_back(self) {
        self.case.update(|case| drop(case.moves.pop()));
        self.look_at(None);
    }

    pub(super) fn restart(self) {
        self.case.update(|case| case.moves.clear());
        self.look_at(None);
    }

    /// Looks at how it stood after so many moves.
    pub(super) fn look_at(self, moves: Option<usize>) {
        if self.looked.get_untracked() != moves {
            self.looked.set(moves);
        }
    }

    /// What is likely to happen next.
    pub(super) fn next(self) -> Option<Move> {
        match self.shown.get() {
            Shown::Played(played) => played.next.clone(),
            Shown::Nothing | Shown::Unplayable(_) => None,
        }
    }

    /// The one step that is selected on the canvas.
    pub(super) fn selected(self) -> Memo<Option<String>> {
        Memo::new(move |_| {
            self.canvas().chosen.track();
            self.canvas().read(|editor| editor.only_selected().map(str::to_owned))
        })
    }

    /// The draft as it is drawn.
    pub(super) fn draft<T>(self, read: impl FnOnce(&Draft) -> T) -> T {
        self.canvas().follow();
        self.canvas().read(|editor| read(editor.draft()))
    }

    /// Plays a test case of the draft, or begins anew.
    pub(super) fn open(self, id: Option<String>) {
        let case = id.as_ref().and_then(|id| {
            self.canvas().read(|editor| {
                let test = editor.draft().tests.iter().find(|test| test.id == *id)?;
                Case::read(test).ok()
            })
        });
        self.test.set(id.filter(|_| case.is_some()));
        self.case.set(case.unwrap_or_default());
        self.look_at(None);
    }

    /// Writes what is rehearsed to the test case it is of, or to a new one of this name.
    pub(super) fn keep(self, name: &str) {
        let (test, case) = (self.test.get_untracked(), self.case.get_untracked());
        let mut tests = self.canvas().read(|editor| editor.draft().tests.clone());
        let id = test.unwrap_or_else(|| fresh_id(&tests));
        let written = case.written(&id, name);
        match tests.iter_mut().find(|test| test.id == id) {
            Some(test) => *test = written,
            None => tests.push(written),
        }
        self.write(&tests);
        self.test.set(Some(id));
    }

    /// Removes the test case that is played; its moves stay as a rehearsal.
    pub(super) fn forget(self) {
        let Some(id) = self.test.get_untracked() else { return };
        let mut tests = self.canvas().read(|editor| editor.draft().tests.clone());
        tests.retain(|test| test.id != id);
        self.write(&tests);
        self.test.set(None);
        self.results.set(None);
    }

    fn write(self, tests: &[TestCase]) {
        let value = serde_json::to_value(tests).ok().filter(|_| !tests.is_empty());
        self.canvas().send(Input::SetJourney { field: "/tests".to_owned(), value });
        self.canvas().send(Input::Settle);
    }

    /// Plays every test case, and draws what they come through.
    pub(super) fn run_all(self) {
        let (journey, tests, all) = self.canvas().read(|editor| {
            let draft = editor.draft();
            let drawn = draft.nodes.iter().filter(|node| node.kind != "note").count();
            (reopen(draft).ok(), draft.tests.clone(), (drawn, draft.edges.len()))
        });
        let Some(journey) = journey else { return };
        let world = untrack(|| self.world());
        let mut through = Path::default();
        let rows = tests.iter().map(|test| judged(&journey, test, &world, &mut through)).collect();
        let (steps, ways) = (through.entered.len(), through.edges.len());
        self.results.set(Some(Results { rows, steps: (steps, all.0), ways: (ways, all.1) }));
        through.waits = BTreeSet::new();
        through.incidents = BTreeSet::new();
        self.run.set(Some(through));
    }
}

fn judged(journey: &Journey, test: &TestCase, world: &World, through: &mut Path) -> Verdict {
    let (id, name) = (test.id.clone(), test.name.clone());
    let case = match Case::read(test) {
        Ok(case) => case,
        Err(why) => {
            let failed = Some((None, t!("It cannot be read: {why}.", why)));
            return Verdict { id, name, failed };
        }
    };
    let played = play(journey, &case, world);
    through.join(path(&played));
    let failed = played.failure().map(|(at, why)| (at, why.to_owned()));
    Verdict { id, name, failed }
}

/// The way all its instances took.
fn path(played: &Played) -> Path {
    let mut path = Path::default();
    for run in &played.runs {
        path.join(Path::from_facts(run.records.iter().map(|record| &record.fact)));
    }
    path
}

/// The first of `t1`, `t2`, … that no test has.
fn fresh_id(tests: &[TestCase]) -> String {
    let taken: BTreeSet<&str> = tests.iter().map(|test| test.id.as_str()).collect();
    let mut ids = (1..).map(|number| format!("t{number}"));
    ids.find(|id| !taken.contains(id.as_str())).unwrap_or_default()
}
