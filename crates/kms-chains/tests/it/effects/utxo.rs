//! Bitcoin and its descendants: outputs by their scripts, the fee from what the inputs spend.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use bitcoin::{
    Address, Network, OutPoint, Script, ScriptBuf, Transaction, WPubkeyHash, consensus::encode,
    hashes::Hash as _, opcodes::all::OP_CHECKSIG, script::Instruction,
};
use kms_core::Asset;
use kms_testkit::vectors::SignCase;

use super::{
    Said, payload,
    road::Signed,
    wire::{digits, hash160, hex},
};

/// Version bytes of both kinds of addresses, and the prefix of those of witnesses.
type Format = (u8, u8, &'static str);

const fn format(code: &str, testnet: bool) -> Format {
    match (code.as_bytes(), testnet) {
        (b"LTC", false) => (0x30, 0x32, "ltc"),
        (b"LTC", true) => (0x6f, 0x3a, "tltc"),
        (b"DOGE", false) => (0x1e, 0x16, ""),
        _ => (0x71, 0xc4, ""),
    }
}

pub(super) fn spell(case: &SignCase, script: &Script) -> String {
    let unnamed = || format!("script {}", digits(script.as_bytes()));
    let network = if case.testnet { Network::Testnet } else { Network::Bitcoin };
    match case.chain.as_str() {
        "BTC" => {
            Address::from_script(script, network).map_or_else(|_| unnamed(), |own| own.to_string())
        }
        "BCH" => cash(case.testnet, script).unwrap_or_else(unnamed),
        code => {
            let (p2pkh, p2sh, witness) = format(code, case.testnet);
            let base58 = |version: u8, hash: &[u8]| {
                bs58::encode([&[version], hash].concat()).with_check().into_string()
            };
            match script.as_bytes() {
                bytes if script.is_p2pkh() => base58(p2pkh, &bytes[3..23]),
                bytes if script.is_p2sh() => base58(p2sh, &bytes[2..22]),
                bytes if script.is_witness_program() && !witness.is_empty() => {
                    let hrp = bech32::Hrp::parse(witness).expect("a prefix");
                    let version = script.witness_version().expect("a version").to_fe();
                    bech32::segwit::encode(hrp, version, &bytes[2..]).expect("an address")
                }
                _ => unnamed(),
            }
        }
    }
}

/// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/cashaddr.md>
fn cash(testnet: bool, script: &Script) -> Option<String> {
    let (version, hash) = match script.as_bytes() {
        bytes if script.is_p2pkh() => (0, &bytes[3..23]),
        bytes if script.is_p2sh() => (8, &bytes[2..22]),
        _ => return None,
    };
    let prefix = if testnet { "bchtest" } else { "bitcoincash" };
    let (mut five, mut held, mut bits) = (Vec::new(), 0_u32, 0);
    for byte in [&[version], hash].concat() {
        (held, bits) = ((held << 8) | u32::from(byte), bits + 8);
        while bits >= 5 {
            bits -= 5;
            five.push((held >> bits) & 31);
        }
        held &= (1 << bits) - 1;
    }
    five.push((held << (5 - bits)) & 31);
    let mut sum = 1_u64;
    let letters = prefix.bytes().map(|letter| u32::from(letter) & 31).chain([0]);
    for value in letters.chain(five.iter().copied()).chain([0; 8]) {
        let top = sum >> 35;
        sum = ((sum & 0x07_ffff_ffff) << 5) ^ u64::from(value);
        for (bit, generator) in
            [0x98f2bc8e61_u64, 0x79b76d99e2, 0xf33e5fb3c4, 0xae2eabe2a8, 0x1e4f43e470]
                .into_iter()
                .enumerate()
        {
            sum ^= if (top >> bit) & 1 == 1 { generator } else { 0 };
        }
    }
    sum ^= 1;
    let check = (0..8).rev().map(|place| u32::try_from((sum >> (5 * place)) & 31).unwrap_or(0));
    let text = five.into_iter().chain(check);
    let letter = |value: u32| char::from(b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"[value as usize]);
    Some(format!("{prefix}:{}", text.map(letter).collect::<String>()))
}

/// The amounts of the spent outputs, as the payload states them.
pub(super) fn spent(case: &SignCase) -> BTreeMap<OutPoint, u64> {
    let text = case.pending["serializedTransaction"].as_str().expect("a payload");
    if let Some((transaction, amounts)) = text.split_once(':').filter(|_| case.chain == "BCH") {
        let transaction: Transaction = encode::deserialize_hex(transaction).expect("a transaction");
        let amounts: Vec<u64> = serde_json::from_str(amounts).expect("amounts");
        let outpoints = transaction.input.iter().map(|input| input.previous_output);
        return outpoints.zip(amounts).collect();
    }
    let payload = payload(case);
    let inputs = payload["inputs"].as_array().expect("inputs").iter();
    inputs
        .map(|input| {
            let txid = input["prevTxId"].as_str().expect("a hash").parse().expect("a hash");
            let vout = u32::try_from(input["outputIndex"].as_u64().expect("a place"));
            let satoshis = input["output"]["satoshis"].as_u64().expect("an amount");
            (OutPoint { txid, vout: vout.expect("a place") }, satoshis)
        })
        .collect()
}

/// Keys that the inputs show.
fn keys(transaction: &Transaction) -> Vec<Vec<u8>> {
    let mut shown: Vec<Vec<u8>> = Vec::new();
    for input in &transaction.input {
        shown.extend(input.witness.iter().map(<[u8]>::to_vec));
        let pushed = input.script_sig.instructions().filter_map(Result::ok);
        shown.extend(pushed.filter_map(|instruction| match instruction {
            Instruction::PushBytes(bytes) => Some(bytes.as_bytes().to_vec()),
            Instruction::Op(_) => None,
        }));
    }
    shown.retain(|bytes| {
        matches!(bytes.as_slice(), [2 | 3, ..] if bytes.len() == 33)
            || matches!(bytes.as_slice(), [4, ..] if bytes.len() == 65)
    });
    shown
}

/// Scripts that a key alone unlocks.
fn scripts(key: &[u8]) -> Vec<ScriptBuf> {
    let hash = bitcoin::PubkeyHash::from_byte_array(hash160(key));
    let witness = ScriptBuf::new_p2wpkh(&WPubkeyHash::from_byte_array(hash160(key)));
    let bare = [&[u8::try_from(key.len()).expect("a key")], key, &[OP_CHECKSIG.to_u8()]].concat();
    vec![
        ScriptBuf::new_p2pkh(&hash),
        ScriptBuf::new_p2sh(&witness.script_hash()),
        witness,
        ScriptBuf::from_bytes(bare),
    ]
}

/// The lock time, and the sequence of each input.
fn beside(transaction: &Transaction) -> String {
    let sequences = transaction.input.iter().map(|input| input.sequence.0);
    told(transaction.lock_time.to_consensus_u32(), &sequences.collect::<Vec<_>>())
}

pub(super) fn told(lock_time: u32, sequences: &[u32]) -> String {
    format!("lock time {lock_time}, sequences {sequences:?}")
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let transaction: Transaction = encode::deserialize(&hex(signed.raw)).expect("a transaction");
    let spent = spent(signed.case);
    assert_eq!(spent.len(), transaction.input.len(), "inputs are spent once, all of them");
    let inputs = transaction.input.iter();
    let worth: u64 = inputs.map(|input| spent[&input.previous_output]).sum();
    let paid: u64 = transaction.output.iter().map(|output| output.value.to_sat()).sum();
    let moved = transaction.output.iter().map(|output| {
        let to = spell(signed.case, &output.script_pubkey);
        (Asset::Native, to, U256::from(output.value.to_sat()))
    });
    let own = keys(&transaction).into_iter().flat_map(|key| scripts(&key));
    Said {
        beside: beside(&transaction),
        moved: moved.collect(),
        allowed: Vec::new(),
        fee: (Asset::Native, U256::from(worth - paid)),
        is_opaque: transaction.output.iter().any(|one| one.script_pubkey.is_op_return()),
        own: own.map(|script| spell(signed.case, &script)).collect(),
    }
}
