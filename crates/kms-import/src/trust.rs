//! Trust Wallet's files (wallet-core's `StoredKey`): a phrase or a key, and the accounts that
//! the wallet shows for it.

use kms_core::{Derivation, Network};
use kms_secret::Password;
use serde::Deserialize;

use crate::{
    Contents,
    body::{self, Body, MacKind, damaged},
    error::ImportError,
    target::Target,
    v3::is_path,
};

const ETHEREUM: u32 = 60;
/// Chains whose accounts are Ethereum's in Trust Wallet: it derives them on the same path.
const ETHEREUMS: [&str; 5] = ["BSC", "CELO", "KCS", "KLAY", "MATIC"];

#[derive(Deserialize)]
struct File {
    crypto: Body,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, rename = "activeAccounts")]
    accounts: Vec<Account>,
}

#[derive(Deserialize)]
struct Account {
    /// A coin type of SLIP-44, or a number of Trust Wallet's own.
    coin: u32,
    address: String,
    #[serde(default, rename = "derivationPath")]
    path: String,
}

pub(crate) fn open(
    text: &str,
    target: &Target<'_>,
    password: &Password,
) -> Result<Contents, ImportError> {
    let file: File = body::read(text)?;
    let secret = file.crypto.open(password, MacKind::Keccak256)?;
    let of_coin = |coin: Option<u32>| {
        file.accounts.iter().filter(|account| Some(account.coin) == coin).collect::<Vec<_>>()
    };
    let mut accounts = of_coin(coin_type(target));
    if accounts.is_empty() && ETHEREUMS.contains(&target.chain) {
        accounts = of_coin(Some(ETHEREUM));
    }
    let named: Vec<_> = accounts.iter().map(|account| account.address.as_str()).collect();
    let mut found = match file.kind.as_str() {
        "private-key" => target.key_of_bytes(&secret, &named)?,
        "mnemonic" => {
            let phrase = body::phrase(&secret)?;
            target.phrase(phrase, &named).map_err(|error| explain(error, &accounts))?
        }
        _ => return Err(damaged("`type` is neither mnemonic nor private-key")),
    };
    if named.is_empty() {
        found.notes.push(format!(
            "{}: the file names no address of this chain to compare with",
            found.address
        ));
    }
    Ok(vec![found].into())
}

/// Names the path of an account that the phrase does not lead to here.
fn explain(error: ImportError, accounts: &[&Account]) -> ImportError {
    match (error, accounts.first()) {
        (ImportError::ForeignAddress { named, own }, Some(account)) if is_path(&account.path) => {
            ImportError::Refused(
                format!(
                    "Trust Wallet shows {named} for this phrase, at {}; in this program the \
                     phrase's address at index 0 is {own}. storemanagedwallet --expect {named} \
                     stores the key at Trust Wallet's path; --ignore-file-address imports the \
                     phrase with this program's addresses",
                    account.path
                )
                .into(),
            )
        }
        (error, _) => error,
    }
}

/// The chain's number in SLIP-44, where its keys are derived by one.
fn coin_type(target: &Target<'_>) -> Option<u32> {
    let of_chain = match target.keys.derivation {
        Derivation::Bip44 { coin_type, .. } => *coin_type.on(Network::Mainnet),
        Derivation::Slip10 { coin_type } => *coin_type.on(Network::Mainnet),
        _ => match target.chain {
            "ADA" => 1815,
            "BNB" => 714,
            "XRP" => 144,
            "XLM" => 148,
            "ALGO" => 283,
            _ => return None,
        },
    };
    // Trust Wallet has a separate number for BNB Smart Chain.
    Some(if target.chain == "BSC" { 20_000_714 } else { of_chain })
}
