use crate::id::ByNetwork;

/// How a chain's keys are made, stored and written, as data. `kms-keys` interprets it; a chain
/// only declares it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeySpec {
    pub scheme: Scheme,
    pub derivation: Derivation,
    pub encoding: SecretEncoding,
    pub layout: WalletLayout,
}

/// A signature scheme and the shape of what it signs and yields.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scheme {
    /// Signs a 32-byte prehash; yields `r || s || recovery id`, 65 bytes, low `s`, with the
    /// nonce of RFC 6979.
    EcdsaSecp256k1,
    /// Bitcoin Cash's scheme of 2019: signs a 32-byte prehash, yields `r || s`, 64 bytes.
    /// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/2019-05-15-schnorr.md>
    SchnorrBitcoinCash,
}

/// From mnemonic to key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Derivation {
    /// BIP-32 over secp256k1: an account at `m/44'/coin'/0'/0`, keys one soft step below it.
    /// `version` are the four bytes that introduce the account's extended public key.
    Bip44 { coin_type: ByNetwork<u32>, version: ByNetwork<[u8; 4]> },
}

/// How the outside world spells a private key of this chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SecretEncoding {
    /// `0x` and 64 hexadecimal digits; read without the prefix too.
    PrefixedHex,
    /// 64 hexadecimal digits; read with `0x` before them too.
    BareHex,
    /// As [`PrefixedHex`](Self::PrefixedHex), and Klaytn's wallet key: the private key, `0x00`
    /// and the address it belongs to, in one string.
    KlaytnWalletKey,
    /// Base58Check with a version byte. `written` is the version of a network; `read` are those
    /// that are accepted on it. `bare_hex` accepts 64 digits as a compressed key.
    Wif { written: ByNetwork<u8>, read: ByNetwork<&'static [u8]>, bare_hex: bool },
}

/// Which fields a generated wallet has, in the order in which the original prints them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WalletLayout {
    MnemonicXpub,
    XpubMnemonic,
}
