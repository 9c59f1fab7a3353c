//! The complete transaction: what the node built, after a check that it is what was requested.

use std::collections::HashSet;

use kms_core::{
    Amount, ChainOptions, Claim, DecodeError, Effects, Fee, KeySignature, Network, Permit,
    RawTransaction, ResolveError, SignError, SigningMessage, SigningRequest, Transfer, Unsigned,
};

use super::{
    CARDANO, SCHEME,
    address::KEY_BYTES,
    body::{self, Body, Outpoint, TRANSACTION_MAX_BYTES},
    cbor,
    draft::Own,
    payload::Payload,
    rosetta::{self, Asked, Built},
};
use crate::codec::hex;

/// Ten ADA: more than ten times what the largest transaction costs. Nothing is too low: what
/// costs less than the ledger wants is refused at once and holds nothing up.
const FEE_MOST: u64 = 10_000_000;
/// A list of four: the body, witnesses, whether scripts succeed, no other data.
const TRANSACTION_HEAD: u8 = 0x84;
/// A map of one list: signatures by keys.
const WITNESS_HEAD: [u8; 2] = [0xa1, 0x00];
const TRANSACTION_TAIL: [u8; 2] = [0xf5, 0xf6];
/// Characters of a node's text in an error.
const SHOWN_MAX_CHARS: usize = 128;

const SIGNATURE_BYTES: usize = 64;

/// # Errors
/// When the body is not what the payload asks for, or its fee is out of bounds.
pub(super) fn check(
    body: &Body,
    payload: &Payload,
    last_slot: u64,
    options: &ChainOptions,
) -> Result<(), ResolveError> {
    // To the ledger inputs are a set.
    let found: HashSet<&Outpoint> = body.inputs.iter().collect();
    let expected: HashSet<&Outpoint> = payload.inputs.iter().map(|input| &input.outpoint).collect();
    if found != expected {
        let spent = payload.inputs.iter().map(|input| &input.outpoint);
        return Err(substituted("what is spent", join(&body.inputs), join(spent)));
    }
    if body.outputs != payload.outputs {
        return Err(substituted("what is paid", join(&body.outputs), join(&payload.outputs)));
    }
    if body.fee != payload.fee {
        return Err(substituted("the fee", body.fee.to_string(), payload.fee.to_string()));
    }
    if body.last_slot != last_slot {
        return Err(substituted("the ttl", body.last_slot.to_string(), last_slot.to_string()));
    }
    if options.skip_fee_checks || body.fee <= FEE_MOST {
        Ok(())
    } else {
        Err(ResolveError::AbsurdFee {
            fee: Amount::from_base_units(body.fee),
            least: Amount::ZERO,
            most: Amount::from_base_units(FEE_MOST),
        })
    }
}

const fn substituted(subject: &'static str, found: String, expected: String) -> ResolveError {
    ResolveError::Substituted { subject, found, expected }
}

fn join<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

#[derive(Debug)]
pub(super) struct Complete {
    hash: [u8; 32],
    bytes: Vec<u8>,
    beside: Vec<u8>,
    signed_by: Vec<Own>,
    claims: Vec<Claim>,
    effects: Effects,
}

impl Complete {
    /// # Errors
    /// When the node wants anything else signed than the body, or by others than `needed`.
    pub(super) fn new(
        network: Network,
        built: Built,
        needed: Vec<Own>,
        own: &[Own],
    ) -> Result<Self, ResolveError> {
        let Built { bytes, body, beside, asked } = built;
        let hash = body::hash(&bytes);
        let claims = body.inputs.iter();
        let claims = claims.map(|input| Claim::Output {
            scope: format!("ada:{network}"),
            outpoint: input.to_string(),
        });
        let claims = claims.collect();
        let complete = Self {
            hash,
            bytes,
            beside,
            effects: effects(network, &body, &needed, own),
            signed_by: in_order_asked(&asked, &hash, needed)?,
            claims,
        };
        if complete.length() <= TRANSACTION_MAX_BYTES {
            Ok(complete)
        } else {
            Err(DecodeError::TooLarge.into())
        }
    }

