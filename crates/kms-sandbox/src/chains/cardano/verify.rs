//! Cardano: the inputs and outputs that were offered, with a signature of everybody whose outputs
//! are spent.

mod operations;

use std::collections::{BTreeMap, BTreeSet};

use bech32::{Bech32, Hrp};
use blake2::{
    Blake2b, Digest as _,
    digest::consts::{U28, U32},
};
use cryptoxide::ed25519;
use data_encoding::HEXLOWER;
use kms_core::Network;

use crate::offer::Signer;
use crate::verify::{
    Case, Rejection, Valid,
    cbor::{Cbor, Kind},
    hex, json, require_equal,
};

pub(crate) use operations::{Asked, Operation, Outpoint, Output, Tokens};

/// The ledger's own limit.
const BYTES_MAX: usize = 16_384;
/// `{operations: []}`, which the node keeps beside a transaction.
const NO_OPERATIONS: &[u8] = b"\xa1\x6aoperations\x80";

struct Transaction<'a> {
    inputs: Vec<Outpoint>,
    outputs: Vec<Output>,
    fee: u64,
    body: &'a [u8],
    witnesses: Vec<([u8; 32], [u8; 64])>,
}

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let bytes = unwrap(case.raw)?;
    let transaction = Transaction::read(&bytes);
    let transaction =
        transaction.ok_or(Rejection::Malformed("its bytes are not those of a plain payment"))?;
    let operations: Vec<Operation> = json::read(case.sample.payload())?;
    let asked = Asked::read(&operations).map_err(|what| Rejection::Payload(what.to_owned()))?;
    check_content(&transaction, &asked)?;
    check_signers(case, &transaction, &asked)?;
    let hash = hash(transaction.body);
    for (key, signature) in &transaction.witnesses {
        if !ed25519::verify(&hash, key, signature) {
            return Err(Rejection::Signature("it is not valid for the transaction and its key"));
        }
    }
    let uses = transaction.inputs.iter().map(|input| format!("cardano {}", show(input)));
    Ok(Valid { txid: hex(hash), uses: uses.collect(), nonce: None })
}

/// Takes a transaction out of the list in which it is submitted.
fn unwrap(raw: &str) -> Result<Vec<u8>, Rejection> {
    let bytes = HEXLOWER.decode(raw.as_bytes());
    let bytes = bytes.map_err(|_| Rejection::Malformed("it is not hexadecimal"))?;
    let mut cbor = Cbor(&bytes);
    let is_pair = cbor.head(Kind::List) == Some(2);
    let text = is_pair.then(|| cbor.bytes(Kind::Text)).flatten();
    let text = text.ok_or(Rejection::Malformed("it is not a list of a string and operations"))?;
    if cbor.0 != NO_OPERATIONS {
        return Err(Rejection::Malformed("the data beside the transaction is not the node's"));
    }
    let bytes = HEXLOWER.decode(text);
    let bytes = bytes.map_err(|_| Rejection::Malformed("the transaction is not hexadecimal"))?;
    match bytes.len() {
        0..=BYTES_MAX => Ok(bytes),
        _ => Err(Rejection::Malformed("it is larger than the ledger accepts")),
    }
}

impl<'a> Transaction<'a> {
    /// A transaction that spends, pays and has a last slot, and does nothing besides.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut cbor = Cbor(bytes);
        cbor.expect(&[0x84])?;
        let start = cbor.0;
        cbor.expect(&[0xa4, 0x00])?;
        let inputs = (0..cbor.head(Kind::List)?).map(|_| read_input(&mut cbor));
        let inputs = inputs.collect::<Option<_>>()?;
        cbor.expect(&[0x01])?;
        let outputs = (0..cbor.head(Kind::List)?).map(|_| read_output(&mut cbor));
        let outputs = outputs.collect::<Option<_>>()?;
        cbor.expect(&[0x02])?;
        let fee = cbor.head(Kind::Number)?;
        cbor.expect(&[0x03])?;
        cbor.head(Kind::Number).filter(|slot| *slot > 0)?;
        let body = start.get(..start.len().checked_sub(cbor.0.len())?)?;
        cbor.expect(&[0xa1, 0x00])?;
        let witness = |cbor: &mut Cbor<'_>| {
            let is_pair = cbor.head(Kind::List)? == 2;
            is_pair.then(|| Some((cbor.array()?, cbor.array()?))).flatten()
        };
        let witnesses = (0..cbor.head(Kind::List)?).map(|_| witness(&mut cbor));
        let witnesses = witnesses.collect::<Option<_>>()?;
        cbor.expect(&[0xf5, 0xf6])?;
        cbor.0.is_empty().then_some(Self { inputs, outputs, fee, body, witnesses })
    }
}

