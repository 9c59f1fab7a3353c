//! The effects of instructions of well-known programs.

use super::{
    accounts::spell,
    message::{Instruction, KEY_BYTES, Key, Message, Version},
    tokens,
};

pub(super) const SYSTEM: &str = "11111111111111111111111111111111";
pub(super) const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
pub(super) const TOKEN_2022: &str = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
const TOKEN_ACCOUNTS: &str = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL";
const MEMO_1: &str = "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo";
const MEMO_2: &str = "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr";
pub(super) const COMPUTE_BUDGET: &str = "ComputeBudget111111111111111111111111111111";
/// Programs that check signatures inside of instructions; the first byte says how many.
pub(super) const SIGNATURE_CHECKS: [&str; 3] = [
    "Ed25519SigVerify111111111111111111111111111",
    "KeccakSecp256k11111111111111111111111111111",
    "Secp256r1SigVerify1111111111111111111111111",
];

const STAKE: &str = "Stake11111111111111111111111111111111111111";
const VOTE: &str = "Vote111111111111111111111111111111111111111";
const LOADER: &str = "BPFLoaderUpgradeab1e11111111111111111111111";

/// Accounts of the cluster's state; whether instructions name them depends on the version of the
/// maker's library.
const SYSVAR: &str = "Sysvar";

/// Instructions of other programs that give control of an account to another key, by their number.
/// Places are those without [`SYSVAR`] accounts.
/// <https://docs.rs/solana-stake-interface>, <https://docs.rs/solana-vote-interface>,
/// <https://docs.rs/solana-loader-v3-interface>
const NEW_AUTHORITIES: [(&str, u8, Whom); 13] = [
    (STAKE, 1, Whom::InData(&[4])),
    (STAKE, 8, Whom::InData(&[4])),
    (STAKE, 10, Whom::Accounts(&[2])),
    (STAKE, 11, Whom::Accounts(&[2])),
    // Lock-ups name a custodian, without whom nothing is withdrawn.
    (STAKE, 6, Whom::Untold),
    (STAKE, 12, Whom::Untold),
    (VOTE, 1, Whom::InData(&[4])),
    (VOTE, 4, Whom::Accounts(&[1])),
    (VOTE, 7, Whom::Accounts(&[2])),
    (VOTE, 10, Whom::Untold),
    (VOTE, 11, Whom::Accounts(&[2])),
    (LOADER, 4, Whom::Accounts(&[2])),
    (LOADER, 7, Whom::Accounts(&[2])),
];

/// Instructions after which others have something, or may do something with it: new accounts'
/// authorities, split, merged and moved stakes, the validator of a delegation, what a program
/// gives back.
const ENTRUSTED: [(&str, u8, Whom); 14] = [
    // staker, withdrawer, and behind the time of a lock-up its custodian
    (STAKE, 0, Whom::InData(&[4, 36, 84])),
    (STAKE, 2, Whom::Accounts(&[1])),
    (STAKE, 3, Whom::Accounts(&[1])),
    (STAKE, 7, Whom::Accounts(&[0])),
    (STAKE, 9, Whom::Accounts(&[1, 2])),
    (STAKE, 16, Whom::Accounts(&[1])),
    // validator, voter, withdrawer
    (VOTE, 0, Whom::InData(&[4, 36, 68])),
    // node, voter, and behind 48 and 96 bytes of another key and its proof the withdrawer
    (VOTE, 16, Whom::InData(&[4, 36, 212])),
    // who collects the commission
    (VOTE, 17, Whom::Accounts(&[1])),
    (VOTE, 19, Whom::Accounts(&[0])),
    (LOADER, 0, Whom::Accounts(&[1])),
    (LOADER, 2, Whom::Accounts(&[5])),
    (LOADER, 3, Whom::Accounts(&[3])),
    (LOADER, 5, Whom::Accounts(&[1])),
];

/// Withdrawals: lamports to the second account.
const WITHDRAWALS: [(&str, u8); 3] = [(STAKE, 4), (STAKE, 17), (VOTE, 3)];

