//! Runs one call in a fresh instance and says how it ended.

use std::sync::Arc;

use intake::manifest::Manifest;
use serde_json::Value;
use wasmtime::{Engine, Store, Trap, UpdateDeadline};

use crate::failure::kill;
use crate::limits;
use crate::state::{Killed, Services, State, shortened};
use crate::v1::{ConnectorPre, types};
use crate::weight::Weight;
use crate::{Call, Failure, FailureKind, Outcome};

/// A loaded connector, ready to be instantiated.
pub(crate) struct Version {
    pub(crate) pre: ConnectorPre<State>,
    pub(crate) manifest: Arc<Manifest>,
}

/// Performs `call` within the limits, in a store that is dropped at the end.
pub(crate) async fn perform(
    engine: &Engine,
    services: &Arc<Services>,
    version: &Version,
    call: Call,
    weight: Weight,
) -> Outcome {
    let manifest = Arc::clone(&version.manifest);
    let state = State::new(Arc::clone(services), manifest, &call, weight);
    let deadline = state.deadline;
    let mut store = limited_store(engine, state);
    let ran = tokio::time::timeout_at(deadline, invoke(&mut store, version, &call)).await;
    let state = store.data_mut();
    let result = match ran {
        Ok(Ok(Ok(output))) => read_output(state, output),
        Ok(Ok(Err(failure))) => Err(lift(state, failure)),
        Ok(Err(error)) => Err(why_killed(state, &error)),
        Err(_) => Err(Failure::new(
            FailureKind::Transient,
            kill::WALL,
            "the call did not end in the time it was given",
        )),
    };
    Outcome {
        result,
        usage: std::mem::take(&mut state.usage),
        logs: std::mem::take(&mut state.logs).into(),
    }
}

/// A store in which memory, CPU time and transfers are limited.
pub(crate) fn limited_store(engine: &Engine, state: State) -> Store<State> {
    let transfer = state.services.limits.transfer;
    let mut store = Store::new(engine, state);
    store.limiter(|state| state);
    store.set_hostcall_fuel(transfer);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|mut store| {
        store.data_mut().count_tick()?;
        Ok(UpdateDeadline::Yield(1))
    });
    store
}

async fn invoke(
    store: &mut Store<State>,
    version: &Version,
    call: &Call,
) -> wasmtime::Result<Result<String, types::Failure>> {
    let instance = version.pre.instantiate_async(&mut *store).await?;
    instance.waymark_connector_api().call_invoke(&mut *store, &call.operation, &call.input).await
}

fn read_output(state: &State, output: String) -> Result<Value, Failure> {
    let scrubbed = state.scrubber.text(output);
    serde_json::from_str(&scrubbed).map_err(|error| {
        Failure::new(
            FailureKind::Internal,
            "output.invalid",
            format!("the connector's answer is not JSON: {error}"),
        )
    })
}

fn lift(state: &State, failure: types::Failure) -> Failure {
    let kind = match failure.kind {
        types::FailureKind::InvalidInput => FailureKind::InvalidInput,
        types::FailureKind::Auth => FailureKind::Auth,
        types::FailureKind::NotFound => FailureKind::NotFound,
        types::FailureKind::Conflict => FailureKind::Conflict,
        types::FailureKind::RateLimited => FailureKind::RateLimited,
        types::FailureKind::Transient => FailureKind::Transient,
        types::FailureKind::Permanent => FailureKind::Permanent,
        types::FailureKind::Internal => FailureKind::Internal,
    };
    let clean = |text: String| shortened(state.scrubber.text(text));
    let details = failure
        .details
        .map(|details| state.scrubber.text(details))
        .and_then(|details| serde_json::from_str(&details).ok());
    Failure {
        kind,
        code: clean(failure.code),
        message: clean(failure.message),
        retry_after_ms: failure.retry_after_ms,
        details,
    }
}

/// Which limit or fault ended a call.
pub(crate) fn why_killed(state: &State, error: &wasmtime::Error) -> Failure {
    let internal = |code: &str, message: String| Failure::new(FailureKind::Internal, code, message);
    if let Some(killed) = error.downcast_ref::<Killed>() {
        return internal(killed.code, killed.why.clone());
    }
    let root = error.root_cause().to_string();
    if root.contains("fuel allocated for hostcalls") {
        let limit = state.services.limits.transfer;
        return internal(
            kill::IO_BYTES,
            format!("the connector passed more than {limit} bytes to the host at once"),
        );
    }
    if state.memory_refused {
        let limit = state.services.limits.memory;
        return internal(
            kill::MEMORY,
            format!("the connector asked for more than the {limit} bytes of memory it may have"),
        );
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => internal(
            kill::STACK,
            format!(
                "the connector recursed deeper than its {} bytes of stack",
                limits::STACK_BYTES
            ),
        ),
        Some(Trap::MemoryOutOfBounds | Trap::TableOutOfBounds | Trap::HeapMisaligned) => internal(
            kill::OOB,
            format!(
                "the connector touched memory it does not have, as endless recursion does too: {root}"
            ),
        ),
        trap => match &state.panic {
            Some(message) => internal(kill::PANIC, format!("the connector panicked: {message}")),
            None => internal(
                kill::TRAP,
                format!("the connector stopped: {}", trap.map_or(root, ToString::to_string)),
            ),
        },
    }
}
