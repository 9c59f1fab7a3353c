use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, atomic::AtomicU64},
    time::Instant,
};

use kms_core::{Chain, ChainId, ChainSpec};
use kms_secret::ApiKey;
use reqwest::{Method, RequestBuilder, header::HeaderValue};
use serde_json::Value;
use url::Url;

use crate::{
    error::{ApiError, SetupError},
    http::{HttpOptions, Timeouts},
    secrets::SecretMembers,
    transport::{Answer, Answered, Transport, join},
};

const KEY_HEADER: &str = "x-api-key";
const TESTNET_TYPE_HEADER: &str = "x-testnet-type";
const TESTNET_TYPE_DEFAULT: &str = "ethereum-ropsten";

/// The configuration of an [`Api`].
#[derive(Debug)]
pub struct ApiConfig {
    /// Value of `TATUM_API_URL`. A slash at its end makes no difference.
    pub base_url: Url,
    /// The key of every call to the API.
    pub api_key: ApiKey,
    /// Value of `TESTNET_TYPE`.
    pub testnet_type: Option<String>,
    /// This program's version, told to the API.
    pub version: &'static str,
    /// The chains whose calls and answers it knows.
    pub chains: Vec<&'static dyn Chain>,
    /// Base URLs of services that are called directly, by chain code: instead of a chain's usual
    /// third-party service, or instead of the API's full node. They get no API key.
    pub direct_urls: HashMap<String, Url>,
    /// Limits in time of every call.
    pub timeouts: Timeouts,
    /// Proxy and certificates.
    pub http: HttpOptions,
}

/// The remote API. Built once; its connections are pooled.
pub struct Api {
    pub(crate) version: &'static str,
    pub(crate) testnet_type: String,
    pub(crate) direct_urls: HashMap<String, Url>,
    pub(crate) next_rpc_id: AtomicU64,
    pub(crate) last_notice: Mutex<Option<Instant>>,
    chains: HashMap<ChainId, &'static dyn Chain>,
    transport: Transport,
    base: Url,
    key: ApiKey,
    key_header: HeaderValue,
    testnet_type_header: HeaderValue,
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
        let secret_members = config.chains.iter().map(|chain| chain.spec().secret_members);
        Ok(Self {
            transport: Transport::new(config.version, config.timeouts, &config.http)?
                .knowing(SecretMembers::of(secret_members)),
            base: check_base(config.base_url)?,
            testnet_type_header: HeaderValue::from_str(&testnet_type)
                .map_err(|_| SetupError::TestnetType)?,
            testnet_type,
            key,
            key_header,
            version: config.version,
            chains: config.chains.into_iter().map(|chain| (chain.spec().id, chain)).collect(),
            direct_urls: config.direct_urls,
            next_rpc_id: AtomicU64::new(1),
            last_notice: Mutex::new(None),
        })
    }

    pub(crate) fn chain(&self, chain: ChainId) -> Option<&'static dyn Chain> {
        self.chains.get(&chain).copied()
    }

    pub(crate) fn spec(&self, chain: ChainId) -> Option<&'static ChainSpec> {
        self.chain(chain).map(Chain::spec)
    }

    /// A request to the API, with its key in a header.
    pub(crate) fn request(&self, method: Method, path: &str) -> Result<RequestBuilder, ApiError> {
        let url = join(&self.base, path)?;
        Ok(self.transport.request(method, url).header(KEY_HEADER, self.key_header.clone()))
    }

    /// Like [`request`](Self::request), with the header that the original's client for the chain
    /// sends besides.
    pub(crate) fn chain_request(
        &self,
        chain: ChainId,
        method: Method,
        path: &str,
    ) -> Result<RequestBuilder, ApiError> {
        let request = self.request(method, path)?;
        Ok(if self.spec(chain).is_some_and(|spec| spec.testnet_type_header) {
            request.header(TESTNET_TYPE_HEADER, self.testnet_type_header.clone())
        } else {
            request
        })
    }

    /// A request to a third party or to the node proxy, without the key in a header.
    pub(crate) fn keyless_request(&self, method: Method, url: Url) -> RequestBuilder {
        self.transport.request(method, url)
    }

    /// The URL of the API's node proxy. It ends in the API key: never to be printed.
    pub(crate) fn proxy_url(&self, path: &str) -> Result<Url, ApiError> {
        let mut url = join(&self.base, path)?;
        match url.path_segments_mut() {
            Ok(mut segments) => drop(segments.pop_if_empty().push(self.key.expose())),
            Err(()) => {
                return Err(ApiError::Garbled(String::from(
                    "the base URL cannot have a path appended",
                )));
            }
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
        let redact = |text: &str| self.redact(text);
        let outcome = self.transport.send(request, body_max, &redact).await;
        outcome.map_err(|error| error.map_text(redact))
    }

    /// The answer's body as JSON.
    ///
    /// # Errors
    /// When it is something else.
    pub(crate) fn read(&self, answer: &Answer) -> Result<Value, ApiError> {
        answer.json().map_err(|error| error.map_text(|text| self.redact(text)))
    }

    pub(crate) fn read_error_body(&self, status: u16, body: &Value) -> ApiError {
        self.transport.read_error_body(status, body)
    }

    /// Like [`send`](Self::send), to find out only whether there is an answer.
    pub(crate) async fn probe(&self, request: RequestBuilder) -> Result<Answered, ApiError> {
        let outcome = self.transport.probe(request).await;
        outcome.map_err(|error| error.map_text(|text| self.redact(text)))
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

fn check_base(base: Url) -> Result<Url, SetupError> {
    let is_plain = base.query().is_none() && base.fragment().is_none() && base.has_host();
    if is_plain && matches!(base.scheme(), "http" | "https") {
        Ok(base)
    } else {
        Err(SetupError::BaseUrl)
    }
}