/// The places in an instruction of the keys that get something.
#[derive(Clone, Copy, Debug)]
enum Whom {
    InData(&'static [usize]),
    Accounts(&'static [usize]),
    Untold,
}

/// The system program's instruction that uses up a durable nonce.
pub(super) const ADVANCE_NONCE: [u8; 4] = [4, 0, 0, 0];

#[derive(Debug, Eq, PartialEq)]
pub(super) enum Action {
    /// Nothing that leaves anybody's hands.
    Nothing,
    /// Lamports go to an account.
    Pay {
        to: Key,
        lamports: u64,
    },
    /// An account is made with lamports in it, and belongs to a program.
    Create {
        account: Key,
        lamports: u64,
        space: u64,
        owner: Key,
    },
    /// An account of an owner for tokens of a mint is opened; the payer gives its rent.
    Open {
        account: Key,
        owner: Key,
        mint: Key,
        program: Key,
    },
    /// Tokens of an account go to another; the mint is not always said.
    Move {
        source: Key,
        mint: Option<Key>,
        to: Key,
        amount: u64,
    },
    Issue {
        mint: Key,
        to: Key,
        amount: u64,
    },
    Burn {
        mint: Key,
        amount: u64,
    },
    /// Somebody may move tokens of an account later.
    Allow {
        source: Key,
        mint: Option<Key>,
        spender: Key,
        amount: u64,
    },
    /// All that an account of tokens holds in lamports goes to another.
    Close {
        to: Key,
    },
    /// A new account for tokens gets its owner.
    Own {
        account: Key,
        owner: Key,
        mint: Key,
    },
    /// Others get what has no amount here, or may use an account later on.
    Entrust {
        to: Vec<Key>,
    },
    /// A text for readers only.
    Memo(Vec<u8>),
    /// Somebody else, or nobody, is put in charge of tokens, a mint or a nonce.
    HandOver {
        /// `None` for an account of a look-up table.
        account: Option<Key>,
        to: Option<Key>,
        what: &'static str,
    },
    /// An account is given to a program, or made one that can no longer pay.
    GiveUp {
        account: Key,
        owner: Option<Key>,
    },
}

/// `None` for what is not known, or is about an account that is looked up in a table.
pub(super) fn action(
    program: &str,
    message: &Message,
    instruction: &Instruction,
) -> Option<Action> {
    let call = Call { message, instruction };
    match program {
        SYSTEM => call.system(),
        TOKEN | TOKEN_2022 => tokens::action(&call, program == TOKEN_2022),
        TOKEN_ACCOUNTS => tokens::of_associated(&call),
        MEMO_1 | MEMO_2 => Some(Action::Memo(instruction.data.clone())),
        STAKE | VOTE | LOADER => call.of_authorities(program),
        // The header of version 1 says it, and instructions count for nothing.
        COMPUTE_BUDGET if matches!(message.version, Version::V1(_)) => Some(Action::Nothing),
        // Heap, units, price of a unit, size of accounts: its fee is counted elsewhere.
        COMPUTE_BUDGET if matches!(instruction.data.first(), Some(1..=4)) => Some(Action::Nothing),
        _ => None,
    }
}

/// An instruction in its message.
pub(super) struct Call<'a> {
    message: &'a Message,
    pub(super) instruction: &'a Instruction,
}

impl Call<'_> {
    pub(super) fn account(&self, place: usize) -> Option<Key> {
        let index = *self.instruction.accounts.get(place)?;
        self.message.keys.get(usize::from(index)).copied()
    }

    pub(super) fn number(&self, start: usize) -> Option<u64> {
        let bytes = self.instruction.data.get(start..)?.first_chunk::<8>()?;
        Some(u64::from_le_bytes(*bytes))
    }

    pub(super) fn key(&self, start: usize) -> Option<Key> {
        self.instruction.data.get(start..)?.first_chunk::<KEY_BYTES>().copied()
    }

    /// The position after a seed: a string preceded by its length in eight bytes.
    fn after_seed(&self, start: usize) -> Option<usize> {
        let length = usize::try_from(self.number(start)?).ok()?;
        length.checked_add(start)?.checked_add(8)
    }

