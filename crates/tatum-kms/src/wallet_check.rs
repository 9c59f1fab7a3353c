//! True if a stored wallet can still do what it is for: its keys derive its address.

use std::thread;

use kms_core::{AddressIndex, Network};
use kms_keys::{Account, SigningKey};
use kms_keystore::WalletRecord;

use crate::{command_error::CommandError, config::find_wallet_chain, new_wallet::address_of};

/// The result of checking a wallet.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Finding {
    /// It has an address, and that is the one which is stored with it, where one is.
    Derived,
    /// The reason why it has none. Nothing secret.
    Bad(String),
}

/// The first addresses of a wallet's secrets, and what they contradict.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    /// Of the phrase, at index 0.
    pub(crate) of_phrase: Option<String>,
    /// Of the single key.
    pub(crate) of_key: Option<String>,
    pub(crate) problem: Option<Mismatch>,
}

/// The mismatch, where keys can be derived at all.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Mismatch {
    ExtendedKey,
    Address,
    NoSecret,
}

impl Mismatch {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::ExtendedKey => {
                "its phrase leads to another extended public key than the stored one"
            }
            Self::Address => "its key leads to another address than the stored one",
            Self::NoSecret => "it has neither a phrase nor a key",
        }
    }
}

pub(crate) fn check(record: &WalletRecord) -> Finding {
    match derive(record) {
        Ok(Derived { problem: None, .. }) => Finding::Derived,
        Ok(Derived { problem: Some(problem), .. }) => Finding::Bad(problem.text().to_owned()),
        Err(error) => Finding::Bad(error.to_string()),
    }
}

/// Has every wallet looked at, on all processors, in order.
pub(crate) fn look_at_all<T: Send>(
    records: &[WalletRecord],
    look: impl Fn(&WalletRecord) -> T + Sync,
) -> Vec<T> {
    let processors = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = records.len().div_ceil(processors).max(1);
    let look = &look;
    thread::scope(|scope| {
        let shares = records.chunks(share);
        let workers: Vec<_> = shares
            .map(|own| scope.spawn(move || own.iter().map(look).collect::<Vec<_>>()))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_default()).collect()
    })
}

/// # Errors
/// When a secret cannot be read, or nothing can be derived from it.
pub(crate) fn derive(record: &WalletRecord) -> Result<Derived, CommandError> {
    let summary = record.summary();
    let (_, chain) = find_wallet_chain(&summary.chain)?;
    let network = Network::from_testnet_flag(summary.testnet);
    let spec = &chain.spec().key;
    let mut derived = Derived::default();
    if let Some(phrase) = record.secret("mnemonic") {
        let account = Account::derive(spec, network, &phrase.to_mnemonic())?;
        let own = account.extended_public_key();
        if let (Some(stored), Some(own)) = (&summary.xpub, own)
            && *stored != own
        {
            derived.problem = Some(Mismatch::ExtendedKey);
        }
        let first = account.at(AddressIndex::ZERO)?;
        derived.of_phrase = Some(address_of(chain, network, &first)?);
    }
    let Some(key) = record.secret("secret").or_else(|| record.secret("privateKey")) else {
        if derived.of_phrase.is_none() {
            derived.problem = Some(Mismatch::NoSecret);
        }
        return Ok(derived);
    };
    let own = address_of(chain, network, &SigningKey::parse(spec, network, key)?)?;
    let is_same = summary.address.is_none_or(|stored| stored.eq_ignore_ascii_case(&own));
    if !is_same && derived.problem.is_none() {
        derived.problem = Some(Mismatch::Address);
    }
    derived.of_key = Some(own);
    Ok(derived)
}
