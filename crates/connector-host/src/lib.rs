//! Runs connectors: load, link, grant, limit, call. Nothing a connector does can harm more than its own call.
//!
//! A [`Host`] holds compiled components by digest and gives every [`Call`] a fresh instance. A connector reaches the world only
//! through the interface in `sdk/wit`; each version of it is one file here ([`v1`]).

mod address;
mod call;
mod describe;
mod digest;
mod egress;
mod engine;
mod failure;
mod grant;
mod host;
mod kv;
pub mod limits;
mod run;
mod seal;
mod secret;
mod state;
mod v1;
mod weight;

pub use call::{Call, Connection, LogLine, Outcome, RequestRecord, Usage};
pub use describe::{DescribeError, describe};
pub use digest::{Digest, NotADigest};
pub use engine::compile_config;
pub use failure::{Failure, FailureKind, kill};
pub use grant::{GrantError, Grants};
pub use host::{Artefact, Host, HostConfig, InstallError, LoadError, StartError};
pub use intake::manifest::{
    HttpNeed, Manifest, ManifestError, Needs, Operation, SECTION, SecretNeed,
};
pub use ipnet::IpNet;
pub use kv::{KvStore, MemoryKv, Pair};
pub use limits::Limits;
pub use v1::IMPORTS;
