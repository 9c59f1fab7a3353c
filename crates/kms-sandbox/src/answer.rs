//! Answers: pretty-printed JSON, with the status and error body of the remote API.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// A successful answer.
#[derive(Debug)]
pub(crate) enum Answer {
    Json(StatusCode, Value),
    Text(&'static str),
    NoContent,
}

/// An error as the remote API writes it.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: String,
    message: String,
}

pub(crate) type Result = std::result::Result<Answer, ApiError>;

impl Answer {
    pub(crate) const fn ok(value: Value) -> Self {
        Self::Json(StatusCode::OK, value)
    }
}

impl ApiError {
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self { status, code: code.into(), message: message.into() }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "validation.failed", message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "tx.not.found", message)
    }

    pub(crate) fn unknown() -> Self {
        Self::not_found("there is no transaction with this id")
    }

    /// For a status that the server's own machinery chose.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, message) = match status {
            StatusCode::NOT_FOUND => ("route.not.found", "the sandbox has no such route"),
            StatusCode::METHOD_NOT_ALLOWED => {
                ("method.not.allowed", "the route does not support this method")
            }
            StatusCode::PAYLOAD_TOO_LARGE => ("body.too.large", "the body is too large"),
            _ => ("request.invalid", status.canonical_reason().unwrap_or("the request is invalid")),
        };
        Self::new(status, code, message)
    }
}

/// # Errors
/// When the body is not the JSON that the route takes.
pub(crate) fn read_json<T: DeserializeOwned>(body: &[u8]) -> std::result::Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|error| {
        ApiError::invalid(format!("the body is not valid for this route: {error}"))
    })
}

fn json_response(status: StatusCode, value: &Value) -> Response {
    let text = format!("{value:#}\n");
    (status, [(header::CONTENT_TYPE, "application/json")], text).into_response()
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        match self {
            Self::Json(status, value) => json_response(status, &value),
            Self::Text(text) => text.into_response(),
            Self::NoContent => StatusCode::NO_CONTENT.into_response(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self { status, code, message } = self;
        let body = json!({ "statusCode": status.as_u16(), "errorCode": code, "message": message });
        json_response(status, &body)
    }
}
