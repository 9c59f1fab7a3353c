//! The checks, the hash that is signed, and the envelope with one more signature.

use data_encoding::BASE64;
use kms_core::{
    ChainOptions, Claim, DecodeError, Effects, KeyRef, KeySignature, Network, Pending, Permit,
    PublicKey, RawTransaction, ResolveError, Scheme, SignError, SigningMessage, SigningRequest,
    Unsigned,
};
use sha2::{Digest as _, Sha256};
use stellar_xdr::{
    DecoratedSignature, Limits, OperationBody, Signature, SignatureHint, TransactionEnvelope, VecM,
    WriteXdr as _,
};

use super::{
    Stellar,
    address::{self, KEY_BYTES},
    effects, envelope,
};
use crate::{codec::hex, sender::SenderTransaction};

/// In stroops: ten lumens, a hundred thousand times what an operation costs.
const FEE_MOST: i64 = 100_000_000;

/// <https://github.com/stellar/stellar-protocol/blob/master/ecosystem/sep-0010.md>
const NEVER_A_PAYMENT: &str = "is not above 0, so that no ledger can take the transaction: its \
                               signature would only prove who signed, as for a login (SEP-10)";

#[derive(Debug)]
pub(super) struct Transaction {
    envelope: TransactionEnvelope,
    network: Network,
    /// The hash to sign.
    hash: [u8; 32],
    allow_account_changes: bool,
}

impl Transaction {
    pub(super) fn new(
        chain: &Stellar,
        pending: &Pending,
        options: &ChainOptions,
    ) -> Result<Self, DecodeError> {
        let network = pending.network;
        let envelope = envelope::read(&pending.payload)?;
        let content = envelope::content(&envelope);
        if content.fee > FEE_MOST && !options.skip_fee_checks {
            let problem = format!("is {} stroops, above the maximum of {FEE_MOST}", content.fee);
            return Err(DecodeError::field("fee", problem));
        }
        if content.sequence <= 0 {
            return Err(DecodeError::field("sequence", NEVER_A_PAYMENT));
        }
        if signatures(&envelope).len() >= signatures(&envelope).max_len() {
            return Err(DecodeError::Unsupported("envelopes that hold 20 signatures".into()));
        }
        let network_id = Sha256::digest(chain.passphrase.on(network)).into();
        let hash = envelope.hash(network_id).map_err(|_| DecodeError::TooLarge)?;
        Ok(Self { envelope, network, hash, allow_account_changes: options.allow_account_changes })
    }

    fn check_account(&self, own: &[u8; KEY_BYTES]) -> Result<(), DecodeError> {
        let content = envelope::content(&self.envelope);
        let takes_over = content.operations.iter().any(|operation| {
            let body = &operation.body;
            matches!(body, OperationBody::SetOptions(_) | OperationBody::AccountMerge(_))
                && content.source_of(operation) == *own
        });
        if takes_over && !self.allow_account_changes {
            Err(DecodeError::AccountChange("set options and account merge"))
        } else {
            Ok(())
        }
    }
}

const fn signatures(envelope: &TransactionEnvelope) -> &VecM<DecoratedSignature, 20> {
    match envelope {
        TransactionEnvelope::TxV0(envelope) => &envelope.signatures,
        TransactionEnvelope::Tx(envelope) => &envelope.signatures,
        TransactionEnvelope::TxFeeBump(envelope) => &envelope.signatures,
    }
}

impl SenderTransaction for Transaction {
    fn complete(self, key: KeyRef, own: &PublicKey) -> Result<Box<dyn Unsigned>, ResolveError> {
        let content = envelope::content(&self.envelope);
        let own: [u8; KEY_BYTES] =
            own.as_bytes().try_into().map_err(|_| ResolveError::Incomplete("public key"))?;
        if !content.needs(&own) {
            return Err(ResolveError::NotOurs {
                found: address::spell(&content.signer),
                expected: address::spell(&own),
            });
        }
        self.check_account(&own)?;
        let effects = effects::of(&content, own, self.network)?;
        // A fee bump helps a transaction that has the sequence number already.
        let claim = if content.is_fee_bump {
            Claim::Once {
                scope: String::from("xlm"),
                what: format!("fee bump:{}", hex::encode(&self.hash)),
            }
        } else {
            claim(self.network, address::spell(&content.source), content.sequence)
        };
        Ok(Box::new(Complete { transaction: self, key, claim, effects }))
    }
}

fn claim(network: Network, account: String, sequence: i64) -> Claim {
    let scope = format!("xlm:{network}");
    match u64::try_from(sequence) {
        Ok(number) => Claim::Nonce { scope, account, number },
        Err(_) => Claim::Once { scope, what: format!("{account}:{sequence}") },
    }
}

#[derive(Debug)]
struct Complete {
    transaction: Transaction,
    key: KeyRef,
    claim: Claim,
    effects: Effects,
}

impl Unsigned for Complete {
    fn effects(&self) -> &Effects {
        &self.effects
    }

    fn claims(&self) -> Vec<Claim> {
        vec![self.claim.clone()]
    }

    fn signing_requests(&self, permit: &Permit) -> Vec<SigningRequest> {
        let message = SigningMessage::Whole(self.transaction.hash.to_vec());
        vec![SigningRequest::new(permit, self.key.clone(), Scheme::Ed25519, message)]
    }

    fn assemble(self: Box<Self>, made: Vec<KeySignature>) -> Result<RawTransaction, SignError> {
        let [signature] = made.as_slice() else { return Err(SignError::Assemble) };
        let mut envelope = self.transaction.envelope;
        let hint = signature.public_key.as_bytes().last_chunk().ok_or(SignError::Assemble)?;
        let bytes = signature.bytes.clone().try_into().map_err(|_| SignError::Assemble)?;
        let own = DecoratedSignature { hint: SignatureHint(*hint), signature: Signature(bytes) };
        let all = signatures(&envelope).iter().cloned().chain([own]).collect::<Vec<_>>();
        let all = all.try_into().map_err(|_| SignError::Assemble)?;
        match &mut envelope {
            TransactionEnvelope::TxV0(envelope) => envelope.signatures = all,
            TransactionEnvelope::Tx(envelope) => envelope.signatures = all,
            TransactionEnvelope::TxFeeBump(envelope) => envelope.signatures = all,
        }
        let bytes = envelope.to_xdr(Limits::depth(500)).map_err(|_| SignError::Assemble)?;
        Ok(RawTransaction::from_text(BASE64.encode(&bytes)))
    }
}
