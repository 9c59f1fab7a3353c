//! The effects of instructions of the programs of tokens.

use std::borrow::Cow;

use super::{
    message::{Instruction, KEY_BYTES, Key},
    programs::{Action, Call, TOKEN, TOKEN_2022},
};

/// Instructions in one: for each, the number of its accounts, the length of its data, its data.
const BATCH: u8 = 255;

/// The instructions of a batch of the programs of tokens; any other is its own only one.
pub(super) fn each<'a>(program: &str, instruction: &'a Instruction) -> Cow<'a, [Instruction]> {
    let is_of_tokens = [TOKEN, TOKEN_2022].contains(&program);
    let batch = match instruction.data.split_first() {
        Some((&BATCH, rest)) if is_of_tokens => unbatch(instruction, rest),
        _ => None,
    };
    batch.map_or(Cow::Borrowed(std::slice::from_ref(instruction)), Cow::Owned)
}

/// `None` for a batch that the program does not take.
fn unbatch(batch: &Instruction, data: &[u8]) -> Option<Vec<Instruction>> {
    let (mut data, mut accounts, mut all) = (data, batch.accounts.as_slice(), Vec::new());
    while let [count, length, rest @ ..] = data {
        let (own_data, rest) = rest.split_at_checked((*length).into())?;
        let (own_accounts, others) = accounts.split_at_checked((*count).into())?;
        all.push(Instruction {
            program: batch.program,
            accounts: own_accounts.to_vec(),
            data: own_data.to_vec(),
        });
        (data, accounts) = (rest, others);
    }
    data.is_empty().then_some(all)
}

/// <https://docs.rs/spl-token-interface>, <https://docs.rs/spl-token-2022-interface>: accounts are
/// token accounts, not their owners.
pub(super) fn action(call: &Call<'_>, has_extensions: bool) -> Option<Action> {
    let kind = *call.instruction.data.first()?;
    if kind == 6 {
        return set_authority(call);
    }
    let first = call.account(0)?;
    Some(match kind {
        // transfer
        3 => {
            let (to, amount) = (call.account(1)?, call.number(1)?);
            Action::Move { source: first, mint: None, to, amount }
        }
        // transferChecked
        12 => checked_move(call, 1)?,
        // approve
        4 => {
            let (spender, amount) = (call.account(1)?, call.number(1)?);
            Action::Allow { source: first, mint: None, spender, amount }
        }
        // approveChecked
        13 => {
            let (mint, spender, amount) = (call.account(1)?, call.account(2)?, call.number(1)?);
            Action::Allow { source: first, mint: Some(mint), spender, amount }
        }
        // mintTo, mintToChecked
        7 | 14 => Action::Issue { mint: first, to: call.account(1)?, amount: call.number(1)? },
        // burn, burnChecked
        8 | 15 => Action::Burn { mint: call.account(1)?, amount: call.number(1)? },
        // closeAccount, withdrawExcessLamports
        9 | 38 => Action::Close { to: call.account(1)? },
        // unwrapLamports: of an amount, or all
        45 => match (call.instruction.data.get(1)?, call.account(1)?) {
            (1, to) => Action::Pay { to, lamports: call.number(2)? },
            (_, to) => Action::Close { to },
        },
        // initializeAccount
        1 => Action::Own { account: first, mint: call.account(1)?, owner: call.account(2)? },
        // initializeAccount2, initializeAccount3
        16 | 18 => Action::Own { account: first, mint: call.account(1)?, owner: call.key(1)? },
        // initializeMint, revoke, syncNative, initializeMint2, initializeImmutableOwner
        0 | 5 | 17 | 20 | 22 => Action::Nothing,
        kind if has_extensions => of_extension(call, kind)?,
        _ => return None,
    })
}

/// Source, mint and receiver.
fn checked_move(call: &Call<'_>, start: usize) -> Option<Action> {
    let (source, mint) = (call.account(0)?, Some(call.account(1)?));
    Some(Action::Move { source, mint, to: call.account(2)?, amount: call.number(start)? })
}

/// Those who get something, or will have a say over what others hold. Amounts of confidential
/// transfers are nobody's to read.
fn of_extension(call: &Call<'_>, kind: u8) -> Option<Action> {
    let accounts = |place: usize| call.account(place).into_iter().collect();
    let keys = |starts: &[usize]| {
        let keys = starts.iter().filter_map(|start| call.key(*start));
        keys.filter(|key| *key != Key::default()).collect::<Vec<_>>()
    };
    let to = match (kind, call.instruction.data.get(1).copied()) {
        // transferCheckedWithFee
        (26, Some(1)) => return checked_move(call, 2),
        // The authorities of a fee: two keys, each behind a byte that says whether it is there.
        (26, Some(0)) => optional_keys(call, 2, 2)?,
        // withdrawWithheldTokensFromMint, and from accounts; the same of confidential ones
        (26, Some(2 | 3)) | (37, Some(1 | 2)) => accounts(1),
        // transfer, transferWithFee
        (27, Some(7 | 13)) => accounts(2),
        // initializeMintCloseAuthority
        (25, _) => optional_keys(call, 1, 1)?,
        // initializePermanentDelegate
        (35, _) => keys(&[1]),
        // A hook's authority and program, or its new program.
        (36, Some(0)) => keys(&[2, 34]),
        (36, Some(1)) => keys(&[2]),
        _ => return None,
    };
    Some(Action::Entrust { to })
}

fn optional_keys(call: &Call<'_>, start: usize, count: usize) -> Option<Vec<Key>> {
    let (mut place, mut keys) = (start, Vec::new());
    for _ in 0..count {
        let is_there = *call.instruction.data.get(place)? == 1;
        place = place.checked_add(1)?;
        if is_there {
            keys.push(call.key(place)?);
            place = place.checked_add(KEY_BYTES)?;
        }
    }
    Some(keys)
}

/// A kind of authority, and whether there is a new one.
fn set_authority(call: &Call<'_>) -> Option<Action> {
    let to = match call.instruction.data.get(2)? {
        0 => None,
        _ => Some(call.key(3)?),
    };
    let account = call.account(0);
    Some(Action::HandOver { account, to, what: "changes of token authorities" })
}

/// <https://docs.rs/spl-associated-token-account>: create, and create if it is not there.
pub(super) fn of_associated(call: &Call<'_>) -> Option<Action> {
    matches!(call.instruction.data.as_slice(), [] | [0 | 1]).then_some(())?;
    Some(Action::Open {
        account: call.account(1)?,
        owner: call.account(2)?,
        mint: call.account(3)?,
        program: call.account(5)?,
    })
}
