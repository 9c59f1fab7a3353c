//! Flow: the JSON that an access node takes, with a signature of the account's key.
//! <https://developers.flow.com/networks/access-onchain-data/access-http-api>

use alloy_primitives::hex;
use cryptoxide::hashing::sha3_256;
use data_encoding::BASE64;
use k256::ecdsa::{Signature, VerifyingKey, signature::hazmat::PrehashVerifier as _};
use kms_core::Network;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::offer::Signer;
use crate::verify::{
    Case, Rejection, Valid,
    json::{self, Coins},
    require_equal, rlp, to_point,
};

const TAG: &[u8; 32] = b"FLOW-V0.0-transaction\0\0\0\0\0\0\0\0\0\0\0";
const DECIMALS: u32 = 8;

/// In the order in which it is sent; all numbers are texts.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Transaction {
    script: String,
    arguments: Vec<String>,
    reference_block_id: String,
    gas_limit: String,
    payer: String,
    proposal_key: ProposalKey,
    authorizers: Vec<String>,
    payload_signatures: Vec<Signed>,
    envelope_signatures: Vec<Signed>,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct ProposalKey {
    address: String,
    key_index: String,
    sequence_number: String,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Signed {
    address: String,
    key_index: String,
    signature: String,
}

/// A payload of the API's, as far as it is compared.
#[derive(Deserialize)]
struct Payload {
    r#type: u64,
    body: Body,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    account: String,
    #[serde(default)]
    to: Value,
    #[serde(default)]
    amount: Coins,
    #[serde(default)]
    currency: String,
    #[serde(default)]
    token_id: String,
    #[serde(default)]
    url: Value,
    #[serde(default)]
    contract_address: String,
    #[serde(default)]
    public_key: String,
    #[serde(default)]
    transaction: String,
    #[serde(default)]
    args: Vec<Value>,
}

const MALFORMED: Rejection = Rejection::Malformed("it is not valid for an access node");

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let transaction = Transaction::read(case.raw)?;
    let payload: Payload = json::read(case.sample.payload())?;
    check_signer(case, &transaction)?;
    let account = payload.body.account.trim_start_matches("0x");
    let authorizers = transaction.authorizers.join(", ");
    require_equal("authorizers", authorizers.as_str(), account, |own| (*own).to_owned())?;
    check_content(case.sample.expected().network, &transaction, &payload)?;
    let ProposalKey { address, key_index, sequence_number } = &transaction.proposal_key;
    let uses = vec![format!("flow {address} {key_index} {sequence_number}")];
    Ok(Valid { txid: transaction.id().ok_or(MALFORMED)?, uses, nonce: None })
}

impl Transaction {
    /// # Errors
    /// When it is not the JSON that is sent, in that very form.
    pub(crate) fn read(raw: &str) -> Result<Self, Rejection> {
        let own: Self = serde_json::from_str(raw).map_err(|_| MALFORMED)?;
        let is_same = serde_json::to_string(&own).is_ok_and(|text| text == raw);
        if is_same && own.id().is_some() { Ok(own) } else { Err(MALFORMED) }
    }

    /// The message that proposer and authorizer sign.
    fn payload(&self) -> Option<Vec<u8>> {
        let arguments = self.arguments.iter().map(|one| Some(rlp::bytes(&base64(one)?)));
        let arguments = arguments.collect::<Option<Vec<_>>>()?.concat();
        let authorizers = self.authorizers.iter().map(|one| Some(rlp::bytes(&address(one)?)));
        let authorizers = authorizers.collect::<Option<Vec<_>>>()?.concat();
        Some(rlp::list(&[
            &rlp::bytes(&base64(&self.script)?),
            &rlp::list(&[&arguments]),
            &rlp::bytes(&hex::decode(&self.reference_block_id).ok().filter(|id| id.len() == 32)?),
            &rlp::number(number(&self.gas_limit)?),
            &rlp::bytes(&address(&self.proposal_key.address)?),
            &rlp::number(number(&self.proposal_key.key_index)?),
            &rlp::number(number(&self.proposal_key.sequence_number)?),
            &rlp::bytes(&address(&self.payer)?),
            &rlp::list(&[&authorizers]),
        ]))
    }

