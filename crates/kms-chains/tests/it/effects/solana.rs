//! Solana: messages and the instructions of the programs that move coins and tokens.

use std::collections::BTreeMap;

use alloy_primitives::U256;
use data_encoding::BASE64;
use kms_core::Asset;
use kms_testkit::vectors::SignCase;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Allowed, Asked, Moved, Said, note, payload,
    road::Signed,
    tagged,
    wire::{Bytes, digits, hex, units},
};

const SYSTEM: &str = "11111111111111111111111111111111";
const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const TOKEN_ACCOUNTS: &str = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL";
const MEMO: &str = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";
const COMPUTE_BUDGET: &str = "ComputeBudget111111111111111111111111111111";
/// In lamports: for a signature, and for two years of an account for tokens.
const SIGNATURE: u64 = 5_000;
const TOKEN_ACCOUNT_RENT: u64 = 2_039_280;

pub(super) type Key = [u8; 32];

pub(super) fn spell(key: &[u8]) -> String {
    bs58::encode(key).into_string()
}

pub(super) fn key(text: &str) -> Key {
    bs58::decode(text).into_vec().expect("base58").try_into().expect("32 bytes")
}

/// A number of two bytes at most, seven bits each.
fn count(bytes: &mut Bytes<'_>) -> usize {
    usize::try_from(bytes.varint()).expect("a count")
}

struct Instruction {
    program: String,
    accounts: Vec<Option<String>>,
    data: Vec<u8>,
}

impl Instruction {
    fn account(&self, place: usize) -> Option<String> {
        self.accounts.get(place)?.clone()
    }

    fn number(&self, place: usize) -> Option<u64> {
        let bytes = self.data.get(place..place + 8)?;
        Some(Bytes(bytes).little_endian(8))
    }
}

struct Message {
    signers: usize,
    keys: Vec<String>,
    instructions: Vec<Instruction>,
    /// In the header of version 1, in which no instruction says anything about it.
    priority_fee: Option<u64>,
}

/// <https://docs.rs/solana-message/latest/solana_message/v1>
fn read_message_1(bytes: &mut Bytes<'_>) -> Message {
    assert_eq!(bytes.byte(), 0x81);
    let signers = bytes.byte().into();
    bytes.take(2);
    let mask = bytes.little_endian(4);
    bytes.take(32);
    let (instructions, keys) = (bytes.byte(), bytes.byte());
    let keys: Vec<_> = (0..keys).map(|_| spell(bytes.take(32))).collect();
    let priority_fee = if mask & 3 == 3 { bytes.little_endian(8) } else { 0 };
    let others = (2..5).filter(|bit| mask >> bit & 1 == 1).count();
    bytes.take(4 * others);
    let heads: Vec<_> = (0..instructions).map(|_| bytes.take(4).to_vec()).collect();
    let instruction = |head: &Vec<u8>| Instruction {
        program: keys[usize::from(head[0])].clone(),
        accounts: bytes
            .take(head[1].into())
            .iter()
            .map(|own| keys.get(usize::from(*own)).cloned())
            .collect(),
        data: bytes.take(usize::from(head[2]) + 256 * usize::from(head[3])).to_vec(),
    };
    let instructions = heads.iter().map(instruction).collect();
    Message { signers, keys: keys.clone(), instructions, priority_fee: Some(priority_fee) }
}

fn read_message(bytes: &mut Bytes<'_>) -> Message {
    if bytes.0[0] >= 0x80 {
        assert_eq!(bytes.byte(), 0x80, "version 0");
    }
    let signers = bytes.byte().into();
    bytes.take(2);
    let keys: Vec<_> = (0..count(bytes)).map(|_| spell(bytes.take(32))).collect();
    bytes.take(32);
    let instructions = count(bytes);
    let instruction = |_| {
        let program = keys[usize::from(bytes.byte())].clone();
        let accounts = count(bytes);
        let accounts = bytes.take(accounts).iter().map(|own| keys.get(usize::from(*own)).cloned());
        let accounts = accounts.collect();
        let data = count(bytes);
        Instruction { program, accounts, data: bytes.take(data).to_vec() }
    };
    let instructions = (0..instructions).map(instruction).collect();
    Message { signers, keys: keys.clone(), instructions, priority_fee: None }
}

/// Accounts for tokens that the message opens: their owners and what they hold.
type Opened = BTreeMap<String, (String, String)>;

