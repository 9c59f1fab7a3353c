//! Wallets of files that others wrote: all of them are stored, or none.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use kms_cli::{ImportFlags, KeyType};
use kms_core::{Chain, Network, PublicKey, SignatureId};
use kms_import::{
    Contents, Format, Found, ImportError, KeyFile, Secret, Target, Wishes, refuse_node_wallet,
};
use kms_keys::SeedAlgorithm;
use kms_keystore::{StoreError, Unlocked, WalletKind, WalletRecord, read_export};
use kms_secret::{Password, SecretText};
use kms_unlock::fetch;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::{output, store_secret::read_secret};
use crate::{
    command_error::CommandError,
    config::{Settings, find_wallet_chain},
    new_wallet::NewWallet,
    wallet_check::{Finding, check},
    wire,
};

/// A million wallets of the original take about 200 MB.
const FILE_MAX_BYTES: u64 = 1 << 30;
const SQLITE: &[u8] = b"SQLite format 3\0";
/// `Salted__` in base64, with which the original's files begin.
const LEGACY: &[u8] = b"U2FsdGVkX1";
/// More notes about single keys than anybody reads.
const NOTES_MAX: usize = 20;

const fn is_about_keys(flags: &ImportFlags) -> bool {
    flags.ignore_file_address || flags.without_reserve || flags.key_type.is_some()
}

/// Wallets to store, newest first.
struct Wallets {
    records: Vec<WalletRecord>,
    /// The file's format, for people.
    format: &'static str,
    /// Told after storing.
    notes: Vec<String>,
    /// The chain of keys, which have no ids by which they could be known.
    keys_of: Option<String>,
}

pub(super) async fn run(settings: &Settings, flags: &ImportFlags) -> Result<(), CommandError> {
    let keys_of = flags.chain.as_deref().map(find_wallet_chain).transpose()?;
    let is_about_keys = keys_of.is_some() || is_about_keys(flags);
    if !flags.dry_run {
        wire::require_lasting_store(settings)?;
    }
    let content = read(&flags.file)?;
    refuse_node_wallet(&content).map_err(|error| refused(&flags.file, error))?;
    let is_legacy = kms_files::without_mark(&content).starts_with(LEGACY);
    let wallets = if is_legacy || content.starts_with(SQLITE) {
        open_store(settings, &flags.file, is_about_keys).await?
    } else {
        let failed = |error: ImportError| refused(&flags.file, error);
        let file = KeyFile::recognise(&content).map_err(failed)?;
        if file.format() == Format::Export {
            let records = read_export(file.text().as_bytes(), &flags.file)?;
            refuse_about_keys(&flags.file, is_about_keys)?;
            Wallets { records, format: "export", notes: Vec::new(), keys_of: None }
        } else {
            open_keys(settings, flags, &file, keys_of).await?
        }
    };
    if flags.dry_run { show(settings, wallets).await } else { store(settings, wallets).await }
}

fn refused(file: &Path, error: ImportError) -> CommandError {
    match error {
        ImportError::WrongPassword => CommandError::FilePassword(file.to_owned()),
        error => CommandError::Refused(format!("{}: {error}", file.display())),
    }
}

/// Stores and exports say all about their wallets themselves.
fn refuse_about_keys(file: &Path, is_about_keys: bool) -> Result<(), CommandError> {
    if is_about_keys { Err(refused(file, ImportError::Export)) } else { Ok(()) }
}

async fn open_store(
    settings: &Settings,
    file: &Path,
    is_about_keys: bool,
) -> Result<Wallets, CommandError> {
    refuse_about_keys(file, is_about_keys)?;
    let password = source_password(settings).await?;
    let records = wire::open_file(file, &password)?.all()?;
    Ok(Wallets { records, format: "wallet store", notes: Vec::new(), keys_of: None })
}

