//! How two people's drafts of one journey differ, in words.

use crate::messages::{plural, t};
use journey::{Draft, draft::Node};

/// At most this many names in one line.
const NAMES: usize = 4;

/// One line for each kind of difference; none when the two are equal.
pub fn difference(mine: &Draft, theirs: &Draft) -> Vec<String> {
    let only = |one: &Draft, other: &Draft| {
        let missing = one.nodes.iter().filter(|node| other.node(&node.id).is_none());
        missing.map(called).collect::<Vec<_>>()
    };
    let changed = mine.nodes.iter().filter(|node| {
        theirs.node(&node.id).is_some_and(|other| without_place(other) != without_place(node))
    });
    let moved = mine.nodes.iter().filter(|node| {
        theirs.node(&node.id).is_some_and(|other| {
            other.position != node.position && without_place(other) == without_place(node)
        })
    });
    let lines = [
        (t!("Only in yours"), only(mine, theirs)),
        (t!("Only in theirs"), only(theirs, mine)),
        (t!("Set differently"), changed.map(called).collect()),
        (t!("Placed differently"), moved.map(called).collect()),
    ];
    let mut said: Vec<String> = lines
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(words, names)| format!("{words}: {}.", listed(&names)))
        .collect();
    if mine.edges != theirs.edges {
        said.push(t!("The connections differ.").to_owned());
    }
    if said.is_empty() && mine != theirs {
        said.push(t!("The journey’s own settings differ.").to_owned());
    }
    said
}

fn called(node: &Node) -> String {
    let name = if node.name.is_empty() { super::kinds::title(&node.kind) } else { &node.name };
    format!("“{name}”")
}

fn without_place(node: &Node) -> Node {
    Node { position: journey::draft::Point::default(), ..node.clone() }
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(NAMES).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMES) {
        0 => shown,
        more => plural!(more, "{shown} and {count} more", "{shown} and {count} more", shown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey::draft::{Edge, Point};

    fn draft(names: &[&str]) -> Draft {
        let node = |name: &&str| Node {
            id: name.to_lowercase(),
            kind: "end".to_owned(),
            name: (*name).to_owned(),
            ..Node::default()
        };
        Draft { nodes: names.iter().map(node).collect(), ..Draft::default() }
    }

    #[test]
    fn every_difference_is_named_and_equal_drafts_have_none() {
        let (mut mine, mut theirs) = (draft(&["A", "B", "C", "D"]), draft(&["A", "B", "C", "E"]));
        assert_eq!(difference(&mine, &mine.clone()), Vec::<String>::new());
        mine.nodes[0].name = "First".to_owned();
        theirs.nodes[1].position = Point { x: 10.0, y: 0.0 };
        theirs.edges.push(Edge::default());
        let want = [
            "Only in yours: “D”.",
            "Only in theirs: “E”.",
            "Set differently: “First”.",
            "Placed differently: “B”.",
            "The connections differ.",
        ];
        assert_eq!(difference(&mine, &theirs), want);
        let renamed = Draft { name: "Other".to_owned(), ..mine.clone() };
        assert_eq!(difference(&mine, &renamed), ["The journey’s own settings differ."]);
    }

    #[test]
    fn long_lists_are_cut() {
        let (few, many) = (draft(&[]), draft(&["A", "B", "C", "D", "E", "F"]));
        let want = ["Only in theirs: “A”, “B”, “C”, “D” and 2 more."];
        assert_eq!(difference(&few, &many), want);
    }
}
