//! Searches for the expected address of a recovery phrase: on the chain's path here, and on those
//! of other tools.

use kms_core::{AddressIndex, Chain, Derivation, Network, ToolPath};
use kms_keys::{Account, SigningKey, key_at_path, key_of_words};
use kms_secret::Mnemonic;

use crate::{command_error::CommandError, new_wallet::address_of};

/// So many addresses of each path are looked at.
const NUMBERS: u32 = 20;

/// The place where an address was found.
pub(super) enum Found {
    /// On the chain's own path.
    Here(AddressIndex),
    /// On another tool's path: the key alone can be stored.
    Elsewhere { path: String, tools: &'static str, key: SigningKey },
}

/// Looks for the address among the first ones of each path.
///
/// # Errors
/// When it is on none of them: what was tried, with the first address of each.
pub(super) fn find(
    chain: &dyn Chain,
    network: Network,
    phrase: &Mnemonic,
    expected: &str,
) -> Result<Found, CommandError> {
    let spec = &chain.spec().key;
    let is_it = |key: &SigningKey| chain.is_address_of(network, key.public_key(), expected.trim());
    let mut tried = Vec::new();
    match spec.derivation {
        Derivation::Single { words: true, .. } => {
            let key = key_of_words(phrase)?;
            if is_it(&key) {
                return Ok(Found::Here(AddressIndex::ZERO));
            }
            tried.push(said(chain, network, "(no path)", "every tool", &key)?);
        }
        Derivation::Single { .. } if chain.tool_paths().is_empty() => {
            return Err(CommandError::Refused(format!(
                "wallets of {} have no recovery phrase; store the key with storemanagedprivatekey",
                chain.spec().id
            )));
        }
        _ => (),
    }
    if let Some(path) = spec.derivation.path(network) {
        let account = Account::derive(spec, network, phrase)?;
        for index in (0..NUMBERS).filter_map(|number| AddressIndex::new(number).ok()) {
            let key = account.at(index)?;
            if is_it(&key) {
                return Ok(Found::Here(index));
            }
            if index == AddressIndex::ZERO {
                tried.push(said(chain, network, &at(&path, 0), "this program", &key)?);
            }
        }
    }
    let on_mainnet = spec.derivation.path(Network::Mainnet).filter(|_| network.is_testnet());
    if let Some(path) = on_mainnet {
        let account = Account::derive(spec, Network::Mainnet, phrase)?;
        for number in 0..NUMBERS {
            let Ok(index) = AddressIndex::new(number) else { continue };
            let key = account.at(index)?;
            if is_it(&key) {
                let tools = "tools that use the mainnet path";
                return Ok(Found::Elsewhere { path: at(&path, number), tools, key });
            }
        }
    }
    for tool in chain.tool_paths() {
        for number in 0..NUMBERS {
            let Ok(key) = key_at_path(spec, phrase, tool, number) else { break };
            if is_it(&key) {
                let path = spelled(tool, number);
                return Ok(Found::Elsewhere { path, tools: tool.tools, key });
            }
            if number == 0 {
                tried.push(said(chain, network, &spelled(tool, 0), tool.tools, &key)?);
            }
        }
    }
    Err(CommandError::Refused(format!(
        "the phrase does not lead to {expected} on {} {network}; nothing was stored. These paths \
         were searched for their first {NUMBERS} addresses; the first address of each is:\n{}",
        chain.spec().id,
        tried.join("\n")
    )))
}

fn said(
    chain: &dyn Chain,
    network: Network,
    path: &str,
    tools: &str,
    key: &SigningKey,
) -> Result<String, CommandError> {
    Ok(format!("  {path}  {}  ({tools})", address_of(chain, network, key)?))
}

fn spelled(tool: &ToolPath, number: u32) -> String {
    tool.path.map_or_else(|| String::from("(no path)"), |path| at(path, number))
}

/// The path of one address.
pub(super) fn at(path: &str, number: u32) -> String {
    path.replace('i', &number.to_string())
}
