//! What a connector may use up, and what remains of a call for the next.

use std::future::poll_fn;
use std::task::Poll;
use std::thread;
use std::time::Duration;

use connector_host::{FailureKind, Limits, kill};
use serde_json::{Value, json};

use crate::stage::{Outside, Stage};

#[tokio::test]
async fn a_call_answers_and_says_what_it_cost() {
    let stage = Stage::usual().await;
    let outcome = stage.call("echo", json!([1, "two"])).await;
    assert_eq!(outcome.result.unwrap(), json!([1, "two"]));
    assert!(outcome.usage.peak_memory > 0 && outcome.usage.requests.is_empty());
}

#[tokio::test]
async fn an_endless_loop_ends_with_its_cpu_time() {
    let stage = Stage::limited(Limits { cpu_ticks: 5, ..Limits::default() }).await;
    let failure = stage.failure("loop", Value::Null).await;
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Internal, kill::CPU));
    assert!(failure.message.contains("more than 5 ticks"), "{failure}");
}

#[tokio::test]
async fn loops_on_every_thread_leave_room_for_others() {
    let stage = Stage::usual().await;
    let endless = || stage.call("loop", Value::Null);
    let loops = async { tokio::join!(endless(), endless(), endless(), endless()) };
    tokio::pin!(loops);
    tokio::select! {
        biased;
        _ = &mut loops => panic!("four loops used up their time before an echo was answered"),
        () = stage.is_unharmed() => {}
    }
}

#[tokio::test]
async fn a_heavy_call_goes_on_while_its_callers_thread_does_not() {
    let stage = Stage::limited(Limits { cpu_ticks: 60, ..Limits::default() }).await;
    let mut call = Box::pin(stage.call("loop", Value::Null));
    // Each look gives it a tick at most where it was asked for, which is not enough by far.
    for _ in 0..30 {
        if poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_ready())).await {
            return;
        }
        thread::sleep(Duration::from_millis(300));
    }
    panic!("it waited for the thread of whoever asked");
}

#[tokio::test]
async fn memory_beyond_the_limit_is_refused() {
    let stage = Stage::usual().await;
    let failure = stage.failure("allocate", Value::Null).await;
    assert_eq!(failure.code, kill::MEMORY);
    assert!(failure.message.contains("67108864 bytes of memory"), "{failure}");
}

#[tokio::test]
async fn recursion_ends_at_the_stack() {
    let stage = Stage::usual().await;
    assert_eq!(stage.failure("recurse", json!(1)).await.code, kill::STACK);
}

#[tokio::test]
async fn recursion_with_large_frames_ends_at_the_shadow_stack() {
    // What lives in linear memory runs out before the machine's stack does: the address falls below the first.
    let stage = Stage::usual().await;
    let failure = stage.failure("recurse_wide", json!(1)).await;
    assert_eq!(failure.code, kill::OOB);
    assert!(failure.message.contains("recurs"), "{failure}");
}

#[tokio::test]
async fn a_trap_and_a_panic_are_told_apart() {
    let stage = Stage::usual().await;
    assert_eq!(stage.failure("trap", Value::Null).await.code, kill::TRAP);
    let failure = stage.failure("panic", json!("glass")).await;
    assert_eq!(failure.code, kill::PANIC);
    assert!(failure.message.contains("it broke on \"glass\""), "{failure}");
}

#[tokio::test]
async fn a_flood_of_log_lines_ends_and_only_the_last_are_kept() {
    let stage = Stage::usual().await;
    let outcome = stage.call("babble", Value::Null).await;
    assert_eq!(outcome.result.unwrap_err().code, kill::IO_BYTES);
    assert!(
        outcome.logs.len() <= 200 && outcome.logs.iter().all(|line| line.message.len() <= 8 << 10)
    );
    stage.is_unharmed().await;
}

#[tokio::test]
async fn a_flood_of_calls_to_the_host_ends() {
    let stage = Stage::usual().await;
    let failure = stage.failure("nag", Value::Null).await;
    assert_eq!(failure.code, kill::CALLS);
    assert!(failure.message.contains("10000"), "{failure}");
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_taken() {
    let stage = Stage::limited(Limits { transfer: 1 << 20, ..Limits::default() }).await;
    assert_eq!(stage.failure("bloat", json!(2 << 20)).await.code, kill::IO_BYTES);
}

#[tokio::test]
async fn input_over_the_limit_is_not_given() {
    let stage = Stage::usual().await;
    assert_eq!(stage.failure("echo", json!("x".repeat(5 << 20))).await.code, "input.too-large");
}

#[tokio::test]
async fn an_unknown_operation_is_named() {
    let stage = Stage::usual().await;
    let failure = stage.failure("dance", Value::Null).await;
    assert_eq!(failure.code, "operation.unknown");
    assert!(failure.message.contains("`dance`"), "{failure}");
}

#[tokio::test]
async fn a_call_that_waits_too_long_ends_and_may_be_tried_again() {
    let (stage, outside) = (Stage::usual().await, Outside::start().await);
    let mut call = stage.ask("hang", Value::Null, &outside.connection("/never"));
    call.timeout = Duration::from_millis(300);
    let failure = stage.host.call(call).await.result.unwrap_err();
    assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Transient, kill::WALL));
    stage.is_unharmed().await;
}

#[tokio::test]
async fn a_call_nobody_waits_for_gives_its_place_back() {
    let (stage, outside) = (Stage::with(|config| config.slots = 1).await, Outside::start().await);
    let connection = outside.connection("/never");
    let hanging = stage.call_by(&connection, "hang", Value::Null);
    tokio::select! {
        _ = hanging => panic!("an answer that never comes came"),
        () = async { while outside.asked() == 0 { tokio::task::yield_now().await } } => {}
    }
    stage.is_unharmed().await;
}

#[tokio::test]
async fn when_all_places_are_taken_a_call_is_told_so() {
    let (stage, outside) = (Stage::with(|config| config.slots = 1).await, Outside::start().await);
    let connection = outside.connection("/never");
    let hanging = stage.call_by(&connection, "hang", Value::Null);
    let refused = async {
        while outside.asked() == 0 {
            tokio::task::yield_now().await;
        }
        let mut call = stage.ask("echo", Value::Null, &connection);
        call.timeout = Duration::from_millis(50);
        stage.host.call(call).await.result.unwrap_err()
    };
    tokio::select! {
        _ = hanging => panic!("an answer that never comes came"),
        failure = refused => {
            assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Transient, "host.busy"));
        }
    }
}

#[tokio::test]
async fn memory_never_carries_over_from_call_to_call() {
    let stage = Stage::with(|config| config.slots = 1).await;
    for _ in 0..4 {
        assert_eq!(stage.call("leak", Value::Null).await.result.unwrap(), json!([]));
    }
}

#[tokio::test]
async fn memory_used_again_within_a_call_shows_what_was_left_in_it() {
    // The probe of the test above finds marks where there are some.
    let stage = Stage::usual().await;
    assert_eq!(stage.call("reuse", Value::Null).await.result.unwrap()["marks"], 8_192);
}
