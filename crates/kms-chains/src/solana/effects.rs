//! What the instructions of the well-known programs do.

use kms_core::{Allowance, Amount, Asset, Effects, Fee, Network, ResolveError, Transfer};

use super::{
    SOLANA,
    accounts::spell,
    message::{Instruction, Key, Message},
};

const SYSTEM: &str = "11111111111111111111111111111111";
const TOKEN: &str = "TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA";
const TOKEN_2022: &str = "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb";
const TOKEN_ACCOUNTS: &str = "ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL";
const MEMO: [&str; 2] =
    ["MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr", "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo"];
const COMPUTE_BUDGET: &str = "ComputeBudget111111111111111111111111111111";

/// In lamports, for each signature.
const SIGNATURE_FEE: u64 = 5_000;
/// Units of computing that a transaction gets, and the most it can ask for.
const UNITS_AN_INSTRUCTION: u64 = 200_000;
const UNITS_MOST: u64 = 1_400_000;
const MICRO: u64 = 1_000_000;

/// The system program's instruction that uses up a durable nonce.
const ADVANCE_NONCE: [u8; 4] = [4, 0, 0, 0];

/// The nonce account that a message begins with the use of; its blockhash is the nonce.
pub(super) fn durable_nonce(message: &Message) -> Option<Key> {
    let first = message.instructions.first()?;
    let program = message.keys.get(usize::from(first.program))?;
    let is_advance = spell(program) == SYSTEM && first.data == ADVANCE_NONCE;
    let account = usize::from(*first.accounts.first().filter(|_| is_advance)?);
    message.keys.get(account).copied()
}

pub(super) fn of(message: &Message, network: Network) -> Result<Effects, ResolveError> {
    let fee = Fee::native(Amount::from_base_units(fee(message)?));
    let mut effects = Effects::new(SOLANA.spec.id, network, fee);
    for instruction in &message.instructions {
        let call = Call { message, instruction };
        let program = message.keys.get(usize::from(instruction.program)).map(spell);
        let known = match program.as_deref() {
            Some(SYSTEM) => call.system(&mut effects),
            Some(TOKEN | TOKEN_2022) => call.token(&mut effects),
            // Whoever pays for a token account is told as the payer of its rent by nobody: the
            // amount is the network's.
            Some(TOKEN_ACCOUNTS | COMPUTE_BUDGET) => Some(()),
            Some(other) if MEMO.contains(&other) => Some(()),
            _ => None,
        };
        if known.is_none() {
            effects.add_unknown(program.unwrap_or_default());
        }
    }
    Ok(effects)
}

/// Signatures, and the price that the transaction offers for the computing it may do.
fn fee(message: &Message) -> Result<u64, ResolveError> {
    let (mut price, mut units) = (0_u64, None);
    let mut others = 0_u64;
    for instruction in &message.instructions {
        let program = message.keys.get(usize::from(instruction.program)).map(spell);
        match (program.as_deref(), instruction.data.as_slice()) {
            (Some(COMPUTE_BUDGET), [2, a, b, c, d]) => {
                units = Some(u64::from(u32::from_le_bytes([*a, *b, *c, *d])));
            }
            (Some(COMPUTE_BUDGET), [3, rest @ ..]) => {
                price = rest.try_into().map_or(u64::MAX, u64::from_le_bytes);
            }
            (Some(COMPUTE_BUDGET), _) => (),
            _ => others = others.saturating_add(1),
        }
    }
    let units = units.unwrap_or_else(|| others.saturating_mul(UNITS_AN_INSTRUCTION));
    let priority = u128::from(price).checked_mul(u128::from(units.min(UNITS_MOST)));
    let priority = priority.map(|micro| micro.div_ceil(u128::from(MICRO)));
    let priority = priority.and_then(|lamports| u64::try_from(lamports).ok());
    let signatures = u64::from(message.header.signers).checked_mul(SIGNATURE_FEE);
    signatures
        .zip(priority)
        .and_then(|(one, two)| one.checked_add(two))
        .ok_or(ResolveError::Overflow)
}

/// An instruction in its message.
struct Call<'a> {
    message: &'a Message,
    instruction: &'a Instruction,
}

impl Call<'_> {
    /// `None` for an account that is looked up in a table.
    fn account(&self, place: usize) -> Option<Key> {
        let index = *self.instruction.accounts.get(place)?;
        self.message.keys.get(usize::from(index)).copied()
    }

    fn number(&self, start: usize) -> Option<u64> {
        let bytes = self.instruction.data.get(start..)?.first_chunk::<8>()?;
        Some(u64::from_le_bytes(*bytes))
    }

    fn transfer(&self, asset: Asset, to: Key, amount: u64) -> Transfer {
        Transfer {
            asset,
            to: spell(&to),
            amount: Amount::from_base_units(amount),
            to_self: self.message.signers().contains(&to),
        }
    }

    /// <https://docs.rs/solana-system-interface>: instructions are numbered in four bytes.
    fn system(&self, effects: &mut Effects) -> Option<()> {
        let [kind, 0, 0, 0, ..] = *self.instruction.data else { return None };
        let (to, amount) = match kind {
            // createAccount, transfer, withdrawNonceAccount
            0 | 2 => (self.account(1)?, self.number(4)?),
            5 => (self.account(1)?, self.number(4)?),
            // createAccountWithSeed: base, a text of so many bytes, lamports
            3 => {
                let length = usize::try_from(self.number(36)?).ok()?;
                (self.account(1)?, self.number(length.checked_add(44)?)?)
            }
            // transferWithSeed
            11 => (self.account(2)?, self.number(4)?),
            // advanceNonceAccount
            4 => return Some(()),
            _ => return None,
        };
        effects.transfers.push(self.transfer(Asset::Native, to, amount));
        Some(())
    }

    /// <https://docs.rs/spl-token>: accounts are token accounts, not their owners.
    fn token(&self, effects: &mut Effects) -> Option<()> {
        let of_mint = |mint: Key| Asset::Token { contract: spell(&mint) };
        let of_account =
            |account: Key| Asset::Token { contract: format!("of account {}", spell(&account)) };
        match self.instruction.data.first()? {
            // transfer
            3 => {
                let asset = of_account(self.account(0)?);
                effects.transfers.push(self.transfer(asset, self.account(1)?, self.number(1)?));
            }
            // transferChecked
            12 => {
                let asset = of_mint(self.account(1)?);
                effects.transfers.push(self.transfer(asset, self.account(2)?, self.number(1)?));
            }
            // approve
            4 => self.allow(effects, of_account(self.account(0)?), self.account(1)?)?,
            // approveChecked
            13 => self.allow(effects, of_mint(self.account(1)?), self.account(2)?)?,
            // initializeMint, initializeAccount, revoke, mintTo, mintToChecked, and the newer
            // forms of the first two: nothing leaves.
            0 | 1 | 5 | 7 | 14 | 16 | 18 | 20 => (),
            _ => return None,
        }
        Some(())
    }

    fn allow(&self, effects: &mut Effects, asset: Asset, spender: Key) -> Option<()> {
        effects.allowances.push(Allowance {
            asset,
            spender: spell(&spender),
            amount: Some(Amount::from_base_units(self.number(1)?)),
        });
        Some(())
    }
}
