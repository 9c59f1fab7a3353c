//! The effects of a message, and its maximum fee.

use std::collections::HashMap;

use kms_core::{
    Allowance, Amount, Asset, ChainOptions, DecodeError, Effects, Fee, Network, ResolveError,
    Transfer, Unexplained,
};

use super::{
    SOLANA,
    accounts::spell,
    message::{Key, Message, Version},
    programs::{self, ADVANCE_NONCE, Action, COMPUTE_BUDGET, SIGNATURE_CHECKS, SYSTEM, TOKEN},
    tokens,
};
use crate::codec::note;

/// In lamports, for each signature.
const SIGNATURE_FEE: u64 = 5_000;
/// Units of computing that a transaction gets, and the most it can ask for.
const UNITS_AN_INSTRUCTION: u64 = 200_000;
const UNITS_MOST: u64 = 1_400_000;
const MICRO: u128 = 1_000_000;
/// One SOL, in lamports: many times what a place in a block cost in the worst days.
const FEE_MOST: u64 = 1_000_000_000;
/// In lamports, of an account for tokens without extensions: 165 bytes and 128 of overhead, two
/// years at 3480 lamports a byte. <https://solana.com/docs/core/accounts#rent>
const TOKEN_ACCOUNT_RENT: u64 = 2_039_280;

/// Name of the account change in an error.
const ASSIGNMENTS: &str = "assignments of accounts to programs";
const NEW_ACCOUNT: &str = "a new account of a program";

/// A message, and what it takes to say what it does.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) message: &'a Message,
    pub(super) network: Network,
    /// Keys of the wallets that sign.
    pub(super) ours: &'a [Key],
    pub(super) options: ChainOptions,
}

/// The nonce account that a message begins with the use of; its blockhash is the nonce.
pub(super) fn durable_nonce(message: &Message) -> Option<Key> {
    let first = message.instructions.first()?;
    let is_advance = program(message, first.program) == SYSTEM;
    let is_advance = is_advance && first.data.starts_with(&ADVANCE_NONCE);
    let account = *first.accounts.first().filter(|_| is_advance)?;
    message.keys.get(usize::from(account)).copied()
}

/// # Errors
/// When it costs too much, or gives control of an account to another key and must not.
pub(super) fn of(reading: &Reading<'_>) -> Result<Effects, ResolveError> {
    let message = reading.message;
    let fee = fee(message)?;
    if fee > FEE_MOST && !reading.options.skip_fee_checks {
        return Err(ResolveError::AbsurdFee {
            fee: Amount::from_base_units(fee),
            least: Amount::from_base_units(SIGNATURE_FEE),
            most: Amount::from_base_units(FEE_MOST),
        });
    }
    let fee = Fee::native(Amount::from_base_units(fee));
    let mut effects = Effects::new(SOLANA.spec.id, reading.network, fee);
    let signers = message.keys.iter().take(message.header.signers.into());
    let payers = signers.filter(|key| reading.ours.contains(key));
    payers.for_each(|payer| effects.add_payer(spell(payer)));
    let mut story = Story { reading, effects, opened: HashMap::new(), memos: Vec::new() };
    for instruction in &message.instructions {
        let program = program(message, instruction.program);
        for own in tokens::each(&program, instruction).iter() {
            match programs::action(&program, message, own) {
                Some(action) => story.add(action, program.clone())?,
                None => story.effects.add_unexplained(Unexplained::call(program.clone())),
            }
        }
    }
    Ok(story.finish())
}

fn program(message: &Message, place: u8) -> String {
    message.keys.get(usize::from(place)).map(spell).unwrap_or_default()
}

/// Signatures, and what the transaction offers for the computing it may do: a sum in the header of
/// version 1, in which instructions about it count for nothing; else a price.
fn fee(message: &Message) -> Result<u64, ResolveError> {
    let (mut price, mut units) = (0_u64, None);
    let mut signatures = u64::from(message.header.signers);
    let mut others = 0_u64;
    for instruction in &message.instructions {
        let program = program(message, instruction.program);
        match (program.as_str(), instruction.data.as_slice()) {
            (COMPUTE_BUDGET, [2, a, b, c, d, ..]) => {
                units = Some(u64::from(u32::from_le_bytes([*a, *b, *c, *d])));
            }
            (COMPUTE_BUDGET, [3, rest @ ..]) => {
                price = rest.first_chunk().map_or(u64::MAX, |price| u64::from_le_bytes(*price));
            }
            (COMPUTE_BUDGET, _) => (),
            (program, data) => {
                others = others.saturating_add(1);
                if SIGNATURE_CHECKS.contains(&program) {
                    let count = data.first().copied().unwrap_or_default();
                    signatures = signatures.saturating_add(count.into());
                }
            }
        }
    }
    let units = units.unwrap_or_else(|| others.saturating_mul(UNITS_AN_INSTRUCTION));
    let priority = u128::from(price).checked_mul(units.min(UNITS_MOST).into());
    let priority = match &message.version {
        Version::V1(config) => config.priority_fee.map_or(Some(0), |fee| Some(fee.into())),
        Version::Legacy | Version::V0 { .. } => priority.map(|micro| micro.div_ceil(MICRO)),
    };
    let fee = u128::from(signatures.saturating_mul(SIGNATURE_FEE))
        .checked_add(priority.unwrap_or(u128::MAX));
    fee.and_then(|fee| u64::try_from(fee).ok()).ok_or(ResolveError::Overflow)
}

struct Story<'a> {
    reading: &'a Reading<'a>,
    effects: Effects,
    /// Accounts for tokens that this very message opens, with their owners and mints. The program
    /// opens no others for them: if the account is another, the whole transaction fails.
    opened: HashMap<Key, (Key, Key)>,
    memos: Vec<Vec<u8>>,
}

