use crate::id::ByNetwork;

/// The first bytes of an extended public key that is spelled `xpub…`, BIP-32's for Bitcoin.
pub const XPUB: [u8; 4] = [0x04, 0x88, 0xb2, 0x1e];
/// The first bytes of one that is spelled `tpub…`, BIP-32's for Bitcoin's test network.
pub const TPUB: [u8; 4] = [0x04, 0x35, 0x87, 0xcf];

/// A chain's keys as data: the ways they are made, stored and written. `kms-keys` interprets them;
/// a chain only declares them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KeySpec {
    /// The signature scheme.
    pub scheme: Scheme,
    /// The way from a recovery phrase to a key.
    pub derivation: Derivation,
    /// The spelling of a private key as text.
    pub encoding: SecretEncoding,
    /// The members that a generated wallet is printed with.
    pub layout: WalletLayout,
}

/// A signature scheme and the shape of what it signs and yields.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Scheme {
    /// Signs a 32-byte prehash; yields `r || s || recovery id`, 65 bytes, low `s`, with the
    /// nonce of RFC 6979.
    EcdsaSecp256k1,
    /// Like [`EcdsaSecp256k1`](Self::EcdsaSecp256k1), but `s` stays as the nonce of RFC 6979 makes
    /// it, high or low; yields `r || s`, 64 bytes.
    EcdsaSecp256k1AnyS,
    /// Bitcoin Cash's scheme of 2019: signs a 32-byte prehash, yields `r || s`, 64 bytes.
    /// <https://github.com/bitcoincashorg/bitcoincash.org/blob/master/spec/2019-05-15-schnorr.md>
    SchnorrBitcoinCash,
    /// RFC 8032 with a 32-byte seed: signs a whole message, yields 64 bytes. The public key has 32.
    Ed25519,
    /// Ed25519 with an extended key of 64 bytes, as Cardano derives them: signs a whole message,
    /// yields 64 bytes that verify as [`Ed25519`](Self::Ed25519). The public key has 32.
    Ed25519Extended,
}

impl Scheme {
    /// The scheme's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdsaSecp256k1 => "ecdsa-secp256k1",
            Self::EcdsaSecp256k1AnyS => "ecdsa-secp256k1-any-s",
            Self::SchnorrBitcoinCash => "schnorr-bitcoin-cash",
            Self::Ed25519 => "ed25519",
            Self::Ed25519Extended => "ed25519-extended",
        }
    }
}

/// From mnemonic to key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the documentation of each variant covers its fields")]
pub enum Derivation {
    /// BIP-32 over secp256k1: an account at `m/44'/coin'/0'/0`, keys one soft step below it.
    /// `version` are the four bytes that introduce the account's extended public key.
    Bip44 { coin_type: ByNetwork<u32>, version: ByNetwork<[u8; 4]> },
    /// SLIP-10 over ed25519: keys at `m/44'/coin'/0'/0'/index'`. There is no extended public key.
    Slip10 { coin_type: ByNetwork<u32> },
    /// Cardano's Icarus master key and BIP32-Ed25519 (version 2): an account at
    /// `m/1852'/1815'/0'/0'`, keys one soft step below it. The hardened fourth step is the
    /// original's. The extended public key is the account's key and chain code in hexadecimal.
    Icarus,
    /// No derivation: a wallet is one key, made of this many random bytes. With `words`, the key
    /// can also be written as Algorand's 25 words.
    Single { entropy_bytes: usize, words: bool },
}

/// The outside world's spelling of a private key of this chain.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the documentation of each variant covers its fields")]
pub enum SecretEncoding {
    /// `0x` and 64 hexadecimal digits; read without the prefix too.
    PrefixedHex,
    /// 64 hexadecimal digits; read with `0x` before them too.
    BareHex,
    /// Like [`PrefixedHex`](Self::PrefixedHex), and Klaytn's wallet key: the private key, `0x00`
    /// and the address it belongs to, in one string.
    KlaytnWalletKey,
    /// Base58Check with a version byte. `written` is the version of a network; `read` are those
    /// that are accepted on it. `bare_hex` accepts 64 digits as a compressed key.
    Wif { written: ByNetwork<u8>, read: ByNetwork<&'static [u8]>, bare_hex: bool },
    /// Hexadecimal digits without leading zeros; up to 64 are read.
    MinimalHex,
    /// XRPL's family seed: `sEd…` is one of ed25519, any other `s…` one of secp256k1, whose
    /// public key is then shown in its short form.
    FamilySeed,
    /// Stellar's `S…`.
    StellarSeed,
    /// Base58 of seed and public key; read as 128 hexadecimal digits too.
    SolanaKeypair,
    /// Base32 of seed and public key, without padding; read with it, and in either case, too.
    AlgorandKey,
    /// 128 hexadecimal digits: both halves of an extended ed25519 key.
    ExtendedHex,
}

/// The fields of a generated wallet, in the order in which the original prints them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum WalletLayout {
    /// `mnemonic`, then `xpub`.
    MnemonicXpub,
    /// `xpub`, then `mnemonic`.
    XpubMnemonic,
    /// `mnemonic` alone.
    Mnemonic,
    /// The key is that of index 0.
    MnemonicAddressPrivateKey,
    /// `address`, then `privateKey`.
    AddressPrivateKey,
    /// `address`, then `secret`.
    AddressSecret,
}
