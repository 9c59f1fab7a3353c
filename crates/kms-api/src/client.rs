use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, atomic::AtomicU64},
    time::{Duration, Instant},
};

use kms_core::{Chain, ChainId, ChainSpec};
use kms_secret::ApiKey;
use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER},
    redirect,
};
use serde_json::Value;
use url::Url;

use crate::{
    error::{ApiError, SetupError, one_line},
    json, limits,
};

const KEY_HEADER: &str = "x-api-key";
const TESTNET_TYPE_HEADER: &str = "x-testnet-type";
const TESTNET_TYPE_DEFAULT: &str = "ethereum-ropsten";

/// What [`Api`] is built from.
#[derive(Debug)]
pub struct ApiConfig {
    /// Value of `TATUM_API_URL`. A slash at its end makes no difference.
    pub base_url: Url,
    pub api_key: ApiKey,
    /// Value of `TESTNET_TYPE`.
    pub testnet_type: Option<String>,
    /// This program's version, told to the API.
    pub version: &'static str,
    pub chains: Vec<&'static dyn Chain>,
    /// Nodes that JSON-RPC goes to instead of the API's node proxy, by chain code. They get no
    /// API key.
    pub node_urls: HashMap<String, Url>,
    /// Bases used instead of a chain's own third-party service, by chain code.
    pub service_urls: HashMap<String, Url>,
    pub timeouts: Timeouts,
}

#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    pub connect: Duration,
    /// From the first byte of a request to the last of its answer.
    pub total: Duration,
}

/// The remote API. Built once; its connections are pooled.
pub struct Api {
    pub(crate) version: &'static str,
    pub(crate) testnet_type: String,
    pub(crate) node_urls: HashMap<String, Url>,
    pub(crate) service_urls: HashMap<String, Url>,
    pub(crate) next_rpc_id: AtomicU64,
    pub(crate) last_notice: Mutex<Option<Instant>>,
    chains: HashMap<ChainId, &'static dyn Chain>,
    http: Client,
    base: Url,
    key: ApiKey,
    key_header: HeaderValue,
    testnet_type_header: HeaderValue,
}

/// An answer with a status of 2xx.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: limits::CONNECT_TIMEOUT, total: limits::TOTAL_TIMEOUT }
    }
}

impl Api {
    /// # Errors
    /// When the base URL or the API key is unusable.
    pub fn new(config: ApiConfig) -> Result<Self, SetupError> {
        let key = config.api_key;
        let mut key_header = HeaderValue::from_str(key.expose()).map_err(|_| SetupError::ApiKey)?;
        if key_header.is_empty() {
            return Err(SetupError::ApiKey);
        }
        key_header.set_sensitive(true);
        let testnet_type =
            config.testnet_type.unwrap_or_else(|| String::from(TESTNET_TYPE_DEFAULT));
        Ok(Self {
            http: http_client(config.version, config.timeouts)?,
            base: check_base(config.base_url)?,
            testnet_type_header: HeaderValue::from_str(&testnet_type)
                .map_err(|_| SetupError::TestnetType)?,
            testnet_type,
            key,
            key_header,
            version: config.version,
            chains: config.chains.into_iter().map(|chain| (chain.spec().id, chain)).collect(),
            node_urls: config.node_urls,
            service_urls: config.service_urls,
            next_rpc_id: AtomicU64::new(1),
            last_notice: Mutex::new(None),
        })
    }