impl Story<'_> {
    fn add(&mut self, action: Action, program: String) -> Result<(), ResolveError> {
        match action {
            Action::Nothing => (),
            Action::Pay { to, lamports } => self.transfer(Asset::Native, to, lamports),
            Action::Create { account, lamports, space, owner } => {
                self.create(account, lamports, space, owner)?;
            }
            Action::Open { account, owner, mint, program: of_tokens } => {
                self.opened.insert(account, (owner, mint));
                self.transfer(Asset::Native, owner, TOKEN_ACCOUNT_RENT);
                // Extensions make an account larger than that.
                if spell(&of_tokens) != TOKEN {
                    self.effects.add_unexplained(Unexplained::call(program));
                }
            }
            Action::Move { source, mint, to, amount } => {
                self.transfer(self.asset(source, to, mint), to, amount);
            }
            Action::Issue { mint, to, amount } => self.transfer(of_mint(mint), to, amount),
            // They come to nobody: the supply becomes less.
            Action::Burn { mint, amount } => self.transfer(of_mint(mint), mint, amount),
            Action::Allow { source, mint, spender, amount } => {
                let amount = Some(Amount::from_base_units(amount));
                self.allow(self.asset(source, source, mint), spender, amount);
            }
            Action::Close { to } if self.is_ours(to) => (),
            Action::Close { to } => self.entrust(&[to], &program),
            Action::Own { account, owner, mint } => {
                self.opened.insert(account, (owner, mint));
                if !self.is_ours(owner) {
                    self.entrust(&[owner], &program);
                }
            }
            Action::Entrust { to } => self.entrust(&to, &program),
            Action::Memo(memo) => self.memos.push(memo),
            Action::HandOver { account, to, what } => {
                self.require_permission(what)?;
                match (account, to) {
                    (Some(account), Some(to)) => self.allow(of_account(account), to, None),
                    (_, to) => self.entrust(&Vec::from_iter(to), &program),
                }
            }
            Action::GiveUp { account, owner } => self.give_up(account, owner, program)?,
        }
        Ok(())
    }

    /// A new account of the system program's is its key's, and so a receiver as any other; one of
    /// another program's, or with room for data, can no longer pay by its key.
    fn create(
        &mut self,
        account: Key,
        lamports: u64,
        space: u64,
        owner: Key,
    ) -> Result<(), DecodeError> {
        let owner = spell(&owner);
        if owner == SYSTEM && space == 0 {
            self.transfer(Asset::Native, account, lamports);
            return Ok(());
        }
        if self.is_ours(account) {
            self.require_permission(ASSIGNMENTS)?;
        }
        self.effects.add_transfer(Transfer {
            asset: Asset::Native,
            to: spell(&account),
            amount: Amount::from_base_units(lamports),
            to_self: false,
            tag: None,
        });
        self.effects.add_unexplained(Unexplained::new(NEW_ACCOUNT).by_contract(owner));
        Ok(())
    }

    /// Says of each that it gets something by a program that is not explained further.
    fn entrust(&mut self, to: &[Key], program: &str) {
        if to.is_empty() {
            self.effects.add_unexplained(Unexplained::call(program));
        }
        for to in to {
            self.effects.add_unexplained(Unexplained::call(program).for_receiver(spell(to)));
        }
    }

    fn give_up(
        &mut self,
        account: Key,
        owner: Option<Key>,
        program: String,
    ) -> Result<(), DecodeError> {
        let owner = owner.map(|owner| spell(&owner));
        if self.is_ours(account) {
            self.require_permission(ASSIGNMENTS)?;
        }
        let what = Unexplained::new(program.clone()).by_contract(owner.unwrap_or(program));
        self.effects.add_unexplained(what.for_receiver(spell(&account)));
        Ok(())
    }

    /// The effects, with the memo at every transfer. With several memos, it is not defined which
    /// one counts.
    fn finish(mut self) -> Effects {
        if let [memo] = self.memos.as_slice() {
            self.effects.tag_transfers(note::spell(memo).as_deref());
        } else if !self.memos.is_empty() {
            self.effects.add_unexplained(Unexplained::new("several memos"));
        }
        self.effects
    }

    fn is_ours(&self, account: Key) -> bool {
        self.reading.ours.contains(&account)
    }

    fn require_permission(&self, what: &'static str) -> Result<(), DecodeError> {
        if self.reading.options.allow_account_changes {
            Ok(())
        } else {
            Err(DecodeError::AccountChange(what))
        }
    }

    /// The asset that is moved between two accounts: if nothing states the mint, the source account
    /// stands for it.
    fn asset(&self, source: Key, to: Key, mint: Option<Key>) -> Asset {
        let opened = self.opened.get(&to).map(|(_, mint)| *mint);
        mint.or(opened).map_or_else(|| of_account(source), of_mint)
    }

    /// The receiver is the owner where this message opens the account.
    fn transfer(&mut self, asset: Asset, to: Key, amount: u64) {
        let to = self.opened.get(&to).map_or(to, |(owner, _)| *owner);
        let to_self = self.is_ours(to);
        let amount = Amount::from_base_units(amount);
        let to = spell(&to);
        self.effects.add_transfer(Transfer { asset, to, amount, to_self, tag: None });
    }

    fn allow(&mut self, asset: Asset, spender: Key, amount: Option<Amount>) {
        let spender = spell(&spender);
        self.effects.add_allowance(Allowance { asset, spender, amount });
    }
}

fn of_mint(mint: Key) -> Asset {
    Asset::Token { contract: spell(&mint) }
}

fn of_account(account: Key) -> Asset {
    Asset::Token { contract: format!("of account {}", spell(&account)) }
}
