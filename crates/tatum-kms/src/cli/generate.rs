use kms_cli::GenerateManagedPrivateKeyBatchArgs;
use kms_core::{Chain, Derivation};
use kms_keystore::WalletRecord;
use serde_json::{Map, Value, json};

use super::{output, reveal};
use crate::{
    command_error::CommandError,
    config::{Settings, find_wallet_chain},
    new_wallet::{NewWallet, address_of, of_batch},
    wire,
};

/// Keys that are stored in one change.
const BATCH: u32 = 256;
const COUNT_MAX: u32 = 1_000_000;

pub(super) fn wallet(settings: &Settings, chain: &str) -> Result<(), CommandError> {
    let (_, chain) = find_wallet_chain(chain)?;
    reveal::fields(&NewWallet::generate(chain, settings.network)?.fields)
}

pub(super) async fn managed(settings: &Settings, chain: &str) -> Result<(), CommandError> {
    let (code, chain) = find_wallet_chain(chain)?;
    wire::require_lasting_store(settings)?;
    let password = wire::password(settings).await?;
    let wallet = NewWallet::generate(chain, settings.network)?;
    store(settings, &password, &code, wallet)
}

/// Stores a wallet and prints what may be shown of it.
pub(super) fn store(
    settings: &Settings,
    password: &kms_secret::Password,
    code: &str,
    wallet: NewWallet,
) -> Result<(), CommandError> {
    let id = wire::new_signature_id()?;
    let mut shown = Map::new();
    shown.insert(String::from("signatureId"), Value::from(id.as_str()));
    let public = [("address", &wallet.address), ("xpub", &wallet.xpub)];
    for (name, value) in public {
        if let Some(value) = value {
            shown.insert(name.to_owned(), Value::from(value.as_str()));
        }
    }
    let record = WalletRecord::new(id.clone(), wallet.fields, code, settings.network);
    let mut store = wire::open_or_create(settings, password)?;
    store.add(&[record])?;
    output::json(&Value::Object(shown))?;
    wire::tell_twins(&store, &[id], settings.network);
    Ok(())
}

pub(super) async fn batch(
    settings: &Settings,
    args: &GenerateManagedPrivateKeyBatchArgs,
) -> Result<(), CommandError> {
    let with_mnemonic = args.with_mnemonic;
    let (code, chain) = find_wallet_chain(&args.chain)?;
    let count = read_count(&args.count)?;
    if with_mnemonic && matches!(chain.spec().key.derivation, Derivation::Single { .. }) {
        return Err(CommandError::Refused(format!(
            "wallets of {code} have no recovery phrase; leave --mnemonic out"
        )));
    }
    wire::require_lasting_store(settings)?;
    let password = wire::password(settings).await?;
    let mut store = wire::open_or_create(settings, &password)?;
    let mut made = 0;
    while made < count {
        let size = BATCH.min(count.saturating_sub(made));
        let keys = (0..size).map(|_| one_key(settings, &code, chain, with_mnemonic));
        let (records, lines): (Vec<_>, Vec<_>) =
            keys.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
        store.add(&records)?;
        output::raw(&lines.concat())?;
        made = made.saturating_add(size);
        output::progress(&format!("{made} of {count} keys stored"));
    }
    output::progress_done();
    Ok(())
}

fn read_count(text: &str) -> Result<u32, CommandError> {
    let count = text.parse().ok().filter(|count| (1..=COUNT_MAX).contains(count));
    count.ok_or_else(|| {
        CommandError::Refused(format!("the count `{text}` is not a number from 1 to {COUNT_MAX}"))
    })
}

fn one_key(
    settings: &Settings,
    code: &str,
    chain: &'static dyn Chain,
    with_mnemonic: bool,
) -> Result<(WalletRecord, String), CommandError> {
    let network = settings.network;
    let (wallet, key) = of_batch(chain, network, with_mnemonic)?;
    let address = address_of(chain, network, &key)?;
    let id = wire::new_signature_id()?;
    let line = json!({ "signatureId": id.as_str(), "address": address });
    Ok((WalletRecord::new(id, wallet.fields, code, network), format!("{line}\n")))
}
