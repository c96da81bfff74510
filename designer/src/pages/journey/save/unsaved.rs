//! What is drawn and not saved, kept by the browser: each page in a place of its own, so that no tab throws another's away.

use crate::{
    api::{self, Tagged},
    kept::Kept,
    parts::a_while,
};
use journey::Draft;
use serde::{Deserialize, Serialize};
use std::{cell::RefCell, rc::Rc};

/// So often it is looked for whether something has arrived: for ten seconds.
const LOOKS: u32 = 100;

/// What is drawn and not saved, and the tag of the draft it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Drawing {
    pub(super) etag: String,
    pub(super) draft: Draft,
}

/// The place of this page, and what it goes on with: what a page kept that crashed, was loaded again or is open still.
pub(super) fn open(
    person: &str,
    id: &str,
    server: &Tagged<Draft>,
) -> (Kept<Drawing>, Option<Drawing>) {
    let own = Kept::apart(person, id);
    let Choice { takes_up, arrived } = choose(Kept::all(person, id), server);
    arrived.iter().for_each(Kept::forget);
    let drawing = takes_up.map(|(place, drawing)| {
        own.write(&drawing);
        // A browser without room for both goes on keeping the one there is.
        if own.read().is_some() {
            place.forget();
        }
        drawing
    });
    (own, drawing)
}

/// What is done with what was kept of a draft.
struct Choice<P> {
    takes_up: Option<(P, Drawing)>,
    /// The server holds the same.
    arrived: Vec<P>,
}

/// Takes up one of them, first what was drawn on the very draft that the server holds; the others wait for the next time.
fn choose<P>(kept: Vec<(P, Drawing)>, server: &Tagged<Draft>) -> Choice<P> {
    let (arrived, mut missing): (Vec<_>, Vec<_>) =
        kept.into_iter().partition(|(_, drawing)| drawing.draft == server.value);
    missing.sort_by_key(|(_, drawing)| drawing.etag != server.etag);
    Choice {
        takes_up: missing.into_iter().next(),
        arrived: arrived.into_iter().map(|(place, _)| place).collect(),
    }
}

/// What was drawn last on a page that was left, on its way to the server.
pub(super) struct Last {
    draft: Draft,
    kept: Kept<Drawing>,
    under_way: UnderWay,
}

impl Last {
    pub(super) fn new(path: String, draft: Draft, kept: Kept<Drawing>) -> Self {
        Self { draft, kept, under_way: UnderWay::to(path) }
    }

    /// The save of `saved` that was under way when the page was left has given `etag`: what was drawn meanwhile follows it.
    pub(super) async fn follow(self, saved: &Draft, etag: String) {
        if self.draft == *saved {
            return self.kept.forget();
        }
        // Gone when the page was opened again meanwhile, and goes on with it.
        if self.kept.read().is_some() {
            self.kept.write(&Drawing { etag: etag.clone(), draft: self.draft.clone() });
        }
        self.send(&etag).await;
    }

    /// Sends it; it stays kept until it has arrived.
    pub(super) async fn send(self, etag: &str) {
        if api::put_tagged(&self.under_way.0, &self.draft, etag).await.is_ok() {
            self.kept.forget();
        }
    }
}

/// What a page that was left amid a save leaves to that save.
#[derive(Clone, Default)]
pub(super) struct Legacy(Rc<RefCell<Option<Last>>>);

impl Legacy {
    pub(super) fn leave(&self, last: Last) {
        *self.0.borrow_mut() = Some(last);
    }

    pub(super) fn take(&self) -> Option<Last> {
        self.0.borrow_mut().take()
    }
}

thread_local! {
    /// Where drawings of pages that were left are on their way to.
    static UNDER_WAY: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// There for as long as something is on its way to a path.
struct UnderWay(String);

impl UnderWay {
    fn to(path: String) -> Self {
        UNDER_WAY.with_borrow_mut(|all| all.push(path.clone()));
        Self(path)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        UNDER_WAY.with_borrow_mut(|all| {
            if let Some(this) = all.iter().position(|path| *path == self.0) {
                all.swap_remove(this);
            }
        });
    }
}

fn is_under_way(path: &str) -> bool {
    UNDER_WAY.with_borrow(|all| all.iter().any(|one| one == path))
}

/// Returns when what was drawn before has arrived, or is still on its way after some seconds: who comes back at once is not to be in conflict with oneself.
pub(super) async fn arrived(path: &str) {
    for _ in 0..LOOKS {
        if !is_under_way(path) {
            return;
        }
        a_while().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(name: &str) -> Draft {
        Draft { name: name.to_owned(), ..Draft::default() }
    }

    fn kept(place: &'static str, etag: &str, name: &str) -> (&'static str, Drawing) {
        (place, Drawing { etag: etag.to_owned(), draft: drawn(name) })
    }

    fn server() -> Tagged<Draft> {
        Tagged { value: drawn("there"), etag: "2".to_owned() }
    }

    #[test]
    fn what_the_server_holds_is_forgotten_and_nothing_else() {
        let all = vec![kept("a", "1", "there"), kept("b", "1", "mine"), kept("c", "1", "other")];
        let choice = choose(all, &server());
        assert_eq!(choice.arrived, ["a"]);
        assert_eq!(choice.takes_up, Some(kept("b", "1", "mine")), "the other waits");
    }

    #[test]
    fn what_was_drawn_on_the_draft_there_is_comes_first() {
        let all = vec![kept("a", "1", "older"), kept("b", "2", "newer")];
        let choice = choose(all, &server());
        assert_eq!(choice.takes_up, Some(kept("b", "2", "newer")));
        assert!(choice.arrived.is_empty());
    }

    #[test]
    fn nothing_kept_is_nothing_to_go_on_with() {
        let choice = choose(Vec::<(&str, Drawing)>::new(), &server());
        assert!(choice.takes_up.is_none() && choice.arrived.is_empty());
    }

    #[test]
    fn what_is_left_to_a_save_is_taken_once() {
        let (page, path) = (Legacy::default(), "/journeys/jrn_1/draft");
        assert!(page.take().is_none());
        let save = page.clone();
        let kept = Kept::of("mo@example.com", "jrn_1");
        page.leave(Last::new(path.to_owned(), drawn("last"), kept));
        assert!(is_under_way(path), "who comes back waits for it");
        let last = save.take().expect("it was left");
        assert!(last.draft == drawn("last") && page.take().is_none());
        assert!(is_under_way(path) && !is_under_way("/journeys/jrn_2/draft"));
        drop(last);
        assert!(!is_under_way(path));
    }
}
