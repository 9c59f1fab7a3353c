//! Pending transactions to try a wallet with: plausible content, the same for the same wallet.
//!
//! One file a family; [`MAKERS`] says which chains it is for. A new chain adds a function from
//! [`SampleRequest`] to payloads and its line in the table.

mod algorand;
mod bnb;
mod cardano;
mod evm;
mod flow;
mod multiversx;
mod solana;
mod stellar;
mod tron;
mod utxo;
mod vechain;
mod xrpl;

use kms_core::{AddressIndex, Chain, ChainId, Network, PublicKey, SignatureId};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::offer::{Expected, OfferError, Sample, Signer};

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
struct SampleRequest<'a> {
    chain: ChainId,
    network: Network,
    public_key: &'a PublicKey,
}

/// The way in which the API names the wallet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Naming {
    /// The index stands beside the wallet's id in `hashes`.
    Account,
    /// The index is in `signatures`.
    Outputs,
}

type Maker = fn(&SampleRequest<'_>) -> Result<Vec<String>, SampleError>;

const MAKERS: &[(&[&str], Naming, Maker)] = &[
    (&["ADA"], Naming::Outputs, cardano::payloads),
    (&["ALGO"], Naming::Account, algorand::payloads),
    (&["BNB"], Naming::Account, bnb::payloads),
    (&["BSC", "CELO", "ETH", "KCS", "KLAY", "MATIC", "ONE", "XDC"], Naming::Account, evm::payloads),
    (&["BTC", "DOGE", "LTC"], Naming::Outputs, utxo::bitcore),
    (&["BCH"], Naming::Outputs, utxo::bitcoin_cash),
    (&["EGLD"], Naming::Account, multiversx::payloads),
    (&["FLOW"], Naming::Account, flow::payloads),
    (&["SOL"], Naming::Outputs, solana::payloads),
    (&["TRON"], Naming::Account, tron::payloads),
    (&["VET"], Naming::Account, vechain::payloads),
    (&["XLM"], Naming::Account, stellar::payloads),
    (&["XRP"], Naming::Account, xrpl::payloads),
];

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
    let own = MAKERS.iter().find(|(codes, _, _)| codes.contains(&code.as_str()));
    let (_, naming, maker) = own.ok_or(SampleError::NoMaker(code))?;
    let request = SampleRequest { chain: code, network, public_key: wallet.public_key };
    let payloads = maker(&request)?;
    let previous = utxo::previous(&request)?;
    let sample = |payload: String| {
        let pending = pending(code, *naming, wallet, payload);
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
fn digest(seed: &str) -> [u8; 32] {
    Sha256::digest(format!("sample of kms-sandbox: {seed}")).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chain_has_samples_once() {
        for chain in kms_chains::CHAINS {
            let code = chain.spec().id.as_str();
            let makers = MAKERS.iter().filter(|(codes, _, _)| codes.contains(&code));
            assert_eq!(makers.count(), 1, "{code}");
        }
    }
}
