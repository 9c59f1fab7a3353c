use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use kms_cli::{PhraseFlags, StoreManagedWalletArgs};
use kms_core::{AddressIndex, Chain};
use kms_import::electrum_phrase;
use kms_keys::{Account, SigningKey, canonical, check, is_canonical};
use kms_keystore::WalletRecord;
use kms_secret::{Mnemonic, Password, SecretText};
use kms_unlock::ask_hidden;
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    access::ask,
    expect::{self, Found},
    generate, output,
};
use crate::{
    command_error::CommandError,
    config::{Settings, find_wallet_chain},
    new_wallet::{NewWallet, address_of},
    wire,
};

/// Longer than any phrase or key.
const LINE_MAX_BYTES: u64 = 4096;

pub(super) async fn mnemonic(
    settings: &Settings,
    args: &StoreManagedWalletArgs,
) -> Result<(), CommandError> {
    let flags = &args.phrase;
    let (code, chain) = find_wallet_chain(&args.chain)?;
    wire::require_lasting_store(settings)?;
    let password = wire::password(settings).await?;
    let typed = read_secret("Enter mnemonic to store:")?.to_mnemonic();
    let lenient = flags.allow_nonstandard_mnemonic;
    let (is_as_typed, words) = (is_canonical(&typed), canonical(&typed));
    let phrase = if lenient { typed } else { canonical(&typed) };
    if chain.spec().key.derivation.path(settings.network).is_some() {
        check_phrase(&phrase, lenient)?;
    }
    if let Some(expected) = &flags.expect {
        match expect::find(chain, settings.network, &phrase, expected)? {
            Found::Here(index) => {
                output::note(&format!("{expected} is at index {}", index.get()));
            }
            Found::Elsewhere { path, tools, key } => {
                let found = format!(
                    "{expected} is at {path}, the path used by {tools}; a wallet made from this \
                     phrase does not use that path"
                );
                return store_found(settings, &password, (&code, chain), (&found, &key), flags);
            }
        }
    }
    tell_first_address(settings, &code, chain, &phrase)?;
    if !is_as_typed && lenient {
        output::note(
            "that is the address of the phrase exactly as typed; other tools join its words with \
             single spaces, which leads to:",
        );
        tell_first_address(settings, &code, chain, &words)?;
    } else if !is_as_typed {
        output::note("the phrase is stored with its words joined by single spaces");
    }
    let wallet = NewWallet::import(chain, settings.network, phrase, lenient)?;
    generate::store(settings, &password, &code, wallet)
}

/// Checks a phrase; one of Electrum is named, which BIP-39 would call mistyped.
fn check_phrase(phrase: &Mnemonic, lenient: bool) -> Result<(), CommandError> {
    check(phrase, lenient).map_err(|error| match electrum_phrase(phrase) {
        Some(kind) => CommandError::Refused(kind.advice()),
        None => error.into(),
    })
}

/// Tells where the first address of a wallet is, and which it is, before it is stored.
fn tell_first_address(
    settings: &Settings,
    code: &str,
    chain: &dyn Chain,
    phrase: &Mnemonic,
) -> Result<(), CommandError> {
    let (spec, network) = (&chain.spec().key, settings.network);
    let Some(path) = spec.derivation.path(network) else { return Ok(()) };
    let key = Account::derive(spec, network, phrase)?.at(AddressIndex::ZERO)?;
    let address = address_of(chain, network, &key)?;
    let path = expect::at(&path, 0);
    output::note(&format!("the first address on {code} {network} is {address}, at {path}"));
    Ok(())
}

/// Stores the key alone of an address that was found on another tool's path, if that is wanted.
fn store_found(
    settings: &Settings,
    password: &Password,
    (code, chain): (&str, &dyn Chain),
    (found, key): (&str, &SigningKey),
    flags: &PhraseFlags,
) -> Result<(), CommandError> {
    output::note(found);
    let is_wanted = flags.single_key
        || (io::stdin().is_terminal()
            && ask("Store the key of this address, without the phrase?")?);
    if !is_wanted {
        return Err(CommandError::Refused(String::from(
            "nothing was stored; --single-key stores the key of this address, without the phrase",
        )));
    }
    let text = key.to_text(&chain.spec().key, settings.network);
    store_key(settings, password, code, text)
}

pub(super) async fn key(settings: &Settings, chain: &str) -> Result<(), CommandError> {
    let (code, chain) = find_wallet_chain(chain)?;
    wire::require_lasting_store(settings)?;
    let text = read_secret("Enter private key to store:")?;
    let key = SigningKey::parse(&chain.spec().key, settings.network, &text)?;
    let address = address_of(chain, settings.network, &key)?;
    output::note(&format!("the key's address on {} {} is {}", code, settings.network, address));
    let password = wire::password(settings).await?;
    store_key(settings, &password, &code, text)
}

fn store_key(
    settings: &Settings,
    password: &Password,
    code: &str,
    text: SecretText,
) -> Result<(), CommandError> {
    let id = wire::new_signature_id()?;
    let shown = json!({ "signatureId": id.as_str() });
    let wallet = NewWallet::from_private_key(text);
    let record = WalletRecord::new(id.clone(), wallet.fields, code, settings.network);
    let mut store = wire::open_or_create(settings, password)?;
    store.add(&[record])?;
    output::json(&shown)?;
    wire::tell_twins(&store, &[id], settings.network);
    Ok(())
}

/// From a hidden prompt on a terminal, from one line of stdin otherwise; white space around it
/// is taken off.
pub(super) fn read_secret(prompt: &str) -> Result<SecretText, CommandError> {
    let text = if io::stdin().is_terminal() { ask_hidden(prompt)? } else { read_line()? };
    if text.is_blank() {
        Err(CommandError::Refused(String::from("no input was given")))
    } else {
        Ok(text.trimmed())
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
