//! Asks a component for its manifest, in the same sandbox as a call and reaching nothing.

use std::sync::Arc;
use std::time::Duration;

use intake::manifest::{Manifest, Needs};
use wasmtime::Engine;
use wasmtime::component::{Component, HasSelf, Linker};

use crate::call::Connection;
use crate::egress::Egress;
use crate::engine::Ticker;
use crate::kv::MemoryKv;
use crate::run::{limited_store, why_killed};
use crate::state::{Services, State};
use crate::v1::{self, ConnectorPre};
use crate::weight::Weight;
use crate::{Call, Digest, Failure, Grants, Limits};

/// Why a component does not say what it is.
#[derive(Debug, thiserror::Error)]
pub enum DescribeError {
    /// It imports or exports something else than the interface says.
    #[error("the component does not fit the connector interface: {0}")]
    Interface(String),
    /// It ran, and failed.
    #[error("`describe` failed: {0}")]
    Failed(Failure),
    /// It ran, and did not end.
    #[error("`describe` did not end within {0:?}")]
    TooSlow(Duration),
    /// The machine refused a thread or a key.
    #[error("the sandbox could not be made: {0}")]
    Sandbox(String),
}

const DESCRIBE_WALL: Duration = Duration::from_secs(5);

/// What the component's `describe` answers.
pub async fn describe(engine: &Engine, component: &Component) -> Result<String, DescribeError> {
    let ticker =
        Ticker::start(engine.clone()).map_err(|error| DescribeError::Sandbox(error.to_string()))?;
    let _running = ticker.during_call();
    let pre =
        link(engine, component).map_err(|error| DescribeError::Interface(format!("{error:#}")))?;
    ask(engine, &pre).await
}

/// A component with all it imports, ready to be instantiated.
pub(crate) fn link(
    engine: &Engine,
    component: &Component,
) -> wasmtime::Result<ConnectorPre<State>> {
    let mut linker = Linker::new(engine);
    v1::Connector::add_to_linker::<_, HasSelf<State>>(&mut linker, |state| state)?;
    ConnectorPre::new(linker.instantiate_pre(component)?)
}

pub(crate) async fn ask(
    engine: &Engine,
    pre: &ConnectorPre<State>,
) -> Result<String, DescribeError> {
    let sandbox = |error: &dyn std::fmt::Display| DescribeError::Sandbox(error.to_string());
    let egress = Egress::new().map_err(|error| sandbox(&error))?;
    let limits = Limits { wall: DESCRIBE_WALL, ..Limits::default() };
    let services =
        Services { limits, egress, kv: Arc::new(MemoryKv::default()), clock: Box::new(|| 0) };
    let weight = Weight::default();
    let state = State::new(Arc::new(services), Arc::new(nobody()), &no_call(), weight);
    let mut store = limited_store(engine, state);
    let asked = async {
        let instance = pre.instantiate_async(&mut store).await?;
        instance.waymark_connector_api().call_describe(&mut store).await
    };
    match tokio::time::timeout(DESCRIBE_WALL, asked).await {
        Ok(Ok(manifest)) => Ok(manifest),
        Ok(Err(error)) => Err(DescribeError::Failed(why_killed(store.data(), &error))),
        Err(_) => Err(DescribeError::TooSlow(DESCRIBE_WALL)),
    }
}

/// The manifest of a component that has not said who it is: it needs nothing, so it gets nothing.
fn nobody() -> Manifest {
    let text = String::new;
    Manifest {
        wit: text(),
        id: text(),
        version: text(),
        publisher: text(),
        title: text(),
        auth: text(),
        config: serde_json::Value::Null,
        operations: Vec::new(),
        needs: Needs::default(),
    }
}

fn no_call() -> Call {
    Call {
        digest: Digest::of(&[]),
        connection: Connection::new(
            "",
            serde_json::json!({}),
            std::collections::BTreeMap::new(),
            Grants::default(),
        ),
        operation: String::new(),
        input: String::new(),
        idempotency_key: String::new(),
        attempt: 1,
        timeout: DESCRIBE_WALL,
        traceparent: String::new(),
    }
}
