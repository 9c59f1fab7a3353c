//! Stellar: the envelope that was offered, with one signature more.
//! <https://developers.stellar.org/docs/learn/fundamentals/transactions/operations-and-transactions>

use cryptoxide::ed25519;
use data_encoding::{BASE32_NOPAD, BASE64};
use kms_core::Network;
use sha2::{Digest as _, Sha256};

use crate::offer::Signer;
use crate::verify::{Case, Rejection, Valid, require_equal};

type Key = [u8; 32];

const SIGNATURES_MAX: usize = 20;
/// A hint, a length, and a signature or what a hash was made of.
const SIGNATURE_MAX_BYTES: usize = 4 + 4 + 64;

/// Types of envelopes.
const V0: u32 = 0;
const V1: u32 = 2;
const FEE_BUMP: u32 = 5;

/// The version byte of an account's address.
const ACCOUNT: u8 = 6 << 3;

#[derive(Clone, Debug)]
struct Envelope<'a> {
    kind: u32,
    /// Without its type.
    transaction: &'a [u8],
    signatures: Vec<Signature<'a>>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Signature<'a> {
    hint: &'a [u8],
    bytes: &'a [u8],
}

pub(super) fn verify(case: &Case<'_>) -> Result<Valid, Rejection> {
    let bytes = BASE64.decode(case.raw.as_bytes());
    let bytes = bytes.map_err(|_| Rejection::Malformed("it is not base64"))?;
    let payload = read_payload(case.sample.payload())?;
    let (found, wanted) = split(&bytes, &payload)?;
    require_equal("the transaction", found.transaction, wanted.transaction, |bytes| {
        crate::verify::hex(bytes)
    })?;
    let hash = hash(case.sample.expected().network, &found);
    check_signatures(case, &found, &wanted, &hash)?;
    let txid = crate::verify::hex(hash);
    let uses = match source(&found) {
        Some((account, sequence)) => format!("xlm {} {sequence}", spell(&account)),
        None => format!("xlm {txid}"),
    };
    Ok(Valid { uses: vec![uses], txid, nonce: None })
}

fn read_payload(text: &str) -> Result<Vec<u8>, Rejection> {
    let letters: Vec<u8> = text.bytes().filter(|letter| !letter.is_ascii_whitespace()).collect();
    let bytes = BASE64.decode(&letters);
    bytes.map_err(|_| Rejection::Payload(String::from("it is not base64")))
}

/// Splits the broadcast and the offered envelope at the position where their signatures begin. The
/// list has no marker: it begins where the broadcast counts one signature more than the offer.
fn split<'a>(
    found: &'a [u8],
    payload: &'a [u8],
) -> Result<(Envelope<'a>, Envelope<'a>), Rejection> {
    let offered: Vec<_> = Envelope::read_all(payload).collect();
    let pairs = Envelope::read_all(found).flat_map(|found| {
        let is_alike = |own: &&Envelope<'_>| {
            found.kind == own.kind && found.transaction.len() == own.transaction.len()
        };
        let alike: Vec<_> = offered.iter().filter(is_alike).cloned().collect();
        alike.into_iter().map(move |own| (found.clone(), own))
    });
    let pairs: Vec<_> = pairs.collect();
    let has_one_more = |(found, wanted): &&(Envelope<'_>, Envelope<'_>)| {
        wanted.signatures.len().checked_add(1) == Some(found.signatures.len())
    };
    let pair = pairs.iter().find(has_one_more).or_else(|| pairs.first());
    pair.cloned().ok_or(Rejection::Malformed("it is not the kind of envelope that was offered"))
}

impl<'a> Envelope<'a> {
    /// Every way in which the bytes can be cut, all of them in units of four.
    fn read_all(bytes: &'a [u8]) -> impl Iterator<Item = Self> {
        const LIST_MAX: usize = 4 + SIGNATURES_MAX * SIGNATURE_MAX_BYTES;
        let lists = (4..=LIST_MAX).step_by(4).filter(|_| bytes.len().is_multiple_of(4));
        lists.filter_map(|length| Self::read(bytes, bytes.len().checked_sub(length)?))
    }

    fn read(bytes: &'a [u8], place: usize) -> Option<Self> {
        let (envelope, list) = bytes.split_at_checked(place)?;
        let (kind, transaction) = envelope.split_first_chunk::<4>()?;
        let kind = Some(u32::from_be_bytes(*kind)).filter(|kind| [V0, V1, FEE_BUMP].contains(kind));
        let (count, mut rest) = list.split_first_chunk::<4>()?;
        let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
        let mut signatures = Vec::new();
        for _ in 0..Some(count).filter(|count| *count <= SIGNATURES_MAX)? {
            signatures.push(Signature::read(&mut rest)?);
        }
        rest.is_empty().then_some(Self { kind: kind?, transaction, signatures })
    }
}

