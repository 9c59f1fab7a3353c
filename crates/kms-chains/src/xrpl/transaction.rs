//! The message to sign, the effects, and the signed blob.

use data_encoding::HEXUPPER;
use kms_core::{
    ChainOptions, Claim, DecodeError, Effects, KeyRef, KeySignature, Network, Pending, Permit,
    PublicKey, RawTransaction, ResolveError, Scheme, SignError, SigningMessage, SigningRequest,
    Unsigned,
};
use sha2::{Digest as _, Sha512};

use super::{
    address::{self, AccountId},
    codec::{self, Purpose},
    effects,
    payload::{self, Payload, Sequence},
};
use crate::{codec::json::Json, sender::SenderTransaction};

/// Goes before what a single key signs: `STX` and a zero.
const SIGNING_PREFIX: &[u8] = b"STX\0";

#[derive(Debug)]
pub(super) struct Transaction {
    payload: Payload,
    network: Network,
}

impl Transaction {
    pub(super) fn new(pending: &Pending, options: &ChainOptions) -> Result<Self, DecodeError> {
        let payload = payload::read(&pending.payload, pending.network, options)?;
        // A payload that cannot be encoded is refused before a key is requested.
        codec::encode(&payload.object, Purpose::Signing)?;
        Ok(Self { payload, network: pending.network })
    }
}

impl SenderTransaction for Transaction {
    fn complete(mut self, key: KeyRef, own: &PublicKey) -> Result<Box<dyn Unsigned>, ResolveError> {
        let bytes = address::key_bytes(own).map_err(|_| ResolveError::Incomplete("public key"))?;
        let account = address::of_key(&bytes);
        check_signer(&self.payload, account)?;
        self.payload.object.set("SigningPubKey", Json::Text(HEXUPPER.encode(&bytes)));
        let encoded = codec::encode(&self.payload.object, Purpose::Signing)?;
        let message = [SIGNING_PREFIX, &encoded].concat();
        let effects = effects::of(&self.payload, account, self.network)?;
        let is_ed25519 = own.as_bytes().len() == 32;
        Ok(Box::new(Complete { payload: self.payload, key, message, is_ed25519, effects }))
    }
}

/// The signature that counts is the delegate's, where there is one.
fn check_signer(payload: &Payload, own: AccountId) -> Result<(), ResolveError> {
    let signer = payload.delegate.unwrap_or(payload.account);
    if signer == own {
        return Ok(());
    }
    let found = address::spell(&signer);
    if payload.account == own {
        let problem = format!("is {found}, without whose signature the ledger refuses it");
        return Err(DecodeError::field("Delegate", problem).into());
    }
    Err(ResolveError::NotOurs { found, expected: address::spell(&own) })
}

#[derive(Debug)]
struct Complete {
    payload: Payload,
    key: KeyRef,
    message: Vec<u8>,
    is_ed25519: bool,
    effects: Effects,
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        let (scope, account) =
            (format!("xrp:{}", self.effects.network()), address::spell(&self.payload.account));
        vec![match self.payload.sequence {
            Sequence::Number(number) => Claim::Nonce { scope, account, number },
            Sequence::Ticket(number) => {
                Claim::Once { scope, what: format!("{account}:ticket {number}") }
            }
        }]
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let (scheme, message) = if self.is_ed25519 {
            (Scheme::Ed25519, SigningMessage::Whole(self.message.clone()))
        } else {
            let mut half = [0; 32];
            let hash = Sha512::digest(&self.message);
            half.iter_mut().zip(hash).for_each(|(place, byte)| *place = byte);
            (Scheme::EcdsaSecp256k1, SigningMessage::Prehash(half))
        };
        vec![SigningRequest::new(permit, self.key.clone(), scheme, message)]
    }

    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let [signature] = signatures.as_slice() else { return Err(SignError::Assemble) };
        let bytes = if self.is_ed25519 {
            signature.bytes.clone()
        } else {
            der(&signature.bytes).ok_or(SignError::Assemble)?
        };
        let mut object = self.payload.object;
        object.set("TxnSignature", Json::Text(HEXUPPER.encode(&bytes)));
        let blob = codec::encode(&object, Purpose::Broadcast).map_err(|_| SignError::Assemble)?;
        Ok(RawTransaction::from_text(HEXUPPER.encode(&blob)))
    }
}

/// The signature in DER, without its recovery id.
fn der(signature: &[u8]) -> Option<Vec<u8>> {
    let (_, r_and_s) = signature.split_last()?;
    let signature = bitcoin::secp256k1::ecdsa::Signature::from_compact(r_and_s).ok()?;
    Some(signature.serialize_der().to_vec())
}
