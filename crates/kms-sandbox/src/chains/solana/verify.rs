//! Solana: the instructions that were offered, with a signature of every signer over the message.

use std::collections::BTreeSet;

use cryptoxide::ed25519;
use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use serde::Deserialize;

use crate::offer::Signer;
use crate::verify::{Case, Rejection, Valid, json, require_equal};

type Key = [u8; 32];

/// A packet of the network.
const BYTES_MAX: usize = 1_232;
/// The placeholder in a payload for a blockhash that is still to be filled in.
const PLACEHOLDER: &str = "7WyEshBZcZwEbJsvSeGgCkSNMxxxFAym3x7Cuj6UjAUE";
/// The system program's `advanceNonceAccount`.
const ADVANCE_NONCE: [u8; 4] = [4, 0, 0, 0];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    tx_data: String,
    #[serde(rename = "mintPK", default)]
    mint_key: Option<String>,
}

/// A transaction of which the form, and every signature, was checked.
#[derive(Debug)]
pub(crate) struct Submitted {
    /// The first signature.
    pub(crate) txid: String,
    pub(crate) is_version_0: bool,
    message: Message,
}

#[derive(Debug, Eq, PartialEq)]
struct Message {
    is_version_0: bool,
    /// The payer is the first.
    signers: Vec<Key>,
    blockhash: Key,
    calls: Vec<Call>,
    /// Tables, each with the places that are written and read.
    tables: Vec<(Key, Vec<u8>, Vec<u8>)>,
    bytes: usize,
}

#[derive(Debug, Eq, PartialEq)]
struct Call {
    program: Account,
    accounts: Vec<(Account, Access)>,
    data: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Account {
    Named(Key),
    /// The place in a table.
    Listed(Key, u8),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Access {
    signs: bool,
    writes: bool,
}

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let submitted = read_submitted(case.raw)?;
    let payload: Payload = json::read(case.sample.payload())?;
    let asked = Asked::read(&payload)?;
    check_signers(case, &submitted.message.signers, &asked)?;
    check_content(&submitted.message, &asked)?;
    let Submitted { txid, .. } = submitted;
    Ok(Valid { uses: vec![format!("solana {txid}")], txid, nonce: None })
}

/// Checks a transaction as a node does before it accepts it: its form and its signatures.
///
/// # Errors
/// The first of them that is not as it should be.
pub(crate) fn read_submitted(raw: &str) -> Result<Submitted, Rejection> {
    let bytes = BASE64.decode(raw.as_bytes());
    let bytes = bytes.map_err(|_| Rejection::Malformed("it is not base64"))?;
    if bytes.len() > BYTES_MAX {
        return Err(Rejection::Malformed("it is larger than a packet"));
    }
    let not_whole = || Rejection::Malformed("its bytes are not those of a transaction");
    let (signatures, rest) = split(&bytes).ok_or_else(not_whole)?;
    let message = Message::read(rest).filter(|message| message.bytes == rest.len());
    let message = message.ok_or_else(not_whole)?;
    if signatures.len() != message.signers.len() {
        return Err(Rejection::Malformed("it does not have one signature per signer"));
    }
    for (signer, signature) in message.signers.iter().zip(&signatures) {
        if !ed25519::verify(rest, signer, signature) {
            return Err(Rejection::Signature("it is not valid for the message and its signer"));
        }
    }
    let first = signatures.first().ok_or_else(not_whole)?;
    let txid = bs58::encode(first).into_string();
    Ok(Submitted { txid, is_version_0: message.is_version_0, message })
}

/// The content of a payload.
struct Asked {
    message: Message,
    /// Signers whose signatures came with the payload.
    signed: Vec<Key>,
    /// The address of a mint whose key came with the payload.
    mint: Option<Key>,
}

impl Asked {
    fn read(payload: &Payload) -> Result<Self, Rejection> {
        let unreadable = |what: &str| Rejection::Payload(format!("{what} cannot be read"));
        let bytes = HEXLOWER_PERMISSIVE.decode(payload.tx_data.as_bytes());
        let bytes = bytes.map_err(|_| unreadable("txData"))?;
        let plain = Message::read(&bytes).map(|message| (message, Vec::new()));
        let whole = || {
            let (signatures, rest) = split(&bytes)?;
            let message = Message::read(rest)?;
            let signers = message.signers.iter().zip(signatures);
            let signed = signers.filter(|(_, one)| *one != [0; 64]).map(|(key, _)| *key);
            let signed = signed.collect();
            Some((message, signed))
        };
        let (message, signed) = plain.or_else(whole).ok_or_else(|| unreadable("txData"))?;
        let mint = payload.mint_key.as_deref().filter(|text| !text.is_empty());
        let public = |text| mint_address(text).ok_or_else(|| unreadable("mintPK"));
        Ok(Self { message, signed, mint: mint.map(public).transpose()? })
    }