/// Adds what an instruction does; `None` where it cannot be told.
fn add(said: &mut Said, opened: &mut Opened, own: &Instruction) -> Option<()> {
    let account = |place| own.account(place);
    let first = account(0);
    match (own.program.as_str(), own.data.as_slice()) {
        (SYSTEM, [2, 0, 0, 0, ..]) => {
            said.moved.push((Asset::Native, account(1)?, U256::from(own.number(4)?)));
        }
        // The account is a program's: neither the key's nor ours.
        (SYSTEM, [0, 0, 0, 0, ..]) => {
            said.moved.push((Asset::Native, account(1)?, U256::from(own.number(4)?)));
            (own.data.get(12..)? == [0; 40]).then_some(())?;
        }
        (SYSTEM, [4, 0, 0, 0]) | (MEMO, _) | (COMPUTE_BUDGET, [1..=4, ..]) => (),
        (TOKEN_ACCOUNTS, [] | [0 | 1]) => {
            let (owner, mint) = (account(2)?, account(3)?);
            let rent = U256::from(TOKEN_ACCOUNT_RENT);
            said.moved.push((Asset::Native, owner.clone(), rent));
            opened.insert(account(1)?, (owner, mint));
        }
        (TOKEN, [0 | 1 | 5 | 16 | 17 | 18 | 20 | 22, ..]) => (),
        (TOKEN, [3, ..]) => {
            let to = opened.get(&account(1)?);
            let mint = to.map_or_else(
                || format!("of account {}", first.unwrap_or_default()),
                |(_, mint)| mint.clone(),
            );
            move_token(said, opened, mint, account(1)?, own.number(1)?);
        }
        (TOKEN, [12, ..]) => move_token(said, opened, account(1)?, account(2)?, own.number(1)?),
        (TOKEN, [4, ..]) => {
            let contract = format!("of account {}", first?);
            let allowed: Allowed =
                (Asset::Token { contract }, account(1)?, Some(U256::from(own.number(1)?)));
            said.allowed.push(allowed);
        }
        (TOKEN, [7 | 14, ..]) => move_token(said, opened, first?, account(1)?, own.number(1)?),
        (TOKEN, [8 | 15, ..]) => {
            move_token(said, opened, account(1)?, account(1)?, own.number(1)?);
        }
        _ => return None,
    }
    Some(())
}

fn move_token(said: &mut Said, opened: &Opened, mint: String, to: String, units: u64) {
    let to = opened.get(&to).map_or(to, |(owner, _)| owner.clone());
    said.moved.push((Asset::Token { contract: mint }, to, U256::from(units)));
}

fn fee(message: &Message) -> u64 {
    let (mut price, mut asked, mut others) = (0, None, 0);
    for own in &message.instructions {
        match (own.program.as_str(), own.data.first()) {
            (COMPUTE_BUDGET, Some(2)) => asked = Some(Bytes(&own.data[1..5]).little_endian(4)),
            (COMPUTE_BUDGET, Some(3)) => price = own.number(1).expect("a price"),
            (COMPUTE_BUDGET, _) => (),
            _ => others += 1,
        }
    }
    let units = asked.unwrap_or(others * 200_000).min(1_400_000);
    let priority = (u128::from(price) * u128::from(units)).div_ceil(1_000_000);
    let priority = message.priority_fee.map_or(priority, u128::from);
    SIGNATURE * message.signers as u64 + u64::try_from(priority).expect("a fee")
}

pub(crate) fn read(signed: &Signed<'_>) -> Said {
    let raw = BASE64.decode(signed.raw.as_bytes()).expect("base64");
    let mut bytes = Bytes(&raw);
    let message = if raw[0] == 0x81 {
        let message = read_message_1(&mut bytes);
        bytes.take(64 * message.signers);
        message
    } else {
        let signatures = count(&mut bytes);
        bytes.take(64 * signatures);
        let message = read_message(&mut bytes);
        assert_eq!(signatures, message.signers);
        message
    };
    assert!(bytes.is_empty(), "there is something behind the transaction");
    let instructions = message.instructions.iter().map(|own| {
        let accounts: Vec<_> = own.accounts.iter().flatten().cloned().collect();
        beside(&own.program, &accounts, &own.data)
    });
    let mut said = Said {
        beside: instructions.collect(),
        moved: Vec::new(),
        allowed: Vec::new(),
        fee: (Asset::Native, U256::from(fee(&message))),
        is_opaque: false,
        own: own(signed.case, &message.keys[..message.signers]),
    };
    let mut opened = Opened::new();
    for instruction in &message.instructions {
        let known = add(&mut said, &mut opened, instruction);
        said.is_opaque |= known.is_none();
    }
    let memos = message.instructions.iter().filter(|own| own.program == MEMO);
    put_memos(&memos.map(|own| own.data.clone()).collect::<Vec<_>>(), &mut said.moved)
        .then(|| said.is_opaque = true);
    said
}

