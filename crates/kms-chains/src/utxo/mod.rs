//! Bitcoin and its descendants: one implementation, one row of [`networks`] a chain.

mod address;
mod bitcash;
mod bitcore;
mod burns;
mod checks;
mod draft;
mod finish;
pub(crate) mod networks;
mod payment;
mod previous;
mod script;
#[cfg(test)]
mod tests;
mod txid;

use std::str::FromStr as _;

use bitcoin::{
    OutPoint, Sequence, Transaction, TxOut, Txid, absolute::LockTime, transaction::Version,
};
use kms_core::{
    AccountId, Address, AddressError, ByNetwork, Chain, ChainSpec, DecodeError, DecodeInput, Draft,
    Effects, Network, NodeCall, PublicKey, RawTransaction, ToolPath, TxidError,
};
use serde_json::Value;

use self::{checks::FeeRules, draft::UtxoDraft, script::Unlock};

/// A chain of the family: what it has in common with the others is code, the rest is this data.
#[derive(Debug)]
pub(crate) struct Utxo {
    spec: ChainSpec,
    addresses: ByNetwork<AddressFormat>,
    /// The form of the address that a wallet's key is shown as.
    own_address: OwnAddress,
    payload: PayloadFormat,
    /// True if outputs of segregated witness can be spent.
    has_witness: bool,
    /// True if outputs can go into an extension block (Litecoin's MWEB).
    has_extension_block: bool,
    fee_rules: FeeRules,
    tool_paths: &'static [ToolPath],
}

/// The chain's address formats of the scripts it knows.
#[derive(Clone, Copy, Debug)]
struct AddressFormat {
    /// Base58Check version bytes.
    p2pkh: u8,
    p2sh: u8,
    /// The version byte of a script's hash that wallets wrote before, and some write still.
    older_p2sh: Option<u8>,
    /// Human-readable part of SegWit addresses (BIP-173).
    segwit: Option<&'static str>,
    /// Prefix of CashAddr, which then replaces Base58Check.
    cash: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum OwnAddress {
    P2pkh,
    P2wpkh,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum PayloadFormat {
    /// JSON of bitcore's `Transaction.toObject()`.
    Bitcore,
    /// The unsigned transaction in hexadecimal, a colon, and the JSON list of input amounts.
    HexAndAmounts,
}

/// A transaction as a payload describes it.
#[derive(Clone, Debug)]
struct Described {
    version: Version,
    lock_time: LockTime,
    inputs: Vec<Input>,
    outputs: Vec<TxOut>,
    /// The fee that the payload states, in base units.
    stated_fee: Option<u64>,
    has_change_script: bool,
}

#[derive(Clone, Debug)]
struct Input {
    outpoint: OutPoint,
    sequence: Sequence,
    /// In base units.
    amount: u64,
    /// The script of the output it spends, where the payload has it.
    script: Option<bitcoin::ScriptBuf>,
}

impl Described {
    fn unsigned(&self) -> Transaction {
        let input = |input: &Input| bitcoin::TxIn {
            previous_output: input.outpoint,
            script_sig: bitcoin::ScriptBuf::new(),
            sequence: input.sequence,
            witness: bitcoin::Witness::new(),
        };
        Transaction {
            version: self.version,
            lock_time: self.lock_time,
            input: self.inputs.iter().map(input).collect(),
            output: self.outputs.clone(),
        }
    }
}

impl Utxo {
    /// The way in which this key can spend an output of this script, if it can.
    fn unlock(&self, script: &bitcoin::Script, key: &bitcoin::PublicKey) -> Option<Unlock> {
        let unlock = script::unlock(script, key, self.has_witness)?;
        // If payloads name no scripts, every input is signed as P2PKH.
        let is_signed = match self.payload {
            PayloadFormat::Bitcore => true,
            PayloadFormat::HexAndAmounts => unlock == Unlock::P2pkh,
        };
        is_signed.then_some(unlock)
    }

    /// Returns true if the signature of a transaction's only input commits to all that it spends.
    /// Those of BIP-143, and of Bitcoin Cash after it, commit to what their own input is worth:
    /// with two inputs, two signings with another lie each give one signature that is good.
    fn commits_to_amount(&self, described: &Described) -> bool {
        let [input] = described.inputs.as_slice() else { return false };
        match &input.script {
            Some(script) => script.is_p2wpkh() || script.is_p2sh(),
            None => self.payload == PayloadFormat::HexAndAmounts,
        }
    }
}

/// Members of bitcore's transactions.
const FORMAT: &[&str] = &[
    "changeAddress",
    "changeIndex",
    "changeScript",
    "fee",
    "feePerByte",
    "feePerKb",
    "hash",
    "inputs",
    "nLockTime",
    "output",
    "outputIndex",
    "outputs",
    "prevTxId",
    "publicKeys",
    "satoshis",
    "script",
    "scriptSig",
    "sequenceNumber",
    "sigtype",
    "signatures",
    "threshold",
    "version",
    "witnesses",
];

impl Chain for Utxo {
    fn spec(&self) -> &ChainSpec {
        &self.spec
    }

    fn is_member_of_format(&self, name: &str) -> bool {
        FORMAT.contains(&name)
    }

    fn account(&self, network: Network, text: &str) -> Option<AccountId> {
        let format = self.addresses.on(network);
        format.spell(&format.read(text)?).map(AccountId::from_canonical)
    }

    fn decode(&'static self, input: &DecodeInput<'_>) -> Result<Box<dyn Draft>, DecodeError> {
        UtxoDraft::new(self, input).map(|draft| Box::new(draft) as Box<dyn Draft>)
    }

    fn address(&self, network: Network, key: &PublicKey) -> Result<Address, AddressError> {
        let key = bitcoin::PublicKey::from_slice(key.as_bytes()).map_err(|_| AddressError)?;
        let format = self.addresses.on(network);
        let script = match self.own_address {
            // A key in the old, long form has no SegWit address.
            OwnAddress::P2wpkh if key.compressed => script::p2wpkh(&key),
            OwnAddress::P2wpkh | OwnAddress::P2pkh => script::p2pkh(&key),
        };
        format.spell(&script).map(Address::from_canonical).ok_or(AddressError)
    }

    fn is_address_of(&self, network: Network, key: &PublicKey, address: &str) -> bool {
        let Ok(key) = bitcoin::PublicKey::from_slice(key.as_bytes()) else { return false };
        let witness = script::p2wpkh(&key);
        let nested = witness.to_p2sh();
        let mut scripts = [script::p2pkh(&key), witness, nested].into_iter();
        let Some(asked) = self.addresses.on(network).read(address) else { return false };
        scripts.any(|script| script == asked && self.unlock(&script, &key).is_some())
    }

    fn tool_paths(&self) -> &'static [ToolPath] {
        self.tool_paths
    }

    fn txid(&self, _: Network, raw: &RawTransaction) -> Result<Option<String>, TxidError> {
        txid::of(raw).map(Some)
    }

    fn payment_call(&self, _: Network, txid: &str) -> Option<NodeCall> {
        Some(previous::call(self.spec.api_path, Txid::from_str(txid).ok()?))
    }

    fn read_payment(&self, network: Network, txid: &str, answer: &Value) -> Option<Effects> {
        payment::read(self, network, txid, answer)
    }
}
