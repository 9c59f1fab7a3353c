//! One client, and the ways from it to its hosts.

use std::time::Duration;

use reqwest::{
    Client, Method, RequestBuilder, StatusCode,
    header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER},
};
use serde_json::Value;
use url::Url;

use crate::{
    breaker::Breaker,
    error::{ApiError, one_line},
    http::{self, HttpOptions, Timeouts},
    json, limits,
};

/// Sends requests, unless their host is left alone for a while.
pub(crate) struct Transport {
    http: Client,
    breaker: Breaker,
}

/// That there was an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// By the server's clock.
    pub(crate) time: Option<std::time::SystemTime>,
}

pub(crate) type Redact<'a> = &'a (dyn Fn(&str) -> String + Sync);

/// An answer with a status of 2xx.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Transport {
    pub(crate) fn new(http: Client) -> Self {
        Self { http, breaker: Breaker::default() }
    }

    pub(crate) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.http.request(method, url)
    }

    /// Sends a request and reads its answer up to `body_max` bytes. `redact` cuts out of it what
    /// nobody is to read, before anything else does.
    ///
    /// # Errors
    /// When no complete answer comes, or one with a status other than 2xx.
    pub(crate) async fn send(
        &self,
        request: RequestBuilder,
        body_max: usize,
        redact: Redact<'_>,
    ) -> Result<Answer, ApiError> {
        let request = request.build().map_err(ApiError::from_reqwest)?;
        let host = host(request.url());
        self.breaker.enter(&host)?;
        let outcome = self.exchange(request, body_max, redact).await;
        self.breaker.leave(&host, &outcome);
        outcome
    }

    /// The head of the answer, whatever its status.
    pub(crate) async fn probe(&self, request: RequestBuilder) -> Result<Answered, ApiError> {
        let response = request.send().await.map_err(ApiError::from_reqwest)?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        let time = date.and_then(|date| httpdate::parse_http_date(date).ok());
        Ok(Answered { status: response.status().as_u16(), time })
    }

    async fn exchange(
        &self,
        request: reqwest::Request,
        body_max: usize,
        redact: Redact<'_>,
    ) -> Result<Answer, ApiError> {
        let mut response = self.http.execute(request).await.map_err(ApiError::from_reqwest)?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let body_max = if status.is_success() { body_max } else { limits::BODY_MAX };
        let body = read_body(response, body_max).await;
        if !status.is_success() {
            let body = body.unwrap_or_default();
            let error = refused(status, &redact(&String::from_utf8_lossy(&body)));
            return Err(error.with_retry_after(read_retry_after(&headers)));
        }
        let body = String::from_utf8(body?);
        let body = body.map_err(|_| ApiError::Garbled(String::from("it is not UTF-8 text")))?;
        Ok(Answer { headers, body })
    }
}

impl Answer {
    /// The body as JSON.
    ///
    /// # Errors
    /// When it is something else, such as the page of a login portal.
    pub(crate) fn json(&self) -> Result<Value, ApiError> {
        json::parse(&self.body).map_err(|error| self.garbled(&error))
    }

    pub(crate) fn garbled(&self, problem: &dyn std::fmt::Display) -> ApiError {
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        ApiError::Garbled(match kind {
            Some(kind) if !kind.contains("json") => {
                format!("{problem} (its content type is {})", one_line(kind))
            }
            _ => problem.to_string(),
        })
    }
}

/// Whether anybody answers at a URL, and with which status.
///
/// # Errors
/// When nobody does, or the options are unusable.
pub async fn reach(url: Url, options: &HttpOptions) -> Result<u16, ApiError> {
    let client = http::client("doctor", Timeouts::default(), options)
        .map_err(|error| ApiError::NotConnected { reason: error.to_string() })?;
    let transport = Transport::new(client);
    Ok(transport.probe(transport.request(Method::GET, url)).await?.status)
}

fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

pub(crate) fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header(CONTENT_TYPE, "application/json").body(body.to_string())
}

/// Appends a path with its query to a base, whether or not the base ends in a slash.
pub(crate) fn join(base: &Url, path: &str) -> Result<Url, ApiError> {
    let unusable = |_| ApiError::Garbled(String::from("the path of the call is no URL path"));
    Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).map_err(unusable)
}

pub(crate) async fn read_body(
    mut response: reqwest::Response,
    body_max: usize,
) -> Result<Vec<u8>, ApiError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ApiError::from_reqwest)? {
        if body.len().saturating_add(chunk.len()) > body_max {
            return Err(ApiError::TooLong { limit: body_max });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// In seconds, or as a date (RFC 9110, 10.2.3).
fn read_retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => httpdate::parse_http_date(text)
            .ok()?
            .duration_since(std::time::SystemTime::now())
            .ok()?,
    };
    Some(wait.min(limits::RETRY_AFTER_MAX))
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
