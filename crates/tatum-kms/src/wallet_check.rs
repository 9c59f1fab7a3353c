//! Whether a stored wallet can still do what it is for: its keys derive its address.

use kms_core::{AddressIndex, Network};
use kms_keys::{Account, SigningKey};
use kms_keystore::WalletRecord;

use crate::{command_error::CommandError, config::find_wallet_chain, new_wallet::address_of};

/// What came of a wallet.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Finding {
    /// It has an address, and that is the one which is stored with it, where one is.
    Derived,
    /// Why it has none. Nothing secret.
    Bad(String),
}

pub(crate) fn check(record: &WalletRecord) -> Finding {
    match derive(record) {
        Ok(None) => Finding::Derived,
        Ok(Some(problem)) => Finding::Bad(problem.to_owned()),
        Err(error) => Finding::Bad(error.to_string()),
    }
}

/// What is wrong, if it is not that nothing can be derived at all.
fn derive(record: &WalletRecord) -> Result<Option<&'static str>, CommandError> {
    let summary = record.summary();
    let (_, chain) = find_wallet_chain(&summary.chain)?;
    let network = Network::from_testnet_flag(summary.testnet);
    let spec = &chain.spec().key;
    if let Some(phrase) = record.secret("mnemonic") {
        let account = Account::derive(spec, network, &phrase.to_mnemonic())?;
        let own = account.extended_public_key();
        if let (Some(stored), Some(own)) = (&summary.xpub, own)
            && *stored != own
        {
            return Ok(Some("its phrase derives another extended public key than is stored"));
        }
        address_of(chain, network, &account.at(AddressIndex::ZERO)?)?;
    }
    let Some(key) = record.secret("secret").or_else(|| record.secret("privateKey")) else {
        let is_empty = record.secret("mnemonic").is_none();
        return Ok(is_empty.then_some("it holds neither a phrase nor a key"));
    };
    let own = address_of(chain, network, &SigningKey::parse(spec, network, key)?)?;
    let is_same = summary.address.is_none_or(|stored| stored.eq_ignore_ascii_case(&own));
    Ok((!is_same).then_some("its key derives another address than is stored"))
}
