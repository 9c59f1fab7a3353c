//! The XRP Ledger: fields by their codes, of which those of payments are read.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use bs58::Alphabet;
use data_encoding::HEXUPPER;
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Asked, Moved, Said, payload,
    road::Signed,
    tagged,
    wire::{Bytes, hash160, hex},
};

/// Type and number of the fields that are read.
const TRANSACTION_TYPE: (u8, u8) = (1, 2);
const AMOUNT: (u8, u8) = (6, 1);
const FEE: (u8, u8) = (6, 8);
const SEND_MAX: (u8, u8) = (6, 9);
const SIGNING_KEY: (u8, u8) = (7, 3);
const DESTINATION: (u8, u8) = (8, 3);
const DESTINATION_TAG: (u8, u8) = (2, 14);
const MEMOS: (u8, u8) = (15, 9);
const PAYMENT: u64 = 0;
/// Effects count tokens in units of 10⁻¹⁵.
const TOKEN_DECIMALS: i32 = 15;

type Fields = BTreeMap<(u8, u8), Vec<u8>>;

pub(super) fn spell(account: &[u8]) -> String {
    let bytes = [&[0], account].concat();
    bs58::encode(bytes).with_alphabet(Alphabet::RIPPLE).with_check().into_string()
}

/// Fields up to the end of the bytes or of the object or list they are in.
fn fields(bytes: &mut Bytes<'_>) -> Fields {
    let mut all = Fields::new();
    while !bytes.is_empty() {
        let head = bytes.byte();
        let (mut kind, mut number) = (head >> 4, head & 15);
        if kind == 0 {
            kind = bytes.byte();
        }
        if number == 0 {
            number = bytes.byte();
        }
        if (14..=15).contains(&kind) && number == 1 {
            break;
        }
        let content = content(kind, bytes);
        assert!(kind == 14 || all.insert((kind, number), content).is_none(), "a field comes twice");
    }
    all
}

fn content(kind: u8, bytes: &mut Bytes<'_>) -> Vec<u8> {
    let length = match kind {
        1 => 2,
        2 => 4,
        3 => 8,
        5 => 32,
        6 => match bytes.0[0] >> 5 {
            first if first & 4 != 0 => 48,
            first if first & 1 != 0 => 33,
            _ => 8,
        },
        7 | 8 | 19 => match bytes.byte() {
            short @ 0..=192 => short.into(),
            long => 193 + (usize::from(long) - 193) * 256 + usize::from(bytes.byte()),
        },
        14 | 15 => return passed(bytes, |bytes| drop(fields(bytes))),
        16 => 1,
        18 => return passed(bytes, paths),
        other => unreachable!("a field of type {other}"),
    };
    bytes.take(length).to_vec()
}

/// The bytes that a reader skips.
fn passed(bytes: &mut Bytes<'_>, read: impl Fn(&mut Bytes<'_>)) -> Vec<u8> {
    let whole = bytes.0;
    read(bytes);
    whole[..whole.len() - bytes.0.len()].to_vec()
}

/// Steps, each led by what it holds, up to the end of all paths.
fn paths(bytes: &mut Bytes<'_>) {
    loop {
        match bytes.byte() {
            0 => return,
            0xff => (),
            step => drop(bytes.take(20 * usize::try_from(step.count_ones()).expect("a count"))),
        }
    }
}

/// An asset and its units; `None` where they are not a whole number of what effects count in.
fn money(bytes: &[u8]) -> Option<(Asset, U256)> {
    let mut rest = Bytes(bytes);
    match bytes.len() {
        8 => Some((Asset::Native, U256::from(rest.big_endian(8) & !(1 << 62)))),
        33 => {
            assert_eq!(rest.byte(), 0x60, "a positive amount");
            let units = U256::from(rest.big_endian(8));
            Some((Asset::Token { contract: HEXUPPER.encode(rest.0) }, units))
        }
        _ => {
            let value = rest.big_endian(8);
            let (currency, issuer) = rest.0.split_at(20);
            let contract = format!("{}.{}", code(currency), spell(issuer));
            let mantissa = value & ((1 << 54) - 1);
            let exponent = i32::try_from((value >> 54) & 0xff).expect("a byte") - 97;
            let asset = Asset::Token { contract };
            match mantissa {
                0 => Some((asset, U256::ZERO)),
                _ if value >> 62 & 1 == 0 => None,
                _ => Some((asset, scaled(mantissa, exponent + TOKEN_DECIMALS)?)),
            }
        }
    }
}