    pub(crate) fn chain(&self, chain: ChainId) -> Option<&'static dyn Chain> {
        self.chains.get(&chain).copied()
    }

    fn spec(&self, chain: ChainId) -> Option<&'static ChainSpec> {
        self.chain(chain).map(Chain::spec)
    }

    /// A request to the API, with its key in a header.
    pub(crate) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ApiError> {
        let url = join(&self.base, path)?;
        Ok(self.http.request(method, url).header(KEY_HEADER, self.key_header.clone()))
    }

    /// As [`request`](Self::request), with the header that the original's client for the chain
    /// sends besides.
    pub(crate) fn chain_request(
        &self,
        chain: ChainId,
        method: Method,
        path: &str,
    ) -> Result<RequestBuilder, ApiError> {
        let request = self.request(method, path)?;
        Ok(match self.spec(chain).is_some_and(|spec| spec.testnet_type_header) {
            true => request.header(TESTNET_TYPE_HEADER, self.testnet_type_header.clone()),
            false => request,
        })
    }

    /// A request to somebody else, or to the node proxy: without the key in a header.
    pub(crate) fn keyless_request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// The URL of the API's node proxy. It ends in the API key: never to be printed.
    pub(crate) fn proxy_url(&self, path: &str) -> Result<Url, ApiError> {
        let mut url = join(&self.base, path)?;
        match url.path_segments_mut() {
            Ok(mut segments) => drop(segments.pop_if_empty().push(self.key.expose())),
            Err(()) => return Err(ApiError::Garbled(String::from("the base URL has no path"))),
        }
        Ok(url)
    }

    /// Sends a request and reads its answer up to `body_max` bytes.
    ///
    /// # Errors
    /// When no complete answer comes, or one with a status other than 2xx.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        body_max: usize,
    ) -> Result<Answer, ApiError> {
        let outcome = self.exchange(request, body_max).await;
        outcome.map_err(|error| error.map_text(|text| self.redact(text)))
    }

    async fn exchange(&self, request: RequestBuilder, body_max: usize) -> Result<Answer, ApiError> {
        let mut response = request.send().await.map_err(ApiError::from_reqwest)?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let body_max = if status.is_success() { body_max } else { limits::BODY_MAX };
        let body = read_body(response, body_max).await;
        if !status.is_success() {
            let body = body.unwrap_or_default();
            let error = refused(status, &self.redact(&String::from_utf8_lossy(&body)));
            return Err(error.with_retry_after(read_retry_after(&headers)));
        }
        let body = String::from_utf8(body?);
        let body = body.map_err(|_| ApiError::Garbled(String::from("it is not UTF-8 text")))?;
        Ok(Answer { headers, body })
    }

    /// The text without the API key.
    pub(crate) fn redact(&self, text: &str) -> String {
        text.replace(self.key.expose(), "***")
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Redirects are not followed: the next host would get the API key.
pub(crate) fn http_client(version: &str, timeouts: Timeouts) -> Result<Client, SetupError> {
    let client = Client::builder()
        .user_agent(format!("tatum-kms/{version}"))
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.total)
        .build();
    client.map_err(|error| SetupError::Http(error.without_url().to_string()))
}

pub(crate) fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header(CONTENT_TYPE, "application/json").body(body.to_string())
}

fn check_base(base: Url) -> Result<Url, SetupError> {
    let is_plain = base.query().is_none() && base.fragment().is_none() && base.has_host();
    match is_plain && matches!(base.scheme(), "http" | "https") {
        true => Ok(base),
        false => Err(SetupError::BaseUrl),
    }
}

/// Appends a path with its query to a base, whether or not the base ends in a slash.
pub(crate) fn join(base: &Url, path: &str) -> Result<Url, ApiError> {
    let unusable = |_| ApiError::Garbled(String::from("the path of the call is no URL path"));
    Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).map_err(unusable)
}

async fn read_body(mut response: reqwest::Response, body_max: usize) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ApiError::from_reqwest)? {
        if body.len().saturating_add(chunk.len()) > body_max {
            return Err(ApiError::TooLong { limit: body_max });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The header in seconds.
fn read_retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(limits::RETRY_AFTER_MAX))
}

/// Reads the API's error body, `{statusCode, errorCode, message, cause?}`, where there is one.
fn refused(status: StatusCode, text: &str) -> ApiError {
    match json::parse(text) {
        Ok(answer @ Value::Object(_)) => from_error_body(status.as_u16(), &answer),
        _ if text.trim().is_empty() => {
            let reason = status.canonical_reason().unwrap_or("no explanation").to_ascii_lowercase();
            ApiError::status(status.as_u16(), None, reason)
        }
        _ => ApiError::status(status.as_u16(), None, one_line(text)),
    }
}

pub(crate) fn from_error_body(status: u16, answer: &Value) -> ApiError {
    let text =
        |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let parts = [text("message"), text("cause")];
    let reason = match parts.iter().flatten().copied().collect::<Vec<_>>().join("; ") {
        reason if reason.is_empty() => one_line(&answer.to_string()),
        reason => one_line(&reason),
    };
    ApiError::status(status, text("errorCode").map(one_line), reason)
}
