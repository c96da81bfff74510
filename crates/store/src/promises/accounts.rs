use super::NOW;
use crate::{
    Paging, Store,
    accounts::{Created, Patched, Progress, Search, Statement, Upserted},
};
use serde_json::{Map, Value, json};

fn statement(external_id: &str, name: &str) -> Statement {
    Statement {
        external_id: external_id.to_owned(),
        name: name.to_owned(),
        fields: members(&json!({ "tenure": 4 })),
        ..Statement::default()
    }
}

fn members(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(crate) async fn a_taken_external_id_is_an_answer(store: &dyn Store) {
    let first = store.create_account(&statement("A-1", "Ada"), NOW).await.unwrap();
    let Created::Account(id) = first else { panic!("the first is made") };
    let second = store.create_account(&statement("A-1", "Bob"), NOW).await.unwrap();
    assert_eq!(second, Created::Taken(id));
    let stored = store.account_by_external_id("A-1").await.unwrap().unwrap();
    assert_eq!((stored.id, stored.name.as_str()), (id, "Ada"));
    assert_eq!(store.account(id).await.unwrap(), Some(stored.clone()));
    let record = stored.to_value();
    assert_eq!((&record["tenure"], &record["external_id"]), (&json!(4), &json!("A-1")));
}

pub(crate) async fn an_import_run_twice_changes_nothing(store: &dyn Store) {
    let batch = [statement("A-1", "Ada"), statement("A-2", "Bob")];
    let progress = Progress { source: "digest".to_owned(), line: 3 };
    assert_eq!(store.import_progress("digest").await.unwrap(), 0);
    let first = store.upsert_accounts(&batch, Some(&progress), NOW).await.unwrap();
    assert!(first.iter().all(|upserted| matches!(upserted, Upserted::Created(_))));
    assert_eq!(store.import_progress("digest").await.unwrap(), 3);
    let again = store.upsert_accounts(&batch, None, NOW.plus(5)).await.unwrap();
    let ids: Vec<_> = first.iter().map(|upserted| Upserted::Unchanged(upserted.id())).collect();
    assert_eq!(again, ids);
    assert_eq!(store.account(ids[0].id()).await.unwrap().unwrap().updated_at, NOW);
    let mut gold = statement("A-2", "Bob");
    gold.segment = Some("gold".to_owned());
    let changed = store.upsert_accounts(&[gold], None, NOW.plus(6)).await.unwrap();
    assert_eq!(changed, [Upserted::Changed(ids[1].id())]);
    store.upsert_accounts(&batch, None, NOW.plus(7)).await.unwrap();
    let kept = store.account(ids[1].id()).await.unwrap().unwrap();
    assert_eq!(kept.segment.as_deref(), Some("gold"), "what is not stated stays");
}

pub(crate) async fn a_patch_clears_with_null_and_refuses_what_does_not_fit(store: &dyn Store) {
    let made = store.create_account(&statement("A-1", "Ada"), NOW).await.unwrap();
    let Created::Account(id) = made else { panic!("it is made") };
    let change = members(&json!({ "segment": "smb", "arr": 12.5, "tenure": null, "plan": "pro" }));
    let patched = store.patch_account(id, &change, NOW.plus(1)).await.unwrap();
    let Some(Patched::Account(account)) = patched else { panic!("it fits: {patched:?}") };
    assert_eq!((account.segment.as_deref(), account.arr), (Some("smb"), Some(12.5)));
    assert_eq!(account.fields, members(&json!({ "plan": "pro" })));
    for (member, value) in
        [("arr", json!("12")), ("name", json!("")), ("id", json!("x")), ("owner", json!(1))]
    {
        let unfit = store
            .patch_account(id, &members(&json!({ "segment": "gold", member: value })), NOW.plus(2))
            .await
            .unwrap();
        assert!(matches!(unfit, Some(Patched::Unfit { member: at, .. }) if at == member));
    }
    assert_eq!(store.account(id).await.unwrap(), Some(*account), "a refused patch changes nothing");
}

pub(crate) async fn a_list_is_paged_by_name_and_searched_in_any_case(store: &dyn Store) {
    let batch: Vec<_> =
        (0..25).map(|n| statement(&format!("A-{n}"), &format!("Name {:02}", 24 - n))).collect();
    store.upsert_accounts(&batch, None, NOW).await.unwrap();
    let everything = Search::default();
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = store.accounts(&everything, Paging::new(after, 10)).await.unwrap();
        names.extend(page.items.into_iter().map(|account| account.name));
        after = page.next;
        if after.is_none() {
            break;
        }
        let cursor = after.as_ref().map(ToString::to_string).unwrap();
        assert_eq!(cursor.parse().ok(), after);
    }
    assert_eq!(names, (0..25).map(|n| format!("Name {n:02}")).collect::<Vec<_>>());
    assert_eq!(store.count_accounts(&everything, 99).await.unwrap(), 25);
    assert_eq!(store.count_accounts(&everything, 20).await.unwrap(), 20);
    let some = Search { q: Some(" nAME 1".to_owned()), ..Search::default() };
    assert_eq!(store.count_accounts(&some, 99).await.unwrap(), 10);
    assert_eq!(store.accounts(&some, Paging::first(50)).await.unwrap().items.len(), 10);
    let by_id = Search { q: Some("a-24".to_owned()), ..Search::default() };
    assert_eq!(store.count_accounts(&by_id, 99).await.unwrap(), 1);
}

