//! The payload: a type of the API's, and its body.

use bitcoin::secp256k1;
use kms_core::{Amount, Asset, ChainOptions, DecodeError, Effects, Network, Transfer, Unexplained};
use serde_json::Value;

use super::{
    FLOW,
    address::Account,
    arguments,
    builtin::{self, Script},
};
use crate::codec::{
    decimal, hex,
    json::{self, Json, Object},
    members,
};

/// Bytes of a script, at most: the network's own limit for a whole transaction is 1.5 MB.
const SCRIPT_MAX_BYTES: usize = 256 << 10;
const ARGUMENTS_MAX: usize = 100;
/// Receivers of one minting, at most.
const MINTED_MAX: usize = 500;
const POINT_DIGITS: usize = 128;

/// The actions that an account is to authorize.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) account: Account,
    pub(super) script: String,
    pub(super) arguments: Vec<String>,
    does: Does,
}

#[derive(Debug)]
enum Does {
    Transfer(Transfer),
    /// Actions that cannot be described in the terms that all chains share.
    Other(Vec<Unexplained>),
}

/// # Errors
/// When a member is missing or is not what it should be, or the operator has to allow it first.
pub(super) fn read(
    text: &str,
    network: Network,
    options: &ChainOptions,
) -> Result<Request, DecodeError> {
    let object = json::parse_object(text)?;
    let body = object.get("body").and_then(Json::as_object).ok_or(DecodeError::Missing("body"))?;
    let account = account(body, "account")?;
    let kind = match object.get("type") {
        // `2.0` is the original's 2 and would be a script of the user's own here.
        Some(Json::Number(literal)) if literal.bytes().all(|digit| digit.is_ascii_digit()) => {
            literal.as_str()
        }
        _ => return Err(DecodeError::field("type", "is not the number of a type")),
    };
    let read = match kind {
        "0" => create_account,
        "1" if options.allow_account_changes => add_key,
        "1" => return Err(DecodeError::AccountChange("further keys of an account")),
        "2" => transfer,
        "4" | "5" | "6" | "7" if !options.allow_flow_nft => return Err(nfts_refused(network)),
        "4" => mint,
        "5" => mint_several,
        "6" => burn,
        "7" => transfer_nft,
        // As in the original, whatever else has a script of its own.
        _ if options.allow_account_changes => custom,
        _ => custom_without_keys,
    };
    let (script, arguments, does) = read(body, network)?;
    let arguments = arguments.iter().map(Value::to_string).collect();
    members::check_all_read(&object, &FLOW, options)?;
    Ok(Request { account, script, arguments, does })
}

/// The contract is in none of the reports on the migration to Cadence 1.0, and the network runs
/// nothing else.
fn nfts_refused(network: Network) -> DecodeError {
    let contract = builtin::nft(network);
    let what = format!(
        "NFTs of {contract}, a contract that was not migrated to Cadence 1.0, so that the network \
         refuses them,"
    );
    DecodeError::NotAllowed { what: what.into(), flag: "--allow-flow-nft" }
}

impl Does {
    fn only(what: String) -> Self {
        Self::Other(vec![Unexplained::new(what)])
    }

    /// Describes an action without details, once per account concerned.
    fn for_accounts(what: &str, accounts: impl Iterator<Item = String>) -> Self {
        let all: Vec<_> =
            accounts.map(|account| Unexplained::new(what).for_receiver(account)).collect();
        if all.is_empty() { Self::only(what.to_owned()) } else { Self::Other(all) }
    }
}

type Read = Result<(String, Vec<Value>, Does), DecodeError>;

impl Request {
    pub(super) fn add_to(&self, effects: &mut Effects) {
        match &self.does {
            Does::Transfer(transfer) => {
                let to_self = transfer.to == self.account.spell();
                effects.add_transfer(Transfer { to_self, ..transfer.clone() });
            }
            Does::Other(all) => all.iter().for_each(|one| effects.add_unexplained(one.clone())),
        }
    }
}

