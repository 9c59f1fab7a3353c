//! Cardano: bodies of CBOR; and a node that builds what it is asked to.

use alloy_primitives::U256;
use bech32::{Bech32, Hrp};
use blake2::{
    Blake2b, Digest as _,
    digest::consts::{U28, U32},
};
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Asked, Moved, Said, payload,
    road::Signed,
    wire::{Bytes, digits, hex},
};

/// The node keeps operations beside a transaction: none.
const BESIDE: &str = "a16a6f7065726174696f6e7380";

#[derive(Debug)]
enum Cbor {
    Number(u64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Self>),
    Map(Vec<(Self, Self)>),
    Simple,
}

impl Cbor {
    fn read(bytes: &[u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let item = Self::take(&mut bytes);
        assert!(bytes.is_empty(), "there is something behind the item");
        item
    }

    fn take(bytes: &mut Bytes<'_>) -> Self {
        let head = bytes.byte();
        let number = match head & 31 {
            small @ 0..24 => small.into(),
            size @ 24..28 => bytes.big_endian(1 << (size - 24)),
            other => unreachable!("a length of {other}"),
        };
        let count = usize::try_from(number).expect("a length");
        match head >> 5 {
            0 => Self::Number(number),
            2 => Self::Bytes(bytes.take(count).to_vec()),
            3 => Self::Text(String::from_utf8(bytes.take(count).to_vec()).expect("text")),
            4 => Self::List((0..count).map(|_| Self::take(bytes)).collect()),
            5 => Self::Map((0..count).map(|_| (Self::take(bytes), Self::take(bytes))).collect()),
            6 => Self::take(bytes),
            7 => Self::Simple,
            other => unreachable!("a head of {other}"),
        }
    }

    fn number(&self) -> u64 {
        let Self::Number(number) = self else { unreachable!("{self:?} is no number") };
        *number
    }

    fn bytes(&self) -> &[u8] {
        let Self::Bytes(bytes) = self else { unreachable!("{self:?} is no bytes") };
        bytes
    }

    fn list(&self) -> &[Self] {
        let Self::List(items) = self else { unreachable!("{self:?} is no list") };
        items
    }

    fn map(&self) -> &[(Self, Self)] {
        let Self::Map(items) = self else { unreachable!("{self:?} is no map") };
        items
    }

    /// The value at a number in a map.
    fn at(&self, place: u64) -> &Self {
        let mut own = self.map().iter().filter(|(name, _)| name.number() == place);
        &own.next().expect("a member").1
    }
}

pub(super) fn spell(address: &[u8]) -> String {
    if address[0] >> 4 == 8 {
        return bs58::encode(address).into_string();
    }
    let prefix = Hrp::parse(if address[0] & 15 == 1 { "addr" } else { "addr_test" });
    // Longer than bech32 is made for, as the chain has it.
    bech32::encode_lower::<Bech32Long>(prefix.expect("a prefix"), address).expect("an address")
}

/// Bech32 without its limit of 90 letters.
enum Bech32Long {}

impl bech32::Checksum for Bech32Long {
    type MidstateRepr = u32;
    const CODE_LENGTH: usize = 1023;
    const CHECKSUM_LENGTH: usize = Bech32::CHECKSUM_LENGTH;
    const GENERATOR_SH: [u32; 5] = Bech32::GENERATOR_SH;
    const TARGET_RESIDUE: u32 = Bech32::TARGET_RESIDUE;
}

fn outputs(body: &Cbor) -> Vec<Moved> {
    let mut moved = Vec::new();
    for output in body.at(1).list() {
        let (address, value) = match output {
            Cbor::Map(_) => (output.at(0), output.at(1)),
            _ => (&output.list()[0], &output.list()[1]),
        };
        let to = spell(address.bytes());
        let (lovelace, assets) = match value {
            Cbor::List(parts) => (&parts[0], parts[1].map()),
            lovelace => (lovelace, &[][..]),
        };
        moved.push((Asset::Native, to.clone(), U256::from(lovelace.number())));
        for (policy, names) in assets {
            for (name, units) in names.map() {
                let contract = format!("{}.{}", digits(policy.bytes()), digits(name.bytes()));
                moved.push((Asset::Token { contract }, to.clone(), U256::from(units.number())));
            }
        }
    }
    moved
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let wrapped = Cbor::read(&hex(signed.raw));
    let Cbor::Text(transaction) = &wrapped.list()[0] else { unreachable!("no text") };
    let transaction = Cbor::read(&hex(transaction));
    let [body, witnesses, ..] = transaction.list() else { unreachable!("no body") };
    let network = if signed.case.testnet { 0x60 } else { 0x61 };
    let own = witnesses.at(0).list().iter().map(|witness| {
        let hash = Blake2b::<U28>::digest(witness.list()[0].bytes());
        spell(&[&[network], hash.as_slice()].concat())
    });
    let inputs = body.at(0).list().iter().map(|input| {
        let [transaction, index] = input.list() else { unreachable!("no pair") };
        format!("{}:{}", digits(transaction.bytes()), index.number())
    });
    Said {
        beside: inputs.collect(),
        moved: outputs(body),
        allowed: Vec::new(),
        fee: (Asset::Native, U256::from(body.at(2).number())),
        is_opaque: body.map().iter().any(|(name, _)| name.number() > 3),
        own: own.collect(),
    }
}

fn put(out: &mut Vec<u8>, kind: u8, number: u64) {
    let bytes = number.to_be_bytes();
    let (size, skip) = match number {
        0..24 => {
            out.push((kind << 5) | bytes[7]);
            return;
        }
        24..0x100 => (24, 7),
        0x100..0x1_0000 => (25, 6),
        0x1_0000..0x1_0000_0000 => (26, 4),
        _ => (27, 0),
    };
    out.push((kind << 5) | size);
    out.extend(&bytes[skip..]);
}

fn put_bytes(out: &mut Vec<u8>, kind: u8, bytes: &[u8]) {
    put(out, kind, bytes.len() as u64);
    out.extend(bytes);
}

fn put_output(out: &mut Vec<u8>, operation: &Value) {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let (_, address) = bech32::decode(&text(&operation["account"]["address"])).expect("bech32");
    put(out, 4, 2);
    put_bytes(out, 2, &address);
    let lovelace = text(&operation["amount"]["value"]).parse().expect("a number");
    let bundle = operation["metadata"]["tokenBundle"].as_array().filter(|all| !all.is_empty());
    let Some(bundle) = bundle else { return put(out, 0, lovelace) };
    put(out, 4, 2);
    put(out, 0, lovelace);
    put(out, 5, bundle.len() as u64);
    for policy in bundle {
        put_bytes(out, 2, &hex(&text(&policy["policyId"])));
        let tokens = policy["tokens"].as_array().expect("tokens");
        put(out, 5, tokens.len() as u64);
        for token in tokens {
            put_bytes(out, 2, &hex(&text(&token["currency"]["symbol"])));
            put(out, 0, text(&token["value"]).parse().expect("a number"));
        }
    }
}

/// The transaction that a node builds from operations; it knows only one signer.
pub(super) fn build(case: &SignCase, path: &str, asked: Option<&Value>) -> Option<Value> {
    if case.chain != "ADA" || path != "/construction/payloads" {
        return None;
    }
    let operations = asked?["operations"].as_array()?;
    let of = |kind: &'static str| operations.iter().filter(move |one| one["type"] == kind);
    let value = |one: &Value| one["amount"]["value"].as_str()?.parse::<i128>().ok();
    let left = operations.iter().filter_map(value).sum::<i128>();
    let fee = u64::try_from(-left).ok()?;
    let mut body = Vec::new();
    put(&mut body, 5, 4);
    put(&mut body, 0, 0);
    put(&mut body, 4, of("input").count() as u64);
    for input in of("input") {
        let coin = input["coin_change"]["coin_identifier"]["identifier"].as_str()?;
        let (transaction, index) = coin.split_once(':')?;
        put(&mut body, 4, 2);
        put_bytes(&mut body, 2, &hex(transaction));
        put(&mut body, 0, index.parse().ok()?);
    }
    put(&mut body, 0, 1);
    put(&mut body, 4, of("output").count() as u64);
    of("output").for_each(|output| put_output(&mut body, output));
    put(&mut body, 0, 2);
    put(&mut body, 0, fee);
    put(&mut body, 0, 3);
    let ttl = asked?["metadata"]["ttl"].as_str()?;
    put(&mut body, 0, ttl.parse().ok()?);
    let mut whole = Vec::new();
    put(&mut whole, 4, 2);
    put_bytes(&mut whole, 3, digits(&body).as_bytes());
    whole.extend(hex(BESIDE));
    let address = &of("input").next()?["account"]["address"];
    Some(json!({
        "unsigned_transaction": digits(&whole),
        "payloads": [{
            "account_identifier": { "address": address },
            "hex_bytes": digits(&Blake2b::<U32>::digest(&body)),
            "signature_type": "ed25519",
        }],
    }))
}

type Output = ([u8; 28], u64, Vec<([u8; 28], Vec<u8>, u64)>);

fn output() -> BoxedStrategy<Output> {
    let units = prop_oneof![Just(1_u64), Just(u64::MAX >> 1), 1..1_000_000_000_u64];
    let name = proptest::collection::vec(any::<u8>(), 0..33);
    let tokens = proptest::collection::vec((any::<[u8; 28]>(), name, units), 0..3);
    let lovelace = prop_oneof![
        6 => 1_000_000_u64..4_000_000,
        1 => Just(0),
        1 => Just(u64::MAX >> 1),
    ];
    (any::<[u8; 28]>(), lovelace, tokens).boxed()
}

pub(crate) fn make(base: &SignCase) -> BoxedStrategy<Asked> {
    let template = payload(base);
    let input = template[0].clone();
    let worth: u64 =
        input["amount"]["value"].as_str().expect("a value")[1..].parse().expect("a number");
    proptest::collection::vec(output(), 1..4)
        .prop_map(move |outputs| {
            let mut operations = vec![input.clone()];
            let mut moved: Vec<Moved> = Vec::new();
            for (place, (key, lovelace, tokens)) in outputs.iter().enumerate() {
                let to = spell(&[&[0x60], &key[..]].concat());
                let mut operation = template[1].clone();
                operation["operation_identifier"]["index"] = json!(place + 1);
                operation["account"]["address"] = json!(to);
                operation["amount"]["value"] = json!(lovelace.to_string());
                moved.push((Asset::Native, to.clone(), U256::from(*lovelace)));
                let bundle = tokens.iter().map(|(policy, name, units)| {
                    let (policy, name) = (digits(policy), digits(name));
                    let contract = format!("{policy}.{name}");
                    moved.push((Asset::Token { contract }, to.clone(), U256::from(*units)));
                    let currency = json!({ "symbol": name, "decimals": 0 });
                    let token = json!({ "value": units.to_string(), "currency": currency });
                    json!({ "policyId": policy, "tokens": [token] })
                });
                let bundle: Vec<_> = bundle.collect();
                if !bundle.is_empty() {
                    operation["metadata"] = json!({ "tokenBundle": bundle });
                }
                operations.push(operation);
            }
            let paid = outputs.iter().try_fold(0_u64, |sum, (_, units, _)| sum.checked_add(*units));
            let coin = &input["coin_change"]["coin_identifier"]["identifier"];
            Asked {
                beside: coin.as_str().expect("an input").to_owned(),
                payload: json!(operations).to_string(),
                moved,
                allowed: Vec::new(),
                fee: paid.and_then(|paid| worth.checked_sub(paid)).map(U256::from),
                is_opaque: false,
            }
        })
        .boxed()
}