    /// Returns true if the blockhash has to stay: others have signed it, or it is a nonce.
    fn keeps_blockhash(&self) -> bool {
        let first = self.message.calls.first();
        let is_nonce = first.is_some_and(|call| {
            call.program == Account::Named(Key::default()) && call.data == ADVANCE_NONCE
        });
        let is_placeholder = spell(&self.message.blockhash) == PLACEHOLDER;
        !self.signed.is_empty() || (is_nonce && !is_placeholder)
    }
}

fn mint_address(text: &str) -> Option<Key> {
    let pair = match text.len() {
        128 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?,
        0..128 => bs58::decode(text).into_vec().ok()?,
        _ => return None,
    };
    pair.get(32..)?.try_into().ok()
}

/// Everybody who was expected has signed, and besides them only a mint whose key came along and
/// those who had signed before.
fn check_signers(case: &Case<'_>, found: &[Key], asked: &Asked) -> Result<(), Rejection> {
    let expected: BTreeSet<_> = case.sample.expected().signers.iter().map(name).collect();
    let others: BTreeSet<_> = asked.signed.iter().chain(&asked.mint).map(spell).collect();
    let found: BTreeSet<_> = found.iter().map(spell).collect();
    let stranger = found.iter().find(|key| !expected.contains(*key) && !others.contains(*key));
    let list = |keys: &BTreeSet<String>| keys.iter().cloned().collect::<Vec<_>>().join(", ");
    match (stranger, expected.is_subset(&found)) {
        (None, true) => Ok(()),
        (stranger, _) => Err(Rejection::OtherSigner {
            found: stranger.cloned().unwrap_or_else(|| list(&found)),
            expected: list(&expected),
        }),
    }
}

fn name(signer: &Signer) -> String {
    match signer {
        Signer::Address(address) => address.clone(),
        Signer::PublicKey(key) => bs58::encode(key.as_bytes()).into_string(),
    }
}

fn check_content(found: &Message, asked: &Asked) -> Result<(), Rejection> {
    let Asked { message: wanted, .. } = asked;
    require_equal("the version", found.is_version_0, wanted.is_version_0, bool::to_string)?;
    let payer = |message: &Message| message.signers.first().map(spell).unwrap_or_default();
    require_equal("the payer", payer(found), payer(wanted), String::clone)?;
    match (asked.keeps_blockhash(), found.blockhash == wanted.blockhash) {
        (true, true) | (false, false) => (),
        (true, false) => require_equal("the blockhash", found.blockhash, wanted.blockhash, spell)?,
        (false, true) => return Err(Rejection::Malformed("its blockhash is the payload's")),
    }
    require_equal("instructions", found.calls.len(), wanted.calls.len(), usize::to_string)?;
    for (place, (found, wanted)) in found.calls.iter().zip(&wanted.calls).enumerate() {
        let field = |what: &str| format!("the {what} of instruction {place}");
        require_equal(field("program"), found.program, wanted.program, show)?;
        require_equal(field("data"), found.data.as_slice(), wanted.data.as_slice(), |data| {
            crate::verify::hex(data)
        })?;
        let accounts = |call: &Call| {
            let text =
                |(account, access): &(Account, Access)| format!("{} {access:?}", show(account));
            call.accounts.iter().map(text).collect::<Vec<_>>().join(", ")
        };
        require_equal(field("accounts"), accounts(found), accounts(wanted), String::clone)?;
    }
    require_equal("look-up tables", &found.tables, &wanted.tables, |tables| format!("{tables:?}"))
}

fn show(account: &Account) -> String {
    match account {
        Account::Named(key) => spell(key),
        Account::Listed(table, place) => format!("{place} of {}", spell(table)),
    }
}

fn spell(key: &Key) -> String {
    bs58::encode(key).into_string()
}

/// Signatures, and the message that they sign.
fn split(bytes: &[u8]) -> Option<(Vec<[u8; 64]>, &[u8])> {
    let mut input = Input(bytes);
    let count = input.count()?;
    let signatures = (0..count).map(|_| input.array()).collect::<Option<_>>()?;
    Some((signatures, input.0))
}

impl Message {
    /// Of the old kind, or of version 0, with any bytes after it.
    /// <https://solana.com/docs/core/transactions#message>
    fn read(bytes: &[u8]) -> Option<Self> {
        let is_version_0 = bytes.first() == Some(&0x80);
        let mut input = Input(bytes.get(usize::from(is_version_0)..)?);
        let [signers, read_only_signers, read_only_others] = input.array()?;
        let (signers, others) = (usize::from(signers), usize::from(read_only_others));
        let count = input.count()?;
        let written = signers.checked_sub(read_only_signers.into()).filter(|count| *count > 0)?;
        let last_written = count.checked_sub(others).filter(|place| *place >= signers)?;
        let keys = (0..count).map(|_| input.array()).collect::<Option<Vec<Key>>>()?;
        let blockhash = input.array()?;
        let calls = (0..input.count()?).map(|_| input.call()).collect::<Option<Vec<_>>>()?;
        let tables = if is_version_0 {
            (0..input.count()?).map(|_| input.table()).collect::<Option<Vec<_>>>()?
        } else {
            Vec::new()
        };
        let mut accounts: Vec<_> = keys
            .iter()
            .enumerate()
            .map(|(place, key)| {
                let signs = place < signers;
                let writes = if signs { place < written } else { place < last_written };
                (Account::Named(*key), Access { signs, writes })
            })
            .collect();
        for writes in [true, false] {
            for (table, to_write, to_read) in &tables {
                let places = if writes { to_write } else { to_read };
                let listed =
                    |place: &u8| (Account::Listed(*table, *place), Access { signs: false, writes });
                accounts.extend(places.iter().map(listed));
            }
        }
        let account = |place: &u8| accounts.get(usize::from(*place)).copied();
        let calls = calls.into_iter().map(|(program, places, data)| {
            Some(Call {
                program: account(&program).filter(|_| usize::from(program) < count)?.0,
                accounts: places.iter().map(account).collect::<Option<_>>()?,
                data,
            })
        });
        Some(Self {
            is_version_0,
            signers: keys.get(..signers)?.to_vec(),
            blockhash,
            calls: calls.collect::<Option<_>>()?,
            tables,
            bytes: bytes.len().saturating_sub(input.0.len()),
        })
    }
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn array<const LENGTH: usize>(&mut self) -> Option<[u8; LENGTH]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    fn counted(&mut self) -> Option<Vec<u8>> {
        let count = self.count()?;
        let (first, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(first.to_vec())
    }

    /// Solana's compact u16: seven bits a byte, the least first, without empty bytes at the end.
    fn count(&mut self) -> Option<usize> {
        let (count, length) = match *self.0 {
            [a @ ..0x80, ..] => (usize::from(a), 1),
            [a, b @ 1..0x80, ..] => (usize::from(a & 0x7f) | usize::from(b) << 7, 2),
            [a, b @ 0x80..=0xff, c @ 1..4, ..] => {
                let low = usize::from(a & 0x7f) | usize::from(b & 0x7f) << 7;
                (low | usize::from(c) << 14, 3)
            }
            _ => return None,
        };
        self.0 = self.0.get(length..)?;
        Some(count)
    }

    fn call(&mut self) -> Option<(u8, Vec<u8>, Vec<u8>)> {
        let [program] = self.array()?;
        Some((program, self.counted()?, self.counted()?))
    }

    fn table(&mut self) -> Option<(Key, Vec<u8>, Vec<u8>)> {
        Some((self.array()?, self.counted()?, self.counted()?))
    }
}
