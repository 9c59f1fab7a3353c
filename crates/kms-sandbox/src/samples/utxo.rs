//! Two outputs of the wallet's own script are spent: a payment, and the change.

use alloy_primitives::hex;
use bitcoin::{
    Amount, OutPoint, PublicKey, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness,
    absolute::LockTime, consensus::encode::serialize_hex, hashes::Hash as _, transaction::Version,
};
use kms_core::Network;
use serde_json::{Value, json};

use super::{SampleError, SampleRequest, digest};

/// Amounts in base units. The fees are those of some 370 bytes at usual rates: twenty base units
/// a byte on Bitcoin, one on Bitcoin Cash, a hundredth of a coin for a thousand bytes on Litecoin,
/// one coin on Dogecoin.
struct Amounts {
    spent: [u64; 2],
    paid: u64,
    fee: u64,
}

pub(super) fn bitcore(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let amounts = match request.chain.as_str() {
        "BTC" => Amounts { spent: [1_500_000, 2_250_000], paid: 2_000_000, fee: 7_400 },
        "LTC" => Amounts { spent: [150_000_000, 75_000_000], paid: 200_000_000, fee: 37_000 },
        _ => Amounts {
            spent: [90_000_000_000, 45_000_000_000],
            paid: 100_000_000_000,
            fee: 37_000_000,
        },
    };
    let (transaction, own_script) = unsigned(request, &amounts)?;
    let own_script = hex::encode(own_script.as_bytes());
    let input = |(input, satoshis): (&TxIn, u64)| {
        json!({
            "prevTxId": input.previous_output.txid.to_string(),
            "outputIndex": input.previous_output.vout,
            "sequenceNumber": input.sequence.0,
            "script": "",
            "scriptString": "",
            "output": { "satoshis": satoshis, "script": own_script },
        })
    };
    let output = |output: &TxOut| {
        let script = hex::encode(output.script_pubkey.as_bytes());
        json!({ "satoshis": output.value.to_sat(), "script": script })
    };
    let inputs: Vec<Value> = transaction.input.iter().zip(amounts.spent).map(input).collect();
    let outputs: Vec<Value> = transaction.output.iter().map(output).collect();
    let payload = json!({
        "hash": transaction.compute_txid().to_string(),
        "version": transaction.version.0,
        "inputs": inputs,
        "outputs": outputs,
        "nLockTime": 0,
        "changeScript": own_script,
        "changeIndex": 1,
        "fee": amounts.fee,
    });
    Ok(vec![payload.to_string()])
}

pub(super) fn bitcoin_cash(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let amounts = Amounts { spent: [15_000_000, 22_500_000], paid: 20_000_000, fee: 400 };
    let (transaction, _) = unsigned(request, &amounts)?;
    Ok(vec![format!("{}:{}", serialize_hex(&transaction), json!(amounts.spent))])
}

/// The transaction before it is signed, and the script of what it spends.
fn unsigned(
    request: &SampleRequest<'_>,
    amounts: &Amounts,
) -> Result<(Transaction, ScriptBuf), SampleError> {
    let bad_key = || SampleError::Key(request.chain);
    let key = PublicKey::from_slice(request.public_key.as_bytes()).map_err(|_| bad_key())?;
    let own_script = match request.chain.as_str() {
        "BTC" => ScriptBuf::new_p2wpkh(&key.wpubkey_hash().map_err(|_| bad_key())?),
        _ => ScriptBuf::new_p2pkh(&key.pubkey_hash()),
    };
    let seed = |what: &str| {
        let network = if request.network == Network::Testnet { "testnet" } else { "mainnet" };
        digest(&format!("{} {network} {what} {key}", request.chain))
    };
    let input = |what: &str, vout: u32| TxIn {
        previous_output: OutPoint { txid: Txid::from_byte_array(seed(what)), vout },
        script_sig: ScriptBuf::new(),
        sequence: Sequence::MAX,
        witness: Witness::new(),
    };
    let [first, second] = amounts.spent;
    let change = [amounts.paid, amounts.fee]
        .iter()
        .fold(first.saturating_add(second), |rest, part| rest.saturating_sub(*part));
    let output = |satoshis: u64, script: ScriptBuf| TxOut {
        value: Amount::from_sat(satoshis),
        script_pubkey: script,
    };
    let transaction = Transaction {
        version: if request.chain.as_str() == "DOGE" { Version::ONE } else { Version::TWO },
        lock_time: LockTime::ZERO,
        input: vec![input("first output", 0), input("second output", 3)],
        output: vec![
            output(amounts.paid, recipient(seed("recipient"))),
            output(change, own_script.clone()),
        ],
    };
    Ok((transaction, own_script))
}

/// The script of a key hash that is nobody's.
fn recipient(digest: [u8; 32]) -> ScriptBuf {
    let hash = bitcoin::hashes::hash160::Hash::hash(&digest);
    ScriptBuf::new_p2pkh(&hash.into())
}