    /// Signers by their places: proposer, payer, authorizers, each account once.
    fn signatures(&self, signatures: &[Signed]) -> Option<Vec<u8>> {
        let mut accounts = vec![&self.proposal_key.address];
        for account in std::iter::once(&self.payer).chain(&self.authorizers) {
            if !accounts.contains(&account) {
                accounts.push(account);
            }
        }
        let one = |signed: &Signed| {
            let place = accounts.iter().position(|own| **own == signed.address)?;
            let place = u64::try_from(place).ok()?;
            let signature = base64(&signed.signature).filter(|bytes| bytes.len() == 64)?;
            Some(rlp::list(&[
                &rlp::number(place),
                &rlp::number(number(&signed.key_index)?),
                &rlp::bytes(&signature),
            ]))
        };
        let all = signatures.iter().map(one).collect::<Option<Vec<_>>>()?.concat();
        Some(rlp::list(&[&all]))
    }

    pub(crate) fn id(&self) -> Option<String> {
        let parts = [
            self.payload()?,
            self.signatures(&self.payload_signatures)?,
            self.signatures(&self.envelope_signatures)?,
        ];
        Some(crate::verify::hex(sha3_256(&rlp::list(&[&parts.concat()]))))
    }

    fn is_signed_by(&self, address: &str, key: &VerifyingKey, is_envelope: bool) -> Option<bool> {
        let (signatures, message) = if is_envelope {
            let own = self.signatures(&self.payload_signatures)?;
            let parts = [self.payload()?, own].concat();
            (&self.envelope_signatures, rlp::list(&[&parts]))
        } else {
            (&self.payload_signatures, self.payload()?)
        };
        let own = signatures.iter().find(|signed| signed.address == address)?;
        let signature = Signature::from_slice(&base64(&own.signature)?).ok()?.normalize_s();
        let hash = sha3_256(&[TAG.as_slice(), &message].concat());
        Some(key.verify_prehash(&hash, &signature).is_ok())
    }

    /// Checks the roles whose keys an access node knows.
    ///
    /// # Errors
    /// When the proposer or the payer has not signed.
    pub(crate) fn check_roles(&self, key: &VerifyingKey) -> Result<(), Rejection> {
        let proposer = self.is_signed_by(&self.proposal_key.address, key, false);
        let payer = self.is_signed_by(&self.payer, key, true);
        match (proposer, payer) {
            (Some(true), Some(true)) => Ok(()),
            _ => Err(Rejection::Signature("it is not that of the proposer's or payer's key")),
        }
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text.as_bytes()).ok()
}

fn address(digits: &str) -> Option<Vec<u8>> {
    hex::decode(digits).ok().filter(|bytes| bytes.len() == 8)
}

