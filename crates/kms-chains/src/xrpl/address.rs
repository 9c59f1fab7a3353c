//! Accounts: the hash of a public key, as `r…`, or with a tag as `X…` and `T…`.
//! <https://xrpl.org/docs/concepts/accounts/addresses>, <https://github.com/XRPLF/XRPL-Standards/tree/master/XLS-0005-tagged-addresses>

use bitcoin::hashes::{Hash as _, hash160};
use bs58::Alphabet;
use kms_core::{AddressError, ByNetwork, Network, PublicKey};

pub(super) const ACCOUNT_BYTES: usize = 20;
const VERSION: u8 = 0;
/// Marks a public key of ed25519 among those of secp256k1.
const ED25519: u8 = 0xed;
/// The first bytes of `X…` and `T…`.
const TAGGED: ByNetwork<[u8; 2]> = ByNetwork { mainnet: [0x05, 0x44], testnet: [0x04, 0x93] };

pub(super) type AccountId = [u8; ACCOUNT_BYTES];

/// The 33 bytes used in transactions.
pub(super) fn key_bytes(key: &PublicKey) -> Result<[u8; 33], AddressError> {
    let bytes = match key.as_bytes().len() {
        32 => [&[ED25519], key.as_bytes()].concat(),
        _ => key.as_bytes().to_vec(),
    };
    bytes.try_into().map_err(|_| AddressError)
}

pub(super) fn of_key(key: &[u8; 33]) -> AccountId {
    hash160::Hash::hash(key).to_byte_array()
}

pub(super) fn spell(account: &AccountId) -> String {
    let bytes = [&[VERSION], account.as_slice()].concat();
    bs58::encode(bytes).with_alphabet(Alphabet::RIPPLE).with_check().into_string()
}

/// An account, in either form but without a tag.
pub(super) fn read(text: &str) -> Option<AccountId> {
    read_plain(text).or_else(|| match read_tagged(text) {
        Some((account, None)) => Some(account),
        _ => None,
    })
}

/// An account in either form, whatever its tag, unless it is spelled for the other network.
pub(super) fn read_of_network(network: Network, text: &str) -> Option<AccountId> {
    let tagged = || read_behind(*TAGGED.on(network), text).map(|(account, _)| account);
    read_plain(text).or_else(tagged)
}

/// True of a tagged address that is spelled for the other network.
pub(super) fn is_of_other_network(text: &str, network: Network) -> bool {
    read_tagged(text).is_some() && read_of_network(network, text).is_none()
}

/// An account and the tag that its address holds.
pub(super) fn read_tagged(text: &str) -> Option<(AccountId, Option<u32>)> {
    read_behind(TAGGED.mainnet, text).or_else(|| read_behind(TAGGED.testnet, text))
}

fn read_plain(text: &str) -> Option<AccountId> {
    decode(text)?.strip_prefix(&[VERSION])?.try_into().ok()
}

fn read_behind(prefix: [u8; 2], text: &str) -> Option<(AccountId, Option<u32>)> {
    let bytes = decode(text)?;
    let (account, rest) = bytes.strip_prefix(&prefix)?.split_first_chunk::<ACCOUNT_BYTES>()?;
    let tag = match rest {
        [0, 0, 0, 0, 0, 0, 0, 0, 0] => None,
        [1, a, b, c, d, 0, 0, 0, 0] => Some(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => return None,
    };
    Some((*account, tag))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    // No address is longer, and the decoding takes time that grows with the square.
    let text = Some(text).filter(|text| text.len() <= 64)?;
    bs58::decode(text).with_alphabet(Alphabet::RIPPLE).with_check(None).into_vec().ok()
}
