//! Calls of token contracts: their selectors from the signatures of the standards, their words
//! one by one.

use alloy_primitives::{Address, B256, U256, keccak256};
use kms_core::Asset;
use proptest::prelude::*;

use super::{Allowed, Moved, wire::words};

/// The meaning of a call, or that it is unknown.
#[derive(Clone, Debug, Default)]
pub(super) struct Call {
    pub(super) moved: Vec<Moved>,
    pub(super) allowed: Vec<Allowed>,
    pub(super) is_opaque: bool,
}

fn selector(signature: &str) -> [u8; 4] {
    let [a, b, c, d, ..] = keccak256(signature).0;
    [a, b, c, d]
}

struct Words<'a>(&'a [u8]);

impl Words<'_> {
    fn at(&self, byte: usize) -> Option<U256> {
        self.0.get(byte..byte.checked_add(32)?).map(U256::from_be_slice)
    }

    fn word(&self, place: usize) -> Option<U256> {
        self.at(place * 32)
    }

    fn address(&self, place: usize) -> Option<Address> {
        let word = self.word(place)?;
        (word >> 160 == U256::ZERO).then(|| Address::from_word(B256::from(word)))
    }

    /// The list whose place in the words is said in one of them.
    fn list(&self, place: usize) -> Option<Vec<U256>> {
        let start = usize::try_from(self.word(place)?).ok()?;
        let count = usize::try_from(self.at(start)?).ok().filter(|count| *count <= 64)?;
        (1..=count).map(|item| self.at(start.checked_add(item * 32)?)).collect()
    }
}

/// # Panics
/// Never; what cannot be read is opaque.
pub(super) fn read(contract: Address, data: &[u8], spell: fn(Address) -> String) -> Call {
    let opaque = Call { is_opaque: true, ..Call::default() };
    let Some((head, rest)) = data.split_first_chunk::<4>() else { return opaque };
    meaning(contract, *head, &Words(rest), spell).unwrap_or(opaque)
}

fn meaning(
    contract: Address,
    head: [u8; 4],
    words: &Words<'_>,
    spell: fn(Address) -> String,
) -> Option<Call> {
    let contract = spell(contract);
    let token = || Asset::Token { contract: contract.clone() };
    let item =
        |id: U256| Asset::Item { contract: contract.clone(), id: kms_core::Amount::from_u256(id) };
    let one = U256::from(1);
    let to = |place| words.address(place).map(spell);
    let moved = |asset, to, units| Call { moved: vec![(asset, to, units)], ..Call::default() };
    let allowed = |asset, to, units| Call { allowed: vec![(asset, to, units)], ..Call::default() };
    let is = |signature| head == selector(signature);
    Some(if is("transfer(address,uint256)") {
        // An amount, or an item of that number: so of the next and of approvals.
        Call { is_opaque: true, ..moved(token(), to(0)?, words.word(1)?) }
    } else if is("transferFrom(address,address,uint256)") {
        words.address(0)?;
        Call { is_opaque: true, ..moved(token(), to(1)?, words.word(2)?) }
    } else if is("approve(address,uint256)") {
        let most = words.word(1)?;
        let most = (most != U256::MAX).then_some(most);
        Call { is_opaque: true, ..allowed(token(), to(0)?, most) }
    } else if is("increaseAllowance(address,uint256)") {
        words.word(1)?;
        allowed(token(), to(0)?, None)
    } else if is("decreaseAllowance(address,uint256)") {
        words.address(0)?;
        Call { is_opaque: true, ..Call::default() }
    } else if is("authorizeOperator(address)") {
        allowed(token(), to(0)?, None)
    } else if is("approveAndCall(address,uint256)") {
        let most = words.word(1)?;
        let most = (most != U256::MAX).then_some(most);
        Call { is_opaque: true, ..allowed(token(), to(0)?, most) }
    } else if is("send(address,uint256,bytes)") {
        Call { is_opaque: true, ..moved(token(), to(0)?, words.word(1)?) }
    } else if is("setApprovalForAll(address,bool)") {
        let most = match words.word(1)? {
            yes if yes == one => None,
            no if no.is_zero() => Some(U256::ZERO),
            _ => return None,
        };
        allowed(Asset::AllItems { contract: contract.clone() }, to(0)?, most)
    } else if is("safeTransferFrom(address,address,uint256)")
        || is("safeTransferFrom(address,address,uint256,bytes)")
    {
        words.address(0)?;
        moved(item(words.word(2)?), to(1)?, one)
    } else if is("safeTransferFrom(address,address,uint256,uint256,bytes)") {
        words.address(0)?;
        moved(item(words.word(2)?), to(1)?, words.word(3)?)
    } else if is("safeTransfer(address,uint256)") {
        moved(item(words.word(1)?), to(0)?, one)
    } else if is("safeTransfer(address,uint256,uint256,bytes)") {
        moved(item(words.word(1)?), to(0)?, words.word(2)?)
    } else if is("safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)") {
        words.address(0)?;
        let (ids, units) = (words.list(2)?, words.list(3)?);
        let all = ids.iter().zip(&units).map(|(id, units)| Some((item(*id), to(1)?, *units)));
        let all = all.collect::<Option<_>>().filter(|_| ids.len() == units.len())?;
        Call { moved: all, ..Call::default() }
    } else {
        return None;
    })
}

pub(super) fn call(signature: &str, words: &[U256]) -> Vec<u8> {
    let words = words.iter().flat_map(|word| word.to_be_bytes::<32>());
    selector(signature).into_iter().chain(words).collect()
}

