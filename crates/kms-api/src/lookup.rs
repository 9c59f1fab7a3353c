use std::sync::atomic::Ordering;

use async_trait::async_trait;
use kms_core::{ChainId, Lookup, LookupError, Network, NodeCall};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use crate::{
    client::Api,
    error::{ApiError, one_line},
    limits::{BODY_MAX, FULL_NODE_BODY_MAX},
    transport::{join, with_json},
};

/// JSON-RPC errors that say nothing about the question: resource unavailable and limit exceeded
/// (EIP-1474), and HTTP's own code for too many calls.
const TEMPORARY_RPC_CODES: &[i64] = &[-32_002, -32_005, 429];

pub(crate) enum Problem {
    Call(ApiError),
    /// The node understood the question and refuses it.
    Refused(String),
}

#[async_trait]
impl Lookup for Api {
    async fn call(
        &self,
        chain: ChainId,
        _: Network,
        call: &NodeCall,
    ) -> Result<Value, LookupError> {
        let (what, outcome) = match call {
            NodeCall::Rpc { path, method, params } => {
                let what = (*method).to_owned();
                let outcome = match self.node_url(chain, path) {
                    Ok(url) => self.rpc_at(url, method, params).await,
                    Err(error) => Err(error.into()),
                };
                (what, outcome)
            }
            NodeCall::FullNode { path, method, params } => {
                ((*method).to_owned(), self.full_node(chain, path, method, params).await)
            }
            NodeCall::Api { path, body } => {
                (path.clone(), self.resource(chain, path, body.as_ref()).await)
            }
            NodeCall::Proxy { path, resource, body } => (
                format!("{path}…{resource}"),
                self.proxied(chain, path, resource, body.as_ref()).await,
            ),
            NodeCall::External { default_base, path, body } => {
                let what = format!("{default_base}{path}");
                (what, self.external(chain, default_base, path, body.as_ref()).await)
            }
        };
        outcome.map_err(|problem| no_answer(problem, what))
    }
}

pub(crate) fn no_answer(problem: Problem, what: String) -> LookupError {
    match problem {
        Problem::Refused(reason) => LookupError::Refused { what, reason },
        Problem::Call(error) if error.is_unsent() => {
            LookupError::NotAsked { what, reason: error.to_string() }
        }
        Problem::Call(error) if error.is_temporary() => {
            LookupError::Unreachable { what, reason: error.to_string() }
        }
        Problem::Call(error) => LookupError::Refused { what, reason: error.to_string() },
    }
}

impl Api {
    pub(crate) async fn rpc_at(
        &self,
        url: Url,
        method: &str,
        params: &Value,
    ) -> Result<Value, Problem> {
        self.ask(self.keyless_request(Method::POST, url), method, params, BODY_MAX).await
    }

    async fn full_node(
        &self,
        chain: ChainId,
        path: &str,
        method: &str,
        params: &Value,
    ) -> Result<Value, Problem> {
        let request = match self.direct_urls.get(chain.as_str()) {
            Some(own) => self.keyless_request(Method::POST, own.clone()),
            None => self.chain_request(chain, Method::POST, path)?,
        };
        self.ask(request, method, params, FULL_NODE_BODY_MAX).await
    }

    /// Makes a JSON-RPC call of a request.
    async fn ask(
        &self,
        request: RequestBuilder,
        method: &str,
        params: &Value,
        body_max: usize,
    ) -> Result<Value, Problem> {
        let id = self.next_rpc_id.fetch_add(1, Ordering::Relaxed);
        let call = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let answer = self.read(&self.send(with_json(request, &call), body_max).await?)?;
        read_rpc_answer(answer, id, |text| self.redact(text))
    }

    /// The API's node proxy.
    fn node_url(&self, chain: ChainId, path: &str) -> Result<Url, ApiError> {
        let mut url = self.proxy_url(path)?;
        let query = self.spec(chain).and_then(|spec| spec.testnet_query);
        if let Some((name, network)) = query.filter(|(_, network)| self.testnet_type == *network) {
            url.query_pairs_mut().append_pair(name, network);
        }
        Ok(url)
    }

    async fn resource(
        &self,
        chain: ChainId,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Problem> {
        let request = self.chain_request(chain, method(body), path)?;
        self.read_answer(request, body).await
    }

    /// Reads a resource below the API's node proxy.
    async fn proxied(
        &self,
        chain: ChainId,
        path: &str,
        resource: &str,
        body: Option<&Value>,
    ) -> Result<Value, Problem> {
        let url = join(&self.node_url(chain, path)?, resource)?;
        self.read_answer(self.keyless_request(method(body), url), body).await
    }

    async fn read_answer(
        &self,
        request: RequestBuilder,
        body: Option<&Value>,
    ) -> Result<Value, Problem> {
        let request = match body {
            Some(body) => with_json(request, body),
            None => request,
        };
        Ok(self.read(&self.send(request, BODY_MAX).await?)?)
    }

    async fn external(
        &self,
        chain: ChainId,
        base: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Problem> {
        let url = match self.direct_urls.get(chain.as_str()) {
            Some(base) => join(base, path)?,
            None => join(&parse_base(base)?, path)?,
        };
        self.read_answer(self.keyless_request(method(body), url), body).await
    }
}

const fn method(body: Option<&Value>) -> Method {
    match body {
        Some(_) => Method::POST,
        None => Method::GET,
    }
}

fn parse_base(base: &str) -> Result<Url, ApiError> {
    Url::parse(base).map_err(|_| ApiError::Garbled(String::from("the service's URL is not valid")))
}

/// A JSON-RPC 2.0 answer: the call's own id, and either a result or an error.
fn read_rpc_answer(
    answer: Value,
    id: u64,
    redact: impl Fn(&str) -> String,
) -> Result<Value, Problem> {
    let garbled = |problem: &str| Problem::Call(ApiError::Garbled(problem.to_owned()));
    let Value::Object(mut members) = answer else {
        return Err(garbled("it is not a JSON-RPC answer"));
    };
    if let Some(error) = members.remove("error").filter(|error| !error.is_null()) {
        return Err(read_rpc_error(&error, redact));
    }
    if members.get("id").and_then(Value::as_u64) != Some(id) {
        return Err(garbled("it is the answer to another JSON-RPC call"));
    }
    members.remove("result").ok_or_else(|| garbled("it has neither a result nor an error"))
}

fn read_rpc_error(error: &Value, redact: impl Fn(&str) -> String) -> Problem {
    let code = error.get("code").and_then(Value::as_i64);
    let message = match error.get("message").and_then(Value::as_str) {
        Some(message) => redact(message),
        None => redact(&error.to_string()),
    };
    let code_text = code.map_or_else(String::new, |code| format!(" (code {code})"));
    let reason = format!("the node answered: {}{code_text}", one_line(&message));
    if code.is_some_and(|code| TEMPORARY_RPC_CODES.contains(&code)) {
        Problem::Call(ApiError::NoAnswer(reason))
    } else {
        Problem::Refused(reason)
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        Self::Call(error)
    }
}
