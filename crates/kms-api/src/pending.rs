//! The only place that reads the API's JSON of pending transactions.

use kms_core::{
    AddressIndex, ChainId, ChainSpec, ContentDigest, IdError, IndexedWallet, Network, Pending,
    PendingRequest, SignatureId, TransactionId, Withdrawal, WithdrawalEntry, WithdrawalId,
};
use kms_json::is_one_name;
use serde_json::{Map, Value, value::RawValue};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::{
    error::one_line,
    json::{self, JsonError},
    secrets,
};

/// `vIn` of an entry of the pool, which spends nothing.
const POOL_ENTRY: &str = "-1";

/// The members that are read, in a pending transaction and in what it holds.
const MEMBERS: &[&str] = &[
    "id",
    "chain",
    "hashes",
    "signatures",
    "index",
    "withdrawalId",
    "withdrawalResponses",
    "serializedTransaction",
    "vIn",
    "vInIndex",
    "address",
    "derivationKey",
];

/// A pending transaction that cannot be read.
#[derive(Debug)]
pub struct BadPending {
    /// The id to report it under; `None` if the id itself is unreadable.
    pub id: Option<TransactionId>,
    /// Digest of the object as it was received, so that it is reported once.
    pub digest: ContentDigest,
    /// The reason.
    pub problem: PendingError,
}

/// The reason why a pending transaction cannot be read. Repeats no secret.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each variant's message is its sentence")]
pub enum PendingError {
    #[error("the pending transaction cannot be read: {0}")]
    Json(#[from] JsonError),
    #[error("the pending transaction is not a JSON object")]
    NotAnObject,
    #[error("the pending transaction has no `{0}`")]
    Missing(String),
    #[error("`{field}` of the pending transaction {problem}")]
    Field { field: String, problem: String },
    #[error("the pending transaction is for chain `{found}`, but {polled} was polled")]
    OtherChain { found: String, polled: ChainId },
}

/// Reads the list that a poll is answered with. An item that cannot be read does not harm the
/// others.
///
/// # Errors
/// When the answer is not JSON list.
pub fn read_list(
    body: &str,
    chain: &ChainSpec,
    network: Network,
) -> Result<Vec<Result<Pending, BadPending>>, JsonError> {
    let items = kms_json::items(body)?.into_iter();
    Ok(items.map(|raw| read(raw, chain, network).map_err(|problem| bad(raw, problem))).collect())
}

fn bad(raw: &RawValue, problem: PendingError) -> BadPending {
    let digest = ContentDigest::from_bytes(Sha256::digest(raw.get()).into());
    BadPending { id: find_id(raw), digest, problem }
}

/// The id of an object that is otherwise unreadable, if it has exactly one.
fn find_id(raw: &RawValue) -> Option<TransactionId> {
    let members = kms_json::members(raw.get()).ok()?;
    let mut ids = members.into_iter().filter(|(name, _)| is_one_name(name, "id"));
    let (Some((name, id)), None) = (ids.next(), ids.next()) else { return None };
    if name != "id" {
        return None;
    }
    TransactionId::parse(json::parse(id.get()).ok()?.as_str()?).ok()
}

fn read(raw: &RawValue, spec: &ChainSpec, network: Network) -> Result<Pending, PendingError> {
    let value = json::parse(raw.get())?;
    json::check_names(&value, MEMBERS)?;
    let Value::Object(members) = value else { return Err(PendingError::NotAnObject) };
    let object = Object { members: &members, path: String::new() };
    let (found, chain) = (object.text("chain")?, spec.id);
    if !spec.goes_by(found) {
        return Err(PendingError::OtherChain { found: one_line(found), polled: chain });
    }
    Ok(Pending::new(PendingRequest {
        id: TransactionId::parse(object.text("id")?).map_err(|error| object.bad_id("id", error))?,
        chain,
        network,
        hashes: read_hashes(&object)?,
        signatures: read_signatures(&object)?,
        index: object.index("index")?,
        withdrawal: read_withdrawal(&object)?,
        payload: object.text("serializedTransaction")?.to_owned(),
        as_received: secrets::without(raw),
    }))
}

fn read_hashes(object: &Object<'_>) -> Result<Vec<SignatureId>, PendingError> {
    let hashes = object.list("hashes")?.ok_or_else(|| object.missing("hashes"))?;
    let read = |(position, hash): (usize, &Value)| {
        let field = format!("hashes[{position}]");
        let text = hash.as_str().ok_or_else(|| object.wrong(&field, "is not a text"))?;
        SignatureId::parse(text).map_err(|error| object.bad_id(&field, error))
    };
    hashes.iter().enumerate().map(read).collect()
}

fn read_signatures(object: &Object<'_>) -> Result<Vec<IndexedWallet>, PendingError> {
    let read = |item: Object<'_>| {
        let id = SignatureId::parse(item.text("id")?).map_err(|error| item.bad_id("id", error))?;
        Ok(IndexedWallet { wallet: id, index: item.index("index")? })
    };
    object.objects("signatures")?.unwrap_or_default().into_iter().map(read).collect()
}