fn read_input(cbor: &mut Cbor<'_>) -> Option<Outpoint> {
    let is_pair = cbor.head(Kind::List)? == 2;
    let input = Outpoint { transaction: cbor.array()?, index: cbor.head(Kind::Number)? };
    is_pair.then_some(input)
}

fn read_output(cbor: &mut Cbor<'_>) -> Option<Output> {
    (cbor.head(Kind::List)? == 2).then_some(())?;
    let address = cbor.bytes(Kind::Bytes)?.to_vec();
    if cbor.is_next(Kind::Number) {
        return Some(Output { address, lovelace: cbor.head(Kind::Number)?, tokens: Tokens::new() });
    }
    (cbor.head(Kind::List)? == 2).then_some(())?;
    let lovelace = cbor.head(Kind::Number)?;
    let mut tokens = Tokens::new();
    for _ in 0..cbor.head(Kind::Map)? {
        let policy = cbor.array::<28>()?.to_vec();
        let mut amounts = BTreeMap::new();
        for _ in 0..cbor.head(Kind::Map)? {
            let name = cbor.bytes(Kind::Bytes)?.to_vec();
            amounts.insert(name, cbor.head(Kind::Number)?).is_none().then_some(())?;
        }
        tokens.insert(policy, amounts).is_none().then_some(())?;
    }
    Some(Output { address, lovelace, tokens })
}

/// The enterprise address of a key.
pub(crate) fn address_of(network: Network, key: &[u8]) -> String {
    let (hrp, header) = match network {
        Network::Mainnet => (Hrp::parse_unchecked("addr"), 0x61),
        Network::Testnet => (Hrp::parse_unchecked("addr_test"), 0x60),
    };
    let hash = Blake2b::<U28>::digest(key);
    let bytes = [&[header], hash.as_slice()].concat();
    bech32::encode::<Bech32>(hrp, &bytes).unwrap_or_default()
}

/// The hash of a body, which is signed and is the transaction's id.
pub(crate) fn hash(body: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(body).into()
}

fn check_content(found: &Transaction<'_>, asked: &Asked) -> Result<(), Rejection> {
    let inputs = |inputs: &[Outpoint]| {
        let mut inputs: Vec<_> = inputs.iter().map(show).collect();
        inputs.sort_unstable();
        inputs.join(", ")
    };
    require_equal("what is spent", inputs(&found.inputs), inputs(&asked.inputs), String::clone)?;
    require_equal("outputs", found.outputs.len(), asked.outputs.len(), usize::to_string)?;
    for (place, (found, asked)) in found.outputs.iter().zip(&asked.outputs).enumerate() {
        let field = |what: &str| format!("the {what} of output {place}");
        require_equal(field("address"), &found.address, &asked.address, |address| hex(*address))?;
        require_equal(field("amount"), found.lovelace, asked.lovelace, u64::to_string)?;
        require_equal(field("tokens"), &found.tokens, &asked.tokens, |all| show_tokens(all))?;
    }
    require_equal("the fee", found.fee, asked.fee, u64::to_string)
}

fn show(input: &Outpoint) -> String {
    format!("{}:{}", hex(input.transaction), input.index)
}

fn show_tokens(tokens: &Tokens) -> String {
    let one = |(policy, amounts): (&Vec<u8>, &BTreeMap<Vec<u8>, u64>)| {
        let amounts = amounts.iter().map(|(name, amount)| format!("{amount} {}", hex(name)));
        format!("{}: {}", hex(policy), amounts.collect::<Vec<_>>().join(" "))
    };
    tokens.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// Those who were expected have signed, once, and they are those whose outputs are spent.
fn check_signers(
    case: &Case<'_>,
    transaction: &Transaction<'_>,
    asked: &Asked,
) -> Result<(), Rejection> {
    let expected = case.sample.expected();
    let name = |signer: &Signer| match signer {
        Signer::Address(address) => address.clone(),
        Signer::PublicKey(key) => address_of(expected.network, key.as_bytes()),
    };
    let keys = transaction.witnesses.iter();
    let found: BTreeSet<_> = keys.map(|(key, _)| address_of(expected.network, key)).collect();
    if found.len() != transaction.witnesses.len() {
        return Err(Rejection::Malformed("it is signed twice by the same key"));
    }
    let list = |keys: &BTreeSet<String>| keys.iter().cloned().collect::<Vec<_>>().join(", ");
    let owners = asked.owners.iter().cloned().collect();
    for wanted in [expected.signers.iter().map(name).collect(), owners] {
        if found != wanted {
            return Err(Rejection::OtherSigner { found: list(&found), expected: list(&wanted) });
        }
    }
    Ok(())
}
