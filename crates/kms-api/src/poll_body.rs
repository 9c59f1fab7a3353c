//! The body of a chain's polls: made once, sent in every round.

use kms_core::SignatureId;
use reqwest::Body;
use serde_json::json;

use crate::limits::{SIGNATURE_IDS_PER_CALL, SIGNATURE_IDS_PER_CREDIT};

/// The wallets of a chain as the bodies of the calls that ask for their transactions. More than
/// [`SIGNATURE_IDS_PER_CALL`] wallets take several calls.
#[derive(Clone, Debug)]
pub struct PollBody {
    calls: Vec<Text>,
    credits: u64,
}

/// Text that is sent without being copied.
type Text = bytes::Bytes;

impl PollBody {
    /// Without wallets there is still one call, as in the original.
    pub fn new(wallets: &[SignatureId]) -> Self {
        let none: [&[SignatureId]; 1] = [&[]];
        let chunks: Vec<&[SignatureId]> = if wallets.is_empty() {
            none.to_vec()
        } else {
            wallets.chunks(SIGNATURE_IDS_PER_CALL).collect()
        };
        let credits = credits_of_poll(u64::try_from(wallets.len()).unwrap_or(u64::MAX));
        Self { credits, calls: chunks.iter().map(|chunk| spell(chunk)).collect() }
    }

    /// The credits that a poll costs: see [`credits_of_poll`].
    pub const fn credits(&self) -> u64 {
        self.credits
    }

    pub(crate) fn calls(&self) -> impl Iterator<Item = Body> {
        self.calls.iter().map(|call| Body::from(call.clone()))
    }
}

/// The credits that polling so many wallets costs: one credit per 500 wallets, and at least one per
/// call.
pub fn credits_of_poll(wallets: u64) -> u64 {
    let a_call = u64::try_from(SIGNATURE_IDS_PER_CALL).unwrap_or(u64::MAX);
    let a_credit = u64::try_from(SIGNATURE_IDS_PER_CREDIT).unwrap_or(u64::MAX);
    let (full_calls, rest) = (wallets / a_call, wallets % a_call);
    let of_rest = if rest > 0 || full_calls == 0 { rest.div_ceil(a_credit).max(1) } else { 0 };
    full_calls.saturating_mul(a_call.div_ceil(a_credit)).saturating_add(of_rest)
}

impl Default for PollBody {
    fn default() -> Self {
        Self::new(&[])
    }
}

fn spell(wallets: &[SignatureId]) -> Text {
    let ids: Vec<&str> = wallets.iter().map(SignatureId::as_str).collect();
    json!({ "signatureIds": ids }).to_string().into()
}
