//! Taking part for the first time.

use super::{PATIENCE, START, Script};
use crate::{ManualClock, limits, membership, runtime::Inner};
use scratch::Place;
use std::{sync::Arc, time::Duration};
use store::{
    FailureKind,
    nodes::{Joined, NewNode},
};

#[tokio::test]
async fn a_node_that_is_taken_for_gone_while_it_starts_goes_on() {
    let place = Place::chosen().await;
    let clock = Arc::new(ManualClock::new(START));
    let inner = Inner::new(place.open(1).await, Arc::new(Script::default()), clock, limits::JOBS);
    let node = NewNode { lease: Duration::from_millis(200), ..NewNode::alone() };
    membership::begin(&inner, &node).await.unwrap();
    // Who serves alone takes all others for gone.
    let other = place.open(2).await;
    assert!(matches!(other.join(&NewNode::alone()).await.unwrap(), Joined::As(_)));
    let refused = inner.list_triggers(Duration::ZERO).await.unwrap_err();
    assert_eq!(refused.kind(), FailureKind::Fenced);
    let living = tokio::spawn(membership::run(Arc::clone(&inner), node));
    inner.list_triggers(PATIENCE).await.unwrap();
    living.abort();
}
