//! Where a connector may not go, and what it is not given.

use connector_host::Outcome;
use serde_json::{Value, json};

use crate::stage::{Outside, Stage, connection};

fn code(outcome: &Outcome) -> &str {
    &outcome.result.as_ref().unwrap_err().code
}

#[tokio::test]
async fn a_granted_host_is_reached_and_the_request_recorded() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let outcome = stage.call_by(&outside.connection("/echo?q=1"), "fetch", Value::Null).await;
    assert_eq!(outcome.result.unwrap()["status"], 200);
    let record = &outcome.usage.requests[0];
    assert_eq!(
        (record.host.as_str(), record.path.as_str(), record.status),
        (outside.place(), "/echo", Some(200))
    );
}

#[tokio::test]
async fn a_host_that_was_not_granted_is_denied_with_the_grant_that_is_missing() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let nothing =
        connection(json!({ "url": format!("{}/echo", outside.url) }), &[], &["127.0.0.0/8"]);
    let outcome = stage.call_by(&nothing, "fetch", Value::Null).await;
    assert_eq!(code(&outcome), "http.denied");
    let message = outcome.result.unwrap_err().message;
    let grant = format!(r#"grant it "{}" among its hosts"#, outside.place());
    assert!(message.contains(&grant), "{message}");
    assert_eq!(outside.asked(), 0);
}

#[tokio::test]
async fn a_private_address_is_denied_however_it_is_written() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let hosts = [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "[fe80::1]",
        "[fc00::1]",
        "[ff02::1]",
        "224.0.0.1",
        "255.255.255.255",
    ];
    for host in hosts {
        let place = format!("{host}:{}", outside.port());
        let granted = connection(json!({}), &[&place], &[]);
        let outcome =
            stage.call_by(&granted, "fetch_other", json!(format!("http://{place}/echo"))).await;
        assert_eq!(code(&outcome), "http.denied", "{host}: {:?}", outcome.result);
        let message = outcome.result.unwrap_err().message;
        assert!(message.contains("among its private addresses"), "{host}: {message}");
    }
    assert_eq!(outside.asked(), 0);
}

#[tokio::test]
async fn a_private_range_opens_only_itself() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let granted = connection(json!({}), &[outside.place()], &["10.0.0.0/8"]);
    let outcome =
        stage.call_by(&granted, "fetch_other", json!(format!("{}/echo", outside.url))).await;
    assert_eq!(code(&outcome), "http.denied");
    assert_eq!(outside.asked(), 0);
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let outcome = stage.call_by(&outside.connection("/redirect"), "fetch", Value::Null).await;
    let answer = outcome.result.unwrap();
    assert_eq!(
        (&answer["status"], &answer["location"]),
        (&json!(302), &json!("http://169.254.169.254/"))
    );
    assert_eq!(outside.asked(), 1);
}

#[tokio::test]
async fn schemes_and_addresses_that_are_no_plain_http_are_denied() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let granted = outside.connection("/echo");
    let with_password = format!("http://user:word@{}/echo", outside.place());
    for url in ["file:///etc/passwd", "ftp://127.0.0.1/", with_password.as_str()] {
        let outcome = stage.call_by(&granted, "fetch_other", json!(url)).await;
        assert_eq!(code(&outcome), "http.denied", "{url}");
    }
    assert_eq!(outside.asked(), 0);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_an_error_the_connector_sees() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let outcome = stage.call_by(&outside.connection("/large"), "fetch", Value::Null).await;
    assert_eq!(code(&outcome), "http.too-large");
}

#[tokio::test]
async fn a_compressed_answer_is_not_taken_for_secrets_could_hide_in_it() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let outcome = stage.call_by(&outside.connection("/compressed"), "fetch", Value::Null).await;
    assert!(outcome.result.unwrap_err().message.contains("compressed"));
}

#[tokio::test]
async fn requests_without_end_run_out() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let outcome = stage.call_by(&outside.connection("/echo"), "fetch_often", Value::Null).await;
    assert_eq!(code(&outcome), "http.budget");
    assert_eq!(outside.asked(), 50);
}

#[tokio::test]
async fn pairs_are_kept_apart_for_each_connection_and_within_their_quota() {
    let stage = Stage::usual().await;
    assert_eq!(stage.call("remember", json!("a")).await.result.unwrap(), json!("\"a\""));
    let outcome = stage.call("remember", json!("x".repeat(2_000))).await;
    assert!(outcome.result.unwrap_err().message.contains("the manifest asks for 1000"));
}