/// The file's format says the chain where it is a format of one chain only.
async fn open_keys(
    settings: &Settings,
    flags: &ImportFlags,
    file: &KeyFile,
    keys_of: Option<(String, &'static dyn Chain)>,
) -> Result<Wallets, CommandError> {
    let implied = || file.format().chain().map(find_wallet_chain).transpose();
    let Some((code, chain)) = keys_of.map_or_else(implied, |named| Ok(Some(named)))? else {
        let problem = "it contains keys; name their chain with --chain";
        return Err(CommandError::Refused(format!("{}: {problem}", flags.file.display())));
    };
    let network = settings.network;
    let target = Target {
        chain: chain.spec().id.as_str(),
        keys: &chain.spec().key,
        network,
        address_of: &|key: &PublicKey| Some(chain.address(network, key).ok()?.as_str().to_owned()),
        wishes: Wishes {
            ignore_file_address: flags.ignore_file_address,
            leave_out_reserve: flags.without_reserve,
            algorithm: flags.key_type.map(|key_type| match key_type {
                KeyType::Ed25519 => SeedAlgorithm::Ed25519,
                KeyType::Secp256k1 => SeedAlgorithm::Secp256k1,
            }),
        },
    };
    let password =
        if file.format().needs_password() { Some(source_password(settings).await?) } else { None };
    let opened = file.open(&target, password.as_ref());
    let Contents { found, left } = opened.map_err(|error| refused(&flags.file, error))?;
    let notes = found.iter().flat_map(|found| found.notes.clone());
    let notes = shortened(notes.collect()).into_iter().chain(left).collect();
    let records = found.into_iter().rev().map(|found| record(found, &code, chain, network));
    let records = records.collect::<Result<_, _>>()?;
    Ok(Wallets { records, format: file.format().name(), notes, keys_of: Some(code) })
}

fn shortened(mut notes: Vec<String>) -> Vec<String> {
    let more = notes.len().saturating_sub(NOTES_MAX);
    if more > 0 {
        notes.truncate(NOTES_MAX);
        notes.push(format!("… and {more} more like these"));
    }
    notes
}

fn record(
    found: Found,
    code: &str,
    chain: &dyn Chain,
    network: Network,
) -> Result<WalletRecord, CommandError> {
    let fields = match found.secret {
        Secret::Key(text) => {
            let address = SecretText::new(found.address);
            let wallet = NewWallet::from_private_key(text);
            [("address", address)].into_iter().chain(wallet.fields).collect()
        }
        Secret::Phrase(text) => {
            NewWallet::import(chain, network, text.to_mnemonic(), false)?.fields
        }
    };
    Ok(WalletRecord::new(wire::new_signature_id()?, fields, code, network))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, CommandError> {
    let io = |source: io::Error| StoreError::Io { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(io)?.len();
    if length > FILE_MAX_BYTES {
        let problem = "it is larger than 1 GiB";
        return Err(CommandError::Refused(format!("{}: {problem}", path.display())));
    }
    let room = usize::try_from(length).unwrap_or_default().saturating_add(1);
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    // Not more than there was: growing would leave a copy behind.
    File::open(path).and_then(|file| file.take(length).read_to_end(&mut content)).map_err(io)?;
    Ok(content)
}

async fn source_password(settings: &Settings) -> Result<Password, CommandError> {
    match settings.import_password_source() {
        Some(source) => Ok(fetch(&source).await?),
        None => Ok(read_secret("Enter the password of the file to import: ")?.to_password()),
    }
}

/// Prints what would be stored. An existing store is only read.
async fn show(settings: &Settings, wallets: Wallets) -> Result<(), CommandError> {
    let all = wallets.records.len();
    let (mut new, known) = if settings.store.exists() {
        leave_out_known(&wire::open_existing(settings).await?, &wallets.keys_of, wallets.records)?
    } else {
        (wallets.records, Vec::new())
    };
    new.reverse();
    for record in &new {
        output::raw(&format!("{}\n", shown(record, wallets.format)))?;
    }
    wallets.notes.iter().chain(&known).for_each(|note| output::note(note));
    let there = all.saturating_sub(new.len());
    output::note(&format!(
        "nothing was stored; wallets that would be stored: {}; already stored: {there}",
        new.len()
    ));
    Ok(())
}

fn shown(record: &WalletRecord, format: &str) -> Value {
    let summary = record.summary();
    let kind = match summary.kind {
        WalletKind::Mnemonic => "phrase",
        WalletKind::PrivateKey | WalletKind::Secret => "key",
        WalletKind::Other => "other",
    };
    json!({
        "chain": summary.chain,
        "testnet": summary.testnet,
        "address": summary.address.or_else(|| first_address(record)),
        "kind": kind,
        "format": format,
    })
}

/// The address of index 0.
fn first_address(record: &WalletRecord) -> Option<String> {
    let summary = record.summary();
    let (_, chain) = find_wallet_chain(&summary.chain).ok()?;
    let network = Network::from_testnet_flag(summary.testnet);
    let phrase = record.secret("mnemonic")?.to_mnemonic();
    let account = kms_keys::Account::derive(&chain.spec().key, network, &phrase).ok()?;
    let key = account.at(kms_core::AddressIndex::ZERO).ok()?;
    Some(chain.address(network, key.public_key()).ok()?.as_str().to_owned())
}

/// Records come newest first, and are added oldest first.
async fn store(settings: &Settings, wallets: Wallets) -> Result<(), CommandError> {
    let password = wire::password(settings).await?;
    let mut store = wire::open_or_create(settings, &password)?;
    let all = wallets.records.len();
    let (mut new, known) = leave_out_known(&store, &wallets.keys_of, wallets.records)?;
    new.reverse();
    store.add(&new)?;
    for record in &new {
        if let Finding::Bad(problem) = check(record) {
            output::note(&format!("{}: stored unchanged, but {problem}", record.id()));
        }
        let mut line = json!({ "signatureId": record.id().as_str() });
        let address = record.public_text("address").map(str::to_owned);
        let address = address.or_else(|| wallets.keys_of.as_ref().and(first_address(record)));
        if let (Some(address), Some(line)) = (address, line.as_object_mut()) {
            line.insert(String::from("address"), json!(address));
        }
        output::raw(&format!("{line}\n"))?;
    }
    for network in [Network::Mainnet, Network::Testnet] {
        let is_of = |record: &&WalletRecord| record.summary().testnet == network.is_testnet();
        let stored: Vec<_> = new.iter().filter(is_of).map(|record| record.id().clone()).collect();
        if !stored.is_empty() {
            wire::tell_twins(&store, &stored, network);
        }
    }
    wallets.notes.iter().chain(&known).for_each(|note| output::note(note));
    let there = all.saturating_sub(new.len());
    output::note(&format!("wallets stored: {}; already stored: {there}", new.len()));
    Ok(())
}

/// The wallets that are not yet stored, and a note on each whose key is. Payments name ids, so a
/// wallet that comes with an id is compared by id only.
fn leave_out_known(
    store: &Unlocked,
    keys_of: &Option<String>,
    records: Vec<WalletRecord>,
) -> Result<(Vec<WalletRecord>, Vec<String>), CommandError> {
    let Some(chain) = keys_of else {
        return Ok((leave_out_known_ids(store, records)?, Vec::new()));
    };
    let network = records.first().map(|record| record.summary().testnet);
    let network = Network::from_testnet_flag(network.unwrap_or_default());
    let holders = store.holders_of(&records, chain, network)?;
    let (mut new, mut notes) = (Vec::with_capacity(records.len()), Vec::new());
    for (record, holder) in records.into_iter().zip(holders) {
        match holder {
            Some(holder) => notes.push(note_of_known(&record, &holder)),
            None => new.push(record),
        }
    }
    notes.reverse();
    Ok((new, shortened(notes)))
}

fn note_of_known(record: &WalletRecord, holder: &SignatureId) -> String {
    let address = record.public_text("address").unwrap_or("the phrase");
    format!("{address}: already stored as wallet {holder}; skipped")
}

fn leave_out_known_ids(
    store: &Unlocked,
    records: Vec<WalletRecord>,
) -> Result<Vec<WalletRecord>, CommandError> {
    let summaries = store.summaries()?.into_iter().chain(store.removed()?);
    let known: HashSet<_> = summaries.map(|summary| summary.id).collect();
    let mut new = Vec::with_capacity(records.len());
    for record in records {
        if !known.contains(record.id()) {
            new.push(record);
            continue;
        }
        let own = store.get(record.id())?;
        if own.is_none_or(|own| !own.reveal().is_same(&record.reveal())) {
            return Err(CommandError::Refused(format!(
                "signature id {} is already in the store with other content; nothing was stored",
                record.id()
            )));
        }
    }
    Ok(new)
}
