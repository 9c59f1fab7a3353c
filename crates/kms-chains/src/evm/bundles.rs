//! Calls that are bundles of other calls, read without copying them: a few bytes can point to the
//! same call many times.

use alloy_primitives::Address;
use alloy_sol_types::{SolCall, sol};

sol! {
    // Multicall3 and what it took over from its forerunners: the contract itself makes the calls.
    // https://github.com/mds1/multicall
    struct Call { address target; bytes data; }
    struct Call3 { address target; bool mayFail; bytes data; }
    struct Call3Value { address target; bool mayFail; uint256 value; bytes data; }
    function aggregate(Call[] calls);
    function blockAndAggregate(Call[] calls);
    function tryAggregate(bool mustSucceed, Call[] calls);
    function tryBlockAndAggregate(bool mustSucceed, Call[] calls);
    function aggregate3(Call3[] calls);
    function aggregate3Value(Call3Value[] calls);
    // OpenZeppelin's, and two of Uniswap's: a contract calls itself, for whoever calls it.
    function multicall(bytes[] calls);
    function multicall(uint256 deadline, bytes[] calls);
    function multicall(bytes32 previousBlockhash, bytes[] calls);
}

/// The calls in a bundle. More than anybody means is not looked at.
const CALLS_MAX: usize = 256;
const WORD: usize = 32;

/// One of the calls that a call is a bundle of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Part<'a> {
    /// `None` for the contract itself, which acts for its caller.
    pub(super) target: Option<Address>,
    /// True if coins go along.
    pub(super) has_value: bool,
    pub(super) data: &'a [u8],
}

/// The place of things in a bundle's list.
#[derive(Clone, Copy)]
struct Layout {
    /// The word of the arguments that says where the list is.
    list: usize,
    /// The words of an item: its target's, its value's and that which says where its data is.
    /// `None` for a list of nothing but data.
    item: Option<Item>,
}

#[derive(Clone, Copy)]
struct Item {
    value: Option<usize>,
    data: usize,
}

const fn layout(selector: [u8; 4]) -> Option<Layout> {
    const CALL: Option<Item> = Some(Item { value: None, data: 1 });
    let (list, item) = match selector {
        aggregateCall::SELECTOR | blockAndAggregateCall::SELECTOR => (0, CALL),
        tryAggregateCall::SELECTOR | tryBlockAndAggregateCall::SELECTOR => (1, CALL),
        aggregate3Call::SELECTOR => (0, Some(Item { value: None, data: 2 })),
        aggregate3ValueCall::SELECTOR => (0, Some(Item { value: Some(2), data: 3 })),
        multicall_0Call::SELECTOR => (0, None),
        multicall_1Call::SELECTOR | multicall_2Call::SELECTOR => (1, None),
        _ => return None,
    };
    Some(Layout { list, item })
}

/// The calls of a bundle in their order. `None` for what is no bundle, or not a well-formed one.
pub(super) fn read(data: &[u8]) -> Option<Vec<Part<'_>>> {
    let (selector, arguments) = data.split_first_chunk::<4>()?;
    let Layout { list, item } = layout(*selector)?;
    let list = from_offset(arguments, list)?;
    let count = number(list, 0)?;
    if count > CALLS_MAX {
        return None;
    }
    let items = list.get(WORD..)?;
    let part = |place| match item {
        None => Some(Part { target: None, has_value: false, data: bytes(items, place)? }),
        Some(Item { value, data }) => {
            let item = from_offset(items, place)?;
            let value = value.map_or(Some(&[0; WORD]), |value| word(item, value))?;
            Some(Part {
                target: Some(address(item, 0)?),
                has_value: value.iter().any(|byte| *byte != 0),
                data: bytes(item, data)?,
            })
        }
    };
    let parts: Vec<_> = (0..count).map(part).collect::<Option<_>>()?;
    // One call that many items point to is no bundle that anybody's tool makes.
    let sizes = parts.iter().map(|part| part.data.len());
    let size = sizes.fold(0, usize::saturating_add);
    (size <= data.len()).then_some(parts)
}

fn word(words: &[u8], place: usize) -> Option<&[u8; WORD]> {
    words.get(place.checked_mul(WORD)?..)?.first_chunk()
}

