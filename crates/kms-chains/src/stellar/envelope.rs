//! Envelopes of all three kinds, read with limits.
//! <https://developers.stellar.org/docs/learn/fundamentals/transactions/operations-and-transactions>

use data_encoding::{BASE64, BASE64_NOPAD};
use kms_core::DecodeError;
use stellar_xdr::{
    FeeBumpTransactionInnerTx, Limited, Limits, Memo, Operation, Preconditions, ReadXdr as _,
    TransactionEnvelope, WriteXdr as _,
};

use super::address::{self, KEY_BYTES};

/// A hundred operations at their largest stay below.
const ENVELOPE_MAX_BYTES: usize = 256 << 10;
const DEPTH_MAX: u32 = 200;

/// The content of an envelope of any kind.
#[derive(Debug)]
pub(super) struct Content<'a> {
    /// The payer: the source, or another account that pays for the source's transaction.
    pub(super) signer: [u8; KEY_BYTES],
    /// The source of the operations that name none.
    pub(super) source: [u8; KEY_BYTES],
    pub(super) sequence: i64,
    pub(super) operations: &'a [Operation],
    /// In stroops.
    pub(super) fee: i64,
    pub(super) is_fee_bump: bool,
    pub(super) memo: &'a Memo,
    /// True where the sequence number need not be the account's next.
    pub(super) skips_numbers: bool,
}

impl Content<'_> {
    /// The account that an operation acts on.
    pub(super) fn source_of(&self, operation: &Operation) -> [u8; KEY_BYTES] {
        operation.source_account.as_ref().map_or(self.source, address::key_of)
    }

    /// Returns true if the signature of a key is one that the envelope needs: it pays, or an
    /// operation acts on its account. A fee bump holds the others already.
    pub(super) fn needs(&self, key: &[u8; KEY_BYTES]) -> bool {
        let acts = |operation: &Operation| self.source_of(operation) == *key;
        self.signer == *key || (!self.is_fee_bump && self.operations.iter().any(acts))
    }
}

/// Reads base64, with line breaks, as the original does.
///
/// # Errors
/// When it is not an envelope.
pub(super) fn read(text: &str) -> Result<TransactionEnvelope, DecodeError> {
    let malformed = |problem| DecodeError::field("serializedTransaction", problem);
    if text.len() > ENVELOPE_MAX_BYTES.saturating_mul(2) {
        return Err(DecodeError::TooLarge);
    }
    let letters: Vec<u8> = text.bytes().filter(|letter| !letter.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(&letters).or_else(|_| BASE64_NOPAD.decode(&letters));
    let bytes = bytes.map_err(|_| malformed("is not base64"))?;
    let limits = Limits { depth: DEPTH_MAX, len: ENVELOPE_MAX_BYTES };
    let mut reader = Limited::new(bytes.as_slice(), limits);
    let envelope = TransactionEnvelope::read_xdr(&mut reader)
        .map_err(|_| malformed("is not a transaction envelope in XDR"))?;
    // The library reads a boolean encoded as any number but 1 as false, and writes 0 for it; the
    // signed bytes must equal the offered ones.
    let again = envelope.to_xdr(Limits::depth(DEPTH_MAX)).map_err(|_| DecodeError::TooLarge)?;
    match bytes.strip_prefix(again.as_slice()) {
        Some([]) => Ok(envelope),
        Some(_) => Err(malformed("has bytes behind the envelope, which no signature covers")),
        None => Err(malformed("is not in canonical XDR")),
    }
}

pub(super) fn content(envelope: &TransactionEnvelope) -> Content<'_> {
    match envelope {
        TransactionEnvelope::TxV0(envelope) => Content {
            signer: envelope.tx.source_account_ed25519.0,
            source: envelope.tx.source_account_ed25519.0,
            sequence: envelope.tx.seq_num.0,
            operations: &envelope.tx.operations,
            fee: envelope.tx.fee.into(),
            is_fee_bump: false,
            memo: &envelope.tx.memo,
            skips_numbers: false,
        },
        TransactionEnvelope::Tx(envelope) => Content {
            signer: address::key_of(&envelope.tx.source_account),
            source: address::key_of(&envelope.tx.source_account),
            sequence: envelope.tx.seq_num.0,
            operations: &envelope.tx.operations,
            fee: envelope.tx.fee.into(),
            is_fee_bump: false,
            memo: &envelope.tx.memo,
            skips_numbers: skips_numbers(&envelope.tx.cond),
        },
        TransactionEnvelope::TxFeeBump(envelope) => {
            let FeeBumpTransactionInnerTx::Tx(inner) = &envelope.tx.inner_tx;
            Content {
                signer: address::key_of(&envelope.tx.fee_source),
                source: address::key_of(&inner.tx.source_account),
                sequence: inner.tx.seq_num.0,
                operations: &inner.tx.operations,
                fee: envelope.tx.fee,
                is_fee_bump: true,
                memo: &inner.tx.memo,
                skips_numbers: skips_numbers(&inner.tx.cond),
            }
        }
    }
}

const fn skips_numbers(conditions: &Preconditions) -> bool {
    match conditions {
        Preconditions::None | Preconditions::Time(_) => false,
        Preconditions::V2(conditions) => conditions.min_seq_num.is_some(),
    }
}
