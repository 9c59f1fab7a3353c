//! The complete transaction: its checks, its effects, its signature.

use kms_core::{
    ChainOptions, Claim, DecodeError, Effects, KeyRef, KeySignature, Network, Pending, Permit,
    PublicKey, RawTransaction, ResolveError, Scheme, SignError, SigningMessage, SigningRequest,
    Unsigned,
};

use super::{
    Algorand,
    address::{self, KEY_BYTES},
    effects,
    msgpack::{Map, Value},
    payload::{self, Payload},
    txid,
};
use crate::{codec::hex, sender::SenderTransaction};

/// In millionths of an ALGO: what the network takes at least, and what is absurd.
const FEE_LEAST: u64 = 1_000;
const FEE_MOST: u64 = 10_000_000;
/// Rounds between the first and the last in which a transaction is valid.
const ROUNDS_MAX: u64 = 1_000;
const NOTE_MAX_BYTES: usize = 1_024;
/// Goes before what is signed.
const TAG: &[u8] = b"TX";

#[derive(Debug)]
pub(super) struct Transaction {
    pub(super) network: Network,
    pub(super) kind: &'static str,
    pub(super) fields: Map,
    pub(super) sender: [u8; KEY_BYTES],
    allow_rekeyed: bool,
}

impl Transaction {
    pub(super) fn new(
        chain: &Algorand,
        pending: &Pending,
        options: &ChainOptions,
    ) -> Result<Self, DecodeError> {
        let Payload { kind, mut fields, is_flat_fee } = payload::read(&pending.payload, options)?;
        check_network(chain, pending.network, &fields)?;
        check_rounds(&fields)?;
        if !is_flat_fee {
            fields.set("fee", Value::Number(fields.number("fee").max(FEE_LEAST)));
        }
        if !options.skip_fee_checks && fields.number("fee") > FEE_MOST {
            return Err(DecodeError::field("fee", format!("is above the maximum of {FEE_MOST}")));
        }
        let takes_over = ["rekey", "close", "aclose"].iter().any(|name| fields.get(name).is_some());
        if takes_over && !options.allow_account_changes {
            return Err(DecodeError::AccountChange("close-outs and rekeying"));
        }
        let is_bounded = |name, most| fields.bytes(name).is_none_or(|bytes| bytes.len() <= most);
        if !is_bounded("note", NOTE_MAX_BYTES) {
            return Err(DecodeError::field("note", "is longer than 1024 bytes"));
        }
        let sender = fields.bytes("snd").and_then(|sender| sender.try_into().ok());
        Ok(Self {
            network: pending.network,
            kind,
            sender: sender.ok_or(DecodeError::Missing("from"))?,
            fields,
            allow_rekeyed: options.allow_rekeyed,
        })
    }

    /// The message to sign.
    fn message(&self) -> Vec<u8> {
        [TAG, &self.fields.to_bytes()].concat()
    }
}

fn check_network(chain: &Algorand, network: Network, fields: &Map) -> Result<(), DecodeError> {
    let own = chain.genesis.on(network);
    if fields.bytes("gh") != Some(own.hash.as_slice()) {
        return Err(DecodeError::field("genesisHash", format!("does not belong to {network}")));
    }
    match fields.get("gen") {
        None => Ok(()),
        Some(Value::Text(id)) if id == own.id => Ok(()),
        Some(_) => Err(DecodeError::field("genesisID", format!("does not belong to {network}"))),
    }
}

fn check_rounds(fields: &Map) -> Result<(), DecodeError> {
    let rounds = fields.number("lv").checked_sub(fields.number("fv"));
    if rounds.is_some_and(|rounds| rounds <= ROUNDS_MAX) {
        Ok(())
    } else {
        Err(DecodeError::field("lastRound", "is not 0 to 1000 rounds after firstRound"))
    }
}

impl SenderTransaction for Transaction {
    fn complete(self, key: KeyRef, own: &PublicKey) -> Result<Box<dyn Unsigned>, ResolveError> {
        let own: [u8; KEY_BYTES] =
            own.as_bytes().try_into().map_err(|_| ResolveError::Incomplete("public key"))?;
        let is_rekeyed = own != self.sender;
        if is_rekeyed && !self.allow_rekeyed {
            return Err(ResolveError::NotOurs {
                found: address::spell(&self.sender),
                expected: address::spell(&own),
            });
        }
        let effects = effects::of(&self);
        let authority = is_rekeyed.then_some(own);
        let message = self.message();
        Ok(Box::new(Complete { transaction: self, message, key, authority, effects }))
    }
}

#[derive(Debug)]
struct Complete {
    transaction: Transaction,
    /// The message to sign.
    message: Vec<u8>,
    key: KeyRef,
    /// The key that signs, where it is not the sender's own.
    authority: Option<[u8; KEY_BYTES]>,
    effects: Effects,
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        vec![Claim::Once { scope: String::from("algo"), what: txid::spell(&self.message) }]
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let message = SigningMessage::Whole(self.message.clone());
        vec![SigningRequest::new(permit, self.key.clone(), Scheme::Ed25519, message)]
    }

    fn assemble(
        self: Box<Self>,
        signatures: Vec<KeySignature>,
    ) -> Result<RawTransaction, SignError> {
        let [signature] = signatures.as_slice() else { return Err(SignError::Assemble) };
        let mut signed = Map::default();
        signed.set("sig", Value::Bytes(signature.bytes.clone()));
        if let Some(authority) = self.authority {
            signed.set("sgnr", Value::Bytes(authority.to_vec()));
        }
        signed.set("txn", Value::Map(self.transaction.fields));
        Ok(RawTransaction::from_text(hex::encode(&signed.to_bytes())))
    }
}