/// One memo stands at every transfer; of several it is not known which counts.
fn put_memos(memos: &[Vec<u8>], moved: &mut [Moved]) -> bool {
    if let [memo] = memos {
        for (_, to, _) in moved {
            *to = tagged(to.clone(), note(memo));
        }
    }
    memos.len() > 1
}

fn beside(program: &str, accounts: &[String], data: &[u8]) -> String {
    format!("{program} with {accounts:?}: {}\n", digits(data))
}

/// Signers whose wallets are ours: a mint's key comes in the payload and is none of them. The public
/// key is the second half of a wallet's.
fn own(case: &SignCase, signers: &[String]) -> Vec<String> {
    let address = |wallet: &Value| {
        let text = wallet["privateKey"].as_str().or(wallet["secret"].as_str())?;
        let is_hex = text.len() == 128;
        let pair = if is_hex { hex(text) } else { bs58::decode(text).into_vec().expect("base58") };
        Some(spell(&pair[32..]))
    };
    let own: Vec<_> = case.wallets.values().filter_map(address).collect();
    signers.iter().filter(|signer| own.contains(signer)).cloned().collect()
}

/// One instruction to be: its program, its accounts, its data, and what it asks for.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) program: Key,
    pub(super) accounts: Vec<Key>,
    pub(super) data: Vec<u8>,
    pub(super) moved: Vec<Moved>,
    pub(super) is_opaque: bool,
}

fn part(own: Key) -> BoxedStrategy<Part> {
    let random = (any::<Key>(), any::<Key>(), any::<Key>(), units(), 0_usize..8);
    random
        .prop_map(move |(to, other, program, amount, kind)| {
            let units = amount.to_le_bytes();
            let (money, mint) = (U256::from(amount), spell(&other));
            let mut part = Part {
                program: key(SYSTEM),
                accounts: vec![own, to],
                data: [&[2, 0, 0, 0], &units[..]].concat(),
                moved: vec![(Asset::Native, spell(&to), money)],
                is_opaque: false,
            };
            match kind {
                // To oneself.
                3 => {
                    part.accounts = vec![own, own];
                    part.moved = vec![(Asset::Native, spell(&own), money)];
                }
                4 => {
                    part.program = key(TOKEN);
                    part.accounts = vec![program, other, to, own];
                    part.data = [&[12], &units[..], &[6]].concat();
                    part.moved = vec![(Asset::Token { contract: mint }, spell(&to), money)];
                }
                5 => {
                    part.program = key(MEMO);
                    (part.accounts, part.data) = (Vec::new(), b"for lunch".to_vec());
                    part.moved.clear();
                }
                6 => {
                    part.program = program;
                    part.moved.clear();
                    part.is_opaque = true;
                }
                7 => {
                    part.program = key(TOKEN);
                    part.accounts = vec![program, to, own];
                    part.data = [&[3], &units[..]].concat();
                    let contract = format!("of account {}", spell(&program));
                    part.moved = vec![(Asset::Token { contract }, spell(&to), money)];
                }
                _ => (),
            }
            part
        })
        .boxed()
}

fn compute_budget(units: u32, price: u64) -> [Part; 2] {
    let set = |data: Vec<u8>| Part {
        program: key(COMPUTE_BUDGET),
        accounts: Vec::new(),
        data,
        moved: Vec::new(),
        is_opaque: false,
    };
    let units = [&[2], &units.to_le_bytes()[..]].concat();
    [set(units), set([&[3], &price.to_le_bytes()[..]].concat())]
}

