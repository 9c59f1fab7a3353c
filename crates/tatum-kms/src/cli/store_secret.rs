use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use kms_keys::SigningKey;
use kms_keystore::WalletRecord;
use kms_secret::SecretText;
use kms_unlock::ask_hidden;
use serde_json::json;
use zeroize::Zeroizing;

use super::{generate, output};
use crate::{
    command_error::CommandError,
    config::{Settings, find_wallet_chain},
    new_wallet::{NewWallet, address_of},
    wire,
};

pub(super) const MNEMONIC_EXAMPLES: &str = "\
Examples:
  tatum-kms storemanagedwallet ETH
  tatum-kms storemanagedwallet BTC --testnet < phrase.txt

The phrase is checked before it is stored: its words, and their checksum.";

pub(super) const KEY_EXAMPLES: &str = "\
Examples:
  tatum-kms storemanagedprivatekey ETH
  tatum-kms storemanagedprivatekey BTC --testnet < key.txt

The key is read as one of the chain, and its address is shown, before it is stored.";

/// Longer than any phrase or key.
const LINE_MAX_BYTES: u64 = 4096;

pub(super) async fn mnemonic(
    settings: &Settings,
    chain: &str,
    lenient: bool,
) -> Result<(), CommandError> {
    let (code, chain) = find_wallet_chain(chain)?;
    let password = wire::password(settings).await?;
    let mnemonic = read_secret("Enter mnemonic to store:")?.to_mnemonic();
    let wallet = NewWallet::import(chain, settings.network, mnemonic, lenient)?;
    generate::store(settings, &password, &code, wallet)
}

pub(super) async fn key(settings: &Settings, chain: &str) -> Result<(), CommandError> {
    let (code, chain) = find_wallet_chain(chain)?;
    let text = read_secret("Enter private key to store:")?;
    let key = SigningKey::parse(&chain.spec().key, settings.network, &text)?;
    let address = address_of(chain, settings.network, &key)?;
    output::note(&format!("the key's address on {} {} is {}", code, settings.network, address));
    let password = wire::password(settings).await?;
    let id = wire::new_signature_id()?;
    let shown = json!({ "signatureId": id.as_str() });
    let wallet = NewWallet::from_private_key(text);
    let record = WalletRecord::new(id.clone(), wallet.fields, &code, settings.network);
    let mut store = wire::open_for_writing(settings, &password)?;
    store.add(&[record])?;
    output::json(&shown)?;
    wire::tell_twins(&store, &[id], settings.network);
    Ok(())
}

/// From a hidden prompt on a terminal, from one line of stdin otherwise; white space around it
/// is taken off.
pub(super) fn read_secret(prompt: &str) -> Result<SecretText, CommandError> {
    let text = match io::stdin().is_terminal() {
        true => ask_hidden(prompt)?,
        false => read_line()?,
    };
    match text.is_blank() {
        true => Err(CommandError::Refused(String::from("nothing was given"))),
        false => Ok(text.trimmed()),
    }
}

fn read_line() -> Result<SecretText, CommandError> {
    let mut line = Zeroizing::new(Vec::with_capacity(usize::try_from(LINE_MAX_BYTES).unwrap_or(0)));
    let mut limited = io::stdin().lock().take(LINE_MAX_BYTES);
    let read = limited.read_until(b'\n', &mut line)?;
    if u64::try_from(read).unwrap_or(u64::MAX) >= LINE_MAX_BYTES {
        return Err(CommandError::Refused(String::from("the line on stdin is too long")));
    }
    let text = kms_files::text(&line);
    let text =
        text.map_err(|error| CommandError::Refused(format!("the line on stdin: {error}")))?;
    Ok(SecretText::new(text.to_owned()))
}
