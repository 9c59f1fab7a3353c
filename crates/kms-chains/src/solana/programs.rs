//! The effects of instructions of well-known programs.

use super::message::{Instruction, KEY_BYTES, Key, Message, Version};

pub(super) const SYSTEM: &str = "11111111111111111111111111111111";
pub(super) const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const TOKEN_2022: &str = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
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

/// Instructions of other programs that give control of an account to another key, by their number.
/// <https://docs.rs/solana-stake-interface>, <https://docs.rs/solana-vote-interface>,
/// <https://docs.rs/solana-loader-v3-interface>
const NEW_AUTHORITIES: [(&str, u8, NewAuthority); 13] = [
    (STAKE, 1, NewAuthority::InData),
    (STAKE, 8, NewAuthority::InData),
    (STAKE, 10, NewAuthority::Account(3)),
    (STAKE, 11, NewAuthority::Account(3)),
    // Lock-ups name a custodian, without whom nothing is withdrawn.
    (STAKE, 6, NewAuthority::Untold),
    (STAKE, 12, NewAuthority::Untold),
    (VOTE, 1, NewAuthority::InData),
    (VOTE, 4, NewAuthority::Account(1)),
    (VOTE, 7, NewAuthority::Account(3)),
    (VOTE, 10, NewAuthority::Untold),
    (VOTE, 11, NewAuthority::Account(3)),
    (LOADER, 4, NewAuthority::Account(2)),
    (LOADER, 7, NewAuthority::Account(2)),
];

/// The place in an instruction of the key that gets authority.
#[derive(Clone, Copy, Debug)]
enum NewAuthority {
    InData,
    Account(usize),
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
    /// Somebody is named who may use an account later on.
    Entrust {
        to: Key,
    },
    /// A text for readers only.
    Memo(Vec<u8>),
    /// Somebody else, or nobody, is put in charge of tokens, a mint or a nonce.
    HandOver {
        account: Key,
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
        TOKEN | TOKEN_2022 => call.token(),
        TOKEN_ACCOUNTS => call.token_account(),
        MEMO_1 | MEMO_2 => Some(Action::Memo(instruction.data.clone())),
        STAKE | VOTE | LOADER => call.new_authority(program),
        // The header of version 1 says it, and instructions count for nothing.
        COMPUTE_BUDGET if matches!(message.version, Version::V1(_)) => Some(Action::Nothing),
        // Heap, units, price of a unit, size of accounts: its fee is counted elsewhere.
        COMPUTE_BUDGET if matches!(instruction.data.first(), Some(1..=4)) => Some(Action::Nothing),
        _ => None,
    }
}

/// An instruction in its message.
struct Call<'a> {
    message: &'a Message,
    instruction: &'a Instruction,
}

impl Call<'_> {
    fn account(&self, place: usize) -> Option<Key> {
        let index = *self.instruction.accounts.get(place)?;
        self.message.keys.get(usize::from(index)).copied()
    }

    fn number(&self, start: usize) -> Option<u64> {
        let bytes = self.instruction.data.get(start..)?.first_chunk::<8>()?;
        Some(u64::from_le_bytes(*bytes))
    }

    fn key(&self, start: usize) -> Option<Key> {
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
        let account = self.account(0)?;
        match kind {
            0 => self.create(4),
            // createAccountWithSeed: base, seed, and the rest as without
            3 => self.create(self.after_seed(36)?),
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
            6 => Some(Action::Entrust { to: self.key(4)? }),
            // authorizeNonceAccount
            7 => Some(Action::HandOver { account, to: self.key(4), what: "nonce authorizations" }),
            _ => None,
        }
    }

    /// Lamports, space and owner of a new account, from a place on.
    fn create(&self, start: usize) -> Option<Action> {
        Some(Action::Create {
            account: self.account(1)?,
            lamports: self.number(start)?,
            space: self.number(start.checked_add(8)?)?,
            owner: self.key(start.checked_add(16)?)?,
        })
    }

    fn new_authority(&self, program: &str) -> Option<Action> {
        let [kind, 0, 0, 0, ..] = *self.instruction.data else { return None };
        let is_this = |row: &&(&str, u8, NewAuthority)| row.0 == program && row.1 == kind;
        let (_, _, whom) = NEW_AUTHORITIES.iter().find(is_this)?;
        let to = match whom {
            NewAuthority::InData => self.key(4),
            NewAuthority::Account(place) => self.account(*place),
            NewAuthority::Untold => None,
        };
        Some(Action::HandOver { account: self.account(0)?, to, what: "new authorities" })
    }

    /// <https://docs.rs/spl-token>: accounts are token accounts, not their owners.
    fn token(&self) -> Option<Action> {
        let first = self.account(0)?;
        Some(match self.instruction.data.first()? {
            // transfer
            3 => {
                let (to, amount) = (self.account(1)?, self.number(1)?);
                Action::Move { source: first, mint: None, to, amount }
            }
            // transferChecked
            12 => {
                let (mint, to, amount) = (self.account(1)?, self.account(2)?, self.number(1)?);
                Action::Move { source: first, mint: Some(mint), to, amount }
            }
            // approve
            4 => {
                let (spender, amount) = (self.account(1)?, self.number(1)?);
                Action::Allow { source: first, mint: None, spender, amount }
            }
            // approveChecked
            13 => {
                let (mint, spender, amount) = (self.account(1)?, self.account(2)?, self.number(1)?);
                Action::Allow { source: first, mint: Some(mint), spender, amount }
            }
            6 => self.set_authority(first)?,
            // mintTo, mintToChecked
            7 | 14 => Action::Issue { mint: first, to: self.account(1)?, amount: self.number(1)? },
            // burn, burnChecked
            8 | 15 => Action::Burn { mint: self.account(1)?, amount: self.number(1)? },
            9 => Action::Close { to: self.account(1)? },
            // initializeMint, initializeAccount, revoke, initializeAccount2, syncNative,
            // initializeAccount3, initializeMint2, initializeImmutableOwner
            0 | 1 | 5 | 16 | 17 | 18 | 20 | 22 => Action::Nothing,
            _ => return None,
        })
    }

    /// A kind of authority, and whether there is a new one.
    fn set_authority(&self, account: Key) -> Option<Action> {
        let to = match self.instruction.data.get(2)? {
            0 => None,
            _ => Some(self.key(3)?),
        };
        Some(Action::HandOver { account, to, what: "changes of token authorities" })
    }

    /// <https://docs.rs/spl-associated-token-account>: create, and create if it is not there.
    fn token_account(&self) -> Option<Action> {
        matches!(self.instruction.data.as_slice(), [] | [0 | 1]).then_some(())?;
        Some(Action::Open {
            account: self.account(1)?,
            owner: self.account(2)?,
            mint: self.account(3)?,
            program: self.account(5)?,
        })
    }
}
