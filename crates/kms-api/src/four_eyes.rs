use std::{fmt, time::Duration};

use async_trait::async_trait;
use kms_core::{Approve, ApproveError, Pending, Proposal};
use reqwest::{Client, RequestBuilder, StatusCode, header::CONTENT_TYPE};
use url::Url;

use crate::{
    client::{Timeouts, http_client, join},
    error::{ApiError, SetupError},
    limits::{CONNECT_TIMEOUT, FOUR_EYES_TIMEOUT},
};

/// How the approver is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FourEyesMethod {
    /// By id only; the approver has to know the transaction from elsewhere.
    Get,
    /// With the pending transaction as it was received.
    Post,
}

/// An HTTP endpoint that says yes to a transaction with a status of 2xx.
pub struct FourEyesEndpoint {
    http: Client,
    url: Url,
    method: FourEyesMethod,
}

impl FourEyesEndpoint {
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(
        url: Url,
        method: FourEyesMethod,
        version: &'static str,
    ) -> Result<Self, SetupError> {
        Self::with_timeout(url, method, version, FOUR_EYES_TIMEOUT)
    }

    /// As [`new`](Self::new), with a time other than 30 seconds to answer in.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn with_timeout(
        url: Url,
        method: FourEyesMethod,
        version: &'static str,
        total: Duration,
    ) -> Result<Self, SetupError> {
        let timeouts = Timeouts { connect: CONNECT_TIMEOUT.min(total), total };
        Ok(Self { http: http_client(version, timeouts)?, url, method })
    }

    fn request(&self, pending: &Pending) -> Result<RequestBuilder, ApiError> {
        let url = join(&self.url, &format!("/{}", pending.id))?;
        Ok(match self.method {
            FourEyesMethod::Get => self.http.get(url),
            FourEyesMethod::Post => self
                .http
                .post(url)
                .header(CONTENT_TYPE, "application/json")
                .body(pending.as_received.clone()),
        })
    }
}

#[async_trait]
impl Approve for FourEyesEndpoint {
    async fn approve(&self, proposal: &Proposal) -> Result<(), ApproveError> {
        let unreachable = |error: ApiError| ApproveError::Unreachable(error.to_string());
        let request = self.request(proposal.pending()).map_err(unreachable)?;
        let response = request.send().await.map_err(ApiError::from_reqwest).map_err(unreachable)?;
        judge(response.status())
    }
}

/// Only 2xx is a yes. A redirect is none: it may lead to a login page that answers 200.
fn judge(status: StatusCode) -> Result<(), ApproveError> {
    match status.as_u16() {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500.. => Err(ApproveError::Unreachable(format!("status {status}"))),
        other => Err(ApproveError::Denied(other)),
    }
}

impl fmt::Debug for FourEyesEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FourEyesEndpoint").field("method", &self.method).finish_non_exhaustive()
    }
}
