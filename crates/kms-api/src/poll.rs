use std::collections::HashSet;

use kms_core::{ChainSpec, Network, Pending};
use reqwest::{Body, Method, header::CONTENT_TYPE};

use crate::{
    client::Api,
    error::ApiError,
    limits::PENDING_BODY_MAX,
    notice::UpdateNotice,
    pending::{self, BadPending},
    poll_body::PollBody,
};

const CLIENT_VERSION_HEADER: &str = "x-ttm-kms-client-version";

/// The result of polling a chain.
#[derive(Debug, Default)]
#[must_use]
pub struct Polled {
    /// In the API's order; one that cannot be read does not harm the others.
    pub transactions: Vec<Result<Pending, BadPending>>,
    /// At most once an hour.
    pub notice: Option<UpdateNotice>,
    /// By which a call failed.
    pub error: Option<ApiError>,
}

impl Api {
    /// Asks for the pending transactions of a chain that name one of the wallets. If one of several
    /// calls fails, the results of the others are returned all the same.
    pub async fn poll(&self, chain: &ChainSpec, network: Network, body: &PollBody) -> Polled {
        let mut polled = Polled::default();
        for call in body.calls() {
            match self.poll_once(chain, network, call).await {
                Ok((transactions, notice)) => {
                    polled.transactions.extend(transactions);
                    polled.notice = polled.notice.or(notice);
                }
                Err(error) => polled.error = polled.error.or(Some(error)),
            }
        }
        // A transaction whose wallets are in two calls comes twice.
        let mut seen = HashSet::new();
        polled.transactions.retain(|transaction| match transaction {
            Ok(pending) => seen.insert((pending.as_received.clone(), pending.digest())),
            Err(_) => true,
        });
        polled
    }

    async fn poll_once(
        &self,
        chain: &ChainSpec,
        network: Network,
        call: Body,
    ) -> Result<(Vec<Result<Pending, BadPending>>, Option<UpdateNotice>), ApiError> {
        let request = self
            .request(Method::POST, &format!("/v3/kms/pending/{}", chain.id))?
            .header(CLIENT_VERSION_HEADER, self.version)
            .header(CONTENT_TYPE, "application/json")
            .body(call);
        let answer = self.send(request, PENDING_BODY_MAX).await?;
        let transactions = pending::read_list(&answer.body, chain, network)
            .map_err(|error| answer.garbled(&format!("no list of transactions: {error}")))
            .map_err(|error| error.map_text(|text| self.redact(text)))?;
        Ok((transactions, self.take_notice(&answer.headers)))
    }
}