/// A call whose last argument is a list of calls: each with the words before it, or none.
pub(super) fn bundle(signature: &str, before: &[U256], parts: &[(Vec<U256>, Vec<u8>)]) -> Vec<u8> {
    let size = |words: usize| U256::from(32 * words);
    let mut places = Vec::new();
    let mut bodies = Vec::new();
    for (words, data) in parts {
        places.push(size(parts.len() + bodies.len()));
        bodies.extend_from_slice(words);
        if !words.is_empty() {
            bodies.push(size(words.len() + 1));
        }
        bodies.push(U256::from(data.len()));
        let padded = data.chunks(32).map(|chunk| {
            let mut word = [0; 32];
            word[..chunk.len()].copy_from_slice(chunk);
            U256::from_be_bytes(word)
        });
        bodies.extend(padded);
    }
    let head = [before, &[size(before.len() + 1), U256::from(parts.len())]].concat();
    call(signature, &[head, places, bodies].concat())
}

pub(super) fn word(address: Address) -> U256 {
    U256::from_be_slice(address.as_slice())
}

/// Calls of `contract`, and what they ask for.
pub(super) fn make(
    contract: Address,
    spell: fn(Address) -> String,
) -> BoxedStrategy<(Vec<u8>, Call)> {
    let random = (any::<[u8; 20]>(), any::<[u8; 20]>(), words(), words(), 0_usize..16);
    let contract = spell(contract);
    random
        .prop_map(move |(from, to, first, second, kind)| {
            let (from, to) = (Address::from(from), Address::from(to));
            known(&contract, spell, (from, to), (first, second), kind)
        })
        .boxed()
}

fn known(
    contract: &str,
    spell: fn(Address) -> String,
    (from, to): (Address, Address),
    (first, second): (U256, U256),
    kind: usize,
) -> (Vec<u8>, Call) {
    let (number, one) = (|number: u64| U256::from(number), U256::from(1));
    let token = Asset::Token { contract: contract.to_owned() };
    let all = Asset::AllItems { contract: contract.to_owned() };
    let item = |id: U256| Asset::Item {
        contract: contract.to_owned(),
        id: kms_core::Amount::from_u256(id),
    };
    let moved = |asset, units| Call { moved: vec![(asset, spell(to), units)], ..Call::default() };
    let allowed =
        |asset, units| Call { allowed: vec![(asset, spell(to), units)], ..Call::default() };
    let (own, other) = (word(from), word(to));
    match kind {
        0 | 1 => {
            let data = call("transfer(address,uint256)", &[other, first]);
            (data, Call { is_opaque: true, ..moved(token, first) })
        }
        2 => {
            let most = (first != U256::MAX).then_some(first);
            let data = call("approve(address,uint256)", &[other, first]);
            (data, Call { is_opaque: true, ..allowed(token, most) })
        }
        3 => (call("increaseAllowance(address,uint256)", &[other, first]), allowed(token, None)),
        4 => {
            let words = [own, other, first];
            let data = call("transferFrom(address,address,uint256)", &words);
            (data, Call { is_opaque: true, ..moved(token, first) })
        }
        5 => {
            let (yes, most) =
                if first.bit(0) { (one, None) } else { (U256::ZERO, Some(U256::ZERO)) };
            (call("setApprovalForAll(address,bool)", &[other, yes]), allowed(all, most))
        }
        6 => {
            let words = [own, other, first];
            (call("safeTransferFrom(address,address,uint256)", &words), moved(item(first), one))
        }
        7 => {
            let words = [own, other, first, second, number(160), U256::ZERO];
            let data = call("safeTransferFrom(address,address,uint256,uint256,bytes)", &words);
            (data, moved(item(first), second))
        }
        8 => {
            let (two, empty) = (number(2), U256::ZERO);
            let head = [own, other, number(160), number(256), number(352)];
            let lists = [two, first, second, two, second, first, empty];
            let data = call(
                "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
                &[&head[..], &lists].concat(),
            );
            let moved = [(first, second), (second, first)];
            let moved = moved.map(|(id, units)| (item(id), spell(to), units)).to_vec();
            (data, Call { moved, ..Call::default() })
        }
        _ => later_or_unknown(contract, &spell(to), other, first, kind),
    }
}

/// Calls of newer standards, and calls that are none.
fn later_or_unknown(
    contract: &str,
    to: &str,
    other: U256,
    first: U256,
    kind: usize,
) -> (Vec<u8>, Call) {
    let number = |number: u64| U256::from(number);
    let token = Asset::Token { contract: contract.to_owned() };
    let moved =
        |asset, units| Call { moved: vec![(asset, to.to_owned(), units)], ..Call::default() };
    let allowed =
        |asset, units| Call { allowed: vec![(asset, to.to_owned(), units)], ..Call::default() };
    let opaque = Call { is_opaque: true, ..Call::default() };
    match kind {
        // The address is not an address.
        9 => {
            let wrong = other | (number(1) << 200);
            (call("transfer(address,uint256)", &[wrong, first]), opaque)
        }
        // A word is cut short.
        10 => {
            let mut data = call("transfer(address,uint256)", &[other, first]);
            data.pop();
            (data, opaque)
        }
        11 => (call("decreaseAllowance(address,uint256)", &[other, first]), opaque),
        12 => (call("authorizeOperator(address)", &[other]), allowed(token, None)),
        13 => {
            let most = (first != U256::MAX).then_some(first);
            let data = call("approveAndCall(address,uint256)", &[other, first]);
            (data, Call { is_opaque: true, ..allowed(token, most) })
        }
        14 => {
            let data = call("send(address,uint256,bytes)", &[other, first, number(96), number(0)]);
            (data, Call { is_opaque: true, ..moved(token, first) })
        }
        _ => (call("deposit(uint256)", &[first]), opaque),
    }
}
