//! The API's view of single transactions, and corrections to it.

use std::time::SystemTime;

use kms_core::TransactionId;
use reqwest::Method;
use serde_json::Value;

use crate::{
    client::Api,
    error::ApiError,
    limits::BODY_MAX,
    notice::UpdateNotice,
    retry_after,
    transport::{Answer, Answered},
};

/// Characters of a transaction's id on its chain, at most.
const TXID_MAX: usize = 128;

const NO_CONTENT: u16 = 204;

/// The API's view of a transaction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ApiTransaction {
    /// The API knows the transaction; `txid` is there once the API marks the transaction as completed.
    Found {
        /// The id on the chain.
        txid: Option<String>,
    },
    /// The API has no transaction of this id.
    NotFound,
}

/// The API's statements about itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Health {
    /// By its own clock.
    pub time: Option<SystemTime>,
    /// The news of a newer version, if there is one.
    pub notice: Option<UpdateNotice>,
}

impl Api {
    /// Asks what the API knows of a transaction. Costs a credit.
    ///
    /// # Errors
    /// When the call fails, or the answer is of another transaction.
    pub async fn transaction(&self, id: &TransactionId) -> Result<ApiTransaction, ApiError> {
        let request = self.request(Method::GET, &format!("/v3/kms/{id}"))?;
        let answer = match self.send(request, BODY_MAX).await {
            Ok(answer) => answer,
            Err(error) if is_unknown(&error) => return Ok(ApiTransaction::NotFound),
            Err(error) => return Err(error),
        };
        let found = self.read(&answer)?;
        if found.get("id").and_then(Value::as_str) != Some(id.as_str()) {
            return Err(garbled("it is not the requested transaction"));
        }
        let txid = found.get("txId").and_then(Value::as_str).and_then(read_txid);
        Ok(ApiTransaction::Found { txid })
    }

    /// Checks that the API accepts the key, and returns what it says about the time and new
    /// versions.
    ///
    /// # Errors
    /// When the call fails for any reason except that there is no such transaction.
    pub async fn health(&self) -> Result<Health, ApiError> {
        let request = self.request(Method::GET, "/v3/kms/000000000000000000000000")?;
        let Answered { status, headers } = self.probe(request).await?;
        match status {
            401..=403 | 429 | 500.. => {
                Err(ApiError::status(status, None, String::from("the API refused to answer")))
            }
            _ => {
                Ok(Health { time: retry_after::date(&headers), notice: self.take_notice(&headers) })
            }
        }
    }

    /// Tells the API that a transaction is in its chain. Costs two credits.
    ///
    /// # Errors
    /// When the call fails, or the id on the chain is not valid.
    pub async fn complete(&self, id: &TransactionId, txid: &str) -> Result<(), ApiError> {
        let txid = read_txid(txid).ok_or_else(|| garbled("the id on the chain is not valid"))?;
        let request = self.request(Method::PUT, &format!("/v3/kms/{id}/{txid}"))?;
        let answer = self.send(request, BODY_MAX).await?;
        self.check_done(&answer)
    }

    /// Has the API forget a transaction. An off-chain withdrawal is cancelled; with `revert` its
    /// fee is given back as well. One that is gone already is no error. Costs two credits.
    ///
    /// # Errors
    /// When the call fails.
    pub async fn delete(&self, id: &TransactionId, revert: bool) -> Result<(), ApiError> {
        let request = self.request(Method::DELETE, &format!("/v3/kms/{id}?revert={revert}"))?;
        match self.send(request, BODY_MAX).await {
            Ok(answer) => self.check_done(&answer),
            Err(error) if is_unknown(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The API says nothing more, or says it in JSON. The page of a login portal says nothing of
    /// the transaction.
    fn check_done(&self, answer: &Answer) -> Result<(), ApiError> {
        if answer.status == NO_CONTENT || answer.body.trim().is_empty() {
            Ok(())
        } else {
            self.read(answer).map(drop)
        }
    }
}

/// Returns true if the API itself says that there is no such transaction. Without the API's error
/// code, the answer may come from another server at a wrong base URL.
fn is_unknown(error: &ApiError) -> bool {
    matches!(error, ApiError::Status { status: 404, code: Some(_), .. })
}

/// A transaction's id on its chain: letters and digits in every chain's spelling, which need no
/// escaping in a path.
pub(crate) fn read_txid(text: &str) -> Option<String> {
    let is_id = (1..=TXID_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_id.then(|| text.to_owned())
}

fn garbled(problem: &str) -> ApiError {
    ApiError::Garbled(problem.to_owned())
}
