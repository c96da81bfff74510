//! What is drawn and not saved, kept by the browser: each page in a place of its own, so that no tab throws another's away.

use crate::{
    api::{self, Tagged},
    kept::Kept,
};
use journey::Draft;
use serde::{Deserialize, Serialize};
use std::{cell::RefCell, rc::Rc};

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

/// What a page that was left amid a save leaves to that save.
#[derive(Clone, Default)]
pub(super) struct Legacy(Rc<RefCell<Option<(Draft, Kept<Drawing>)>>>);

impl Legacy {
    pub(super) fn leave(&self, draft: Draft, kept: Kept<Drawing>) {
        *self.0.borrow_mut() = Some((draft, kept));
    }

    pub(super) fn take(&self) -> Option<(Draft, Kept<Drawing>)> {
        self.0.borrow_mut().take()
    }
}

/// The save of `saved` that was under way when its page was left has given `etag`: what was drawn meanwhile follows it.
pub(super) async fn follow(
    path: &str,
    saved: &Draft,
    etag: String,
    (draft, kept): (Draft, Kept<Drawing>),
) {
    if draft == *saved {
        return kept.forget();
    }
    // Gone when the page was opened again meanwhile, and goes on with it.
    if kept.read().is_some() {
        kept.write(&Drawing { etag: etag.clone(), draft: draft.clone() });
    }
    send_last(path, &draft, &etag, &kept).await;
}

/// Sends what is drawn once more; it stays kept until it has arrived.
pub(super) async fn send_last(path: &str, draft: &Draft, etag: &str, kept: &Kept<Drawing>) {
    if api::put_tagged(path, draft, etag).await.is_ok() {
        kept.forget();
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
        let (page, save) = (Legacy::default(), Legacy::default());
        assert!(save.take().is_none());
        let under_way = page.clone();
        page.leave(drawn("last"), Kept::of("mo@example.com", "jrn_1"));
        let (draft, _) = under_way.take().expect("it was left");
        assert_eq!(draft, drawn("last"));
        assert!(page.take().is_none());
    }
}