fn read_withdrawal(object: &Object<'_>) -> Result<Option<Withdrawal>, PendingError> {
    let id = match object.member("withdrawalId") {
        None => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(_) => object.text("withdrawalId")?,
    };
    let id = WithdrawalId::parse(id).map_err(|error| object.bad_id("withdrawalId", error))?;
    let entries = object.objects("withdrawalResponses")?;
    let entries = entries.map(|entries| entries.into_iter().map(read_entry).collect());
    Ok(Some(Withdrawal { id, entries: entries.transpose()? }))
}

fn read_entry(entry: Object<'_>) -> Result<WithdrawalEntry, PendingError> {
    let transaction = entry.text("vIn")?;
    if transaction == POOL_ENTRY {
        return Ok(WithdrawalEntry::Pool);
    }
    let output = match entry.member("vInIndex") {
        None => None,
        Some(index) => {
            let output = index.as_u64().and_then(|output| u32::try_from(output).ok());
            Some(output.ok_or_else(|| entry.wrong("vInIndex", "is not the number of an output"))?)
        }
    };
    // The original takes the key at index 0 where the API names none.
    let index = match entry.object("address")? {
        Some(address) => address.index("derivationKey")?,
        None => None,
    };
    let index = index.unwrap_or(AddressIndex::ZERO);
    Ok(WithdrawalEntry::Input { transaction: transaction.to_owned(), output, index })
}

/// A JSON object with its place in the pending transaction. A member that is `null` counts as
/// absent.
struct Object<'a> {
    members: &'a Map<String, Value>,
    path: String,
}

impl<'a> Object<'a> {
    fn member(&self, name: &str) -> Option<&'a Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<&'a str, PendingError> {
        let value = self.member(name).ok_or_else(|| self.missing(name))?;
        value.as_str().ok_or_else(|| self.wrong(name, "is not a text"))
    }

    /// A whole number, also as decimal text: the original reads `"1"` as 1.
    fn index(&self, name: &str) -> Result<Option<AddressIndex>, PendingError> {
        let Some(value) = self.member(name) else { return Ok(None) };
        let index = match value {
            Value::Number(number) => AddressIndex::parse(&number.to_string()),
            Value::String(text) => AddressIndex::parse(text),
            _ => return Err(self.wrong(name, "is not a number")),
        };
        index.map(Some).map_err(|error| self.wrong(name, &format!("is unusable: {error}")))
    }

