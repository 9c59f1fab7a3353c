//! The complete transaction: the JSON that is signed, the bytes that are broadcast.

use kms_core::{
    Amount, Asset, Claim, Effects, Fee, KeyRef, KeySignature, Network, Permit, RawTransaction,
    Scheme, SignError, SigningMessage, SigningRequest, Transfer, Unsigned,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    BNB,
    address::{self, KeyHash},
    amino::{self, Signed},
    payload::Payload,
};
use crate::codec::{hex, note};

/// In base units: the chain's fee for a transfer in its last years. It is not part of the
/// transaction.
const FEE: u64 = 37_500;
const NATIVE: &str = "BNB";

#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) number: u64,
    pub(super) sequence: u64,
}

#[derive(Debug)]
pub(super) struct Complete {
    payload: Payload,
    account: Account,
    network: Network,
    chain_id: &'static str,
    key: KeyRef,
    public_key: [u8; 33],
    sender: KeyHash,
    effects: Effects,
}

impl Complete {
    pub(super) fn new(
        payload: Payload,
        account: Account,
        network: Network,
        (chain_id, key, public_key): (&'static str, KeyRef, [u8; 33]),
        sender: KeyHash,
    ) -> Self {
        let effects = effects(&payload, network, &sender);
        Self { payload, account, network, chain_id, key, public_key, sender, effects }
    }

    /// JSON with its members sorted.
    fn message(&self) -> String {
        json!({
            "account_number": self.account.number.to_string(),
            "chain_id": self.chain_id,
            "data": null,
            "memo": self.payload.memo,
            "msgs": [self.payload.to_json(self.network)],
            "sequence": self.account.sequence.to_string(),
            "source": "0",
        })
        .to_string()
    }
}

fn effects(payload: &Payload, network: Network, sender: &KeyHash) -> Effects {
    let mut effects = Effects::new(BNB.spec.id, network, Fee::native(Amount::from_base_units(FEE)));
    effects.add_payer(address::spell(network, sender));
    for output in &payload.outputs {
        for coin in &output.coins {
            effects.add_transfer(Transfer {
                asset: match coin.denomination.as_str() {
                    NATIVE => Asset::Native,
                    other => Asset::Token { contract: other.to_owned() },
                },
                to: address::spell(network, &output.address),
                amount: Amount::from_base_units(coin.amount),
                to_self: output.address == *sender,
                tag: note::spell(payload.memo.as_bytes()),
            });
        }
    }
    effects
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        let sender = address::spell(self.network, &self.sender);
        vec![Claim::Nonce {
            scope: String::from("bnb"),
            account: sender,
            number: self.account.sequence,
        }]
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let prehash = Sha256::digest(self.message()).into();
        let message = SigningMessage::Prehash(prehash);
        vec![SigningRequest::new(permit, self.key.clone(), Scheme::EcdsaSecp256k1, message)]
    }

    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let [signature] = signatures.as_slice() else { return Err(SignError::Assemble) };
        let (_, r_and_s) = signature.bytes.split_last().ok_or(SignError::Assemble)?;
        let signed = Signed {
            public_key: &self.public_key,
            signature: r_and_s,
            account_number: self.account.number,
            sequence: self.account.sequence,
        };
        Ok(RawTransaction::from_text(hex::encode(&amino::transaction(&self.payload, &signed))))
    }
}
