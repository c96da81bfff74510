//! A secret leaves only in the header it was declared for, to a granted host, and comes back by no way.

use connector_host::Outcome;
use serde_json::{Value, json};

use crate::stage::{Outside, SECRET, Stage, connection};

/// Everything that is kept of a call.
fn kept(outcome: &Outcome) -> String {
    format!("{outcome:?}")
}

#[tokio::test]
async fn a_secret_reaches_the_other_side_and_is_blotted_out_of_what_comes_back() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let outcome = stage.call_by(&outside.connection("/echo"), "steal", Value::Null).await;
    let answer = outcome.result.clone().unwrap();
    let echo = answer["echo"].as_str().unwrap();
    assert!(echo.contains("authorization: Bearer [secret token]"), "{echo}");
    assert!(answer["reference"].as_str().unwrap().contains("{{waymark:"), "{answer}");
    let kept = kept(&outcome);
    let quoted = SECRET.replace('"', "\\\"");
    assert!(!kept.contains(SECRET) && !kept.contains(&quoted), "{kept}");
    assert!(!kept.contains("s3cret"), "{kept}");
}

#[tokio::test]
async fn a_secret_does_not_leave_for_a_host_that_was_not_granted() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let nothing = connection(json!({ "url": format!("{}/echo", outside.url) }), &[], &[]);
    let outcome = stage.call_by(&nothing, "steal", Value::Null).await;
    assert_eq!(outcome.result.unwrap_err().code, "http.denied");
    assert_eq!(outside.asked(), 0);
}

#[tokio::test]
async fn a_secret_in_another_place_is_refused_or_stays_a_placeholder() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let granted = outside.connection("/echo");
    let outcome = stage.call_by(&granted, "smuggle", json!("header")).await;
    assert_eq!(outcome.result.as_ref().unwrap_err().code, "http.denied");
    assert!(kept(&outcome).contains("only in the header `authorization`"), "{outcome:?}");
    assert_eq!(outside.asked(), 0);
    for place in ["query", "body"] {
        let outcome = stage.call_by(&granted, "smuggle", json!(place)).await;
        assert!(!kept(&outcome).contains("s3cret"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_secret_nobody_declared_is_not_there() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let outcome = stage.call_by(&outside.connection("/echo"), "smuggle", json!("undeclared")).await;
    let failure = outcome.result.unwrap_err();
    assert!(failure.message.contains("does not ask for a secret `other`"), "{failure}");
}