    /// Of the signed transaction, in bytes.
    fn length(&self) -> usize {
        const AROUND: usize = 1 + WITNESS_HEAD.len() + TRANSACTION_TAIL.len();
        const WITNESS: usize = 1 + 2 + KEY_BYTES + 2 + SIGNATURE_BYTES;
        let mut head = Vec::new();
        cbor::write_list(&mut head, self.signed_by.len());
        let witnesses = self.signed_by.len().saturating_mul(WITNESS);
        [AROUND, head.len(), witnesses].into_iter().fold(self.bytes.len(), usize::saturating_add)
    }
}

/// Those who are needed, in the order in which the node asks for them.
///
/// # Errors
/// When it requests another hash, another signer, or the same signer twice.
fn in_order_asked(
    asked: &[Asked],
    hash: &[u8; 32],
    mut needed: Vec<Own>,
) -> Result<Vec<Own>, ResolveError> {
    let addresses = |needed: &[Own]| join(needed.iter().map(|own| &own.address));
    let mut signed_by = Vec::new();
    for Asked { address, hash: asked } in asked {
        if asked != hash {
            let found = shown(&hex::encode(asked));
            return Err(substituted("the hash to sign", found, hex::encode(hash)));
        }
        let place = needed.iter().position(|own| own.address.to_string() == *address);
        let place = place
            .ok_or_else(|| substituted("who is to sign", shown(address), addresses(&needed)))?;
        signed_by.push(needed.remove(place));
    }
    if needed.is_empty() {
        Ok(signed_by)
    } else {
        Err(substituted("who is to sign", String::from("nobody"), addresses(&needed)))
    }
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN_MAX_CHARS).collect()
}

fn effects(network: Network, body: &Body, needed: &[Own], own: &[Own]) -> Effects {
    let fee = Fee::native(Amount::from_base_units(body.fee));
    let mut effects = Effects::new(CARDANO.spec.id, network, fee);
    needed.iter().for_each(|spender| effects.add_payer(spender.address.to_string()));
    for output in &body.outputs {
        let to_self = own.iter().any(|own| own.address == output.address);
        let tokens = output
            .assets
            .iter()
            .map(|(asset, units)| (kms_core::Asset::Token { contract: asset.to_string() }, *units));
        let parts = [(kms_core::Asset::Native, output.lovelace)].into_iter().chain(tokens);
        for (asset, units) in parts {
            effects.add_transfer(Transfer {
                asset,
                to: output.address.to_string(),
                amount: Amount::from_base_units(units),
                to_self,
                tag: None,
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
        self.claims.clone()
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let request = |own: &Own| {
            let message = SigningMessage::Whole(self.hash.to_vec());
            SigningRequest::new(permit, own.key.clone(), SCHEME, message)
        };
        self.signed_by.iter().map(request).collect()
    }

    /// The transaction as the API's node wraps it.
    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        if signatures.len() != self.signed_by.len() {
            return Err(SignError::Assemble);
        }
        let mut out = Vec::with_capacity(self.length());
        out.push(TRANSACTION_HEAD);
        out.extend(&self.bytes);
        out.extend(WITNESS_HEAD);
        cbor::write_list(&mut out, signatures.len());
        for (own, signature) in self.signed_by.iter().zip(signatures) {
            let is_own = signature.public_key.as_bytes() == own.public;
            if !is_own || signature.bytes.len() != SIGNATURE_BYTES {
                return Err(SignError::Assemble);
            }
            cbor::write_list(&mut out, 2);
            cbor::write_bytes(&mut out, &own.public);
            cbor::write_bytes(&mut out, &signature.bytes);
        }
        out.extend(TRANSACTION_TAIL);
        Ok(RawTransaction::from_text(rosetta::wrap(&out, &self.beside)))
    }
}
