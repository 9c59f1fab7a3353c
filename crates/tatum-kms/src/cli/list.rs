//! Lists the stored wallets, and finds the wallet of an address.

use std::io;

use kms_cli::{FindArgs, ListFlags};
use kms_core::{AddressIndex, Chain, Network};
use kms_keys::{Account, SigningKey, public_key_at};
use kms_keystore::{Unlocked, WalletSummary};
use serde_json::{Value, json};

use super::{output, report::kind_name};
use crate::{
    command_error::CommandError,
    config::{Settings, find_wallet_chain},
    wire,
};

pub(super) async fn list(settings: &Settings, flags: &ListFlags) -> Result<(), CommandError> {
    let wanted = read_chains(flags.chain.as_deref())?;
    let store = wire::open_existing(settings).await?;
    let summaries = if flags.removed { store.removed()? } else { store.summaries()? };
    let is_shown = |summary: &&WalletSummary| {
        is_wanted(&wanted, summary) && (flags.label.is_none() || flags.label == summary.label)
    };
    let shown = summaries.iter().filter(is_shown).map(|summary| {
        let mut entry = json!({
            "signatureId": summary.id.as_str(),
            "type": kind_name(summary.kind),
            "chain": summary.chain,
            "testnet": summary.testnet,
        });
        let texts = [
            ("address", summary.address.clone()),
            ("xpub", summary.xpub.clone()),
            ("label", summary.label.clone()),
            ("restorableUntil", summary.purge_after.and_then(spell_time)),
        ];
        for (name, text) in texts {
            if let (Some(text), Some(entry)) = (text, entry.as_object_mut()) {
                entry.insert(name.to_owned(), json!(text));
            }
        }
        entry
    });
    Ok(output::json(&Value::Array(shown.collect()))?)
}

fn spell_time(seconds: u64) -> Option<String> {
    let time = jiff::Timestamp::from_second(i64::try_from(seconds).ok()?).ok()?;
    Some(time.to_string())
}

pub(super) async fn find(settings: &Settings, args: &FindArgs) -> Result<(), CommandError> {
    let FindArgs { address, chain, indexes } = args;
    let address = address.trim();
    if kms_chains::accounts(address).is_empty() && !is_public_key(address) {
        return Err(CommandError::NoAddress(address.to_owned()));
    }
    let wanted = read_chains(chain.as_deref())?;
    let store = wire::open_existing(settings).await?;
    let summaries = store.summaries()?;
    let mut found = Vec::new();
    let all = summaries.len();
    for (place, summary) in summaries.iter().enumerate() {
        if place % 100 == 0 {
            output::progress(&format!("{place} of {all} wallets"));
        }
        if is_wanted(&wanted, summary) {
            found.extend(look(&store, summary, address, *indexes)?);
        }
    }
    output::progress_done();
    if found.is_empty() {
        Err(CommandError::Refused(format!(
            "no wallet has this address among its first {indexes}; --indexes searches more"
        )))
    } else {
        Ok(output::json(&Value::Array(found))?)
    }
}

fn read_chains(chains: Option<&str>) -> Result<Option<Vec<String>>, CommandError> {
    let read = |code: &str| find_wallet_chain(code.trim()).map(|(code, _)| code);
    let list = chains.map(|list| list.split(',').map(read).collect::<Result<_, _>>());
    Ok(list.transpose()?)
}

fn is_wanted(wanted: &Option<Vec<String>>, summary: &WalletSummary) -> bool {
    wanted.as_ref().is_none_or(|codes| codes.contains(&summary.chain))
}

/// The wallet's entry, if the address is one of its own.
fn look(
    store: &Unlocked,
    summary: &WalletSummary,
    address: &str,
    indexes: u32,
) -> Result<Option<Value>, CommandError> {
    let Ok((_, chain)) = find_wallet_chain(&summary.chain) else { return Ok(None) };
    let network = Network::from_testnet_flag(summary.testnet);
    let entry = |index: Option<AddressIndex>| {
        json!({
            "signatureId": summary.id.as_str(),
            "chain": summary.chain,
            "testnet": summary.testnet,
            "index": index.map(AddressIndex::get),
        })
    };
    if summary.address.as_deref().is_some_and(|own| is_same((chain, network), own, address)) {
        return Ok(Some(entry(None)));
    }
    let index = |number: u32| AddressIndex::new(number).map_err(io::Error::other);
    if let Some(xpub) = &summary.xpub {
        for number in 0..indexes {
            let index = index(number)?;
            // An extended key that is damaged has no addresses.
            let Ok(key) = public_key_at(&chain.spec().key, network, xpub, index) else { break };
            if chain.is_address_of(network, &key, address) {
                return Ok(Some(entry(Some(index))));
            }
        }
        return Ok(None);
    }
    look_at_keys(store, summary, (chain, network), address, indexes).map(|found| found.map(entry))
}

/// A single key has more addresses than the one that may be stored with it, so the key itself is
/// read. Returns the index, if the address is found.
fn look_at_keys(
    store: &Unlocked,
    summary: &WalletSummary,
    (chain, network): (&'static dyn Chain, Network),
    address: &str,
    indexes: u32,
) -> Result<Option<Option<AddressIndex>>, CommandError> {
    let Some(record) = store.get(&summary.id)? else { return Ok(None) };
    let spec = &chain.spec().key;
    let is_own = |key: &SigningKey| chain.is_address_of(network, key.public_key(), address);
    if let Some(phrase) = record.secret("mnemonic") {
        let Ok(account) = Account::derive(spec, network, &phrase.to_mnemonic()) else {
            return Ok(None);
        };
        let mut own = (0..indexes).filter_map(|number| AddressIndex::new(number).ok());
        let own = own.find(|index| account.at(*index).is_ok_and(|key| is_own(&key)));
        return Ok(own.map(Some));
    }
    let text = record.secret("privateKey").or_else(|| record.secret("secret"));
    let key = text.and_then(|text| SigningKey::parse(spec, network, text).ok());
    Ok(key.filter(is_own).map(|_| None))
}

/// Compares accounts. A stored address may belong to no key, and be no account.
fn is_same((chain, network): (&dyn Chain, Network), own: &str, asked: &str) -> bool {
    let account = chain.account(network, asked);
    own == asked || (account.is_some() && account == chain.account(network, own))
}

/// Flow's wallets are shown as public keys: 128 hexadecimal digits.
fn is_public_key(text: &str) -> bool {
    text.len() == 128 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
