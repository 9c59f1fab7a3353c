//! What an instruction of one of the well-known programs does.

use super::message::{Instruction, KEY_BYTES, Key, Message};

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
    /// Somebody else, or nobody, is put in charge of tokens, a mint or a nonce.
    HandOver {
        account: Key,
        to: Option<Key>,
        what: &'static str,
    },
    /// An account is given to a program, or made one that can no longer pay.
    GiveUp {
        account: Key,
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
        MEMO_1 | MEMO_2 => Some(Action::Nothing),
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

    /// <https://docs.rs/solana-system-interface>: instructions are numbered in four bytes.
    fn system(&self) -> Option<Action> {
        let [kind, 0, 0, 0, ..] = *self.instruction.data else { return None };
        let pay = |to, lamports| Some(Action::Pay { to, lamports });
        let account = self.account(0)?;
        match kind {
            // createAccount, transfer, withdrawNonceAccount
            0 | 2 | 5 => pay(self.account(1)?, self.number(4)?),
            // createAccountWithSeed: base, a text with its length, lamports
            3 => {
                let length = usize::try_from(self.number(36)?).ok()?;
                pay(self.account(1)?, self.number(length.checked_add(44)?)?)
            }
            // transferWithSeed
            11 => pay(self.account(2)?, self.number(4)?),
            // assign, allocate, and the same with a seed
            1 | 8 | 9 | 10 => Some(Action::GiveUp { account }),
            // advanceNonceAccount, upgradeNonceAccount
            4 | 12 => Some(Action::Nothing),
            // authorizeNonceAccount
            7 => Some(Action::HandOver { account, to: self.key(4), what: "nonce authorizations" }),
            _ => None,
        }
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
        Some(Action::HandOver { account, to, what: "new authorities of tokens" })
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
