//! What the runtime needs from whoever reaches the outside.

use async_trait::async_trait;
use journey::effect::Failure;
use serde_json::Value;
use store::InstanceId;

/// One connector call to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRequest {
    pub instance: InstanceId,
    /// `<instance>:<position>`: the same for every attempt, whatever happened to the others.
    pub idempotency_key: String,
    pub connection: String,
    pub operation: String,
    pub input: Value,
    pub timeout_ms: u64,
    /// Counts from 1.
    pub attempt: u32,
}

/// Makes connector calls.
#[async_trait]
pub trait Perform: Send + Sync {
    async fn call(&self, request: CallRequest) -> Result<Value, Failure>;
}
