//! JSON-RPC, as the nodes of several chains speak it.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::answer::{self, Answer};

/// JSON-RPC's own error codes.
pub(crate) const INVALID_REQUEST: i32 = -32600;
pub(crate) const METHOD_NOT_FOUND: i32 = -32601;
pub(crate) const INVALID_PARAMS: i32 = -32602;

#[derive(Deserialize)]
pub(crate) struct RpcRequest {
    #[serde(default)]
    pub(crate) id: Value,
    pub(crate) method: Option<String>,
    #[serde(default)]
    pub(crate) params: Vec<Value>,
}

pub(crate) type RpcResult = Result<Value, (i32, &'static str)>;

pub(crate) fn respond(id: &Value, result: RpcResult) -> answer::Result {
    let (name, value) = match result {
        Ok(result) => ("result", result),
        Err((code, message)) => ("error", json!({ "code": code, "message": message })),
    };
    Ok(Answer::ok(json!({ "jsonrpc": "2.0", "id": id, name: value })))
}
