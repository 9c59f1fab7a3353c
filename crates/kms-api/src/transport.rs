//! One client, and the ways from it to its hosts.

use std::time::Duration;

use reqwest::{
    Client, Method, Request, RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde_json::Value;
use tokio::time::timeout;
use url::Url;

use crate::{
    breaker::{Breaker, CallPermit},
    cause,
    error::{ApiError, SetupError, one_line},
    http::{self, HttpOptions, Timeouts},
    json, limits, retry_after,
    secrets::SecretMembers,
};

/// Sends requests, unless their host is left alone for a while.
pub(crate) struct Transport {
    http: Client,
    breaker: Breaker,
    idle: Duration,
    by_proxy: bool,
    secrets: SecretMembers,
}

/// Evidence that there was an answer.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
}

pub(crate) type Redact<'a> = &'a (dyn Fn(&str) -> String + Sync);

/// An answer with a status of 2xx.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Transport {
    /// # Errors
    /// When the client cannot be made of the options.
    pub(crate) fn new(
        version: &str,
        timeouts: Timeouts,
        options: &HttpOptions,
    ) -> Result<Self, SetupError> {
        Ok(Self {
            http: http::client(version, timeouts, options)?,
            breaker: Breaker::default(),
            idle: timeouts.idle,
            by_proxy: options.has_proxy(),
            secrets: SecretMembers::of([]),
        })
    }

    /// Cuts these members out of what servers say when they refuse.
    pub(crate) fn knowing(mut self, secrets: SecretMembers) -> Self {
        self.secrets = secrets;
        self
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
        let request = request.build().map_err(|error| self.unsent(error))?;
        let pass = self.breaker.enter(request.url())?;
        let outcome = self.exchange(request, body_max, redact).await;
        settle(pass, &outcome);
        outcome
    }

    /// The head of the answer, whatever its status.
    pub(crate) async fn probe(&self, request: RequestBuilder) -> Result<Answered, ApiError> {
        let mut response = request.send().await.map_err(|error| self.unsent(error))?;
        let headers = std::mem::take(response.headers_mut());
        Ok(Answered { status: response.status().as_u16(), headers })
    }

    async fn exchange(
        &self,
        request: Request,
        body_max: usize,
        redact: Redact<'_>,
    ) -> Result<Answer, ApiError> {
        let response = self.http.execute(request).await;
        let mut response = response.map_err(|error| self.unsent(error))?;
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let body_max = if status.is_success() { body_max } else { limits::BODY_MAX };
        let body = self.read_body(response, body_max).await;
        if !status.is_success() {
            let body = body.unwrap_or_default();
            let error = self.refused(status, &redact(&String::from_utf8_lossy(&body)));
            return Err(error.with_retry_after(retry_after::read(&headers)));
        }
        let body = String::from_utf8(body?);
        let body = body.map_err(|_| ApiError::Garbled(String::from("it is not UTF-8 text")))?;
        Ok(Answer { status: status.as_u16(), headers, body })
    }

    async fn read_body(
        &self,
        mut response: Response,
        body_max: usize,
    ) -> Result<Vec<u8>, ApiError> {
        let mut body = Vec::new();
        loop {
            let Ok(chunk) = timeout(self.idle, response.chunk()).await else {
                let reason = format!("no more data arrived for {:?}", self.idle);
                return Err(ApiError::NoAnswer(reason));
            };
            let Some(chunk) = chunk.map_err(cause::of_reading)? else { return Ok(body) };
            if body.len().saturating_add(chunk.len()) > body_max {
                return Err(ApiError::TooLong { limit: body_max });
            }
            body.extend_from_slice(&chunk);
        }
    }

    fn unsent(&self, error: reqwest::Error) -> ApiError {
        cause::of_sending(error, self.by_proxy)
    }
}

/// Reports to the breaker what the outcome says about the connection rather than the request: no
/// answer, the host's failures, too many calls.
fn settle(pass: CallPermit<'_>, outcome: &Result<Answer, ApiError>) {
    let error = match outcome {
        Ok(_) => return pass.succeeded(),
        Err(error) => error,
    };
    match error {
        ApiError::NotConnected { .. } | ApiError::NoAnswer(_) => pass.failed(&error.to_string()),
        ApiError::Status { status: status @ (429 | 503), retry_after: Some(wait), .. }
            if !wait.is_zero() =>
        {
            pass.told_to_wait(*wait, &format!("status {status}"));
        }
        ApiError::Status { status: status @ (429 | 500..), .. } => {
            pass.failed(&format!("status {status}"));
        }
        ApiError::Status { .. }
        | ApiError::Closed { .. }
        | ApiError::TooLong { .. }
        | ApiError::Garbled(_) => pass.succeeded(),
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
            Some(kind) if !kind.to_ascii_lowercase().contains("json") => {
                format!("{problem} (its content type is {})", one_line(kind))
            }
            _ => problem.to_string(),
        })
    }
}

/// Returns the status with which any server at a URL answers.
///
/// # Errors
/// When nobody does, or the options are unusable.
pub async fn reach(url: Url, options: &HttpOptions) -> Result<u16, ApiError> {
    let transport = Transport::new("doctor", Timeouts::default(), options)
        .map_err(|error| ApiError::NotConnected { reason: error.to_string() })?;
    Ok(transport.probe(transport.request(Method::GET, url)).await?.status)
}

pub(crate) fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request.header(CONTENT_TYPE, "application/json").body(body.to_string())
}

/// Appends a path with its query to a base, whether or not the base ends in a slash.
pub(crate) fn join(base: &Url, path: &str) -> Result<Url, ApiError> {
    let unusable =
        |_| ApiError::Garbled(String::from("the path of the call is not a valid URL path"));
    Url::parse(&format!("{}{path}", base.as_str().trim_end_matches('/'))).map_err(unusable)
}

impl Transport {
    /// Reads the API's error body, `{statusCode, errorCode, message, cause?, data?}`, where there is one.
    fn refused(&self, status: StatusCode, text: &str) -> ApiError {
        match json::parse(text) {
            Ok(answer @ Value::Object(_)) => self.read_error_body(status.as_u16(), &answer),
            _ if text.trim().is_empty() => {
                let reason =
                    status.canonical_reason().unwrap_or("no explanation").to_ascii_lowercase();
                ApiError::status(status.as_u16(), None, reason)
            }
            _ => ApiError::status(status.as_u16(), None, one_line(text)),
        }
    }

    pub(crate) fn read_error_body(&self, status: u16, answer: &Value) -> ApiError {
        let text =
            |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let parts = [text("message"), text("cause")];
        let has_words = parts.iter().any(Option::is_some);
        let reason = match parts.iter().flatten().copied().collect::<Vec<_>>().join("; ") {
            reason if reason.is_empty() => one_line(&self.secrets.cut_value(answer)),
            reason => one_line(&reason),
        };
        // Without words of its own the whole answer is the reason already.
        let data = answer.get("data").filter(|data| !data.is_null() && has_words);
        let data = data.map(|data| one_line(&self.secrets.cut_value(data)));
        ApiError::status(status, text("errorCode").map(one_line), reason).with_data(data)
    }
}
