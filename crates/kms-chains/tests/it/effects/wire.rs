//! Small readers and writers of wire formats, and numbers for payloads.

use alloy_primitives::{B256, U256};
use bitcoin::{
    hashes::{Hash as _, hash160, sha256},
    secp256k1::{
        Message, Secp256k1,
        ecdsa::{RecoverableSignature, RecoveryId},
    },
};
use data_encoding::HEXLOWER;
use proptest::prelude::*;

pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("0x").unwrap_or(text).to_lowercase();
    HEXLOWER.decode(digits.as_bytes()).expect("hexadecimal")
}

pub(super) fn digits(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

pub(super) fn prefixed(bytes: &[u8]) -> String {
    format!("0x{}", HEXLOWER.encode(bytes))
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    sha256::Hash::hash(bytes).to_byte_array()
}

pub(super) fn hash160(bytes: &[u8]) -> [u8; 20] {
    hash160::Hash::hash(bytes).to_byte_array()
}

/// The uncompressed key that signed, without its first byte.
pub(super) fn recover(prehash: B256, r_and_s: &[u8], parity: u8) -> Vec<u8> {
    let id = RecoveryId::from_i32(parity.into()).expect("a parity");
    let signature = RecoverableSignature::from_compact(r_and_s, id).expect("a signature");
    let key = Secp256k1::new().recover_ecdsa(&Message::from_digest(prehash.0), &signature);
    key.expect("a key").serialize_uncompressed()[1..].to_vec()
}

/// Takes items off bytes; it ends where it cannot go on.
#[derive(Debug)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    pub(super) fn byte(&mut self) -> u8 {
        self.take(1)[0]
    }

    /// A number in so many bytes, the highest first.
    pub(super) fn big_endian(&mut self, length: usize) -> u64 {
        self.take(length).iter().fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    pub(super) fn little_endian(&mut self, length: usize) -> u64 {
        self.take(length).iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
    }

    /// Seven bits a byte, the lowest first.
    pub(super) fn varint(&mut self) -> u64 {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte();
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return number;
            }
        }
        unreachable!("a number of more than 64 bits")
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A field of a protocol buffer.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Proto {
    Number(u64),
    Bytes(Vec<u8>),
}

/// The fields of a protocol buffer, in their order.
#[derive(Debug)]
pub(super) struct Fields(pub(super) Vec<(u64, Proto)>);

impl Fields {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut bytes = Bytes(bytes);
        let mut fields = Vec::new();
        while !bytes.is_empty() {
            let key = bytes.varint();
            let value = match key & 7 {
                0 => Proto::Number(bytes.varint()),
                2 => {
                    let length = usize::try_from(bytes.varint()).expect("a length");
                    Proto::Bytes(bytes.take(length).to_vec())
                }
                kind => unreachable!("wire type {kind}"),
            };
            fields.push((key >> 3, value));
        }
        Self(fields)
    }

    /// Of the last field of the number; zero where there is none.
    pub(super) fn number(&self, field: u64) -> u64 {
        let mut own = self.0.iter().rev().filter(|(number, _)| *number == field);
        match own.next() {
            Some((_, Proto::Number(number))) => *number,
            None => 0,
            Some(other) => unreachable!("{other:?} is no number"),
        }
    }

    pub(super) fn all(&self, field: u64) -> Vec<&[u8]> {
        let mut all = Vec::new();
        for (number, value) in &self.0 {
            match value {
                Proto::Bytes(bytes) if *number == field => all.push(bytes.as_slice()),
                Proto::Bytes(_) | Proto::Number(_) => (),
            }
        }
        all
    }

    /// Of the last field of the number; nothing where there is none.
    pub(super) fn bytes(&self, field: u64) -> &[u8] {
        self.all(field).last().copied().unwrap_or_default()
    }
}

pub(super) fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

/// A field as proto3 writes it: left out where it is zero.
pub(super) fn put_number(out: &mut Vec<u8>, field: u64, number: u64) {
    if number != 0 {
        put_varint(out, field << 3);
        put_varint(out, number);
    }
}

pub(super) fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    if !bytes.is_empty() {
        put_varint(out, (field << 3) | 2);
        put_varint(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
    }
}

/// Zero, one, the bounds, and anything between.
pub(super) fn units() -> BoxedStrategy<u64> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(u64::MAX),
        Just(u64::MAX / 2),
        Just(1 << 53),
        1_u64..1_000_000_000,
        any::<u64>(),
    ]
    .boxed()
}

pub(super) fn words() -> BoxedStrategy<U256> {
    prop_oneof![
        3 => units().prop_map(U256::from),
        1 => any::<[u8; 32]>().prop_map(U256::from_be_bytes),
        1 => Just(U256::MAX),
        1 => Just(U256::MAX >> 1),
    ]
    .boxed()
}