pub(crate) async fn a_field_without_a_value_that_is_taken_away_is_no_event(store: &dyn Store) {
    let mut known = statement("A-1", "Ada");
    known.fields.clear();
    known.fields.insert("plan".to_owned(), Value::Null);
    let upserted = store.upsert_accounts(&[known], None, NOW).await.unwrap();
    let pending = async || store.pending(9, 9).await.unwrap().len();
    assert_eq!(pending().await, 1, "it is new");
    let members = Map::from_iter([("plan".to_owned(), Value::Null)]);
    store.patch_account(upserted[0].id(), &members, NOW).await.unwrap();
    let fields = store.account(upserted[0].id()).await.unwrap().unwrap().fields;
    assert_eq!((fields.len(), pending().await), (0, 1));
}

pub(crate) async fn a_search_finds_letters_beyond_a_to_z_as_they_are_written(store: &dyn Store) {
    store.upsert_accounts(&[statement("A-1", "Österreich AG")], None, NOW).await.unwrap();
    for (q, found) in [("Österreich", 1), ("ÖSTERREICH", 1), ("österreich", 0)] {
        let search = Search { q: Some(q.to_owned()), ..Search::default() };
        assert_eq!(store.count_accounts(&search, 99).await.unwrap(), found, "{q}");
    }
}

pub(crate) async fn a_search_takes_wildcards_as_letters(store: &dyn Store) {
    let batch =
        [statement("A-1", "100% organic"), statement("A-2", "1000 oranges"), statement("A_3", "x")];
    store.upsert_accounts(&batch, None, NOW).await.unwrap();
    for (q, found) in [("0%", 1), ("a_", 1), ("%", 1), ("\\", 0), ("'", 0)] {
        let search = Search { q: Some(q.to_owned()), ..Search::default() };
        assert_eq!(store.count_accounts(&search, 99).await.unwrap(), found, "{q}");
    }
}

/// The names of all that a text is in, page by page, and how many are counted.
async fn found(store: &dyn Store, q: &str, segment: Option<&str>) -> (Vec<String>, u64) {
    let search = Search { q: Some(q.to_owned()), segment: segment.map(str::to_owned) };
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = store.accounts(&search, Paging::new(after, 7)).await.unwrap();
        names.extend(page.items.into_iter().map(|account| account.name));
        after = page.next;
        if after.is_none() {
            return (names, store.count_accounts(&search, 999).await.unwrap());
        }
    }
}

