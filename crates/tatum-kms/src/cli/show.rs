use kms_cli::{Consent, GetPrivateKeyArgs};
use kms_core::{AddressIndex, Chain, Network};
use kms_keys::{Account, SigningKey, public_key_at};
use kms_keystore::WalletRecord;
use kms_secret::SecretText;
use serde_json::json;

use super::{access::Access, output, reveal};
use crate::{
    command_error::CommandError,
    config::{Settings, find_wallet_chain},
    wire,
};

pub(super) async fn wallet(
    settings: &Settings,
    id: &str,
    consent: Consent,
) -> Result<(), CommandError> {
    let record = find(settings, id).await?;
    let id = record.id();
    let access = Access { command: "getmanagedwallet", id: Some(id), index: None, wallets: None };
    access.allow(settings, consent, &format!("Print the secrets of wallet {id}?"))?;
    reveal::text(&record.reveal())
}

pub(super) async fn address(
    settings: &Settings,
    id: &str,
    index: Option<&str>,
) -> Result<(), CommandError> {
    let record = find(settings, id).await?;
    let index = index.map(read_index).transpose()?;
    if let Some(address) = record.public_text("address") {
        return Ok(output::json(&json!({ "address": address }))?);
    }
    let (chain, network) = chain_of(&record)?;
    let spec = &chain.spec().key;
    let public = match (record.public_text("xpub"), record.secret("mnemonic")) {
        (Some(xpub), _) => {
            public_key_at(spec, network, xpub, required(index, "getaddress", &record)?)?
        }
        (None, Some(phrase)) if index.is_some() || record.secret("privateKey").is_none() => {
            let index = required(index, "getaddress", &record)?;
            let key = Account::derive(spec, network, &phrase.to_mnemonic())?.at(index)?;
            key.public_key().clone()
        }
        (None, _) => {
            only_zero(index)?;
            SigningKey::parse(spec, network, stored_key(&record)?)?.public_key().clone()
        }
    };
    let address = chain.address(network, &public);
    let address = address.map_err(|error| CommandError::Refused(error.to_string()))?;
    Ok(output::json(&json!({ "address": address.as_str() }))?)
}

pub(super) async fn private_key(
    settings: &Settings,
    args: &GetPrivateKeyArgs,
) -> Result<(), CommandError> {
    let record = find(settings, &args.id).await?;
    let index = args.index.as_deref().map(read_index).transpose()?;
    let key = read_private_key(&record, index)?;
    let id = record.id();
    let access = Access { command: "getprivatekey", id: Some(id), index, wallets: None };
    access.allow(settings, args.consent, &format!("Print a private key of wallet {id}?"))?;
    match key {
        Some(derived) => reveal::private_key(&derived),
        None => reveal::private_key(stored_key(&record)?),
    }
}

/// The key at an index; `None` for the one that is stored.
fn read_private_key(
    record: &WalletRecord,
    index: Option<AddressIndex>,
) -> Result<Option<SecretText>, CommandError> {
    let Some(phrase) = record.secret("mnemonic") else {
        only_zero(index)?;
        return stored_key(record).map(|_| None);
    };
    if index.is_none() && record.secret("privateKey").is_some() {
        return Ok(None);
    }
    let (chain, network) = chain_of(record)?;
    let spec = &chain.spec().key;
    let index = required(index, "getprivatekey", record)?;
    let key = Account::derive(spec, network, &phrase.to_mnemonic())?.at(index)?;
    Ok(Some(key.to_text(spec, network)))
}

async fn find(settings: &Settings, id: &str) -> Result<WalletRecord, CommandError> {
    let (store, _) = wire::open_for_wallet(settings, id).await?;
    let found = store.get(&wire::signature_id(id)?)?;
    found.ok_or_else(|| CommandError::NoSuchWallet(id.to_owned()))
}

fn chain_of(record: &WalletRecord) -> Result<(&'static dyn Chain, Network), CommandError> {
    let summary = record.summary();
    let (_, chain) = find_wallet_chain(&summary.chain)?;
    Ok((chain, Network::from_testnet_flag(summary.testnet)))
}

fn stored_key(record: &WalletRecord) -> Result<&SecretText, CommandError> {
    let key = record.secret("secret").or_else(|| record.secret("privateKey"));
    key.ok_or_else(|| {
        CommandError::Refused(format!("wallet {} has neither a phrase nor a key", record.id()))
    })
}

fn read_index(text: &str) -> Result<AddressIndex, CommandError> {
    AddressIndex::parse(text)
        .map_err(|error| CommandError::Refused(format!("`{text}` is not an index: {error}")))
}

fn required(
    index: Option<AddressIndex>,
    command: &str,
    record: &WalletRecord,
) -> Result<AddressIndex, CommandError> {
    index.ok_or_else(|| {
        CommandError::Refused(format!(
            "this wallet has many addresses and needs an index; the first address is: {command} {} \
             0",
            record.id()
        ))
    })
}

fn only_zero(index: Option<AddressIndex>) -> Result<(), CommandError> {
    match index {
        None | Some(AddressIndex::ZERO) => Ok(()),
        Some(index) => Err(CommandError::Refused(format!(
            "this wallet is a single key and has no index {index}; omit the index, or use 0"
        ))),
    }
}
