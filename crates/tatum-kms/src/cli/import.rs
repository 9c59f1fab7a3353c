//! Wallets of files that others wrote: all of them are stored, or none.

use std::{
    collections::HashSet,
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
};

use kms_core::{Chain, Network};
use kms_keys::SigningKey;
use kms_keystore::{StoreError, Unlocked, WalletRecord, is_web3, open_web3, read_export};
use kms_secret::{Password, SecretText};
use kms_sqlite::WalletFile;
use kms_unlock::fetch;
use serde_json::json;
use zeroize::Zeroizing;

use super::{output, store_secret::read_secret};
use crate::{
    command_error::CommandError,
    config::{Settings, find_wallet_chain},
    new_wallet::{NewWallet, address_of},
    wallet_check::{Finding, check},
    wire,
};

/// A million wallets of the original take about 200 MB.
const FILE_MAX_BYTES: u64 = 1 << 30;
const KEYS_MAX: usize = 1_000_000;
const SQLITE: &[u8] = b"SQLite format 3\0";
/// `Salted__` in base64, with which the original's files begin.
const LEGACY: &[u8] = b"U2FsdGVkX1";

pub(super) async fn run(
    settings: &Settings,
    file: &Path,
    chain: Option<&str>,
) -> Result<(), CommandError> {
    let keys_of = chain.map(find_wallet_chain).transpose()?;
    let content = read(file)?;
    let is_store = content.starts_with(SQLITE) || content.starts_with(LEGACY);
    let records = match (is_store || is_object(&content), keys_of) {
        (true, None) if is_store => {
            let password = source_password(settings).await?;
            let source = WalletFile::new(file.to_owned(), kms_chains::find_wallet_code);
            source.open_unchanged(&password)?.all()?
        }
        (true, None) if !is_web3(&content) => read_export(&content, file)?,
        (true, Some((code, chain))) if is_web3(&content) => {
            let password = source_password(settings).await?;
            let key = open_web3(&content, &password);
            let key = key.map_err(|error| refused(file, &error.to_string()))?;
            vec![of_key(settings, &code, chain, key)?]
        }
        (false, Some((code, chain))) => read_keys(settings, &content, &code, chain)?,
        (_, None) => return Err(refused(file, "it holds keys; say of which --chain")),
        (_, Some(_)) => return Err(refused(file, "its wallets have chains; leave --chain out")),
    };
    store(settings, records).await
}

fn refused(file: &Path, problem: &str) -> CommandError {
    CommandError::Refused(format!("{}: {problem}", file.display()))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, CommandError> {
    let io = |source: io::Error| StoreError::Io { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(io)?.len();
    if length > FILE_MAX_BYTES {
        return Err(refused(path, "it is larger than a gibibyte"));
    }
    let room = usize::try_from(length).unwrap_or_default().saturating_add(1);
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    // Not more than there was: growing would leave a copy behind.
    File::open(path).and_then(|file| file.take(length).read_to_end(&mut content)).map_err(io)?;
    Ok(content)
}

fn is_object(content: &[u8]) -> bool {
    content.trim_ascii_start().starts_with(b"{")
}

async fn source_password(settings: &Settings) -> Result<Password, CommandError> {
    match settings.import_password_source() {
        Some(source) => Ok(fetch(&source).await?),
        None => Ok(read_secret("Enter the password of the file to import: ")?.to_password()),
    }
}

fn of_key(
    settings: &Settings,
    code: &str,
    chain: &dyn Chain,
    text: SecretText,
) -> Result<WalletRecord, CommandError> {
    let (id, network) = (wire::new_signature_id()?, settings.network);
    let key = SigningKey::parse(&chain.spec().key, network, &text)?;
    let address = SecretText::new(address_of(chain, network, &key)?);
    let wallet = NewWallet::from_private_key(text);
    let fields = [("address", address)].into_iter().chain(wallet.fields).collect();
    Ok(WalletRecord::new(id, fields, code, network))
}

/// An error names the line and repeats nothing of it.
fn read_keys(
    settings: &Settings,
    content: &[u8],
    code: &str,
    chain: &dyn Chain,
) -> Result<Vec<WalletRecord>, CommandError> {
    let at = |line: usize, problem: &str| {
        CommandError::Refused(format!("line {}: {problem}", line.saturating_add(1)))
    };
    let (mut records, mut addresses) = (Vec::new(), HashSet::new());
    for (number, line) in content.split(|&byte| byte == b'\n').enumerate() {
        let text = std::str::from_utf8(line).map_err(|_| at(number, "it is no text"))?.trim();
        if text.is_empty() {
            continue;
        }
        let record = of_key(settings, code, chain, SecretText::new(text.to_owned()))
            .map_err(|error| at(number, &error.to_string()))?;
        if !addresses.insert(record.public_text("address").unwrap_or_default().to_owned()) {
            return Err(at(number, "the key was there before"));
        }
        if records.len() >= KEYS_MAX {
            return Err(at(number, "a list has at most a million keys"));
        }
        records.push(record);
    }
    match records.is_empty() {
        true => Err(CommandError::Refused(String::from("there is no key in the file"))),
        false => {
            records.reverse();
            Ok(records)
        }
    }
}

/// Records come newest first, and are added oldest first.
async fn store(settings: &Settings, records: Vec<WalletRecord>) -> Result<(), CommandError> {
    let password = wire::password(settings).await?;
    let mut store = wire::open_for_writing(settings, &password)?;
    let all = records.len();
    let mut new = leave_out_known(&store, records)?;
    new.reverse();
    store.add(&new)?;
    for record in &new {
        if let Finding::Bad(problem) = check(record) {
            output::note(&format!("{}: stored as it is, but {problem}", record.id()));
        }
        let mut line = json!({ "signatureId": record.id().as_str() });
        if let (Some(address), Some(line)) = (record.public_text("address"), line.as_object_mut()) {
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
    let known = all.saturating_sub(new.len());
    output::note(&format!("wallets stored: {}; there already: {known}", new.len()));
    Ok(())
}

fn leave_out_known(
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
                "signature id {} is in the store already, with other content; nothing was stored",
                record.id()
            )));
        }
    }
    Ok(new)
}
