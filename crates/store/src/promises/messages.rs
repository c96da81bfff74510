use super::{FIRST, NOW, a_journey};
use crate::{
    Store,
    messages::{Counted, Share, Taken},
};

const DAY_MS: i64 = 86_400_000;

fn share(store: &dyn Store, recipient: &str) -> Share {
    let instance = store.ids().instance(NOW, store.ids().any_slot());
    Share { instance, position: FIRST, recipient: recipient.to_owned() }
}

async fn counted(store: &dyn Store, cap: u32) -> Counted {
    Counted { journey: a_journey(store).await, node: "tell".to_owned(), cap: Some(cap) }
}

pub(crate) async fn a_message_goes_to_a_recipient_once(store: &dyn Store) {
    let (one, counted) = (share(store, "ada@x.y"), counted(store, 9).await);
    assert_eq!(store.take_share(&one, &counted, NOW).await.unwrap(), Taken::Ours);
    assert_eq!(store.take_share(&one, &counted, NOW).await.unwrap(), Taken::Ours, "not sent yet");
    store.share_sent(&one).await.unwrap();
    assert_eq!(store.take_share(&one, &counted, NOW).await.unwrap(), Taken::Sent);
    store.drop_share(&one).await.unwrap();
    assert_eq!(store.take_share(&one, &counted, NOW).await.unwrap(), Taken::Sent);
}

pub(crate) async fn a_cap_counts_a_day_of_one_node_and_recipient(store: &dyn Store) {
    let counted = counted(store, 2).await;
    let elsewhere = Counted { node: "other".to_owned(), ..counted.clone() };
    let take = async |recipient: &str, counted: &Counted, at| {
        store.take_share(&share(store, recipient), counted, at).await.unwrap()
    };
    assert_eq!(take("ada@x.y", &counted, NOW).await, Taken::Ours);
    assert_eq!(take("ada@x.y", &counted, NOW.plus(1)).await, Taken::Ours);
    assert_eq!(take("ada@x.y", &counted, NOW.plus(2)).await, Taken::Capped);
    assert_eq!(take("bob@x.y", &counted, NOW.plus(2)).await, Taken::Ours);
    assert_eq!(take("ada@x.y", &elsewhere, NOW.plus(2)).await, Taken::Ours);
    assert_eq!(take("ada@x.y", &counted, NOW.plus(DAY_MS)).await, Taken::Ours);
    assert_eq!(take("ada@x.y", &counted, NOW.plus(DAY_MS)).await, Taken::Capped);
}

pub(crate) async fn what_could_not_be_sent_does_not_count(store: &dyn Store) {
    let (one, counted) = (share(store, "ada@x.y"), counted(store, 1).await);
    store.take_share(&one, &counted, NOW).await.unwrap();
    store.drop_share(&one).await.unwrap();
    let another = share(store, "ada@x.y");
    assert_eq!(store.take_share(&another, &counted, NOW).await.unwrap(), Taken::Ours);
    assert_eq!(store.forget_messages(NOW.plus(1)).await.unwrap(), 1);
    assert_eq!(store.take_share(&one, &counted, NOW).await.unwrap(), Taken::Ours);
}
