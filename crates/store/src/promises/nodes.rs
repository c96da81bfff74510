use crate::{
    Slot, Store,
    ids::MAKERS,
    nodes::{Joined, NewNode, NodeState, Sealing, Succeeds},
};

pub(crate) fn a_node(name: &str) -> NewNode {
    NewNode { name: name.to_owned(), succeeds: Succeeds::Nobody, ..NewNode::alone() }
}

pub(crate) async fn a_node_lives_by_its_beats_and_leaves(store: &dyn Store) {
    assert!(store.looks_after(Slot::of("a")), "who is no node looks after all");
    let Joined::As(id) = store.join(&a_node("one")).await.unwrap() else { panic!("it is taken") };
    assert!(!store.looks_after(Slot::of("a")));
    assert!(store.beat().await.unwrap().unwrap().is_unfair, "all slots are free");
    assert_eq!(store.share_slots().await.unwrap(), u32::from(Slot::COUNT));
    assert!(store.looks_after(Slot::of("a")));
    let beat = store.beat().await.unwrap().unwrap();
    assert_eq!((beat.state, beat.serving), (NodeState::Serving, 1));
    assert!(!beat.is_unfair && !beat.others_lapsed);
    let node = store.nodes(9).await.unwrap().remove(0);
    assert_eq!((node.id, node.name.as_str(), node.slots), (id, "one", 1024));
    assert!(node.lapses_at > node.joined_at && node.ended_at.is_none());
    store.leave().await.unwrap();
    let node = store.nodes(9).await.unwrap().remove(0);
    assert_eq!((node.state, node.slots), (NodeState::Left, 0));
    assert!(node.ended_at.is_some());
    assert_eq!(store.beat().await.unwrap(), None);
}

pub(crate) async fn a_node_that_drains_gives_up_its_slots(store: &dyn Store) {
    let Joined::As(id) = store.join(&a_node("one")).await.unwrap() else { panic!("it is taken") };
    store.share_slots().await.unwrap();
    assert!(store.drain(id).await.unwrap());
    let beat = store.beat().await.unwrap().unwrap();
    assert_eq!((beat.state, beat.serving, beat.is_unfair), (NodeState::Draining, 0, true));
    assert_eq!(store.share_slots().await.unwrap(), 0);
    assert!(!store.looks_after(Slot::of("a")));
    store.leave().await.unwrap();
    assert!(!store.drain(id).await.unwrap(), "it is gone");
}

pub(crate) async fn a_node_with_another_key_is_not_taken(store: &dyn Store) {
    store.join(&a_node("one")).await.unwrap();
    let other = NewNode { key: "other".to_owned(), ..a_node("two") };
    let than = "one".to_owned();
    assert_eq!(store.join(&other).await.unwrap(), Joined::OtherKey { than });
    let instead = NewNode { name: "one".to_owned(), succeeds: Succeeds::ItsName, ..other };
    let than = "one".to_owned();
    let joined = store.join(&instead).await.unwrap();
    assert_eq!(joined, Joined::OtherKey { than }, "it could not read what is sealed");
    let anew = NewNode { sealing: Sealing::Anew, ..instead.clone() };
    assert!(matches!(store.join(&anew).await.unwrap(), Joined::As(_)), "nobody lives beside it");
    assert!(matches!(store.join(&instead).await.unwrap(), Joined::As(_)), "it is the key now");
}

pub(crate) async fn no_more_nodes_than_ids_tell_apart(store: &dyn Store) {
    for number in 1..MAKERS {
        let joined = store.join(&a_node(&number.to_string())).await.unwrap();
        assert!(matches!(joined, Joined::As(_)), "{number}");
    }
    let full = store.join(&a_node("one more")).await.unwrap();
    assert_eq!(full, Joined::Full(usize::try_from(MAKERS).unwrap() - 1));
}
