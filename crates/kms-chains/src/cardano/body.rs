//! The body of a transaction, which is what is signed: inputs, outputs, a fee and a last slot. A
//! body with anything else is not read.
//! <https://github.com/IntersectMBO/cardano-ledger/blob/master/eras/conway/impl/cddl-files/conway.cddl>

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
};

use blake2::{Blake2b, Digest as _, digest::consts::U32};
use kms_core::Network;

use super::{address::Address, cbor::Reader};
use crate::codec::hex;

pub(super) const POLICY_BYTES: usize = 28;
pub(super) const NAME_MAX_BYTES: usize = 32;
/// The ledger takes no larger transaction.
pub(super) const TRANSACTION_MAX_BYTES: usize = 16_384;
/// The ledger's own limit.
const INDEX_MAX: u64 = u16::MAX as u64;
/// Names in the body.
const INPUTS: u64 = 0;
const OUTPUTS: u64 = 1;
const FEE: u64 = 2;
const LAST_SLOT: u64 = 3;
/// Names in an output of the newer form.
const ADDRESS: u64 = 0;
const VALUE: u64 = 1;
/// The tag of a list without order, which later eras put before inputs.
const SET: u64 = 258;

#[derive(Debug)]
pub(super) struct Body {
    pub(super) inputs: Vec<Outpoint>,
    pub(super) outputs: Vec<Output>,
    pub(super) fee: u64,
    pub(super) last_slot: u64,
}

#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Outpoint {
    transaction: [u8; 32],
    index: u64,
}

#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Output {
    pub(super) address: Address,
    pub(super) lovelace: u64,
    pub(super) assets: BTreeMap<Asset, u64>,
}

/// A native asset.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Asset {
    pub(super) policy: [u8; POLICY_BYTES],
    pub(super) name: Vec<u8>,
}

impl Body {
    /// A body for payments on the network, and nothing besides.
    pub(super) fn read(network: Network, bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        (reader.map()? == 4).then_some(())?;
        expect(&mut reader, INPUTS)?;
        let inputs = read_inputs(&mut reader)?;
        expect(&mut reader, OUTPUTS)?;
        let outputs = (0..reader.list()?).map(|_| Output::read(network, &mut reader));
        let outputs = outputs.collect::<Option<_>>()?;
        expect(&mut reader, FEE)?;
        let fee = reader.unsigned()?;
        expect(&mut reader, LAST_SLOT)?;
        let last_slot = reader.unsigned()?;
        reader.is_at_end().then_some(Self { inputs, outputs, fee, last_slot })
    }
}

/// The hash that is signed, which is also the transaction's id.
pub(super) fn hash(body: &[u8]) -> [u8; 32] {
    Blake2b::<U32>::digest(body).into()
}

fn expect(reader: &mut Reader<'_>, name: u64) -> Option<()> {
    (reader.unsigned()? == name).then_some(())
}

fn read_inputs(reader: &mut Reader<'_>) -> Option<Vec<Outpoint>> {
    if reader.is_tag() && reader.tag()? != SET {
        return None;
    }
    let count = reader.list()?;
    let mut seen = HashSet::new();
    let read = |_| {
        let is_pair = reader.list()? == 2;
        let input = Outpoint { transaction: reader.array()?, index: reader.unsigned()? };
        let is_good = is_pair && input.index <= INDEX_MAX && seen.insert(input.clone());
        is_good.then_some(input)
    };
    (0..count).map(read).collect()
}

impl Output {
    fn read(network: Network, reader: &mut Reader<'_>) -> Option<Self> {
        let is_map = reader.is_map();
        let members = if is_map { reader.map()? } else { reader.list()? };
        (members == 2).then_some(())?;
        if is_map {
            expect(reader, ADDRESS)?;
        }
        let address = Address::from_bytes(network, reader.bytes()?)?;
        if is_map {
            expect(reader, VALUE)?;
        }
        if !reader.is_list() {
            let lovelace = reader.unsigned()?;
            return Some(Self { address, lovelace, assets: BTreeMap::new() });
        }
        (reader.list()? == 2).then_some(())?;
        let lovelace = reader.unsigned()?;
        Some(Self { address, lovelace, assets: read_assets(reader)? })
    }
}

/// Names of names of amounts, none of them empty, nothing twice.
fn read_assets(reader: &mut Reader<'_>) -> Option<BTreeMap<Asset, u64>> {
    let mut assets = BTreeMap::new();
    let mut policies = HashSet::new();
    let policy_count = reader.map()?;
    for _ in 0..policy_count {
        let policy = reader.array()?;
        let name_count = reader.map()?;
        (name_count > 0 && policies.insert(policy)).then_some(())?;
        for _ in 0..name_count {
            let name = reader.bytes().filter(|name| name.len() <= NAME_MAX_BYTES)?.to_vec();
            let units = reader.unsigned().filter(|units| *units > 0)?;
            let former = assets.insert(Asset { policy, name }, units);
            former.is_none().then_some(())?;
        }
    }
    (policy_count > 0).then_some(assets)
}

impl Outpoint {
    /// A hash and an index with a colon between them.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (transaction, index) = text.split_once(':')?;
        let transaction = hex::decode_array(transaction)?;
        let is_digits = index.bytes().all(|byte| byte.is_ascii_digit());
        let index = index.parse().ok().filter(|index| is_digits && *index <= INDEX_MAX)?;
        Some(Self { transaction, index })
    }
}

impl fmt::Display for Outpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", hex::encode(&self.transaction), self.index)
    }
}

impl fmt::Display for Asset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", hex::encode(&self.policy), hex::encode(&self.name))
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.lovelace, self.address)?;
        self.assets.iter().try_for_each(|(asset, units)| write!(f, " with {units} of {asset}"))
    }
}
