//! The payments of outputs, in transactions that are signed here and in those that a node shows.

use std::str::FromStr as _;

use bitcoin::{Amount as Satoshis, Script, TxOut, Txid};
use kms_core::{Amount, Asset, Effects, Fee, Network, Transfer, Unexplained};
use serde_json::Value;

use super::{AddressFormat, Utxo, previous};
use crate::codec::hex;

/// The address of a script, or the script where it has none.
pub(super) fn spell(format: &AddressFormat, script: &Script) -> String {
    format.spell(script).unwrap_or_else(|| format!("script {}", hex::encode(script.as_bytes())))
}

pub(super) fn add(
    effects: &mut Effects,
    format: &AddressFormat,
    outputs: &[TxOut],
    is_own: impl Fn(&Script) -> bool,
) {
    for output in outputs {
        let script = &output.script_pubkey;
        // Protocols on top of the chain (Omni, Runes, SLP) move tokens of the inputs by data.
        if script.is_op_return() {
            let what = format!("a data output: {}", hex::encode(script.as_bytes()));
            effects.add_unexplained(Unexplained::new(what));
        }
        if output.value != Satoshis::ZERO {
            effects.add_transfer(Transfer {
                asset: Asset::Native,
                to: spell(format, script),
                amount: Amount::from_base_units(output.value.to_sat()),
                to_self: is_own(script),
                tag: None,
            });
        }
    }
}

/// Reads the payments. The bytes do not tell which outputs are change.
pub(super) fn read(row: &Utxo, network: Network, txid: &str, answer: &Value) -> Option<Effects> {
    let outputs = previous::outputs(Txid::from_str(txid).ok()?, answer).ok()?;
    let mut effects = Effects::new(row.spec.id, network, Fee::native(Amount::ZERO));
    add(&mut effects, row.addresses.on(network), &outputs, |_| false);
    Some(effects)
}
