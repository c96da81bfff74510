//! What stands at steps and edges of a drawing of what instances did.

use crate::{
    canvas::{Sign, Tone, Traffic},
    messages::{plural, t},
    words::{due::took, grouped},
};
use journey::{Draft, calendar::read_elapsed, draft::Node};
use wire::{EdgeFlow, NodeFlow};

/// Stays shorter than this are not worth a word on the drawing, in milliseconds.
const WORTH_A_WORD: u64 = 1_000;

/// The figures as the drawing shows them; a step and an edge that nobody came along have none.
pub(in crate::pages) fn traffic(draft: &Draft, nodes: &[NodeFlow], edges: &[EdgeFlow]) -> Traffic {
    let nodes = nodes.iter().filter_map(|figure| {
        let node = draft.node(&figure.node)?;
        Some((node.id.clone(), signs(figure, target(node))))
    });
    Traffic {
        nodes: nodes.collect(),
        edges: edges.iter().map(|edge| (edge.edge.clone(), grouped(edge.passed))).collect(),
    }
}

/// How long nine of ten should stay at most, in milliseconds.
pub(super) fn target(node: &Node) -> Option<u64> {
    let text = node.settings.get("target")?.as_str()?;
    u64::try_from(read_elapsed(text).ok()?.as_milliseconds()).ok()
}

/// Whether nine of ten stayed longer than they should.
pub(super) fn is_missed(figure: &NodeFlow, target: Option<u64>) -> bool {
    target.zip(figure.p90_ms).is_some_and(|(target, p90)| p90 > target)
}

fn signs(figure: &NodeFlow, target: Option<u64>) -> Vec<Sign> {
    let counted = |tone, name, number: u64, said: fn(u64) -> String| {
        (number > 0).then(|| Sign { tone, name, words: said(number) })
    };
    let all = [
        counted(Tone::Danger, "failed", figure.failing, |number| {
            plural!(number, "{count} needs a person", "{count} need a person")
        }),
        counted(Tone::Danger, "late", figure.breached, |number| {
            plural!(number, "{count} late", "{count} late")
        }),
        target.map(|within| aimed(within, is_missed(figure, target))),
        counted(Tone::Here, "here", figure.here, |number| {
            plural!(number, "{count} here", "{count} here")
        }),
        counted(Tone::Plain, "visits", figure.visits, |number| {
            plural!(number, "{count} came", "{count} came")
        }),
        stayed(figure),
    ];
    all.into_iter().flatten().collect()
}

fn aimed(within: u64, is_missed: bool) -> Sign {
    let time = took(within);
    let (tone, words) = if is_missed {
        (Tone::Danger, t!("target missed: {time}", time))
    } else {
        (Tone::Plain, t!("target: {time}", time))
    };
    Sign { tone, name: "target", words }
}

fn stayed(figure: &NodeFlow) -> Option<Sign> {
    let (median, p90) = (figure.median_ms?, figure.p90_ms?);
    (p90 >= WORTH_A_WORD).then(|| Sign {
        tone: Tone::Plain,
        name: "took",
        words: t!("median {median} · 90% within {p90}", median = took(median), p90 = took(p90)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn words(figure: serde_json::Value) -> Vec<String> {
        words_with(figure, None)
    }

    fn words_with(figure: serde_json::Value, target: Option<u64>) -> Vec<String> {
        let mut all = json!({ "node": "ask", "visits": 0, "here": 0, "failing": 0, "failed": 0, "breached": 0,
                              "median_ms": null, "p90_ms": null });
        all.as_object_mut().unwrap().extend(figure.as_object().unwrap().clone());
        signs(&serde_json::from_value(all).unwrap(), target)
            .into_iter()
            .map(|sign| sign.words)
            .collect()
    }

    #[test]
    fn the_most_pressing_comes_first_and_nothing_is_said_of_nothing() {
        let hour = 3_600_000;
        assert_eq!(
            words(json!({ "visits": 1_204, "here": 3, "failing": 1, "failed": 9, "breached": 2,
                          "median_ms": 5 * hour, "p90_ms": 49 * hour })),
            [
                "1 needs a person",
                "2 late",
                "3 here",
                "1,204 came",
                "median 5 h · 90% within 2 days 1 h"
            ]
        );
        assert_eq!(words(json!({ "visits": 1, "median_ms": 0, "p90_ms": 20 })), ["1 came"]);
        assert!(words(json!({})).is_empty());
    }

    #[test]
    fn a_target_is_missed_when_nine_of_ten_took_longer() {
        let day = 24 * 3_600_000;
        let figure = json!({ "visits": 1, "median_ms": day, "p90_ms": 2 * day });
        let with = |target| words_with(figure.clone(), Some(target)).remove(0);
        assert_eq!(with(2 * day), "target: 2 days");
        assert_eq!(with(2 * day - 1), "target missed: 2 days");
    }

    #[test]
    fn what_is_not_drawn_has_no_sign() {
        let draft: Draft = serde_json::from_value(
            json!({ "format": 1, "name": "x", "nodes": [{ "id": "a", "kind": "wait" }] }),
        )
        .unwrap();
        let node = |id: &str| json!({ "node": id, "visits": 1, "here": 1, "failing": 0, "failed": 0, "breached": 0 });
        let flow: wire::Flow = serde_json::from_value(json!({
            "version": 2, "at": "2026-01-01T00:00:00Z", "instances": 1, "complete": true,
            "nodes": [node("a"), node("gone")], "edges": [{ "edge": "e", "passed": 1_000 }] }))
        .unwrap();
        let traffic = traffic(&draft, &flow.nodes, &flow.edges);
        assert_eq!(traffic.nodes.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(traffic.edges["e"], "1,000");
    }
}
