//! The order of accounts in a message that the original's library compiles anew.

use std::cmp::Ordering;

use super::message::{Header, Instruction, Key, Message};

/// An account and how its instructions use it.
#[derive(Clone, Copy, Debug)]
struct Account {
    key: Key,
    is_signer: bool,
    is_writable: bool,
}

/// A message of the old kind with its accounts collected from its instructions, as the original
/// does before it signs. The order of most messages stays.
pub(super) fn recompile(message: &Message) -> Option<Message> {
    let mut accounts = collect(message)?;
    accounts.sort_by(|one, other| {
        other
            .is_signer
            .cmp(&one.is_signer)
            .then(other.is_writable.cmp(&one.is_writable))
            .then_with(|| compare(&spell(&one.key), &spell(&other.key)))
    });
    let payer = *message.keys.first()?;
    accounts.retain(|account| account.key != payer);
    accounts.insert(0, Account { key: payer, is_signer: true, is_writable: true });
    let place_of = |index: u8| {
        let key = message.keys.get(usize::from(index))?;
        let place = accounts.iter().position(|account| account.key == *key)?;
        u8::try_from(place).ok()
    };
    let instructions = message.instructions.iter().map(|instruction| {
        Some(Instruction {
            program: place_of(instruction.program)?,
            accounts: instruction.accounts.iter().copied().map(place_of).collect::<Option<_>>()?,
            data: instruction.data.clone(),
        })
    });
    let count = |is_own: &dyn Fn(&Account) -> bool| {
        u8::try_from(accounts.iter().filter(|account| is_own(account)).count()).ok()
    };
    Some(Message {
        header: Header {
            signers: count(&|account| account.is_signer)?,
            read_only_signers: count(&|account| account.is_signer && !account.is_writable)?,
            read_only_others: count(&|account| !account.is_signer && !account.is_writable)?,
        },
        instructions: instructions.collect::<Option<_>>()?,
        keys: accounts.iter().map(|account| account.key).collect(),
        ..message.clone()
    })
}

/// Accounts in the order of the instructions, then the programs, each once.
fn collect(message: &Message) -> Option<Vec<Account>> {
    let used = message.instructions.iter().flat_map(|instruction| &instruction.accounts);
    let mut accounts: Vec<Account> = Vec::new();
    for index in used {
        let place = usize::from(*index);
        add(
            &mut accounts,
            Account {
                key: *message.keys.get(place)?,
                is_signer: message.is_signer(place),
                is_writable: message.is_writable(place),
            },
        );
    }
    for instruction in &message.instructions {
        let key = *message.keys.get(usize::from(instruction.program))?;
        add(&mut accounts, Account { key, is_signer: false, is_writable: false });
    }
    Some(accounts)
}

fn add(accounts: &mut Vec<Account>, account: Account) {
    match accounts.iter_mut().find(|own| own.key == account.key) {
        Some(own) => {
            own.is_signer |= account.is_signer;
            own.is_writable |= account.is_writable;
        }
        None => accounts.push(account),
    }
}

pub(super) fn spell(key: &Key) -> String {
    bs58::encode(key).into_string()
}

/// The order of JavaScript's `localeCompare` on base58: letters without regard to case, digits
/// first, a beginning before what it begins; where all is equal so far, the first letter that
/// differs in case decides, the small one first.
fn compare(one: &str, other: &str) -> Ordering {
    let folded = |text: &str| text.to_ascii_lowercase();
    let is_upper =
        |text: &str| text.bytes().map(|letter| letter.is_ascii_uppercase()).collect::<Vec<_>>();
    folded(one).cmp(&folded(other)).then_with(|| is_upper(one).cmp(&is_upper(other)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// Made by ICU; see the file.
    #[test]
    fn keys_are_sorted_as_icu_sorts_them() {
        let file: Value =
            serde_json::from_str(include_str!("../../vectors/SOL/key_order.json")).unwrap();
        let list = |name: &str| -> Vec<String> {
            let list = file[name].as_array().unwrap().iter();
            list.map(|key| key.as_str().unwrap().to_owned()).collect()
        };
        for (given, sorted) in [("input_keys", "sorted_keys"), ("tricky_input", "tricky_sorted")] {
            let mut keys = list(given);
            keys.sort_by(|one, other| compare(one, other));
            assert!(!keys.is_empty());
            assert_eq!(keys, list(sorted));
        }
    }
}