fn number(words: &[u8], place: usize) -> Option<usize> {
    let (zeros, last) = word(words, place)?.split_last_chunk::<8>()?;
    let number = usize::try_from(u64::from_be_bytes(*last)).ok()?;
    zeros.iter().all(|byte| *byte == 0).then_some(number)
}

fn address(words: &[u8], place: usize) -> Option<Address> {
    let (zeros, last) = word(words, place)?.split_last_chunk::<20>()?;
    zeros.iter().all(|byte| *byte == 0).then(|| Address::from(*last))
}

/// The bytes from the place that a word says, counted from the first word.
fn from_offset(words: &[u8], place: usize) -> Option<&[u8]> {
    words.get(number(words, place)?..)
}

fn bytes(words: &[u8], place: usize) -> Option<&[u8]> {
    let start = from_offset(words, place)?;
    start.get(WORD..)?.get(..number(start, 0)?)
}

#[cfg(test)]
mod tests {
    use alloy_primitives::{Bytes, U256};

    use super::*;

    const TARGET: Address = Address::repeat_byte(0x11);

    fn part(target: Option<Address>, has_value: bool, data: &'static [u8]) -> Part<'static> {
        Part { target, has_value, data }
    }

    /// The encodings are alloy's, which shares no code with the reader.
    #[test]
    fn every_form_is_read() {
        let data = |bytes: &'static [u8]| Bytes::from_static(bytes);
        let calls = vec![
            Call { target: TARGET, data: data(&[1, 2, 3]) },
            Call { target: Address::ZERO, data: data(&[]) },
        ];
        let expected =
            vec![part(Some(TARGET), false, &[1, 2, 3]), part(Some(Address::ZERO), false, &[])];
        for encoded in [
            aggregateCall { calls: calls.clone() }.abi_encode(),
            blockAndAggregateCall { calls: calls.clone() }.abi_encode(),
            tryAggregateCall { mustSucceed: true, calls: calls.clone() }.abi_encode(),
            tryBlockAndAggregateCall { mustSucceed: false, calls }.abi_encode(),
        ] {
            assert_eq!(read(&encoded), Some(expected.clone()));
        }
        let call = Call3 { target: TARGET, mayFail: true, data: data(&[9; 40]) };
        let encoded = aggregate3Call { calls: vec![call] }.abi_encode();
        assert_eq!(read(&encoded), Some(vec![part(Some(TARGET), false, &[9; 40])]));
        let value = U256::from(1);
        let call = Call3Value { target: TARGET, mayFail: true, value, data: data(&[9; 40]) };
        let encoded = aggregate3ValueCall { calls: vec![call] }.abi_encode();
        assert_eq!(read(&encoded), Some(vec![part(Some(TARGET), true, &[9; 40])]));
        let calls = vec![data(&[4; 4]), data(&[5; 32])];
        let expected = vec![part(None, false, &[4; 4]), part(None, false, &[5; 32])];
        for encoded in [
            multicall_0Call { calls: calls.clone() }.abi_encode(),
            multicall_1Call { deadline: U256::MAX, calls: calls.clone() }.abi_encode(),
            multicall_2Call { previousBlockhash: [7; 32].into(), calls }.abi_encode(),
        ] {
            assert_eq!(read(&encoded), Some(expected.clone()));
        }
    }

    #[test]
    fn what_is_cut_short_or_too_long_is_no_bundle() {
        let calls = vec![Bytes::from_static(&[4; 32]); 2];
        let encoded = multicall_0Call { calls }.abi_encode();
        assert!((0..encoded.len()).all(|end| read(&encoded[..end]).is_none()));
        let many = multicall_0Call { calls: vec![Bytes::new(); CALLS_MAX + 1] }.abi_encode();
        assert_eq!(read(&many), None);
        // Every item points to the one long call: together they are longer than the whole.
        let first = 4 + 2 * WORD;
        let long = vec![Bytes::from_static(&[4; 640]); 1].into_iter();
        let calls = long.chain(vec![Bytes::new(); 3]).collect();
        let mut shared = multicall_0Call { calls }.abi_encode();
        assert_eq!(read(&shared).map(|parts| parts.len()), Some(4));
        for item in 1..4 {
            shared.copy_within(first..first + WORD, first + item * WORD);
        }
        assert_eq!(read(&shared), None);
        let mut wrong = encoded;
        wrong[4] = 1;
        assert_eq!(read(&wrong), None);
    }
}