    fn list(&self, name: &str) -> Result<Option<&'a [Value]>, PendingError> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(self.wrong(name, "is not a list")),
        }
    }

    fn object(&self, name: &str) -> Result<Option<Object<'a>>, PendingError> {
        match self.member(name) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(Object { members, path: self.place(name) })),
            Some(_) => Err(self.wrong(name, "is not an object")),
        }
    }

    fn objects(&self, name: &str) -> Result<Option<Vec<Object<'a>>>, PendingError> {
        let Some(items) = self.list(name)? else { return Ok(None) };
        let read = |(position, item): (usize, &'a Value)| {
            let field = format!("{name}[{position}]");
            match item {
                Value::Object(members) => Ok(Object { members, path: self.place(&field) }),
                _ => Err(self.wrong(&field, "is not an object")),
            }
        };
        items.iter().enumerate().map(read).collect::<Result<_, _>>().map(Some)
    }

    fn place(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    fn missing(&self, name: &str) -> PendingError {
        PendingError::Missing(self.place(name))
    }

    fn wrong(&self, name: &str, problem: &str) -> PendingError {
        PendingError::Field { field: self.place(name), problem: problem.to_owned() }
    }

    fn bad_id(&self, name: &str, error: IdError) -> PendingError {
        self.wrong(name, &format!("is unusable: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use kms_core::{
        Amount, ByNetwork, Derivation, KeySpec, Scheme, SecretEncoding, WalletLayout, XPUB,
    };

    use super::*;

    const ETH: ChainSpec = ChainSpec {
        id: ChainId::new("ETH"),
        name: "Ethereum",
        other_codes: &["ETHER"],
        token_codes: &[],
        api_path: "ethereum",
        withdrawals: true,
        testnet_type_header: true,
        decimals: 18,
        fee_most: Amount::MAX,
        token_fees_most: &[],
        harmless_members: &[],
        key: KeySpec {
            scheme: Scheme::EcdsaSecp256k1,
            derivation: Derivation::Bip44 {
                coin_type: ByNetwork::same(60),
                version: ByNetwork::same(XPUB),
            },
            encoding: SecretEncoding::PrefixedHex,
            layout: WalletLayout::XpubMnemonic,
        },
    };

    #[test]
    fn a_chain_goes_by_its_other_codes_and_keeps_its_own() {
        let text = |chain: &str| {
            format!(r#"{{"id":"x","chain":"{chain}","hashes":[],"serializedTransaction":"{{}}"}}"#)
        };
        for code in ["ETH", "ETHER"] {
            assert_eq!(read_one(&text(code)).unwrap().chain, ETH.id);
        }
        let other = read_one(&text("BTC")).unwrap_err().problem;
        assert!(matches!(other, PendingError::OtherChain { polled, .. } if polled == ETH.id));
    }

    fn read_one(text: &str) -> Result<Pending, BadPending> {
        let list = format!("[{text}]");
        read_list(&list, &ETH, Network::Testnet).unwrap().into_iter().next().unwrap()
    }

    fn with(members: &str) -> String {
        let comma = if members.is_empty() { "" } else { "," };
        format!(
            r#"{{"id":"9fea6d2f5490ec04abff600c","chain":"ETH","hashes":["a6bf3c0f-f9ab-4bde-bad6-ebf39c1fd5e9"],"serializedTransaction":"{{}}"{comma}{members}}}"#
        )
    }

    fn problem(text: &str) -> String {
        read_one(text).unwrap_err().problem.to_string()
    }

    #[test]
    fn the_object_is_kept_character_by_character() {
        let text = "{ \"serializedTransaction\": \"a\\u0062\",\"hashes\":[] ,\n\"chain\":\"ETH\", \"id\":\"x1\",\"amount\":1.10 }";
        let pending = read_one(text).unwrap();
        assert_eq!(pending.as_received, text);
        assert_eq!(pending.payload, "ab");
        assert_eq!(pending.id.as_str(), "x1");
        assert!(pending.hashes.is_empty() && pending.signatures.is_empty());
        assert!(pending.index.is_none() && pending.withdrawal.is_none());
    }

    #[test]
    fn a_private_key_in_the_payload_is_for_the_signer_only() {
        let text = r#"{"id":"x","chain":"ETH","hashes":[],"serializedTransaction":"{\"txData\":\"01\",\"mintPK\":\"5ec2e7\"}"}"#;
        let pending = read_one(text).unwrap();
        assert_eq!(pending.payload, r#"{"txData":"01","mintPK":"5ec2e7"}"#);
        assert_eq!(
            pending.as_received,
            r#"{"id":"x","chain":"ETH","hashes":[],"serializedTransaction":"{\"txData\":\"01\"}"}"#
        );
        assert!(!format!("{pending:?}").contains("5ec2e7"));
    }

    #[test]
    fn an_index_is_a_whole_number_or_its_decimal_text() {
        let index =
            |text: &str| read_one(&with(text)).map(|pending| pending.index.map(|i| i.get()));
        assert_eq!(index(r#""index":2147483647"#).unwrap(), Some(2_147_483_647));
        assert_eq!(index(r#""index":0"#).unwrap(), Some(0));
        assert_eq!(index(r#""index":"3""#).unwrap(), Some(3));
        assert_eq!(index(r#""index":null"#).unwrap(), None);
        for bad in [
            "1.5",
            "1.0",
            "1e0",
            "-1",
            "2147483648",
            "18446744073709551616",
            "\"\"",
            "\"0x1\"",
            "\" 1\"",
            "true",
            "[1]",
            "{}",
        ] {
            let found = problem(&with(&format!(r#""index":{bad}"#)));
            assert!(found.starts_with("`index` of the pending transaction is "), "{bad}: {found}");
        }
    }

    #[test]
    fn members_that_differ_in_case_only_are_refused_at_any_depth() {
        for (members, twins) in [
            (r#""Hashes":["w2"]"#, "`hashes` and `Hashes`"),
            (r#""SERIALIZEDTRANSACTION":"{}""#, "`serializedTransaction` and `SER"),
            (r#""memo":1,"\u004demo":2"#, "`memo` and `Memo`"),
            (r#""signatures":[{"id":"w1","note":{"x":1,"X":2}}]"#, "`x` and `X`"),
        ] {
            let found = problem(&with(members));
            assert!(found.contains(twins) && found.contains("differ only in case"), "{found}");
        }
    }

    #[test]
    fn a_member_in_another_case_is_not_passed_over() {
        for (members, known) in [
            (r#""Index":4"#, "`index`"),
            (r#""WithdrawalID":"w""#, "`withdrawalId`"),
            (r#""signatures":[{"id":"w1","INDEX":7}]"#, "`index`"),
        ] {
            let found = problem(&with(members));
            assert!(found.contains(&format!("must be spelled {known}")), "{found}");
        }
    }

    #[test]
    fn what_is_reported_has_one_id() {
        let id = |text: &str| read_one(text).unwrap_err().id.map(|id| id.to_string());
        assert_eq!(id(r#"{"id":"x","chain":"ETH","hashes":0}"#).as_deref(), Some("x"));
        assert_eq!(id(r#"{"id":"x","ID":"y","chain":"ETH"}"#), None);
        assert_eq!(id(r#"{"Id":"x","chain":"ETH"}"#), None);
    }

    #[test]
    fn signatures_carry_wallets_with_their_indexes() {
        let pending =
            read_one(&with(r#""signatures":[{"id":"w1","index":804},{"id":"w2"}]"#)).unwrap();
        let read: Vec<_> = pending
            .signatures
            .iter()
            .map(|signature| (signature.wallet.as_str(), signature.index.map(|index| index.get())))
            .collect();
        assert_eq!(read, [("w1", Some(804)), ("w2", None)]);
        assert!(read_one(&with(r#""signatures":null"#)).unwrap().signatures.is_empty());
        let found = problem(&with(r#""signatures":[{"id":"w1"},{"index":1}]"#));
        assert_eq!(found, "the pending transaction has no `signatures[1].id`");
        let found = problem(&with(r#""signatures":[{"id":"w1","index":1.5}]"#));
        assert!(found.starts_with("`signatures[0].index` of the pending"), "{found}");
    }

    #[test]
    fn a_withdrawal_has_pool_entries_and_inputs() {
        let text = with(
            r#""withdrawalId":"fd1d","withdrawalResponses":[
                {"vIn":"-1","vInIndex":-1,"amount":2.5},
                {"vIn":"aa","vInIndex":1,"address":{"derivationKey":7,"xpub":"t"}},
                {"vIn":"bb","address":{"derivationKey":null}},
                {"vIn":"cc","address":null}]"#,
        );
        let withdrawal = read_one(&text).unwrap().withdrawal.clone().unwrap();
        assert_eq!(withdrawal.id.as_str(), "fd1d");
        let entries: Vec<_> = withdrawal
            .entries
            .unwrap()
            .into_iter()
            .map(|entry| match entry {
                WithdrawalEntry::Pool => None,
                WithdrawalEntry::Input { transaction, output, index } => {
                    Some((transaction, output, index.get()))
                }
            })
            .collect();
        let input = |name: &str, output, index| Some((String::from(name), output, index));
        assert_eq!(
            entries,
            [None, input("aa", Some(1), 7), input("bb", None, 0), input("cc", None, 0)]
        );
    }

    #[test]
    fn no_entries_and_an_empty_list_of_entries_differ() {
        let entries =
            |text: &str| read_one(&with(text)).unwrap().withdrawal.clone().unwrap().entries;
        assert!(entries(r#""withdrawalId":"w""#).is_none());
        assert!(entries(r#""withdrawalId":"w","withdrawalResponses":null"#).is_none());
        assert!(entries(r#""withdrawalId":"w","withdrawalResponses":[]"#).unwrap().is_empty());
    }

    #[test]
    fn an_empty_withdrawal_id_is_none() {
        for none in
            [r#""withdrawalId":null"#, r#""withdrawalId":"""#, r#""withdrawalResponses":[]"#]
        {
            assert!(read_one(&with(none)).unwrap().withdrawal.is_none(), "{none}");
        }
    }

    #[test]
    fn bad_entries_of_a_withdrawal_are_refused() {
        for (entry, expected) in [
            (
                r#"{"vIn":-1}"#,
                "`withdrawalResponses[0].vIn` of the pending transaction is not a text",
            ),
            ("{}", "the pending transaction has no `withdrawalResponses[0].vIn`"),
            (
                r#"{"vIn":"aa","vInIndex":-1}"#,
                "`withdrawalResponses[0].vInIndex` of the pending transaction is not the number of an output",
            ),
            (
                r#"{"vIn":"aa","vInIndex":4294967296}"#,
                "`withdrawalResponses[0].vInIndex` of the pending transaction is not the number of an output",
            ),
            (
                r#"{"vIn":"aa","address":[]}"#,
                "`withdrawalResponses[0].address` of the pending transaction is not an object",
            ),
            ("7", "`withdrawalResponses[0]` of the pending transaction is not an object"),
        ] {
            let members = format!(r#""withdrawalId":"w","withdrawalResponses":[{entry}]"#);
            assert_eq!(problem(&with(&members)), expected);
        }
    }

    #[test]
    fn what_is_missing_or_of_the_wrong_type_is_named() {
        for (text, expected) in [
            (
                r#"{"id":"x","chain":"ETH","serializedTransaction":"{}"}"#,
                "the pending transaction has no `hashes`",
            ),
            (
                r#"{"id":"x","chain":"ETH","hashes":null,"serializedTransaction":"{}"}"#,
                "the pending transaction has no `hashes`",
            ),
            (
                r#"{"id":"x","chain":"ETH","hashes":"a","serializedTransaction":"{}"}"#,
                "`hashes` of the pending transaction is not a list",
            ),
            (
                r#"{"id":"x","chain":"ETH","hashes":[1],"serializedTransaction":"{}"}"#,
                "`hashes[0]` of the pending transaction is not a text",
            ),
            (
                r#"{"id":"x","chain":"ETH","hashes":[""],"serializedTransaction":"{}"}"#,
                "`hashes[0]` of the pending transaction is unusable: an id cannot be empty",
            ),
            (
                r#"{"id":"x","chain":"ETH","hashes":[]}"#,
                "the pending transaction has no `serializedTransaction`",
            ),
            (
                r#"{"id":"x","chain":"ETH","hashes":[],"serializedTransaction":{"a":1}}"#,
                "`serializedTransaction` of the pending transaction is not a text",
            ),
            (
                r#"{"id":"x","hashes":[],"serializedTransaction":"{}"}"#,
                "the pending transaction has no `chain`",
            ),
            (
                r#"{"id":"x","chain":"BSC","hashes":[],"serializedTransaction":"{}"}"#,
                "the pending transaction is for chain `BSC`, but ETH was polled",
            ),
            (
                r#"{"id":"x","chain":"eth","hashes":[],"serializedTransaction":"{}"}"#,
                "the pending transaction is for chain `eth`, but ETH was polled",
            ),
            ("7", "the pending transaction is not a JSON object"),
        ] {
            assert_eq!(problem(text), expected);
        }
    }

    #[test]
    fn one_bad_transaction_does_not_harm_the_others() {
        let list = format!(
            r#"[{},null,{{"id":"x","id":"y"}},{},"<html>"]"#,
            with(""),
            with(r#""index":1"#)
        );
        let list = read_list(&list, &ETH, Network::Testnet).unwrap();
        let read: Vec<_> = list.iter().map(Result::is_ok).collect();
        assert_eq!(read, [true, false, false, true, false]);
    }

    #[test]
    fn a_bad_transaction_is_reported_under_its_id_if_it_has_one() {
        let id = |text: &str| read_one(text).unwrap_err().id.map(|id| id.as_str().to_owned());
        assert_eq!(id(&with(r#""index":-1"#)).as_deref(), Some("9fea6d2f5490ec04abff600c"));
        assert_eq!(id(r#"{"id":"x","chain":"ETH","chain":"BSC"}"#).as_deref(), Some("x"));
        for unreadable in [r#"{"id":"x","id":"x"}"#, r#"{"id":7}"#, r#"{"id":"../x"}"#, "{}", "[]"]
        {
            assert_eq!(id(unreadable), None, "{unreadable}");
        }
    }

    #[test]
    fn the_digest_of_a_bad_transaction_is_that_of_its_text() {
        let digest = |text: &str| *read_one(text).unwrap_err().digest.as_bytes();
        assert_eq!(digest("{}"), digest("{}"));
        assert_ne!(digest("{}"), digest(r#"{"id":"x"}"#));
    }

    #[test]
    fn an_answer_that_is_no_list_is_refused_whole() {
        for bad in ["{}", "<html>hi</html>", "\"text\"", "[", "[{}] []", ""] {
            assert!(read_list(bad, &ETH, Network::Testnet).is_err(), "{bad:?}");
        }
    }
}