fn scaled(mantissa: u64, power: i32) -> Option<U256> {
    let factor = U256::from(10).checked_pow(U256::from(power.unsigned_abs()))?;
    let digits = U256::from(mantissa);
    if power >= 0 {
        digits.checked_mul(factor)
    } else {
        (digits % factor).is_zero().then(|| digits / factor)
    }
}

/// Three letters where the bytes are those of a code, else all bytes.
fn code(currency: &[u8]) -> String {
    let letters = &currency[12..15];
    let is_code = currency[..12].iter().chain(&currency[15..]).all(|byte| *byte == 0)
        && letters
            .iter()
            .all(|letter| letter.is_ascii_alphanumeric() || b"?!@#$%^&*<>(){}[]|".contains(letter))
        && letters != b"XRP";
    if is_code { String::from_utf8_lossy(letters).into_owned() } else { HEXUPPER.encode(currency) }
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let raw = hex(signed.raw);
    let fields = fields(&mut Bytes(&raw));
    let own = spell(&hash160(&fields[&SIGNING_KEY]));
    assert_eq!(own, spell(&fields[&(8, 1)]), "the account is another than who signs");
    let kind = Bytes(&fields[&TRANSACTION_TYPE]).big_endian(2);
    let (_, fee) = money(&fields[&FEE]).expect("a fee");
    let bytes_of = |field| fields.get(&field).map_or(&[][..], Vec::as_slice);
    let tag = tag_of(bytes_of(DESTINATION_TAG), bytes_of(MEMOS));
    let to = fields.get(&DESTINATION).map(|to| tagged(spell(to), tag)).unwrap_or_default();
    let (moved, is_told): (Vec<Moved>, bool) = match kind {
        PAYMENT => match money(fields.get(&SEND_MAX).unwrap_or(&fields[&AMOUNT])) {
            Some((asset, units)) => (vec![(asset, to, units)], true),
            None => (Vec::new(), false),
        },
        _ => (Vec::new(), false),
    };
    Said {
        beside: beside(bytes_of(DESTINATION_TAG), bytes_of(MEMOS)),
        moved,
        allowed: Vec::new(),
        fee: (Asset::Native, fee),
        is_opaque: !is_told || fields.contains_key(&SEND_MAX),
        own: vec![own],
    }
}

