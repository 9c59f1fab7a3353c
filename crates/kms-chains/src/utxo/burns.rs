//! Outputs whose value nobody can ever spend, or that leave the chain that is signed here.

use bitcoin::{Script, TxOut};
use kms_core::{ChainOptions, DecodeError};

use super::Utxo;

/// The longest script that an input can still run.
const SCRIPT_MAX_BYTES: usize = 10_000;
/// `OP_HASH160`, a push of 32 bytes, and `OP_EQUAL`: no hash of 20 bytes is equal to them.
const HASH_OF_WRONG_LENGTH: ([u8; 2], u8, usize) = ([0xa9, 0x20], 0x87, 35);
/// Litecoin's peg-in: witness version 9 with a program of 32 bytes. Its value goes to the extension
/// block, to whom the signed bytes do not say.
/// <https://github.com/litecoin-project/lips/blob/master/lip-0003.mediawiki>
const PEG_IN: ([u8; 2], usize) = ([0x59, 0x20], 34);

/// # Errors
/// When an output's value would be lost, unless the operator allows it.
pub(super) fn check(
    row: &Utxo,
    outputs: &[TxOut],
    options: &ChainOptions,
) -> Result<(), DecodeError> {
    if options.allow_burns {
        return Ok(());
    }
    for (place, output) in outputs.iter().enumerate() {
        let units = output.value.to_sat();
        let Some(why) = loss(row, &output.script_pubkey).filter(|_| units > 0) else { continue };
        let problem =
            format!("pays {units} base units into {why}; this is signed only with --allow-burns");
        return Err(DecodeError::field(format!("outputs[{place}]"), problem));
    }
    Ok(())
}

/// The reason why what is paid to a script is lost to whoever pays.
fn loss(row: &Utxo, script: &Script) -> Option<&'static str> {
    let bytes = script.as_bytes();
    let (start, end, length) = HASH_OF_WRONG_LENGTH;
    let (peg_in, peg_in_length) = PEG_IN;
    if script.is_op_return() {
        Some("a data output, which nobody can spend")
    } else if bytes.len() > SCRIPT_MAX_BYTES
        || (bytes.len() == length && bytes.starts_with(&start) && bytes.ends_with(&[end]))
    {
        Some("a script that nobody can satisfy")
    } else if row.has_extension_block && bytes.len() == peg_in_length && bytes.starts_with(&peg_in)
    {
        Some("a peg-in, whose receiver the transaction does not show")
    } else {
        None
    }
}
