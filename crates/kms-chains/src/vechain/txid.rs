//! The id is a hash of what is signed and of who signed it.
//! <https://docs.vechain.org/core-concepts/transactions/transaction-calculation#transaction-id>

use alloy_primitives::Address;
use alloy_rlp::Header;
use bitcoin::secp256k1::{
    Message, Secp256k1,
    ecdsa::{RecoverableSignature, RecoveryId},
};
use blake2::{Blake2b, Digest as _, digest::consts::U32};
use kms_core::{PublicKey, RawTransaction, TxidError};

use crate::{
    codec::hex,
    evm::{address_of, klaytn::list},
};

/// Leads transactions with dynamic fees (VIP-251).
pub(super) const DYNAMIC_FEE: u8 = 0x51;
/// Of the one who asks for the transaction; behind it stands that of who pays for it, if another.
const SIGNATURE_BYTES: usize = 65;

pub(super) fn of(raw: &RawTransaction) -> Result<String, TxidError> {
    let bytes = raw.as_str().strip_prefix("0x").and_then(hex::decode).ok_or(TxidError)?;
    id(&bytes).map(|id| hex::encode_prefixed(&id)).ok_or(TxidError)
}

/// The fields of a signed transaction, without those that tell its type.
pub(super) fn fields(bytes: &[u8]) -> Option<&[u8]> {
    let mut fields = bytes.strip_prefix(&[DYNAMIC_FEE]).unwrap_or(bytes);
    let header = Header::decode(&mut fields).ok()?;
    (header.list && header.payload_length == fields.len()).then_some(fields)
}

fn id(bytes: &[u8]) -> Option<[u8; 32]> {
    let fields = fields(bytes)?;
    let (signed, signature) = split_signature(fields)?;
    let kind = bytes.first().filter(|first| **first == DYNAMIC_FEE);
    let signed: Vec<u8> = kind.copied().into_iter().chain(list(signed)).collect();
    let hash: [u8; 32] = Blake2b::<U32>::digest(signed).into();
    let origin = signer(hash, signature)?;
    Some(Blake2b::<U32>::digest([hash.as_slice(), origin.as_slice()].concat()).into())
}

/// All fields but the last, and the first signature in that.
fn split_signature(fields: &[u8]) -> Option<(&[u8], &[u8; SIGNATURE_BYTES])> {
    let mut rest = fields;
    loop {
        let before = rest;
        let header = Header::decode(&mut rest).ok()?;
        let (content, behind) = rest.split_at_checked(header.payload_length)?;
        if behind.is_empty() {
            let signed = fields.get(..fields.len().checked_sub(before.len())?)?;
            let signature = content.first_chunk().filter(|_| !header.list)?;
            return (content.len() % SIGNATURE_BYTES == 0).then_some((signed, signature));
        }
        rest = behind;
    }
}

fn signer(hash: [u8; 32], signature: &[u8; SIGNATURE_BYTES]) -> Option<Address> {
    let (recovery, r_and_s) = signature.split_last()?;
    let recovery = RecoveryId::from_i32(i32::from(*recovery)).ok()?;
    let signature = RecoverableSignature::from_compact(r_and_s, recovery).ok()?;
    let key = Secp256k1::verification_only()
        .recover_ecdsa(&Message::from_digest(hash), &signature)
        .ok()?;
    address_of(&PublicKey::from_bytes(key.serialize_uncompressed().to_vec())).ok()
}
