//! Two outputs of the wallet's own script are spent: a payment, and the change.

use std::collections::BTreeMap;

use alloy_primitives::hex;
use bitcoin::{
    Amount, OutPoint, PublicKey, ScriptBuf, Sequence, Transaction, TxIn, TxOut, Txid, Witness,
    absolute::LockTime, consensus::encode::serialize_hex, hashes::Hash as _, transaction::Version,
};
use kms_core::Network;
use serde_json::{Value, json};

use crate::samples::{SampleError, SampleRequest, digest};

/// Amounts in base units. The fees are those of some 370 bytes at usual rates: twenty base units
/// a byte on Bitcoin, one on Bitcoin Cash, a hundredth of a coin for a thousand bytes on Litecoin,
/// one coin on Dogecoin.
struct Amounts {
    spent: [u64; 2],
    paid: u64,
    fee: u64,
}

fn amounts(code: &str) -> Option<Amounts> {
    Some(match code {
        "BTC" => Amounts { spent: [1_500_000, 2_250_000], paid: 2_000_000, fee: 7_400 },
        "LTC" => Amounts { spent: [150_000_000, 75_000_000], paid: 200_000_000, fee: 37_000 },
        "DOGE" => Amounts {
            spent: [90_000_000_000, 45_000_000_000],
            paid: 100_000_000_000,
            fee: 37_000_000,
        },
        "BCH" => Amounts { spent: [15_000_000, 22_500_000], paid: 20_000_000, fee: 400 },
        _ => return None,
    })
}

pub(super) fn bitcore(request: &SampleRequest<'_>) -> Result<Vec<String>, SampleError> {
    let sketch = Sketch::of(request)?;
    let (transaction, amounts) = (sketch.unsigned(), &sketch.amounts);
    let own_script = hex::encode(sketch.own_script.as_bytes());
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
    let sketch = Sketch::of(request)?;
    let spent = json!(sketch.amounts.spent);
    Ok(vec![format!("{}:{spent}", serialize_hex(&sketch.unsigned()))])
}

/// The transactions whose outputs the samples of this family spend, by id; none of other chains.
pub(crate) fn previous(
    request: &SampleRequest<'_>,
) -> Result<BTreeMap<String, String>, SampleError> {
    if amounts(request.chain.as_str()).is_none() {
        return Ok(BTreeMap::new());
    }
    let by_id = |transaction: Transaction| {
        (transaction.compute_txid().to_string(), serialize_hex(&transaction))
    };
    Ok(Sketch::of(request)?.previous().map(by_id).into_iter().collect())
}

/// The parts of a wallet's sample.
struct Sketch<'a> {
    request: &'a SampleRequest<'a>,
    key: PublicKey,
    own_script: ScriptBuf,
    amounts: Amounts,
}

impl<'a> Sketch<'a> {
    fn of(request: &'a SampleRequest<'_>) -> Result<Self, SampleError> {
        let code = request.chain;
        let bad_key = || SampleError::Key(code);
        let amounts = amounts(code.as_str()).ok_or(SampleError::NoMaker(code))?;
        let key = PublicKey::from_slice(request.public_key.as_bytes()).map_err(|_| bad_key())?;
        let own_script = match code.as_str() {
            "BTC" => ScriptBuf::new_p2wpkh(&key.wpubkey_hash().map_err(|_| bad_key())?),
            _ => ScriptBuf::new_p2pkh(&key.pubkey_hash()),
        };
        Ok(Self { request, key, own_script, amounts })
    }

    fn seed(&self, what: &str) -> [u8; 32] {
        let is_testnet = self.request.network == Network::Testnet;
        let network = if is_testnet { "testnet" } else { "mainnet" };
        digest(&format!("{} {network} {what} {}", self.request.chain, self.key))
    }

    fn version(&self) -> Version {
        if self.request.chain.as_str() == "DOGE" { Version::ONE } else { Version::TWO }
    }

    /// Two transactions that pay the wallet, the first by its first output, the second by its
    /// fourth.
    fn previous(&self) -> [Transaction; 2] {
        let [first, second] = self.amounts.spent;
        [self.paying("first output", 0, first), self.paying("second output", 3, second)]
    }

    fn paying(&self, what: &str, others: usize, amount: u64) -> Transaction {
        let other = || output(self.amounts.paid, recipient(self.seed("others")));
        let mut outputs: Vec<_> = std::iter::repeat_with(other).take(others).collect();
        outputs.push(output(amount, self.own_script.clone()));
        let origin = Txid::from_byte_array(self.seed(what));
        Transaction {
            version: self.version(),
            lock_time: LockTime::ZERO,
            input: vec![spending(OutPoint { txid: origin, vout: 0 })],
            output: outputs,
        }
    }

    /// The transaction before it is signed.
    fn unsigned(&self) -> Transaction {
        let Amounts { spent: [first, second], paid, fee } = self.amounts;
        let change = [paid, fee]
            .iter()
            .fold(first.saturating_add(second), |rest, part| rest.saturating_sub(*part));
        let [first, second] = self.previous().map(|previous| previous.compute_txid());
        Transaction {
            version: self.version(),
            lock_time: LockTime::ZERO,
            input: vec![
                spending(OutPoint { txid: first, vout: 0 }),
                spending(OutPoint { txid: second, vout: 3 }),
            ],
            output: vec![
                output(paid, recipient(self.seed("recipient"))),
                output(change, self.own_script.clone()),
            ],
        }
    }
}

fn spending(previous_output: OutPoint) -> TxIn {
    TxIn {
        previous_output,
        script_sig: ScriptBuf::new(),
        sequence: Sequence::MAX,
        witness: Witness::new(),
    }
}

fn output(satoshis: u64, script_pubkey: ScriptBuf) -> TxOut {
    TxOut { value: Amount::from_sat(satoshis), script_pubkey }
}

/// The script of a key hash that is nobody's.
fn recipient(digest: [u8; 32]) -> ScriptBuf {
    let hash = bitcoin::hashes::hash160::Hash::hash(&digest);
    ScriptBuf::new_p2pkh(&hash.into())
}
