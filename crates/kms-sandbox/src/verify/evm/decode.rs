//! From raw bytes to fields and sender: Ethereum's types, Celo's and Klaytn's.

use alloy_primitives::{U256, keccak256};
use k256::ecdsa::{RecoveryId, VerifyingKey};

use super::payload::{Form, KlaytnKind};
use crate::verify::{
    Rejection,
    account::{self, Account},
    rlp::{self, Item},
};

pub(super) type AccessList = Vec<(Account, Vec<[u8; 32]>)>;

/// A transaction as its bytes say it.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) form: Form,
    pub(super) chain_id: u64,
    pub(super) nonce: u64,
    pub(super) price: Price,
    pub(super) gas: u64,
    pub(super) content: Content,
    pub(super) sender: VerifyingKey,
    pub(super) hash: [u8; 32],
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Price {
    Single(U256),
    Dynamic { tip: U256, most: U256 },
}

/// The content of a transaction, whatever its form.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// `None` for a contract's creation.
    pub(super) to: Option<Account>,
    pub(super) value: U256,
    pub(super) data: Vec<u8>,
    pub(super) access_list: AccessList,
    pub(super) fee_currency: Option<Account>,
    /// Written out in Klaytn's own types only.
    pub(super) from: Option<Account>,
    pub(super) fee_ratio: Option<u64>,
}

/// The announcement of an Ethereum type on Klaytn.
const KLAYTN_ENVELOPE: u8 = 0x78;
const FIELDS: Rejection = Rejection::Malformed("it has a wrong number of fields");

impl Decoded {
    /// # Errors
    /// When the text is not a transaction, or its signature recovers no key.
    pub(super) fn read(raw: &str) -> Result<Self, Rejection> {
        let digits = raw.strip_prefix("0x").ok_or(Rejection::Malformed("it lacks 0x"))?;
        let even = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let bytes = alloy_primitives::hex::decode(digits).ok().filter(|_| even);
        let bytes = bytes.ok_or(Rejection::Malformed("it is not hexadecimal"))?;
        let hash = keccak256(&bytes).0;
        match bytes.as_slice() {
            [0xc0..=0xff, ..] => legacy(&bytes, hash),
            [KLAYTN_ENVELOPE, inner @ ..] => {
                let decoded = typed(inner, hash)?;
                Ok(Self { form: decoded.form.enveloped()?, ..decoded })
            }
            [0x01 | 0x02 | 0x7b, ..] => typed(&bytes, hash),
            [kind, ..] => {
                let (kind, delegation) = KlaytnKind::of_type_byte(*kind)
                    .ok_or(Rejection::Malformed("its type is unknown"))?;
                klaytn(&bytes, kind, delegation, hash)
            }
            [] => Err(Rejection::Malformed("it is empty")),
        }
    }
}

/// The legacy form with EIP-155's chain id.
fn legacy(bytes: &[u8], hash: [u8; 32]) -> Result<Decoded, Rejection> {
    let item = Item::read(bytes)?;
    let (fields, [v, r, s]) = split_signature(item.list()?)?;
    let Eip155 { chain_id, parity } = Eip155::read(v)?;
    let [nonce, price, gas, to, value, data] = fields else { return Err(FIELDS) };
    let (form, content) = (Form::Legacy, read_call(to, value, data)?);
    let signed = rlp::list(&[&concat(fields), &rlp::number(chain_id), &[0x80, 0x80]]);
    let sender = recover(&signed, parity, r, s)?;
    let price = Price::Single(price.number()?);
    let (nonce, gas) = (nonce.small()?, gas.small()?);
    Ok(Decoded { form, chain_id, nonce, price, gas, content, sender, hash })
}