/// A tag in decimal, and memos in their bytes.
fn tag_of(tag: &[u8], memos: &[u8]) -> Option<String> {
    let tag = (!tag.is_empty()).then(|| Bytes(tag).big_endian(4).to_string());
    let memos = (!memos.is_empty()).then(|| format!("memos:F9{}", HEXUPPER.encode(memos)));
    let parts: Vec<_> = [tag, memos].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn beside(tag: &[u8], memos: &[u8]) -> String {
    format!("tag {}, memos {}", HEXUPPER.encode(tag), HEXUPPER.encode(memos))
}

/// One memo of nothing but data, as a list.
fn memos(data: &[u8]) -> Vec<u8> {
    let length = match data.len() {
        short @ 0..193 => vec![short],
        long => vec![193 + (long - 193) / 256, (long - 193) % 256],
    };
    let length: Vec<_> = length.into_iter().map(|part| part.to_be_bytes()[7]).collect();
    [&[0xea, 0x7d], &length[..], data, &[0xe1, 0xf1]].concat()
}

/// A currency as payloads spell it, and as effects do.
fn currency() -> BoxedStrategy<(String, String)> {
    prop_oneof![
        Just((String::from("USD"), String::from("USD"))),
        // The same currency, byte by byte.
        Just(("0".repeat(24) + "5553440000000000", String::from("USD"))),
        any::<[u8; 20]>().prop_map(|mut bytes| {
            bytes[0] |= 1;
            let upper = HEXUPPER.encode(&bytes);
            (upper.to_lowercase(), upper)
        }),
    ]
    .boxed()
}

type Amount = (Value, Option<(Asset, U256)>);

fn amount() -> BoxedStrategy<Amount> {
    let drops = prop_oneof![Just(0_u64), Just(1), Just(100_000_000_000_000_000), any::<u64>()];
    let native = prop_oneof![2 => 0..100_000_000_000_000_000_u64, 1 => drops]
        .prop_map(|drops| (json!(drops.to_string()), Some((Asset::Native, U256::from(drops)))));
    let issued = (currency(), any::<[u8; 20]>(), 0_u64..10_000_000_000_000_000, -20_i32..=60);
    let issued = issued.prop_map(|((given, told), issuer, digits, exponent)| {
        let issuer = spell(&issuer);
        let value = format!("{digits}e{exponent}");
        let asset = Asset::Token { contract: format!("{told}.{issuer}") };
        let units = scaled(digits, exponent + TOKEN_DECIMALS).map(|units| (asset, units));
        (json!({ "value": value, "currency": given, "issuer": issuer }), units)
    });
    let multi = (any::<[u8; 24]>(), any::<u64>(), any::<bool>());
    let multi = multi.prop_map(|(id, units, is_lower)| {
        let upper = HEXUPPER.encode(&id);
        let given = if is_lower { upper.to_lowercase() } else { upper.clone() };
        let told = (Asset::Token { contract: upper }, U256::from(units));
        (json!({ "value": units.to_string(), "mpt_issuance_id": given }), Some(told))
    });
    prop_oneof![3 => native, 3 => issued, 1 => multi].boxed()
}

fn x_address(account: &[u8], tag: u32) -> String {
    let parts = [&[0x04, 0x93], account, &[1], &tag.to_le_bytes(), &[0; 4]].concat();
    bs58::encode(parts).with_alphabet(Alphabet::RIPPLE).with_check().into_string()
}

pub(crate) fn make(base: &SignCase) -> BoxedStrategy<Asked> {
    let template = payload(base);
    let fee = prop_oneof![6 => 0_u64..20_000, 1 => any::<u64>()];
    let others = (any::<u32>(), proptest::collection::vec(any::<u8>(), 0..300), 0_usize..6);
    let own = template["Account"].as_str().expect("an account");
    let own = bs58::decode(own).with_alphabet(Alphabet::RIPPLE).into_vec().expect("base58");
    let own: [u8; 20] = own[1..21].try_into().expect("20 bytes");
    let to = prop_oneof![5 => any::<[u8; 20]>(), 1 => Just(own)];
    (amount(), to, fee, others)
        .prop_map(move |((given, told), to, fee, (tag, memo, kind))| {
            let mut payload = template.clone();
            payload["Amount"] = given.clone();
            payload["Fee"] = json!(fee.to_string());
            payload["Destination"] = json!(spell(&to));
            match kind {
                0 => payload["Destination"] = json!(x_address(&to, tag)),
                1 => payload["SendMax"] = given,
                2 => payload["DestinationTag"] = json!(tag),
                3 => {
                    let memo = json!({ "MemoData": HEXUPPER.encode(&memo) });
                    payload["Memos"] = json!([{ "Memo": memo }]);
                }
                _ => (),
            }
            let tag = if matches!(kind, 0 | 2) { tag.to_be_bytes().to_vec() } else { Vec::new() };
            let memos = if kind == 3 { memos(&memo) } else { Vec::new() };
            let to = tagged(spell(&to), tag_of(&tag, &memos));
            Asked {
                beside: beside(&tag, &memos),
                payload: payload.to_string(),
                is_opaque: told.is_none() || kind == 1,
                moved: told.into_iter().map(|(asset, units)| (asset, to.clone(), units)).collect(),
                allowed: Vec::new(),
                fee: Some(U256::from(fee)),
            }
        })
        .boxed()
}
