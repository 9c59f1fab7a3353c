//! Output scripts: which key unlocks one, and how a script's text is read.

use bitcoin::{
    PublicKey, Script, ScriptBuf,
    hashes::Hash as _,
    opcodes::{Opcode, all as opcodes},
    script::{Builder, PushBytesBuf},
};

use crate::codec::hex;

/// The data that is needed to spend an output.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Unlock {
    /// A signature and the public key.
    P2pkh,
    /// A signature.
    P2pk,
    /// A signature and the public key, in the witness.
    P2wpkh,
    /// Like [`P2wpkh`](Self::P2wpkh), behind the hash of its script.
    P2shP2wpkh,
}

/// Returns true if an output of this script can be spent at all here.
pub(super) fn is_supported(script: &Script, has_witness: bool) -> bool {
    script.is_p2pkh()
        || script.p2pk_public_key().is_some()
        || (has_witness && (script.is_p2wpkh() || script.is_p2sh()))
}

/// The way in which `key` unlocks `script`, if it does.
pub(super) fn unlock(script: &Script, key: &PublicKey, has_witness: bool) -> Option<Unlock> {
    if *script == *p2pkh(key) {
        return Some(Unlock::P2pkh);
    }
    if script.p2pk_public_key().is_some_and(|own| own.inner == key.inner) {
        return Some(Unlock::P2pk);
    }
    match has_witness && key.compressed {
        true if *script == *p2wpkh(key) => Some(Unlock::P2wpkh),
        true if *script == *p2wpkh(key).to_p2sh() => Some(Unlock::P2shP2wpkh),
        _ => None,
    }
}

pub(super) fn p2pkh(key: &PublicKey) -> ScriptBuf {
    ScriptBuf::new_p2pkh(&key.pubkey_hash())
}

/// For a compressed key; the script of an uncompressed key's hash could never be spent.
pub(super) fn p2wpkh(key: &PublicKey) -> ScriptBuf {
    ScriptBuf::new_p2wpkh(&bitcoin::WPubkeyHash::from_byte_array(key.pubkey_hash().to_byte_array()))
}

/// Reads a script as bitcore does: hexadecimal, or its own notation of operations, in which data
/// is its length and its digits after `0x`.
pub(super) fn read(text: &str) -> Option<ScriptBuf> {
    match hex::decode(text) {
        Some(bytes) => Some(ScriptBuf::from_bytes(bytes)),
        None => read_operations(text),
    }
}

fn read_operations(text: &str) -> Option<ScriptBuf> {
    let mut tokens = text.split(' ').filter(|token| !token.is_empty());
    let mut script = Builder::new();
    while let Some(token) = tokens.next() {
        script = match token {
            "0" => script.push_opcode(opcodes::OP_PUSHBYTES_0),
            "-1" => script.push_opcode(opcodes::OP_PUSHNUM_NEG1),
            _ if token.starts_with("OP_") => script.push_opcode(opcode(token)?),
            _ => {
                let length: usize = token.parse().ok()?;
                let bytes = hex::decode(tokens.next()?.strip_prefix("0x")?)?;
                let data = (bytes.len() == length).then_some(bytes)?;
                script.push_slice(PushBytesBuf::try_from(data).ok()?)
            }
        };
    }
    Some(script.into_script())
}

/// The library names some operations by what they push.
fn opcode(name: &str) -> Option<Opcode> {
    let number = name.strip_prefix("OP_").and_then(|number| number.parse::<u8>().ok());
    match (name, number) {
        ("OP_0" | "OP_FALSE", _) => return Some(opcodes::OP_PUSHBYTES_0),
        ("OP_TRUE", _) => return Some(opcodes::OP_PUSHNUM_1),
        ("OP_1NEGATE", _) => return Some(opcodes::OP_PUSHNUM_NEG1),
        ("OP_CHECKLOCKTIMEVERIFY", _) => return Some(opcodes::OP_CLTV),
        ("OP_CHECKSEQUENCEVERIFY", _) => return Some(opcodes::OP_CSV),
        (_, Some(number @ 1..=16)) => {
            let first = opcodes::OP_PUSHNUM_1.to_u8();
            return number.checked_sub(1)?.checked_add(first).map(Opcode::from);
        }
        _ => (),
    }
    (0..=u8::MAX).map(Opcode::from).find(|opcode| opcode.to_string() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations_read_the_same_script() {
        let hash = "6af314ecc939a54d7983b0ccb75e2d2966f1d8d7";
        let operations = format!("OP_DUP OP_HASH160 20 0x{hash} OP_EQUALVERIFY OP_CHECKSIG");
        assert_eq!(read(&operations), read(&format!("76a914{hash}88ac")));
        assert_eq!(read("OP_RETURN 4 0xdeadbeef"), read("6a04deadbeef"));
        assert_eq!(read("OP_1 OP_16 OP_0 -1").unwrap().as_bytes(), [0x51, 0x60, 0x00, 0x4f]);
    }

    #[test]
    fn other_texts_are_no_scripts() {
        for bad in ["zz", "OP_NOSUCH", "3 0xdeadbeef", "4 deadbeef", "0x00", "OP_17"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
