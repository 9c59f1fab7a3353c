//! BNB Beacon Chain: amino with a signature over JSON.
//! <https://docs.bnbchain.org/docs/beaconchain/develop/api-reference/encoding>

use alloy_primitives::hex;
use bech32::{Bech32, Hrp};
use bitcoin::hashes::{Hash as _, hash160};
use k256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier as _};
use kms_core::Network;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::offer::Signer;
use crate::verify::{Case, Nonce, Rejection, Valid, json, require_equal, to_point};

const TRANSACTION: &[u8] = &[0xf0, 0x62, 0x5d, 0xee];
const TRANSFER: &[u8] = &[0x2a, 0x2c, 0x87, 0xfa];
/// The type of the key, and the length of what follows.
const KEY: &[u8] = &[0xeb, 0x5a, 0xe9, 0x87, 33];

const MALFORMED: Rejection = Rejection::Malformed("it is not a transfer in amino");

#[derive(Deserialize)]
struct Payload {
    msg: Message,
    #[serde(default)]
    memo: String,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Message {
    inputs: Vec<Share>,
    outputs: Vec<Share>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Share {
    address: Buffer,
    coins: Vec<Coin>,
}

/// A buffer as Node writes it.
#[derive(Debug, Deserialize, PartialEq)]
struct Buffer {
    data: Vec<u8>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Coin {
    denom: String,
    amount: u64,
}

struct Signed {
    message: Message,
    memo: String,
    key: VerifyingKey,
    signature: Signature,
    account_number: u64,
    sequence: u64,
}

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let bytes = hex::decode(case.raw).ok().filter(|bytes| crate::verify::hex(bytes) == case.raw);
    let bytes = bytes.ok_or(Rejection::Malformed("it is not lower-case hexadecimal"))?;
    let signed = Signed::read(&bytes).ok_or(MALFORMED)?;
    let payload: Payload = json::read(case.sample.payload())?;
    let network = case.sample.expected().network;
    let message = signed.to_json(network);
    if signed.signature.normalize_s() != signed.signature {
        return Err(Rejection::Signature("its s is in the upper half"));
    }
    let hash = Sha256::digest(message.to_string());
    let is_valid = signed.key.verify_prehash(&hash, &signed.signature).is_ok();
    let address = address_of(network, &signed.key);
    check_signer(case, network, &address)?;
    if !is_valid {
        return Err(Rejection::Signature("it is not valid for the transaction and its key"));
    }
    require_equal("msg", &signed.message, &payload.msg, |message| format!("{message:?}"))?;
    require_equal("memo", &signed.memo, &payload.memo, |memo| (*memo).clone())?;
    let spender = |share: &Share| spell(network, &share.address.data);
    if let Some(other) = signed.message.inputs.iter().map(spender).find(|own| *own != address) {
        return Err(Rejection::OtherSigner { found: address, expected: other });
    }
    let Signed { sequence: value, .. } = signed;
    let uses = vec![format!("bnb {address} {value}")];
    let txid = crate::verify::hex(Sha256::digest(&bytes)).to_uppercase();
    Ok(Valid { txid, uses, nonce: Some(Nonce { account: address, value, is_given: false }) })
}

fn check_signer(case: &Case<'_>, network: Network, found: &str) -> Result<(), Rejection> {
    let [expected] = case.sample.expected().signers.as_slice() else {
        return Err(Rejection::Expected("an account chain has one signer"));
    };
    let expected = match expected {
        Signer::Address(address) => Some(address.clone()),
        Signer::PublicKey(key) => to_point(key).map(|key| address_of(network, &key)),
    };
    let expected = expected.ok_or(Rejection::Expected("it is not a key of this chain"))?;
    if found == expected {
        Ok(())
    } else {
        Err(Rejection::OtherSigner { found: found.to_owned(), expected })
    }
}

fn address_of(network: Network, key: &VerifyingKey) -> String {
    let hash = hash160::Hash::hash(key.to_sec1_point(true).as_bytes());
    spell(network, hash.as_byte_array())
}

fn spell(network: Network, hash: &[u8]) -> String {
    let hrp = match network {
        Network::Mainnet => Hrp::parse_unchecked("bnb"),
        Network::Testnet => Hrp::parse_unchecked("tbnb"),
    };
    bech32::encode::<Bech32>(hrp, hash).unwrap_or_default()
}

impl Signed {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut input = Input(bytes);
        let rest = input.prefixed()?;
        let mut rest = Input(rest.strip_prefix(TRANSACTION)?);
        let message = Message::read(rest.bytes(1)?.strip_prefix(TRANSFER)?)?;
        let mut proof = Input(rest.bytes(2)?);
        let memo = rest.optional_bytes(3)?;
        let key = proof.bytes(1)?.strip_prefix(KEY)?;
        let signature = proof.bytes(2)?;
        let (account_number, sequence) = (proof.number(3)?, proof.number(4)?);
        let is_whole = [input, rest, proof].iter().all(|input| input.0.is_empty());
        is_whole.then_some(Self {
            message,
            memo: String::from_utf8(memo.to_vec()).ok()?,
            key: VerifyingKey::from_sec1_bytes(key).ok()?,
            signature: Signature::from_slice(signature).ok()?,
            account_number,
            sequence,
        })
    }

    /// The signed JSON, with sorted members.
    fn to_json(&self, network: Network) -> Value {
        let coin = |coin: &Coin| json!({ "amount": coin.amount, "denom": coin.denom });
        let share = |share: &Share| {
            let coins: Vec<_> = share.coins.iter().map(coin).collect();
            json!({ "address": spell(network, &share.address.data), "coins": coins })
        };
        let shares = |shares: &[Share]| shares.iter().map(share).collect::<Vec<_>>();
        let message = json!({
            "inputs": shares(&self.message.inputs),
            "outputs": shares(&self.message.outputs),
        });
        let chain_id = match network {
            Network::Mainnet => "Binance-Chain-Tigris",
            Network::Testnet => "Binance-Chain-Ganges",
        };
        json!({
            "account_number": self.account_number.to_string(),
            "chain_id": chain_id,
            "data": null,
            "memo": self.memo,
            "msgs": [message],
            "sequence": self.sequence.to_string(),
            "source": "0",
        })
    }
}

impl Message {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut input = Input(bytes);
        let shares = |input: &mut Input<'_>, field| {
            input.every(field)?.into_iter().map(Share::read).collect::<Option<Vec<_>>>()
        };
        let message = Self { inputs: shares(&mut input, 1)?, outputs: shares(&mut input, 2)? };
        input.0.is_empty().then_some(message)
    }
}

