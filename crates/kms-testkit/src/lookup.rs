use std::sync::Mutex;

use async_trait::async_trait;
use kms_core::{ChainId, Lookup, LookupError, Network, NodeCall};
use serde_json::{Value, json};

use crate::vectors::Exchange;

const BASE: &str = "https://api.tatum.io";
/// The API key with which the vectors were recorded.
const API_KEY: &str = "test-api-key";

/// Answers look-ups from a recording, and notes those that are not in it.
#[derive(Debug)]
pub struct RecordedAnswers {
    exchanges: Vec<Exchange>,
    /// The number of times that each answer was given.
    given: Mutex<Vec<usize>>,
    unexpected: Mutex<Vec<String>>,
    /// True if what is posted, and ids that follow from it, may be other than recorded.
    is_loose: bool,
}

impl RecordedAnswers {
    pub fn new(exchanges: Vec<Exchange>) -> Self {
        let given = Mutex::new(vec![0; exchanges.len()]);
        Self { exchanges, given, unexpected: Mutex::new(Vec::new()), is_loose: false }
    }

    /// For a transaction whose content is another one here: a call is answered as the recorded one
    /// to the same place was.
    pub fn of_other_content(self) -> Self {
        Self { is_loose: true, ..self }
    }

    /// Calls that the original did not make.
    pub fn unexpected(&self) -> Vec<String> {
        self.unexpected.lock().map(|calls| calls.clone()).unwrap_or_default()
    }

    /// The first that was given the least often: a question that was asked twice has two answers.
    fn find(&self, call: &NodeCall) -> Option<&Exchange> {
        let mut given = self.given.lock().ok()?;
        let fitting = self.exchanges.iter().zip(given.iter_mut());
        let fits = |exchange: &Exchange| {
            matches(exchange, call) || (self.is_loose && is_to_same_place(exchange, call))
        };
        let fitting = fitting.filter(|(exchange, _)| fits(exchange));
        let (exchange, times) = fitting.min_by_key(|(_, times)| **times)?;
        *times = times.saturating_add(1);
        Some(exchange)
    }
}

fn matches(exchange: &Exchange, call: &NodeCall) -> bool {
    match call {
        NodeCall::Rpc { path, method, params } => {
            let body = exchange.body.as_ref().unwrap_or(&Value::Null);
            exchange.url.starts_with(&format!("{BASE}{path}/"))
                && body.get("method") == Some(&json!(method))
                && body.get("params").is_some_and(|own| own == params || *own == json!("*"))
        }
        NodeCall::FullNode { path, method, params } => {
            let body = exchange.body.as_ref().unwrap_or(&Value::Null);
            exchange.url == format!("{BASE}{path}")
                && body.get("method") == Some(&json!(method))
                && body.get("params") == Some(params)
        }
        NodeCall::Api { path, body } => is_of(exchange, &format!("{BASE}{path}"), body.as_ref()),
        NodeCall::Proxy { path, resource, body } => {
            is_of(exchange, &format!("{BASE}{path}/{API_KEY}{resource}"), body.as_ref())
        }
        NodeCall::External { default_base, path, body } => {
            is_of(exchange, &format!("{default_base}{path}"), body.as_ref())
        }
    }
}

fn is_to_same_place(exchange: &Exchange, call: &NodeCall) -> bool {
    let (url, body) = match call {
        NodeCall::Api { path, body } => (format!("{BASE}{path}"), body),
        NodeCall::External { default_base, path, body } => (format!("{default_base}{path}"), body),
        NodeCall::Rpc { .. } | NodeCall::FullNode { .. } | NodeCall::Proxy { .. } => return false,
    };
    let place = |url: &str| match url.rsplit_once('/') {
        Some((place, id)) if id.len() == 64 => place.to_owned(),
        _ => url.to_owned(),
    };
    place(&url) == place(&exchange.url) && body.is_some() == exchange.body.is_some()
}

fn is_of(exchange: &Exchange, url: &str, body: Option<&Value>) -> bool {
    exchange.url == url && exchange.body.as_ref().filter(|body| !body.is_null()) == body
}

#[async_trait]
impl Lookup for RecordedAnswers {
    async fn call(&self, _: ChainId, _: Network, call: &NodeCall) -> Result<Value, LookupError> {
        let what = format!("{call:?}");
        let refused = |reason: String| LookupError::Refused { what: what.clone(), reason };
        let Some(exchange) = self.find(call) else {
            if let Ok(mut unexpected) = self.unexpected.lock() {
                unexpected.push(what.clone());
            }
            return Err(refused(String::from("the original made no such call")));
        };
        match (exchange.status.unwrap_or(200), call) {
            (500.., _) => Err(LookupError::Unreachable { what, reason: String::from("status") }),
            (400.., _) => Err(refused(exchange.response.to_string())),
            (_, NodeCall::Rpc { .. } | NodeCall::FullNode { .. }) => {
                match exchange.response.get("result") {
                    Some(result) => Ok(result.clone()),
                    None => Err(refused(exchange.response.to_string())),
                }
            }
            _ => Ok(exchange.response.clone()),
        }
    }
}
