//! A transaction's bytes: what its signers sign, and its id.
//! <https://developers.flow.com/build/cadence/basics/transactions>

use std::collections::BTreeSet;

use alloy_rlp::{Encodable as _, Header};
use serde::{Deserialize, Serialize};
use sha3::{Digest as _, Sha3_256};

use super::address::Account;
use crate::codec::hex;

/// The original's gas limit.
pub(super) const GAS_LIMIT: u64 = 9_999;
/// Index of the account key that a wallet holds.
pub(super) const OWN_KEY: u64 = 0;
const TAG: &[u8] = b"FLOW-V0.0-transaction";
const TAG_BYTES: usize = 32;

pub(super) type Signature = [u8; 64];

/// A key of an account.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountKey {
    pub(super) account: Account,
    pub(super) key: u64,
}

/// All but the signatures.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowTransaction {
    pub(super) script: String,
    /// Each as JSON in a text.
    pub(super) arguments: Vec<String>,
    /// In hexadecimal.
    pub(super) reference_block: String,
    pub(super) gas_limit: u64,
    pub(super) proposer: AccountKey,
    pub(super) sequence: u64,
    pub(super) payer: AccountKey,
    pub(super) authorizer: Account,
}

/// A key's signature, as nodes and hashes want it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed {
    pub(super) by: AccountKey,
    pub(super) signature: Signature,
}

impl FlowTransaction {
    fn rlp(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.script.as_bytes().encode(&mut out);
        out.extend(list(&concat(self.arguments.iter().map(|one| bytes(one.as_bytes())))));
        out.extend(bytes(&hex::decode(&self.reference_block).unwrap_or_default()));
        self.gas_limit.encode(&mut out);
        out.extend(bytes(self.proposer.account.bytes()));
        self.proposer.key.encode(&mut out);
        self.sequence.encode(&mut out);
        out.extend(bytes(self.payer.account.bytes()));
        out.extend(list(&bytes(self.authorizer.bytes())));
        list(&out)
    }

    /// The message that proposer and authorizer sign.
    pub(super) fn message(&self) -> Vec<u8> {
        [tag().as_slice(), &self.rlp()].concat()
    }

    /// The message that the payer signs: the payload with the others' signatures.
    pub(super) fn envelope_message(&self, signatures: &[Signed]) -> Vec<u8> {
        let envelope = [self.rlp(), self.signatures_rlp(signatures)].concat();
        [tag().as_slice(), &list(&envelope)].concat()
    }

    pub(super) fn id(&self, signatures: &[Signed], envelope: &[Signed]) -> String {
        let parts =
            [self.rlp(), self.signatures_rlp(signatures), self.signatures_rlp(envelope)].concat();
        hex::encode(&hash(&list(&parts)))
    }

    /// Signers are numbered: proposer, payer, authorizer, each account once.
    fn signatures_rlp(&self, signatures: &[Signed]) -> Vec<u8> {
        let mut accounts = vec![self.proposer.account];
        for account in [self.payer.account, self.authorizer] {
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        let place = |account: Account| accounts.iter().position(|own| *own == account);
        let one = |signed: &Signed| {
            let place = u64::try_from(place(signed.by.account)?).ok()?;
            let mut out = Vec::new();
            place.encode(&mut out);
            signed.by.key.encode(&mut out);
            out.extend(bytes(&signed.signature));
            Some((place, signed.by.key, list(&out)))
        };
        let sorted: BTreeSet<_> = signatures.iter().filter_map(one).collect();
        list(&concat(sorted.into_iter().map(|(_, _, signature)| signature)))
    }
}

pub(super) fn hash(message: &[u8]) -> [u8; 32] {
    Sha3_256::digest(message).into()
}

fn tag() -> Vec<u8> {
    let mut tag = TAG.to_vec();
    tag.resize(TAG_BYTES, 0);
    tag
}

fn bytes(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    content.encode(&mut out);
    out
}

fn concat(items: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    items.flatten().collect()
}

fn list(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    Header { list: true, payload_length: content.len() }.encode(&mut out);
    out.extend_from_slice(content);
    out
}