    /// <https://docs.rs/solana-system-interface>: instructions are numbered in four bytes.
    fn system(&self) -> Option<Action> {
        let [kind, 0, 0, 0, ..] = *self.instruction.data else { return None };
        let pay = |to, lamports| Some(Action::Pay { to, lamports });
        // The authority of a nonce: its account may come from a look-up table.
        if kind == 7 {
            let (account, what) = (self.account(0), "nonce authorizations");
            return Some(Action::HandOver { account, to: self.key(4), what });
        }
        let account = self.account(0)?;
        match kind {
            0 => self.create(self.account(1)?, 4),
            // createAccountAllowPrefund: the new account comes first
            13 => self.create(account, 4),
            // createAccountWithSeed: base, seed, and the rest as without
            3 => self.create(self.account(1)?, self.after_seed(36)?),
            // transfer, withdrawNonceAccount
            2 | 5 => pay(self.account(1)?, self.number(4)?),
            // transferWithSeed
            11 => pay(self.account(2)?, self.number(4)?),
            // assign
            1 => Some(Action::GiveUp { account, owner: Some(self.key(4)?) }),
            // allocate
            8 => Some(Action::GiveUp { account, owner: None }),
            // allocateWithSeed: base, seed, space, owner; assignWithSeed: base, seed, owner
            9 => {
                let owner = self.key(self.after_seed(36)?.checked_add(8)?)?;
                Some(Action::GiveUp { account, owner: Some(owner) })
            }
            10 => {
                let owner = self.key(self.after_seed(36)?)?;
                Some(Action::GiveUp { account, owner: Some(owner) })
            }
            // advanceNonceAccount, upgradeNonceAccount
            4 | 12 => Some(Action::Nothing),
            // initializeNonceAccount
            6 => Some(Action::Entrust { to: vec![self.key(4)?] }),
            _ => None,
        }
    }

    /// Lamports, space and owner of a new account, from a place on.
    fn create(&self, account: Key, start: usize) -> Option<Action> {
        Some(Action::Create {
            account,
            lamports: self.number(start)?,
            space: self.number(start.checked_add(8)?)?,
            owner: self.key(start.checked_add(16)?)?,
        })
    }

    fn of_authorities(&self, program: &str) -> Option<Action> {
        let [kind, 0, 0, 0, ..] = *self.instruction.data else { return None };
        let find = |rows: &[(&str, u8, Whom)]| {
            rows.iter().find(|row| row.0 == program && row.1 == kind).map(|row| row.2)
        };
        if let Some(whom) = find(&NEW_AUTHORITIES) {
            let to = self.named(whom).into_iter().next();
            return Some(Action::HandOver {
                account: self.account(0),
                to,
                what: "new authorities",
            });
        }
        if WITHDRAWALS.contains(&(program, kind)) {
            return Some(Action::Pay { to: self.account(1)?, lamports: self.number(4)? });
        }
        Some(Action::Entrust { to: self.named(find(&ENTRUSTED)?) })
    }

    /// Keys of zeros stand for nobody.
    fn named(&self, whom: Whom) -> Vec<Key> {
        let keys: Vec<Option<Key>> = match whom {
            Whom::InData(starts) => starts.iter().map(|start| self.key(*start)).collect(),
            Whom::Accounts(places) => {
                let accounts = self.accounts_without_sysvars();
                places.iter().map(|place| accounts.get(*place).copied().flatten()).collect()
            }
            Whom::Untold => Vec::new(),
        };
        keys.into_iter().flatten().filter(|key| *key != Key::default()).collect()
    }

    fn accounts_without_sysvars(&self) -> Vec<Option<Key>> {
        let accounts = (0..self.instruction.accounts.len()).map(|place| self.account(place));
        let is_sysvar = |key: &Option<Key>| key.is_some_and(|key| spell(&key).starts_with(SYSVAR));
        accounts.filter(|key| !is_sysvar(key)).collect()
    }
}