/// The same message as one of version 1, with these config values.
fn message_1(legacy: &[u8], priority_fee: Option<u64>) -> Vec<u8> {
    let mut bytes = Bytes(legacy);
    let header = bytes.take(3).to_vec();
    let keys = usize::from(bytes.byte());
    let (keys, blockhash) = (bytes.take(32 * keys).to_vec(), bytes.take(32).to_vec());
    let instructions = bytes.byte();
    let mask = if priority_fee.is_some() { 0b1_0111 } else { 0b1_0100 };
    let mut out = [&[0x81], &header[..], &[mask, 0, 0, 0], &blockhash].concat();
    out.extend([instructions, u8::try_from(keys.len() / 32).expect("few keys")]);
    out.extend(&keys);
    priority_fee.iter().for_each(|fee| out.extend(fee.to_le_bytes()));
    out.extend([0x40, 0x0d, 3, 0, 0, 0, 1, 0]);
    let (mut heads, mut rest) = (Vec::new(), Vec::new());
    for _ in 0..instructions {
        let program = bytes.byte();
        let accounts = count(&mut bytes);
        let accounts = bytes.take(accounts).to_vec();
        let data = count(&mut bytes);
        let data = bytes.take(data).to_vec();
        let [low, high] = u16::try_from(data.len()).expect("short data").to_le_bytes();
        heads.extend([program, u8::try_from(accounts.len()).expect("few accounts"), low, high]);
        rest.extend([accounts, data].concat());
    }
    [out, heads, rest].concat()
}

/// A message of one signer: accounts that can be written to, then programs.
pub(super) fn message(own: Key, blockhash: &[u8], parts: &[Part]) -> Vec<u8> {
    let mut keys = vec![own];
    let writable = parts.iter().flat_map(|part| &part.accounts);
    let programs: Vec<_> = parts.iter().map(|part| part.program).collect();
    for key in writable.chain(&programs) {
        if !keys.contains(key) {
            keys.push(*key);
        }
    }
    let place = |key: &Key| {
        let place = keys.iter().position(|own| own == key).expect("a place");
        u8::try_from(place).expect("few keys")
    };
    let is_program = |key: &&Key| programs.contains(key);
    let read_only = keys.iter().filter(is_program).count();
    let small = |count: usize| u8::try_from(count).expect("a small count");
    let mut out = vec![1, 0, small(read_only), small(keys.len())];
    keys.iter().for_each(|key| out.extend(key));
    out.extend(blockhash);
    out.push(small(parts.len()));
    for part in parts {
        out.push(place(&part.program));
        out.push(small(part.accounts.len()));
        out.extend(part.accounts.iter().map(place));
        out.push(small(part.data.len()));
        out.extend(&part.data);
    }
    out
}

pub(crate) fn make(base: &SignCase) -> BoxedStrategy<Asked> {
    let template = hex(payload(base)["txData"].as_str().expect("a message"));
    let message_of_base = read_message(&mut Bytes(&template));
    let own = key(&message_of_base.keys[0]);
    let blockhash = template[4 + 32 * message_of_base.keys.len()..][..32].to_vec();
    let budget = proptest::option::weighted(0.3, (0_u32..2_000_000, 0_u64..1_000_000));
    let version_1 = proptest::option::weighted(0.4, proptest::option::of(0_u64..900_000_000));
    (proptest::collection::vec(part(own), 1..5), budget, version_1)
        .prop_map(move |(parts, budget, version_1)| {
            let budget = budget.map(|(units, price)| compute_budget(units, price));
            let parts: Vec<_> = budget.into_iter().flatten().chain(parts).collect();
            let legacy = message(own, &blockhash, &parts);
            let bytes = version_1.map_or_else(|| legacy.clone(), |fee| message_1(&legacy, fee));
            let instructions = parts.iter().map(|part| {
                let accounts: Vec<_> = part.accounts.iter().map(|key| spell(key)).collect();
                beside(&spell(&part.program), &accounts, &part.data)
            });
            let mut moved: Vec<_> = parts.iter().flat_map(|part| part.moved.clone()).collect();
            let memos = parts.iter().filter(|part| part.program == key(MEMO));
            let memos: Vec<_> = memos.map(|part| part.data.clone()).collect();
            let has_several = put_memos(&memos, &mut moved);
            Asked {
                beside: instructions.collect(),
                payload: json!({ "txData": digits(&bytes) }).to_string(),
                moved,
                allowed: Vec::new(),
                fee: version_1.map(|fee| U256::from(SIGNATURE + fee.unwrap_or(0))),
                is_opaque: has_several || parts.iter().any(|part| part.is_opaque),
            }
        })
        .boxed()
}
