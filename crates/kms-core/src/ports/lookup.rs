use std::borrow::Cow;

use async_trait::async_trait;
use serde_json::Value;
use thiserror::Error;

use crate::id::{ChainId, Network};

/// Reads chain state for a draft.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// # Errors
    /// When nobody answers, or the answer is a refusal.
    async fn call(
        &self,
        chain: ChainId,
        network: Network,
        call: &NodeCall,
    ) -> Result<Value, LookupError>;
}

/// A question to the outside, as data: the API client needs no knowledge of chains.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the documentation of each variant covers its fields")]
pub enum NodeCall {
    /// JSON-RPC through the remote API's node proxy at `path`, to which the API key is appended.
    Rpc { path: &'static str, method: &'static str, params: Value },
    /// JSON-RPC of a full node through the remote API's route at `path`, which takes the API key
    /// in a header; or of the operator's own node.
    FullNode { path: String, method: &'static str, params: Value },
    /// A resource of the remote API. With a body it is posted to.
    Api { path: String, body: Option<Value> },
    /// A resource of a node that the remote API proxies at `path`: the API key is appended, and
    /// `resource`, which begins with a slash. With a body it is posted to.
    Proxy { path: &'static str, resource: String, body: Option<Value> },
    /// A third-party service: `default_base` unless configuration names another. With a body it is
    /// posted to.
    External { default_base: &'static str, path: Cow<'static, str>, body: Option<Value> },
}

/// The reason why a question has no answer.
#[derive(Debug, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the message of each variant documents it")]
pub enum LookupError {
    /// Nobody was asked.
    #[error("{what} could not be looked up: {reason}")]
    NotAsked { what: String, reason: String },
    #[error("{what} could not be looked up: {reason}")]
    Unreachable { what: String, reason: String },
    #[error("{what} could not be looked up: {reason}")]
    Refused { what: String, reason: String },
}
