//! Pending transactions to try a wallet with: plausible content, the same for the same wallet.

use kms_core::{AddressIndex, Chain, ChainId, Network, PublicKey, SignatureId};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::{
    chains,
    offer::{Expected, OfferError, Sample, Signer},
};

/// The wallet that is to sign.
#[derive(Clone, Copy, Debug)]
pub struct Wallet<'a> {
    pub id: &'a SignatureId,
    /// For a mnemonic wallet; `None` for one that holds a private key.
    pub index: Option<AddressIndex>,
    /// Of the key at `index`, in the serialization that the chain uses.
    pub public_key: &'a PublicKey,
}

#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SampleError {
    #[error("there are no samples for {0} yet")]
    NoMaker(ChainId),
    #[error("the public key is not valid for {0}")]
    Key(ChainId),
    #[error("{}", .0)]
    Offer(#[from] OfferError),
}

/// The input for making a payload.
#[derive(Debug)]
pub(crate) struct SampleRequest<'a> {
    pub(crate) chain: ChainId,
    pub(crate) network: Network,
    pub(crate) public_key: &'a PublicKey,
}

/// The way in which the API names the wallet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Naming {
    /// The index stands beside the wallet's id in `hashes`.
    Account,
    /// The index is in `signatures`.
    Outputs,
}

/// One or more transactions for a wallet. Their ids follow from the wallet and the content.
///
/// # Errors
/// When the key is not one of the chain, or the chain has no samples.
pub fn samples(
    chain: &dyn Chain,
    network: Network,
    wallet: Wallet<'_>,
) -> Result<Vec<Sample>, SampleError> {
    let code = chain.spec().id;
    let (own, _) = chains::find(code.as_str()).ok_or(SampleError::NoMaker(code))?;
    let request = SampleRequest { chain: code, network, public_key: wallet.public_key };
    let payloads = (own.samples)(&request)?;
    let previous = chains::utxo::samples::previous(&request)?;
    let sample = |payload: String| {
        let pending = pending(code, own.naming, wallet, payload);
        let signers = vec![Signer::PublicKey(wallet.public_key.clone())];
        let sample = Sample::new(pending, Expected { network, signers })?;
        Ok(sample.with_previous(previous.clone()))
    };
    payloads.into_iter().map(sample).collect()
}

fn pending(
    chain: ChainId,
    naming: Naming,
    wallet: Wallet<'_>,
    payload: String,
) -> Map<String, Value> {
    let seed = format!("{chain} {} {:?} {payload}", wallet.id, wallet.index);
    let digest = digest(&seed);
    let (id, _) = digest.split_at(12);
    let id = alloy_primitives::hex::encode(id);
    let mut pending = Map::new();
    pending.insert("id".into(), json!(id));
    pending.insert("chain".into(), json!(chain.as_str()));
    pending.insert("serializedTransaction".into(), json!(payload));
    let wallet_id = wallet.id.as_str();
    let (hashes, signatures, index) = match (wallet.index, naming) {
        (None, _) => (json!([wallet_id]), None, None),
        (Some(index), Naming::Account) => (json!([wallet_id]), None, Some(index.get())),
        (Some(index), Naming::Outputs) => {
            (json!([]), Some(json!([{ "id": wallet_id, "index": index.get() }])), None)
        }
    };
    pending.insert("hashes".into(), hashes);
    if let Some(signatures) = signatures {
        pending.insert("signatures".into(), signatures);
    }
    if let Some(index) = index {
        pending.insert("index".into(), json!(index));
    }
    pending
}

/// Bytes that look like any others and are always the same.
pub(crate) fn digest(seed: &str) -> [u8; 32] {
    Sha256::digest(format!("sample of kms-sandbox: {seed}")).into()
}
