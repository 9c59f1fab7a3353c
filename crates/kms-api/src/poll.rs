use std::collections::HashSet;

use kms_core::{ChainId, Network, Pending, SignatureId};
use reqwest::Method;
use serde_json::json;

use crate::{
    client::{Api, with_json},
    error::ApiError,
    limits::{PENDING_BODY_MAX, SIGNATURE_IDS_PER_CALL},
    notice::UpdateNotice,
    pending::{self, BadPending},
};

const CLIENT_VERSION_HEADER: &str = "x-ttm-kms-client-version";

/// What a chain's poll brought.
#[derive(Debug, Default)]
pub struct Polled {
    /// In the API's order; one that cannot be read does not harm the others.
    pub transactions: Vec<Result<Pending, BadPending>>,
    /// At most once an hour.
    pub notice: Option<UpdateNotice>,
}

impl Api {
    /// Asks for the pending transactions of a chain that name one of the wallets. More than
    /// [`SIGNATURE_IDS_PER_CALL`] wallets take several calls.
    ///
    /// # Errors
    /// When a call fails, or is answered with something other than a list.
    pub async fn poll(
        &self,
        chain: ChainId,
        network: Network,
        wallets: &[SignatureId],
    ) -> Result<Polled, ApiError> {
        let mut polled = Polled::default();
        // Without wallets there is still one call, as in the original.
        let calls = wallets.len().div_ceil(SIGNATURE_IDS_PER_CALL).max(1);
        let mut chunks = wallets.chunks(SIGNATURE_IDS_PER_CALL);
        for _ in 0..calls {
            let chunk = chunks.next().unwrap_or_default();
            let (transactions, notice) = self.poll_once(chain, network, chunk).await?;
            polled.transactions.extend(transactions);
            polled.notice = polled.notice.or(notice);
        }
        // A transaction whose wallets are in two calls comes twice.
        let mut seen = HashSet::new();
        polled.transactions.retain(|transaction| match transaction {
            Ok(pending) => seen.insert((pending.as_received.clone(), pending.digest())),
            Err(_) => true,
        });
        Ok(polled)
    }

    async fn poll_once(
        &self,
        chain: ChainId,
        network: Network,
        wallets: &[SignatureId],
    ) -> Result<(Vec<Result<Pending, BadPending>>, Option<UpdateNotice>), ApiError> {
        let ids: Vec<&str> = wallets.iter().map(SignatureId::as_str).collect();
        let request = self
            .request(Method::POST, &format!("/v3/kms/pending/{chain}"))?
            .header(CLIENT_VERSION_HEADER, self.version);
        let request = with_json(request, &json!({ "signatureIds": ids }));
        let answer = self.send(request, PENDING_BODY_MAX).await?;
        let transactions = pending::read_list(&answer.body, chain, network)
            .map_err(|error| ApiError::Garbled(format!("no list of transactions: {error}")))?;
        Ok((transactions, self.take_notice(&answer.headers)))
    }
}
