//! A mock of the remote API, the nodes and the four-eye endpoint, that notes what it is asked.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use serde_json::{Value, json};

/// A request that arrived.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) api_key: Option<String>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Json(u16, Value),
    Text(u16, &'static str),
    Redirect(&'static str),
    /// So many bytes of white space.
    Flood(usize),
    /// Takes the request and closes the connection.
    Drop,
    /// Takes the request and says nothing.
    Hang,
}

type Relay = Box<dyn Fn(&str, &Value) -> Option<(u16, Value)> + Send + Sync>;

#[derive(Default)]
struct Scene {
    /// Asked first, with path and body: a real counterpart behind the API.
    relay: Mutex<Option<Relay>>,
    /// By method and path, or by RPC method and parameters; each list is used up to its last.
    replies: Mutex<HashMap<String, Vec<Reply>>>,
    asked: Mutex<Vec<Asked>>,
}

pub(crate) struct Mock {
    address: SocketAddr,
    scene: Arc<Scene>,
    _runtime: tokio::runtime::Runtime,
}

impl Mock {
    pub(crate) fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let scene = Arc::new(Scene::default());
        let router = Router::new()
            .fallback(answer)
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(Arc::clone(&scene));
        let listener =
            runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("an address");
        runtime.spawn(async move { axum::serve(listener, router).await });
        Self { address, scene, _runtime: runtime }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// `what` is `METHOD /path`, or for JSON-RPC the method and the parameters as JSON.
    pub(crate) fn reply(&self, what: &str, reply: Reply) -> &Self {
        let mut replies = self.scene.replies.lock().expect("replies");
        replies.entry(what.to_owned()).or_default().push(reply);
        self
    }

    pub(crate) fn relay(
        &self,
        relay: impl Fn(&str, &Value) -> Option<(u16, Value)> + Send + Sync + 'static,
    ) {
        *self.scene.relay.lock().expect("relay") = Some(Box::new(relay));
    }

    pub(crate) fn pending(&self, chain: &str, list: &Value) -> &Self {
        self.reply(&format!("POST /v3/kms/pending/{chain}"), Reply::Json(200, list.clone()))
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.scene.asked.lock().expect("asked").clone()
    }

    /// Requests whose path ends so.
    pub(crate) fn asked_at(&self, end: &str) -> Vec<Asked> {
        self.asked().into_iter().filter(|asked| asked.path.ends_with(end)).collect()
    }

    /// The bytes of every broadcast, in order. What gives a key back to the API is none.
    pub(crate) fn broadcasts(&self) -> Vec<String> {
        let data = |asked: Asked| asked.body.get("txData")?.as_str().map(str::to_owned);
        let is_broadcast = |asked: &Asked| asked.body.get("proposalKey").is_none();
        self.asked_at("/broadcast").into_iter().filter(is_broadcast).filter_map(data).collect()
    }

    /// The ids that the last poll of a chain asked for.
    pub(crate) fn polled(&self, chain: &str) -> Vec<String> {
        let last = self.asked_at(&format!("/v3/kms/pending/{chain}")).pop();
        let ids = last.and_then(|asked| asked.body["signatureIds"].as_array().cloned());
        let ids = ids.unwrap_or_default();
        ids.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
    }

    /// The failures that were reported, by id.
    pub(crate) fn reports(&self) -> Vec<(String, String)> {
        let text = |entry: &Value, name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let entries = |asked: Asked| asked.body["errors"].as_array().cloned().unwrap_or_default();
        let all = self.asked_at("/v3/tatum/kms/batch").into_iter().flat_map(entries);
        all.map(|entry| (text(&entry, "signatureId"), text(&entry, "error"))).collect()
    }
}

async fn answer(
    State(scene): State<Arc<Scene>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let asked = Asked {
        method: method.to_string(),
        path: uri.path().to_owned(),
        body: body.clone(),
        api_key: headers.get("x-api-key").and_then(|key| key.to_str().ok()).map(str::to_owned),
    };
    let by_path = format!("{} {}", asked.method, asked.path);
    scene.asked.lock().expect("asked").push(asked);
    if let Some((status, value)) = relayed(&scene, uri.path(), &body) {
        return (code(status), axum::Json(value)).into_response();
    }
    let by_rpc = body
        .get("method")
        .and_then(Value::as_str)
        .map(|method| rpc_key(method, body.get("params").unwrap_or(&Value::Null)));
    let reply = next(&scene, &by_path).or_else(|| next(&scene, by_rpc.as_deref()?));
    match reply.unwrap_or_else(|| usual(uri.path())) {
        Reply::Json(status, mut value) => {
            if let (Some(id), Some(object)) = (body.get("id"), value.as_object_mut())
                && object.contains_key("jsonrpc")
            {
                object.insert(String::from("id"), id.clone());
            }
            (code(status), axum::Json(value)).into_response()
        }
        Reply::Text(status, text) => (code(status), text).into_response(),
        Reply::Redirect(to) => (StatusCode::FOUND, [("location", to)]).into_response(),
        Reply::Flood(bytes) => Body::from(vec![b' '; bytes]).into_response(),
        Reply::Drop => panic!("the connection is dropped on purpose"),
        Reply::Hang => std::future::pending().await,
    }
}

fn relayed(scene: &Scene, path: &str, body: &Value) -> Option<(u16, Value)> {
    scene.relay.lock().expect("relay").as_ref().and_then(|relay| relay(path, body))
}

/// A call with its parameters, whatever the order of their members.
pub(crate) fn rpc_key(method: &str, params: &Value) -> String {
    let mut params = params.clone();
    params.sort_all_objects();
    format!("{method} {params}")
}

/// Without a word of the test: no pending transactions, and everything is taken.
fn usual(path: &str) -> Reply {
    if path.starts_with("/v3/kms/pending/") {
        Reply::Json(200, json!([]))
    } else {
        Reply::Json(200, json!({ "txId": "taken" }))
    }
}

fn next(scene: &Scene, what: &str) -> Option<Reply> {
    let mut replies = scene.replies.lock().expect("replies");
    let list = replies.get_mut(what)?;
    match list.len() {
        0 => None,
        1 => list.first().cloned(),
        _ => Some(list.remove(0)),
    }
}

fn code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).expect("a status")
}