/// EIP-2930, EIP-1559 and CIP-64.
fn typed(bytes: &[u8], hash: [u8; 32]) -> Result<Decoded, Rejection> {
    let (kind, body) = bytes.split_first().ok_or(FIELDS)?;
    let item = Item::read(body)?;
    let (fields, [parity, r, s]) = split_signature(item.list()?)?;
    let dynamic = |tip: &Item<'_>, most: &Item<'_>| {
        Ok(Price::Dynamic { tip: tip.number()?, most: most.number()? })
    };
    let (form, [chain_id, nonce, gas], price, content) = match (kind, fields) {
        (0x01, [chain_id, nonce, price, gas, to, value, data, list]) => {
            let content =
                Content { access_list: read_access_list(list)?, ..read_call(to, value, data)? };
            (Form::AccessList, [chain_id, nonce, gas], Price::Single(price.number()?), content)
        }
        (0x02, [chain_id, nonce, tip, most, gas, to, value, data, list]) => {
            let content =
                Content { access_list: read_access_list(list)?, ..read_call(to, value, data)? };
            (Form::DynamicFee, [chain_id, nonce, gas], dynamic(tip, most)?, content)
        }
        (0x7b, [chain_id, nonce, tip, most, gas, to, value, data, list, currency]) => {
            let content = Content {
                access_list: read_access_list(list)?,
                fee_currency: currency.optional_array()?,
                ..read_call(to, value, data)?
            };
            (Form::Cip64, [chain_id, nonce, gas], dynamic(tip, most)?, content)
        }
        _ => return Err(FIELDS),
    };
    let parity = match parity.small()? {
        0 => false,
        1 => true,
        _ => return Err(Rejection::Signature("its parity is neither 0 nor 1")),
    };
    let signed = [vec![*kind], rlp::list(&[&concat(fields)])].concat();
    let sender = recover(&signed, parity, r, s)?;
    let (chain_id, nonce, gas) = (chain_id.small()?, nonce.small()?, gas.small()?);
    Ok(Decoded { form, chain_id, nonce, price, gas, content, sender, hash })
}

/// Klaytn's own types, signed by their sender.
/// <https://docs.klaytn.foundation/docs/learn/transactions/>
fn klaytn(
    bytes: &[u8],
    kind: KlaytnKind,
    delegation: u8,
    hash: [u8; 32],
) -> Result<Decoded, Rejection> {
    let (type_byte, body) = bytes.split_first().ok_or(FIELDS)?;
    let item = Item::read(body)?;
    let (fields, signatures) = match (delegation, item.list()?) {
        (0, [fields @ .., signatures]) => (fields, signatures),
        (_, [fields @ .., signatures, payer, payer_signatures]) => {
            check_no_payer(payer, payer_signatures)?;
            (fields, signatures)
        }
        _ => return Err(FIELDS),
    };
    let [signature] = signatures.list()? else {
        return Err(Rejection::Signature("there is not exactly one of the sender"));
    };
    let [v, r, s] = signature.list()? else { return Err(FIELDS) };
    let Eip155 { chain_id, parity } = Eip155::read(v)?;
    let [nonce, price, gas, rest @ ..] = fields else { return Err(FIELDS) };
    let content = read_klaytn(kind, delegation == 2, rest)?;
    let inner = rlp::list(&[&rlp::bytes(&[*type_byte]), &concat(fields)]);
    let signed = rlp::list(&[&rlp::bytes(&inner), &rlp::number(chain_id), &[0x80, 0x80]]);
    let sender = recover(&signed, parity, r, s)?;
    let price = Price::Single(price.number()?);
    let (nonce, gas) = (nonce.small()?, gas.small()?);
    let form = Form::Klaytn { kind, delegation };
    Ok(Decoded { form, chain_id, nonce, price, gas, content, sender, hash })
}