fn create_account(body: &Object, network: Network) -> Read {
    let key = public_key(body)?;
    let does = Does::only(format!("an account for the key {key}, and its deposit"));
    Ok((Script::CreateAccount.text(network), vec![arguments::text(&key)], does))
}

fn add_key(body: &Object, network: Network) -> Read {
    let key = public_key(body)?;
    let does = Does::only(format!("adds the key {key} to the account"));
    Ok((Script::AddKey.text(network), vec![arguments::text(&key)], does))
}

fn transfer(body: &Object, network: Network) -> Read {
    let to = account(body, "to")?;
    let units = amount(body)?;
    let (script, asset) = match text(body, "currency")? {
        "FLOW" => (Script::TransferFlow, Asset::Native),
        "FUSD" => (Script::TransferFusd, Asset::Token { contract: builtin::fusd(network) }),
        _ => return Err(DecodeError::field("currency", "is neither FLOW nor FUSD")),
    };
    let amount = Amount::from_base_units(units);
    let does =
        Does::Transfer(Transfer { asset, to: to.spell(), amount, to_self: false, tag: None });
    Ok((script.text(network), vec![arguments::fixed(units), arguments::address(&to)], does))
}

fn mint(body: &Object, network: Network) -> Read {
    let (to, url) = (account(body, "to")?, text(body, "url")?);
    let kind = text(body, "contractAddress")?;
    let what = format!("mints a token for {}", to.spell());
    let does = Does::Other(vec![Unexplained::new(what).for_receiver(to.spell())]);
    let arguments = vec![arguments::address(&to), arguments::text(url), arguments::text(kind)];
    Ok((Script::MintNft.text(network), arguments, does))
}

fn mint_several(body: &Object, network: Network) -> Read {
    let (receivers, urls) = (list(body, "to")?, list(body, "url")?);
    if receivers.len() != urls.len() {
        return Err(DecodeError::field("url", "does not have one entry per entry of `to`"));
    }
    let wrong = |name: &'static str| {
        move || {
            DecodeError::field(
                name,
                "has an element of the wrong \
                                                                       type",
            )
        }
    };
    let account = |entry: &Json| entry.as_text().and_then(Account::read).ok_or_else(wrong("to"));
    let url = |entry: &Json| Ok(arguments::text(entry.as_text().ok_or_else(wrong("url"))?));
    let accounts = receivers.iter().map(account).collect::<Result<Vec<_>, DecodeError>>()?;
    let urls = urls.iter().map(url).collect::<Result<_, DecodeError>>()?;
    let kind = arguments::text(text(body, "contractAddress")?);
    let what = format!("mints {} tokens", accounts.len());
    let does = Does::for_accounts(&what, accounts.iter().map(Account::spell));
    let addresses = accounts.iter().map(arguments::address).collect();
    let arguments = vec![arguments::list(addresses), arguments::list(urls), kind];
    Ok((Script::MintNfts.text(network), arguments, does))
}

fn burn(body: &Object, network: Network) -> Read {
    let id = token_id(body)?;
    let does = Does::only(format!("burns the token {id}"));
    Ok((Script::BurnNft.text(network), vec![arguments::number(id)], does))
}

fn transfer_nft(body: &Object, network: Network) -> Read {
    let (to, id) = (account(body, "to")?, token_id(body)?);
    let asset = Asset::Item { contract: builtin::nft(network), id: Amount::from_base_units(id) };
    let amount = Amount::from_base_units(1);
    let does =
        Does::Transfer(Transfer { asset, to: to.spell(), amount, to_self: false, tag: None });
    let arguments = vec![arguments::address(&to), arguments::number(id)];
    Ok((Script::TransferNft.text(network), arguments, does))
}