pub(crate) async fn a_search_finds_what_an_account_is_called_now(store: &dyn Store) {
    let finds = async |q: &str| found(store, q, None).await.0;
    let batch = [statement("A-1", "Ada Lovelace"), statement("A-2", "Bob")];
    let ids = store.upsert_accounts(&batch, None, NOW).await.unwrap();
    assert_eq!(finds("ovela").await, ["Ada Lovelace"]);
    let change = members(&json!({ "name": "Countess", "owner": "Eve@Example.com" }));
    store.patch_account(ids[0].id(), &change, NOW).await.unwrap();
    assert_eq!(finds("ovela").await, [""; 0], "it was renamed");
    assert_eq!((finds("untes").await, finds("eve@").await.len()), (vec!["Countess".into()], 1));
    let change = members(&json!({ "owner": null, "tenure": 5 }));
    store.patch_account(ids[0].id(), &change, NOW).await.unwrap();
    assert_eq!((finds("eve@").await.len(), finds("count").await.len()), (0, 1));
    store.upsert_accounts(&[statement("A-2", "Robert")], None, NOW).await.unwrap();
    assert_eq!((finds("bob").await.len(), finds("obert").await), (0, vec!["Robert".into()]));
}

pub(crate) async fn a_search_takes_any_text_as_letters_in_a_row(store: &dyn Store) {
    let names = [
        "a \"b\" AND c-d",
        "NOT name:x* ^y",
        "Größe ÄÖÜ 日本語の会社",
        "aaab",
        "xaab",
        "(x OR y) + {z}",
        "a_b%c\\d'e",
        "The quick brown fox jumps over the lazy dog",
        "The quick brown dog jumps over the lazy fox",
    ];
    let batch: Vec<_> =
        names.iter().enumerate().map(|(at, name)| statement(&format!("N{at}"), name)).collect();
    store.upsert_accounts(&batch, None, NOW).await.unwrap();
    let mut texts = vec![
        "fox jumps over a",
        "brown fox jumps over the lazy fox",
        "baaa",
        "xyz",
        "AND",
        "\"",
        "\"\"\"",
        "ÄÖÜ",
        "äöü",
    ];
    let letters: Vec<Vec<char>> = names.iter().map(|name| name.chars().collect()).collect();
    let parts: Vec<String> = letters
        .iter()
        .flat_map(|name| (1..=name.len()).flat_map(|long| name.windows(long).step_by(5)))
        .map(|part| part.iter().collect())
        .collect();
    texts.extend(parts.iter().map(String::as_str));
    for q in texts {
        let has_it =
            |name: &&&str| name.to_ascii_lowercase().contains(&q.trim().to_ascii_lowercase());
        let mut expected: Vec<&str> = names.iter().filter(has_it).copied().collect();
        if q.trim().len() == 1 {
            continue; // Also in external ids.
        }
        expected.sort_unstable();
        let count = expected.len() as u64;
        assert_eq!(
            found(store, q, None).await,
            (expected.into_iter().map(str::to_owned).collect(), count),
            "{q}"
        );
    }
}

pub(crate) async fn a_search_finds_many_page_by_page(store: &dyn Store) {
    let name = |n: u32| match n {
        // Close together at the end.
        0..40 => format!("Zeta {n:03}"),
        40..52 => format!("Rare {n:03}"),
        _ => format!("Account {:03}", n * 7 % 200),
    };
    let segment = |n: u32| if n.is_multiple_of(9) { "gold" } else { "smb" };
    let account = |n| Statement {
        segment: Some(segment(n).to_owned()),
        ..statement(&format!("A-{n:03}"), &name(n))
    };
    let batch: Vec<_> = (0..200).map(account).collect();
    store.upsert_accounts(&batch, None, NOW).await.unwrap();
    for q in ["account", "zeta", "rare", "eta 03", "a-1", "a", "ac", "unt 1", "zeta 999", "nowhere"]
    {
        for within in [None, Some("gold"), Some("smb"), Some("none")] {
            let has_it = |text: &str| text.to_ascii_lowercase().contains(q);
            let is_found = |n: &u32| {
                within.is_none_or(|within| within == segment(*n))
                    && (has_it(&name(*n)) || has_it(&format!("A-{n:03}")))
            };
            let mut expected: Vec<String> = (0..200).filter(is_found).map(name).collect();
            expected.sort_unstable();
            let count = expected.len() as u64;
            assert_eq!(found(store, q, within).await, (expected, count), "{q} in {within:?}");
        }
    }
}