fn read_klaytn(
    kind: KlaytnKind,
    has_ratio: bool,
    fields: &[Item<'_>],
) -> Result<Content, Rejection> {
    // A deployment's ratio stands before its last field, that of all others at the end.
    let (fields, ratio) = match (has_ratio, kind, fields) {
        (false, _, _) => (fields.iter().collect::<Vec<_>>(), None),
        (true, KlaytnKind::Deploy, [fields @ .., ratio, format]) => {
            (fields.iter().chain([format]).collect(), Some(ratio))
        }
        (true, _, [fields @ .., ratio]) => (fields.iter().collect(), Some(ratio)),
        (true, _, []) => return Err(FIELDS),
    };
    let fee_ratio = ratio.map(Item::small).transpose()?;
    let content = match (kind, fields.as_slice()) {
        (KlaytnKind::ValueTransfer, [to, value, from]) => Content {
            to: Some(to.array()?),
            value: value.number()?,
            from: Some(from.array()?),
            ..Content::default()
        },
        (KlaytnKind::Memo | KlaytnKind::Execution, [to, value, from, data]) => {
            Content { from: Some(from.array()?), ..read_call(to, value, data)? }
        }
        (KlaytnKind::Deploy, [to, value, from, data, readable, format]) => {
            if readable.small()? != 0 || format.small()? != 0 {
                return Err(Rejection::Malformed("a contract's format is not the default"));
            }
            Content { from: Some(from.array()?), ..read_call(to, value, data)? }
        }
        (KlaytnKind::Cancel, [from]) => Content { from: Some(from.array()?), ..Content::default() },
        (KlaytnKind::AccountUpdate, [from, key]) => {
            Content { from: Some(from.array()?), data: key.bytes()?.to_vec(), ..Content::default() }
        }
        _ => return Err(FIELDS),
    };
    Ok(Content { fee_ratio, ..content })
}

/// A sender leaves the fee payer's place empty in the way the original does.
fn check_no_payer(payer: &Item<'_>, signatures: &Item<'_>) -> Result<(), Rejection> {
    const EMPTY: &[u8] = &[0xc4, 0xc3, 0x01, 0x80, 0x80];
    if payer.array::<20>()? == [0; 20] && signatures.encoded == EMPTY {
        Ok(())
    } else {
        Err(Rejection::Malformed("a fee payer has signed it"))
    }
}

fn read_call(to: &Item<'_>, value: &Item<'_>, data: &Item<'_>) -> Result<Content, Rejection> {
    Ok(Content {
        to: to.optional_array()?,
        value: value.number()?,
        data: data.bytes()?.to_vec(),
        ..Content::default()
    })
}

fn read_access_list(list: &Item<'_>) -> Result<AccessList, Rejection> {
    let entry = |entry: &Item<'_>| {
        let [account, keys] = entry.list()? else { return Err(FIELDS) };
        let keys = keys.list()?.iter().map(Item::array).collect::<Result<_, _>>()?;
        Ok((account.array()?, keys))
    };
    list.list()?.iter().map(entry).collect()
}

/// Takes the three parts of a signature off the end.
fn split_signature<'i, 'a>(
    items: &'i [Item<'a>],
) -> Result<(&'i [Item<'a>], &'i [Item<'a>; 3]), Rejection> {
    items.split_last_chunk().ok_or(FIELDS)
}

fn concat(items: &[Item<'_>]) -> Vec<u8> {
    items.iter().flat_map(|item| item.encoded.iter().copied()).collect()
}

/// `35 + parity + 2 × chain id`.
struct Eip155 {
    chain_id: u64,
    parity: bool,
}

impl Eip155 {
    fn read(v: &Item<'_>) -> Result<Self, Rejection> {
        let v = v.number()?.checked_sub(U256::from(35));
        let v = v.ok_or(Rejection::Signature("it is not bound to a chain id (EIP-155)"))?;
        let chain_id = u64::try_from(v >> 1_usize)
            .map_err(|_| Rejection::Malformed("the chain id does not fit 64 bits"))?;
        Ok(Self { chain_id, parity: v.bit(0) })
    }
}

fn recover(
    signed: &[u8],
    parity: bool,
    r: &Item<'_>,
    s: &Item<'_>,
) -> Result<VerifyingKey, Rejection> {
    let (r, s) = (r.number()?.to_be_bytes::<32>(), s.number()?.to_be_bytes::<32>());
    let signature = [r, s].concat();
    account::recover(&signature, Some(RecoveryId::new(parity, false)), keccak256(signed).as_slice())
}