fn custom(body: &Object, _: Network) -> Read {
    let script = text(body, "transaction")?;
    if script.len() > SCRIPT_MAX_BYTES {
        return Err(DecodeError::TooLarge);
    }
    let list = body.get("args").and_then(Json::as_list).ok_or(DecodeError::Missing("args"))?;
    if list.len() > ARGUMENTS_MAX {
        return Err(DecodeError::TooLarge);
    }
    let arguments = list.iter().map(arguments::read).collect::<Result<Vec<_>, _>>()?;
    let addresses = arguments.iter().flat_map(arguments::addresses_in);
    let does = Does::for_accounts("a script of the user's own", addresses);
    Ok((script.to_owned(), arguments, does))
}

/// A script whose words cannot give the account to others. Keys are changed, and a capability for
/// the whole account is made, only by what a script names: entitlements, and the type `Account` a
/// second time besides that of its parameter.
/// <https://cadence-lang.org/docs/language/accounts/>
fn custom_without_keys(body: &Object, network: Network) -> Read {
    const OF_KEYS: [&str; 3] = ["AddKey", "Keys", "RevokeKey"];
    let read = custom(body, network)?;
    let (script, ..) = &read;
    let is_mark = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_';
    let mut words = script.split(is_mark);
    let names_keys = words.clone().any(|word| OF_KEYS.contains(&word));
    if names_keys || words.by_ref().filter(|word| *word == "Account").count() > 1 {
        return Err(DecodeError::AccountChange("scripts that can change who controls an account"));
    }
    Ok(read)
}

fn text<'a>(body: &'a Object, name: &'static str) -> Result<&'a str, DecodeError> {
    match body.get(name) {
        Some(Json::Text(text)) if !text.is_empty() => Ok(text),
        Some(_) => Err(DecodeError::field(name, "is not text")),
        None => Err(DecodeError::Missing(name)),
    }
}

fn list<'a>(body: &'a Object, name: &'static str) -> Result<&'a [Json], DecodeError> {
    let list = body.get(name).ok_or(DecodeError::Missing(name))?.as_list();
    let list = list.filter(|list| (1..=MINTED_MAX).contains(&list.len()));
    list.ok_or_else(|| DecodeError::field(name, "is not a list of 1 to 500 entries"))
}

fn account(body: &Object, name: &'static str) -> Result<Account, DecodeError> {
    Account::read(text(body, name)?)
        .ok_or_else(|| DecodeError::field(name, "is not an address of `0x` and 16 digits"))
}

/// In units of 10⁻⁸.
fn amount(body: &Object) -> Result<u64, DecodeError> {
    let wrong = |problem: &'static str| DecodeError::field("amount", problem);
    let text = text(body, "amount")?;
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|one| one.is_ascii_digit());
    if !digits.splitn(2, '.').all(is_number) {
        return Err(wrong("is not a decimal number with digits on both sides of its point"));
    }
    let units = decimal::read(&Json::Text(digits.to_owned()), FLOW.spec.decimals).map_err(wrong)?;
    let units = units.and_then(|units| u64::try_from(units).ok());
    units.ok_or_else(|| wrong("is above 184467440737.09551615"))
}

fn token_id(body: &Object) -> Result<u64, DecodeError> {
    let digits = text(body, "tokenId")?;
    let id = digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok());
    id.flatten().ok_or_else(|| DecodeError::field("tokenId", "is not a 64-bit number"))
}

/// The digits of a point of the curve, as the network takes them.
fn public_key(body: &Object) -> Result<String, DecodeError> {
    let digits = text(body, "publicKey")?;
    let point = hex::decode(digits).filter(|_| digits.len() == POINT_DIGITS);
    let is_point = point.is_some_and(|point| {
        secp256k1::PublicKey::from_slice(&[&[0x04], point.as_slice()].concat()).is_ok()
    });
    if is_point {
        Ok(digits.to_owned())
    } else {
        Err(DecodeError::field("publicKey", "is not a point of secp256k1"))
    }
}