impl<'a> Signature<'a> {
    fn read(rest: &mut &'a [u8]) -> Option<Self> {
        let (hint, after) = rest.split_at_checked(4)?;
        let (length, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok().filter(|own| *own <= 64)?;
        let (bytes, after) = after.split_at_checked(length)?;
        let padding = length.next_multiple_of(4).checked_sub(length)?;
        let (padding, after) = after.split_at_checked(padding)?;
        *rest = after;
        padding.iter().all(|byte| *byte == 0).then_some(Self { hint, bytes })
    }
}

/// Of what is signed. A transaction of the old kind is signed as the new one that it says.
fn hash(network: Network, envelope: &Envelope<'_>) -> [u8; 32] {
    let passphrase = match network {
        Network::Mainnet => "Public Global Stellar Network ; September 2015",
        Network::Testnet => "Test SDF Network ; September 2015",
    };
    let (kind, account_type): (u32, &[u8]) = match envelope.kind {
        V0 => (V1, &[0; 4]),
        kind => (kind, &[]),
    };
    let mut hasher = Sha256::new();
    hasher.update(Sha256::digest(passphrase));
    hasher.update(kind.to_be_bytes());
    hasher.update(account_type);
    hasher.update(envelope.transaction);
    hasher.finalize().into()
}

/// Those that were there stay, and one of the expected key follows.
fn check_signatures(
    case: &Case<'_>,
    found: &Envelope<'_>,
    wanted: &Envelope<'_>,
    hash: &[u8; 32],
) -> Result<(), Rejection> {
    let added = found.signatures.strip_prefix(wanted.signatures.as_slice());
    let Some([added]) = added else {
        return Err(Rejection::Signature("there is not exactly one more than before"));
    };
    let [expected] = case.sample.expected().signers.as_slice() else {
        return Err(Rejection::Expected("an account chain has one signer"));
    };
    let (expected, name) = match expected {
        Signer::Address(address) => (read_address(address), address.clone()),
        Signer::PublicKey(key) => {
            (key.as_bytes().try_into().ok(), crate::verify::hex(key.as_bytes()))
        }
    };
    let is_of = |key: &Key| {
        let bytes = added.bytes.try_into();
        key.ends_with(added.hint) && bytes.is_ok_and(|bytes| ed25519::verify(hash, key, bytes))
    };
    if expected.is_some_and(|key| is_of(&key)) {
        return Ok(());
    }
    let payer = payer(found).map(|(key, _)| key).filter(is_of);
    match payer.filter(|key| Some(*key) != expected) {
        Some(key) => Err(Rejection::OtherSigner { found: spell(&key), expected: name }),
        None if expected.is_none_or(|key| !key.ends_with(added.hint)) => {
            let found = format!("a key that ends in {}", crate::verify::hex(added.hint));
            Err(Rejection::OtherSigner { found, expected: name })
        }
        None => Err(Rejection::Signature("it is not valid for the transaction and its signer")),
    }
}

/// Returns the payer, if the envelope begins with it, and the rest.
fn payer<'a>(envelope: &Envelope<'a>) -> Option<(Key, &'a [u8])> {
    const ACCOUNT: [u8; 4] = [0, 0, 0, 0];
    const MUXED: [u8; 4] = [0, 0, 1, 0];
    let bytes = envelope.transaction;
    let from = match (envelope.kind, bytes.first_chunk::<4>()?) {
        (V0, _) => bytes,
        (_, &ACCOUNT) => bytes.get(4..)?,
        (_, &MUXED) => bytes.get(12..)?,
        _ => return None,
    };
    let (key, rest) = from.split_first_chunk()?;
    Some((*key, rest))
}

/// The account and the sequence number that a transaction uses. A fee bump is of another one.
fn source(envelope: &Envelope<'_>) -> Option<(Key, u64)> {
    let (key, rest) = payer(envelope).filter(|_| envelope.kind != FEE_BUMP)?;
    let (_fee, rest) = rest.split_first_chunk::<4>()?;
    Some((key, u64::from_be_bytes(*rest.first_chunk()?)))
}

fn read_address(address: &str) -> Option<Key> {
    let bytes = BASE32_NOPAD.decode(address.as_bytes()).ok()?;
    let key = bytes.get(1..33)?.try_into().ok()?;
    (spell(&key) == address).then_some(key)
}

fn spell(key: &Key) -> String {
    let led = [&[ACCOUNT], key.as_slice()].concat();
    let checksum = checksum(&led).to_le_bytes();
    BASE32_NOPAD.encode(&[led.as_slice(), &checksum].concat())
}

/// CRC-16 as of XMODEM.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8).fold(sum ^ (u16::from(*byte) << 8), |sum, _| {
            let shifted = sum << 1;
            if sum & 0x8000 == 0 { shifted } else { shifted ^ 0x1021 }
        })
    })
}