impl Share {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut input = Input(bytes);
        let data = input.bytes(1)?.to_vec();
        let coins = input.every(2)?.into_iter().map(Coin::read).collect::<Option<_>>()?;
        input.0.is_empty().then_some(Self { address: Buffer { data }, coins })
    }
}

impl Coin {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut input = Input(bytes);
        let denom = String::from_utf8(input.bytes(1)?.to_vec()).ok()?;
        let amount = input.number(2)?;
        input.0.is_empty().then_some(Self { denom, amount })
    }
}

/// Fields of a protocol buffer that are still to be read, in the order of their numbers.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn bytes(&mut self, field: u8) -> Option<&'a [u8]> {
        self.0 = self.0.strip_prefix(&[(field << 3) | 2])?;
        self.prefixed()
    }

    fn optional_bytes(&mut self, field: u8) -> Option<&'a [u8]> {
        match self.0 {
            [] => Some(&[]),
            _ => self.bytes(field).filter(|bytes| !bytes.is_empty()),
        }
    }

    /// All that follow one another.
    fn every(&mut self, field: u8) -> Option<Vec<&'a [u8]>> {
        let mut all = Vec::new();
        while self.0.first() == Some(&((field << 3) | 2)) {
            all.push(self.bytes(field)?);
        }
        Some(all)
    }

    /// A number; zero is left out.
    fn number(&mut self, field: u8) -> Option<u64> {
        match self.0.strip_prefix(&[field << 3]) {
            None => Some(0),
            Some(rest) => {
                self.0 = rest;
                self.varint().filter(|number| *number != 0)
            }
        }
    }

    fn prefixed(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    /// In as few bytes as it can be written.
    fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            number |= bits.checked_shl(shift).filter(|shifted| shifted >> shift == bits)?;
            if *byte < 0x80 {
                return (*byte != 0 || shift == 0).then_some(number);
            }
        }
        None
    }
}