fn number(digits: &str) -> Option<u64> {
    let number: u64 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

fn check_signer(case: &Case<'_>, transaction: &Transaction) -> Result<(), Rejection> {
    let [expected] = case.sample.expected().signers.as_slice() else {
        return Err(Rejection::Expected("an account has one signer here"));
    };
    let key = match expected {
        Signer::PublicKey(key) => to_point(key),
        Signer::Address(point) => {
            let point = hex::decode(point).unwrap_or_default();
            VerifyingKey::from_sec1_bytes(&[&[0x04], point.as_slice()].concat()).ok()
        }
    };
    let key = key.ok_or(Rejection::Expected("it is not a key of this chain"))?;
    let account = transaction.authorizers.first().map_or("", String::as_str);
    let own: Vec<_> = transaction.payload_signatures.iter().collect();
    let is_own_key = own.iter().any(|own| own.address == account && own.key_index == "0");
    match transaction.is_signed_by(account, &key, false) {
        Some(true) if is_own_key && own.len() == 2 => Ok(()),
        _ => Err(Rejection::OtherSigner {
            found: format!("a key of 0x{account}"),
            expected: crate::verify::hex(key.to_sec1_point(false).as_bytes()),
        }),
    }
}

/// The parameters of a script, the contract it is about, and what it is given.
fn check_content(
    network: Network,
    transaction: &Transaction,
    Payload { r#type: kind, body }: &Payload,
) -> Result<(), Rejection> {
    let script = base64(&transaction.script).and_then(|bytes| String::from_utf8(bytes).ok());
    let script = script.ok_or(MALFORMED)?;
    let unreadable = |what: &str| Rejection::Payload(format!("{what} cannot be read"));
    let text = |text: &str| json!({ "type": "String", "value": text });
    let to = || json!({ "type": "Address", "value": body.to });
    let id = || json!({ "type": "UInt64", "value": body.token_id });
    let kind_of_token = || text(&body.contract_address);
    let (parameters, contract, arguments) = match kind {
        0 => ("(publicKey: String)", "", None),
        1 => ("(publicKey: String)", "", None),
        2 => {
            let units = body.amount.units(DECIMALS).ok_or_else(|| unreadable("amount"))?;
            let digits = format!("{units:0>9}");
            let (whole, fraction) = digits.split_at(digits.len().saturating_sub(8));
            let amount = json!({ "type": "UFix64", "value": format!("{whole}.{fraction}") });
            let token = if body.currency == "FUSD" { "FUSD" } else { "FlowToken" };
            ("(amount: UFix64, recipient: Address)", token, Some(vec![amount, to()]))
        }
        4 => {
            let url = text(body.url.as_str().ok_or_else(|| unreadable("url"))?);
            let parameters = "(recipient: Address, url: String, type: String)";
            (parameters, "TatumMultiNFT", Some(vec![to(), url, kind_of_token()]))
        }
        5 => {
            let lists = [list("Address", &body.to), list("String", &body.url)];
            let [Some(to), Some(url)] = lists else { return Err(unreadable("to or url")) };
            let parameters = "(recipient: [Address], url: [String], type: String)";
            (parameters, "TatumMultiNFT", Some(vec![to, url, kind_of_token()]))
        }
        6 => ("(", "TatumMultiNFT", Some(vec![id()])),
        7 => ("(recipient: Address, ", "TatumMultiNFT", Some(vec![to(), id()])),
        _ => {
            require_equal("script", &script, &body.transaction, |own| (*own).clone())?;
            ("", "", Some(body.args.iter().filter_map(argument).collect()))
        }
    };
    let has_contract = contract.is_empty() || imports(network, &script, contract);
    if !script.contains(&format!("transaction{parameters}")) || !has_contract {
        let expected = format!("one of {contract} with {parameters}");
        return Err(Rejection::Differs { field: String::from("script"), found: script, expected });
    }
    let found: Vec<_> = transaction.arguments.iter().filter_map(|one| base64(one)).collect();
    let found = found.iter().map(|one| String::from_utf8_lossy(one).into_owned());
    let found: Vec<_> = found.collect();
    match arguments {
        Some(arguments) => {
            let wanted: Vec<_> = arguments.iter().map(Value::to_string).collect();
            require_equal("arguments", found.join(" "), wanted.join(" "), String::clone)
        }
        // The key itself, or in a list with its algorithms.
        None => {
            if found.concat().contains(&body.public_key) && found.len() == 1 {
                Ok(())
            } else {
                Err(Rejection::Differs {
                    field: String::from("publicKey"),
                    found: found.concat(),
                    expected: body.public_key.clone(),
                })
            }
        }
    }
}

fn list(kind: &str, items: &Value) -> Option<Value> {
    let item = |value: &Value| json!({ "type": kind, "value": value });
    let items: Vec<_> = items.as_array()?.iter().map(item).collect();
    Some(json!({ "type": "Array", "value": items }))
}

/// Converts an argument to Cadence's form, in which numbers are strings.
fn argument(argument: &Value) -> Option<Value> {
    let kind = argument.get("type")?;
    match argument.get("value")? {
        Value::Number(number) => Some(json!({ "type": kind, "value": number.to_string() })),
        value => Some(json!({ "type": kind, "value": value })),
    }
}

/// Contracts where the network and the API have them.
fn imports(network: Network, script: &str, contract: &str) -> bool {
    let address = match (network, contract) {
        (Network::Mainnet, "FlowToken") => "1654653399040a61",
        (Network::Testnet, "FlowToken") => "7e60df042a9c0868",
        (Network::Mainnet, "FUSD") => "3c5959b568896393",
        (Network::Testnet, "FUSD") => "e223d8a629e49c68",
        (Network::Mainnet, _) => "354e6721564ccd2c",
        (Network::Testnet, _) => "87fe4ebd0cddde06",
    };
    script.contains(&format!("import {contract} from 0x{address}\n"))
}
