//! The systems over HTTP, as connectors and tests meet them.

use mock_systems::{Control, MockSystems};
use reqwest::Client;
use serde_json::{Value, json};

/// Calls an operation, under a key when there is one; gives the status and the answer.
async fn call(
    systems: &MockSystems,
    path: &str,
    key: Option<&str>,
) -> reqwest::Result<(u16, Value)> {
    let mut request = Client::new().post(format!("{}{path}", systems.url())).json(&json!({"a": 1}));
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let answer = request.send().await?;
    Ok((answer.status().as_u16(), answer.json().await?))
}

#[tokio::test]
async fn every_system_answers_in_its_own_words() {
    let systems = MockSystems::start().await.unwrap();
    for (system, member) in
        [("crm", "crmId"), ("billing", "invoiceId"), ("dispatch", "visitId"), ("vendor", "orderId")]
    {
        let (status, answer) = call(&systems, &format!("/{system}/do/c1"), None).await.unwrap();
        assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{system}");
        assert!(answer[member].is_string(), "{system}: {answer}");
    }
    let (status, answer) = call(&systems, "/bakery/do/c1", None).await.unwrap();
    assert_eq!((status, &answer["ok"]), (404, &json!(false)));
    assert!(answer["error"].as_str().unwrap().contains("bakery"));
}

#[tokio::test]
async fn a_key_has_one_effect_however_often_it_comes() {
    let systems = MockSystems::start().await.unwrap();
    let first = call(&systems, "/crm/note/c1", Some("k1")).await.unwrap();
    assert_eq!(call(&systems, "/crm/note/c1", Some("k1")).await.unwrap(), first);
    call(&systems, "/crm/note/c1", Some("k2")).await.unwrap();
    call(&systems, "/crm/note/c1", None).await.unwrap();
    let counts = systems.counts();
    assert_eq!((counts.len(), counts[0].calls, counts[0].effects), (1, 4, 3));
    let repeated: Vec<bool> = systems.calls().iter().map(|call| call.repeated).collect();
    assert_eq!(repeated, [false, true, false, false]);
    assert_eq!(systems.calls()[0].body, json!({"a": 1}));
}

#[tokio::test]
async fn the_same_key_at_another_system_is_another_effect() {
    let systems = MockSystems::start().await.unwrap();
    call(&systems, "/crm/note/c1", Some("k1")).await.unwrap();
    call(&systems, "/billing/note/c1", Some("k1")).await.unwrap();
    assert!(systems.counts().iter().all(|count| count.effects == 1));
    assert_eq!(systems.counts().len(), 2);
}

#[tokio::test]
async fn told_to_fail_they_fail_without_effect_and_then_recover() {
    let systems = MockSystems::start().await.unwrap();
    systems.control(Control { fail_next: 2, error_status: Some(500), ..Control::default() });
    for status in [500, 500, 200] {
        assert_eq!(call(&systems, "/crm/upsert/c1", Some("k1")).await.unwrap().0, status);
    }
    let count = &systems.counts()[0];
    assert_eq!((count.calls, count.effects), (3, 1));
}

#[tokio::test]
async fn a_share_of_failures_is_spread_evenly() {
    let systems = MockSystems::start().await.unwrap();
    systems.control(Control { error_rate: 0.25, ..Control::default() });
    let mut failed = 0;
    for at in 0..40 {
        failed +=
            u32::from(call(&systems, &format!("/crm/upsert/c{at}"), None).await.unwrap().0 == 503);
    }
    assert_eq!(failed, 10);
}

#[tokio::test]
async fn beyond_the_rate_a_caller_is_told_when_to_come_back() {
    let systems = MockSystems::start().await.unwrap();
    systems.control(Control { rate_limit_per_s: 1, ..Control::default() });
    let mut limited = 0;
    for _ in 0..10 {
        let request = Client::new().post(format!("{}/crm/upsert/c1", systems.url()));
        let answer = request.send().await.unwrap();
        if answer.status() == 429 {
            assert_eq!(answer.headers()["retry-after"], "1");
            limited += 1;
        }
    }
    assert!(limited > 0, "ten calls, one a second, and none was limited");
}

#[tokio::test]
async fn they_are_slow_on_demand_and_controlled_over_http() {
    let systems = MockSystems::start().await.unwrap();
    let control = format!("{}/control", systems.url());
    let put = Client::new().put(&control).json(&json!({"latency_ms": 200})).send().await.unwrap();
    assert_eq!(put.status(), 204);
    let begin = tokio::time::Instant::now();
    call(&systems, "/crm/upsert/c1", None).await.unwrap();
    assert!(begin.elapsed().as_millis() >= 200);
    let unknown = Client::new().put(&control).json(&json!({"slowness": 1})).send().await.unwrap();
    assert_eq!(unknown.status(), 422);
}

#[tokio::test]
async fn only_loopback_is_listened_on() {
    let refused = MockSystems::listen(([0, 0, 0, 0], 0).into()).await;
    assert!(refused.is_err_and(|error| error.to_string().contains("not a loopback address")));
}
